locals {
  # Where the replica is.
  there = { id = var.account.id, region = var.replication.region, partition = var.account.partition }

  prefixes = var.names.replicated_prefixes
  locked   = var.options.object_lock != null

  # Metrics and their alarms know a rule by its name.
  monitored = {
    region              = var.replication.region
    bucket_name         = var.bucket_name
    replica_bucket_name = var.names.replica.bucket_name
    rules               = keys(local.prefixes)
  }
}

module "key" {
  source    = "../key"
  providers = { aws = aws.replica }

  account       = local.there
  existing_arn  = var.replication.kms_key_arn
  description   = "Replica of the data lake in ${var.account.region}"
  services      = ["s3"]
  kms_key_alias = var.names.kms_key_alias
  alarm_prefix  = var.monitoring == null ? null : var.names.alarm_prefix
}

# As hardened as the lake's own: it is the same module.
module "bucket" {
  source    = "../bucket"
  providers = { aws = aws.replica }

  account                 = local.there
  bucket_name             = var.names.replica.bucket_name
  options                 = { colder = var.options.colder, object_lock = var.options.object_lock }
  kms_key_arn             = module.key.arn
  noncurrent_version_days = var.noncurrent_version_days

  original_prefixes         = var.names.original_prefixes
  original_reader_role_arns = var.original_reader_role_arns
  original_days             = var.original_days
}

# A delete marker is replicated too: what compaction replaces, a reader of the replica would else find beside what
# replaced it. The removal of a version never is (Amazon S3 User Guide: "What does Amazon S3 replicate?").
resource "aws_s3_bucket_replication_configuration" "this" {
  bucket = var.bucket_name
  role   = aws_iam_role.this.arn

  dynamic "rule" {
    for_each = local.prefixes
    content {
      id       = rule.key
      status   = "Enabled"
      priority = index(keys(local.prefixes), rule.key) + 1

      filter {
        prefix = rule.value
      }

      delete_marker_replication {
        status = "Enabled"
      }

      source_selection_criteria {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }

      destination {
        bucket = module.bucket.arn

        encryption_configuration {
          replica_kms_key_id = module.key.arn
        }

        metrics {
          status = "Enabled"
        }
      }
    }
  }

  # S3 checks the role and both buckets' versions and locks when it takes the rules.
  depends_on = [aws_iam_role_policy.this, module.bucket]
}

# Amazon S3 User Guide, "Using S3 Replication metrics": how late the replica is, S3 says in the replica's Region, and what
# failed in the lake's.
module "monitoring" {
  source    = "../monitoring"
  for_each  = var.monitoring == null ? {} : { this = var.monitoring }
  providers = { aws = aws.replica }

  account     = local.there
  names       = var.names
  environment = var.environment
  kms_key_arn = module.key.arn
  replication = local.monitored

  monitoring = {
    email        = var.replication.topic_arn == null ? each.value.email : null
    topic_arn    = var.replication.topic_arn
    late_minutes = each.value.late_minutes
    dashboard    = false
  }
}
