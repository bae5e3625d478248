# A plan of new resources asks AWS nothing: the credentials are never used.
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "replica"
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  account = { id = "111111111111", region = "us-east-1", partition = "aws" }
  names = {
    kms_key_alias       = "lake"
    alarm_prefix        = "lake/"
    topic_name          = "lake-alarms"
    dashboard_name      = "lake-us-east-1"
    replicated_prefixes = { data = "data/", errors = "errors/", ledger = "ledger/" }
    replica             = { bucket_name = "my-replica", role_name = "lake-replication-us-east-1" }
  }
  replication = {
    region      = "us-west-2"
    kms_key_arn = "arn:aws:kms:us-west-2:111111111111:key/11111111-2222-3333-4444-555555555555"
  }
  bucket_name = "my-lake"
  kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
  environment = "single-account"
  monitoring  = {}
}

run "each_prefix_has_a_rule_of_its_name" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket_replication_configuration.this.rule) == 3
    error_message = "count"
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_replication_configuration.this.rule : rule.filter[0].prefix == "${rule.id}/"
    ])
    error_message = "prefixes"
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_replication_configuration.this.rule :
      rule.destination[0].bucket == "arn:aws:s3:::my-replica"
    ])
    error_message = "destination"
  }
}

run "without_object_lock_the_role_asks_for_no_more" {
  command = plan

  assert {
    condition     = !strcontains(jsonencode(data.aws_iam_policy_document.this.statement), "s3:GetObjectRetention")
    error_message = "retention"
  }
}

run "locked_objects_are_replicated_with_their_locks" {
  command = plan

  variables {
    options = { object_lock = { mode = "GOVERNANCE", days = 3 } }
  }

  assert {
    condition     = strcontains(jsonencode(data.aws_iam_policy_document.this.statement), "s3:GetObjectRetention")
    error_message = "retention"
  }
}

run "a_deployment_that_is_not_watched_has_no_alarm_there" {
  command = plan

  variables {
    monitoring = null
  }

  assert {
    condition     = output.replica.topic_arn == null && length(output.replica.alarm_names) == 0
    error_message = "alarms"
  }
}

run "the_alarm_tells_a_topic_that_exists_there" {
  command = plan

  variables {
    replication = { region = "us-west-2", topic_arn = "arn:aws:sns:us-west-2:111111111111:operators" }
    monitoring  = { email = "lake@example.com" }
  }

  assert {
    condition     = output.replica.topic_arn == "arn:aws:sns:us-west-2:111111111111:operators"
    error_message = "topic"
  }
}

run "a_region_is_a_region" {
  command = plan

  variables {
    replication = { region = "Oregon" }
  }

  expect_failures = [var.replication]
}

run "the_region_of_the_lake_is_refused" {
  command = plan

  variables {
    replication = { region = "us-east-1" }
  }

  expect_failures = [var.replication]
}

run "a_region_of_another_partition_is_refused" {
  command = plan

  variables {
    replication = { region = "cn-north-1" }
  }

  expect_failures = [var.replication]
}
