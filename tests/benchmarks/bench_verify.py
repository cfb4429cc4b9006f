"""Probes of real servers: many at once beside four parallel `posttls-finger`, and one inside a running shell.

Postfix, NSD and unbound of `tests.peers.lab` are the other side; it needs root. All sides share this machine's
processors, so sessions a second are of client and servers together, while the CPU time is the client's alone.
"""

from __future__ import annotations

import os
import resource
import shlex
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from commands.online import run
from commands.session import Session
from commands.terminal import Terminal
from commands.verifying.every import verify_each
from gateway.engine import Engine
from state.factory import FACTORY_TEXT
from state.folder import Disk
from state.store import CONFIG, Store
from tests.benchmarks.table import PROGRAM, show
from tests.peers.lab import RESOLVER, Lab, lab, missing_programs

SESSIONS = 600
AT_ONCE = 4
"""Programs of Postfix that run in parallel; each makes one session and ends."""
ONE = "ee-spki.signed.test"
"""The destination of a single verification: MX, TLSA and a chain of two."""


class Bulk(NamedTuple):
    """What many sessions took, in seconds; `cpu` is the client's."""

    wall: float
    cpu: float


def main(count: int = SESSIONS) -> None:
    """Print the tables."""
    if reason := missing_programs():
        print(f"\nProbes are not measured: {reason}")
        return
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder), many=count) as built:
        state = _state(built)
        bulk(built, state)
        one(built, state)


