# The default table with small buffers, so that a change is in the lake within seconds.
tables = {
  blog-srsa-ddb-table = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 5 }
  }
}
