"""One module for each way: its `transform(event)` answers a batch of Firehose. It imports only what it needs.

Other libraries are used as their documentation shows, with the standard library where they leave a choice, and without
anything that they do not require: no checks, no metadata columns, no protection against broken records.
"""
