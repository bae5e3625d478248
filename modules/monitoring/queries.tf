locals {
  # Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax". What the function writes:
  # `lambda/lake_transform/report.py`.
  function_queries = {
    "failed-records" = {
      groups = [local.function_log_group]
      query  = <<-EOT
        fields @timestamp, DeliveryStream, RecordsFailed, RecordsOverResponseLimit, failures
        | filter RecordsFailed > 0
        | sort @timestamp desc
        | limit 200
      EOT
    }
    "slowest-batches" = {
      groups = [local.function_log_group]
      query  = <<-EOT
        fields @timestamp, DeliveryStream, milliseconds, bytesReceived, bytesAnswered, RecordsOk
        | filter message = "batch transformed"
        | sort milliseconds desc
        | limit 50
      EOT
    }
    "function-errors" = {
      groups = [local.function_log_group]
      query  = <<-EOT
        fields @timestamp, @message
        | filter @message like /Task timed out|errorMessage|Traceback|Runtime exited/
        | sort @timestamp desc
        | limit 100
      EOT
    }
    "records-by-table" = {
      groups = [local.function_log_group]
      query  = <<-EOT
        filter message = "batch transformed"
        | stats sum(RecordsOk), sum(RecordsFailed), sum(RecordsDropped) by DeliveryStream, bin(1h)
      EOT
    }
    "delivery-errors" = {
      groups = [
        for name in sort(keys(local.tables)) :
        "/aws/kinesisfirehose/${var.names.tables[name].delivery_stream_name}"
      ]
      query = <<-EOT
        fields @timestamp, @log, @message
        | sort @timestamp desc
        | limit 100
      EOT
    }
  }
  state_queries = {
    "failed-merges" = {
      groups = [for name in sort(keys(var.states)) : var.states[name].log_group_name]
      query  = <<-EOT
        fields @timestamp, @log, type, execution_arn, details.cause
        | filter type like /Failed|TimedOut|Aborted/
        | sort @timestamp desc
        | limit 100
      EOT
    }
  }

  # CloudWatch Logs API Reference, "StartQuery": a query reads at most 50 log groups.
  queries = merge([
    for name, query in merge(
      { for name, query in local.function_queries : name => query if var.pipeline != null },
      { for name, query in local.state_queries : name => query if length(var.states) > 0 },
    ) :
    {
      for page, groups in chunklist(query.groups, 50) :
      page == 0 ? name : "${name}-${page + 1}" => { groups = groups, query = query.query }
    }
  ]...)
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.names.alarm_prefix}${each.key}"
  log_group_names = each.value.groups
  query_string    = each.value.query
}
