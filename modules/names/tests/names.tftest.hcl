variables {
  account = { id = "111111111111", region = "us-east-1", partition = "aws" }
  name    = "lake"
  tables  = { orders = {}, events = { stream = { name = "event-stream" }, delivery = { name = "event-delivery" } } }
}

run "names_follow_the_prefix_and_the_tables" {
  command = plan

  assert {
    condition     = output.bucket_name == "lake-datalake-111111111111-us-east-1"
    error_message = "bucket"
  }

  assert {
    condition     = output.kms_key_alias == "lake-kms-key"
    error_message = "key"
  }

  assert {
    condition     = [output.network_name, output.function_name] == ["lake", "lake-transform"]
    error_message = "network and function"
  }

  assert {
    condition = (
      [output.execution_role_name, output.flow_log_role_name, output.lake_formation_role_name]
      == ["lake-transform-us-east-1", "lake-flow-log-us-east-1", "lake-lake-formation-us-east-1"]
    )
    error_message = "roles carry the Region"
  }

  assert {
    condition = output.crawler == {
      database_name  = "lake_crawled"
      role_name      = "lake-crawler-us-east-1"
      log_group_name = "/aws-glue/crawlers-role/lake-crawler-us-east-1-lake-crawler-us-east-1"
    }
    error_message = "a crawler has a database and a log group of its own"
  }

  assert {
    condition = output.tables["orders"] == {
      stream_name          = "orders-data-stream"
      delivery_stream_name = "orders-delivery-stream"
      delivery_role_name   = "orders-delivery-stream-us-east-1"
      data_prefix          = "data/orders/"
      error_prefix         = "errors/orders/"
      export_prefix        = "exports/orders/"
      catalog_table        = "orders"
      state_prefix         = "state/orders/"
      state_machine_name   = "lake-orders-state"
      state_role_name      = "lake-orders-state-us-east-1"
      alarm_prefix         = "lake/table/orders/"

      state_schedule_role_name = "lake-orders-state-schedule-us-east-1"
    }
    error_message = "names of a table follow its own"
  }

  assert {
    condition = (
      [output.tables["events"].stream_name, output.tables["events"].delivery_stream_name]
      == ["event-stream", "event-delivery"]
    )
    error_message = "names that are given win"
  }

  assert {
    condition = toset(output.log_group_names) == toset([
      "/aws/lambda/lake-transform",
      "/aws/kinesisfirehose/orders-delivery-stream",
      "/aws/kinesisfirehose/event-delivery",
    ])
    error_message = "log groups have the names that AWS expects"
  }

  assert {
    condition     = output.original_prefixes == []
    error_message = "without rules there are no originals"
  }
}

run "names_in_the_catalog_are_such_as_athena_takes" {
  command = plan

  variables {
    name   = "my-lake"
    tables = { "My-Table.v2" = {}, _orders = {} }
  }

  assert {
    condition     = [output.database_name, output.workgroup_name, output.results_prefix] == ["my_lake", "my-lake", "results/"]
    error_message = "database, workgroup and results"
  }

  assert {
    condition     = { for name, table in output.tables : name => table.catalog_table } == { "My-Table.v2" = "my_table_v2", _orders = "_orders" }
    error_message = "lower case, and no hyphen or dot"
  }
}

run "originals_are_the_failed_records_and_exports_of_tables_with_rules" {
  command = plan

  variables {
    tables = {
      orders    = {}
      people    = { rules = { email = { as = "hash" } } }
      customers = { rules = { address = { as = "json" } }, delivery = { name = "their-own" } }
    }
  }

  assert {
    condition = toset(output.original_prefixes) == toset([
      "errors/people/",
      "exports/people/",
      "errors/customers/",
      "exports/customers/",
    ])
    error_message = "of tables without rules nothing is an original"
  }
}

run "the_default_names_have_the_aliases_of_the_blog_posts" {
  command = plan

  variables {
    name = "blog-srca"
  }

  assert {
    condition     = output.kms_key_alias == "blog-bdb1040-srca-kms-key"
    error_message = "the producer's and the consumer's"
  }
}

run "names_that_are_given_win" {
  command = plan

  variables {
    bucket_name   = "my-own-lake"
    kms_key_alias = "my-key"
  }

  assert {
    condition     = [output.bucket_name, output.kms_key_alias] == ["my-own-lake", "my-key"]
    error_message = "bucket and alias"
  }
}

run "no_object_is_called_what_readers_hide" {
  command = plan

  variables {
    tables = { _orders = {}, ".events" = {}, orders_ = {} }
  }

  assert {
    condition = { for name, table in output.tables : name => table.delivery_stream_name } == {
      _orders   = "x_orders-delivery-stream"
      ".events" = "x.events-delivery-stream"
      orders_   = "orders_-delivery-stream"
    }
    error_message = "no default name starts with \"_\" or \".\""
  }

  assert {
    condition = (
      [output.tables["_orders"].data_prefix, output.tables["_orders"].stream_name]
      == ["data/_orders/", "_orders-data-stream"]
    )
    error_message = "folders and data streams keep the table's name"
  }
}

