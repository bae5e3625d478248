"""One module a way: `transform(event)` answers a batch of Firehose. Importing one imports what it needs, and no more.

Peers are used as their documentation shows them, with the standard library where they leave a choice, and with nothing
that they do not ask for: no check, no metadata columns, no guard against a record that is broken.
"""
