# The default table with small buffers, so that a change is in the lake within seconds. The consumer takes the same file.
tables = {
  blog-srca-ddb-table = {
    shards                      = 1
    buffering_seconds           = 5
    transform_buffering_seconds = 1
  }
}
