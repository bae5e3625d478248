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
  account                    = { id = "111111111111", region = "us-east-1", partition = "aws" }
  name                       = "lake-transform"
  role_name                  = "lake-transform-us-east-1"
  schedule_role_name         = "lake-transform-schedule-us-east-1"
  artifact_bucket            = "artifacts"
  transformation_lambda_file = "lake_transform/code.zip"
  vpc_id                     = "vpc-1111"
  subnet_ids                 = ["subnet-1111", "subnet-2222"]
  kms_key_arn                = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
  log_retention_days         = 365
}

run "a_call_a_day_keeps_the_function_active" {
  command = plan

  assert {
    condition = (
      [aws_scheduler_schedule.keep_active["this"].schedule_expression, aws_scheduler_schedule.keep_active["this"].kms_key_arn]
      == ["rate(1 day)", var.kms_key_arn]
    )
    error_message = "once a day, under the key"
  }

  # The handler knows the call by this.
  assert {
    condition     = aws_scheduler_schedule.keep_active["this"].target[0].input == "{\"keep_active\":true}"
    error_message = "the call is no batch of Firehose"
  }

  assert {
    condition = [for statement in jsondecode(data.aws_iam_policy_document.keep_active.json).Statement : [statement.Action, statement.Resource]] == [
      ["lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111111111111:function:lake-transform:live"],
      ["kms:Decrypt", var.kms_key_arn],
    ]
    error_message = "the alias, and no other version"
  }
}

run "the_call_can_be_switched_off" {
  command = plan

  variables {
    transform = { keep_active = false }
  }

  assert {
    condition = length(concat(
      values(aws_scheduler_schedule.keep_active), values(aws_scheduler_schedule_group.keep_active),
      values(aws_iam_role.keep_active), values(aws_iam_role_policy.keep_active),
    )) == 0
    error_message = "nothing of it is left"
  }
}

run "runs_what_was_built_in_the_subnets" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.handler == "lake_transform.handler.lambda_handler"
    error_message = "the handler has its fixed name"
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.name == "live"
    error_message = "delivery streams call a published version"
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == var.kms_key_arn
    error_message = "its environment is encrypted"
  }

  assert {
    condition     = aws_lambda_function.this.vpc_config[0].subnet_ids == toset(var.subnet_ids)
    error_message = "it runs in the private subnets"
  }

  assert {
    condition     = length(aws_security_group.this.ingress) == 0 && length(aws_security_group.this.egress) == 0
    error_message = "nothing goes in or out"
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ PATH_SEPARATOR = "__", LIST_FORMAT = "text", LOG_LEVEL = "INFO", NATIVE_CODE = "on" })
    error_message = "settings have their defaults"
  }

  assert {
    condition     = aws_lambda_function.this.filename == null && aws_lambda_function.this.s3_key == "lake_transform/code.zip"
    error_message = "the package comes from the bucket"
  }
}

# With the group's id given, the policy is known in the plan.
run "the_role_lets_lambda_make_interfaces_in_our_subnets_only" {
  command = plan

  override_resource {
    target          = aws_security_group.this
    override_during = plan
    values          = { id = "sg-1111" }
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "WriteLogs"
          Effect   = "Allow"
          Action   = ["logs:PutLogEvents", "logs:CreateLogStream"]
          Resource = "arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/lake-transform:log-stream:*"
        },
        {
          Sid    = "LambdaCreatesInterfacesInOurSubnets"
          Effect = "Allow"
          Action = "ec2:CreateNetworkInterface"
          Resource = [
            "arn:aws:ec2:us-east-1:111111111111:subnet/subnet-2222",
            "arn:aws:ec2:us-east-1:111111111111:subnet/subnet-1111",
            "arn:aws:ec2:us-east-1:111111111111:security-group/sg-1111",
            "arn:aws:ec2:us-east-1:111111111111:network-interface/*",
          ]
        },
      ]
    }
    error_message = "the role may write logs, let Lambda make its interfaces, and nothing else"
  }
}

run "the_functions_own_code_may_not_touch_the_network" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.interfaces.policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "LambdaManagesItsInterfaces"
          Effect   = "Allow"
          Action   = ["ec2:UnassignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses"]
          Resource = "arn:aws:ec2:us-east-1:111111111111:*/*"
        },
        {
          Sid      = "LambdaLooksAtInterfaces"
          Effect   = "Allow"
          Action   = ["ec2:DescribeSubnets", "ec2:DescribeNetworkInterfaces"]
          Resource = "*"
        },
        {
          Sid    = "TheCodeItselfMayNot"
          Effect = "Deny"
          Action = [
            "ec2:UnassignPrivateIpAddresses",
            "ec2:DetachNetworkInterface",
            "ec2:DescribeSubnets",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DeleteNetworkInterface",
            "ec2:CreateNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
          ]
          Resource = "*"
          Condition = {
            ArnEquals = { "lambda:SourceFunctionArn" = "arn:aws:lambda:us-east-1:111111111111:function:lake-transform" }
          }
        },
      ]
    }
    error_message = "Lambda manages the interfaces, and requests of the function itself are denied"
  }
}

run "passes_every_setting" {
  command = plan

  variables {
    transform = { path_separator = "_", list_format = "array", log_level = "DEBUG", hook = "my.hooks:mask", native_code = false }
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ PATH_SEPARATOR = "_", LIST_FORMAT = "array", LOG_LEVEL = "DEBUG", TRANSFORM_HOOK = "my.hooks:mask", NATIVE_CODE = "off" })
    error_message = "settings reach the function"
  }
}

