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
  account            = { id = "111111111111", region = "us-east-1", partition = "aws" }
  name               = "lake"
  flow_log_role_name = "lake-flow-log-us-east-1"
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
  log_retention_days = 365
}

run "subnets_keep_their_ranges_when_zones_are_added" {
  command = plan

  variables {
    availability_zone_suffixes = ["a", "b", "c", "d"]
  }

  assert {
    condition     = { for suffix, subnet in aws_subnet.private : suffix => subnet.cidr_block } == { a = "10.0.0.0/26", b = "10.0.0.64/26", c = "10.0.0.128/26", d = "10.0.0.192/26" }
    error_message = "each zone has its quarter"
  }

  assert {
    condition     = { for suffix, subnet in aws_subnet.private : suffix => subnet.availability_zone } == { a = "us-east-1a", b = "us-east-1b", c = "us-east-1c", d = "us-east-1d" }
    error_message = "zones follow the suffixes"
  }
}

run "takes_the_smallest_range" {
  command = plan

  variables {
    vpc_cidr = "192.168.1.64/26"
  }

  assert {
    condition     = aws_subnet.private["b"].cidr_block == "192.168.1.80/28"
    error_message = "a quarter of /26 is /28, the smallest subnet"
  }
}

run "refuses_wrong_values_of_every_variable" {
  command = plan

  variables {
    vpc_cidr                   = "8.8.8.0/24"
    availability_zone_suffixes = []
  }

  expect_failures = [var.vpc_cidr, var.availability_zone_suffixes]
}
