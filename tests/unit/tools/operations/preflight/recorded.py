"""An account of recorded answers, behind boto3's own clients: each request and answer must fit AWS's shapes."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import boto3
from botocore.validate import validate_parameters

from tools.operations.preflight import kinds
from tools.operations.preflight.account import Account
from tools.operations.preflight.place import Place
from tools.operations.preflight.wanted import Name, Owned, Table, Wanted

ACCOUNT = "111122223333"
PLACE = Place(ACCOUNT, "us-east-1", "aws")
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/someone"
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


def account(answers, asked=None, elsewhere=None):
    """An account by `answers`: "service.operation" -> an answer, an error's code, or a function of the parameters.

    `asked` is a list that gets each request: (service.operation, parameters). `elsewhere` are the answers by Region.
    """

    return Account(clients(answers, asked), lambda region: clients((elsewhere or {})[region], asked))


def clients(answers, asked=None):
    """Returns what makes a client of a service that answers so."""

    def answer_to(service, operation, parameters):
        if asked is not None:
            asked.append((f"{service}.{operation}", parameters))
        answer = answers[f"{service}.{operation}"]
        return answer(parameters) if callable(answer) else answer

    def make_client(service):
        client = boto3.client(service, region_name=PLACE.region, aws_access_key_id="x", aws_secret_access_key="x")
        names = {wire: ours for ours, wire in client.meta.method_to_api_mapping.items()}

        def keep(params, context, **_):
            context["asked"] = params

        def respond(model, context, **_):
            answer = answer_to(service, names[model.name], context["asked"])
            if isinstance(answer, str):
                error = {"Error": {"Code": answer, "Message": "recorded"}, "ResponseMetadata": {}}
                return SimpleNamespace(status_code=400), error
            validate_parameters(answer, model.output_shape)
            return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {}}

        client.meta.events.register_first("before-parameter-build", keep)
        client.meta.events.register_first("before-call", respond)
        return client

    return cache(make_client)


def table(name="orders", **settings):
    defaults = {"is_existing": False, "stream": f"{name}-data-stream", "is_on_demand": False, "shards": 10}
    return Table(name, **{**defaults, **settings})


def wanted(**settings):
    return Wanted(PLACE, settings.pop("caller", CALLER), **settings)


def owning(*names, shards=None, elsewhere=()):
    return Owned(frozenset(names), shards or {}, frozenset(elsewhere))


def lines(check, answers, want, **elsewhere):
    """The findings of a check: "stops" or "hurts" or "note", and the line."""
    found = check.look(
        account(answers, elsewhere={name.replace("_", "-"): each for name, each in elsewhere.items()}), want
    )
    return [f"{each.weight.value} {each.line}" for each in found]


__all__ = ["Name", "kinds"]