def bulk(built: Lab, state: Path, rounds: int = 3) -> None:
    """Print how long the sessions with all of the lab's many domains take; the programs take turns."""
    kinds: dict[str, Callable[[], Bulk]] = {
        f"{AT_ONCE} parallel posttls-finger": lambda: _fingers(built),
        "tlsverify --all, a new process": lambda: _program(built, state),
        "tlsverify --all, in a running shell": lambda: _engine(built, state),
    }
    for measure in kinds.values():
        measure()  # the resolver learns all names, Postfix has its processes
    found: dict[str, list[Bulk]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, measure in kinds.items():
            found[name].append(measure())
    count = len(built.many)
    wall = {name: median(one.wall for one in times) for name, times in found.items()}
    cpu = {name: median(one.cpu for one in times) / count for name, times in found.items()}
    fingers = next(iter(kinds))
    show(
        f"{count} verified sessions, names looked up",
        [
            (name, time, f"{count / time:,.0f} sessions/s, {wall[fingers] / time:.1f} times as many; goal 2")
            for name, time in wall.items()
        ],
    )
    show("CPU of the client for a session", [(name, time, "goal 0.33") for name, time in cpu.items()])


def _fingers(built: Lab) -> Bulk:
    """Probe with Postfix's own program: `secure` verifies chain and name."""
    names = built.folder / "many"
    names.write_text("\n".join(built.many))
    command = f"posttls-finger -c -L summary -l secure -F {shlex.quote(str(built.root_file))}"
    script = f"xargs -P {AT_ONCE} -n 1 {command} < {shlex.quote(str(names))} 2>&1"
    wall, cpu = perf_counter(), _children()
    said = built.inside(script)
    found = Bulk(perf_counter() - wall, _children() - cpu)
    if said.count("Verified TLS connection") != len(built.many):
        raise RuntimeError(said[-2000:])
    return found


def _program(built: Lab, state: Path) -> Bulk:
    """Probe with a new process, start and end of Python included."""
    wall, cpu = perf_counter(), _children()
    command = [PROGRAM, "--state", str(state), "-c", "tlsverify --all"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_surroundings())
    found = Bulk(perf_counter() - wall, _children() - cpu)
    if done.returncode or done.stdout.count(" verified ") != len(built.many):
        raise RuntimeError(done.stdout[-2000:] + done.stderr)
    return found


def _engine(built: Lab, state: Path) -> Bulk:
    """Probe in this process; nothing is known of the DNS."""
    engine = Engine(_store(state))
    engine.context()
    engine.trust()
    asked = [(domain, engine.configuration.destinations.domains[domain].tls or "no") for domain in built.many]
    wall, cpu = perf_counter(), process_time()
    lines = run(
        Terminal(lambda parts: None), verify_each(engine, asked, lambda done: None, lambda domain, number: None)
    )
    found = Bulk(perf_counter() - wall, process_time() - cpu)
    if any(line.fails for line in lines):
        raise RuntimeError(str(next(line for line in lines if line.fails)))
    return found


def one(built: Lab, state: Path, rounds: int = 40) -> None:
    """Print how long one verification takes a person at the prompt, beside a client that only shakes hands."""
    address = built.addresses["ee-spki"]
    session = Session(lambda: _store(state))
    session.open()
    calls: dict[str, Callable[[], None]] = {
        "a bare client: TLS and no more": lambda: _bare(address),
        f"tlsverify {ONE}": lambda: _typed(session, f"tlsverify {ONE} mx.{ONE}", "TLS successfully connected"),
        f"daneverify {ONE}": lambda: _typed(session, f"daneverify {ONE}", "DANE SUCCESS"),
    }
    first: dict[str, float] = {}
    for name, call in calls.items():
        first[name] = _timed(call)
    times = {name: [_timed(call) for _ in range(rounds)] for name, call in calls.items()}
    later = {name: median(values) for name, values in times.items()}
    bare = next(iter(calls))
    rows = [(bare, later[bare], "the server's own time")]
    for name in list(calls)[1:]:
        rows.append((f"{name}, first", first[name], f"{(first[name] - later[bare]) * 1000:.1f} ms more"))
        rows.append((name, later[name], f"{(later[name] - later[bare]) * 1000:.1f} ms more; goal 30"))
    show("One verification in a running shell", rows)
    commands = {f'asyncsh -c "{line}"': line for line in (f"tlsverify {ONE} mx.{ONE}", f"daneverify {ONE}")}
    rows = [("python -c pass", _process([sys.executable, "-c", "pass"]), "")]
    rows += [(name, _process([PROGRAM, "--state", str(state), "-c", line]), "") for name, line in commands.items()]
    show("One verification in a new process", rows)


def _bare(address: str) -> None:
    """Hold the session of a probe by the shortest way."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((address, 25)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.recv(4096)
        for line in (b"EHLO mail.example.com\r\n", b"STARTTLS\r\n"):
            connection.sendall(line)
            connection.recv(4096)
        with context.wrap_socket(connection) as secured:
            secured.sendall(b"QUIT\r\n")
            secured.recv(4096)


def _typed(session: Session, line: str, expected: str) -> None:
    said: list[str] = []
    try:
        session.run(line, Terminal(said.extend)).send(None)
    except StopIteration:
        if expected in "".join(said):
            return
    raise RuntimeError("".join(said))


def _timed(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def _process(command: list[str], rounds: int = 7) -> float:
    def once() -> None:
        subprocess.run(command, check=True, capture_output=True, env=_surroundings())

    once()
    return median(_timed(once) for _ in range(rounds))


def _surroundings() -> dict[str, str]:
    """Return the environment, in which byte code is written as on any machine that has the program installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _children() -> float:
    """Return the CPU time of all processes that were started and have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _state(built: Lab) -> Path:
    """Return an appliance directory: the lab's resolver and root, a TLS setting for each of its many domains."""
    state = built.folder / "state"
    dns = f'[[dns.resolvers]]\naddress = "{RESOLVER[0]}"\n'
    own = f'[[authorities.certificates]]\nname = "lab"\ncertificate = """\n{built.root.pem}"""\n'
    entries = "".join(f'[destinations.domains."{domain}"]\ntls = "required-verify"\n' for domain in built.many)
    Disk(state).write(CONFIG, f"{FACTORY_TEXT}{dns}[authorities]\ncustom = true\n{own}{entries}".encode())
    return state


def _store(state: Path) -> Store:
    return Store(Disk(state), lambda: datetime.now(UTC))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
