output "function_name" {
  description = "Function that turns change records into lake records."
  value       = module.transform.function_name
}

output "function_log_group_name" {
  description = "Log group of the function."
  value       = module.transform.log_group_name
}

# Names and settings, and nothing that is made: alarms need not wait for what they watch.
output "monitored" {
  description = "What the module `monitoring` watches: the function, and the streams of each table, with their settings."
  value = {
    function_name           = var.names.function_name
    function_log_group_name = "/aws/lambda/${var.names.function_name}"
    timeout_seconds         = module.transform.timeout_seconds
    tables = {
      for name in keys(var.tables) : name => {
        retention_hours   = module.stream[name].retention_hours
        shards            = module.stream[name].shards
        buffering_seconds = module.delivery[name].buffering_seconds
      }
    }
  }
}

output "tables" {
  description = "The streamed tables: name -> where their changes go."
  value = {
    for name, table in module.table : name => {
      table_arn            = table.arn
      stream_name          = module.stream[name].name
      stream_arn           = module.stream[name].arn
      delivery_stream_name = module.delivery[name].name
      delivery_role_arn    = module.delivery[name].role_arn
      data_prefix          = var.names.tables[name].data_prefix
      error_prefix         = var.names.tables[name].error_prefix
      log_group_name       = module.delivery[name].log_group_name
      existing             = coalesce(var.tables[name].existing, false)
      before               = coalesce(var.tables[name].before, false)
      rules                = { for path, rule in var.tables[name].rules : path => rule.as }
    }
  }
}
