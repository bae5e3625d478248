locals {
  # The aliases of the blog posts that the default names come from.
  documented_aliases = {
    blog-srsa = "blog-bdb1040-srsa-kms-key"
    blog-srca = "blog-bdb1040-srca-kms-key"
  }
  default_alias  = lookup(local.documented_aliases, var.name, "${var.name}-kms-key")
  default_bucket = "${var.name}-datalake-${var.account.id}-${var.account.region}"
  replica_bucket = (
    var.replication == null ? null
    : var.replication.bucket_name == null ? "${var.name}-datalake-${var.account.id}-${var.replication.region}"
    : var.replication.bucket_name
  )

  function_name = "${var.name}-transform"

  # Objects are named after their delivery stream, and what starts with "_" or "." is hidden from many readers: before
  # these stands an "x". The rules of the variable say the same once more, because none can refer to a local value.
  delivery_stream_names = {
    for name, table in var.tables :
    name => coalesce(table.delivery.name, "${replace(name, "/^[_.]/", "x$0")}-delivery-stream")
  }

  # Step Functions API, "CreateStateMachine": with a log, letters, digits, "-" and "_". A schedule has the same
  # name, and EventBridge Scheduler takes at most 64 characters.
  stateful = { for name, table in var.tables : name => "${var.name}-${replace(name, "/[^a-zA-Z0-9_-]/", "_")}-state" }
  state_machine_names = {
    for name, machine in local.stateful : name => (
      length(machine) <= 64 ? machine : "${substr(machine, 0, 55)}-${substr(sha256("${var.name}/${name}"), 0, 8)}"
    )
  }

  # Each role by what it is for. What a role is named after is unique in its account and Region.
  named_after = merge(
    {
      execution      = local.function_name
      schedule       = "${local.function_name}-schedule"
      flow_log       = "${var.name}-flow-log"
      crawler        = "${var.name}-crawler"
      lake_formation = "${var.name}-lake-formation"
      backfill       = "${var.name}-backfill"
      replication    = "${var.name}-replication"
    },
    { for name, delivery_stream in local.delivery_stream_names : "delivery/${name}" => delivery_stream },
    { for name, machine in local.state_machine_names : "state/${name}" => machine },
    { for name, machine in local.state_machine_names : "state-schedule/${name}" => "${machine}-schedule" },
  )

  # A role's name is unique in its account over all Regions, and has at most 64 characters: a longer one is cut, and a
  # hash of what it is named after keeps it unique.
  role_names = {
    for role, name in local.named_after : role => (
      length("${name}-${var.account.region}") <= 64
      ? "${name}-${var.account.region}"
      : join("-", [
        substr(name, 0, 64 - length("-01234567-${var.account.region}")),
        substr(sha256(name), 0, 8),
        var.account.region,
      ])
    )
  }

  # Nothing of a table's own is right under one of these.
  roots = { data = "data/", errors = "errors/", exports = "exports/", state = "state/" }

  tables = {
    for name, table in var.tables : name => {
      stream_name          = coalesce(table.stream.name, "${name}-data-stream")
      delivery_stream_name = local.delivery_stream_names[name]
      delivery_role_name   = local.role_names["delivery/${name}"]
      data_prefix          = "${local.roots.data}${name}/"
      error_prefix         = "${local.roots.errors}${name}/"
      export_prefix        = "${local.roots.exports}${name}/"
      state_prefix         = "${local.roots.state}${name}/"
      state_machine_name   = local.state_machine_names[name]
      state_role_name      = local.role_names["state/${name}"]

      state_schedule_role_name = local.role_names["state-schedule/${name}"]

      alarm_prefix = "${local.alarm_prefix}table/${local.alarm_subjects[name]}/"

      # Amazon Athena User Guide, "Name databases, tables, and columns": lower case, and no other special character.
      catalog_table = lower(replace(name, "/[^a-zA-Z0-9_]/", "_"))
    }
  }

  # CloudWatch API Reference, "PutMetricAlarm": a name has at most 255 characters, a table's too.
  alarm_prefix = "${var.name}/"
  alarm_subjects = {
    for name in keys(var.tables) :
    name => length(name) <= 180 ? name : "${substr(name, 0, 171)}-${substr(sha256(name), 0, 8)}"
  }

  # Athena takes "_" where the prefix has a hyphen.
  database_name = replace(var.name, "-", "_")

  has_state = anytrue([for table in values(var.tables) : table.state != null])

  # Step Functions Developer Guide, "Avoiding Amazon CloudWatch Logs resource policy size restrictions". Every state
  # machine's name begins so.
  state_log_group_names = local.has_state ? ["/aws/vendedlogs/states/${var.name}-*"] : []

  original_prefixes = flatten([
    for name, table in var.tables :
    length(table.rules) > 0 ? [local.tables[name].error_prefix, local.tables[name].export_prefix] : []
  ])
}
