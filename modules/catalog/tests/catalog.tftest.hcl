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
  account = { id = "111111111111", region = "us-east-1", partition = "aws" }
  names = {
    database_name            = "lake"
    workgroup_name           = "lake"
    results_prefix           = "results/"
    lake_formation_role_name = "lake-lake-formation-us-east-1"
    roots                    = { data = "data/", state = "state/" }
    crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
    tables                   = { orders = { data_prefix = "data/orders/", error_prefix = "errors/orders/", catalog_table = "orders" } }
  }
  tables            = { orders = {} }
  columns_directory = "tests/columns"
  bucket_name       = "my-lake"
  kms_key_arn       = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
}

run "a_table_has_the_columns_of_the_change_then_those_of_the_item" {
  command = plan

  variables {
    tables = { orders = { before = true, key = { hash_key = "Customer-Id", range_key = "1st" } } }
  }

  assert {
    condition = [for column in aws_glue_catalog_table.this["orders"].storage_descriptor[0].columns : "${column.name} ${column.type}"] == [
      "cdc_event string",
      "cdc_event_id string",
      "cdc_table string",
      "cdc_changed_at string",
      "cdc_changed_at_us bigint",
      "cdc_sequence_number string",
      "cdc_key string",
      "cdc_ttl boolean",
      "cdc_overflow string",
      "cdc_before string",
      "address__city string",
      "customer_id string",
      "is_current boolean",
      "lines array<array<string>>",
      "price decimal(38,2)",
      "quantity bigint",
      "weight double",
      "x1st string",
    ]
    error_message = "columns"
  }
}

run "without_a_file_only_the_key_is_declared" {
  command = plan

  variables {
    columns_directory = "tests/none"
  }

  assert {
    condition     = [for column in aws_glue_catalog_table.this["orders"].storage_descriptor[0].columns : column.name if !startswith(column.name, "cdc_")] == ["id"]
    error_message = "the default key is id"
  }

  assert {
    condition     = !contains(aws_glue_catalog_table.this["orders"].storage_descriptor[0].columns[*].name, "cdc_before")
    error_message = "only a table that asks for it has the old image"
  }
}

run "a_table_that_exists_has_the_key_that_is_given_and_no_other" {
  command = plan

  variables {
    columns_directory = "tests/none"
    tables            = { orders = { existing = true } }
  }

  assert {
    condition     = [for column in aws_glue_catalog_table.this["orders"].storage_descriptor[0].columns : column.name if !startswith(column.name, "cdc_")] == []
    error_message = "what its key is nobody knows here"
  }
}

run "the_key_has_the_names_of_columns_that_the_function_gives" {
  command = plan

  variables {
    columns_directory = "tests/none"
    tables            = { orders = { key = { hash_key = "cdc_id", range_key = "名" } } }
  }

  assert {
    condition     = [for column in aws_glue_catalog_table.this["orders"].storage_descriptor[0].columns : column.name if !startswith(column.name, "cdc_")] == []
    error_message = "one overflows, the other is for the file to name"
  }
}

run "partitions_are_projected_where_the_objects_lie" {
  command = plan

  variables {
    catalog = { since = "2026-01-01" }
  }

  assert {
    condition = aws_glue_catalog_table.this["orders"].parameters == tomap({
      EXTERNAL                            = "TRUE"
      classification                      = "json"
      "projection.enabled"                = "true"
      "projection.cdc_date.type"          = "date"
      "projection.cdc_date.format"        = "yyyy-MM-dd"
      "projection.cdc_date.range"         = "2026-01-01,NOW"
      "projection.cdc_date.interval"      = "1"
      "projection.cdc_date.interval.unit" = "DAYS"
      "projection.cdc_hour.type"          = "integer"
      "projection.cdc_hour.range"         = "0,23"
      "projection.cdc_hour.digits"        = "2"
      "storage.location.template"         = "s3://my-lake/data/orders/cdc_date=$${cdc_date}/cdc_hour=$${cdc_hour}/"
    })
    error_message = "projection"
  }

  assert {
    condition     = aws_glue_catalog_table.failed["orders"].parameters["storage.location.template"] == "s3://my-lake/errors/orders/$${error_type}/cdc_date=$${cdc_date}/cdc_hour=$${cdc_hour}/"
    error_message = "failures lie by their kind"
  }

  assert {
    condition     = [for key in aws_glue_catalog_table.this["orders"].partition_keys : "${key.name} ${key.type}"] == ["cdc_date string", "cdc_hour int"]
    error_message = "types of partitions"
  }
}

run "the_first_day_is_that_of_the_first_deploy" {
  command = plan

  assert {
    condition     = aws_glue_catalog_table.this["orders"].parameters["projection.cdc_date.range"] == "${formatdate("YYYY-MM-DD", plantimestamp())},NOW"
    error_message = "where no day is given"
  }
}

