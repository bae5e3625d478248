locals {
  account_id  = var.account_id == null ? data.aws_caller_identity.current[0].account_id : var.account_id
  partition   = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"
  bucket_name = coalesce(var.bucket_name, "${var.name}-datalake-${local.account_id}-${var.region}")

  # The producer's module `delivery` names role and prefixes by the same rules: the lake can be made before them.
  tables = {
    for name, table in var.tables : name => {
      delivery_stream_name = coalesce(table.delivery_stream_name, "${name}-delivery-stream")
      delivery_role_arn    = "arn:${local.partition}:iam::${var.ddb_producer_account_id}:role/${coalesce(table.delivery_stream_name, "${name}-delivery-stream")}"
      data_prefix          = "data/${name}/"
      error_prefix         = "errors/${name}/"
    }
  }
}

module "key" {
  source = "../../modules/key"

  account_id         = local.account_id
  region             = var.region
  partition          = local.partition
  kms_key_alias      = var.kms_key_alias
  description        = "Data lake: objects that account ${var.ddb_producer_account_id} delivers"
  services           = ["s3"]
  writer_role_arns   = [for table in local.tables : table.delivery_role_arn]
  writer_bucket_name = local.bucket_name
}

module "bucket" {
  source = "../../modules/bucket"

  partition               = local.partition
  bucket_name             = local.bucket_name
  kms_key_arn             = module.key.arn
  noncurrent_version_days = var.noncurrent_version_days

  writers = [
    for table in local.tables : {
      role_arn = table.delivery_role_arn
      prefixes = [table.data_prefix, table.error_prefix]
    }
  ]
}
