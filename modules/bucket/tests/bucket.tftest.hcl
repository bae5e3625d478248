# A plan of new resources asks AWS nothing: the credentials are never used.
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  account     = { id = "111111111111", region = "us-east-1", partition = "aws" }
  bucket_name = "my-lake"
  kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
}

run "is_private_versioned_and_encrypted" {
  command = plan

  assert {
    condition     = aws_s3_bucket_public_access_block.this["this"].block_public_acls && aws_s3_bucket_public_access_block.this["this"].block_public_policy && aws_s3_bucket_public_access_block.this["this"].ignore_public_acls && aws_s3_bucket_public_access_block.this["this"].restrict_public_buckets
    error_message = "all four blocks must be on"
  }

  assert {
    condition     = aws_s3_bucket_versioning.this["this"].versioning_configuration[0].status == "Enabled"
    error_message = "versioning must be on"
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this["this"].rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "ACLs must be off"
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_server_side_encryption_configuration.this["this"].rule : rule.bucket_key_enabled && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && rule.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn])
    error_message = "the key encrypts by default, with a bucket key"
  }

  assert {
    condition     = aws_s3_bucket.this["this"].force_destroy == false
    error_message = "Terraform must not empty the bucket"
  }
}

run "cleans_up_what_nobody_reads" {
  command = plan

  variables {
    noncurrent_version_days = 30
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this["this"].rule : rule if rule.id == "expire-noncurrent-versions"]).noncurrent_version_expiration[0].noncurrent_days == 30
    error_message = "old versions expire"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this["this"].rule : rule if rule.id == "expire-noncurrent-versions"]).expiration[0].expired_object_delete_marker
    error_message = "delete markers without versions go"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this["this"].rule : rule if rule.id == "abort-incomplete-uploads"]).abort_incomplete_multipart_upload[0].days_after_initiation == 7
    error_message = "unfinished uploads go"
  }
}

run "results_of_queries_expire_with_their_versions" {
  command = plan

  variables {
    result_days = 3
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this["this"].rule : [rule.filter[0].prefix, rule.status, tostring(rule.expiration[0].days), tostring(rule.noncurrent_version_expiration[0].noncurrent_days)] if rule.id == "expire-results"] == [["results/", "Enabled", "3", "1"]]
    error_message = "results go when it is said, and their versions a day later"
  }
}

run "without_originals_nobody_is_kept_from_reading_and_nothing_else_expires" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this["this"].policy).Statement : statement.Sid if statement.Sid == "DenyReadingOriginals"] == []
    error_message = "a statement that denies reading"
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this["this"].rule : rule.id] == ["abort-incomplete-uploads", "expire-noncurrent-versions", "expire-results"]
    error_message = "a rule that lets objects expire"
  }
}

run "keeps_everybody_from_originals_and_lets_them_expire" {
  command = plan

  variables {
    original_prefixes = ["errors/orders/", "exports/orders/"]
  }

  assert {
    condition = one([for statement in jsondecode(aws_s3_bucket_policy.this["this"].policy).Statement : statement if statement.Sid == "DenyReadingOriginals"]) == {
      Sid       = "DenyReadingOriginals"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersion", "s3:GetObject"]
      Resource  = ["arn:aws:s3:::my-lake/exports/orders/*", "arn:aws:s3:::my-lake/errors/orders/*"]
    }
    error_message = "nobody reads them where no role is named"
  }

  assert {
    condition = { for rule in aws_s3_bucket_lifecycle_configuration.this["this"].rule : rule.filter[0].prefix => [rule.status, rule.expiration[0].days, rule.noncurrent_version_expiration[0].noncurrent_days] if startswith(rule.id, "expire-e") } == {
      "errors/orders/"  = ["Enabled", 30, 1]
      "exports/orders/" = ["Enabled", 30, 1]
    }
    error_message = "objects go after 30 days, and their versions a day later"
  }
}

run "lets_named_roles_read_originals_for_as_long_as_is_said" {
  command = plan

  variables {
    original_prefixes         = ["errors/orders/", "exports/${join("", [for n in range(25) : "0123456789"])}/"]
    original_reader_role_arns = ["arn:aws:iam::111111111111:role/team/mender", "arn:aws:iam::222222222222:role/auditor"]
    original_days             = 7
  }

  assert {
    condition = one([for statement in jsondecode(aws_s3_bucket_policy.this["this"].policy).Statement : statement if statement.Sid == "DenyReadingOriginals"]).Condition == {
      ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:role/team/mender", "arn:aws:iam::222222222222:role/auditor"] }
    }
    error_message = "all but the named roles are kept out"
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this["this"].rule : rule.expiration[0].days if startswith(rule.id, "expire-") && !contains(["expire-noncurrent-versions", "expire-results"], rule.id)] == [7, 7]
    error_message = "objects go when it is said"
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.this["this"].rule : length(rule.id) <= 255])
    error_message = "an id has at most 255 characters"
  }
}

