locals {
  athena      = "arn:${var.account.partition}:athena:${var.account.region}:${var.account.id}"
  glue        = "arn:${var.account.partition}:glue:${var.account.region}:${var.account.id}"
  bucket_arn  = "arn:${var.account.partition}:s3:::${var.bucket_name}"
  dns_suffix  = var.account.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
  s3_services = [for suffix in distinct(["amazonaws.com", local.dns_suffix]) : "s3.${var.account.region}.${suffix}"]
  databases   = concat([var.names.database_name], [for key in local.crawled : var.names.crawler.database_name])

  # Of all tables together: a policy of a role holds 10,240 characters, and one that is attached 6,144.
  state    = anytrue([for table in values(var.tables) : table.state != null]) ? [var.names.roots.state] : []
  readable = concat(length(local.governed) == 0 ? [var.names.roots.data] : [], local.state)

  # From when to when the history of a table lacks versions, which `query` tells: times, and nothing of the items.
  gaps = "ledger/*/gaps/*"
}

# What the role of an analyst needs, and no more: to query through the workgroup, to read what was delivered, to write
# and read results. Neither failed records nor exports.
# Actions: Amazon Athena User Guide, "Example workgroup policies", "Configure access to databases and tables in the AWS
# Glue Data Catalog", "Control access to Amazon S3 from Athena".
data "aws_iam_policy_document" "reader" {
  statement {
    sid = "QueryInTheWorkgroup"
    actions = [
      "athena:BatchGetNamedQuery",
      "athena:BatchGetQueryExecution",
      "athena:GetNamedQuery",
      "athena:GetPreparedStatement",
      "athena:GetQueryExecution",
      "athena:GetQueryResults",
      "athena:GetQueryResultsStream",
      "athena:GetQueryRuntimeStatistics",
      "athena:GetWorkGroup",
      "athena:ListNamedQueries",
      "athena:ListPreparedStatements",
      "athena:ListQueryExecutions",
      "athena:StartQueryExecution",
      "athena:StopQueryExecution",
    ]
    resources = ["${local.athena}:workgroup/${var.names.workgroup_name}"]
  }

  statement {
    sid = "LookAtTheCatalog"
    actions = [
      "athena:GetDataCatalog",
      "athena:GetDatabase",
      "athena:GetTableMetadata",
      "athena:ListDatabases",
      "athena:ListTableMetadata",
    ]
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
      ["${local.glue}:catalog", "${local.glue}:database/default"],
      flatten([for name in local.databases : ["${local.glue}:database/${name}", "${local.glue}:table/${name}/*"]]),
    )
  }

  # With Lake Formation it is Lake Formation that hands out what was delivered: whoever reads objects sees every column.
  dynamic "statement" {
    for_each = length(local.readable) == 0 ? [] : ["objects"]
    content {
      sid       = "ReadWhatWasDelivered"
      actions   = ["s3:GetObject"]
      resources = [for prefix in local.readable : "${local.bucket_arn}/${prefix}*"]
    }
  }

  # AWS Lake Formation Developer Guide: "Underlying data access control": the action names no resource.
  dynamic "statement" {
    for_each = local.governed
    content {
      sid       = "ReadByLakeFormation"
      actions   = ["lakeformation:GetDataAccess"]
      resources = ["*"]
      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalAccount"
        values   = [var.account.id]
      }
    }
  }

  statement {
    sid       = "ReadWhereHistoryLacksVersions"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${local.gaps}"]
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
      values   = concat([for prefix in concat(local.readable, [var.names.results_prefix]) : "${prefix}*"], [local.gaps])
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
}
