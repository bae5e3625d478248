terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The state lies in this folder; an override file puts it elsewhere (README, "State").
  backend "local" {}
}
