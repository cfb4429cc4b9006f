"""The store: commits that last, history, hand edits, recovery, other users."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from state.factory import FACTORY_TEXT
from state.folder import Disk, Memory
from state.history import HEADER
from state.merge import CommitConflict
from state.model import Configuration, Destination
from state.problems import InvalidConfiguration
from state.staging import Staging
from state.store import CONFIG, Store
from state.validation import read_configuration

NOON = datetime(2014, 5, 23, 11, 42, 12, tzinfo=UTC)


def opened(folder: Disk | Memory) -> Store:
    return Store(folder, lambda: NOON)


def text(folder: Disk | Memory, name: str = CONFIG) -> str:
    content = folder.read(name)
    assert content is not None
    return content.decode()


def with_domain(configuration: Configuration, name: str, **fields: object) -> Configuration:
    domains = {**configuration.destinations.domains, name: Destination(**fields)}  # type: ignore[arg-type]
    return configuration.with_destinations(domains=domains)


def stage(store: Store, user: str, name: str, **fields: object) -> Staging:
    staging = Staging(store, user)
    staging.configuration = with_domain(staging.configuration, name, **fields)
    staging.save()
    return staging


def test_a_new_directory_begins_with_the_factory_configuration_as_revision_one(disk: Disk) -> None:
    store = opened(disk)
    assert text(disk) == FACTORY_TEXT
    assert (store.revision.number, store.revision.user, store.revision.rollback) == (1, "(factory)", False)
    assert store.revision.time == "2014-05-23T11:42:12Z"


def test_a_commit_lasts_and_is_a_revision_with_the_whole_text(disk: Disk) -> None:
    staging = stage(opened(disk), "admin", "a.example", tls="required")
    revision = staging.commit("Require TLS", rollback=True)
    again = opened(disk)
    assert again.committed.configuration.destinations.domains == {"a.example": Destination(tls="required")}
    assert again.revision == revision
    assert (revision.number, revision.user, revision.comment) == (2, "admin", "Require TLS")
    header, _, body = text(disk, "history/2").partition("\n")
    assert header.startswith(HEADER.decode())
    assert body == text(disk) == again.committed.text
    assert disk.names("staged") == []
    assert disk.names("history") in (["1", "2"], ["2", "1"])


def test_the_text_in_force_says_what_is_in_force(disk: Disk) -> None:
    store = opened(disk)
    staging = Staging(store, "admin")
    for round_ in range(5):
        staging.configuration = with_domain(staging.configuration, f"d{round_}.example", tls="required")
        staging.configuration = with_domain(staging.configuration, "a.example", concurrency=round_ + 1)
        staging.commit("", rollback=True)
        assert read_configuration(text(disk)) == store.committed.configuration == staging.configuration


def test_staged_work_outlives_the_process_and_belongs_to_its_user(disk: Disk) -> None:
    stage(opened(disk), "admin", "a.example", tls="required")
    store = opened(disk)
    assert Staging(store, "admin").dirty
    assert not Staging(store, "other").dirty
    assert "a.example" not in text(disk)


def test_staged_work_that_was_undone_leaves_no_file(disk: Disk) -> None:
    staging = stage(opened(disk), "admin", "a.example")
    staging.configuration = staging.base.configuration
    staging.save()
    assert disk.names("staged") == []
    assert not staging.dirty


def test_another_terminal_of_the_same_user_sees_it_and_both_changes_stay(disk: Disk) -> None:
    one, two = Staging(opened(disk), "admin"), Staging(opened(disk), "admin")
    one.configuration = with_domain(one.configuration, "one.example")
    one.save()
    two.configuration = with_domain(two.configuration, "two.example")
    two.save()
    one.refresh()
    assert set(one.configuration.destinations.domains) == {"one.example", "two.example"}
    assert one.configuration == two.configuration


def test_two_users_changes_to_different_keys_both_arrive(disk: Disk) -> None:
    ours = stage(opened(disk), "ours", "a.example", tls="required")
    theirs = stage(opened(disk), "theirs", "b.example", tls="preferred")
    theirs.commit("b", rollback=True)
    ours.commit("a", rollback=True)
    assert set(opened(disk).committed.configuration.destinations.domains) == {"a.example", "b.example"}


def test_the_same_key_with_another_value_is_refused_with_both_values_and_nothing_is_lost(disk: Disk) -> None:
    stage(opened(disk), "admin", "a.example", tls="required").commit("base", rollback=True)
    ours = stage(opened(disk), "ours", "a.example", tls="no")
    stage(opened(disk), "theirs", "a.example", tls="preferred").commit("theirs", rollback=True)
    with pytest.raises(CommitConflict) as refused:
        ours.commit("ours", rollback=True)
    assert str(refused.value) == (
        'destinations.domains."a.example".tls: you staged "no", but theirs committed "preferred" (revision 3).'
    )
    assert opened(disk).committed.configuration.destinations.domains["a.example"].tls == "preferred"
    assert Staging(opened(disk), "ours").configuration.destinations.domains["a.example"].tls == "no"


def test_the_same_key_with_the_same_value_is_no_conflict(disk: Disk) -> None:
    ours = stage(opened(disk), "ours", "a.example", tls="required")
    stage(opened(disk), "theirs", "a.example", tls="required").commit("theirs", rollback=True)
    ours.refresh()
    assert not ours.dirty


def test_a_broken_rule_refuses_the_commit_and_keeps_the_work(disk: Disk) -> None:
    staging = Staging(opened(disk), "admin")
    staging.configuration = staging.configuration.with_destinations(certificate="gone")
    with pytest.raises(InvalidConfiguration, match='there is no certificate profile "gone"'):
        staging.commit("", rollback=True)
    assert Staging(opened(disk), "admin").configuration.destinations.certificate == "gone"
    assert opened(disk).revision.number == 1


def test_a_hand_edit_is_taken_in_as_a_revision_by_file(disk: Disk) -> None:
    store = opened(disk)
    Path(disk.path, CONFIG).write_text(FACTORY_TEXT.replace('tls = "no"', 'tls = "preferred" # by hand'))
    assert store.refresh()
    assert store.committed.configuration.destinations.default.tls == "preferred"
    assert (store.revision.number, store.revision.user) == (2, "(file)")
    assert "# by hand" in text(disk)
    assert not store.refresh()


def test_a_hand_edit_beside_staged_work_keeps_both(disk: Disk) -> None:
    staging = stage(opened(disk), "admin", "a.example", tls="required")
    Path(disk.path, CONFIG).write_text("# mine\n" + FACTORY_TEXT.replace('tls = "no"', 'tls = "preferred"'))
    staging.refresh()
    staging.commit("", rollback=True)
    committed = opened(disk).committed
    assert committed.configuration.destinations.default.tls == "preferred"
    assert committed.configuration.destinations.domains["a.example"].tls == "required"
    assert committed.text.startswith("# mine\n")


def test_a_broken_hand_edit_is_refused_and_the_last_one_stays_in_force(disk: Disk) -> None:
    store = opened(disk)
    Path(disk.path, CONFIG).write_text('[destinations.default]\ntls = "sometimes"\n')
    with pytest.raises(InvalidConfiguration, match=r"line 2: destinations\.default\.tls"):
        store.refresh()
    assert store.committed.configuration.destinations.default.tls == "no"
    with pytest.raises(InvalidConfiguration):
        opened(disk)
    assert text(disk).endswith('"sometimes"\n')


def test_a_secret_in_a_file_that_is_taken_in_is_sealed_at_once(disk: Disk) -> None:
    store = opened(disk)
    Path(disk.path, CONFIG).write_text(
        FACTORY_TEXT + '\n[certificates.partner] # ours\ncertificate = "x"\nprivate_key = "-----BEGIN hush-----"\n'
    )
    store.refresh()
    sealed = store.committed.configuration.certificates["partner"].private_key
    assert sealed is not None
    assert store.vault.open(sealed) == "-----BEGIN hush-----"
    assert "[certificates.partner] # ours" in text(disk)
    everything = b"".join(path.read_bytes() for path in Path(disk.path).rglob("*") if path.is_file())
    assert b"hush" not in everything
    assert read_configuration(text(disk)) == store.committed.configuration


def test_an_unchanged_secret_keeps_its_token(disk: Disk) -> None:
    test_a_secret_in_a_file_that_is_taken_in_is_sealed_at_once(disk)
    before = opened(disk).committed.configuration.certificates
    stage(opened(disk), "admin", "a.example").commit("", rollback=True)
    assert opened(disk).committed.configuration.certificates == before


def test_a_removed_file_comes_back_from_the_history(disk: Disk) -> None:
    stage(opened(disk), "admin", "a.example").commit("", rollback=True)
    Path(disk.path, CONFIG).unlink()
    store = opened(disk)
    assert "a.example" in store.committed.configuration.destinations.domains
    assert store.revision.number == 2


def test_a_commit_that_was_killed_before_the_rename_never_was(disk: Disk) -> None:
    stage(opened(disk), "admin", "a.example")
    disk.write("history/2.pending", HEADER + b'{"number":2,"sha256":"00","user":"admin","time":"",'
               b'"comment":"","rollback":true}\nhostname = "x.example"\n')  # fmt: skip
    store = opened(disk)
    assert store.revision.number == 1
    assert disk.names("history") == ["1"]
    assert Staging(store, "admin").dirty


def test_a_commit_that_was_killed_after_the_rename_is_finished(disk: Disk) -> None:
    staging = stage(opened(disk), "admin", "a.example")
    kept = text(disk, "staged/admin.toml")
    staging.commit("done", rollback=True)
    disk.rename("history/2", "history/2.pending")
    disk.write("staged/admin.toml", kept.encode())
    store = opened(disk)
    assert store.revision.number == 2
    assert store.revision.comment == "done"
    assert not Staging(store, "admin").dirty


def test_a_damaged_newest_revision_does_not_keep_the_appliance_from_opening(disk: Disk) -> None:
    stage(opened(disk), "admin", "a.example").commit("", rollback=True)
    disk.write("history/2", b"garbage")
    store = opened(disk)
    assert "a.example" in store.committed.configuration.destinations.domains
    assert store.revision.number == 3


def test_staged_work_that_cannot_be_read_is_set_aside_and_said(disk: Disk) -> None:
    stage(opened(disk), "admin", "a.example")
    wrong = HEADER + b'{"base":1}\nhostname = 5\n'
    damages = (b"garbage", b"#asyncsh {}\n", wrong, b"\xff\xfe", HEADER + b'{"base":9}\n')
    for number, damage in enumerate(damages, 1):
        disk.write("staged/admin.toml", damage)
        staging = Staging(opened(disk), "admin")
        assert not staging.dirty
        aside = "staged/admin.broken" + (f"-{number}" if number > 1 else "")
        assert staging.notices == [f"Your staged changes could not be read; they were set aside as {aside}."]
        assert disk.read(aside) == damage


def test_a_change_undone_by_its_default_leaves_no_trace_in_the_text(disk: Disk) -> None:
    staging = stage(opened(disk), "admin", "a.example", tls="required")
    staging.commit("", rollback=True)
    before = text(disk)
    staging.configuration = with_domain(staging.configuration, "a.example", tls="required", concurrency=5)
    staging.save()
    staging.configuration = with_domain(staging.configuration, "a.example", tls="required")
    staging.save()
    assert not staging.dirty
    staging.configuration = replace(staging.configuration, hostname="mx.example.com")
    staging.commit("", rollback=True)
    assert text(disk) == before.replace('hostname = "mail.example.com"', 'hostname = "mx.example.com"', 1)


def test_a_text_is_read_from_its_kept_values_and_never_from_stale_ones(disk: Disk) -> None:
    large = FACTORY_TEXT + "".join(f'\n[destinations.domains."d{n}.example"]\ntls = "required"\n' for n in range(2000))
    disk.write(CONFIG, large.encode())
    first = opened(disk).committed.configuration
    assert disk.read("cache/committed")
    assert opened(disk).committed.configuration == first == read_configuration(large)
    changed = large.replace('tls = "required"', 'tls = "preferred"', 1)
    disk.write(CONFIG, changed.encode())
    assert opened(disk).committed.configuration == read_configuration(changed)
    for damage in (b"", b"x" * 100, (disk.read("cache/committed") or b"")[:-1]):
        disk.write("cache/committed", damage)
        assert opened(disk).committed.configuration == read_configuration(changed)


def test_the_history_is_read_oldest_first(disk: Disk) -> None:
    store = opened(disk)
    for number in range(11):
        stage(store, "admin", f"d{number}.example").commit(f"comment {number}", rollback=number % 2 == 0)
    assert store.history.numbers() == list(range(1, 13))
    assert len(store.snapshot(5).configuration.destinations.domains) == 4
    with pytest.raises(KeyError):
        store.snapshot(99)
