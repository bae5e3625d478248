"""What the verbs do to a deployment, stage by stage."""
