locals {
  crawled   = var.catalog.crawler == null ? toset([]) : toset(["this"])
  crawlers  = var.catalog.crawler == null ? toset([]) : toset(keys(var.tables))
  log_group = "arn:${var.account.partition}:logs:${var.account.region}:${var.account.id}:log-group:${var.names.crawler.log_group_name}"
}

# A database of its own: a crawler never touches the tables whose columns are declared.
resource "aws_glue_catalog_database" "crawled" {
  for_each = local.crawled

  name        = var.names.crawler.database_name
  description = "Tables as a crawler infers them; those whose columns are declared are in ${var.names.database_name}"
}

# One for each table: AWS does not let the target of a crawler that looks at new folders only change. AWS Glue Developer
# Guide: "Scheduling incremental crawls for adding new partitions", which asks for LOG too.
resource "aws_glue_crawler" "this" {
  for_each = local.crawlers

  name                   = "${var.names.workgroup_name}-${each.value}"
  description            = "Infers columns and partitions of ${each.value}"
  database_name          = aws_glue_catalog_database.crawled["this"].name
  role                   = aws_iam_role.crawler["this"].arn
  schedule               = var.catalog.crawler.schedule
  security_configuration = aws_glue_security_configuration.crawler["this"].name

  # AWS Glue Developer Guide: "Preventing a crawler from changing an existing schema": partitions have the table's
  # columns, else queries fail where an hour lacks one; "Creating a single schema for each Amazon S3 include path": lines
  # with unlike columns stay one table.
  configuration = jsonencode({
    Version       = 1.0
    Grouping      = { TableGroupingPolicy = "CombineCompatibleSchemas" }
    CrawlerOutput = { Partitions = { AddOrUpdateBehavior = "InheritFromTable" } }
  })

  s3_target {
    path = "${local.bucket}/${var.names.tables[each.value].data_prefix}"
  }

  recrawl_policy {
    recrawl_behavior = "CRAWL_NEW_FOLDERS_ONLY"
  }

  schema_change_policy {
    update_behavior = "LOG"
    delete_behavior = "LOG"
  }

  depends_on = [aws_iam_role_policy.crawler, aws_cloudwatch_log_group.crawler]
}

# It has the role's name: Glue puts both names into that of the log group, in an order that AWS does not document.
resource "aws_glue_security_configuration" "crawler" {
  for_each = local.crawled

  name = var.names.crawler.role_name

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = var.kms_key_arn
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = var.kms_key_arn
    }

    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = var.kms_key_arn
    }
  }
}

resource "aws_cloudwatch_log_group" "crawler" {
  for_each = local.crawled

  name              = var.names.crawler.log_group_name
  retention_in_days = var.catalog.crawler.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_iam_role" "crawler" {
  for_each = local.crawled

  name                 = var.names.crawler.role_name
  description          = "Lets crawlers read ${var.bucket_name} and write to the database ${var.names.crawler.database_name}"
  assume_role_policy   = data.aws_iam_policy_document.crawler_trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# AWS Glue Developer Guide: "Cross-service confused deputy prevention".
data "aws_iam_policy_document" "crawler_trust" {
  statement {
    sid     = "CrawlersOfThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }
  }
}

resource "aws_iam_role_policy" "crawler" {
  for_each = local.crawled

  name   = "crawl-the-lake"
  role   = aws_iam_role.crawler[each.value].name
  policy = data.aws_iam_policy_document.crawler.json
}

# A scoped version of AWSGlueServiceRole, as AWS Glue Developer Guide, "Crawler prerequisites", asks for. Of the log
# group's actions "Encrypting data written by AWS Glue" names AssociateKmsKey.
data "aws_iam_policy_document" "crawler" {
  statement {
    sid       = "ReadWhatWasDelivered"
    actions   = ["s3:GetObject"]
    resources = [for prefix in local.data : "${local.bucket_arn}/${prefix}*"]
  }

  statement {
    sid       = "FindTheBucket"
    actions   = ["s3:GetBucketLocation"]
    resources = [local.bucket_arn]
  }

  statement {
    sid       = "ListObjects"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [for prefix in local.data : "${prefix}*"]
    }
  }

  statement {
    sid       = "DecryptTheLake"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = local.s3_services
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [local.bucket_arn, "${local.bucket_arn}/*"]
    }
  }

  statement {
    sid = "WriteToItsOwnDatabase"
    actions = [
      "glue:BatchCreatePartition",
      "glue:BatchGetPartition",
      "glue:CreatePartition",
      "glue:CreateTable",
      "glue:GetDatabase",
      "glue:GetPartition",
      "glue:GetPartitions",
      "glue:GetTable",
      "glue:GetTables",
      "glue:UpdatePartition",
      "glue:UpdateTable",
    ]
    resources = [
      "${local.glue}:catalog",
      "${local.glue}:database/${var.names.crawler.database_name}",
      "${local.glue}:table/${var.names.crawler.database_name}/*",
    ]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [local.log_group, "${local.log_group}:log-stream:*"]
  }
}
