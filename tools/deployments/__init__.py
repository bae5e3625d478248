"""What is deployed where: environments, outputs, credentials, and the two accounts of a cross-account deployment."""
