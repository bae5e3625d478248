locals {
  account_id    = var.account_id == null ? data.aws_caller_identity.current[0].account_id : var.account_id
  partition     = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"
  bucket_name   = coalesce(var.bucket_name, "${var.name}-datalake-${local.account_id}-${var.region}")
  function_name = "${var.name}-transform"

  tables = {
    for name, table in var.tables : name => merge(table, {
      stream_name          = coalesce(table.stream_name, "${name}-data-stream")
      delivery_stream_name = coalesce(table.delivery_stream_name, "${name}-delivery-stream")
    })
  }
}

module "key" {
  source = "../../modules/key"

  account_id    = local.account_id
  region        = var.region
  partition     = local.partition
  kms_key_alias = var.kms_key_alias
  log_group_names = concat(
    ["/aws/lambda/${local.function_name}", "/aws/vpc-flow-logs/${var.name}"],
    [for table in local.tables : "/aws/kinesisfirehose/${table.delivery_stream_name}"],
  )
}

module "network" {
  source = "../../modules/network"

  account_id                 = local.account_id
  region                     = var.region
  partition                  = local.partition
  name                       = var.name
  vpc_cidr                   = var.vpc_cidr
  availability_zone_suffixes = var.availability_zone_suffixes
  kms_key_arn                = module.key.arn
  log_retention_days         = var.log_retention_days
}

module "bucket" {
  source = "../../modules/bucket"

  partition               = local.partition
  bucket_name             = local.bucket_name
  kms_key_arn             = module.key.arn
  noncurrent_version_days = var.noncurrent_version_days
}

module "transform" {
  source = "../../modules/transform"

  account_id         = local.account_id
  region             = var.region
  partition          = local.partition
  name               = local.function_name
  package            = local.package
  runtime            = var.transform.runtime
  architecture       = var.transform.architecture
  memory_mb          = var.transform.memory_mb
  timeout_seconds    = var.transform.timeout_seconds
  vpc_id             = module.network.vpc_id
  subnet_ids         = values(module.network.subnet_ids)
  kms_key_arn        = module.key.arn
  log_retention_days = var.log_retention_days

  settings = {
    path_separator = var.transform.path_separator
    list_format    = var.transform.list_format
    log_level      = var.transform.log_level
    hook           = var.transform.hook
    native_code    = var.transform.native_code
  }
}

module "stream" {
  source   = "../../modules/stream"
  for_each = local.tables

  name            = each.value.stream_name
  mode            = each.value.stream_mode
  shards          = each.value.shards
  retention_hours = each.value.stream_retention_hours
  kms_key_arn     = module.key.arn
}

module "delivery" {
  source   = "../../modules/delivery"
  for_each = local.tables

  account_id                  = local.account_id
  region                      = var.region
  partition                   = local.partition
  name                        = each.value.delivery_stream_name
  table_name                  = each.key
  stream_name                 = each.value.stream_name
  function_name               = local.function_name
  bucket_name                 = local.bucket_name
  kms_key_arn                 = module.key.arn
  buffering_seconds           = each.value.buffering_seconds
  buffering_mib               = each.value.buffering_mib
  transform_buffering_seconds = each.value.transform_buffering_seconds
  transform_buffering_mb      = each.value.transform_buffering_mb
  compression                 = each.value.compression
  log_retention_days          = var.log_retention_days

  wait_for = [module.stream[each.key].arn, module.transform.alias_arn, module.bucket.name]
}

module "table" {
  source   = "../../modules/table"
  for_each = local.tables

  account_id     = local.account_id
  region         = var.region
  partition      = local.partition
  name           = each.key
  existing       = each.value.existing
  hash_key       = each.value.hash_key
  hash_key_type  = each.value.hash_key_type
  range_key      = each.value.range_key
  range_key_type = each.value.range_key_type
  kms_key_arn    = module.key.arn

  # Firehose starts at the newest record, so the table must not write to the stream before Firehose reads it.
  stream_arn = module.delivery[each.key].source_stream_arn
}
