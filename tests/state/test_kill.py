"""A commit that is killed or fails at any call: the old or the new configuration, whole, and nothing staged lost."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from state import folder as folder_module
from state.folder import Disk
from state.model import Destination
from state.staging import Staging
from state.store import CONFIG, Store
from tests.state.calls import Calls, fail_at

NOON = datetime(2014, 5, 23, 11, 42, 12, tzinfo=UTC)
LEAST_POINTS = 12
DYING = """
import os
import sys
from datetime import UTC, datetime
from state import folder
from state.staging import Staging
from state.store import Store
from tests.state.calls import Calls, die_at

def staged_in(where):
    return Staging(Store(where, lambda: datetime.now(UTC)), "admin")

first = staged_in(folder.Memory())
first.configuration = first.configuration.with_destinations(send_tls_alert=True)
first.commit("loads all that a commit needs", rollback=True)
for line in sys.stdin:
    path, point = line.rsplit(maxsplit=1)
    child = os.fork()
    if child == 0:
        folder.os = calls = Calls(die_at(int(point)))
        staging = staged_in(folder.Disk(path))
        calls.armed = True
        staging.commit("new", rollback=True)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Reads a directory and a point a line; a child that has done nothing before commits there. Tells how each ended."""


def opened(disk: Disk) -> Store:
    return Store(disk, lambda: NOON)


def prepared(path: Path) -> tuple[Disk, bytes, bytes]:
    """Return an appliance with staged work, and the texts before and after its commit."""
    disk = Disk(path)
    staging = Staging(opened(disk), "admin")
    staging.configuration = staging.configuration.with_destinations(domains={"a.example": Destination(tls="required")})
    staging.save()
    old = disk.read(CONFIG)
    assert old is not None
    return disk, old, staging.text.encode()


def assert_sound(disk: Disk, old: bytes, new: bytes) -> str:
    """Check everything that must hold after a commit was cut off; return which configuration is in force."""
    found = disk.read(CONFIG)
    assert found in (old, new)
    store = opened(disk)
    staging = Staging(store, "admin")
    assert disk.read(CONFIG) == found
    assert store.committed.text.encode() == found
    number = 2 if found == new else 1
    assert store.revision.number == number
    assert store.history.numbers() == list(range(1, number + 1))
    assert store.snapshot(number).text.encode() == found
    assert staging.dirty == (found == old)
    assert staging.configuration.destinations.domains["a.example"].tls == "required"
    left = [path for path in Path(disk.path).rglob(".*") if path.is_file()]
    assert not left, left
    return "new" if found == new else "old"


def test_killed_before_each_call_of_a_commit(tmp_path: Path) -> None:
    outcomes: list[str] = []
    parent = subprocess.Popen(
        [sys.executable, "-c", DYING],
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with parent as pipe:
        assert pipe.stdin is not None
        assert pipe.stdout is not None
        for point in range(500):
            disk, old, new = prepared(tmp_path / str(point))
            print(disk.path, point, file=pipe.stdin, flush=True)
            status = int(pipe.stdout.readline())
            if status == 0:
                break
            assert status == -signal.SIGKILL
            outcomes.append(assert_sound(disk, old, new))
    assert assert_sound(disk, old, new) == "new"
    print(f"\nkilled at {len(outcomes)} points: {outcomes.count('old')} old, {outcomes.count('new')} new")
    assert len(outcomes) >= LEAST_POINTS
    assert outcomes == sorted(outcomes, reverse=True), "once the new one is in force it stays"
    assert set(outcomes) == {"old", "new"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES], ids=errno.errorcode.get)
def test_each_call_of_a_commit_failing(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = 0
    for point in range(500):
        disk, old, new = prepared(tmp_path / str(point))
        calls = Calls(fail_at(point, code))
        with monkeypatch.context() as patched:
            patched.setattr(folder_module, "os", calls)
            staging = Staging(opened(disk), "admin")
            calls.armed = True
            try:
                staging.commit("new", rollback=True)
            except OSError as error:
                assert error.strerror  # what a person is told
                failed = True
            else:
                failed = False
            calls.armed = False
        state = assert_sound(disk, old, new)
        assert failed or state == "new"
        if staging.dirty and state == "old":  # the same session goes on, no lock is left
            staging.commit("again", rollback=True)
            assert disk.read(CONFIG) == new
        points += 1
        if calls.count <= point:
            break
    print(f"\n{errno.errorcode[code]} at {points} points")
    assert points > LEAST_POINTS


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_each_call_of_a_save_failing_keeps_the_work(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for point in range(500):
        disk, _, _ = prepared(tmp_path / str(point))
        calls = Calls(fail_at(point, code))
        with monkeypatch.context() as patched:
            patched.setattr(folder_module, "os", calls)
            staging = Staging(opened(disk), "admin")
            staging.configuration = staging.configuration.with_destinations(send_tls_alert=True)
            calls.armed = True
            with suppress(OSError):
                staging.save()
            calls.armed = False
        assert staging.configuration.destinations.send_tls_alert  # here, and with the next save also there
        kept = Staging(opened(disk), "admin").configuration.destinations
        assert "a.example" in kept.domains
        staging.configuration = staging.configuration.with_destinations(certificate="Demo", send_tls_alert=True)
        staging.save()
        assert Staging(opened(disk), "admin").configuration.destinations.send_tls_alert
        if calls.count <= point:
            return
    pytest.fail("a save has more calls than that")


def test_the_order_of_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, _, _ = prepared(tmp_path / "a")
    done: list[str] = []

    def before(_: int, name: str, values: tuple[Any, ...]) -> None:
        if name in ("write", "fsync"):
            status = os.fstat(values[0])
            what = "folder" if stat.S_ISDIR(status.st_mode) else "file"
            path = Path(f"/proc/self/fd/{values[0]}").readlink()
            done.append(f"{name} {what} {path.relative_to(disk.path)}".replace(f".{os.getpid()}", ""))
        elif name == "rename":
            done.append(f"rename to {Path(values[1]).relative_to(disk.path)}")
        elif name == "unlink" and Path(values[0]).exists():
            done.append(f"unlink {Path(values[0]).relative_to(disk.path)}")

    calls = Calls(before)
    monkeypatch.setattr(folder_module, "os", calls)
    staging = Staging(opened(disk), "admin")
    calls.armed = True
    staging.commit("new", rollback=True)
    calls.armed = False
    assert [step for step in done if "cache" not in step] == [
        "write file history/.2.pending",
        "fsync file history/.2.pending",
        "rename to history/2.pending",
        "fsync folder history",
        "write file .config.toml",
        "fsync file .config.toml",
        "rename to config.toml",
        "fsync folder .",
        "rename to history/2",
        "fsync folder history",
        "unlink staged/admin.toml",
        "fsync folder staged",
    ]
