locals {
  # While a replica is removed, its Region must still be known to the provider.
  replication = try(var.replication.enabled, false) ? var.replication : null

  # Their names are fixed, so that the bucket's policy knows them before they are made.
  roles_of_originals = concat(
    var.backfill == null ? [] : [module.names.backfill.role_name],
    local.replication == null ? [] : [module.names.replica.role_name],
  )
  original_reader_role_arns = concat(var.original_reader_role_arns, [
    for name in local.roles_of_originals :
    "arn:${local.account.partition}:iam::${local.account.id}:role${local.account.iam_path}${name}"
  ])
}

module "names" {
  source = "../../modules/names"

  account       = local.account
  name          = var.name
  tables        = var.tables
  bucket_name   = var.existing_bucket == null ? var.bucket_name : var.existing_bucket
  kms_key_alias = var.kms_key_alias
  replication   = local.replication
}

module "key" {
  source = "../../modules/key"

  account       = local.account
  existing_arn  = var.kms_key_arn
  kms_key_alias = module.names.kms_key_alias
  log_group_names = concat(
    module.names.log_group_names,
    var.network == null ? [module.names.flow_log_group_name] : [],
    var.catalog.crawler == null ? [] : [module.names.crawler.log_group_name],
    var.backfill == null ? [] : ["${module.names.backfill.log_prefix}/*"],
  )
  state_machine_prefix = module.names.state_machine_prefix
  schedule_prefix      = module.names.schedule_prefix
  alarm_prefix         = var.monitoring.enabled ? module.names.alarm_prefix : null
}

module "bucket" {
  source = "../../modules/bucket"

  account                 = local.account
  bucket_name             = module.names.bucket_name
  existing                = var.existing_bucket != null
  options                 = var.bucket
  kms_key_arn             = module.key.arn
  noncurrent_version_days = var.noncurrent_version_days

  original_prefixes         = module.names.original_prefixes
  original_reader_role_arns = local.original_reader_role_arns
  original_days             = var.original_days

  results_prefix = module.names.results_prefix
  result_days    = var.result_days
}

module "pipeline" {
  source = "../../modules/pipeline"

  account                    = local.account
  names                      = module.names
  tables                     = var.tables
  mask_key                   = var.mask_key
  transform                  = var.transform
  artifact_bucket            = var.artifact_bucket
  transformation_lambda_file = var.transformation_lambda_file
  network                    = var.network
  vpc_cidr                   = var.vpc_cidr
  availability_zone_suffixes = var.availability_zone_suffixes
  kms_key_arn                = module.key.arn
  log_retention_days         = var.log_retention_days
  bucket_name                = module.names.bucket_name

  wait_for = [module.bucket.name]
}

module "catalog" {
  source = "../../modules/catalog"

  account           = local.account
  names             = module.names
  tables            = var.tables
  catalog           = var.catalog
  columns_directory = coalesce(var.columns_directory, "${path.module}/columns")
  bucket_name       = module.bucket.name
  kms_key_arn       = module.key.arn
}

module "state" {
  source   = "../../modules/state"
  for_each = { for name, table in var.tables : name => table.state if table.state != null }

  account      = local.account
  names        = module.names
  table_name   = each.key
  item_columns = module.catalog.item_columns[each.key]
  state        = each.value
  bucket_name  = module.bucket.name
  kms_key_arn  = module.key.arn

  log_retention_days = var.log_retention_days
}

module "backfill" {
  source   = "../../modules/backfill"
  for_each = var.backfill == null ? {} : { this = var.backfill }

  account       = local.account
  names         = module.names
  backfill      = each.value
  package_file  = var.backfill_package_file
  function_name = module.pipeline.function_name
  bucket_name   = module.bucket.name
  kms_key_arn   = module.key.arn

  log_retention_days = var.log_retention_days
}

module "replica" {
  source    = "../../modules/replica"
  for_each  = local.replication == null ? {} : { this = local.replication }
  providers = { aws = aws, aws.replica = aws.replica }

  account                 = local.account
  names                   = module.names
  replication             = each.value
  bucket_name             = module.bucket.name
  kms_key_arn             = module.key.arn
  options                 = var.bucket
  noncurrent_version_days = var.noncurrent_version_days

  original_reader_role_arns = var.original_reader_role_arns
  original_days             = var.original_days

  environment = "single-account"
  monitoring  = var.monitoring.enabled ? var.monitoring : null
}

module "monitoring" {
  source = "../../modules/monitoring"
  count  = var.monitoring.enabled ? 1 : 0

  account     = local.account
  names       = module.names
  environment = "single-account"
  monitoring  = var.monitoring
  kms_key_arn = module.key.arn
  pipeline    = module.pipeline.monitored
  states      = { for name, state in module.state : name => state.monitored }
  bucket_name = module.names.bucket_name
  replication = one([for replica in module.replica : replica.monitored])
}
