"""What the verbs share: Terraform, environments, AWS sessions, the console, errors."""
