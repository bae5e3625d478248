from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools.errors import RefusedError
from tools.lake import deletion_protection


class NotFoundError(Exception):
    pass


class Tables:
    """DynamoDB with tables: name -> ARN of its key, or None."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NotFoundError)

    def __init__(self, **keys):
        self.keys, self.unprotected = keys, []

    def describe_table(self, **request):
        key = self._key(request["TableName"])
        return {"Table": {"SSEDescription": {"KMSMasterKeyArn": key}} if key else {}}

    def update_table(self, **request):
        self._key(request["TableName"])
        assert request["DeletionProtectionEnabled"] is False
        self.unprotected.append(request["TableName"])

    def _key(self, name):
        if name not in self.keys:
            raise NotFoundError
        return self.keys[name]


def test_protection_is_lifted_of_the_tables_that_are_there():
    tables = Tables(orders=None, events=None)

    assert deletion_protection.lift(tables, ("orders", "gone")) == ["orders"]
    assert tables.unprotected == ["orders"]


def test_a_key_under_which_a_table_stays_encrypted_does_not_go():
    tables = Tables(orders="arn:key", events="arn:other", plain=None)

    deletion_protection.refuse_to_lock_out(tables, ("events", "plain", "gone"), ("arn:key",))
    with pytest.raises(RefusedError, match="table orders, which stays, is encrypted under arn:key"):
        deletion_protection.refuse_to_lock_out(tables, ("events", "orders"), ("arn:key",))
