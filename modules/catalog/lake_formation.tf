locals {
  governed = var.catalog.lake_formation == null ? toset([]) : toset(["this"])
  readers  = var.catalog.lake_formation == null ? [] : tolist(var.catalog.lake_formation.readers)
  excluded = var.catalog.lake_formation == null ? {} : {
    for name, columns in var.catalog.lake_formation.excluded_columns : name => sort(columns) if length(columns) > 0
  }

  # What a reader sees as a whole, by its name in the catalog. A view names every column of its table, and fails for
  # whoever may not see one: without views the filtered table is what is left.
  whole = flatten([
    for name in keys(var.tables) : [
      for suffix in ["", "_changes", "_current", "_history"] : "${var.names.tables[name].catalog_table}${suffix}"
    ] if !contains(keys(local.excluded), name)
  ])
  filtered = [for name in keys(var.tables) : name if contains(keys(local.excluded), name)]

  granted = {
    for pair in setproduct(local.readers, local.whole) : "${pair[0]}/${pair[1]}" => { reader = pair[0], table = pair[1] }
  }
  granted_cells = {
    for pair in setproduct(local.readers, local.filtered) : "${pair[0]}/${pair[1]}" => { reader = pair[0], table = pair[1] }
  }
  opted_in = {
    for pair in setproduct(local.readers, concat(local.whole, [for name in local.filtered : var.names.tables[name].catalog_table])) :
    "${pair[0]}/${pair[1]}" => { reader = pair[0], table = pair[1] }
  }
}

# In hybrid access mode only principals that are opted in come under Lake Formation; IAM decides for all others, and for
# what writes. AWS Lake Formation Developer Guide: "Hybrid access mode".
resource "aws_lakeformation_resource" "this" {
  for_each = local.governed

  arn                   = "${local.bucket_arn}/data"
  role_arn              = aws_iam_role.lake_formation[each.value].arn
  hybrid_access_enabled = true

  depends_on = [aws_iam_role_policy.lake_formation]

  lifecycle {
    precondition {
      condition = alltrue([
        for name, columns in local.excluded : alltrue([
          for column in columns : contains(try(local.table_columns[name][*].name, []), column)
        ])
      ])
      error_message = join("", [
        "catalog.lake_formation.excluded_columns: no table declares ",
        join(", ", flatten([
          for name, columns in local.excluded : [
            for column in columns : "${name}.${column}" if !contains(try(local.table_columns[name][*].name, []), column)
          ]
        ])),
        "; name tables as in tables, and columns as in the catalog.",
      ])
    }
  }
}

resource "aws_lakeformation_permissions" "database" {
  for_each = toset(local.readers)

  principal   = each.value
  permissions = ["DESCRIBE"]

  database {
    catalog_id = var.account.id
    name       = aws_glue_catalog_database.this.name
  }
}

resource "aws_lakeformation_permissions" "table" {
  for_each = local.granted

  principal   = each.value.reader
  permissions = ["DESCRIBE", "SELECT"]

  table {
    catalog_id    = var.account.id
    database_name = aws_glue_catalog_database.this.name
    name          = each.value.table
  }

  depends_on = [aws_glue_catalog_table.this, aws_glue_catalog_table.view]
}

resource "aws_lakeformation_data_cells_filter" "this" {
  for_each = toset(local.filtered)

  table_data {
    table_catalog_id = var.account.id
    database_name    = aws_glue_catalog_database.this.name
    table_name       = aws_glue_catalog_table.this[each.value].name
    name             = "without-excluded-columns"

    column_wildcard {
      excluded_column_names = local.excluded[each.value]
    }

    row_filter {
      all_rows_wildcard {}
    }
  }
}

resource "aws_lakeformation_permissions" "cells" {
  for_each = local.granted_cells

  principal   = each.value.reader
  permissions = ["SELECT"]

  data_cells_filter {
    table_catalog_id = var.account.id
    database_name    = aws_glue_catalog_database.this.name
    table_name       = aws_glue_catalog_table.this[each.value.table].name
    name             = aws_lakeformation_data_cells_filter.this[each.value.table].table_data[0].name
  }
}

resource "aws_lakeformation_opt_in" "this" {
  for_each = local.opted_in

  principal {
    data_lake_principal_identifier = each.value.reader
  }

  resource_data {
    table {
      catalog_id    = var.account.id
      database_name = aws_glue_catalog_database.this.name
      name          = each.value.table
    }
  }

  # Whoever is opted in before anything is granted sees nothing in between.
  depends_on = [aws_lakeformation_permissions.table, aws_lakeformation_permissions.cells]
}

resource "aws_iam_role" "lake_formation" {
  for_each = local.governed

  name                 = var.names.lake_formation_role_name
  description          = "Lets Lake Formation hand out reading of what was delivered to ${var.bucket_name}"
  assume_role_policy   = data.aws_iam_policy_document.lake_formation_trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# AWS's page on this role shows its trust without a condition; where AWS refuses to register the location, leave it out.
data "aws_iam_policy_document" "lake_formation_trust" {
  statement {
    sid     = "LakeFormationOfThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lakeformation.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }
  }
}

resource "aws_iam_role_policy" "lake_formation" {
  for_each = local.governed

  name   = "read-the-lake"
  role   = aws_iam_role.lake_formation[each.value].name
  policy = data.aws_iam_policy_document.lake_formation.json
}

# AWS Lake Formation Developer Guide: "Requirements for roles used to register locations", without what writes.
data "aws_iam_policy_document" "lake_formation" {
  statement {
    sid       = "ReadWhatWasDelivered"
    actions   = ["s3:GetObject"]
    resources = [for prefix in local.data : "${local.bucket_arn}/${prefix}*"]
  }

  statement {
    sid       = "ListObjects"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [for prefix in local.data : "${prefix}*"]
    }
  }

  statement {
    sid       = "DecryptTheLake"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = local.s3_services
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [local.bucket_arn, "${local.bucket_arn}/*"]
    }
  }
}
