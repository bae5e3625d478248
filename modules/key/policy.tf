locals {
  account_root = "arn:${var.account.partition}:iam::${var.account.id}:root"
  dns_suffix   = var.account.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"

  # Services in China present themselves under either suffix; nobody but AWS can set either.
  suffixes = distinct(["amazonaws.com", local.dns_suffix])
  via = [
    for pair in setproduct(sort(var.services), local.suffixes) : "${pair[0]}.${var.account.region}.${pair[1]}"
  ]
  via_s3 = [for suffix in local.suffixes : "s3.${var.account.region}.${suffix}"]

  log_group_arns = [
    for name in var.log_group_names :
    "arn:${var.account.partition}:logs:${var.account.region}:${var.account.id}:log-group:${name}"
  ]

  here = "${var.account.region}:${var.account.id}"
  # What a state machine's role encrypts for its log has the account's logs for its source, whichever log group it is.
  logs_arn = "arn:${var.account.partition}:logs:${local.here}:*"

  # By what the key encrypts: the key of the encryption context, and its values.
  contexts = merge(
    var.schedule_prefix == null ? {} : {
      Schedules = {
        test  = "StringLike"
        key   = "aws:scheduler:schedule:arn"
        value = "arn:${var.account.partition}:scheduler:${local.here}:schedule/${var.schedule_prefix}*"
      }
    },
    var.state_machine_prefix == null ? {} : {
      StateMachines = {
        test  = "StringLike"
        key   = "aws:states:stateMachineArn"
        value = "arn:${var.account.partition}:states:${local.here}:stateMachine:${var.state_machine_prefix}*"
      }
      StateMachineLogs = { test = "StringEquals", key = "SourceArn", value = local.logs_arn }
    },
  )

  writers           = { for roles in concat(sort(var.writer_roles), var.exporter_role_arns) : split(":", roles)[4] => roles... }
  writer_bucket_arn = "arn:${var.account.partition}:s3:::${coalesce(var.writer_bucket_name, "none")}"
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:A key policy is about its own key, which it cannot name; administration holds no use of the key
  #checkov:skip=CKV_AWS_111:A key policy is about its own key; its use is bound to named services or log groups by conditions
  #checkov:skip=CKV_AWS_356:In a key policy "*" means the key that it is attached to (AWS KMS documentation, "Key policies")

  # Who administers an existing key its own policy says.
  dynamic "statement" {
    for_each = local.made
    content {
      sid       = "AccountAdministersTheKey"
      resources = ["*"]
      # Listed instead of kms:*, so that the account's IAM may administer the key (and replace this policy), but whoever
      # wants to use it must come through one of the services below.
      actions = [
        "kms:CancelKeyDeletion",
        "kms:CreateAlias",
        "kms:DeleteAlias",
        "kms:DescribeKey",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:EnableKey",
        "kms:EnableKeyRotation",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListGrants",
        "kms:ListKeyPolicies",
        "kms:ListKeyRotations",
        "kms:ListResourceTags",
        "kms:PutKeyPolicy",
        "kms:RetireGrant",
        "kms:RevokeGrant",
        "kms:RotateKeyOnDemand",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateAlias",
        "kms:UpdateKeyDescription",
      ]
      principals {
        type        = "AWS"
        identifiers = [local.account_root]
      }
    }
  }

  statement {
    sid       = "AccountUsesTheKeyThroughServices"
    resources = ["*"]
    actions = [
      "kms:Decrypt",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ]
    principals {
      type        = "AWS"
      identifiers = [local.account_root]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [var.account.id]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = local.via
    }
  }

  statement {
    sid       = "ServicesHoldGrantsForTheAccount"
    resources = ["*"]
    actions   = ["kms:CreateGrant"]
    principals {
      type        = "AWS"
      identifiers = [local.account_root]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [var.account.id]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = local.via
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  # AWS documentation: "Encrypt log data in CloudWatch Logs using AWS Key Management Service".
  dynamic "statement" {
    for_each = length(local.log_group_arns) > 0 ? ["logs"] : []
    content {
      sid       = "CloudWatchLogsEncryptsOurLogGroups"
      resources = ["*"]
      actions = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ]
      principals {
        type        = "Service"
        identifiers = ["logs.${var.account.region}.${local.dns_suffix}"]
      }
      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:aws:logs:arn"
        values   = local.log_group_arns
      }
    }
  }

  # AWS Step Functions Developer Guide: "Data at rest encryption in Step Functions"; EventBridge Scheduler User Guide:
  # "Encryption at rest in EventBridge Scheduler". Whoever makes a machine or a schedule uses the key, and so do their roles.
  dynamic "statement" {
    for_each = local.contexts
    content {
      sid       = "AccountUsesTheKeyFor${statement.key}"
      resources = ["*"]
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      principals {
        type        = "AWS"
        identifiers = [local.account_root]
      }
      condition {
        test     = "StringEquals"
        variable = "kms:CallerAccount"
        values   = [var.account.id]
      }
      condition {
        test     = statement.value.test
        variable = "kms:EncryptionContext:${statement.value.key}"
        values   = [statement.value.value]
      }
    }
  }

  dynamic "statement" {
    for_each = var.state_machine_prefix == null ? [] : ["logs"]
    content {
      sid       = "LogsOfStateMachinesAreDelivered"
      resources = ["*"]
      actions   = ["kms:Decrypt"]
      principals {
        type        = "Service"
        identifiers = ["delivery.logs.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:SourceArn"
        values   = [local.logs_arn]
      }
    }
  }

  # Amazon SNS Developer Guide, "Key management", compatibility between event sources and encrypted topics: what an alarm
  # tells a topic under the key is encrypted for CloudWatch. Without this every alarm is silent.
  dynamic "statement" {
    for_each = var.alarm_prefix == null ? [] : ["alarms"]
    content {
      sid       = "OurAlarmsEncryptWhatTheyTell"
      resources = ["*"]
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
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
        values   = ["arn:${var.account.partition}:cloudwatch:${local.here}:alarm:${coalesce(var.alarm_prefix, "-")}*"]
      }
    }
  }

  # A policy cannot name a role that does not exist yet: the account is the principal, the role a condition.
  dynamic "statement" {
    for_each = local.writers
    content {
      sid       = "WritersOf${statement.key}"
      resources = ["*"]
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      principals {
        type        = "AWS"
        identifiers = ["arn:${var.account.partition}:iam::${statement.key}:root"]
      }
      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = statement.value
      }
      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = local.via_s3
      }
      # The context is the bucket's ARN where the bucket has a bucket key, else the object's.
      condition {
        test     = "StringLike"
        variable = "kms:EncryptionContext:aws:s3:arn"
        values   = [local.writer_bucket_arn, "${local.writer_bucket_arn}/*"]
      }
    }
  }
}