run "a_role_keeps_the_region_in_64_characters" {
  command = plan

  variables {
    account = { id = "111111111111", region = "us-gov-west-1", partition = "aws-us-gov" }
    tables = {
      fits = { delivery = { name = "a2345678901234567890123456789012345678901234567890" } }
      long = { delivery = { name = "a23456789012345678901234567890123456789012345678901" } }
    }
  }

  assert {
    condition     = output.tables["fits"].delivery_role_name == "a2345678901234567890123456789012345678901234567890-us-gov-west-1"
    error_message = "what fits is not cut"
  }

  assert {
    condition = (
      output.tables["long"].delivery_role_name
      == "a2345678901234567890123456789012345678901-${substr(sha256(output.tables["long"].delivery_stream_name), 0, 8)}-us-gov-west-1"
    )
    error_message = "what is longer is cut and has a hash"
  }
}

run "refuses_names_that_would_be_too_long" {
  command = plan

  variables {
    name = "n23456789012345678901234567"
  }

  expect_failures = [var.name]
}

# A variable counts as refused when any of its rules fires: each rule has a run in which none but it does.
run "refuses_no_tables" {
  command = plan

  variables {
    tables = {}
  }

  expect_failures = [var.tables]
}

run "refuses_a_table_name_that_is_none" {
  command = plan

  variables {
    tables = { ab = {} }
  }

  expect_failures = [var.tables]
}

run "refuses_a_stream_name_that_is_none" {
  command = plan

  variables {
    tables = { orders = { stream = { name = "a/b" } } }
  }

  expect_failures = [var.tables]
}

run "refuses_a_delivery_stream_name_that_is_none" {
  command = plan

  variables {
    tables = { orders = { delivery = { name = "a/b" } } }
  }

  expect_failures = [var.tables]
}

run "refuses_a_delivery_stream_name_whose_objects_are_hidden" {
  command = plan

  variables {
    tables = { orders = { delivery = { name = "_orders" } } }
  }

  expect_failures = [var.tables]
}

run "refuses_a_default_name_that_another_table_has_too" {
  command = plan

  variables {
    tables = { _orders = {}, x_orders = {} }
  }

  expect_failures = [var.tables]
}

run "refuses_one_stream_for_two_tables" {
  command = plan

  variables {
    tables = { one = { stream = { name = "s" } }, two = { stream = { name = "s" } } }
  }

  expect_failures = [var.tables]
}

run "refuses_delivery_streams_alike_but_for_case" {
  command = plan

  variables {
    tables = { one = { delivery = { name = "D" } }, two = { delivery = { name = "d" } } }
  }

  expect_failures = [var.tables]
}

run "only_tables_whose_state_is_kept_have_a_state_machine" {
  command = plan

  variables {
    tables = { orders = { state = { every = "1 hour" } }, "my.events" = {} }
  }

  assert {
    condition     = output.state_machine_names == ["lake-orders-state"]
    error_message = "state machines"
  }

  assert {
    condition     = contains(output.log_group_names, "/aws/vendedlogs/states/lake-orders-state") && output.state_log_group_names == ["/aws/vendedlogs/states/lake-orders-state"]
    error_message = "log groups"
  }

  assert {
    condition     = output.tables["my.events"].state_machine_name == "lake-my_events-state"
    error_message = "Step Functions logs under no name with a dot"
  }
}

run "state_machines_of_long_names_stay_two_in_64_characters" {
  command = plan

  variables {
    tables = {
      "${join("", [for _ in range(100) : "n"])}a" = { state = { every = "1 hour" }, delivery = { name = "a" }, stream = { name = "a" } }
      "${join("", [for _ in range(100) : "n"])}b" = { state = { every = "1 hour" }, delivery = { name = "b" }, stream = { name = "b" } }
    }
  }

  assert {
    condition     = length(distinct(output.state_machine_names)) == 2 && alltrue([for name in output.state_machine_names : length(name) == 64])
    error_message = join(", ", output.state_machine_names)
  }
}

run "alarms_of_a_table_with_the_longest_name_have_names_that_cloudwatch_takes" {
  command = plan

  variables {
    name   = "lake-of-twenty-six-letters"
    tables = { (join("", [for _ in range(255) : "t"])) = { stream = { name = "s" }, delivery = { name = "d" } } }
  }

  assert {
    condition     = alltrue([for table in output.tables : length("${table.alarm_prefix}stream-nearly-expired") <= 255])
    error_message = "at most 255 characters"
  }
}
