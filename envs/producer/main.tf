module "names" {
  source = "../../modules/names"

  account       = local.account
  name          = var.name
  tables        = var.tables
  kms_key_alias = var.kms_key_alias
}

module "key" {
  source = "../../modules/key"

  account       = local.account
  existing_arn  = var.kms_key_arn
  kms_key_alias = module.names.kms_key_alias
  description   = "Data lake producer: tables, streams, function and logs"
  services      = ["dynamodb", "kinesis", "lambda"]
  log_group_names = concat(
    module.names.log_group_names,
    var.network == null ? [module.names.flow_log_group_name] : [],
  )
  alarm_prefix = var.monitoring.enabled ? module.names.alarm_prefix : null
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
  bucket_name                = var.cross_account_datalake_bucket
  bucket_is_in_other_account = true
  bucket_kms_key_arn         = var.cross_account_kms_key_arn
}

module "monitoring" {
  source = "../../modules/monitoring"
  count  = var.monitoring.enabled ? 1 : 0

  account     = local.account
  names       = module.names
  environment = "cross-account"
  monitoring  = var.monitoring
  kms_key_arn = module.key.arn
  pipeline    = module.pipeline.monitored
}
