"""Mistakes that systems with a staged configuration are known for, each by its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands.session import Session
from state.folder import Disk
from state.history import History
from state.last_good import restore_last_good
from state.model import Destination
from state.problems import InvalidConfiguration, StateRefusal, WaitingForConfirm
from state.staging import Staging
from state.store import CONFIG, Store
from tests.conftest import Person


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def user(disk: Disk, clock: Clock) -> Callable[..., Staging]:
    def make(name: str = "admin") -> Staging:
        return Staging(Store(disk, clock), name)

    return make


@pytest.fixture
def typist(disk: Disk, clock: Clock) -> Callable[..., Person]:
    def make(name: str = "admin") -> Person:
        return Person(Session(lambda: Store(disk, clock), name))

    return make


def stage(staging: Staging, name: str, **fields: Any) -> Staging:
    domains = {**staging.configuration.destinations.domains, name: Destination(**fields)}
    staging.configuration = staging.configuration.with_destinations(domains=domains)
    staging.finish()
    return staging


def full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_candidate_lost_by_a_failed_commit(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    staging = stage(user(), "a.example", tls="required")
    with monkeypatch.context() as patched:
        patched.setattr(History, "announce", full)
        with pytest.raises(OSError, match="No space"):
            staging.commit("x", rollback=True)
    assert staging.dirty
    assert "a.example" in user().configuration.destinations.domains
    staging.commit("x", rollback=True)
    assert not user().dirty


def test_a_dirty_mark_that_is_wrong_after_a_rollback(typist: Any) -> None:
    someone = typist()
    someone.type("destconfig new a.example --tls required")
    someone.type('commit "one"')
    someone.type("destconfig new b.example --tls required")
    someone.type('commit "two"')
    someone.type("rollbackconfig", "2", "y", "y")
    assert not someone.session.staging.dirty
    assert not typist().session.staging.dirty
    someone.type("rollbackconfig", "2", "y", "n")
    assert someone.session.staging.dirty
    assert typist().session.staging.dirty
    someone.type("clear y")
    assert not someone.session.staging.dirty


def test_a_rollback_is_warned_of_what_it_brings_about(typist: Any) -> None:
    someone = typist()
    for tls, comment in (("3", "required"), ("1", "off")):
        answers = [*[""] * 13, tls, *[""] * (8 if tls == "3" else 7), *[""] * 3]
        someone.type("listenerconfig -> edit -> 1 -> hostaccess -> default", *answers)
        someone.type(f'commit "{comment}"')
    shown = someone.type("rollbackconfig", "2", "y", "y")
    assert "Listener Inboundmail requires TLS of everybody." in shown
    assert 'Listener Inboundmail uses the "Demo" certificate' in shown


def test_a_diff_against_a_stale_base(typist: Any) -> None:
    ours, theirs = typist("ours"), typist("theirs")
    ours.type("destconfig new a.example --tls required")
    theirs.type("destconfig default --tls preferred")
    theirs.type('commit "theirs"')
    shown = ours.type("showchanges")
    assert '+[destinations.domains."a.example"]' in shown
    assert "preferred" not in "".join(line for line in shown.split("\n") if line[:1] in "+-")


def test_a_lock_that_is_kept_after_a_commit(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one = stage(user("one"), "a.example")
    one.commit("x", rollback=True)
    two = stage(user("two"), "b.example")
    with monkeypatch.context() as patched:
        patched.setattr(History, "announce", full)
        with pytest.raises(OSError, match="No space"):
            two.commit("x", rollback=True)
    stage(user("three"), "c.example").commit("x", rollback=True)
    two.commit("x", rollback=True)


def test_a_poisoned_candidate_that_blocks_later_commits(user: Any) -> None:
    poisoned = user("one")
    poisoned.configuration = poisoned.configuration.with_destinations(certificate="gone")
    poisoned.finish()
    with pytest.raises(InvalidConfiguration, match="gone"):
        poisoned.commit("x", rollback=True)
    stage(user("two"), "b.example").commit("x", rollback=True)
    poisoned.refresh()
    poisoned.configuration = poisoned.configuration.with_destinations(certificate="Demo", send_tls_alert=True)
    poisoned.finish()
    poisoned.commit("x", rollback=True)
    assert "b.example" in user().base.configuration.destinations.domains


def test_a_confirm_timer_that_is_still_armed_after_a_failed_commit(
    user: Any, disk: Disk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = stage(user(), "a.example")
    write = Disk.write

    def failing(self: Disk, name: str, content: bytes, durable: bool = True) -> Any:
        return full() if name == CONFIG else write(self, name, content, durable)

    with monkeypatch.context() as patched:
        patched.setattr(Disk, "write", failing)
        with pytest.raises(OSError, match="No space"):
            staging.commit("x", rollback=True, confirm=5)
    clock.now += timedelta(minutes=6)
    again = user()
    assert again.store.notices == []
    assert again.store.revision.number == 1
    assert again.dirty
    stage(user("other"), "b.example").commit("nobody waits", rollback=True)


def test_a_stale_candidate_that_overwrites(user: Any) -> None:
    stale = stage(user("stale"), "a.example", tls="required")
    for number in range(3):
        stage(user("busy"), f"b{number}.example", tls="preferred").commit("x", rollback=True)
    stale.commit("late", rollback=True)
    assert set(user().configuration.destinations.domains) == {"a.example", "b0.example", "b1.example", "b2.example"}


def test_a_silent_revert(user: Any, typist: Any, clock: Clock) -> None:
    stage(user(), "a.example", tls="required").commit("careful", rollback=True, confirm=5)
    waiting = typist("other")
    waiting.type("version")
    running = waiting.session.converse(waiting.terminal)
    running.send(None)
    clock.now += timedelta(minutes=5, seconds=1)
    waiting._shown.clear()
    running.send("")
    assert "".join(waiting._shown) == (
        "Revision 2 of admin was not confirmed in time; its changes are staged again. "
        "What was in force before is in force again, as revision 3.\n"
    )
    running.close()
    admin = user()
    assert admin.dirty
    assert admin.configuration.destinations.domains == {"a.example": Destination(tls="required")}
    assert admin.store.history.header(3).user == "(unconfirmed)"
    assert not user("other").dirty


def test_half_a_commit(user: Any, disk: Disk) -> None:
    staging = stage(stage(user(), "a.example", tls="required"), "b.example", tls="required")
    text = staging.text
    staging.commit("both", rollback=True)
    assert Path(disk.path, CONFIG).read_text() == text
    assert disk.names("history") in (["1", "2"], ["2", "1"])
    assert (disk.read("history/2") or b"").endswith(text.encode())


def test_while_a_commit_waits_others_are_refused_with_the_time_left(user: Any, clock: Clock) -> None:
    stage(user(), "a.example").commit("careful", rollback=True, confirm=5)
    clock.now += timedelta(minutes=1, seconds=20)
    other = stage(user("other"), "b.example")
    with pytest.raises(WaitingForConfirm, match="for 3 minutes and 40 seconds"):
        other.commit("x", rollback=True)
    assert other.dirty
    assert user().store.confirm("other") is False
    assert user().store.confirm("admin") is True
    clock.now += timedelta(hours=1)
    other.commit("x", rollback=True)
    assert set(user().base.configuration.destinations.domains) == {"a.example", "b.example"}
    assert not user().dirty


def test_another_commit_of_the_same_user_confirms(user: Any, clock: Clock) -> None:
    admin = stage(user(), "a.example")
    admin.commit("careful", rollback=True, confirm=5)
    stage(admin, "b.example").commit("and more", rollback=True)
    clock.now += timedelta(hours=1)
    assert set(user().base.configuration.destinations.domains) == {"a.example", "b.example"}
    assert not user().dirty


def test_what_was_staged_on_an_unconfirmed_commit_stays_with_it(user: Any, clock: Clock) -> None:
    admin = stage(user(), "a.example", tls="required")
    admin.commit("careful", rollback=True, confirm=5)
    stage(admin, "b.example", tls="preferred")
    clock.now += timedelta(minutes=6)
    admin.refresh()
    assert admin.store.committed.configuration.destinations.domains == {}
    assert set(admin.configuration.destinations.domains) == {"a.example", "b.example"}
    admin.commit("again", rollback=True)
    assert set(user().base.configuration.destinations.domains) == {"a.example", "b.example"}


def test_a_revert_that_is_killed_half_way_is_done_again(
    user: Any, disk: Disk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(user(), "a.example", tls="required").commit("careful", rollback=True, confirm=5)
    clock.now += timedelta(minutes=6)
    with monkeypatch.context() as patched:
        patched.setattr(History, "announce", full)  # after the staged file was written
        with pytest.raises(OSError, match="No space"):
            user()
    admin = user()
    assert admin.store.committed.configuration.destinations.domains == {}
    assert admin.configuration.destinations.domains == {"a.example": Destination(tls="required")}


def test_a_deadline_that_passes_during_ones_own_commit(user: Any, clock: Clock) -> None:
    admin = stage(user(), "a.example", tls="required")
    admin.commit("careful", rollback=True, confirm=1)
    stage(admin, "b.example", tls="preferred")
    clock.now += timedelta(minutes=2)  # at the question for the comment
    with pytest.raises(StateRefusal, match="Nothing was committed"):
        admin.commit("late", rollback=True)
    assert set(admin.configuration.destinations.domains) == {"a.example", "b.example"}
    assert user().base.configuration.destinations.domains == {}
    admin.commit("again", rollback=True)
    assert set(user().base.configuration.destinations.domains) == {"a.example", "b.example"}


def test_every_open_prompt_says_what_was_undone(typist: Any, user: Any, clock: Clock) -> None:
    admin = typist()
    admin.type("destconfig new a.example --tls required")
    admin.type('commit "careful" confirm 1')
    clock.now += timedelta(minutes=2)
    assert user("other").store.notices
    shown = admin.type("version")
    assert shown.startswith("Revision 2 of admin was not confirmed in time; its changes are staged again. What was in")


def test_a_hand_edit_confirms_nothing(user: Any, disk: Disk, clock: Clock) -> None:
    stage(user(), "a.example", tls="required").commit("careful", rollback=True, confirm=5)
    path = Path(disk.path, CONFIG)
    path.write_text(path.read_text() + "# by hand\n")
    other = stage(user("other"), "b.example")
    assert "waits to be confirmed" in other.store.notices[0]
    with pytest.raises(WaitingForConfirm):
        other.commit("x", rollback=True)
    clock.now += timedelta(minutes=6)
    admin = user()
    assert admin.base.configuration.destinations.domains == {}
    assert admin.configuration.destinations.domains == {"a.example": Destination(tls="required")}
    assert "# by hand" in admin.text


def test_a_loaded_text_comes_through_a_lapse_with_its_comments(typist: Any, disk: Disk, clock: Clock) -> None:
    Path(disk.path, "configuration", "new.toml").write_text('# precious\nhostname = "mx.example.com" # inner\n')
    someone = typist()
    someone.type("loadconfig --file new.toml")
    someone.type('commit "careful" confirm 1')
    clock.now += timedelta(minutes=2)
    someone.type("version")
    someone.type('commit "again"')
    assert Path(disk.path, CONFIG).read_text() == '# precious\nhostname = "mx.example.com" # inner\n'


def test_a_refused_commit_of_a_rollback_leaves_it_staged(typist: Any) -> None:
    admin, bob = typist(), typist("bob")
    admin.type("destconfig new a.example --tls required")
    admin.type('commit "one"')
    admin.type("destconfig new b.example --tls required")
    admin.type('commit "two"')
    bob.type("destconfig setup --alert on")
    bob.type('commit "bob" confirm 5')
    shown = admin.type("rollbackconfig", "3", "y", "y")
    assert "Your changes stay staged." in shown
    assert '-[destinations.domains."b.example"]' in admin.type("showchanges")


def test_a_broken_hand_edit_hides_no_staged_work(user: Any, disk: Disk) -> None:
    one, two = user(), user()
    stage(two, "a.example")
    Path(disk.path, CONFIG).write_text("x = [")
    with pytest.raises(InvalidConfiguration):
        one.refresh()
    assert "a.example" in one.configuration.destinations.domains
    assert one.dirty


def test_a_conflict_in_a_row_of_a_list_names_who_changed_it(typist: Any, disk: Disk) -> None:
    row = '[[alerts.recipients]]\naddress = "a@x.example"\nclasses = ["{}"]\n'
    Path(disk.path, CONFIG).write_text(row.format("System"))
    admin, bob, carol = typist(), typist("bob"), typist("carol")
    for name, kind in (("admin.toml", "Hardware"), ("carol.toml", "Updater")):
        Path(disk.path, "configuration").mkdir(exist_ok=True)
        Path(disk.path, "configuration", name).write_text(row.format(kind))
    admin.type("loadconfig --file admin.toml")
    bob.type("destconfig setup --alert on")
    bob.type('commit "bob"')
    carol.session.open()
    Path(disk.path, "configuration", "carol.toml").write_text(
        "[destinations]\nsend_tls_alert = true\n" + row.format("Updater")
    )
    carol.type("loadconfig --file carol.toml")
    carol.type('commit "carol"')
    bob.type("destconfig setup --alert off")
    bob.type('commit "more"')
    shown = admin.type('commit "mine"')
    assert 'you staged ["Hardware"], but carol committed ["Updater"] (revision 3).' in shown


def test_a_key_that_is_loaded_again_keeps_its_token(typist: Any, disk: Disk) -> None:
    text = '[certificates.c]\ncertificate = "x"\nprivate_key = "-----BEGIN PRIVATE KEY-----"\n'
    Path(disk.path, CONFIG).write_text(text)
    Path(disk.path, "configuration", "same.toml").write_text(text)
    assert "No changes detected" in typist().type("loadconfig --file same.toml")


def test_last_good_keeps_the_broken_file_without_clear_keys(disk: Disk, user: Any) -> None:
    stage(user(), "a.example").commit("good", rollback=True)
    good = Path(disk.path, CONFIG).read_text()
    key = "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----"
    Path(disk.path, CONFIG).write_text(f'bad = 5 # mine\n[certificates.c]\nprivate_key = """\n{key}\n"""\n')
    assert restore_last_good(disk) == ("Revision 2 is in force again; the broken file is kept as config.toml.broken.")
    assert Path(disk.path, CONFIG).read_text() == good
    kept = Path(disk.path, "config.toml.broken").read_text()
    assert "bad = 5 # mine" in kept
    assert "hush" not in kept
    assert restore_last_good(disk) == "config.toml is in order; nothing was restored."
