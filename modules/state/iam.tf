locals {
  athena     = "arn:${var.account.partition}:athena:${local.here}"
  glue       = "arn:${var.account.partition}:glue:${local.here}"
  bucket_arn = "arn:${var.account.partition}:s3:::${var.bucket_name}"

  # Services in China present themselves under either suffix; nobody but AWS can set either.
  suffixes    = distinct(["amazonaws.com", var.account.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"])
  s3_services = [for suffix in local.suffixes : "s3.${var.account.region}.${suffix}"]

  prefixes = [local.table.data_prefix, local.table.state_prefix, var.names.results_prefix]
}

resource "aws_iam_role" "merge" {
  name                 = local.table.state_role_name
  description          = "State machine ${local.table.state_machine_name}: merge changes into the current state with Athena"
  assume_role_policy   = data.aws_iam_policy_document.merge_trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# AWS Step Functions Developer Guide: "Creating an IAM role for your state machine in Step Functions", which
# prevents a confused deputy across services.
data "aws_iam_policy_document" "merge_trust" {
  statement {
    sid     = "StepFunctionsForThisMachine"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.machine_arn]
    }
  }
}

resource "aws_iam_role_policy" "merge" {
  name   = "merge"
  role   = aws_iam_role.merge.name
  policy = data.aws_iam_policy_document.merge.json
}

# Actions: AWS Step Functions Developer Guide, "Run Athena queries with Step Functions"; Amazon Athena User Guide,
# "Example workgroup policies", "Configure access to databases and tables in the AWS Glue Data Catalog", "Create Iceberg
# tables".
data "aws_iam_policy_document" "merge" {
  statement {
    sid       = "LookForOtherExecutions"
    actions   = ["states:ListExecutions"]
    resources = [local.machine_arn]
  }

  statement {
    sid       = "LookAtOtherExecutions"
    actions   = ["states:DescribeExecution"]
    resources = ["${replace(local.machine_arn, ":stateMachine:", ":execution:")}:*"]
  }

  # Amazon S3 User Guide, "How to prevent object overwrites with conditional writes" and "Enforce conditional deletes on
  # Amazon S3 buckets": conditions on an ETag take s3:GetObject too.
  statement {
    sid       = "HoldTheLease"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${local.bucket_arn}/${local.lease_object.Key}"]
  }

  statement {
    sid = "QueryInTheWorkgroup"
    actions = [
      "athena:GetQueryExecution",
      "athena:GetQueryResults",
      "athena:GetWorkGroup",
      "athena:StartQueryExecution",
      "athena:StopQueryExecution",
    ]
    resources = ["${local.athena}:workgroup/${var.names.workgroup_name}"]
  }

  statement {
    sid       = "LookAtTheCatalog"
    actions   = ["athena:GetDataCatalog"]
    resources = ["${local.athena}:datacatalog/AwsDataCatalog"]
  }

  # Athena asks for the database "default" before every query.
  statement {
    sid = "ReadTheCatalog"
    actions = [
      "glue:BatchGetPartition",
      "glue:GetDatabase",
      "glue:GetDatabases",
      "glue:GetPartition",
      "glue:GetPartitions",
      "glue:GetTable",
      "glue:GetTables",
    ]
    resources = concat(
      ["${local.glue}:catalog", "${local.glue}:database/default", "${local.glue}:database/${var.names.database_name}"],
      [
        for suffix in ["", "_state", "_state_current"] :
        "${local.glue}:table/${var.names.database_name}/${local.table.catalog_table}${suffix}"
      ],
    )
  }

  statement {
    sid     = "MakeTheTableAndItsView"
    actions = ["glue:CreateTable", "glue:UpdateTable"]
    resources = concat(
      ["${local.glue}:catalog", "${local.glue}:database/${var.names.database_name}"],
      [
        for suffix in ["_state", "_state_current"] :
        "${local.glue}:table/${var.names.database_name}/${local.table.catalog_table}${suffix}"
      ],
    )
  }

  statement {
    sid       = "ReadWhatWasDelivered"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${local.table.data_prefix}*"]
  }

  # Without leave to delete, VACUUM says that it succeeded and removes nothing.
  statement {
    sid = "KeepTheState"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ]
    resources = ["${local.bucket_arn}/${local.table.state_prefix}*"]
  }

  statement {
    sid = "WriteAndReadResults"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ]
    resources = ["${local.bucket_arn}/${var.names.results_prefix}*"]
  }

  statement {
    sid       = "FindTheBucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
    resources = [local.bucket_arn]
  }

  statement {
    sid       = "ListObjects"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [for prefix in local.prefixes : "${prefix}*"]
    }
  }

  statement {
    sid       = "UseTheKeyThroughS3"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = local.s3_services
    }
  }

  # AWS Step Functions Developer Guide: "Data at rest encryption in Step Functions": of a machine's history, and of what it logs.
  statement {
    sid       = "UseTheKeyForItsHistory"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:states:stateMachineArn"
      values   = [local.machine_arn]
    }
  }
  statement {
    sid       = "UseTheKeyForItsLog"
    actions   = ["kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:SourceArn"
      values   = ["arn:${var.account.partition}:logs:${local.here}:*"]
    }
  }

  # AWS Step Functions Developer Guide: "Using CloudWatch Logs to log execution history in Step Functions": these actions
  # know no resource.
  statement {
    sid = "DeliverLogs"
    actions = [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "TellTheLag"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["DynamoToLake"]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name                 = local.table.state_schedule_role_name
  description          = "Schedule ${local.table.state_machine_name}: start its state machine"
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# EventBridge Scheduler User Guide: "Confused deputy prevention in EventBridge Scheduler": the source is the schedule's
# group, never the schedule.
data "aws_iam_policy_document" "schedule_trust" {
  statement {
    sid     = "SchedulerForThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${var.account.partition}:scheduler:${local.here}:schedule-group/${local.table.state_machine_name}"]
    }
  }
}

resource "aws_iam_role_policy" "schedule" {
  name   = "start"
  role   = aws_iam_role.schedule.name
  policy = data.aws_iam_policy_document.schedule.json
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "StartTheMachine"
    actions   = ["states:StartExecution"]
    resources = [local.machine_arn]
  }

  # EventBridge Scheduler User Guide: "Encryption at rest in EventBridge Scheduler".
  statement {
    sid       = "ReadTheSchedule"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:scheduler:schedule:arn"
      values   = ["arn:${var.account.partition}:scheduler:${local.here}:schedule/${local.table.state_machine_name}/${local.table.state_machine_name}"]
    }
  }
}
