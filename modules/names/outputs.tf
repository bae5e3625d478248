output "bucket_name" {
  description = "Data lake bucket: the given name, else `<name>-datalake-<account>-<region>`."
  value       = var.bucket_name == null ? local.default_bucket : var.bucket_name
}

output "kms_key_alias" {
  description = "Alias of the key: the given one, else `<name>-kms-key`."
  value       = var.kms_key_alias == null ? local.default_alias : var.kms_key_alias
}

output "network_name" {
  description = "VPC, and prefix of what belongs to it."
  value       = var.name
}

output "function_name" {
  description = "Function, and its security group."
  value       = local.function_name
}

output "execution_role_name" {
  description = "Role of the function."
  value       = local.role_names["execution"]
}

output "schedule_role_name" {
  description = "Role of the schedule that keeps the function active."
  value       = local.role_names["schedule"]
}

output "flow_log_role_name" {
  description = "Role of the VPC's flow log."
  value       = local.role_names["flow_log"]
}

output "database_name" {
  description = "Database of the Glue Data Catalog: Athena takes `_` where the prefix has a hyphen."
  value       = local.database_name
}

output "workgroup_name" {
  description = "Workgroup of Athena."
  value       = var.name
}

output "results_prefix" {
  description = "Where Athena writes what queries find."
  value       = "results/"
}

# Glue names the log group of a crawler after its role and its security configuration, which has the role's name here:
# AWS documents it for jobs ("JobRun", LogGroupName), and configurations of others show the same for crawlers.
output "crawler" {
  description = "Crawler: its database, its role, its security configuration of the same name, and its log group."
  value = {
    database_name  = "${local.database_name}_crawled"
    role_name      = local.role_names["crawler"]
    log_group_name = "/aws-glue/crawlers-role/${local.role_names["crawler"]}-${local.role_names["crawler"]}"
  }
}

output "backfill" {
  description = "Glue job that makes rows of exports: its role, its security configuration of the same name, its log groups."
  value = {
    job_name   = "${var.name}-backfill"
    role_name  = local.role_names["backfill"]
    log_prefix = "/aws-glue/jobs/${var.name}-backfill"
  }
}

output "replica" {
  description = "Replica of the bucket in another Region, and the role that writes it; null: there is none."
  value = var.replication == null ? null : {
    bucket_name = local.replica_bucket
    role_name   = local.role_names["replication"]
  }
}

output "lake_formation_role_name" {
  description = "Role with which Lake Formation reads the lake."
  value       = local.role_names["lake_formation"]
}

output "alarm_prefix" {
  description = "Prefix of the names of alarms and saved log queries. No other deployment's starts with it."
  value       = local.alarm_prefix
}

output "topic_name" {
  description = "Topic of the alarms."
  value       = "${var.name}-alarms"
}

# Amazon CloudWatch User Guide, "Using CloudWatch dashboards": a dashboard is the account's, and no Region's.
output "dashboard_name" {
  description = "Dashboard, unique in the account over all Regions."
  value       = "${var.name}-${var.account.region}"
}

output "tables" {
  description = "By table: streams, roles, the state machine, the prefixes of its objects and alarms, and its name in the catalog."
  value       = local.tables
}

output "roots" {
  description = "Prefixes under which each table has one of its own: of records, failed records, exports, current states."
  value       = local.roots
}

# By this and their tags, policies of the lake's account know the delivery roles of however many tables.
output "delivery_role_path" {
  description = "Path of the delivery roles of all deployments in an account and Region, below that of all roles."
  value       = "dynamo-to-lake/${var.account.region}/"
}

# What tools and Athena need to go on in another Region, and cannot make anew there: current states are merged again.
output "replicated_prefixes" {
  description = "Prefixes that a replica has, by the rule that replicates each."
  value       = { data = local.roots.data, errors = local.roots.errors, ledger = "ledger/" }
}

output "state_machine_prefix" {
  description = "Prefix of the names of the tables' state machines; null where no current state is kept."
  value       = local.has_state ? "${var.name}-" : null
}

output "schedule_prefix" {
  description = "Prefix of the names of schedules, and of their groups."
  value       = "${var.name}-"
}

output "original_prefixes" {
  description = "Where the records of tables with rules lie as they came: those that failed, and exports."
  value       = local.original_prefixes
}

output "state_log_group_names" {
  description = "Log groups of the state machines, as one pattern."
  value       = local.state_log_group_names
}

output "flow_log_group_name" {
  description = "Log group of the network, where one is made."
  value       = "/aws/vpc-flow-logs/${var.name}"
}

# Patterns where each table has one: a key policy holds 32 KB.
output "log_group_names" {
  description = "Log group of the function, and patterns of those of delivery streams and state machines."
  value = concat(
    ["/aws/lambda/${local.function_name}", "/aws/kinesisfirehose/*"],
    local.state_log_group_names,
  )
}
