locals {
  # What is no default, of the tables that have such settings.
  table_settings = {
    for name, table in var.tables : name => merge(
      table.before ? { before = true } : {},
      length(table.rules) == 0 ? {} : { rules = { for path, rule in table.rules : path => rule.as } },
    )
    if table.before || length(table.rules) > 0
  }

  # The package holds the same text in lake_transform/table_settings.json, and the function does not run with another:
  # what a rule masks cannot get into the lake because a package was built for other rules.
  table_settings_variables = length(local.table_settings) == 0 ? {} : {
    TABLE_SETTINGS_SHA256 = sha256(jsonencode(local.table_settings))
  }
}
