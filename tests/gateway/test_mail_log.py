"""The mail log: whole lines, whoever writes and whenever one is killed; numbers that are never given twice."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.log_line import LogLine
from gateway.mail_log import MailLog, stamped
from gateway.mail_log_files import CURRENT, Place, every_line, last_lines, lines_since, log_files
from state.folder import Disk, Memory
from state.store import CONFIG, Store

if TYPE_CHECKING:
    from state.folder import Folder

NOON = datetime(2014, 5, 23, 11, 42, 12, tzinfo=UTC)
CLOSE = LogLine("Info", "DCID 30 close")
SMALL = b'[logs.mail_logs]\nmax_size = "100k"\nmax_files = 3\n'
LONG = "x" * 900
KIB = 1024


def log_in(folder: Folder, config: bytes = b"") -> MailLog:
    folder.write(CONFIG, config)
    return MailLog(Store(folder, lambda: NOON))


def texts(folder: Folder) -> list[str]:
    return [line.decode().partition("Info: ")[2] for line in every_line(folder)]


STAMPS = [
    (datetime(2005, 7, 20, 19, 47, 40, tzinfo=UTC), "Wed Jul 20 19:47:40 2005 Info: DCID 30 close"),
    (datetime(2018, 3, 5, 4, 1, 4, tzinfo=UTC), "Mon Mar  5 04:01:04 2018 Info: DCID 30 close"),
]


@pytest.mark.parametrize(("moment", "line"), STAMPS)
def test_a_line_is_stamped_as_documented(moment: datetime, line: str) -> None:
    assert stamped(CLOSE, moment) == line


HOSTILE = ["two\nlines", "a\rb", "\x1b[2Jgone", "nul\0", "\u2028next", "\u202eevil", "\x85", "\udcff"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_peer_says_stays_on_its_line(text: str) -> None:
    folder = Memory()
    log_in(folder).write(LogLine("Info", text), CLOSE)
    content = (folder.read(CURRENT) or b"").decode()
    assert content.count("\n") == 2
    assert content.replace("\n", "").isprintable()


def test_a_line_has_an_end() -> None:
    assert len(stamped(LogLine("Info", "\x1b" * 65536), NOON)) < 2100


LEVELS = [(b"", ["Info", "Warning"]), (b'[logs.mail_logs]\nlevel = "debug"\n', ["Debug", "Info", "Warning"])]


@pytest.mark.parametrize(("config", "written"), LEVELS)
def test_debug_is_written_where_it_is_wanted(config: bytes, written: list[str]) -> None:
    folder = Memory()
    log = log_in(folder, config)
    assert log.write(LogLine("Debug", "a"), LogLine("Info", "b"), LogLine("Warning", "c"))
    assert [line.decode().split()[5].removesuffix(":") for line in every_line(folder)] == written


def test_the_file_is_private(disk: Disk) -> None:
    log = log_in(disk)
    log.write(CLOSE)
    log.number("DCID")
    for name in ("mail_logs", "counters"):
        assert stat.S_IMODE((Path(disk.path) / "logs" / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["disk", "memory"])
def test_a_full_file_is_rotated_and_the_oldest_goes(kind: str, tmp_path: Path) -> None:
    folder: Folder = Disk(tmp_path / "a") if kind == "disk" else Memory()
    log = log_in(folder, SMALL)
    for number in range(400):
        log.write(LogLine("Info", f"{number} {LONG}"))
    assert log_files(folder) == ["logs/mail_logs.2", "logs/mail_logs.1", "logs/mail_logs"]
    assert all(folder.size(name) <= 100 * KIB for name in log_files(folder))
    kept = [int(text.split()[0]) for text in texts(folder)]
    assert kept == list(range(kept[0], 400))
    assert len(kept) > 220


def test_fewer_files_are_kept_as_soon_as_it_is_configured(disk: Disk) -> None:
    for number in (1, 2, 3, 7):
        disk.write(f"{CURRENT}.{number}", b"old\n")
    disk.write(f"{CURRENT}.old", b"of somebody else\n")
    log = log_in(disk, SMALL)
    for _ in range(120):
        log.write(LogLine("Info", LONG))
    assert log_files(disk) == ["logs/mail_logs.2", "logs/mail_logs.1", "logs/mail_logs"]
    assert disk.read(f"{CURRENT}.old")


def test_a_rotation_that_was_killed_loses_nothing(disk: Disk) -> None:
    disk.write(f"{CURRENT}.2", b"first\n")  # the file in use became number 1, and that number 2; then came the kill
    log = log_in(disk, SMALL)
    for _ in range(120):
        log.write(LogLine("Info", LONG))
    assert next(every_line(disk)) == b"first"
    assert log_files(disk) == ["logs/mail_logs.2", "logs/mail_logs.1", "logs/mail_logs"]


def test_the_last_lines_are_found_across_files() -> None:
    folder = Memory()
    log = log_in(folder, SMALL)
    for number in range(150):
        log.write(LogLine("Info", f"{number} {LONG}"))
    for count in (1, 60, 100, 150, 200):
        lines, _ = last_lines(folder, count)
        assert [int(line.split()[6]) for line in lines] == list(range(max(150 - count, 0), 150))


def test_lines_are_followed_through_rotations() -> None:
    folder = Memory()
    log = log_in(folder, SMALL)
    lines, place = last_lines(folder, 10)
    assert (lines, place) == ([], Place())
    seen: list[bytes] = []
    for number in range(150):
        log.write(LogLine("Info", f"{number} {LONG}"))
        if number % 9 == 0:
            lines, place = lines_since(folder, place)
            seen += lines
    lines, place = lines_since(folder, place)
    assert [int(line.split()[6]) for line in seen + lines] == list(range(150))
    assert lines_since(folder, place) == ([], place)


def test_lines_that_are_read_while_files_are_rotated_are_read_once() -> None:
    folder = Memory()
    log = log_in(folder, SMALL.replace(b"3", b"9"))
    for number in range(250):
        log.write(LogLine("Info", f"{number} {LONG}"))
    found = []
    for line in every_line(folder):
        found.append(int(line.split()[6]))
        if found[-1] in (50, 120, 200):
            for number in range(120):
                log.write(LogLine("Info", f"{1000 + number} {LONG}"))
    assert [number for number in found if number < 1000] == list(range(250))


def test_half_a_line_is_neither_read_nor_kept(disk: Disk) -> None:
    log = log_in(disk)
    log.write(CLOSE)
    disk.append(CURRENT, b"Fri May 23 11:42:12 2014 Info: New SM", 10**6)
    assert texts(disk) == ["DCID 30 close"]
    assert len(last_lines(disk, 10)[0]) == 1
    log.write(CLOSE)
    assert texts(disk) == ["DCID 30 close"] * 2


DYING = """
import os, sys
from datetime import UTC, datetime
from gateway.log_line import LogLine
from gateway.mail_log import MailLog
from state import folder
from state.store import Store
from tests.state.calls import Calls, die_at

