locals {
  # Amazon Data Firehose Developer Guide, "Monitor Amazon Data Firehose with CloudWatch metrics"; what is in the
  # namespace DynamoToLake our function tells, by `lambda/lake_transform/report.py`.
  delivery_alarms = merge([
    for name, table in local.watched : {
      for key, alarm in {
        "delivery-behind" = {
          at_risk    = true
          metrics    = { behind = ["AWS/Firehose", "KinesisMillisBehindLatest", "Maximum"] }
          expression = null
          label      = null
          period     = 60
          periods    = 5
          comparison = "GreaterThanThreshold"
          threshold  = local.late_milliseconds
          meaning = join(" ", [
            "Firehose reads the data stream of ${name} more than ${var.monitoring.late_minutes} minutes late,",
            "or cannot read it.",
            "What it has not read ${table.hours} hours after the change is lost.",
          ])
          first = table.status
        }
        "delivery-late" = {
          at_risk    = true
          metrics    = { age = ["AWS/Firehose", "DeliveryToS3.DataFreshness", "Maximum"] }
          expression = null
          label      = null
          period     = 60
          periods    = 5
          comparison = "GreaterThanThreshold"
          threshold  = table.late_after
          meaning = join(" ", [
            "Changes of ${name} wait in Firehose ${var.monitoring.late_minutes} minutes longer than its buffers",
            "explain: it cannot write to the bucket, or waits for the function.",
            "They are lost when they expire in the data stream, ${table.hours} hours after the change.",
          ])
          first = table.status
        }
        # A period is longer than a healthy change takes: what comes in at its end is delivered in the next one, so that
        # two in a row are silent only where nothing is delivered.
        "delivery-silent" = {
          at_risk = true
          metrics = {
            incoming  = ["AWS/Kinesis", "IncomingRecords", "Sum"]
            delivered = ["AWS/Firehose", "DeliveryToS3.Records", "Sum"]
          }
          expression = "IF(FILL(incoming, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)"
          label      = "Changes come in, and none is delivered"
          period     = ceil(table.late_after / 60) * 60
          periods    = 2
          comparison = "GreaterThanThreshold"
          threshold  = 0
          meaning = join(" ", [
            "Changes of ${name} come into the data stream, and none reaches the lake.",
            "They are lost ${table.hours} hours after the change.",
          ])
          first = table.status
        }
        "delivery-throttled" = {
          at_risk = false
          metrics = {
            records   = ["AWS/Firehose", "ThrottledGetRecords", "Sum"]
            iterators = ["AWS/Firehose", "ThrottledGetShardIterator", "Sum"]
            streams   = ["AWS/Firehose", "ThrottledDescribeStream", "Sum"]
          }
          expression = "FILL(records, 0) + FILL(iterators, 0) + FILL(streams, 0)"
          label      = "Calls of Firehose that Kinesis refused"
          period     = 60
          periods    = 5
          comparison = "GreaterThanThreshold"
          threshold  = 0
          meaning = join(" ", [
            "Kinesis refuses Firehose's calls for ${name}: another reader uses up the stream's limits.",
            "Changes are late and not lost.",
          ])
          first = "aws kinesis describe-stream-summary --stream-name ${table.stream.StreamName}"
        }
        "transform-failing" = {
          at_risk    = false
          metrics    = { success = ["AWS/Firehose", "ExecuteProcessing.Success", "Average"] }
          expression = null
          label      = null
          period     = 60
          periods    = 3
          comparison = "LessThanThreshold"
          threshold  = 1
          meaning = join(" ", [
            "Calls of the function for ${name} fail. Firehose repeats each; what fails to the last lies as it came",
            "under errors/${name}/processing-failed/ and is not in the lake. It is kept, and can be put in later.",
          ])
          first = table.failed
        }
        "transform-slow" = {
          at_risk    = false
          metrics    = { duration = ["AWS/Firehose", "ExecuteProcessing.Duration", "Maximum"] }
          expression = null
          label      = null
          period     = 60
          periods    = 3
          comparison = "GreaterThanThreshold"
          threshold  = 0.8 * local.timeout_milliseconds
          meaning = join(" ", [
            "Calls of the function for ${name} take more than 80 % of its timeout.",
            "Calls that take longer fail; nothing is late yet.",
          ])
          first = local.function_log
        }
        "records-failed" = {
          at_risk    = false
          metrics    = { failed = ["DynamoToLake", "RecordsFailed", "Sum"] }
          expression = null
          label      = null
          period     = 60
          periods    = 1
          comparison = "GreaterThanThreshold"
          threshold  = 0
          meaning = join(" ", [
            "Records of ${name} could not be flattened. They lie as they came under errors/${name}/processing-failed/",
            "and are not in the lake. They are kept, and can be put in later.",
          ])
          first = table.failed
        }
        "records-too-large" = {
          at_risk    = false
          metrics    = { over = ["DynamoToLake", "RecordsOverResponseLimit", "Sum"] }
          expression = null
          label      = null
          period     = 60
          periods    = 1
          comparison = "GreaterThanThreshold"
          threshold  = 0
          meaning = join(" ", [
            "Records of ${name} did not fit into the answer of the function. They lie as they came under",
            "errors/${name}/processing-failed/ and are not in the lake. They are kept, and can be put in later.",
          ])
          first = table.failed
        }
        } : "${table.prefix}${key}" => {
        table      = name
        at_risk    = alarm.at_risk
        label      = alarm.label
        expression = alarm.expression
        metrics = {
          for id, metric in alarm.metrics : id => {
            namespace  = metric[0]
            name       = metric[1]
            statistic  = metric[2]
            dimensions = local.delivery_dimensions[metric[0]][name]
          }
        }
        period      = alarm.period
        periods     = alarm.periods
        comparison  = alarm.comparison
        threshold   = alarm.threshold
        missing     = "notBreaching"
        description = "${alarm.meaning} First: ${alarm.first}. More: ${local.runbook}#${key}"
      }
    }
  ]...)

  # By namespace and table.
  delivery_dimensions = {
    "AWS/Firehose" = { for name, table in local.watched : name => table.delivery }
    "AWS/Kinesis"  = { for name, table in local.watched : name => table.stream }
    DynamoToLake = {
      for name, table in local.watched : name => { DeliveryStream = table.delivery.DeliveryStreamName }
    }
  }
}
