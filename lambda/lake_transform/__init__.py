"""Turns DynamoDB change records into lines of the data lake: one change, one flat line of JSON.

Amazon Data Firehose calls `handler.lambda_handler`. `transform.Transform` is the same code without AWS around it, for
other programs that make lake records: replaying failed records, backfilling from a table export. The README beside this
file is the contract of a line.

The package imports nothing but the standard library, msgspec, orjson and pybase64.
"""
