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
  account       = { id = "111111111111", region = "us-east-1", partition = "aws" }
  kms_key_alias = "lake"
}

run "rotates_and_cannot_be_deleted_at_once" {
  command = plan

  assert {
    condition     = aws_kms_key.this["this"].enable_key_rotation
    error_message = "rotation must be on"
  }

  assert {
    condition     = aws_kms_key.this["this"].deletion_window_in_days == 30
    error_message = "the deletion window must be the longest"
  }

  assert {
    condition     = aws_kms_alias.this["this"].name == "alias/lake"
    error_message = "the alias must have its prefix once"
  }
}

run "takes_roles_of_two_accounts" {
  command = plan

  variables {
    writer_roles       = ["arn:aws:iam::222222222222:role/one/*", "arn:aws:iam::222222222222:role/two/*", "arn:aws:iam::333333333333:role/one/*"]
    writer_bucket_name = "lake"
  }

  assert {
    condition     = length([for s in jsondecode(data.aws_iam_policy_document.key.json).Statement : s if startswith(s.Sid, "WritersOf")]) == 2
    error_message = "one statement an account"
  }
}

run "refuses_wrong_values_of_every_variable" {
  command = plan

  variables {
    kms_key_alias   = "alias/lake"
    services        = []
    log_group_names = ["/aws/*/f"]
    writer_roles    = ["my-role"]

    state_machine_prefix = "lake-*"
    schedule_prefix      = "lake-*"
    alarm_prefix         = "lake-"
  }

  expect_failures = [
    var.kms_key_alias,
    var.services,
    var.log_group_names,
    var.writer_roles,
    var.state_machine_prefix,
    var.schedule_prefix,
    var.alarm_prefix,
  ]
}

run "refuses_writers_without_their_bucket" {
  command = plan

  variables {
    writer_roles = ["arn:aws:iam::222222222222:role/one/*"]
  }

  expect_failures = [var.writer_bucket_name]
}

# A variable counts as refused when any of its rules fires: a rule has a run in which none but it does.
run "refuses_aliases_that_aws_reserves" {
  command = plan

  variables {
    kms_key_alias = "aws/lake"
  }

  expect_failures = [var.kms_key_alias]
}

run "refuses_aliases_of_odd_characters" {
  command = plan

  variables {
    kms_key_alias = "my lake"
  }

  expect_failures = [var.kms_key_alias]
}

run "state_machines_and_schedules_use_the_key_for_what_is_theirs" {
  command = plan

  variables {
    state_machine_prefix = "lake-"
    schedule_prefix      = "lake-"
  }

  assert {
    condition = {
      for statement in jsondecode(data.aws_iam_policy_document.key.json).Statement :
      statement.Sid => merge(statement.Condition.StringEquals, try(statement.Condition.StringLike, {}))
      if startswith(statement.Sid, "AccountUsesTheKeyFor")
      } == {
      AccountUsesTheKeyForStateMachines = {
        "kms:CallerAccount"                                = "111111111111"
        "kms:EncryptionContext:aws:states:stateMachineArn" = "arn:aws:states:us-east-1:111111111111:stateMachine:lake-*"
      }
      AccountUsesTheKeyForSchedules = {
        "kms:CallerAccount"                                = "111111111111"
        "kms:EncryptionContext:aws:scheduler:schedule:arn" = "arn:aws:scheduler:us-east-1:111111111111:schedule/lake-*"
      }
      AccountUsesTheKeyForStateMachineLogs = {
        "kms:CallerAccount"               = "111111111111"
        "kms:EncryptionContext:SourceArn" = "arn:aws:logs:us-east-1:111111111111:*"
      }
    }
    error_message = "each by its encryption context"
  }
}

run "alarms_of_this_deployment_alone_encrypt_what_they_tell" {
  command = plan

  variables {
    alarm_prefix = "lake/"
  }

  assert {
    condition = [
      for statement in jsondecode(data.aws_iam_policy_document.key.json).Statement : statement.Condition
      if statement.Principal == { Service = "cloudwatch.amazonaws.com" }
      ] == [{
        StringEquals = { "aws:SourceAccount" = "111111111111" }
        ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:us-east-1:111111111111:alarm:lake/*" }
    }]
    error_message = "CloudWatch, for our alarms"
  }
}

run "nobody_else_needs_alarms" {
  command = plan

  assert {
    condition     = !strcontains(data.aws_iam_policy_document.key.json, "cloudwatch.amazonaws.com")
    error_message = "without alarms CloudWatch is not let in"
  }
}

run "an_existing_key_is_left_alone_and_told_what_its_policy_needs" {
  command = plan

  variables {
    existing_arn = "arn:aws:kms:us-east-1:111111111111:key/1"
  }

  assert {
    condition     = length(aws_kms_key.this) + length(aws_kms_alias.this) == 0 && output.arn == "arn:aws:kms:us-east-1:111111111111:key/1" && output.alias_name == null
    error_message = "no key is made"
  }

  assert {
    condition     = [for statement in jsondecode(output.policy_json).Statement : statement.Sid] == ["AccountUsesTheKeyThroughServices", "ServicesHoldGrantsForTheAccount"]
    error_message = "use is said, and administration is not"
  }
}

run "refuses_a_key_by_its_alias" {
  command = plan

  variables {
    existing_arn = "alias/lake"
  }

  expect_failures = [var.existing_arn]
}

run "refuses_a_key_of_another_account" {
  command = plan

  variables {
    existing_arn = "arn:aws:kms:us-east-1:222222222222:key/1"
  }

  expect_failures = [var.existing_arn]
}

run "refuses_exporters_that_are_no_roles" {
  command = plan

  variables {
    exporter_role_arns = ["me"]
    writer_bucket_name = "lake-of-b"
  }

  expect_failures = [var.exporter_role_arns]
}
