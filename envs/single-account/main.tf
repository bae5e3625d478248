locals {
  account_id = var.account_id == null ? data.aws_caller_identity.current["current"].account_id : var.account_id
  partition  = data.aws_partition.current.partition

  function_name = "${var.name}-transform"
  bucket_name   = coalesce(var.bucket_name, "${var.name}-datalake-${local.account_id}-${var.region}")

  tables = {
    for name, table in var.tables : name => merge(table, {
      stream_name          = coalesce(table.stream_name, "${name}-data-stream")
      delivery_stream_name = coalesce(table.delivery_stream_name, "${name}-delivery-stream")
    })
  }

  # What `python -m tools.build` made; there is one file of a runtime and architecture, named for its content.
  built_artifacts = fileset("${path.root}/../../build", "lake_transform-${var.transform.runtime}-${var.transform.architecture}-*.zip")
  artifact = {
    bucket = var.artifact_bucket
    path = (
      var.transformation_lambda_file != null ? var.transformation_lambda_file
      : try("${path.root}/../../build/${one(local.built_artifacts)}", "not built")
    )
  }

  common = {
    partition  = local.partition
    region     = var.region
    account_id = local.account_id
  }
}

module "key" {
  source = "../../modules/key"

  alias      = var.kms_key_alias
  partition  = local.common.partition
  region     = local.common.region
  account_id = local.common.account_id
  log_group_names = concat(
    ["/aws/lambda/${local.function_name}", "/vpc/${var.name}/flow-log"],
    [for table in local.tables : "/aws/kinesisfirehose/${table.delivery_stream_name}"],
  )
}

module "network" {
  source = "../../modules/network"

  name                       = var.name
  cidr                       = var.vpc_cidr
  availability_zone_suffixes = var.availability_zone_suffixes
  kms_key_arn                = module.key.arn
  log_retention_days         = var.log_retention_days
  partition                  = local.common.partition
  region                     = local.common.region
  account_id                 = local.common.account_id
}

module "bucket" {
  source = "../../modules/bucket"

  name                    = local.bucket_name
  kms_key_arn             = module.key.arn
  noncurrent_version_days = var.noncurrent_version_days
  partition               = local.common.partition
}

module "transform" {
  source = "../../modules/transform"

  name               = local.function_name
  code               = local.artifact
  runtime            = var.transform.runtime
  architecture       = var.transform.architecture
  memory_mb          = var.transform.memory_mb
  timeout_seconds    = var.transform.timeout_seconds
  path_separator     = var.transform.path_separator
  list_format        = var.transform.list_format
  log_level          = var.transform.log_level
  hook               = var.transform.hook
  subnet_ids         = module.network.subnet_ids
  security_group_id  = module.network.security_group_id
  kms_key_arn        = module.key.arn
  log_retention_days = var.log_retention_days
  partition          = local.common.partition
  region             = local.common.region
  account_id         = local.common.account_id
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

module "table" {
  source   = "../../modules/table"
  for_each = local.tables

  name        = each.key
  existing    = each.value.existing
  hash_key    = { name = each.value.hash_key, type = each.value.hash_key_type }
  range_key   = each.value.range_key == null ? null : { name = each.value.range_key, type = each.value.range_key_type }
  stream_arn  = module.delivery[each.key].source_stream_arn
  kms_key_arn = module.key.arn
  partition   = local.common.partition
  region      = local.common.region
  account_id  = local.common.account_id
}

module "delivery" {
  source   = "../../modules/delivery"
  for_each = local.tables

  name                = each.value.delivery_stream_name
  table_name          = each.key
  stream_name         = each.value.stream_name
  stream_arn          = module.stream[each.key].arn
  function_name       = local.function_name
  function_alias_arn  = module.transform.alias_arn
  bucket_arn          = module.bucket.arn
  bucket_kms_key_arn  = module.key.arn
  kms_key_arn         = module.key.arn
  buffering           = { seconds = each.value.buffering_seconds, mib = each.value.buffering_mib }
  transform_buffering = { seconds = each.value.transform_buffering_seconds, mb = each.value.transform_buffering_mb }
  compression         = each.value.compression
  log_retention_days  = var.log_retention_days
  partition           = local.common.partition
  region              = local.common.region
  account_id          = local.common.account_id
}