run "never_takes_the_policy_for_smaller_than_it_is" {
  command = plan

  variables {
    account     = { id = "111111111111", region = "us-gov-west-1", partition = "aws-us-gov" }
    bucket_name = "${join("", [for n in range(6) : "0123456789"])}123"
    kms_key_arn = "arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/mrk-0123456789abcdef0123456789abcdef"
    writers = [
      for n in range(2) : {
        roles    = "arn:aws-us-gov:iam::${222222222222 + n}:role/dynamo-to-lake/us-gov-west-1/*"
        tables   = [for table in range(100) : "a-table-${table}"]
        prefixes = ["data/", "errors/"]
      }
    ]
    original_prefixes         = flatten([for n in range(20) : ["errors/table-${n}/", "exports/table-${n}/"]])
    original_reader_role_arns = ["arn:aws-us-gov:iam::111111111111:role/mender"]
  }

  assert {
    condition     = local.policy_bytes >= length(jsonencode(jsondecode(aws_s3_bucket_policy.this["this"].policy)))
    error_message = "S3 would refuse a policy that the plan let pass"
  }

  assert {
    condition     = local.policy_bytes - length(jsonencode(jsondecode(aws_s3_bucket_policy.this["this"].policy))) < 500
    error_message = "a policy that fits would be refused"
  }

  # Of these 200, 20 have rules, and so would as large a share of the others.
  assert {
    condition     = [local.table_count, local.tables_that_fit] == [200, 482]
    error_message = "${local.tables_that_fit} of ${local.table_count}"
  }
}

run "refuses_a_policy_that_s3_would_not_take" {
  command = plan

  variables {
    # Long ones, for the provider's time grows with the square of the number of lifecycle rules.
    original_prefixes = [for n in range(80) : "errors/${format("%0240d", n)}/"]
  }

  expect_failures = [aws_s3_bucket_policy.this]
}

run "refuses_wrong_values_of_every_variable" {
  command = plan

  variables {
    bucket_name               = "my.lake"
    writers                   = [{ roles = "me", tables = ["orders"], prefixes = ["data/"] }]
    noncurrent_version_days   = 0
    kms_key_arn               = "alias/x"
    original_prefixes         = ["errors/*/"]
    original_reader_role_arns = ["arn:aws:iam::111111111111:role/*"]
    original_days             = 366
    results_prefix            = "results"
    result_days               = 0
  }

  expect_failures = [
    var.bucket_name,
    var.writers,
    var.noncurrent_version_days,
    var.kms_key_arn,
    var.original_prefixes,
    var.original_reader_role_arns,
    var.original_days,
    var.results_prefix,
    var.result_days,
  ]
}

# A variable counts as refused when any of its rules fires: a rule has a run in which none but it does.
run "refuses_names_of_odd_characters_and_writers_without_prefixes" {
  command = plan

  variables {
    bucket_name = "My_Lake"
    writers     = [{ roles = "arn:aws:iam::222222222222:role/lake/*", tables = ["orders"], prefixes = [] }]
  }

  expect_failures = [
    var.bucket_name,
    var.writers,
  ]
}

run "refuses_writers_without_tables" {
  command = plan

  variables {
    writers = [{ roles = "arn:aws:iam::222222222222:role/lake/*", tables = [], prefixes = ["data/"] }]
  }

  expect_failures = [var.writers]
}

run "refuses_two_paths_of_one_account" {
  command = plan

  variables {
    writers = [
      { roles = "arn:aws:iam::222222222222:role/lake/*", tables = ["orders"], prefixes = ["data/"] },
      { roles = "arn:aws:iam::222222222222:role/more/*", tables = ["events"], prefixes = ["data/"] },
    ]
  }

  expect_failures = [var.writers]
}

run "refuses_names_that_s3_reserves" {
  command = plan

  variables {
    bucket_name = "xn--lake"
  }

  expect_failures = [var.bucket_name]
}

run "an_existing_bucket_is_left_alone_and_told_what_its_policy_needs" {
  command = plan

  variables {
    existing = true
  }

  assert {
    condition     = length(aws_s3_bucket.this) + length(aws_s3_bucket_policy.this) + length(aws_s3_bucket_versioning.this) == 0
    error_message = "nothing of it is made or set"
  }

  assert {
    condition     = output.name == "my-lake" && output.arn == "arn:aws:s3:::my-lake" && strcontains(output.policy_json, "DenyOtherKeys")
    error_message = "name, ARN and policy are said"
  }
}

run "refuses_classes_that_cannot_be_read_at_once" {
  command = plan

  variables {
    options = { colder = { "data/" = { DEEP_ARCHIVE = 90 } } }
  }

  expect_failures = [var.options]
}

run "refuses_days_that_s3_would_not_take" {
  command = plan

  variables {
    options = { colder = { "data/" = { STANDARD_IA = 29 } } }
  }

  expect_failures = [var.options]
}

run "refuses_to_log_requests_to_the_lake_itself" {
  command = plan

  variables {
    options = { access_logs = { bucket = "my-lake" } }
  }

  expect_failures = [var.options]
}

run "refuses_a_lock_without_a_time" {
  command = plan

  variables {
    options = { object_lock = { mode = "GOVERNANCE", days = 0 } }
  }

  expect_failures = [var.options]
}

run "refuses_a_lock_that_outlasts_originals" {
  command = plan

  variables {
    original_prefixes = ["errors/orders/"]
    options           = { object_lock = { mode = "COMPLIANCE", days = 31 } }
  }

  expect_failures = [aws_s3_bucket_object_lock_configuration.this]
}

run "refuses_exporters_that_are_no_roles" {
  command = plan

  variables {
    exporter_role_arns = ["me"]
  }

  expect_failures = [var.exporter_role_arns]
}

run "refuses_a_prefix_of_exports_with_a_wildcard" {
  command = plan

  variables {
    export_prefix = "exports/*"
  }

  expect_failures = [var.export_prefix]
}