run "hives_serde_reads_unless_openx_is_asked_for" {
  command = plan

  assert {
    condition = toset([
      for table in [aws_glue_catalog_table.this["orders"], aws_glue_catalog_table.failed["orders"]] :
      table.storage_descriptor[0].ser_de_info[0].serialization_library
    ]) == toset(["org.apache.hive.hcatalog.data.JsonSerDe"])
    error_message = "the one that keeps digits"
  }
}

run "openx_reads_where_it_is_asked_for" {
  command = plan

  variables {
    catalog = { serde = "openx" }
  }

  assert {
    condition     = aws_glue_catalog_table.this["orders"].storage_descriptor[0].ser_de_info[0].serialization_library == "org.openx.data.jsonserde.JsonSerDe"
    error_message = "SerDe"
  }
}

run "records_of_tables_with_rules_are_no_column_of_their_failures" {
  command = plan

  variables {
    tables = { orders = { rules = { email = { as = "hash" } } } }
  }

  assert {
    condition     = !contains(aws_glue_catalog_table.failed["orders"].storage_descriptor[0].columns[*].name, "rawdata")
    error_message = "they would lie among the results of queries"
  }
}

run "views_have_the_types_that_queries_have" {
  command = plan

  assert {
    condition = { for column in jsondecode(base64decode(split(" ", aws_glue_catalog_table.view["orders/changes"].view_original_text)[3])).columns : column.name => column.type if contains(["cdc_ttl", "cdc_hour", "lines", "price", "quantity", "cdc_key"], column.name) } == {
      cdc_key  = "varchar"
      cdc_ttl  = "boolean"
      cdc_hour = "integer"
      lines    = "array(array(varchar))"
      price    = "decimal(38,2)"
      quantity = "bigint"
    }
    error_message = "Trino's names of types"
  }

  assert {
    condition = alltrue([
      for view in aws_glue_catalog_table.view :
      jsonencode(jsondecode(base64decode(split(" ", view.view_original_text)[3])).columns[*].name) == jsonencode(view.storage_descriptor[0].columns[*].name)
    ])
    error_message = "both lists have the same names in one order"
  }

  assert {
    condition     = contains(aws_glue_catalog_table.view["orders/history"].storage_descriptor[0].columns[*].name, "item_is_current")
    error_message = "an item's column that is called like one of the history's has another name there"
  }
}

run "queries_are_bound_to_the_workgroup" {
  command = plan

  variables {
    catalog = { scan_limit_mib = 10 }
  }

  assert {
    condition = (
      aws_athena_workgroup.this.configuration[0].enforce_workgroup_configuration
      && aws_athena_workgroup.this.configuration[0].bytes_scanned_cutoff_per_query == 10485760
      && aws_athena_workgroup.this.configuration[0].publish_cloudwatch_metrics_enabled
      && aws_athena_workgroup.this.configuration[0].engine_version[0].selected_engine_version == "Athena engine version 3"
    )
    error_message = "limits"
  }

  assert {
    condition = (
      aws_athena_workgroup.this.configuration[0].result_configuration[0].output_location == "s3://my-lake/results/"
      && aws_athena_workgroup.this.configuration[0].result_configuration[0].encryption_configuration[0].kms_key_arn == var.kms_key_arn
      && aws_athena_workgroup.this.configuration[0].result_configuration[0].encryption_configuration[0].encryption_option == "SSE_KMS"
    )
    error_message = "results"
  }
}

run "a_reader_reads_what_was_delivered_and_no_failures_or_exports" {
  command = plan

  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.reader_policy_json).Statement : statement.Resource
      if length([for action in flatten([statement.Action]) : action if startswith(action, "s3:GetObject") || startswith(action, "s3:Put")]) > 0
    ])) == toset(["arn:aws:s3:::my-lake/data/*", "arn:aws:s3:::my-lake/ledger/*/gaps/*", "arn:aws:s3:::my-lake/results/*"])
    error_message = "objects"
  }

  assert {
    condition     = toset(one([for statement in jsondecode(output.reader_policy_json).Statement : statement.Condition if statement.Sid == "ListObjects"]).StringLike["s3:prefix"]) == toset(["data/*", "ledger/*/gaps/*", "results/*"])
    error_message = "lists"
  }
}

run "nothing_crawls_unless_it_is_asked_for" {
  command = plan

  assert {
    condition     = length(aws_glue_crawler.this) + length(aws_glue_catalog_database.crawled) + length(aws_iam_role.crawler) + length(aws_lakeformation_resource.this) == 0
    error_message = "off by default"
  }
}

