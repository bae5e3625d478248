# Delivered within seconds, so that a test run need not wait for minutes.
tables = {
  blog-srsa-ddb-table = {
    stream    = { shards = 3 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 2 }
  }
  orders = {
    key       = { hash_key = "Customer", range_key = "PlacedAt", range_key_type = "N" }
    stream    = { mode = "ON_DEMAND" }
    transform = { buffering_seconds = 0 }
    delivery  = { buffering_seconds = 2, compression = "UNCOMPRESSED" }
    rules     = { "payment.card" = { as = "drop" } }
  }
  customers = {
    existing  = true
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 2 }
  }
}

# Made by the test that acts as it.
original_reader_role_arns = ["arn:aws:iam::111111111111:role/mender"]
