"""The transform beside its peers: `make bench`."""
