# A table that is written to all the time, one that hardly changes, and one in which nothing does; late is a minute.
name = "hour"
tables = {
  busy = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 5 }
    state     = { every = "5 minutes" }
  }
  quiet = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 5 }
  }
  idle = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 5 }
  }
}
monitoring = { late_minutes = 1 }
