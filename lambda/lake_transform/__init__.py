"""Turns DynamoDB change records into lines of the data lake: one change, one flat line of JSON.

`handler.lambda_handler` is what Amazon Data Firehose calls. `transform.Transform` is the same code without AWS around
it, for whatever else makes lake records: replaying failed records, backfilling from a table export. The README beside
this file holds the record's contract.

The package imports the standard library, msgspec, orjson and pybase64, nothing else.
"""
