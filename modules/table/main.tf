# A table, made here or there already, and the destination that streams its changes.

locals {
  # Known before the table exists, so that nothing has to be read to name it.
  arn  = "arn:${var.partition}:dynamodb:${var.region}:${var.account_id}:table/${var.name}"
  made = var.existing ? {} : { (var.name) = true }
  keys = merge({ (var.hash_key.name) = var.hash_key.type }, var.range_key == null ? {} : { (var.range_key.name) = var.range_key.type })
}

resource "aws_dynamodb_table" "this" {
  for_each = local.made

  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = var.hash_key.name
  range_key    = try(var.range_key.name, null)

  dynamic "attribute" {
    for_each = local.keys

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

resource "aws_dynamodb_kinesis_streaming_destination" "this" {
  table_name = var.existing ? var.name : aws_dynamodb_table.this[var.name].name
  stream_arn = var.stream_arn

  approximate_creation_date_time_precision = "MICROSECOND"
}
