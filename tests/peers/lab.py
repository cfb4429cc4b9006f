"""A lab of real programs on loopback: NSD serves the zones, unbound validates, Postfix receives.

Everything lives in one private folder and is ended by its process id. Programs in C that resolve names read port 53 of
/etc/resolv.conf only, so they run in a mount namespace with a resolv.conf of their own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import dns.dnssec
import dns.dnssectypes
import dns.name
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.gateway.making import NOW, Made, make
from tests.peers.destinations import DESTINATIONS, Destination

PROGRAMS = ("nsd", "unbound", "postfix", "posttls-finger", "openssl", "unshare")
NSD_PORT = 5300
RESOLVER = ("127.0.0.2", 53)
ZONES = ("signed", "unsigned", "bogus")
MANY = "127.0.2.1"
"""The address of all hosts of the domains `dNUMBER.unsigned.test`, where there are any."""
START = 20.0
"""Seconds that a program may take until it answers."""


class Lab(NamedTuple):
    """A lab that runs.

    Attributes:
        folder: where everything of it is.
        root: the authority whose certificates most hosts present.
        addresses: of the MX hosts, by destination.
        records: the data of the TLSA records, by destination.
        many: domains beside the destinations, each with an MX host of its own; all are at one address, with a
            certificate for them all.
    """

    folder: Path
    root: Made
    addresses: dict[str, str]
    records: dict[str, list[str]]
    many: tuple[str, ...] = ()

    @property
    def root_file(self) -> Path:
        """The root as PEM."""
        return self.folder / "root.pem"

    def inside(self, script: str) -> str:
        """Return what a shell script prints where the lab's resolver is the system's."""
        resolv = shlex.quote(str(self.folder / "resolv.conf"))
        whole = f"mount --bind {resolv} /etc/resolv.conf\n{script}"
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", whole], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        return done.stdout + done.stderr


def missing_programs() -> str:
    """Return why the lab cannot be built here; "" where it can."""
    if os.geteuid() != 0:
        return "real peers need root: ports 25 and 53, and a resolv.conf of their own"
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"real peers need {', '.join(missing)}: apt-get install postfix unbound nsd openssl"
    done = subprocess.run(["unshare", "-m", "true"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"real peers need a mount namespace: {done.stderr.strip()}"


@contextlib.contextmanager
def lab(folder: Path, many: int = 0) -> Iterator[Lab]:
    """Build the lab in a folder, start it, and end it.

    Args:
        folder: an empty one.
        many: how many domains there are beside the destinations, for measurements.
    """
    folder.chmod(0o755)
    begin = (datetime.now(UTC) - NOW).days - 10
    root = make("Lab Root", key=1, ca=True, begin=begin, days=3650)
    authority = make("Lab CA", root, key=2, ca=True, begin=begin, days=1000)
    addresses = {one.name: f"127.0.1.{number}" for number, one in enumerate(DESTINATIONS, 1)}
    chains = {one.name: _chain(one, root, authority, begin) for one in DESTINATIONS}
    records = {
        one.name: [_tlsa(words, chains[one.name], authority, root) for words in one.tlsa] for one in DESTINATIONS
    }
    built = Lab(folder, root, addresses, records, tuple(f"d{number}.unsigned.test" for number in range(many)))
    if many:
        chains["many"] = [make("Many", authority, key=3, names=("*.unsigned.test",), begin=begin), authority]
        addresses["many"] = MANY
    built.root_file.write_text(root.pem)
    (folder / "resolv.conf").write_text(f"nameserver {RESOLVER[0]}\noptions trust-ad edns0\n")
    anchors = [_zone(built, zone) for zone in ZONES]
    with contextlib.ExitStack() as running:
        running.enter_context(_nsd(folder))
        running.enter_context(_unbound(folder, [anchor for anchor in anchors if anchor]))
        running.enter_context(_postfix(folder, chains, addresses))
        yield built


def _chain(one: Destination, root: Made, authority: Made, begin: int) -> list[Made]:
    """Return what a destination's host presents, the leaf first."""
    name = "somebody.else.test" if one.certificate == "wrong-name" else one.mx
    if one.certificate == "self-signed":
        return [make(name, key=3, names=(name,), begin=begin)]
    days = 5 if one.certificate == "expired" else 365
    leaf = make(name, authority, key=3, names=(name,), begin=begin, days=days)
    return [leaf, authority, root] if one.certificate == "with-root" else [leaf, authority]


