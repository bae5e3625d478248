# The other Region of a replica; without one nothing is made by it.
provider "aws" {
  alias               = "replica"
  region              = var.replication == null ? var.region : var.replication.region
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = var.tags
  }
}
