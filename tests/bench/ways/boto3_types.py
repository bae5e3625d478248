"""boto3's TypeDeserializer, flatten_json and json: the way that is recommended most often."""

import base64
import json

from boto3.dynamodb.types import TypeDeserializer
from flatten_json import flatten

_DESERIALIZER = TypeDeserializer()


def transform(event):
    answers = []
    for record in event["records"]:
        change = json.loads(base64.b64decode(record["data"]))
        item = {name: _DESERIALIZER.deserialize(value) for name, value in change["dynamodb"]["NewImage"].items()}
        line = json.dumps(flatten(item), default=str) + "\n"
        data = base64.b64encode(line.encode()).decode()
        answers.append({"recordId": record["recordId"], "result": "Ok", "data": data})
    return {"records": answers}
