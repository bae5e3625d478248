locals {
  # Amazon Athena User Guide, "OPTIMIZE" and "VACUUM": one statement does a limited amount, and fails while there is more.
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

  # What is done while the lease is held.
  merge_states = {
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
      Default = "Merged"
    }
    Optimize = merge(local.query, {
      Arguments = { QueryString = local.sql.optimize, WorkGroup = var.names.workgroup_name }
      Retry     = local.until_done
      Next      = "Vacuum"
    })
    Vacuum = merge(local.query, {
      Arguments = { QueryString = local.sql.vacuum, WorkGroup = var.names.workgroup_name }
      Retry     = local.until_done
      Next      = "Merged"
    })
    Merged = { Type = "Succeed" }
  }
}
