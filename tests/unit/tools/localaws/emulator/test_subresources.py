from __future__ import annotations

import boto3
import pytest

from tools.localaws.emulator.subresources import _CONFIGURATIONS, _OF_BUCKETS, _OF_OBJECTS, is_unknown


def operations():
    """Yields (is of an object, sub-resource, method) of each operation of S3's API on a sub-resource."""
    model = boto3.client("s3", region_name="us-east-1").meta.service_model
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        if query and "=" not in query.partition("&")[0]:
            yield "{Key" in path, query.partition("&")[0], http["method"]


@pytest.mark.parametrize(("is_object", "name", "method"), list(operations()))
def test_every_subresource_of_s3s_api_is_listed(is_object, name, method):
    assert name in ({**_OF_OBJECTS} if is_object else {**_OF_BUCKETS, **_CONFIGURATIONS})


@pytest.mark.parametrize("name", sorted({name for is_object, name, _ in operations() if not is_object}))
def test_no_subresource_that_cannot_be_deleted_is_taken_for_the_bucket(name):
    can_be_deleted = (False, name, "DELETE") in set(operations())

    assert is_unknown("DELETE", [name], is_object=False) or can_be_deleted


def test_the_bucket_and_the_object_themselves_are_no_subresources():
    for is_object in (True, False):
        for query in ([], ["x-id"], ["versionId"], ["list-type", "prefix"], ["uploadId", "partNumber"]):
            assert not is_unknown("DELETE", query, is_object=is_object)
