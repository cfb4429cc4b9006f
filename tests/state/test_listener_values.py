"""Listeners in the text: what is built in is left out, what is changed is written, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from state.factory import FACTORY_TEXT
from state.model import Configuration
from state.model_listeners import HostAccess, Policy, SenderGroup, built_in_groups
from state.snapshot import Snapshot
from state.validation import read_configuration

FACTORY = read_configuration(FACTORY_TEXT)


def changed(configuration: Configuration, **changes: Any) -> Configuration:
    listener = configuration.listeners["Inboundmail"]
    listener = replace(listener, host_access=replace(listener.host_access, **changes))
    return replace(configuration, listeners={**configuration.listeners, "Inboundmail": listener})


def written(configuration: Configuration) -> str:
    """Return what the factory text gets more."""
    text = Snapshot(FACTORY, FACTORY_TEXT).changed_to(configuration).text
    assert read_configuration(text) == configuration
    return "\n".join(line for line in text.splitlines() if line not in FACTORY_TEXT.splitlines())


def test_a_listener_without_a_table_has_the_built_in_one() -> None:
    table = FACTORY.listeners["Inboundmail"].host_access
    assert table == HostAccess()
    assert list(table.every_policy) == ["ACCEPTED", "THROTTLED", "TRUSTED", "BLOCKED"]
    assert [group.name for group in table.groups] == ["WHITELIST", "BLACKLIST", "SUSPECTLIST", "UNKNOWNLIST", "ALL"]


def test_one_policy_more_is_one_table_more() -> None:
    assert written(changed(FACTORY, policies={"PARTNER": Policy(tls="required")})) == (
        '[listeners.Inboundmail.host_access.policies.PARTNER]\ntls = "required"'
    )


@pytest.mark.parametrize("index", range(5))
def test_one_group_changed_writes_the_order_of_all(index: int) -> None:
    groups = built_in_groups()
    groups[index] = replace(groups[index], policy="THROTTLED", comment="changed")
    text = written(changed(FACTORY, groups=groups))
    assert text.count("[[listeners.Inboundmail.host_access.groups]]") == 5


def test_no_group_is_not_the_built_in_ones() -> None:
    none = changed(FACTORY, groups=[])
    assert "groups = []" in written(none)
    snapshot = Snapshot(FACTORY, FACTORY_TEXT).changed_to(none)
    one = changed(none, groups=[SenderGroup(name="G", policy="TRUSTED")])
    again = snapshot.changed_to(one)
    assert read_configuration(again.text) == one
    assert read_configuration(again.changed_to(FACTORY).text) == FACTORY


def test_the_groups_of_a_text_may_name_built_in_policies() -> None:
    text = FACTORY_TEXT + (
        '\n[listeners.Inboundmail.host_access.default]\ntls = "required"\nmax_message_size = "10M"\n'
        '\n[[listeners.Inboundmail.host_access.groups]]\nname = "WHITELIST"\npolicy = "TRUSTED"\n'
        'senders = ["10.0.0.0/8", ".partner.example"]\n'
    )
    table = read_configuration(text).listeners["Inboundmail"].host_access
    assert [group.name for group in table.groups] == ["WHITELIST"]
