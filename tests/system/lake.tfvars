# Delivered within seconds, so that a test run need not wait for minutes.
tables = {
  blog-srsa-ddb-table = {
    state     = { every = "1 hour" }
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
  people = {
    key       = { hash_key = "email", range_key = "since", range_key_type = "N" }
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 2 }
    before    = true
    rules = {
      email            = { as = "hash" }
      pin              = { as = "hash" }
      PIN              = { as = "hash" }
      photo            = { as = "drop" }
      groups           = { as = "drop" }
      "card.number"    = { as = "drop" }
      "contacts.phone" = { as = "hash" }
      "by\\.user"      = { as = "hash" }
      profile          = { as = "json" }
      "profile.ssn"    = { as = "drop" }
      price            = { as = "text" }
    }
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

mask_key = "a-key-for-tests-and-for-nothing-else"
