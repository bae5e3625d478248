name = "$deployment"

tables = {
  "$table" = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1, retries = 1 }
    delivery  = { buffering_seconds = 5 }
  }
}
