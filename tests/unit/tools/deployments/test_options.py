from __future__ import annotations

import click
from click.testing import CliRunner

from tools.deployments import options
from tools.deployments.credentials import Identities, Identity


def test_the_options_of_a_pair_reach_the_command():
    seen = []

    @click.command()
    @options.identities
    def command(*, identities):
        seen.append(identities)

    given = ["--profile", "c", "--producer-profile", "a", "--consumer-assume-role-arn", "arn:b"]
    assert CliRunner().invoke(command, given).exit_code == 0
    assert seen == [Identities(Identity("c"), Identity("a"), Identity(role_arn="arn:b"))]
