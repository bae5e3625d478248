locals {
  queries = {
    changes-of-a-key = "Every change of one item; the parameter is its cdc_key"
    as-of            = "The items as they were at an instant, which both parameters are: '2026-01-31 12:00:00' in UTC"
    deleted          = "The items that are gone, since when, and whether Time to Live removed them"
    changes-an-hour  = "How many changes came each hour from a day on, the parameter: '2026-01-31'"
    failures         = "What could not be understood from a day on, the parameter, by its reason"
    small-objects    = "Hours from a day on, the parameter, whose objects are small and slow to read"
  }
  table_queries = merge([
    for name in keys(var.tables) : {
      for query, description in local.queries : "${name}/${query}" => {
        table       = name
        query       = query
        description = description
      }
    }
  ]...)
}

# Queries say neither where their results go nor how they are encrypted: the workgroup does.
resource "aws_athena_workgroup" "this" {
  name        = var.names.workgroup_name
  description = "Queries of the lake ${var.bucket_name}"

  # A workgroup holds the history of its queries, and would not go while it has any.
  force_destroy = true

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.catalog.scan_limit_mib * 1048576

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location       = "${local.bucket}/${var.names.results_prefix}"
      expected_bucket_owner = var.account.id

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = var.kms_key_arn
      }
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = local.table_queries

  # Athena API: "NamedQuery": a name has at most 128 characters.
  name        = substr("${each.value.query}: ${each.value.table}", 0, 128)
  description = each.value.description
  database    = aws_glue_catalog_database.this.name
  workgroup   = aws_athena_workgroup.this.id

  query = templatefile("${path.module}/sql/queries/${each.value.query}.sql.tftpl", {
    database = var.names.database_name
    table    = var.names.tables[each.value.table].catalog_table
  })
}
