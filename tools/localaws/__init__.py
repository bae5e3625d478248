"""AWS on this machine: the emulator's process, and the delivery worker that stands in for Amazon Data Firehose."""
