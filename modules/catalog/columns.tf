locals {
  # The columns that describe a change, as `lambda/lake_transform/metadata.py` names them.
  change_columns = [
    { name = "cdc_event", type = "string" },
    { name = "cdc_event_id", type = "string" },
    { name = "cdc_table", type = "string" },
    { name = "cdc_changed_at", type = "string" },
    { name = "cdc_changed_at_us", type = "bigint" },
    { name = "cdc_sequence_number", type = "string" },
    { name = "cdc_key", type = "string" },
    { name = "cdc_ttl", type = "boolean" },
    { name = "cdc_overflow", type = "string" },
    { name = "cdc_before", type = "string" },
  ]

  # An attribute outside of ASCII has a column of its code points, which only the file of columns can name.
  key_attributes = {
    for name, table in var.tables : name => [
      for attribute in compact([
        table.existing == true ? table.key.hash_key : coalesce(table.key.hash_key, "id"),
        table.key.range_key,
      ]) : lower(replace(replace(attribute, "/[^a-zA-Z0-9_]/", "_"), "/^([^a-zA-Z])/", "x$1"))
      if can(regex("^[[:ascii:]]+$", attribute))
    ]
  }

  column_files = { for name in keys(var.tables) : name => "${var.columns_directory}/${name}.json" }
  file_texts   = { for name, file in local.column_files : name => fileexists(file) ? file(file) : "{}" }

  # Null where a file is not one flat object of texts.
  file_columns = {
    for name, text in local.file_texts : name => try(
      alltrue([for type in values(jsondecode(text)) : jsonencode(type) == jsonencode(tostring(type))])
      ? { for column, type in jsondecode(text) : column => tostring(type) }
      : null,
      null,
    )
  }

  scalar = "(string|boolean|bigint|double|decimal\\(([1-9]|[12][0-9]|3[0-8]),([0-9]|[12][0-9]|3[0-8])\\))"
  wrong_columns = {
    for name, columns in local.file_columns : name => [
      for column in keys(coalesce(columns, {})) : column
      if !can(regex("^[a-z][a-z0-9_]{0,254}$", column)) || startswith(column, "cdc_")
    ]
  }
  wrong_types = {
    for name, columns in local.file_columns : name => [
      for column, type in coalesce(columns, {}) : "${column}: ${type}"
      if !(
        can(regex("^(array<){0,4}${local.scalar}>{0,4}$", type))
        && length(regexall("<", type)) == length(regexall(">", type))
        && alltrue([for digits in regexall("\\(([0-9]+),([0-9]+)\\)", type) : tonumber(digits[1]) <= tonumber(digits[0])])
      )
    ]
  }

  # In the order of their names, so that a new attribute changes nothing but its own line.
  item_columns = {
    for name in keys(var.tables) : name => [
      for column, type in merge(
        { for attribute in local.key_attributes[name] : attribute => "string" if !startswith(attribute, "cdc_") },
        { for column, type in coalesce(local.file_columns[name], {}) : column => type if !contains(local.wrong_columns[name], column) },
      ) : { name = column, type = type }
    ]
  }

  table_columns = {
    for name, table in var.tables : name => concat(
      [for column in local.change_columns : column if column.name != "cdc_before" || table.before == true],
      local.item_columns[name],
    )
  }
}
