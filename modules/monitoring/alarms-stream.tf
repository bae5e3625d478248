locals {
  # Amazon Kinesis Data Streams Developer Guide, "Monitor the Amazon Kinesis Data Streams service with Amazon
  # CloudWatch". A shard takes 1 MiB a second: the same guide, "Quotas and limits".
  shard_bytes = 1024 * 1024

  stream_alarms = merge(
    merge([
      for name, table in local.watched : {
        for key, alarm in {
          "stream-read-late" = {
            share   = 0.25
            at_risk = false
            meaning = "Something that reads the data stream of ${name} is a quarter of the stream's retention behind"
          }
          "stream-nearly-expired" = {
            share   = 0.5
            at_risk = true
            meaning = "Something that reads the data stream of ${name} is half of the stream's retention behind"
          }
          } : "${table.prefix}${key}" => {
          table      = name
          at_risk    = alarm.at_risk
          label      = null
          expression = null
          metrics = { age = {
            namespace  = "AWS/Kinesis"
            name       = "GetRecords.IteratorAgeMilliseconds"
            dimensions = table.stream
            statistic  = "Maximum"
          } }
          period     = 60
          periods    = var.monitoring.late_minutes
          comparison = "GreaterThanThreshold"
          threshold  = table.retention * alarm.share
          missing    = "notBreaching"
          description = join(" ", [
            "${alarm.meaning}: a record that is not read within ${table.hours} hours is lost.",
            "That is in ${table.hours * (1 - alarm.share)} hours, if it reads nothing from now on.",
            "First: ${table.status}. More: ${local.runbook}#${key}",
          ])
        }
      }
    ]...),
    merge([
      for name, table in local.watched : {
        for key, alarm in {
          "stream-write-refused" = {
            metric = "WriteProvisionedThroughputExceeded"
            meaning = join(" ", [
              "The data stream of ${name} refuses records for want of room: DynamoDB tries them again.",
              "They are late and not lost.",
            ])
          }
          "stream-read-refused" = {
            metric = "ReadProvisionedThroughputExceeded"
            meaning = join(" ", [
              "The data stream of ${name} is read more often than it allows, by Firehose or by another reader.",
              "Changes are late and not lost.",
            ])
          }
          } : "${table.prefix}${key}" => {
          table      = name
          at_risk    = false
          label      = null
          expression = null
          metrics = { refused = {
            namespace  = "AWS/Kinesis"
            name       = alarm.metric
            dimensions = table.stream
            statistic  = "Average"
          } }
          period     = 60
          periods    = 5
          comparison = "GreaterThanThreshold"
          threshold  = 0.01
          missing    = "notBreaching"
          description = join(" ", [
            alarm.meaning,
            "First: aws kinesis describe-stream-summary --stream-name ${table.stream.StreamName}.",
            "More: ${local.runbook}#${key}",
          ])
        }
      }
    ]...),
    {
      for name, table in local.watched : "${table.prefix}stream-nearly-full" => {
        table      = name
        at_risk    = false
        label      = null
        expression = null
        metrics = { bytes = {
          namespace  = "AWS/Kinesis"
          name       = "IncomingBytes"
          dimensions = table.stream
          statistic  = "Sum"
        } }
        period     = 60
        periods    = 15
        comparison = "GreaterThanThreshold"
        threshold  = 0.8 * coalesce(table.shards, 1) * local.shard_bytes * 60
        missing    = "notBreaching"
        description = join(" ", [
          "More than 80 % of what the ${coalesce(table.shards, 1)} shards of the data stream of ${name} take comes in.",
          "Nothing is late yet.",
          "First: aws kinesis describe-stream-summary --stream-name ${table.stream.StreamName}.",
          "More: ${local.runbook}#stream-nearly-full",
        ])
      } if table.shards != null
    },
  )
}
