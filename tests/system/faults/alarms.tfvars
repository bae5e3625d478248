# Three tables, so that three faults can be there at once; changes are late within a minute.
name = "alarms"
tables = {
  unread = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 2 }
  }
  unwritten = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1 }
    delivery  = { buffering_seconds = 2 }
  }
  broken = {
    stream    = { shards = 1 }
    transform = { buffering_seconds = 1, retries = 1 }
    delivery  = { buffering_seconds = 2 }
    state     = { every = "5 minutes" }
  }
}
monitoring = { late_minutes = 1 }
