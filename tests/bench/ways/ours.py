"""The Lambda function as it is deployed, everything on."""

from lake_transform.handler import lambda_handler


def transform(event):
    return lambda_handler(event, None)
