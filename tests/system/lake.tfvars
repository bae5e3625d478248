# Delivered within seconds, so that a test run need not wait for minutes.
tables = {
  blog-srsa-ddb-table = {
    shards                      = 3
    buffering_seconds           = 2
    transform_buffering_seconds = 1
  }
  orders = {
    hash_key                    = "Customer"
    range_key                   = "PlacedAt"
    range_key_type              = "N"
    stream_mode                 = "ON_DEMAND"
    buffering_seconds           = 2
    transform_buffering_seconds = 0
    compression                 = "UNCOMPRESSED"
  }
  customers = {
    existing                    = true
    shards                      = 1
    buffering_seconds           = 2
    transform_buffering_seconds = 1
  }
}
