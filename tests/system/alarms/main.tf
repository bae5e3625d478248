# Alarms of every kind, as modules write them: what is applied here must be told back as it was set.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

locals {
  tags = { Team = "lake", Empty = "" }
}

data "aws_iam_policy_document" "topic" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic" "alarms" {
  name = "lake-alarms"
  tags = local.tags
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_cloudwatch_metric_alarm" "freshness" {
  alarm_name                = "lake-freshness"
  alarm_description         = "Delivery to S3 is <late> & must be looked at: \"see\" the page"
  namespace                 = "AWS/Firehose"
  metric_name               = "DeliveryToS3.DataFreshness"
  dimensions                = { DeliveryStreamName = "orders-delivery-stream" }
  statistic                 = "Maximum"
  unit                      = "Seconds"
  period                    = 300
  evaluation_periods        = 5
  datapoints_to_alarm       = 3
  threshold                 = 1020.5
  comparison_operator       = "GreaterThanThreshold"
  treat_missing_data        = "notBreaching"
  alarm_actions             = [aws_sns_topic.alarms.arn]
  ok_actions                = [aws_sns_topic.alarms.arn]
  insufficient_data_actions = [aws_sns_topic.alarms.arn]
  tags                      = local.tags
}

resource "aws_cloudwatch_metric_alarm" "duration" {
  alarm_name                            = "lake-duration"
  namespace                             = "AWS/Lambda"
  metric_name                           = "Duration"
  dimensions                            = { FunctionName = "lake-transform", Resource = "lake-transform:live" }
  extended_statistic                    = "p90"
  evaluate_low_sample_count_percentiles = "ignore"
  period                                = 60
  evaluation_periods                    = 15
  threshold                             = 45000
  comparison_operator                   = "GreaterThanOrEqualToThreshold"
  actions_enabled                       = false
}

resource "aws_cloudwatch_metric_alarm" "silence" {
  alarm_name          = "lake-silence"
  evaluation_periods  = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "ignore"

  metric_query {
    id          = "silent"
    label       = "Read and not delivered"
    expression  = "IF(FILL(read, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)"
    return_data = true
  }

  metric_query {
    id = "read"

    metric {
      namespace   = "AWS/Firehose"
      metric_name = "DataReadFromKinesisStream.Records"
      dimensions  = { DeliveryStreamName = "orders-delivery-stream" }
      period      = 300
      stat        = "Sum"
      unit        = "Count"
    }
  }

  metric_query {
    id = "delivered"

    metric {
      namespace   = "AWS/Firehose"
      metric_name = "DeliveryToS3.Records"
      dimensions  = { DeliveryStreamName = "orders-delivery-stream" }
      period      = 300
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "lake" {
  alarm_name        = "lake"
  alarm_description = "Any of the lake's alarms"
  alarm_rule = join(" OR ", [
    for alarm in [aws_cloudwatch_metric_alarm.freshness, aws_cloudwatch_metric_alarm.silence] :
    "ALARM(\"${alarm.alarm_name}\")"
  ])
  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
  tags          = local.tags

  actions_suppressor {
    alarm            = aws_cloudwatch_metric_alarm.duration.alarm_name
    extension_period = 10
    wait_period      = 20
  }
}

resource "aws_cloudwatch_dashboard" "lake" {
  dashboard_name = "lake"
  dashboard_body = jsonencode({
    widgets = [
      {
        type       = "metric"
        x          = 0
        y          = 0
        width      = 12
        height     = 6
        properties = { title = "Freshness <s>", region = "us-east-1", metrics = [["AWS/Firehose", "DeliveryToS3.DataFreshness"]] }
      }
    ]
  })
}
