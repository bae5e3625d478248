terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }

  # The tools give the path of the state when they initialise; see README for a state in S3.
  backend "local" {}
}
