"""dynamo-json's unmarshall, and flatten_json."""

import base64
import json

import dynamo_json
from flatten_json import flatten


def transform(event):
    answers = []
    for record in event["records"]:
        change = json.loads(base64.b64decode(record["data"]))
        line = json.dumps(flatten(dynamo_json.unmarshall(change["dynamodb"]["NewImage"]))) + "\n"
        data = base64.b64encode(line.encode()).decode()
        answers.append({"recordId": record["recordId"], "result": "Ok", "data": data})
    return {"records": answers}
