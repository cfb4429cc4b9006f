"""Any order of edits, saves, commits, undos, restarts, hand edits and lapsing confirmations: model and store agree."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from state.factory import FACTORY_TEXT
from state.folder import Disk
from state.merge import CommitConflict
from state.model import Destination
from state.problems import WaitingForConfirm
from state.staging import Staging
from state.store import CONFIG, Store
from state.validation import read_configuration

NAMES = ("a.example", "b.example", "c.example")
VALUES = (None, 1, 2, 3)
TERMINALS = ("ada1", "ada2", "bob1")
Table = dict[str, int | None]
"""The model of a configuration: the entries, and the concurrency of each."""


def user_of(terminal: str) -> str:
    return terminal[:-1]


def table(configuration: Any) -> Table:
    return {name: entry.concurrency for name, entry in configuration.destinations.domains.items()}


def moved(base: Table, ours: Table, onto: Table) -> tuple[Table, bool]:
    """Return what the model makes of our changes on another table, and whether they collide."""
    result, collides = dict(onto), False
    for name in {*base, *ours, *onto}:
        was, mine, other = (one.get(name, "-") for one in (base, ours, onto))
        if mine == was:
            continue
        if other not in (was, mine):
            collides = True
        if mine == "-":
            result.pop(name, None)
        else:
            result[name] = ours[name]
    return result, collides


class StagedWork(RuleBasedStateMachine):
    """Two terminals of one user and one of another, on one directory; the model is a few dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.committed: Table = {}
        self.former: Table | None = None
        self.waiting: tuple[str, datetime] | None = None
        self.base: dict[str, Table] = {"ada": {}, "bob": {}}
        self.staged: dict[str, Table] = {"ada": {}, "bob": {}}
        self.stuck: dict[str, bool] = {"ada": False, "bob": False}

    @initialize()
    def open_all(self) -> None:
        self.terminals = {name: self.opened(name) for name in TERMINALS}

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def opened(self, terminal: str) -> Staging:
        return Staging(Store(Disk(Path(self.folder, "state")), lambda: self.now), user_of(terminal))

    def model_follows(self, committed: Table) -> None:
        """Move every user's staged work in the model onto another committed table, as the program does."""
        self.committed = committed
        for user in self.staged:
            result, collides = moved(self.base[user], self.staged[user], committed)
            self.stuck[user] = collides
            if not collides:
                self.base[user], self.staged[user] = dict(committed), result

    def lapse(self) -> None:
        """Undo an unconfirmed commit in the model, where its time is up."""
        if self.waiting and self.now >= self.waiting[1]:
            user = self.waiting[0]
            self.waiting = None
            assert self.former is not None
            undone = self.staged[user]
            former = self.former
            # also of work that collides with a hand edit of the meantime: what is undone is staged on what is restored
            self.base[user], self.staged[user] = dict(former), undone
            self.model_follows(former)

    def synced(self, terminal: str) -> Staging:
        """Return a terminal at its prompt: it has looked at what happened."""
        self.lapse()
        staging = self.terminals[terminal]
        staging.refresh()
        staging.begin()
        return staging

    def stage(self, terminal: str, result: Table) -> None:
        staging = self.terminals[terminal]
        entries = {name: Destination(concurrency=value) for name, value in result.items()}
        staging.configuration = staging.configuration.with_destinations(domains=entries)
        staging.finish()

    @rule(terminal=st.sampled_from(TERMINALS), name=st.sampled_from(NAMES), value=st.sampled_from(VALUES))
    def edit(self, terminal: str, name: str, value: int | None) -> None:
        self.synced(terminal)
        user = user_of(terminal)
        result = {**self.staged[user], name: value}
        self.stage(terminal, result)
        self.settle(user, result)

    @rule(terminal=st.sampled_from(TERMINALS), name=st.sampled_from(NAMES))
    def delete(self, terminal: str, name: str) -> None:
        self.synced(terminal)
        user = user_of(terminal)
        result = {key: value for key, value in self.staged[user].items() if key != name}
        self.stage(terminal, result)
        self.settle(user, result)

    def settle(self, user: str, result: Table) -> None:
        """Take up staged work in the model; where nothing is left of it, or nothing collides any more, it moves on."""
        self.staged[user] = result
        if result == self.base[user]:
            self.base[user] = self.staged[user] = dict(self.committed)
        self.model_follows(self.committed)

    @rule(terminal=st.sampled_from(TERMINALS), name=st.sampled_from(NAMES), value=st.sampled_from(VALUES))
    def cancelled_edit(self, terminal: str, name: str, value: int | None) -> None:
        staging = self.synced(terminal)
        self.stage(terminal, {**table(staging.configuration), name: value})
        staging.undo(command=True)
        self.settle(user_of(terminal), self.staged[user_of(terminal)])

    @rule(terminal=st.sampled_from(TERMINALS), confirm=st.sampled_from((None, None, 5)))
    def commit(self, terminal: str, confirm: int | None) -> None:
        staging = self.synced(terminal)
        user = user_of(terminal)
        if not staging.dirty:
            confirmed = staging.store.confirm(user)
            assert confirmed == (self.waiting is not None and self.waiting[0] == user)
            self.waiting = None if confirmed else self.waiting
            return
        try:
            staging.commit("", rollback=True, confirm=confirm)
        except WaitingForConfirm:
            assert self.waiting is not None
            assert self.waiting[0] != user
            return
        except CommitConflict as refused:
            assert self.stuck[user]
            assert "you staged" in str(refused)
            return
        assert not self.stuck[user]
        former = self.committed
        result = self.staged[user]
        self.base[user] = self.staged[user] = result
        self.waiting = (user, self.now + timedelta(minutes=confirm)) if confirm else None
        self.former = former
        self.model_follows(result)
        self.base[user] = self.staged[user] = dict(result)

    @rule(terminal=st.sampled_from(TERMINALS))
    def clear(self, terminal: str) -> None:
        staging = self.synced(terminal)
        staging.clear()
        user = user_of(terminal)
        self.base[user] = self.staged[user] = dict(self.committed)
        self.stuck[user] = False

    @rule(terminal=st.sampled_from(TERMINALS), back=st.integers(0, 5))
    def roll_back(self, terminal: str, back: int) -> None:
        staging = self.synced(terminal)
        user = user_of(terminal)
        if staging.dirty:
            return
        numbers = staging.store.history.numbers()
        snapshot = staging.store.snapshot(numbers[max(0, len(numbers) - 1 - back)])
        staging.adopt(snapshot)
        staging.begin()
        self.settle(user, table(snapshot.configuration))

    @rule(terminal=st.sampled_from(TERMINALS))
    def restart(self, terminal: str) -> None:
        self.lapse()
        self.terminals[terminal] = self.opened(terminal)

    @rule(minutes=st.integers(1, 6))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(name=st.sampled_from(NAMES), value=st.integers(1, 3))
    def hand_edit(self, name: str, value: int) -> None:
        path = Path(self.folder, "state", CONFIG)
        result = {**self.committed, name: value}
        lines = "".join(
            f'[destinations.domains."{key}"]\n' + ("" if number is None else f"concurrency = {number} # by hand\n")
            for key, number in result.items()
        )
        path.write_text(f"# {self.now} {name} {value}\n{FACTORY_TEXT}{lines}")
        self.model_follows(result)

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "terminals"):
            return
        self.lapse()
        for terminal, staging in self.terminals.items():
            staging.refresh()
            user = user_of(terminal)
            assert table(staging.store.committed.configuration) == self.committed
            assert table(staging.configuration) == self.staged[user], (terminal, self.stuck)
            if table(staging.configuration) != table(staging.base.configuration):
                assert staging.dirty
        text = Path(self.folder, "state", CONFIG).read_text()
        assert table(read_configuration(text)) == self.committed


TestStagedWork = StagedWork.TestCase
TestStagedWork.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