for point in range(int(sys.argv[2])):
    if os.fork() == 0:
        log = MailLog(Store(folder.Disk(sys.argv[1]), lambda: datetime.now(UTC)))
        folder.os = calls = Calls(die_at(point))
        calls.armed = True
        print(f"MID {log.number('MID')}", flush=True)
        log.write(*(LogLine("Info", f"{point}.{part}") for part in range(3)))
        os._exit(0)
    os.wait()
"""


def test_a_writer_that_is_killed_anywhere_leaves_whole_lines_and_used_numbers(disk: Disk) -> None:
    log = log_in(disk)
    log.number("MID")
    points = 30
    program = [sys.executable, "-c", DYING, disk.path, str(points)]
    given = subprocess.run(program, check=True, capture_output=True, text=True).stdout.split("MID ")[1:]
    numbers = [int(number) for number in given]
    assert 10 < len(numbers) < points  # some died before they had one
    assert len(set(numbers)) == len(numbers)
    assert log.number("MID") > max(numbers)
    log.write(LogLine("Info", "whole"))
    found = texts(disk)
    assert found[-1] == "whole"
    assert all(re.fullmatch(r"[0-9]+\.[0-2]", text) for text in found[:-1])
    assert f"{points - 1}.2" in found


WRITING = """
import sys
from datetime import UTC, datetime
from gateway.log_line import LogLine
from gateway.mail_log import MailLog
from state.folder import Disk
from state.store import Store

