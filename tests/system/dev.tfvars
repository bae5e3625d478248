# One of two deployments that stand side by side.
name = "dev"
tables = {
  dev-orders = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 2 }
  }
}