def _tlsa(words: str, chain: list[Made], authority: Made, root: Made) -> str:
    """Return the data of a TLSA record; made here, without the program that is tested."""
    usage, selector, kind, what = words.split()
    if what == "junk":
        return f"{usage} {selector} {kind} abcd"
    made = {"leaf": chain[0], "ca": authority, "root": root, "other": make("Other", key=5)}[what]
    content = made.der
    if selector == "1":
        content = made.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    data = {"0": content, "1": hashlib.sha256(content).digest(), "2": hashlib.sha512(content).digest()}[kind]
    return f"{usage} {selector} {kind} {data.hex()}"


def _zone(built: Lab, zone: str) -> str:
    """Write a zone's file and return its trust anchor; "" for one that is not signed."""
    lines = [f"$ORIGIN {zone}.test.", "$TTL 60", "@ SOA ns hostmaster 1 3600 600 86400 60", "@ NS ns", "ns A 127.0.0.1"]
    for one in DESTINATIONS:
        if one.zone != zone:
            continue
        lines += [f"{one.name} MX 10 {one.mx}."]
        lines += [f"mx.{one.name} A {built.addresses[one.name]}"] if not one.host else []
        owner = f"_25._tcp.mx.{one.name}" if not one.records else f"tlsa.{one.name}"
        lines += [f"{owner} TLSA {record}" for record in built.records[one.name]]
        for record in one.records:
            owner, kind, target = record.split(" ")
            lines.append(f"{owner}.{one.name} {kind} {target}.{one.name}")
    for domain in built.many if zone == "unsigned" else ():
        lines += [f"{domain}. MX 10 mx-{domain}.", f"mx-{domain}. A {MANY}"]
    text = "\n".join(lines) + "\n"
    path = built.folder / f"{zone}.test.zone"
    if zone == "unsigned":
        path.write_text(text)
        return ""
    name = dns.name.from_text(f"{zone}.test")
    parsed = dns.zone.from_text(text, name, relativize=False)
    key = ec.generate_private_key(ec.SECP256R1())
    public = dns.dnssec.make_dnskey(key.public_key(), dns.dnssectypes.Algorithm.ECDSAP256SHA256, flags=257)
    now = int(time.time())
    begin, end = (now - 90 * 86400, now - 60 * 86400) if zone == "bogus" else (now - 3600, now + 86400)
    dns.dnssec.sign_zone(
        parsed, keys=[(key, public)], inception=begin, expiration=end, dnskey_ttl=60, deterministic=False
    )
    path.write_text(parsed.to_text(relativize=False))
    signer = dns.dnssec.make_ds(name, public, "SHA256")
    return f"{zone}.test. IN DS {signer.to_text()}"


