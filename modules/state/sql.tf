locals {
  # The columns of a change that order it and say what it was, as `lambda/lake_transform/metadata.py` names them. What an
  # item is called and where its change came from are in the table of changes.
  own_columns = [
    { name = "cdc_key", type = "string" },
    { name = "cdc_event", type = "string" },
    { name = "cdc_event_id", type = "string" },
    { name = "cdc_changed_at", type = "string" },
    { name = "cdc_changed_at_us", type = "bigint" },
    { name = "cdc_sequence_number", type = "string" },
    { name = "cdc_ttl", type = "boolean" },
  ]
  # Of a removed item these are null.
  value_columns = concat([{ name = "cdc_overflow", type = "string" }], var.item_columns)
  columns       = concat(local.own_columns, local.value_columns)

  sql_values = {
    database = var.names.database_name
    table    = local.table.catalog_table
    state    = "${local.table.catalog_table}_state"
  }
  sql = {
    create = templatefile("${path.module}/sql/create.sql.tftpl", merge(local.sql_values, {
      columns  = local.columns
      location = "s3://${var.bucket_name}/${local.table.state_prefix}"
    }))
    mark = templatefile("${path.module}/sql/mark.sql.tftpl", local.sql_values)
    merge = templatefile("${path.module}/sql/merge.sql.tftpl", merge(local.sql_values, {
      columns = local.columns[*].name
      values  = local.value_columns[*].name
    }))
    view = templatefile("${path.module}/sql/view.sql.tftpl", merge(local.sql_values, {
      columns = concat(["cdc_key", "cdc_changed_at", "cdc_changed_at_us"], local.value_columns[*].name)
    }))
    optimize = templatefile("${path.module}/sql/optimize.sql.tftpl", local.sql_values)
    vacuum   = templatefile("${path.module}/sql/vacuum.sql.tftpl", local.sql_values)
  }

  # A text of JSONata is a text of JSON; `@name@` in the template is the variable `$name`.
  merge_text = replace(jsonencode(local.sql.merge), "/@([a-z_]+)@/", "\" & $$$1 & \"")
}
