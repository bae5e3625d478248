"""Turns a point-in-time export of a DynamoDB table into rows of the data lake, on Spark: one task a set of files.

`job.main` is the script of the Glue job in `modules/backfill`, and of local PySpark. Lines are made by `lake_transform`
in pure Python, with the settings of the function as it is deployed. What is to be done stands in a plan, an object of
the bucket (`plan`), and `task` carries out one set of it without Spark.

The package imports nothing but the standard library, msgspec, pybase64, boto3 and `lake_transform`; `job.main` imports
PySpark.
"""
