"""Ctrl-C while a verifying command waits for a peer that hangs: it ends at once, and no socket stays open (S7).

Nothing is asserted of the time, for a busy machine must not fail a build; `python -m tests.benchmarks probes` tells it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import NamedTuple

import pytest

from shell.world.recording import Conversation
from shell.world.running import World
from tests.commands.test_misbehaving_peers import Row, person_in, world_of

PATIENCE = 20.0
"""Seconds within which a command has to come to the step at which it hangs."""
ALL = "".join(f'[destinations.domains."d{number}.example"]\ntls = "required"\n' for number in range(10))
HOSTS = {f"d{number}.example": {"records": ["@ MX 10 mx1.partner.example."]} for number in range(10)}


class Hanging(NamedTuple):
    """Where a command hangs: what is wrong in the world, what is typed, when the step is reached."""

    name: str
    over: dict[str, object]
    typed: str
    reached: Callable[[World], bool]
    config: str = ""


def mail(
    behaviour: str, reached: Callable[[Conversation], bool]
) -> tuple[dict[str, object], str, Callable[[World], bool]]:
    """Return what a mail server does, the command, and when it is there."""
    over: dict[str, object] = {"mtas": {"mx1": {"behaviour": behaviour}}}
    return (
        over,
        "tlsverify partner.example mx1.partner.example",
        lambda w: any(map(reached, w.mtas["mx1"].conversations(0))),
    )


def policy(
    behaviour: str, reached: Callable[[Conversation], bool]
) -> tuple[dict[str, object], str, Callable[[World], bool]]:
    """Return what a policy host does, the command, and when it is there."""
    over: dict[str, object] = {"policies": {"partner.example": {"behaviour": behaviour}}}
    host = "partner.example"
    return over, "mtastsverify partner.example", lambda w: any(map(reached, w.policies[host].conversations(0)))


def look_up(behaviour: str, transport: str) -> tuple[dict[str, object], str, Callable[[World], bool]]:
    """Return what a resolver does, the command, and when it is there."""
    over: dict[str, object] = {"resolvers": {"resolver": {"behaviour": behaviour}}}

    def reached(started: World) -> bool:
        return any(query.transport == transport for query in started.name_servers["resolver"].queries)

    return over, "daneverify partner.example", reached


CASES = [
    Hanging("connecting", {"mtas": {"mx1": {"behaviour": "silent"}}}, "tlsverify partner.example mx1.partner.example",
            lambda w: len(w.name_servers["resolver"].queries) == 2),
    Hanging("the greeting", *mail("hangs at greeting", lambda one: True)),
    Hanging("EHLO", *mail("hangs at ehlo", lambda one: one.clear.startswith(b"EHLO"))),
    Hanging("STARTTLS", *mail("hangs at starttls", lambda one: one.clear.endswith(b"STARTTLS\r\n"))),
    Hanging("the handshake", *mail("hangs at handshake", lambda one: one.tls != b"")),
    Hanging("QUIT", *mail("hangs at quit", lambda one: one.secured == b"QUIT\r\n")),
    Hanging("DNS by UDP", *look_up("timeout", "udp")),
    Hanging("DNS by TCP", *look_up("truncated, then silent", "tcp")),
    Hanging("the policy host's handshake", *policy("hangs at handshake", lambda one: one.tls != b"")),
    Hanging("the policy host's answer", *policy("hangs at request", lambda one: one.secured.endswith(b"\r\n\r\n"))),
    Hanging("ten hosts at once", {**mail("hangs at greeting", bool)[0], "zones": HOSTS}, "tlsverify --all",
            lambda w: len(w.mtas["mx1"].conversations(0)) == 10, ALL),
]  # fmt: skip


def sockets() -> list[str]:
    """Return the sockets that this process has open."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(entry.readlink()))
        except OSError:  # it is the one of the listing itself
            continue
    return sorted(name for name in found if name.startswith("socket:"))


def cancelled(case: Hanging) -> tuple[str, float, list[str], list[str]]:
    """Type a command, interrupt it where it hangs; return the text, the seconds, the sockets before and after."""
    row = Row(0, case.name, case.over, {}, case.config, case.typed, "")
    with world_of(row) as started:
        someone = person_in(started, {}, case.config)
        someone.session.open()
        before = sockets()
        interrupted: list[float] = []
        reached: list[bool] = []

        def interrupt() -> None:
            end = monotonic() + PATIENCE
            while not case.reached(started) and monotonic() < end:
                sleep(0.001)
            sleep(0.005)  # the command is behind its last step and waits
            reached.append(case.reached(started))
            interrupted.append(perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

        watching = threading.Thread(target=interrupt)
        watching.start()
        text = someone.type(case.typed)
        seconds = perf_counter() - interrupted[0]
        watching.join()
        assert reached == [True]
        for server in (*started.mtas.values(), *started.policies.values(), *started.name_servers.values()):
            server.conversations()  # the servers' own ends are closed when they have seen it
        return text, seconds, before, sockets()


# S7
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ctrl_c_ends_a_command_that_hangs_and_leaves_no_socket(case: Hanging) -> None:
    text, seconds, before, after = cancelled(case)
    assert text.endswith("Command cancelled.\n")
    assert ("Fetching https://" in text) == ("policies" in case.over)  # what is waited for is said before
    assert after == before
    print(f"{case.name}: {seconds * 1000:.1f} ms")
