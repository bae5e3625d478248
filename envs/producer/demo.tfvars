# The default table with small buffers, so that a change is in the lake within seconds. The consumer takes the same file.
tables = {
  blog-srca-ddb-table = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 5 }
  }
}
