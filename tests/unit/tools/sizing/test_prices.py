from __future__ import annotations

import pytest

from tools.sizing import prices


def test_every_price_names_a_source_with_a_date_and_a_region():
    for name, each in prices.TABLE.prices.items():
        for price in each:
            source = prices.TABLE.sources[price.source]
            assert source.text, name
            assert source.dated.startswith("202"), name
            assert price.usd > 0, name
            assert price.regions, name


def test_a_region_has_one_price_of_a_name_at_most():
    for name, each in prices.TABLE.prices.items():
        regions = [region for price in each for region in price.regions]
        assert len(regions) == len(set(regions)), name


def test_a_price_that_is_not_known_for_a_region_is_none_and_not_anothers():
    ohio = prices.of_region("us-east-2")

    assert ohio.of("shard_hour") == prices.of_region("us-east-1").of("shard_hour")
    assert ohio.of("athena_tb") is None
    assert prices.of_region("eu-west-1").of("shard_hour") is None
    assert "no prices for eu-west-1" in prices.of_region("eu-west-1").note
    with pytest.raises(KeyError):
        ohio.of("shard_minute")
