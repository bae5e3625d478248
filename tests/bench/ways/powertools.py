"""Powertools for AWS Lambda: its data classes for Firehose and for DynamoDB's records, and flatten_json."""

import json

from aws_lambda_powertools.utilities.data_classes import (
    KinesisFirehoseDataTransformationResponse,
    KinesisFirehoseEvent,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.serialization import base64_from_str
from flatten_json import flatten


def transform(event):
    result = KinesisFirehoseDataTransformationResponse()
    for record in KinesisFirehoseEvent(event).records:
        item = DynamoDBRecord(record.data_as_json).dynamodb.new_image
        line = json.dumps(flatten(item), default=str) + "\n"
        result.add_record(record.build_data_transformation_response(result="Ok", data=base64_from_str(line)))
    return result.asdict()
