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

  service = "arn:${var.account.partition}:states:::"
  query   = { Type = "Task", Resource = "${local.service}athena:startQueryExecution.sync" }

  # Every statement but ADD COLUMNS may be run again, whether it failed or was done already.
  again = [{ ErrorEquals = ["States.TaskFailed"], IntervalSeconds = 30, MaxAttempts = 2, BackoffRate = 2 }]

  # Athena User Guide, "OPTIMIZE" and "VACUUM": one statement does a limited amount, and fails while there is more to do.
  until_done = [{ ErrorEquals = ["States.TaskFailed"], IntervalSeconds = 30, MaxAttempts = 10, BackoffRate = 1 }]

  lag = {
    Type     = "Task"
    Resource = "${local.service}aws-sdk:cloudwatch:putMetricData"
    Retry    = local.again
  }
  lag_metric = {
    MetricName = "StateLag"
    Unit       = "Seconds"
    Dimensions = [{ Name = "TableName", Value = var.table_name }]
  }

  definition = {
    Comment        = "Merges the changes of ${var.table_name} into its current state"
    QueryLanguage  = "JSONata"
    StartAt        = "LookForOthers"
    TimeoutSeconds = 14400
    States = {
      LookForOthers = {
        Type     = "Task"
        Resource = "${local.service}aws-sdk:sfn:listExecutions"
        Retry    = local.again
        Arguments = {
          StateMachineArn = local.machine_arn
          StatusFilter    = "RUNNING"
        }
        Assign = {
          started = "{% $toMillis($states.context.Execution.StartTime) %}"
          others = join(" ", [
            "{% $count($states.result.Executions[ExecutionArn != $states.context.Execution.Id",
            "and $toMillis(StartDate) < $toMillis($states.context.Execution.StartTime)]) %}",
          ])
        }
        Next = "Alone"
      }
      Alone = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $others > 0 %}", Next = "AnotherIsAtWork" }]
        Default = "CreateTable"
      }
      AnotherIsAtWork = { Type = "Succeed" }

      CreateTable = merge(local.query, {
        Arguments = { QueryString = local.sql.create, WorkGroup = var.names.workgroup_name }
        Retry     = local.again
        Next      = "LookAtColumns"
      })
      LookAtColumns = {
        Type      = "Task"
        Resource  = "${local.service}aws-sdk:glue:getTable"
        Retry     = local.again
        Arguments = { DatabaseName = var.names.database_name, Name = local.sql_values.state }
        # Athena fails to add a column that is there. One that was dropped stays in the catalog, marked as not current.
        Assign = {
          new_columns = join(" ", [
            "{% ($present := $states.result.Table.StorageDescriptor.Columns[$not(Parameters.`iceberg.field.current` = 'false')].Name;",
            "$reduce(${jsonencode(local.columns)}, function($text, $column) { $column.name in $present ? $text :",
            "$text & ($text = '' ? '' : ', ') & '`' & $column.name & '` ' & $column.type }, '')) %}",
          ])
        }
        Next = "NewColumns"
      }
      NewColumns = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $new_columns != '' %}", Next = "AddColumns" }]
        Default = "FindMark"
      }
      AddColumns = merge(local.query, {
        Arguments = {
          QueryString = join("", [
            "{% 'ALTER TABLE `${var.names.database_name}`.`${local.sql_values.state}` ADD COLUMNS (' & $new_columns & ')' %}",
          ])
          WorkGroup = var.names.workgroup_name
        }
        Next = "FindMark"
      })
      FindMark = merge(local.query, {
        Arguments = { QueryString = local.sql.mark, WorkGroup = var.names.workgroup_name }
        Retry     = local.again
        Next      = "ReadMark"
      })
      ReadMark = {
        Type      = "Task"
        Resource  = "${local.service}athena:getQueryResults"
        Retry     = local.again
        Arguments = { QueryExecutionId = "{% $states.input.QueryExecution.QueryExecutionId %}" }
        # The first row has the names.
        Assign = { mark = "{% $floor($number($states.result.ResultSet.Rows[1].Data[0].VarCharValue) / 1000) %}" }
        Next   = "MergedBefore"
      }
      MergedBefore = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $mark > 0 %}", Next = "TellLagBefore" }]
        Default = "ChooseFolders"
      }
      TellLagBefore = merge(local.lag, {
        Arguments = {
          Namespace  = "DynamoToLake"
          MetricData = [merge(local.lag_metric, { Value = "{% ($started - $mark) / 1000 %}" })]
        }
        Next = "ChooseFolders"
      })
      ChooseFolders = {
        Type   = "Pass"
        Assign = { since = "{% $max([0, $mark - ${var.state.overlap_hours * 3600000}]) %}" }
        Next   = "NameFolders"
      }
      NameFolders = {
        Type = "Pass"
        Assign = {
          since_date = "{% $fromMillis($since, '[Y0001]-[M01]-[D01]') %}"
          since_hour = "{% $fromMillis($since, '[H]') %}"
          started_us = "{% $string($started) & '000' %}"
        }
        Next = "Merge"
      }
      Merge = merge(local.query, {
        Arguments = { QueryString = "{% ${local.merge_text} %}", WorkGroup = var.names.workgroup_name }
        Retry     = local.again
        Next      = "MakeView"
      })
      MakeView = merge(local.query, {
        Arguments = { QueryString = local.sql.view, WorkGroup = var.names.workgroup_name }
        Retry     = local.again
        Next      = "TellLag"
      })
      TellLag = merge(local.lag, {
        Arguments = {
          Namespace  = "DynamoToLake"
          MetricData = [merge(local.lag_metric, { Value = "{% ($millis() - $started) / 1000 %}" })]
        }
        Next = "FirstOfTheDay"
      })
      FirstOfTheDay = {
        Type = "Choice"
        Choices = [{
          Condition = "{% $substring($fromMillis($mark), 0, 10) != $substring($fromMillis($started), 0, 10) %}"
          Next      = "Optimize"
        }]
        Default = "Done"
      }
      Optimize = merge(local.query, {
        Arguments = { QueryString = local.sql.optimize, WorkGroup = var.names.workgroup_name }
        Retry     = local.until_done
        Next      = "Vacuum"
      })
      Vacuum = merge(local.query, {
        Arguments = { QueryString = local.sql.vacuum, WorkGroup = var.names.workgroup_name }
        Retry     = local.until_done
        Next      = "Done"
      })
      Done = { Type = "Succeed" }
    }
  }
}
