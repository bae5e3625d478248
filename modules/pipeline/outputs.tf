output "function_name" {
  description = "Function that turns change records into lake records."
  value       = module.transform.function_name
}

output "function_log_group_name" {
  description = "Log group of the function."
  value       = module.transform.log_group_name
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