run "each_table_has_a_crawler_that_adds_to_a_database_of_its_own" {
  command = plan

  variables {
    catalog = { crawler = { schedule = "cron(0 3 * * ? *)" } }
  }

  assert {
    condition = (
      aws_glue_crawler.this["orders"].database_name == "lake_crawled"
      && aws_glue_crawler.this["orders"].s3_target[0].path == "s3://my-lake/data/orders/"
      && aws_glue_crawler.this["orders"].schedule == "cron(0 3 * * ? *)"
      && aws_glue_crawler.this["orders"].schema_change_policy[0].update_behavior == "LOG"
    )
    error_message = "crawler"
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.crawler["this"].policy).Statement : statement.Resource
      if startswith(flatten([statement.Action])[0], "glue:")
      ])) == toset([
      "arn:aws:glue:us-east-1:111111111111:catalog",
      "arn:aws:glue:us-east-1:111111111111:database/lake_crawled",
      "arn:aws:glue:us-east-1:111111111111:table/lake_crawled/*",
    ])
    error_message = "it cannot touch tables whose columns are declared"
  }

  assert {
    condition     = strcontains(output.reader_policy_json, "database/lake_crawled")
    error_message = "readers see what it found"
  }
}

run "readers_by_lake_formation_see_tables_and_views_by_name_and_no_failures" {
  command = plan

  variables {
    catalog = { lake_formation = { readers = ["arn:aws:iam::111111111111:role/analyst"] } }
  }

  assert {
    condition = toset([for each in aws_lakeformation_permissions.table : each.table[0].name]) == toset([
      "orders", "orders_changes", "orders_current", "orders_history",
    ])
    error_message = "no failed records"
  }

  assert {
    condition     = keys(aws_lakeformation_opt_in.this) == keys(aws_lakeformation_permissions.table)
    error_message = "who is opted in has something granted, and the other way round"
  }

  assert {
    condition     = !strcontains(output.reader_policy_json, "my-lake/data/") && strcontains(output.reader_policy_json, "lakeformation:GetDataAccess")
    error_message = "objects come from Lake Formation"
  }
}

run "excluded_columns_take_the_views_with_them" {
  command = plan

  variables {
    catalog = {
      lake_formation = {
        readers          = ["arn:aws:iam::111111111111:role/analyst"]
        excluded_columns = { orders = ["price"] }
      }
    }
  }

  assert {
    condition     = length(aws_lakeformation_permissions.table) == 0 && length(aws_lakeformation_permissions.cells) == 1
    error_message = "a view would fail for whoever may not see one of its columns"
  }

  assert {
    condition = (
      toset(aws_lakeformation_data_cells_filter.this["orders"].table_data[0].column_wildcard[0].excluded_column_names) == toset(["price"])
      && keys(aws_lakeformation_opt_in.this) == ["arn:aws:iam::111111111111:role/analyst/orders"]
    )
    error_message = "filter"
  }
}

run "refuses_to_exclude_a_column_that_there_is_none" {
  command = plan

  variables {
    catalog = {
      lake_formation = {
        readers          = ["arn:aws:iam::111111111111:role/analyst"]
        excluded_columns = { orders = ["prize"] }
      }
    }
  }

  expect_failures = [aws_lakeformation_resource.this]
}

run "refuses_readers_that_are_no_arns" {
  command = plan

  variables {
    catalog = { lake_formation = { readers = ["analyst"] } }
  }

  expect_failures = [var.catalog]
}

run "refuses_a_schedule_of_five_fields" {
  command = plan

  variables {
    catalog = { crawler = { schedule = "cron(0 3 * * *)" } }
  }

  expect_failures = [var.catalog]
}

run "refuses_a_retention_of_the_crawlers_log_that_there_is_none" {
  command = plan

  variables {
    catalog = { crawler = { log_retention_days = 31 } }
  }

  expect_failures = [var.catalog]
}

run "refuses_wrong_values_of_every_variable" {
  command = plan

  variables {
    kms_key_arn = "alias/x"
    catalog     = { scan_limit_mib = 9 }
    names = {
      database_name            = "lake"
      workgroup_name           = "lake"
      results_prefix           = "results/"
      lake_formation_role_name = "lake-lake-formation-us-east-1"
      roots                    = { data = "data/", state = "state/" }
      crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
      tables = {
        a         = { data_prefix = "data/a/", error_prefix = "errors/a/", catalog_table = "a" }
        a_current = { data_prefix = "data/a_current/", error_prefix = "errors/a_current/", catalog_table = "a_current" }
      }
    }
  }

  expect_failures = [
    var.kms_key_arn,
    var.catalog,
    var.names,
  ]
}

