"""Revocation lists that are fetched: over http and https, and what is noted where none comes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.chain import TrustStore
from gateway.https import FetchFailed, Web
from gateway.list_fetching import LIST_LIMITS, fetch_list
from gateway.refusals import CertificateRefused
from gateway.revocation_lists import Kept, kept_list
from gateway.server_trust import web_judge
from state.folder import Memory
from state.store import Store
from tests.gateway.conftest import Family
from tests.gateway.making import DER, NOW, make, make_crl
from tests.gateway.serving import answer, server_context, serving

HTTP = "http://crl.example.com/ca.crl"
HTTPS = "https://crl.example.com/ca.crl"


def fetched(store: Store, family: Family, *pieces: bytes, url: str = HTTP, folder: Path | None = None) -> str:
    """Return why a list was not fetched, "" if it was; with a folder the server has TLS."""
    judge = web_judge(TrustStore([family.root.certificate]), store.now)
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
