"""A recursive flattener written with the standard library alone."""

import base64
import json


def transform(event):
    answers = []
    for record in event["records"]:
        change = json.loads(base64.b64decode(record["data"]))
        line = json.dumps(_flat(change["dynamodb"]["NewImage"], "", {})) + "\n"
        data = base64.b64encode(line.encode()).decode()
        answers.append({"recordId": record["recordId"], "result": "Ok", "data": data})
    return {"records": answers}


def _flat(members, prefix, row):
    for name, value in members.items():
        ((kind, content),) = value.items()
        if kind == "M":
            _flat(content, f"{prefix}{name}_", row)
        else:
            row[prefix + name] = _plain(kind, content)
    return row


def _plain(kind, content):
    match kind:
        case "N":
            return _number(content)
        case "NS":
            return [_number(number) for number in content]
        case "NULL":
            return None
        case "L":
            return [_plain(*next(iter(element.items()))) for element in content]
        case "M":
            return {name: _plain(*next(iter(member.items()))) for name, member in content.items()}
    return content


def _number(literal):
    return int(literal) if literal.lstrip("-").isdigit() else float(literal)
