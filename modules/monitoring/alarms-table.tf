locals {
  # What DynamoDB tells has a second dimension, DelegatedOperation, whose value AWS publishes nowhere, and an alarm with
  # a wrong dimension is silent for ever. A query needs none. Amazon CloudWatch User Guide, "Create a CloudWatch alarm
  # based on a Metrics Insights query". Metrics and statistics: "Recommended alarms", DynamoDB.
  dynamodb_query = {
    for name in keys(local.tables) : name =>
    "SELECT %s(%s) FROM SCHEMA(\"AWS/DynamoDB\", TableName, DelegatedOperation) WHERE TableName = '${name}'"
  }

  table_alarms = merge([
    for name, table in local.watched : {
      "${table.prefix}changes-lost" = {
        table      = name
        at_risk    = true
        label      = "Changes that DynamoDB gave up"
        metrics    = {}
        expression = format(local.dynamodb_query[name], "SUM", "FailedToReplicateRecordCount")
        period     = 60
        periods    = 1
        comparison = "GreaterThanThreshold"
        threshold  = 0
        missing    = "notBreaching"
        description = join(" ", [
          "Changes of ${name} did not get into the data stream: as records they were larger than it takes.",
          "They are lost already; the items themselves are in the table.",
          "First: ${table.reconcile}. More: ${local.runbook}#changes-lost",
        ])
      }
      "${table.prefix}changes-held" = {
        table      = name
        at_risk    = true
        label      = "Age of the oldest change that is not in the stream (ms)"
        metrics    = {}
        expression = format(local.dynamodb_query[name], "MAX", "AgeOfOldestUnreplicatedRecord")
        period     = 300
        periods    = 3
        comparison = "GreaterThanThreshold"
        threshold  = 300000
        missing    = "notBreaching"
        description = join(" ", [
          "DynamoDB cannot put changes of ${name} into the data stream.",
          "AWS does not say how long it tries: act within hours.",
          "First: aws dynamodb describe-kinesis-streaming-destination --table-name ${name}.",
          "More: ${local.runbook}#changes-held",
        ])
      }
      "${table.prefix}changes-throttled" = {
        table      = name
        at_risk    = false
        label      = "Changes that the stream refused for want of room"
        metrics    = {}
        expression = format(local.dynamodb_query[name], "MAX", "ThrottledPutRecordCount")
        period     = 60
        periods    = 10
        comparison = "GreaterThanThreshold"
        threshold  = 0
        missing    = "notBreaching"
        description = join(" ", [
          "The data stream has too little room for the changes of ${name}: DynamoDB tries them again.",
          "They are late and not lost.",
          "First: aws kinesis describe-stream-summary --stream-name ${table.stream.StreamName}.",
          "More: ${local.runbook}#changes-throttled",
        ])
      }
    }
  ]...)
}
