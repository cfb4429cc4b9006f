"""The appliance directory: private, whole or not at all, no link followed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from state.folder import Disk, Memory


def test_the_directory_and_its_files_are_private(tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    disk = Disk(tmp_path / "deep" / "appliance")
    disk.write("config.toml", b"x")
    disk.write("staged/admin.toml", b"y")
    root = Path(disk.path)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (root, *root.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_an_open_directory_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "appliance").mkdir(mode=0o755)
    Disk(tmp_path / "appliance")
    assert stat.S_IMODE((tmp_path / "appliance").stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["disk", "memory"])
def test_files_are_replaced_renamed_and_removed(kind: str, tmp_path: Path) -> None:
    folder = Disk(tmp_path / "a") if kind == "disk" else Memory()
    assert folder.read("config.toml") is None
    assert folder.stamp("config.toml") is None
    folder.write("history/1.pending", b"one")
    first = folder.stamp("history/1.pending")
    folder.write("history/1.pending", b"two")
    assert folder.stamp("history/1.pending") != first
    folder.rename("history/1.pending", "history/1")
    assert folder.read("history/1") == b"two"
    assert folder.names("history") == ["1"]
    folder.remove("history/1")
    folder.remove("history/1")
    assert folder.names("history") == []


@pytest.mark.parametrize("kind", ["disk", "memory"])
def test_lines_are_added_up_to_a_size(kind: str, tmp_path: Path) -> None:
    folder = Disk(tmp_path / "a") if kind == "disk" else Memory()
    assert (folder.size("logs/x"), folder.read_part("logs/x", 0, -1)) == (0, b"")
    assert folder.append("logs/x", b"one\n", 3)  # a file has at least what was added at once
    assert not folder.append("logs/x", b"two\n", 7)
    assert folder.append("logs/x", b"two\n", 8)
    assert folder.size("logs/x") == 8
    assert folder.read("logs/x") == b"one\ntwo\n"
    assert [folder.read_part("logs/x", 2, most) for most in (0, 3, 99, -1)] == [b"", b"e\nt", b"e\ntwo\n", b"e\ntwo\n"]
    assert folder.read_part("logs/x", 9, -1) == b""


HALVES = [(b"half", b""), (b"one\nha", b"one\n"), (b"one\n" + b"x" * 200_000, b"one\n"), (b"x" * 200_000, b"")]


@pytest.mark.parametrize("kind", ["disk", "memory"])
@pytest.mark.parametrize(("before", "kept"), HALVES)
def test_half_a_line_goes_before_lines_are_added(kind: str, before: bytes, kept: bytes, tmp_path: Path) -> None:
    folder = Disk(tmp_path / "a") if kind == "disk" else Memory()
    folder.write("logs/x", before)
    assert folder.append("logs/x", b"two\n", 100)
    assert folder.read("logs/x") == kept + b"two\n"


def test_nothing_is_added_behind_a_link(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "a")
    (tmp_path / "outside").write_text("secret\n")
    (Path(disk.path) / "logs" / "x").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match=r"."):
        disk.append("logs/x", b"line\n", 100)
    assert (tmp_path / "outside").read_text() == "secret\n"


def test_a_write_that_fails_leaves_the_old_content_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path / "a")
    disk.write("config.toml", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        disk.write("config.toml", b"new")
    assert disk.read("config.toml") == b"old"
    assert [path.name for path in Path(disk.path).iterdir() if path.is_file()] == ["config.toml"]


def test_content_is_flushed_before_the_rename_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path / "a")
    calls: list[str] = []
    fsync, rename = os.fsync, os.rename

    def noted_fsync(handle: int) -> None:
        calls.append("fsync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "fsync file")
        fsync(handle)

    def noted_rename(old: str, new: str) -> None:
        calls.append("rename")
        rename(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "rename", noted_rename)
    disk.write("config.toml", b"new")
    assert calls == ["fsync file", "rename", "fsync folder"]


def test_what_lies_in_the_inner_folders_is_never_a_way_out(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "a")
    (tmp_path / "outside").write_text("secret")
    (Path(disk.path) / "configuration" / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(Path(disk.path) / "configuration" / "pipe")
    (Path(disk.path) / "configuration" / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(OSError, match=r"."):
            disk.read(f"configuration/{name}")
    disk.write("configuration/large", b"x" * 1025)
    with pytest.raises(OSError, match="larger"):
        disk.read("configuration/large", most=1024)


def test_a_lock_is_waited_for_and_let_go_by_a_dead_process(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "a")
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, time\nfrom pathlib import Path\nfrom state.folder import Disk\n"
         "with Disk(Path(sys.argv[1])).lock('commit'):\n    print('held', flush=True)\n    time.sleep(30)\n",
         disk.path], stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    waiter = subprocess.Popen(
        [sys.executable, "-c", "import sys\nfrom pathlib import Path\nfrom state.folder import Disk\n"
         "with Disk(Path(sys.argv[1])).lock('commit'):\n    print('mine')\n", disk.path], stdout=subprocess.PIPE,
    )  # fmt: skip
    time.sleep(0.3)
    assert waiter.poll() is None
    holder.kill()
    holder.communicate()
    assert waiter.communicate(timeout=10)[0] == b"mine\n"
