"""Revocation lists that are fetched: over http and https, and what is noted where none comes."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.chain import TrustStore
from gateway.crl import read_crl
from gateway.engine import Engine
from gateway.https import FetchFailed, Web
from gateway.list_fetching import BRIEF_LIMITS, LIST_LIMITS, fetch_due, fetch_list
from gateway.refusals import CertificateRefused
from gateway.revocation_lists import Attempt, Kept, kept_list, next_fetch, take_list
from gateway.server_trust import web_judge
from state.folder import Memory
from state.model import RefreshInterval
from state.store import CONFIG, Store
from tests.gateway.conftest import Family
from tests.gateway.making import DER, NOW, make, make_crl
from tests.gateway.serving import answer, server_context, serving

HTTP = "http://crl.example.com/ca.crl"
HTTPS = "https://crl.example.com/ca.crl"


def fetched(store: Store, family: Family, *pieces: bytes, url: str = HTTP, folder: Path | None = None) -> str:
    """Return why a list was not fetched, "" if it was; with a folder the server has TLS."""
    judge = web_judge(lambda: TrustStore([family.root.certificate]), store.now)
    leaf = make("crl", family.intermediate, names=("crl.example.com",))
    context = server_context(folder, leaf, family.intermediate) if folder else None

    async def run() -> str:
        async with serving(context, pieces) as served:
            web = Web(served.network, served.addresses, judge)
            try:
                await fetch_list(store, "partner", url, web.get, [family.root.certificate], {})
            except (FetchFailed, CertificateRefused) as refused:
                return str(refused)
            return ""

    return asyncio.run(run())


def list_answer(data: bytes) -> bytes:
    return answer(data, Content_Type="application/pkix-crl")


def test_a_list_is_fetched_and_kept(family: Family, tmp_path: Path) -> None:
    store = Store(Memory(), lambda: NOW)
    assert fetched(store, family, list_answer(make_crl(family.root, revoked=3))) == ""
    kept = kept_list(store, "partner")
    assert kept.found is not None
    assert kept.found.revoked == 3
    assert kept.last is not None
    assert (kept.last.taken, kept.last.sentence) == (True, f'Taken from "{HTTP}".')
    again = list_answer(make_crl(family.root, revoked=5))
    assert fetched(store, family, again, url=HTTPS, folder=tmp_path) == ""
    kept = kept_list(store, "partner")
    assert kept.found is not None
    assert (kept.found.revoked, kept.found.crl.public_bytes(DER)[:1]) == (5, b"\x30")


MISSING = answer(b"", "404 Not Found")
MOVED = answer(b"", "302 Found", Location="http://other.example/")


@pytest.mark.parametrize(
    ("pieces", "url", "begin", "reason"),
    [
        ([MISSING], HTTP, "Not fetched from", "answered with the status 404; 200 is expected."),
        ([MOVED], HTTP, "Not fetched from", "answered with a redirection (302), which is not followed."),
        ([], "http://nowhere.example/ca.crl", "Not fetched from", 'The host "nowhere.example" has no address.'),
        ([], HTTP, "Not fetched from", "broke the connection off."),
        ([answer(b"", Content_Length="33554433")], HTTP, "Not fetched from", "is larger than 32 MiB."),
        ([answer(b"<html>")], HTTP, "Not taken from", "It is not a certificate revocation list"),
    ],
)
def test_what_fails_is_noted_and_leaves_the_last_good_list(
    family: Family, pieces: list[bytes], url: str, begin: str, reason: str
) -> None:
    store = Store(Memory(), lambda: NOW)
    fetched(store, family, list_answer(make_crl(family.root, revoked=2)))
    assert reason in fetched(store, family, *pieces, url=url)
    kept = kept_list(store, "partner")
    assert isinstance(kept, Kept)
    assert kept.found is not None
    assert kept.found.revoked == 2
    assert kept.last is not None
    assert kept.last.sentence.startswith(f'{begin} "{url}": ')
    assert reason in kept.last.sentence


def test_the_limits_of_a_list() -> None:
    assert LIST_LIMITS == (32 * 1024 * 1024, 300.0, 20.0)
    assert BRIEF_LIMITS == (32 * 1024 * 1024, 10.0, 5.0)


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


@pytest.mark.parametrize(
    ("taken", "last", "refresh", "due"),
    [
        (None, None, "monthly", None),
        (None, 0, "hourly", 0.25),
        (0, 0, "hourly", 1),
        (0, 0, "daily", 24),
        (0, 0, "weekly", 144),
        (0, 0, "monthly", 144),  # the list is out of date then
        (0, 0.5, "hourly", 1),
        (0, 0.9, "hourly", 1.15),
        (144, 144, "weekly", 144.25),
    ],
)
# V1
def test_when_a_list_is_due(
    family: Family, taken: float | None, last: float | None, refresh: RefreshInterval, due: float | None
) -> None:
    """All in hours; the list was issued a day ago for 7 days."""

    def attempt(hour: float | None) -> Attempt | None:
        return None if hour is None else Attempt(time=hours(hour), taken=hour == taken, sentence="")

    found = None if taken is None else read_crl(make_crl(family.root))
    when = next_fetch(Kept(found, attempt(last), attempt(taken)), refresh)
    assert when == (None if due is None else hours(due))


SOURCES = """
[revocation]
delivery = {}
[revocation.sources.partner]
url = "http://192.0.2.99/ca.crl"
"""


# V1
@pytest.mark.parametrize(("delivery", "tried"), [("true", ["partner"]), ("false", [])])
def test_only_lists_that_are_due_and_checked_against_are_fetched(delivery: str, tried: list[str]) -> None:
    folder = Memory()
    folder.write(CONFIG, SOURCES.format(delivery).encode())
    engine = Engine.offline(Store(folder, lambda: NOW))
    found = asyncio.run(fetch_due(engine))
    assert [(one.source, one.found, one.before) for one in found] == [(name, None, None) for name in tried]
    assert [one.reason for one in found] == ["192.0.2.99 port 80 refused the connection."] * len(tried)
    assert asyncio.run(fetch_due(engine)) == []  # not again before a quarter of an hour is over


# V1
@pytest.mark.parametrize(("kept", "left"), [(True, "the last good one goes on"), (False, "there is none yet")])
def test_a_due_list_that_does_not_come_is_worth_an_alert(family: Family, kept: bool, left: str) -> None:
    folder = Memory()
    folder.write(CONFIG, SOURCES.format("true").encode())
    if kept:
        take_list(Store(folder, lambda: NOW), "partner", make_crl(family.root), [family.root.certificate], {}, "it")
    engine = Engine.offline(Store(folder, lambda: NOW + timedelta(days=30)))
    for _ in range(2):
        asyncio.run(fetch_due(engine))
    [record] = engine.alerts.stored()
    assert (record.alert.kind, record.alert.about) == ("list-refresh", "partner")
    assert left in record.alert.detail
    assert record.alert.detail.endswith("192.0.2.99 port 80 refused the connection.")
