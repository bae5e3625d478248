"""AWS on this machine: the emulator, and the delivery worker that does the work of Amazon Data Firehose."""
