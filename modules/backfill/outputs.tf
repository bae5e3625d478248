output "job_name" {
  description = "Glue job that `python -m tools.backfill single-account --engine glue` starts."
  value       = aws_glue_job.this.name
}

output "log_group_names" {
  description = "Log groups of the job: errors and Spark's own lines, and what the script prints."
  value       = [for group in aws_cloudwatch_log_group.this : group.name]
}
