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
    backfill = {
      job_name   = "lake-backfill"
      role_name  = "lake-backfill-us-east-1"
      log_prefix = "/aws-glue/jobs/lake-backfill"
    }
    tables = {
      orders = { data_prefix = "data/orders/", error_prefix = "errors/orders/", export_prefix = "exports/orders/" }
    }
  }
  backfill      = {}
  function_name = "lake-transform"
  bucket_name   = "my-lake"
  kms_key_arn   = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
}

run "the_job_is_what_its_settings_say" {
  command = plan

  variables {
    backfill = { glue_version = "5.1", worker_type = "G.2X", workers = 40, timeout_minutes = 60 }
  }

  assert {
    condition     = aws_glue_job.this.glue_version == "5.1" && aws_glue_job.this.worker_type == "G.2X"
    error_message = "version and type"
  }

  assert {
    condition     = aws_glue_job.this.number_of_workers == 40 && aws_glue_job.this.timeout == 60
    error_message = "workers and time"
  }
}

run "another_package_has_another_key" {
  command = plan

  variables {
    package_file = "main.tf"
  }

  assert {
    condition     = aws_s3_object.package.key == "ledger/-/${substr(filesha256("main.tf"), 0, 16)}/lake_backfill-1-cp311-cp311-manylinux2014_x86_64.whl"
    error_message = "key"
  }

  assert {
    condition     = aws_glue_job.this.default_arguments["--additional-python-modules"] == "s3://my-lake/${aws_s3_object.package.key}"
    error_message = "argument"
  }
}

run "a_package_that_is_not_built_is_named" {
  command = plan

  variables {
    package_file = "not-built.whl"
  }

  expect_failures = [aws_s3_object.package]
}

run "refuses_more_tables_than_the_roles_policy_has_room_for" {
  command = plan

  variables {
    names = {
      backfill = {
        job_name   = "lake-backfill"
        role_name  = "lake-backfill-us-east-1"
        log_prefix = "/aws-glue/jobs/lake-backfill"
      }
      tables = {
        orders-01 = { data_prefix = "data/orders-01/", error_prefix = "errors/orders-01/", export_prefix = "exports/orders-01/" }
        orders-02 = { data_prefix = "data/orders-02/", error_prefix = "errors/orders-02/", export_prefix = "exports/orders-02/" }
        orders-03 = { data_prefix = "data/orders-03/", error_prefix = "errors/orders-03/", export_prefix = "exports/orders-03/" }
        orders-04 = { data_prefix = "data/orders-04/", error_prefix = "errors/orders-04/", export_prefix = "exports/orders-04/" }
        orders-05 = { data_prefix = "data/orders-05/", error_prefix = "errors/orders-05/", export_prefix = "exports/orders-05/" }
        orders-06 = { data_prefix = "data/orders-06/", error_prefix = "errors/orders-06/", export_prefix = "exports/orders-06/" }
        orders-07 = { data_prefix = "data/orders-07/", error_prefix = "errors/orders-07/", export_prefix = "exports/orders-07/" }
        orders-08 = { data_prefix = "data/orders-08/", error_prefix = "errors/orders-08/", export_prefix = "exports/orders-08/" }
        orders-09 = { data_prefix = "data/orders-09/", error_prefix = "errors/orders-09/", export_prefix = "exports/orders-09/" }
        orders-10 = { data_prefix = "data/orders-10/", error_prefix = "errors/orders-10/", export_prefix = "exports/orders-10/" }
        orders-11 = { data_prefix = "data/orders-11/", error_prefix = "errors/orders-11/", export_prefix = "exports/orders-11/" }
        orders-12 = { data_prefix = "data/orders-12/", error_prefix = "errors/orders-12/", export_prefix = "exports/orders-12/" }
        orders-13 = { data_prefix = "data/orders-13/", error_prefix = "errors/orders-13/", export_prefix = "exports/orders-13/" }
        orders-14 = { data_prefix = "data/orders-14/", error_prefix = "errors/orders-14/", export_prefix = "exports/orders-14/" }
        orders-15 = { data_prefix = "data/orders-15/", error_prefix = "errors/orders-15/", export_prefix = "exports/orders-15/" }
        orders-16 = { data_prefix = "data/orders-16/", error_prefix = "errors/orders-16/", export_prefix = "exports/orders-16/" }
        orders-17 = { data_prefix = "data/orders-17/", error_prefix = "errors/orders-17/", export_prefix = "exports/orders-17/" }
        orders-18 = { data_prefix = "data/orders-18/", error_prefix = "errors/orders-18/", export_prefix = "exports/orders-18/" }
        orders-19 = { data_prefix = "data/orders-19/", error_prefix = "errors/orders-19/", export_prefix = "exports/orders-19/" }
      }
    }
  }

  expect_failures = [var.names]
}

run "refuses_another_version_of_glue" {
  command = plan

  variables {
    backfill = { glue_version = "4.0" }
  }

  expect_failures = [var.backfill]
}

run "refuses_another_type_of_worker" {
  command = plan

  variables {
    backfill = { worker_type = "Standard" }
  }

  expect_failures = [var.backfill]
}

run "refuses_one_worker_alone" {
  command = plan

  variables {
    backfill = { workers = 1 }
  }

  expect_failures = [var.backfill]
}

run "refuses_a_time_that_ends_no_job" {
  command = plan

  variables {
    backfill = { timeout_minutes = 5 }
  }

  expect_failures = [var.backfill]
}

run "refuses_the_alias_of_a_key" {
  command = plan

  variables {
    kms_key_arn = "alias/lake"
  }

  expect_failures = [var.kms_key_arn]
}
