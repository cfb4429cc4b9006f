"""The system list: kept as the appliance took it, updated only when told to, never broken by its file."""

from __future__ import annotations

import errno
from collections.abc import Hashable
from datetime import timedelta
from pathlib import Path

import certifi
import msgspec
import pytest

from gateway.authorities import Authority, export_text
from gateway.refusals import CertificateRefused
from gateway.system_list import FILE, Bundle, installed, system_list, update
from state.folder import Disk, Memory
from state.store import Store
from tests.gateway.conftest import Family
from tests.gateway.making import NOW, make

DAMAGED = "The kept system list was damaged; it was taken anew from the installed bundle."
UNREADABLE = "The installed bundle of certificate authorities (certifi) cannot be read."


class ReadOnly(Memory):
    """A directory in which nothing can be written any more."""

    closed = False

    def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
        if self.closed:
            raise OSError(errno.EROFS, "Read-only file system", name)
        return super().write(name, content, durable)


def at(folder: Memory | Disk, days: int = 0) -> Store:
    return Store(folder, lambda: NOW + timedelta(days=days))


def install(monkeypatch: pytest.MonkeyPatch, version: str, *authorities: Authority) -> None:
    monkeypatch.setattr(certifi, "__version__", version)
    monkeypatch.setattr(certifi, "contents", lambda: export_text(authorities))


@pytest.fixture
def roots(family: Family) -> list[Authority]:
    others = [Authority(f"Root {key}", make(f"Root {key}", key=key, ca=True).certificate) for key in (3, 4)]
    return [Authority("Example Root", family.root.certificate), *others]


def test_it_is_taken_at_the_first_need_and_kept(disk: Disk) -> None:
    first = system_list(at(disk))
    assert (first.bundle.version, first.bundle.updated, first.problems) == (certifi.__version__, NOW, [])
    assert len(first.authorities) == certifi.contents().count("BEGIN CERTIFICATE")
    later = system_list(at(Disk(disk.path), days=5))
    assert later == first
    assert Path(disk.path, FILE).stat().st_mode & 0o777 == 0o600


def test_an_upgrade_of_the_package_changes_nothing_until_update(
    monkeypatch: pytest.MonkeyPatch, roots: list[Authority]
) -> None:
    folder = Memory()
    install(monkeypatch, "2026.06.17", *roots[:2])
    system_list(at(folder))
    install(monkeypatch, "2026.09.01", *roots[1:])
    assert system_list(at(folder, days=90)).authorities == roots[:2]
    assert update(at(folder, days=90)) == ("2026.06.17", "2026.09.01", ["Root 4"], ["Example Root"], True)
    now = system_list(at(folder, days=91))
    assert (now.authorities, now.bundle.updated) == (roots[1:], NOW + timedelta(days=90))
    assert update(at(folder, days=92)) == ("2026.09.01", "2026.09.01", [], [], False)
    assert system_list(at(folder)).bundle.updated == NOW + timedelta(days=90)


def bundle(**changes: object) -> bytes:
    kept = {"version": "2026.06.17", "updated": "2026-06-17T09:00:00Z", "text": certifi.contents()}
    return msgspec.json.encode({**kept, **changes})


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 5}',
        bundle()[:-1],
        bundle(text=""),
        bundle(text="nothing"),
        bundle(text="-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"),
        bundle(version="\x1b[2J"),
        bundle(version="9" * 5000),
        bundle(updated="yesterday"),
        bundle(updated="2026-06-17T09:00:00"),
    ],
    ids=lambda kept: ascii(kept[:30]),
)
def test_a_damaged_file_is_taken_anew_and_told_once(kept: bytes) -> None:
    folder = Memory()
    folder.write(FILE, kept)
    found = system_list(at(folder))
    assert found.problems == [DAMAGED]
    assert found.bundle.version == certifi.__version__
    assert len(found.authorities) > 100
    assert system_list(at(folder)).problems == []


def test_one_bad_authority_is_a_sentence_and_breaks_nothing(roots: list[Authority]) -> None:
    folder = Memory()
    bad = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
    folder.write(FILE, bundle(text=bad + export_text(roots)))
    found = system_list(at(folder))
    assert found.authorities == roots
    assert found.problems == [
        "Authority 1 cannot be read as a certificate: its content is damaged or is no X.509 certificate."
    ]


def test_a_file_that_cannot_be_read_or_written_is_a_sentence(disk: Disk) -> None:
    Path(disk.path, FILE).mkdir()
    found = system_list(at(disk))
    assert len(found.authorities) > 100
    assert found.problems == [
        "The kept system list cannot be read (Is a directory); the installed bundle is used.",
        "The system list cannot be kept in the appliance directory: Is a directory.",
    ]


def test_a_read_only_directory_still_has_its_list(monkeypatch: pytest.MonkeyPatch, roots: list[Authority]) -> None:
    folder = ReadOnly()
    store = at(folder)
    folder.closed = True
    found = system_list(store)
    assert len(found.authorities) > 100
    assert found.problems == ["The system list cannot be kept in the appliance directory: Read-only file system."]
    folder.closed = False
    system_list(store)
    folder.closed = True
    install(monkeypatch, "2027.01.01", *roots)
    with pytest.raises(CertificateRefused, match="cannot be kept in the appliance directory: Read-only file system"):
        update(store)
    assert len(system_list(store).authorities) > 100


@pytest.mark.parametrize("contents", ["", "nothing", None])
def test_without_an_installed_bundle_the_list_is_empty_and_says_so(
    monkeypatch: pytest.MonkeyPatch, contents: str | None
) -> None:
    def read() -> str:
        if contents is None:
            raise FileNotFoundError(errno.ENOENT, "No such file")
        return contents

    monkeypatch.setattr(certifi, "contents", read)
    with pytest.raises(CertificateRefused):
        installed(NOW)
    folder = Memory()
    found = system_list(at(folder))
    assert (found.authorities, found.problems) == ([], [UNREADABLE])
    assert folder.read(FILE) is None
    with pytest.raises(CertificateRefused):
        update(at(folder))


def test_what_is_kept_is_never_lost_to_an_update_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Memory()
    before = system_list(at(folder))
    monkeypatch.setattr(certifi, "contents", lambda: "")
    with pytest.raises(CertificateRefused):
        update(at(folder))
    assert system_list(at(folder)) == before
    kept = folder.read(FILE)
    assert kept is not None
    assert msgspec.json.decode(kept, type=Bundle) == before.bundle