run "says_how_to_build_a_missing_package" {
  command = plan

  variables {
    artifact_bucket            = null
    transformation_lambda_file = "no/such/file.zip"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_a_bucket_that_is_none" {
  command = plan

  variables {
    artifact_bucket = "s3://artifacts"
  }

  expect_failures = [var.artifact_bucket]
}

run "refuses_a_bucket_without_key" {
  command = plan

  variables {
    transformation_lambda_file = null
  }

  expect_failures = [var.transformation_lambda_file]
}

run "refuses_an_empty_key" {
  command = plan

  variables {
    transformation_lambda_file = " "
  }

  expect_failures = [var.transformation_lambda_file]
}

# A variable counts as refused when any of its rules fires: each rule has a run in which none but it does.
run "refuses_a_runtime_that_is_none" {
  command = plan

  variables {
    transform = { runtime = "python3.14" }
  }

  expect_failures = [var.transform]
}

run "refuses_an_architecture_that_is_none" {
  command = plan

  variables {
    transform = { architecture = "amd64" }
  }

  expect_failures = [var.transform]
}

run "refuses_too_little_memory" {
  command = plan

  variables {
    transform = { memory_mb = 127 }
  }

  expect_failures = [var.transform]
}

run "refuses_too_long_a_timeout" {
  command = plan

  variables {
    transform = { timeout_seconds = 301 }
  }

  expect_failures = [var.transform]
}

run "refuses_another_separator" {
  command = plan

  variables {
    transform = { path_separator = "." }
  }

  expect_failures = [var.transform]
}

run "refuses_a_list_format_that_is_none" {
  command = plan

  variables {
    transform = { list_format = "csv" }
  }

  expect_failures = [var.transform]
}

run "refuses_a_log_level_that_is_none" {
  command = plan

  variables {
    transform = { log_level = "TRACE" }
  }

  expect_failures = [var.transform]
}

run "refuses_a_hook_without_function" {
  command = plan

  variables {
    transform = { hook = "my.hooks" }
  }

  expect_failures = [var.transform]
}

run "takes_every_kind_of_rule_and_path" {
  command = plan

  variables {
    mask_key = "0123456789abcdef0123456789abcdef"
    tables = {
      orders = {
        before = true
        rules = {
          "byUser"       = { as = "json" }
          "price"        = { as = "text" }
          "id"           = { as = "hash" }
          "card..number" = { as = "drop" }
          "a\\.b\\\\c."  = { as = "drop" }
          "名前"           = { as = "drop" }
        }
      }
      customers = { existing = true, key = { hash_key = "name" }, rules = { name = { as = "drop" } } }
    }
  }
}

run "tells_the_function_the_hash_of_the_settings_that_its_package_must_hold" {
  command = plan

  variables {
    mask_key = "0123456789abcdef0123456789abcdef"
    tables = {
      orders    = { before = true, rules = { "b<" = { as = "hash" }, a = { as = "drop" } } }
      customers = { rules = { name = { as = "text" } } }
      carts     = { before = true }
      plain     = { before = false, rules = {} }
    }
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables.TABLE_SETTINGS_SHA256 == sha256("{\"carts\":{\"before\":true},\"customers\":{\"rules\":{\"name\":\"text\"}},\"orders\":{\"before\":true,\"rules\":{\"a\":\"drop\",\"b\\u003c\":\"hash\"}}}")
    error_message = "compact JSON, sorted, without tables and settings that are as they come"
  }
}

run "tells_no_hash_where_no_table_has_settings" {
  command = plan

  variables {
    tables = { plain = { before = false, rules = {} } }
  }

  assert {
    condition     = !contains(keys(aws_lambda_function.this.environment[0].variables), "TABLE_SETTINGS_SHA256")
    error_message = "then no such file is in the package"
  }
}

run "gives_the_function_the_key_of_hashes_as_its_only_secret" {
  command = plan

  variables {
    mask_key = "0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = [for name, value in aws_lambda_function.this.environment[0].variables : name if issensitive(value)] == ["MASK_KEY"]
    error_message = "the other settings stay readable in a plan"
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables.MASK_KEY == var.mask_key
    error_message = "the key reaches the function"
  }
}

run "refuses_a_short_key_of_hashes" {
  command = plan

  variables {
    mask_key = "0123456789abcdef0123456789abcde"
  }

  expect_failures = [var.mask_key]
}

run "refuses_to_hash_without_a_key" {
  command = plan

  variables {
    tables = { orders = { rules = { email = { as = "hash" } } } }
  }

  expect_failures = [var.mask_key]
}

run "refuses_a_rule_that_is_none" {
  command = plan

  variables {
    tables = { orders = { rules = { email = { as = "mask" } } } }
  }

  expect_failures = [var.tables]
}

run "refuses_a_path_that_is_none" {
  command = plan

  variables {
    tables = { orders = { rules = { ".email" = { as = "drop" } } } }
  }

  expect_failures = [var.tables]
}

run "refuses_to_drop_a_key" {
  command = plan

  variables {
    tables = { orders = { key = { range_key = "line" }, rules = { line = { as = "drop" } } } }
  }

  expect_failures = [var.tables]
}
