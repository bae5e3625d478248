module "network" {
  source   = "../network"
  for_each = var.network == null ? toset(["this"]) : toset([])

  account                    = var.account
  name                       = var.names.network_name
  flow_log_role_name         = var.names.flow_log_role_name
  vpc_cidr                   = var.vpc_cidr
  availability_zone_suffixes = var.availability_zone_suffixes
  kms_key_arn                = var.kms_key_arn
  log_retention_days         = var.log_retention_days

  wait_for = [module.transform.interface_policy_id]
}

module "transform" {
  source = "../transform"

  account                    = var.account
  name                       = var.names.function_name
  role_name                  = var.names.execution_role_name
  artifact_bucket            = var.artifact_bucket
  transformation_lambda_file = var.transformation_lambda_file
  transform                  = var.transform
  tables                     = var.tables
  mask_key                   = var.mask_key
  vpc_id                     = var.network == null ? module.network["this"].vpc_id : var.network.vpc_id
  subnet_ids                 = var.network == null ? values(module.network["this"].subnet_ids) : var.network.subnet_ids
  kms_key_arn                = var.kms_key_arn
  log_retention_days         = var.log_retention_days
}

module "stream" {
  source   = "../stream"
  for_each = var.tables

  name        = var.names.tables[each.key].stream_name
  table_name  = each.key
  stream      = each.value.stream
  kms_key_arn = var.kms_key_arn
}

module "delivery" {
  source   = "../delivery"
  for_each = var.tables

  account                    = var.account
  name                       = var.names.tables[each.key].delivery_stream_name
  role_name                  = var.names.tables[each.key].delivery_role_name
  table_name                 = each.key
  stream_name                = var.names.tables[each.key].stream_name
  function_name              = var.names.function_name
  bucket_name                = var.bucket_name
  bucket_is_in_other_account = var.bucket_is_in_other_account
  bucket_kms_key_arn         = var.bucket_kms_key_arn
  data_prefix                = var.names.tables[each.key].data_prefix
  error_prefix               = var.names.tables[each.key].error_prefix
  transform                  = each.value.transform
  delivery                   = each.value.delivery
  kms_key_arn                = var.kms_key_arn
  log_retention_days         = var.log_retention_days

  wait_for = concat([module.stream[each.key].arn, module.transform.alias_arn], var.wait_for)
}

module "table" {
  source   = "../table"
  for_each = var.tables

  account     = var.account
  name        = each.key
  existing    = each.value.existing
  key         = each.value.key
  kms_key_arn = var.kms_key_arn

  # Firehose starts at the newest record, so the table must not write to the stream before Firehose reads it.
  stream_arn = module.delivery[each.key].source_stream_arn
}