log = MailLog(Store(Disk(sys.argv[1]), lambda: datetime.now(UTC)))
for number in range(150):
    if number % 10 == 0:
        print(*log.numbers("DCID", 2))
    log.write(*(LogLine("Info", f"{sys.argv[2]} {number} {part} {'x' * 300}") for part in "abc"))
"""


def test_several_processes_write_at_once(disk: Disk) -> None:
    log_in(disk, SMALL.replace(b"3", b"9"))
    programs = [
        subprocess.Popen([sys.executable, "-c", WRITING, disk.path, name], stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    numbers = sorted(int(number) for one in programs for number in one.communicate(timeout=60)[0].split())
    assert numbers == list(range(1, 61))
    words = [tuple(text.split()[:3]) for text in texts(disk)]
    assert len(words) == 900
    assert words[::3] == [(name, number, "a") for name, number, _ in words[2::3]]  # what is written at once is together
    for name in ("one", "two"):
        assert [number for who, number, part in words if who == name and part == "a"] == [str(n) for n in range(150)]


def test_numbers_go_on_after_a_restart(disk: Disk) -> None:
    log = log_in(disk)
    assert [log.number("DCID"), log.number("MID"), log.number("DCID")] == [1, 1, 2]
    assert list(log.numbers("ICID", 3)) == [1, 2, 3]
    again = log_in(disk)
    assert [again.number("DCID"), again.number("MID"), again.number("ICID")] == [3, 2, 4]


DAMAGES = [b"", b"{", b'{"ICID":-1,"DCID":1,"MID":1}', b'{"DCID":1}', b"\xff" * 9000]


@pytest.mark.parametrize("damage", [None, *DAMAGES])
def test_lost_counters_are_found_again_in_the_logs(damage: bytes | None) -> None:
    folder = Memory()
    log = log_in(folder)
    folder.write(
        f"{CURRENT}.1", b"x Info: DCID 7 close\nx Info: Start MID 40 ICID 3\nx Info: DCID 99999999999999999999\n"
    )
    log.write(LogLine("Info", "Delivery start DCID 6 MID 14 to RID [0]"))
    if damage is not None:
        folder.write("logs/counters", damage)
    assert [log.number("ICID"), log.number("DCID"), log.number("MID")] == [4, 8, 41]


def test_a_disk_that_refuses_is_told_once_and_stops_nothing(disk: Disk) -> None:
    store = Store(disk, lambda: NOON)
    log = MailLog(store)
    (Path(disk.path) / CURRENT).mkdir()
    assert not log.write(CLOSE)
    assert not log.write(CLOSE)
    assert len(store.notices) == 1
    assert store.notices[0].startswith("Lines of the mail log are missing. The appliance directory cannot be used: ")
    (Path(disk.path) / CURRENT).rmdir()
    assert log.write(CLOSE)
    assert texts(disk) == ["DCID 30 close"]


def test_no_number_is_given_that_the_disk_does_not_keep(disk: Disk) -> None:
    log = log_in(disk)
    (Path(disk.path) / "logs" / "counters").mkdir()
    with pytest.raises(OSError, match=r"."):
        log.number("DCID")
