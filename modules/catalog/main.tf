locals {
  bucket = "s3://${var.bucket_name}"

  serdes = {
    hive  = "org.apache.hive.hcatalog.data.JsonSerDe"
    openx = "org.openx.data.jsonserde.JsonSerDe"
  }

  # What Firehose writes of a record that failed. Amazon Data Firehose Developer Guide: "Handle failure in data
  # transformation". Of tables with rules the record itself is left out: it would lie among the results of queries.
  failure_columns = [
    { name = "attemptsmade", type = "int" },
    { name = "arrivaltimestamp", type = "bigint" },
    { name = "errorcode", type = "string" },
    { name = "errormessage", type = "string" },
    { name = "attemptendingtimestamp", type = "bigint" },
    { name = "lambdaarn", type = "string" },
    { name = "rawdata", type = "string" },
  ]

  since = coalesce(var.catalog.since, terraform_data.first_deploy.input)

  # Amazon Athena User Guide: "Supported types for partition projection".
  projection = {
    "projection.enabled"                = "true"
    "projection.cdc_date.type"          = "date"
    "projection.cdc_date.format"        = "yyyy-MM-dd"
    "projection.cdc_date.range"         = "${local.since},NOW"
    "projection.cdc_date.interval"      = "1"
    "projection.cdc_date.interval.unit" = "DAYS"
    "projection.cdc_hour.type"          = "integer"
    "projection.cdc_hour.range"         = "0,23"
    "projection.cdc_hour.digits"        = "2"
  }
  partitions = "cdc_date=$${cdc_date}/cdc_hour=$${cdc_hour}/"
}

# The day of the first deploy, which later ones leave alone.
resource "terraform_data" "first_deploy" {
  input = formatdate("YYYY-MM-DD", plantimestamp())

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_glue_catalog_database" "this" {
  name        = var.names.database_name
  description = "Changes of DynamoDB tables, and views of what they come to"
}

resource "aws_glue_catalog_table" "this" {
  for_each = var.tables

  database_name = aws_glue_catalog_database.this.name
  name          = var.names.tables[each.key].catalog_table
  description   = "Every change of ${each.key}, as it was delivered"
  table_type    = "EXTERNAL_TABLE"

  parameters = merge(local.projection, {
    EXTERNAL                    = "TRUE"
    classification              = "json"
    "storage.location.template" = "${local.bucket}/${var.names.tables[each.key].data_prefix}${local.partitions}"
  })

  partition_keys {
    name = "cdc_date"
    type = "string"
  }

  partition_keys {
    name = "cdc_hour"
    type = "int"
  }

  storage_descriptor {
    location      = "${local.bucket}/${var.names.tables[each.key].data_prefix}"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = local.serdes[var.catalog.serde]
    }

    dynamic "columns" {
      for_each = local.table_columns[each.key]
      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }

  lifecycle {
    precondition {
      condition = local.file_columns[each.key] != null
      error_message = join("", [
        "${local.column_files[each.key]}: not one flat JSON object of column names and types, such as ",
        "{\"name\": \"string\", \"price\": \"decimal(38,2)\"}.",
      ])
    }
    precondition {
      condition = length(local.wrong_columns[each.key]) == 0
      error_message = join("", [
        "${local.column_files[each.key]}: no column can be called ${join(", ", local.wrong_columns[each.key])}: ",
        "use a-z, 0-9 and \"_\", a letter first, at most 255 characters, and no name that starts with \"cdc_\".",
      ])
    }
    precondition {
      condition = length(local.wrong_types[each.key]) == 0
      error_message = join("", [
        "${local.column_files[each.key]}: no type of ours is ${join("; ", local.wrong_types[each.key])}: use string, ",
        "boolean, bigint, double, decimal(p,s) with s <= p <= 38, or array<...> of these. Cast text to dates in the query.",
      ])
    }
  }
}

resource "aws_glue_catalog_table" "failed" {
  for_each = var.tables

  database_name = aws_glue_catalog_database.this.name
  name          = "${var.names.tables[each.key].catalog_table}_failed"
  description   = "Changes of ${each.key} that could not be understood, and why"
  table_type    = "EXTERNAL_TABLE"

  parameters = merge(local.projection, {
    EXTERNAL                       = "TRUE"
    classification                 = "json"
    "projection.error_type.type"   = "enum"
    "projection.error_type.values" = "processing-failed"
    "storage.location.template"    = "${local.bucket}/${var.names.tables[each.key].error_prefix}$${error_type}/${local.partitions}"
  })

  partition_keys {
    name = "error_type"
    type = "string"
  }

  partition_keys {
    name = "cdc_date"
    type = "string"
  }

  partition_keys {
    name = "cdc_hour"
    type = "int"
  }

  storage_descriptor {
    location      = "${local.bucket}/${var.names.tables[each.key].error_prefix}"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = local.serdes[var.catalog.serde]
    }

    dynamic "columns" {
      for_each = [
        for column in local.failure_columns : column
        if column.name != "rawdata" || length(each.value.rules) == 0
      ]
      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }
}
