from __future__ import annotations

import pytest

from tools.deployments import environments
from tools.errors import UsageError


def test_an_unknown_environment_is_a_usage_error_that_lists_the_known_ones():
    with pytest.raises(UsageError, match=r"'singel-account'.*choose one of:.*single-account"):
        environments.find("singel-account")
