# The article's table, delivered within seconds instead of minutes, for trying things out.
tables = {
  blog-srsa-ddb-table = {
    shards                      = 2
    buffering_seconds           = 2
    transform_buffering_seconds = 1
  }
}
