"""The matrix of deliveries: its combinations, the world that they are delivered in, and what each left behind."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from gateway.authorities import Authority, export_text
from gateway.decision import alerts
from gateway.delivery import DELIVERY_LIMITS, Message
from gateway.destinations import delivery_settings
from gateway.engine import Engine
from gateway.mailing import send
from gateway.system_list import FILE, Bundle
from state.folder import Memory
from state.model import DANE_SETTINGS, TLS_SETTINGS, DaneSetting, TlsSetting
from state.store import CONFIG, Store
from tests.conftest import NOON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.delivery import Delivery
    from shell.world.recording import Conversation
    from shell.world.running import World

DNS = ("match", "mismatch", "unusable", "no-tlsa", "unsigned", "bogus", "bogus-mx")
STS = ("off", "enforce", "unlisted", "bad-host", "testing", "unfetchable")
PEERS = ("no-tls", "good", "untrusted", "wrong", "expired", "refused")
MARKER = "what nobody on the way may read"
LIMITS = DELIVERY_LIMITS._replace(connect=20, greeting=20, command=20, data_end=20, handshake=20)
AT_ONCE = 6


class Case(NamedTuple):
    """One combination, in the words of the table."""

    tls: TlsSetting
    dane: DaneSetting
    dns: str
    sts: str
    peer: str

    @property
    def domain(self) -> str:
        return f"{self.peer}.{self.dns}.{self.sts}.test"

    @property
    def host(self) -> str:
        return f"mx.{self.domain}"

    @property
    def sender(self) -> str:
        """The name that the delivering system says in EHLO; each pair of settings has a system of its own."""
        return f"{self.tls}.{self.dane}.sender.test"


class Done(NamedTuple):
    """What one delivery left behind: its end, its lines in the mail log without stamps, the alerts."""

    delivery: Delivery
    log: list[str]
    alerts: list[str]


ALL = [Case(*words) for words in product(TLS_SETTINGS, DANE_SETTINGS, DNS, STS, PEERS)]


def pruned(case: Case) -> Case:
    """Return the combination that stands for this one, where some of its words cannot matter.

    What stands for the others is the word that would show if it mattered after all. `deliveries.txt` says why.
    """
    if case.dns == "bogus-mx":
        return case._replace(dane="none" if case.tls == "no" else case.dane, sts="enforce", peer="good")
    if case.tls == "no":
        return case._replace(dane="mandatory", dns="bogus", sts="unlisted")
    if case.dane == "none":
        case = case._replace(dns="bogus")
    elif case.dns == "bogus" or (case.dane == "mandatory" and case.dns not in ("match", "mismatch")):
        return case._replace(peer="good")
    decided_by_dane = case.dane != "none" and case.dns in ("match", "mismatch")
    return case._replace(peer="good") if case.sts == "unlisted" and not decided_by_dane else case


CASES = list(dict.fromkeys(map(pruned, ALL)))


def described(cases: Iterable[Case]) -> dict[str, object]:
    """Return the world of these: a zone for each pair of DNS and MTA-STS, a mail server for each domain."""
    zones: dict[str, dict[str, object]] = {}
    mtas: dict[str, object] = {}
    policies: dict[str, object] = {}
    groups: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        peers = groups.setdefault((case.dns, case.sts), [])
        if case.peer not in peers:
            peers.append(case.peer)
    for place, ((dns, sts), peers) in enumerate(groups.items()):
        zone = f"{dns}.{sts}.test"
        records: list[str] = []
        behaviour: dict[str, str] = {}
        for number, peer in enumerate(peers):
            name, address = f"{peer}.{dns}.{sts}", f"192.0.{place}.{number + 1}"
            mtas[name] = {"address": address, **_manner(peer, f"{name}.test")}
            records += [f"{peer} MX 10 mx.{peer}", f"mx.{peer} A {address}", f"_mta-sts.{peer} TXT v=STSv1; id=1;"]
            records += [f"mta-sts.{peer} A 203.0.113.{place + 1}"]
            if tlsa := _tlsa(dns, name):
                records.append(f"_25._tcp.mx.{peer} TLSA {tlsa}")
            if dns == "bogus":
                behaviour[f"_25._tcp.mx.{peer} TLSA"] = "bogus"
        secured = {"unsigned": "unsigned", "bogus-mx": "bogus"}.get(dns, "signed")
        zones[zone] = {"dnssec": secured, "records": records, "behaviour": behaviour}
        policies[zone] = _policy(sts, f"203.0.113.{place + 1}", [f"mta-sts.{peer}.{zone}" for peer in peers], zone)
    return {
        "source": "192.168.42.42",
        "authorities": {"stranger": {"common_name": "Stranger"}},
        "zones": zones,
        "mtas": mtas,
        "policies": policies,
    }


def _manner(peer: str, domain: str) -> dict[str, object]:
    names = [f"mx.{domain}", domain]
    if peer == "no-tls":
        return {"starttls": False}
    if peer == "refused":
        return {"behaviour": "closes at handshake"}
    if peer == "wrong":
        return {"certificate": {"names": ["mx.somebody-else.test"]}}
    if peer == "expired":
        return {"certificate": {"names": names, "from": -90, "to": -1}}
    return {"certificate": {"names": names, "issuer": "stranger" if peer == "untrusted" else "public"}}


def _tlsa(dns: str, name: str) -> str:
    if dns == "mismatch":
        return f"3 1 1 {'00' * 32}"
    if dns == "unusable":
        return f"1 1 1 from {name}"
    return "" if dns == "no-tlsa" else f"3 1 1 from {name}"


def _policy(sts: str, address: str, hosts: list[str], zone: str) -> dict[str, object]:
    listed = [f"mx.{host.removeprefix('mta-sts.')}" for host in hosts]
    policy: dict[str, object] = {"address": address, "mx": listed, "mode": "enforce", "certificate": {"names": hosts}}
    if sts in ("unlisted", "off"):
        policy["mx"] = ["mx.somebody-else.test"]
    elif sts == "bad-host":
        policy["certificate"] = {"names": hosts, "issuer": "stranger"}
    elif sts == "testing":
        policy["mode"] = "testing"
    elif sts == "unfetchable":
        policy["status"] = 503
    return policy


def appliance(world: World, case: Case) -> Engine:
    """Return the system that delivers under the settings of a combination."""
    default = "preferred" if case.tls == "no" else case.tls
    text = (
        f'hostname = "{case.sender}"\nlogs.mail_logs.level = "debug"\n'
        f'[destinations.default]\ntls = "{default}"\ndane = "{case.dane}"\nmta_sts = true\n'
        f'[destinations.domains.".test"]\ntls = "{case.tls}"\n'
        f'[destinations.domains.".off.test"]\ntls = "{case.tls}"\nmta_sts = false\n'
    )
    folder = Memory()
    folder.write(CONFIG, text.encode())
    bundle = export_text(Authority(name, world.authorities[name].certificate) for name in world.system)
    folder.write(FILE, msgspec.json.encode(Bundle(version="world", updated=NOON, text=bundle)))
    return Engine(Store(folder, lambda: NOON), world.network, world.resolvers)


def deliver_all(world: World, cases: Iterable[Case]) -> dict[Case, Done]:
    """Deliver a message for each combination: one after the other from each system, several systems at once."""
    systems: dict[str, list[Case]] = {}
    for case in cases:
        systems.setdefault(case.sender, []).append(case)
    found: dict[Case, Done] = {}

    async def one_system(cases: list[Case], room: asyncio.Semaphore) -> None:
        async with room:
            engine = appliance(world, cases[0])
            for case in cases:
                found[case] = await deliver_one(engine, case)

    async def all_systems() -> None:
        room = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(one_system(some, room) for some in systems.values()))

    asyncio.run(all_systems())
    return found


async def deliver_one(engine: Engine, case: Case) -> Done:
    before = len(log_lines(engine))
    recipient = f"someone@{case.domain}"
    content = f"From: me@{case.sender}\nTo: {recipient}\nSubject: test\n\n{MARKER}\n".encode()
    delivery = await send(engine, Message(f"me@{case.sender}", recipient, case.domain, content), limits=LIMITS)
    settings = delivery_settings(engine.configuration, case.domain)
    decisions = [attempt.decision for attempt in delivery.attempts if attempt.decision is not None]
    kinds: list[str] = list(alerts(settings.tls, settings.dane, decisions))
    return Done(delivery, log_lines(engine)[before:], kinds)


def log_lines(engine: Engine) -> list[str]:
    """Return the lines of the mail log without their stamps."""
    content = engine.store.folder.read("logs/mail_logs") or b""
    return [line[25:] for line in content.decode().splitlines()]


def conversations(world: World) -> dict[tuple[str, str], list[Conversation]]:
    """Return what the mail servers were sent, by server and by the name that was said in EHLO."""
    found: dict[tuple[str, str], list[Conversation]] = {}
    for name, server in world.mtas.items():
        for one in server.conversations():
            sender = one.commands[0].removeprefix("EHLO ") if one.commands else ""
            found.setdefault((name, sender), []).append(one)
    return found
