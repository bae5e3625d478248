locals {
  own_topic = toset([for name in [var.names.topic_name] : name if var.monitoring.topic_arn == null])
}

resource "aws_sns_topic" "this" {
  for_each = local.own_topic

  name              = var.names.topic_name
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.own_topic

  arn    = aws_sns_topic.this[each.key].arn
  policy = data.aws_iam_policy_document.topic.json
}

# Amazon SNS Developer Guide, "Example cases for Amazon SNS access control": alarms of this deployment may publish, and
# whom IAM of the account lets.
data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "OurAlarmsPublish"
    actions   = ["sns:Publish"]
    resources = ["arn:${var.account.partition}:sns:${local.here}:${var.names.topic_name}"]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${var.account.partition}:cloudwatch:${local.here}:alarm:${var.names.alarm_prefix}*"]
    }
  }
}

# Who has the address confirms it by a link in the first message: until then nothing is sent to it.
resource "aws_sns_topic_subscription" "email" {
  count = var.monitoring.email == null ? 0 : 1

  topic_arn = local.topic_arn
  protocol  = "email"
  endpoint  = var.monitoring.email
}
