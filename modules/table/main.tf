locals {
  attributes = merge(
    { (var.key.hash_key) = var.key.hash_key_type },
    var.key.range_key == null ? {} : { (coalesce(var.key.range_key, "-")) = var.key.range_key_type },
  )
}

resource "aws_dynamodb_table" "this" {
  for_each = var.existing ? toset([]) : toset([var.name])

  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = var.key.hash_key
  range_key    = var.key.range_key

  deletion_protection_enabled = true

  dynamic "attribute" {
    for_each = local.attributes
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

# Replacing this resource switches the destination off and on again, and changes made in between are never delivered.
# The precision is therefore chosen when it is made and left alone after: records say their own.
resource "aws_dynamodb_kinesis_streaming_destination" "this" {
  table_name                               = var.existing ? var.name : aws_dynamodb_table.this[var.name].name
  stream_arn                               = var.stream_arn
  approximate_creation_date_time_precision = "MICROSECOND"

  lifecycle {
    ignore_changes = [approximate_creation_date_time_precision]
  }
}
