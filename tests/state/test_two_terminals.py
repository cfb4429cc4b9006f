"""Two terminals of one user, and other users beside them: nobody's work is lost, undone or overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from state.folder import Disk
from state.history import HEADER, History
from state.merge import CommitConflict
from state.model import Destination, Recipients
from state.problems import StateRefusal
from state.staging import Staging
from state.store import CONFIG, Store

NOON = datetime(2014, 5, 23, 11, 42, 12, tzinfo=UTC)


class Terminal:
    """One terminal: a store and a staging of its own on a shared directory."""

    def __init__(self, disk: Disk, user: str = "admin") -> None:
        self.disk = disk
        self.staging = Staging(Store(disk, lambda: NOON), user)

    def new(self, name: str, **fields: Any) -> None:
        domains = {**self.staging.configuration.destinations.domains, name: Destination(**fields)}
        self.staging.configuration = self.staging.configuration.with_destinations(domains=domains)
        self.staging.finish()

    def delete(self, name: str) -> None:
        domains = {key: one for key, one in self.staging.configuration.destinations.domains.items() if key != name}
        self.staging.configuration = self.staging.configuration.with_destinations(domains=domains)
        self.staging.finish()

    def names(self) -> set[str]:
        return set(self.staging.configuration.destinations.domains)

    def entry(self, name: str) -> Destination:
        return self.staging.configuration.destinations.domains[name]


def committed(disk: Disk) -> set[str]:
    return set(Store(disk, lambda: NOON).committed.configuration.destinations.domains)


def test_a_commit_takes_what_the_other_terminal_staged_with_it(disk: Disk) -> None:
    one, two = Terminal(disk), Terminal(disk)
    one.new("a.example")
    two.staging.refresh()
    two.new("b.example")
    one.staging.commit("both", rollback=True)
    assert committed(disk) == {"a.example", "b.example"}
    two.staging.refresh()
    assert not two.staging.dirty


def test_a_save_on_an_older_base_keeps_what_was_moved_to_the_newer_one(disk: Disk) -> None:
    one, two, bob = Terminal(disk), Terminal(disk), Terminal(disk, "bob")
    one.new("a.example")
    bob.new("c.example")
    bob.staging.commit("c", rollback=True)
    two.staging.refresh()
    assert two.names() == {"a.example", "c.example"}
    one.new("b.example")
    two.staging.refresh()
    assert one.names() == two.names() == {"a.example", "b.example", "c.example"}


def test_what_was_staged_after_the_others_commit_stays(disk: Disk) -> None:
    one, two = Terminal(disk), Terminal(disk)
    one.new("a.example")
    two.staging.refresh()
    two.staging.commit("a", rollback=True)
    two.new("b.example")
    one.new("c.example")
    two.staging.refresh()
    assert one.names() == two.names() == {"a.example", "b.example", "c.example"}
    assert committed(disk) == {"a.example"}


@pytest.mark.parametrize("command", [True, False])
def test_an_undo_takes_back_only_what_this_terminal_staged(disk: Disk, command: bool) -> None:
    one, two = Terminal(disk), Terminal(disk)
    one.staging.begin()
    two.new("theirs.example")
    one.new("ours.example")
    domains = {**one.staging.configuration.destinations.domains, "unfinished.example": Destination()}
    one.staging.configuration = one.staging.configuration.with_destinations(domains=domains)
    one.staging.undo(command)
    two.staging.refresh()
    assert one.names() == two.names() == {"theirs.example"} | (set() if command else {"ours.example"})


def test_an_undo_never_reverts_a_commit(disk: Disk) -> None:
    alice, bob = Terminal(disk, "alice"), Terminal(disk, "bob")
    alice.staging.begin()
    alice.new("a.example")
    bob.new("b.example")
    bob.staging.commit("b", rollback=True)
    alice.staging.commit("a", rollback=True)
    alice.staging.undo(command=True)
    assert not alice.staging.dirty
    assert committed(disk) == {"a.example", "b.example"}


def test_changes_inside_one_value_join_or_the_later_one_stays_whole(disk: Disk) -> None:
    one = Terminal(disk)
    one.new("x.example", recipients=Recipients(limit=5, minutes=30))
    two = Terminal(disk)
    two.new("x.example", recipients=None)
    two.new("y.example")
    one.new("x.example", recipients=Recipients(limit=5, minutes=20))
    two.staging.refresh()
    assert two.names() == {"x.example", "y.example"}
    assert two.entry("x.example").recipients == Recipients(limit=5, minutes=20)


def test_a_deleted_entry_that_is_changed_comes_back_whole(disk: Disk) -> None:
    one = Terminal(disk)
    one.new("x.example", tls="required", dane="mandatory", concurrency=7)
    two = Terminal(disk)
    two.delete("x.example")
    one.new("x.example", tls="required", dane="mandatory", concurrency=9)
    two.staging.refresh()
    assert two.entry("x.example") == Destination(tls="required", dane="mandatory", concurrency=9)


def test_a_read_error_loses_nothing(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = Terminal(disk, "alice"), Terminal(disk, "bob")
    alice.new("x.example")
    bob.new("b.example")
    bob.staging.commit("b", rollback=True)
    read = Disk.read

    def failing(self: Disk, name: str, most: int | None = None) -> bytes | None:
        if name.startswith("staged/"):
            raise OSError(24, "Too many open files")
        return read(self, name, most)

    with monkeypatch.context() as patched:
        patched.setattr(Disk, "read", failing)
        with pytest.raises(OSError, match="Too many"):
            alice.staging.refresh()
    alice.new("y.example")
    assert Terminal(disk, "alice").names() == {"b.example", "x.example", "y.example"}


def test_after_a_refused_commit_clear_is_the_way_out(disk: Disk) -> None:
    alice, bob = Terminal(disk, "alice"), Terminal(disk, "bob")
    alice.new("x.example", tls="required")
    bob.new("x.example", tls="preferred")
    bob.staging.commit("b", rollback=True)
    with pytest.raises(CommitConflict):
        alice.staging.commit("a", rollback=True)
    alice.staging.clear()
    assert alice.entry("x.example").tls == "preferred"
    alice.new("x.example", tls="required")
    alice.staging.commit("a", rollback=True)
    assert Terminal(disk).entry("x.example").tls == "required"


def test_a_conflict_names_who_changed_the_key_and_both_values(disk: Disk) -> None:
    admin, bob, carol = Terminal(disk), Terminal(disk, "bob"), Terminal(disk, "carol")
    admin.new("a.example", tls="required")
    bob.new("a.example", tls="preferred", concurrency=4)
    bob.staging.commit("b", rollback=True)
    carol.new("c.example")
    carol.staging.commit("c", rollback=True)
    with pytest.raises(CommitConflict) as refused:
        admin.staging.commit("a", rollback=True)
    assert str(refused.value) == (
        'destinations.domains."a.example": you staged { tls = "required" }, '
        'but bob committed { tls = "preferred", concurrency = 4 } (revision 2).'
    )


def test_delete_against_change_is_a_conflict(disk: Disk) -> None:
    Terminal(disk).new("a.example", tls="required")
    first = Terminal(disk)
    first.staging.commit("first", rollback=True)
    admin, bob = Terminal(disk), Terminal(disk, "bob")
    admin.delete("a.example")
    bob.new("a.example", tls="required", concurrency=4)
    bob.staging.commit("b", rollback=True)
    with pytest.raises(CommitConflict) as refused:
        admin.staging.commit("a", rollback=True)
    assert str(refused.value) == (
        'destinations.domains."a.example": you staged its removal, '
        'but bob committed { tls = "required", concurrency = 4 } (revision 3).'
    )


def test_a_merge_that_breaks_a_rule_is_refused(disk: Disk) -> None:
    Terminal(disk).new("a.example", tls="required")
    Terminal(disk).staging.commit("first", rollback=True)
    admin, bob = Terminal(disk), Terminal(disk, "bob")
    admin.new("a.example", tls="no")
    bob.new("a.example", tls="required", dane="mandatory")
    bob.staging.commit("b", rollback=True)
    with pytest.raises(StateRefusal, match="DANE needs TLS"):
        admin.staging.commit("a", rollback=True)
    assert admin.staging.dirty


def test_rows_of_a_list_merge_by_address(disk: Disk) -> None:
    text = '[[alerts.recipients]]\naddress = "a@x.example"\n\n[[alerts.recipients]]\naddress = "b@x.example"\n'
    Path(disk.path, CONFIG).write_text(text)
    store = Store(disk, lambda: NOON)
    base = store.committed
    rows = base.configuration.alerts.recipients
    from msgspec.structs import replace

    from state.merge import merge

    def with_rows(*recipients: Any) -> Any:
        return replace(base.configuration, alerts=replace(base.configuration.alerts, recipients=list(recipients)))

    ours = with_rows(replace(rows[0], severities=["Critical"]), rows[1])
    theirs = with_rows(rows[0], replace(rows[1], classes=["System"]))
    merged, conflicts = merge(base.configuration, ours, theirs)
    assert conflicts == []
    assert merged.alerts.recipients == [replace(rows[0], severities=["Critical"]), replace(rows[1], classes=["System"])]
    merged, conflicts = merge(base.configuration, with_rows(rows[1]), theirs)
    assert merged.alerts.recipients == [replace(rows[1], classes=["System"])]
    assert conflicts == []


def test_a_hand_edit_during_a_commit_is_taken_in_first(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = Terminal(disk)
    admin.new("a.example")
    announce = admin.staging.store.history.announce
    edited: list[bool] = []

    def while_announced(revision: Any, text: bytes) -> None:
        announce(revision, text)
        if not edited:
            edited.append(True)
            path = Path(disk.path, CONFIG)
            path.write_text(path.read_text().replace('tls = "no"', 'tls = "preferred"'))

    monkeypatch.setattr(admin.staging.store.history, "announce", while_announced)
    admin.staging.commit("a", rollback=True)
    store = Store(disk, lambda: NOON)
    assert store.committed.configuration.destinations.default.tls == "preferred"
    assert committed(disk) == {"a.example"}
    assert [store.history.header(number).user for number in store.history.numbers()] == ["(factory)", "(file)", "admin"]


def test_an_error_after_the_new_text_is_in_force_is_said_as_that(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = Terminal(disk)
    admin.new("a.example")
    complete = admin.staging.store.history.complete
    failed: list[bool] = []

    def failing(revision: Any) -> None:
        if not failed:
            failed.append(True)
            raise OSError(5, "Input/output error")
        complete(revision)

    monkeypatch.setattr(admin.staging.store.history, "complete", failing)
    revision = admin.staging.commit("mine", rollback=True)
    assert "was in force" in admin.staging.store.notices[0]
    store = Store(disk, lambda: NOON)
    assert store.revision == revision
    assert (revision.user, revision.comment) == ("admin", "mine")


def test_entries_stand_in_the_order_of_the_text(disk: Disk) -> None:
    admin = Terminal(disk)
    for name in ("a.example", "b.example", "c.example"):
        admin.new(name)
    admin.staging.commit("abc", rollback=True)
    domains = dict(reversed(admin.staging.configuration.destinations.domains.items()))
    admin.staging.configuration = admin.staging.configuration.with_destinations(
        domains={"z.example": Destination(), **domains}
    )
    admin.staging.finish()
    admin.staging.commit("order", rollback=True)
    for name in disk.names("cache"):
        disk.remove(f"cache/{name}")
    again = list(Store(disk, lambda: NOON).committed.configuration.destinations.domains)
    assert again == list(admin.staging.configuration.destinations.domains)
    assert again == ["a.example", "b.example", "c.example", "z.example"]


@pytest.mark.parametrize(
    "text",
    [
        '[destinations.domains]\n"c.example".tls = "required"\n"d.example".tls = "no"\n',
        'destinations.domains."c.example".tls = "required"\n',
        '[destinations]\ndomains = { "c.example" = { tls = "required" } }\n',
        '[destinations.domains]\n"c.example" = { tls = "required" }\n',
        '[destinations.domains."c.example"]\ntls = "required"\n',
    ],
)
def test_an_entry_without_a_setting_of_its_own_is_still_an_entry(disk: Disk, text: str) -> None:
    Path(disk.path, CONFIG).write_text(text)
    admin = Terminal(disk)
    admin.new("c.example")
    admin.staging.commit("plain", rollback=True)
    for name in disk.names("cache"):
        disk.remove(f"cache/{name}")
    assert Terminal(disk).entry("c.example") == Destination()


def test_a_damaged_revision_is_never_put_in_force(disk: Disk) -> None:
    admin = Terminal(disk)
    admin.new("a.example")
    admin.staging.commit("a", rollback=True)
    content = disk.read("history/2") or b""
    disk.write("history/2", content.replace(b"a.example", b"evil.example"))
    Path(disk.path, CONFIG).unlink()
    assert committed(disk) == set()


def test_what_else_lies_in_the_history_is_no_revision(disk: Disk) -> None:
    Terminal(disk)
    Path(disk.path, "history", "²").write_text("x")
    Path(disk.path, "history", "notes").write_text("x")
    Path(disk.path, "history", "99").mkdir()
    Path(disk.path, "history", "7.pending").mkdir()
    admin = Terminal(disk)
    admin.new("a.example")
    assert admin.staging.commit("a", rollback=True).number == 100


def test_a_config_file_that_is_a_link_stays_one(disk: Disk, tmp_path: Path) -> None:
    kept = tmp_path / "elsewhere.toml"
    kept.write_text('hostname = "mx.example.com"\n')
    Path(disk.path, CONFIG).symlink_to(kept)
    admin = Terminal(disk)
    admin.new("a.example")
    admin.staging.commit("a", rollback=True)
    assert Path(disk.path, CONFIG).is_symlink()
    assert "a.example" in kept.read_text()


def test_another_directory_is_not_taken_for_an_appliance(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("x")
    tmp_path.chmod(0o755)
    with pytest.raises(StateRefusal, match="no appliance directory"):
        Disk(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_adopting_a_text_never_overwrites_what_another_terminal_staged(disk: Disk) -> None:
    one, two = Terminal(disk), Terminal(disk)
    two.new("b.example")
    with pytest.raises(StateRefusal, match="Another session"):
        one.staging.adopt(one.staging.store.snapshot(1))
    assert Terminal(disk).names() == {"b.example"}


def test_staged_work_on_a_revision_that_is_gone_is_set_aside_and_kept(disk: Disk) -> None:
    Terminal(disk)
    for number in (1, 2):
        disk.write("staged/admin.toml", HEADER + b'{"base":77}\nhostname = "mx.example.com"\n')
        admin = Terminal(disk)
        assert not admin.staging.dirty
        assert admin.staging.notices
        assert len([name for name in disk.names("staged") if "broken" in name]) == number


def test_a_file_that_is_written_again_while_it_is_taken_in_is_read_again(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(disk.path, CONFIG)
    path.write_text('hostname = "first.example.com"\n')
    announce = History.announce
    edited: list[bool] = []

    def while_announced(self: History, revision: Any, text: bytes) -> None:
        announce(self, revision, text)
        if not edited:
            edited.append(True)
            path.write_text('hostname = "second.example.com" # again\n')

    monkeypatch.setattr(History, "announce", while_announced)
    store = Store(disk, lambda: NOON)
    assert store.committed.configuration.hostname == "second.example.com"
    assert path.read_text() == 'hostname = "second.example.com" # again\n'
    assert store.history.numbers() == [1]
