"""Every correction of the emulator, in the order in which they are applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.localaws.emulator import (
    alarm_actions,
    capacity,
    cloudwatch,
    corrections,
    descriptions,
    key_use,
    policies,
    policy_variables,
    query_definitions,
    replication,
    simulation,
    stream_metrics,
    subresources,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CORRECTIONS: Final[tuple[Callable[[], None], ...]] = (
    # First: those after it say who the caller is.
    policies.deny_all_but_whom_not_principal_names,
    *corrections.CORRECTIONS,
    *policy_variables.CORRECTIONS,
    policies.evaluate_condition_operators,
    policies.hold_the_root_to_key_policies,
    simulation.simulate_each_resource_with_given_keys,
    key_use.check_keys_of_objects,
    replication.replicate_with_the_roles_permissions,
    subresources.answer_for_subresources,
    descriptions.describe_time_zone_of_prefixes,
    descriptions.describe_flow_logs_whole,
    descriptions.take_away_the_rule_that_lets_everything_out,
    descriptions.keep_tracing_of_state_machines,
    descriptions.describe_crawlers_with_defaults,
    descriptions.tell_the_size_of_tables,
    capacity.change_capacity_within_limits,
    *cloudwatch.CORRECTIONS,
    *stream_metrics.CORRECTIONS,
    alarm_actions.ask_topics_and_their_keys,
    query_definitions.keep_query_definitions,
)


def apply_all() -> None:
    """Applies every correction."""
    for correct in CORRECTIONS:
        correct()
