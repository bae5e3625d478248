"""The transform compared with other ways to do its work: `make bench`."""
