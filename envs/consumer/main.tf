locals {
  # While a replica is removed, its Region must still be known to the provider.
  replication = try(var.replication.enabled, false) ? var.replication : null

  # The lake is made before the roles that write to it: their names follow from the tables, as the producer's do.
  producer_path     = "${coalesce(var.producer_iam_path, var.iam_path)}${module.names.delivery_role_path}"
  roles_of_producer = "arn:${local.account.partition}:iam::${var.ddb_producer_account_id}:role${local.producer_path}"

  # Replication reads failed records too, and its name is fixed.
  original_reader_role_arns = concat(var.original_reader_role_arns, local.replication == null ? [] : [
    join("", [
      "arn:${local.account.partition}:iam::${local.account.id}:role",
      "${local.account.iam_path}${module.names.replica.role_name}",
    ]),
  ])

  tables = {
    for name, table in module.names.tables : name => {
      delivery_stream_name = table.delivery_stream_name
      delivery_role_arn    = "${local.roles_of_producer}${table.delivery_role_name}"
      data_prefix          = table.data_prefix
      error_prefix         = table.error_prefix
      catalog_table        = table.catalog_table
      rules                = { for path, rule in var.tables[name].rules : path => rule.as }
    }
  }
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
  description   = "Data lake: objects that account ${var.ddb_producer_account_id} delivers"
  services      = ["s3"]
  log_group_names = concat(
    module.names.state_log_group_names,
    var.catalog.crawler == null ? [] : [module.names.crawler.log_group_name],
  )
  state_machine_prefix = module.names.state_machine_prefix
  schedule_prefix      = module.names.state_machine_prefix
  alarm_prefix         = var.monitoring.enabled ? module.names.alarm_prefix : null
  writer_roles         = ["${local.roles_of_producer}*"]
  exporter_role_arns   = var.exporter_role_arns
  writer_bucket_name   = module.names.bucket_name
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

  exporter_role_arns = var.exporter_role_arns
  export_prefix      = module.names.roots.exports

  writers = [{
    roles    = "${local.roles_of_producer}*"
    tables   = keys(var.tables)
    prefixes = [module.names.roots.data, module.names.roots.errors]
  }]
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

  environment = "cross-account"
  monitoring  = var.monitoring.enabled ? var.monitoring : null
}

module "monitoring" {
  source = "../../modules/monitoring"
  count  = var.monitoring.enabled ? 1 : 0

  account     = local.account
  names       = module.names
  environment = "cross-account"
  monitoring  = var.monitoring
  kms_key_arn = module.key.arn
  states      = { for name, state in module.state : name => state.monitored }
  bucket_name = module.names.bucket_name
  replication = one([for replica in module.replica : replica.monitored])
}
