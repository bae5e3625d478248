# One of two deployments that stand side by side.
name = "prod"
tables = {
  prod-orders = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 2 }
  }
}
