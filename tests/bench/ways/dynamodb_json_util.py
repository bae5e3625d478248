"""dynamodb-json, which converts whole documents with an object hook, and flatten_json."""

import base64

from dynamodb_json import json_util
from flatten_json import flatten


def transform(event):
    answers = []
    for record in event["records"]:
        change = json_util.loads(base64.b64decode(record["data"]).decode())
        line = json_util.json.dumps(flatten(change["dynamodb"]["NewImage"]), default=json_util.json_serial) + "\n"
        data = base64.b64encode(line.encode()).decode()
        answers.append({"recordId": record["recordId"], "result": "Ok", "data": data})
    return {"records": answers}
