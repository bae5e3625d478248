terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"

      # The provider without an alias is that of the lake's Region.
      configuration_aliases = [aws.replica]
    }
  }
}
