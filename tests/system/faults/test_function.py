"""A function that misbehaves: its batches are kept under the error prefix, with AWS's code, and the rest goes on."""

from __future__ import annotations

import base64

import pytest

from tests.system.faults.lake import FUNCTION, Lake
from tests.system.long_form import ROUNDS
from tests.system.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults")]

MISBEHAVING = (
    FUNCTION.replace("def handler(", "def behave(")
    + """
import os

def handler(event, context):
    changes = [json.loads(base64.b64decode(record["data"]))["dynamodb"] for record in event["records"]]
    answer = behave(event, context)
    answers = answer["records"]
    match next((change["NewImage"]["does"]["S"] for change in changes if "does" in change["NewImage"]), None):
        case "crash":
            raise ValueError("crash")
        case "exit":
            os._exit(3)
        case "garbage":
            return ["x"]
        case "no result":
            answers[0]["result"] = "Perhaps"
        case "no base64":
            answers[0] |= {"result": "Ok", "data": "?"}
        case "other id":
            answers[0]["recordId"] = "other"
        case "too few":
            del answers[0]
        case "too many":
            answers.append(answers[0])
        case "too large":
            answers[0]["data"] = "A" * 7_000_000
    return answer
"""
)
CODES = {
    "crash": "Lambda.FunctionError",
    "exit": "Lambda.FunctionError",
    "garbage": "Lambda.JsonProcessingException",
    "no result": "Lambda.JsonProcessingException",
    "no base64": "Lambda.JsonProcessingException",
    "other id": "Lambda.MissingRecordId",
    "too few": "Lambda.MissingRecordId",
    "too many": "Lambda.DuplicatedRecordId",
    "too large": "Lambda.FunctionError",
}


class Impatient(Lake):
    """Calls the function twice at most."""

    def _destination(self, role, function):
        destination = super()._destination(role, function)
        for parameter in destination["ProcessingConfiguration"]["Processors"][0]["Parameters"]:
            if parameter["ParameterName"] == "NumberOfRetries":
                parameter["ParameterValue"] = "1"
        return destination


@pytest.fixture(scope="module")
def impatient(running):
    running.up()
    return Impatient(running.home.root, MISBEHAVING)


@pytest.mark.parametrize("does", CODES if ROUNDS else ["too large"])
def test_a_batch_that_is_answered_wrongly_is_kept_and_the_rest_goes_on(impatient, does):
    before = len(impatient.rows("errors/"))
    impatient.write_one(does={"S": does})
    lines = wait_until(lambda: impatient.rows("errors/")[before:] and impatient.rows("errors/"), "the failed batch")
    impatient.write(10)
    impatient.check()
    found = [(line["errorCode"], line["attemptsMade"]) for line in lines if does in line_text(line)]
    assert found == [(CODES[does], 2)]


def line_text(line):
    """Returns the change in an error line, as text."""
    return base64.b64decode(line["rawData"]).decode()
