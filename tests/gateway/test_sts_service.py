"""The policy of a domain as of now: record, cache, back-off and fetch together, over days and restarts."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Hashable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.answers import Answer
from gateway.chain import TrustStore
from gateway.dns import Dns
from gateway.dns_cache import AnswerCache
from gateway.domain_policy import NO_DOMAIN, DomainPolicy
from gateway.https import Content, FetchFailed, Limits, Web, resolved_by
from gateway.mta_sts import Policy
from gateway.network import MappedNetwork
from gateway.server_trust import web_judge
from gateway.sts_cache import Cached, Failures, Kept
from gateway.sts_service import POLICY_LIMITS, PolicyService
from gateway.sts_store import keep_policy, kept_policy
from gateway.verdict import Verdict
from state.folder import Disk, Memory
from state.store import Store
from tests.gateway.making import NOW, Made, make
from tests.gateway.serving import answer, server_context, serving

DAY = 86400
DOMAIN = "example.com"
ENFORCE = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n"
TESTING = ENFORCE.replace("enforce", "testing")
NONE = "version: STSv1\nmode: none\nmax_age: 604800\n"
WEEK = Policy("enforce", 7 * DAY, ("mail.example.com",))

FOUND = f"Info: Successfully fetched MTA-STS TXT record for domain({DOMAIN})"
FETCHED = [
    f"Debug: Fetch MTA-STS policy for the domain({DOMAIN})",
    f"Info: Successfully fetched MTA-STS policy for the domain({DOMAIN})",
    f"Debug: MTA-STS Cache entry added for the domain ({DOMAIN}).",
]
ERROR = f"Info: MTA-STS record Error(Invalid MTA-STS TXT records found) for domain({DOMAIN})"
QUERY = f"Debug: DNS query: Q(_mta-sts.{DOMAIN}, 'TXT')"
FAILED = f"Info: Failure encountered while fetching MTA-STS policy for the domain({DOMAIN})"
A_DAY = "Info: Failures encountered while fetching STS policy, successive request is skipped for a day."


class World:
    """What the DNS and the policy host say, a clock, and an appliance that may be started again."""

    def __init__(self, folder: Memory | Disk | None = None) -> None:
        self.folder = Memory() if folder is None else folder
        self.now = NOW
        self.record: str | None = "v=STSv1; id=a"
        self.policy: str | FetchFailed = ENFORCE
        self.media_type = "text/plain"
        self.asked: list[str] = []
        self.lines: list[str] = []
        self.restart()

    def restart(self) -> None:
        """Begin with what the appliance directory has."""
        store = Store(self.folder, lambda: self.now)
        self.service = PolicyService(store, self.texts, self.get, lambda line: self.lines.append(str(line)))

    async def texts(self, name: str) -> Answer[tuple[bytes, ...]]:
        assert name == f"_mta-sts.{DOMAIN}"
        if self.record is None:
            return Answer(name, "error", fault="SERVFAIL.")
        return Answer(name, "insecure", tuple((text.encode(),) for text in self.record.split("|") if text))

    async def get(self, url: str, limits: Limits) -> Content:
        self.asked.append(url)
        await asyncio.sleep(0)
        if isinstance(self.policy, FetchFailed):
            raise self.policy
        return Content(self.policy.encode(), self.media_type)

    def state(self, after: float = 0) -> DomainPolicy:
        """Return the state `after` seconds later; `asked` and `lines` are of this look-up alone."""
        self.now += timedelta(seconds=after)
        self.asked.clear()
        self.lines.clear()
        return asyncio.run(self.service.policy_for(DOMAIN))


def test_a_policy_is_fetched_once_and_kept() -> None:  # M14
    world = World()
    first = world.state()
    assert (first.word, first.domain, first.policy, first.verdict.outcome) == ("enforce", DOMAIN, WEEK, "fetched")
    assert world.asked == [f"https://mta-sts.{DOMAIN}/.well-known/mta-sts.txt"]
    assert world.lines == [FOUND, *FETCHED]
    second = world.state(after=60)
    assert (second.word, second.policy, second.verdict.outcome) == ("enforce", WEEK, "cached")
    assert (world.asked, world.lines) == ([], [FOUND])


def test_a_destination_without_a_policy_domain_is_not_asked_for() -> None:  # M17
    world = World()
    assert asyncio.run(world.service.policy_for(None)) == NO_DOMAIN
    assert (world.asked, world.lines) == ([], [])


WITHOUT_A_RECORD = [
    # M2 M15 M16: what the TXT look-up says, the lines, and the outcome where nothing is kept
    ("", [QUERY, ERROR], "no-record"),
    ("v=spf1 -all", [QUERY, ERROR], "no-record"),
    ("v=STSv1; id=a|v=STSv1; id=a", [ERROR], "several-records"),
    ("v=STSv1; id=b-", [ERROR], "record-invalid"),
    (None, [QUERY, ERROR], "record-unknown"),
]


@pytest.mark.parametrize(("record", "lines", "outcome"), WITHOUT_A_RECORD)
def test_without_a_record_what_is_kept_holds_to_its_end(record: str | None, lines: list[str], outcome: str) -> None:
    world = World()
    world.record = record
    state = world.state()
    assert (state.word, state.policy, state.verdict.outcome) == ("absent", None, outcome)
    assert (world.asked, world.lines) == ([], lines)
    world.record = "v=STSv1; id=a"
    world.state()
    world.record = record
    state = world.state(after=7 * DAY - 1)
    assert (state.word, state.policy, state.alert) == ("enforce", WEEK, "")
    assert (world.asked, world.lines) == ([], lines)
    assert world.state(after=1).word == "absent"


def test_a_new_id_and_a_day_bring_the_policy_again() -> None:  # M14
    world = World()
    world.state()
    world.policy = TESTING
    assert world.state(after=60).word == "enforce"
    world.record = "v=STSv1; id=b"
    assert world.state().word == "testing"
    world.policy = NONE
    assert world.state(after=DAY - 1).word == "testing"
    assert world.state(after=1).word == "none"
    assert world.lines == [FOUND, *FETCHED]


def test_a_policy_that_may_not_be_kept_counts_for_what_is_decided_now() -> None:  # M14
    world = World()
    world.policy = ENFORCE.replace("604800", "0")
    assert (world.state().word, len(world.asked)) == ("enforce", 1)
    assert (world.state().word, len(world.asked)) == ("enforce", 1)
    world.record = ""
    assert world.state().word == "absent"


BROKEN = FetchFailed("not-connected", "192.0.2.80 port 443 refused the connection.")


def test_a_host_that_fails_is_left_in_peace() -> None:  # M7 M15
    world = World()
    world.policy = BROKEN
    state = world.state()
    assert (state.word, state.verdict.outcome, state.verdict.reason) == (
        "absent",
        "not-connected",
        "sts-policy-fetch-error",
    )
    sentence = "The MTA-STS policy of example.com cannot be fetched: 192.0.2.80 port 443 refused the connection."
    assert state.verdict.sentence == sentence
    assert (len(world.asked), world.lines) == (1, [FOUND, FAILED])
    skipped = world.state(after=299)
    assert (skipped.word, skipped.verdict.outcome) == ("absent", "not-asked-again")
    assert skipped.verdict.sentence == (
        "The MTA-STS policy of example.com could not be fetched on 2026-05-23 11:42 GMT; "
        "its host is not asked again before 2026-05-23 11:47 GMT."
    )
    assert (world.asked, world.lines) == ([], [FOUND])
    world.state(after=1)
    assert (len(world.asked), world.lines) == (1, [FOUND, FAILED])
    world.state(after=300)
    assert (len(world.asked), world.lines) == (1, [FOUND, FAILED, A_DAY])
    world.restart()
    world.state(after=DAY - 1)
    assert world.asked == []
    world.state(after=1)
    assert (len(world.asked), world.lines) == (1, [FOUND, FAILED, A_DAY])
    world.record = "v=STSv1; id=b"
    world.policy = ENFORCE
    assert (world.state(after=1).word, len(world.asked)) == ("enforce", 1)


def test_a_refresh_that_fails_leaves_the_policy_and_raises_an_alert() -> None:  # M14
    world = World()
    world.state()
    world.policy = BROKEN
    state = world.state(after=DAY)
    assert (state.word, state.verdict.outcome) == ("enforce", "cached")
    assert state.alert == (
        "The MTA-STS policy of example.com could not be refreshed and holds until 2026-05-30 11:42 GMT. "
        "The MTA-STS policy of example.com cannot be fetched: 192.0.2.80 port 443 refused the connection."
    )
    assert world.state(after=60).alert == ""  # it was not asked again
    world.record = "v=STSv1; id=b"
    assert world.state().alert != ""
    assert world.state(after=6 * DAY).word == "absent"


def test_a_refresh_of_a_policy_of_mode_none_fails_in_silence() -> None:  # M14
    world = World()
    world.policy = NONE
    world.state()
    world.policy = BROKEN
    state = world.state(after=DAY)
    assert (state.word, state.alert, len(world.asked)) == ("none", "", 1)


def test_a_policy_that_is_not_valid_is_a_failure_to_fetch_it() -> None:  # M8 M15
    world = World()
    world.policy = "version: STSv1\nmode: enforce\n"
    state = world.state()
    assert (state.word, state.verdict.outcome, state.verdict.reason) == (
        "absent",
        "policy-invalid",
        "sts-policy-invalid",
    )
    assert world.lines == [FOUND, FAILED]
    assert world.state(after=1).verdict.outcome == "not-asked-again"


def test_another_media_type_is_warned_of() -> None:  # M7
    world = World()
    world.media_type = "text/html"
    assert world.state().word == "enforce"
    warning = 'is of the media type "text/html"; text/plain is expected.'
    assert world.lines == [FOUND, *FETCHED, f"Warning: MTA-STS policy for the domain({DOMAIN}) {warning}"]


def test_two_deliveries_at_once_make_one_fetch() -> None:
    world = World()

    async def both() -> list[str]:
        states = await asyncio.gather(*[world.service.policy_for(DOMAIN) for _ in range(5)])
        return [state.verdict.outcome for state in states]

    assert asyncio.run(both()) == ["fetched", *["cached"] * 4]
    assert len(world.asked) == 1


def test_the_cache_survives_a_restart(disk: Disk) -> None:  # M14
    world = World(disk)
    world.state()
    world.folder = Disk(disk.path)
    world.restart()
    assert (world.state(after=60).verdict.outcome, world.asked) == ("cached", [])
    assert Path(disk.path, "sts", f"{DOMAIN}.json").stat().st_mode & 0o777 == 0o600


def test_what_is_kept_reads_back() -> None:
    folder = Memory()
    kept = Kept(Cached(WEEK._replace(mx=("*.a.example", "b")), "aZ09", NOW), Failures("b", 3, NOW))
    for value in (kept, Kept(), Kept(failures=kept.failures), Kept(kept.cached)):
        assert keep_policy(folder, DOMAIN, value)
        assert kept_policy(folder, DOMAIN) == value
    assert kept_policy(folder, "other.example") == Kept()


GOOD_FILE = {
    "domain": DOMAIN,
    "policy": {"mode": "enforce", "max_age": 9, "mx": ["a"], "id": "a", "fetched": "2026-05-23T11:42:12Z"},
    "failures": {"id": "a", "number": 1, "last": "2026-05-23T11:42:12Z"},
}


def test_the_file_that_is_damaged_below_is_good() -> None:
    folder = Memory()
    folder.write(f"sts/{DOMAIN}.json", json.dumps(GOOD_FILE).encode())
    assert kept_policy(folder, DOMAIN) == (Cached(Policy("enforce", 9, ("a",)), "a", NOW), Failures("a", 1, NOW))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"\0" * 100,
        b"[]",
        b"x" * (1 << 19),
        *[
            json.dumps(GOOD_FILE).replace(old, new).encode()
            for old, new in [
                ('"example.com"', '"other.example"'),
                ("enforce", "what"),
                ('"max_age": 9', '"max_age": -1'),
                ('"max_age": 9', '"max_age": 31557601'),
                ('"max_age": 9', '"max_age": 1e400'),
                ('"id": "a"', '"id": "a-b"'),
                ('"id": "a"', '"id": "a\\n"'),
                ('"number": 1', '"number": 0'),
                ("12Z", "12"),
                ("2026-05-23T", "10000-05-23T"),
                ('["a"]', '"a"'),
                ('["a"]', "[1]"),
            ]
        ],
    ],
)
def test_a_damaged_file_is_no_cache(content: bytes) -> None:  # M14
    folder = Memory()
    folder.write(f"sts/{DOMAIN}.json", content)
    assert kept_policy(folder, DOMAIN) == Kept()
    world = World(folder)
    assert (world.state().verdict.outcome, world.state().verdict.outcome) == ("fetched", "cached")


def test_a_disk_that_takes_nothing_makes_no_difference_until_the_end() -> None:
    class Full(Memory):
        def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
            if name.startswith("sts/"):
                raise OSError(errno.ENOSPC, "No space left on device", name)
            return super().write(name, content, durable)

    world = World(Full())
    assert [world.state().verdict.outcome for _ in range(2)] == ["fetched", "cached"]
    world.restart()
    world.policy = BROKEN
    assert [world.state().verdict.outcome for _ in range(2)] == ["not-connected", "not-asked-again"]


def test_a_file_that_cannot_be_read_is_no_cache(disk: Disk) -> None:
    Path(disk.path, "sts", f"{DOMAIN}.json").mkdir()
    world = World(disk)
    assert [world.state().verdict.outcome for _ in range(2)] == ["fetched", "cached"]


ROOT = make("Example Root", key=1, ca=True)
HOST = f"mta-sts.{DOMAIN}"
SERVERS: list[tuple[str, tuple[Made, ...], str, str | None, str]] = [
    # M7, M11, S6 ask for the same: trusted, in its time, a SAN of the host and nothing else
    ("good", (make(HOST, ROOT, names=(HOST,)), ROOT), "fetched", None, ""),
    ("wildcard", (make("x", ROOT, names=("*.example.com",)),), "fetched", None, ""),
    ("wrong name", (make(HOST, ROOT, names=(DOMAIN,)),), "certificate-refused", "sts-webpki-invalid", "does not name"),
    ("CN alone", (make(HOST, ROOT),), "certificate-refused", "sts-webpki-invalid", "Common Name does not count"),
    ("expired", (make(HOST, ROOT, names=(HOST,), days=5),), "certificate-refused", "sts-webpki-invalid", "2026-05-18"),
    ("not yet", (make(HOST, ROOT, names=(HOST,), begin=1),), "certificate-refused", "sts-webpki-invalid", "2026-05-24"),
    ("untrusted", (make(HOST, names=(HOST,)),), "certificate-refused", "sts-webpki-invalid", "signed by itself"),
]


@pytest.mark.parametrize(
    ("chain", "outcome", "reason", "words"), [row[1:] for row in SERVERS], ids=[row[0] for row in SERVERS]
)
def test_the_policy_host_is_the_right_one(
    chain: tuple[Made, ...], outcome: str, reason: str | None, words: str, tmp_path: Path
) -> None:
    store = Store(Memory(), lambda: NOW)
    judge = web_judge(lambda: TrustStore([ROOT.certificate]), store.now)

    async def run() -> tuple[Verdict, list[bytes]]:
        async with serving(server_context(tmp_path, *chain), [answer(ENFORCE.encode())]) as served:
            web = Web(served.network, served.addresses, judge)
            service = PolicyService(store, World().texts, web.get, lambda line: None)
            return (await service.policy_for(DOMAIN)).verdict, served.requests

    verdict, requests = asyncio.run(run())
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert words in verdict.sentence
    assert [b"GET /.well-known/mta-sts.txt HTTP/1.1\r\n" in request for request in requests] == [True] * verdict.good


def test_what_is_no_certificate_is_refused() -> None:
    judge = web_judge(lambda: TrustStore([ROOT.certificate]), lambda: NOW)
    for chain in ((), (b"\x30\x03\x02\x01\x01",), (b"x" * 70000,)):
        assert judge(chain, HOST)[:3] == (False, "unreadable", "validation-failure")


def test_the_limits_of_a_policy() -> None:  # M7
    assert POLICY_LIMITS == (65536, 60.0, 20.0)


def test_what_looks_names_up_and_what_fetches_fit_together() -> None:  # M16
    store = Store(Memory(), lambda: NOW)
    dns = Dns(MappedNetwork({}), lambda name: (), AnswerCache())
    web = Web(MappedNetwork({}), resolved_by(dns.addresses), web_judge(lambda: TrustStore([]), store.now))
    service = PolicyService(store, dns.txt, web.get, lambda line: None)
    state = asyncio.run(service.policy_for(DOMAIN))
    assert (state.word, state.verdict.outcome, state.verdict.reason) == (
        "absent",
        "record-unknown",
        "sts-policy-fetch-error",
    )
    with pytest.raises(FetchFailed, match=r"The address of .* is not known: ") as failed:
        asyncio.run(web.get(f"https://{HOST}/", POLICY_LIMITS))
    assert failed.value.outcome == "no-address"