def _answers(address: str, port: int, kind: socket.SocketKind) -> bool:
    """Tell whether something listens at an address."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.settimeout(0.3)
        try:
            probe.connect((address, port))
            if kind == socket.SOCK_DGRAM:
                probe.send(bytes.fromhex("000101000001000000000000047465737400 0006 0001".replace(" ", "")))
                probe.recv(512)
        except OSError:
            return False
        return True


def _wait(what: str, process: subprocess.Popen[bytes], address: str, port: int, kind: socket.SocketKind) -> None:
    until = time.monotonic() + START
    while not _answers(address, port, kind):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{what} does not answer at {address} port {port}; its log is in the folder of the lab")
        time.sleep(0.02)


@contextlib.contextmanager
def _running(what: str, command: list[str], folder: Path, address: str, port: int) -> Iterator[None]:
    with (folder / f"{what}.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait(what, process, address, port, socket.SOCK_DGRAM)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@contextlib.contextmanager
def _nsd(folder: Path) -> Iterator[None]:
    zones = "".join(f"zone:\n name: {zone}.test\n zonefile: {folder}/{zone}.test.zone\n" for zone in ZONES)
    path = folder / "nsd.conf"
    path.write_text(
        f'server:\n ip-address: 127.0.0.1@{NSD_PORT}\n username: root\n chroot: ""\n database: ""\n'
        f" zonesdir: {folder}\n pidfile: {folder}/nsd.pid\n xfrdfile: {folder}/xfrd.state\n"
        f" zonelistfile: {folder}/zone.list\n server-count: 1\nremote-control:\n control-enable: no\n{zones}"
    )
    with _running("nsd", ["nsd", "-d", "-c", str(path)], folder, "127.0.0.1", NSD_PORT):
        yield


@contextlib.contextmanager
def _unbound(folder: Path, anchors: list[str]) -> Iterator[None]:
    stubs = "".join(f"stub-zone:\n name: {zone}.test\n stub-addr: 127.0.0.1@{NSD_PORT}\n" for zone in ZONES)
    (folder / "anchors").write_text("\n".join(anchors) + "\n")
    path = folder / "unbound.conf"
    path.write_text(
        f"server:\n interface: {RESOLVER[0]}@{RESOLVER[1]}\n do-daemonize: no\n username: root\n"
        f' chroot: ""\n directory: {folder}\n pidfile: {folder}/unbound.pid\n use-syslog: no\n'
        ' do-not-query-localhost: no\n module-config: "validator iterator"\n'
        f" trust-anchor-file: {folder}/anchors\n local-zone: test. nodefault\n"
        f" domain-insecure: unsigned.test\n ede: yes\n do-ip6: no\n{stubs}remote-control:\n control-enable: no\n"
    )
    with _running("unbound", ["unbound", "-d", "-c", str(path)], folder, *RESOLVER):
        yield


@contextlib.contextmanager
def _postfix(folder: Path, chains: dict[str, list[Made]], addresses: dict[str, str]) -> Iterator[None]:
    """One Postfix with a service for each address."""
    home = folder / "postfix"
    for name in ("conf", "queue", "data", "tls"):
        (home / name).mkdir(parents=True)
    shutil.chown(home / "data", "postfix")
    master = [
        "pickup unix n - n 60 1 pickup",
        "cleanup unix n - n - 0 cleanup",
        "qmgr unix n - n 300 1 qmgr",
        "tlsmgr unix - - n 1000? 1 tlsmgr",
        "rewrite unix - - n - - trivial-rewrite",
        "bounce unix - - n - 0 bounce",
        "defer unix - - n - 0 bounce",
        "trace unix - - n - 0 bounce",
        "anvil unix - - n - 1 anvil",
        "proxymap unix - - n - - proxymap",
        "discard unix - - n - - discard",
        "error unix - - n - - error",
        "postlog unix-dgram n - n - 1 postlogd",
    ]
    levels = {one.name: one.security for one in DESTINATIONS}
    for name, chain in chains.items():
        path = home / "tls" / f"{name}.pem"
        path.write_text(chain[0].key_pem + "".join(made.pem for made in chain))
        master.append(
            f"{addresses[name]}:25 inet n - n - - smtpd -o smtpd_tls_security_level={levels.get(name, 'may')}"
            f" -o smtpd_tls_chain_files={path}"
        )
    (home / "conf" / "master.cf").write_text("\n".join(master) + "\n")
    (home / "conf" / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {home}/queue\ndata_directory = {home}/data\n"
        f"maillog_file = {home}/maillog\nmaillog_file_prefixes = {folder}\nmyhostname = lab.test\n"
        "mydestination =\nrelay_transport = discard\nsmtpd_tls_loglevel = 1\ninet_interfaces = all\n"
        "inet_protocols = ipv4\nsmtpd_peername_lookup = no\nsmtpd_client_connection_rate_limit = 0\n"
        "smtpd_client_connection_count_limit = 0\nsmtpd_relay_restrictions = reject\nalias_maps =\n"
    )
    command = ["postfix", "-c", str(home / "conf")]
    with (folder / "postfix.log").open("wb") as log:
        subprocess.run([*command, "start"], check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        until = time.monotonic() + START
        for address in addresses.values():
            while not _answers(address, 25, socket.SOCK_STREAM):
                if time.monotonic() > until:
                    raise RuntimeError(f"Postfix does not answer at {address}; see {home}/maillog")
                time.sleep(0.02)
        yield
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True, stdin=subprocess.DEVNULL)
