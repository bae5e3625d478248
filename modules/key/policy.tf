locals {
  arn_prefix = "arn:${var.partition}"
  account    = "${local.arn_prefix}:iam::${var.account_id}:root"
}

# A key policy's resource is always "*": it stands for the key that the policy is attached to.
data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:A key policy must leave administration of the key to the account, or nobody can change it again
  #checkov:skip=CKV_AWS_111:As above; the resource of a key policy can only be the key itself, written "*"
  #checkov:skip=CKV_AWS_356:As above; the resource of a key policy can only be the key itself, written "*"
  statement {
    sid       = "AccountAdministersKeyThroughIam"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.account]
    }
  }

  statement {
    sid       = "AccountUsesKeyThroughServices"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.account]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = local.via_services
    }
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [var.account_id]
    }
  }

  statement {
    sid       = "ServicesHoldGrantsForTheAccount"
    actions   = ["kms:CreateGrant"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.account]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = local.via_services
    }
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [var.account_id]
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  statement {
    sid       = "LogGroupsAreEncrypted"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = [for name in var.log_group_names : "${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:${name}"]
    }
  }

  dynamic "statement" {
    for_each = var.writers

    content {
      sid       = "Writer${statement.key}"
      actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
      resources = ["*"]

      # The account's root with a condition, because a policy that names a role which does not exist yet is rejected.
      principals {
        type        = "AWS"
        identifiers = ["${local.arn_prefix}:iam::${split(":", statement.value)[4]}:root"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = [statement.value]
      }
      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.region}.amazonaws.com"]
      }
    }
  }
}

locals {
  via_services = [for service in ["dynamodb", "firehose", "kinesis", "lambda", "s3"] : "${service}.${var.region}.amazonaws.com"]
}
