locals {
  partition_columns = [{ name = "cdc_date", type = "string" }, { name = "cdc_hour", type = "int" }]

  # Columns of the history's own; an item's column of such a name is called "item_..." there.
  history_columns = [
    { name = "cdc_key", type = "string" },
    { name = "valid_from", type = "string" },
    { name = "valid_to", type = "string" },
    { name = "is_current", type = "boolean" },
    { name = "is_deleted", type = "boolean" },
    { name = "valid_from_us", type = "bigint" },
    { name = "valid_to_us", type = "bigint" },
    { name = "cdc_event", type = "string" },
    { name = "cdc_event_id", type = "string" },
    { name = "cdc_sequence_number", type = "string" },
    { name = "cdc_ttl", type = "boolean" },
    { name = "cdc_overflow", type = "string" },
  ]
  history_own = ["valid_from", "valid_to", "is_current", "is_deleted", "valid_from_us", "valid_to_us"]
  history_items = {
    for table, columns in local.item_columns : table => [
      for column in columns : merge(column, {
        from = column.name
        name = contains(local.history_own, column.name) ? "item_${column.name}" : column.name
      })
    ]
  }

  current_columns = [
    { name = "cdc_key", type = "string" },
    { name = "cdc_changed_at", type = "string" },
    { name = "cdc_changed_at_us", type = "bigint" },
    { name = "cdc_overflow", type = "string" },
  ]

  changes_sql = {
    for name in keys(var.tables) : name => templatefile("${path.module}/sql/changes.sql.tftpl", {
      database = var.names.database_name
      table    = var.names.tables[name].catalog_table
      columns  = concat(local.table_columns[name], local.partition_columns)[*].name
    })
  }

  views = merge([
    for name in keys(var.tables) : {
      "${name}/changes" = {
        table       = name
        description = "Every change of ${name} once"
        columns     = concat(local.table_columns[name], local.partition_columns)
        sql         = local.changes_sql[name]
      }
      "${name}/current" = {
        table       = name
        description = "The items of ${name} as they are now"
        columns     = concat(local.current_columns, local.item_columns[name])
        sql = templatefile("${path.module}/sql/current.sql.tftpl", {
          changes = indent(2, local.changes_sql[name])
          columns = concat(local.current_columns, local.item_columns[name])[*].name
        })
      }
      "${name}/history" = {
        table       = name
        description = "The items of ${name} as they were, and when"
        columns     = concat(local.history_columns, local.history_items[name])
        sql = templatefile("${path.module}/sql/history.sql.tftpl", {
          changes = indent(2, local.changes_sql[name])
          items   = local.history_items[name]
        })
      }
    }
  ]...)
}

resource "aws_glue_catalog_table" "view" {
  for_each = local.views

  database_name = aws_glue_catalog_database.this.name
  name          = "${var.names.tables[each.value.table].catalog_table}_${split("/", each.key)[1]}"
  description   = each.value.description
  table_type    = "VIRTUAL_VIEW"
  parameters    = { presto_view = "true" }

  # What Athena itself stores of a view: JSON, with the types that it has in queries.
  view_original_text = format("/* Presto View: %s */", base64encode(jsonencode({
    originalSql = each.value.sql
    catalog     = "awsdatacatalog"
    schema      = aws_glue_catalog_database.this.name
    columns = [
      for column in each.value.columns : {
        name = column.name
        type = replace(replace(replace(replace(
          column.type, "string", "varchar"), "/\\bint\\b/", "integer"), "<", "("), ">", ")",
        )
      }
    ]
  })))
  view_expanded_text = "/* Presto View */"

  storage_descriptor {
    dynamic "columns" {
      for_each = each.value.columns
      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }

  lifecycle {
    precondition {
      condition = length(each.value.columns) == length(distinct(each.value.columns[*].name))
      error_message = join("", [
        "${local.column_files[each.value.table]}: the view ${split("/", each.key)[1]} would have two columns of one name: ",
        "an item's ${join(", ", local.history_own)} is called item_... there; leave one of the two out.",
      ])
    }
  }
}
