output "database_name" {
  description = "Database of the tables and views."
  value       = aws_glue_catalog_database.this.name
}

output "workgroup_name" {
  description = "Workgroup that queries run in."
  value       = aws_athena_workgroup.this.name
}

output "results_prefix" {
  description = "Where the results of queries lie in the bucket."
  value       = var.names.results_prefix
}

output "reader_policy_json" {
  description = "Policy for the role of an analyst: queries, delivered objects and results, no failed records."
  value       = data.aws_iam_policy_document.reader.json
}

output "item_columns" {
  description = "By table: names and types of its items' columns."
  value       = local.item_columns
}

output "catalog_tables" {
  description = "By table: its name in the catalog. Views are called after it: `_changes`, `_current`, `_history`."
  value       = { for name, table in aws_glue_catalog_table.this : name => table.name }
}