# A variable counts as refused when any of its rules fires: a rule has a run in which none but it does.
run "refuses_a_first_day_that_is_none" {
  command = plan

  variables {
    catalog = { since = "2026-02-30" }
  }

  expect_failures = [var.catalog]
}

run "refuses_another_serde" {
  command = plan

  variables {
    catalog = { serde = "json" }
  }

  expect_failures = [var.catalog]
}

run "refuses_a_name_that_is_too_long_for_views" {
  command = plan

  variables {
    names = {
      database_name            = "lake"
      workgroup_name           = "lake"
      results_prefix           = "results/"
      lake_formation_role_name = "lake-lake-formation-us-east-1"
      roots                    = { data = "data/", state = "state/" }
      crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
      tables = {
        long = {
          data_prefix   = "data/long/"
          error_prefix  = "errors/long/"
          catalog_table = "${join("", [for n in range(24) : "0123456789"])}01234567"
        }
      }
    }
  }

  expect_failures = [var.names]
}

run "refuses_columns_that_are_broken" {
  command = plan

  variables {
    names = {
      database_name            = "lake"
      workgroup_name           = "lake"
      results_prefix           = "results/"
      lake_formation_role_name = "lake-lake-formation-us-east-1"
      roots                    = { data = "data/", state = "state/" }
      crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
      tables                   = { broken = { data_prefix = "data/broken/", error_prefix = "errors/broken/", catalog_table = "broken" } }
    }
    tables = { broken = {} }
  }

  expect_failures = [aws_glue_catalog_table.this]
}

run "refuses_columns_that_are_nested" {
  command = plan

  variables {
    names = {
      database_name            = "lake"
      workgroup_name           = "lake"
      results_prefix           = "results/"
      lake_formation_role_name = "lake-lake-formation-us-east-1"
      roots                    = { data = "data/", state = "state/" }
      crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
      tables                   = { nested = { data_prefix = "data/nested/", error_prefix = "errors/nested/", catalog_table = "nested" } }
    }
    tables = { nested = {} }
  }

  expect_failures = [aws_glue_catalog_table.this]
}

run "refuses_columns_that_are_names" {
  command = plan

  variables {
    names = {
      database_name            = "lake"
      workgroup_name           = "lake"
      results_prefix           = "results/"
      lake_formation_role_name = "lake-lake-formation-us-east-1"
      roots                    = { data = "data/", state = "state/" }
      crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
      tables                   = { names = { data_prefix = "data/names/", error_prefix = "errors/names/", catalog_table = "names" } }
    }
    tables = { names = {} }
  }

  expect_failures = [aws_glue_catalog_table.this]
}

run "refuses_columns_that_are_types" {
  command = plan

  variables {
    names = {
      database_name            = "lake"
      workgroup_name           = "lake"
      results_prefix           = "results/"
      lake_formation_role_name = "lake-lake-formation-us-east-1"
      roots                    = { data = "data/", state = "state/" }
      crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
      tables                   = { types = { data_prefix = "data/types/", error_prefix = "errors/types/", catalog_table = "types" } }
    }
    tables = { types = {} }
  }

  expect_failures = [aws_glue_catalog_table.this]
}

run "refuses_a_view_with_two_columns_of_one_name" {
  command = plan

  variables {
    names = {
      database_name            = "lake"
      workgroup_name           = "lake"
      results_prefix           = "results/"
      lake_formation_role_name = "lake-lake-formation-us-east-1"
      roots                    = { data = "data/", state = "state/" }
      crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
      tables                   = { twice = { data_prefix = "data/twice/", error_prefix = "errors/twice/", catalog_table = "twice" } }
    }
    tables = { twice = {} }
  }

  expect_failures = [aws_glue_catalog_table.view]
}

run "readers_read_the_current_state_of_tables_that_keep_one" {
  command = plan

  variables {
    names = {
      database_name            = "lake"
      workgroup_name           = "lake"
      results_prefix           = "results/"
      lake_formation_role_name = "lake-lake-formation-us-east-1"
      roots                    = { data = "data/", state = "state/" }
      crawler                  = { database_name = "lake_crawled", role_name = "lake-crawler-us-east-1", log_group_name = "/aws-glue/crawlers-role/c" }
      tables = {
        for name in ["orders", "events"] : name => {
          data_prefix   = "data/${name}/"
          error_prefix  = "errors/${name}/"
          catalog_table = name
        }
      }
    }
    tables = { orders = { state = { every = "1 hour" } }, events = {} }
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(data.aws_iam_policy_document.reader.json).Statement :
      statement.Resource if statement.Sid == "ReadWhatWasDelivered"
    ])) == toset(["arn:aws:s3:::my-lake/data/*", "arn:aws:s3:::my-lake/state/*"])
    error_message = "and of no other"
  }
}
