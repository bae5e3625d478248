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
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "all four blocks must be on"
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "versioning must be on"
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "ACLs must be off"
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : rule.bucket_key_enabled && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && rule.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn])
    error_message = "the key encrypts by default, with a bucket key"
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy == false
    error_message = "Terraform must not empty the bucket"
  }
}

run "cleans_up_what_nobody_reads" {
  command = plan

  variables {
    noncurrent_version_days = 30
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule if rule.id == "expire-noncurrent-versions"]).noncurrent_version_expiration[0].noncurrent_days == 30
    error_message = "old versions expire"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule if rule.id == "expire-noncurrent-versions"]).expiration[0].expired_object_delete_marker
    error_message = "delete markers without versions go"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule if rule.id == "abort-incomplete-uploads"]).abort_incomplete_multipart_upload[0].days_after_initiation == 7
    error_message = "unfinished uploads go"
  }
}

run "refuses_wrong_values_of_every_variable" {
  command = plan

  variables {
    bucket_name             = "my.lake"
    writers                 = [{ role_arn = "me", prefixes = ["data/orders/"] }]
    noncurrent_version_days = 0
    kms_key_arn             = "alias/x"
  }

  expect_failures = [
    var.bucket_name,
    var.writers,
    var.noncurrent_version_days,
    var.kms_key_arn,
  ]
}

# A variable counts as refused when any of its rules fires: a rule has a run in which none but it does.
run "refuses_names_of_odd_characters_and_writers_without_prefixes" {
  command = plan

  variables {
    bucket_name = "My_Lake"
    writers     = [{ role_arn = "arn:aws:iam::222222222222:role/one", prefixes = [] }]
  }

  expect_failures = [
    var.bucket_name,
    var.writers,
  ]
}

run "refuses_names_that_s3_reserves" {
  command = plan

  variables {
    bucket_name = "xn--lake"
  }

  expect_failures = [var.bucket_name]
}
