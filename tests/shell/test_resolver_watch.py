"""A person at a terminal is told of a resolver that does not validate, without having to wait for it (rule D4)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shell.resolver_watch import ResolverWatch, resolvers_watched
from shell.world.running import World, world
from state.validation import read_configuration
from tests.conftest import Person
from tests.shell.loaded_program import LoadedProgram
from tests.shell.screen import PATIENCE, PROMPT, Screen

WORLD = """
[zones."a.example"]
[resolvers.plain]
address = "127.0.0.1"
behaviour = "does not validate"
[resolvers.slow]
address = "192.0.2.54"
behaviour = "timeout"
"""
DANE = '[destinations.default]\ntls = "preferred"\ndane = "opportunistic"\n'
SERVER = '[[dns.resolvers]]\naddress = "{}"\nport = {}\ntrusted = true\n'


@pytest.fixture(scope="module")
def resolvers() -> Iterator[World]:
    with world(WORLD) as w:
        yield w


def looking(w: World, address: str, told: list[str], pause: float = 0) -> ResolverWatch:
    configuration = read_configuration(DANE + SERVER.format(address, 53))
    return ResolverWatch(configuration, told.append, lambda: w.network, pause)


# D4
def test_what_is_found_is_told_from_a_thread_that_ends(resolvers: World) -> None:
    told: list[str] = []
    watch = looking(resolvers, "127.0.0.1", told)
    assert watch.wait(20)
    assert told == ["DANE is unavailable: the resolver 127.0.0.1 does not validate DNSSEC."]
    watch.end()


@pytest.mark.parametrize("pause", [0, 60])
def test_the_end_waits_for_no_answer_and_leaves_no_thread(
    resolvers: World, pause: float, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    asked = len(resolvers.name_servers["slow"].queries)
    watch = looking(resolvers, "192.0.2.54", told, pause)
    deadline = time.monotonic() + PATIENCE
    while not pause and len(resolvers.name_servers["slow"].queries) == asked:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    begun = time.monotonic()
    watch.end()
    assert time.monotonic() - begun < 2  # an answer is waited for 3 seconds
    assert [thread.name for thread in threading.enumerate() if thread.name == "resolvers"] == []
    assert told == []
    assert capfd.readouterr() == ("", "")


def test_what_goes_wrong_is_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []

    def no_network() -> object:
        raise RuntimeError

    watch = ResolverWatch(read_configuration(DANE), told.append, no_network, 0)  # type: ignore[arg-type]  # it raises
    assert watch.wait(20)
    assert (told, capfd.readouterr()) == ([], ("", ""))


def test_news_come_with_the_next_prompt_once(person: Callable[..., Person]) -> None:
    someone = person()
    someone.session.news.append("Something was found out.")
    conversation = someone.session.converse(someone.terminal)
    conversation.send(None)
    assert someone._shown == ["Something was found out.", "\n"]
    conversation.send("version")
    assert "found out" not in "".join(someone._shown[2:])
    conversation.close()


def test_without_dane_there_is_no_thread(person: Callable[..., Person]) -> None:
    someone = person()
    before = threading.active_count()
    with resolvers_watched(someone.session):
        assert threading.active_count() == before


# D4
def test_on_a_terminal_it_is_told_with_the_next_prompt_and_the_program_ends_in_good_order(
    loaded: LoadedProgram, resolvers: World, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    place = resolvers.name_servers["plain"].place
    (state / "config.toml").write_text(DANE + SERVER.format(*place))
    screen = Screen(loaded, ["--state", str(state)])
    screen.until(PROMPT)
    told = f"DANE is unavailable: the resolver 127.0.0.1 port {place[1]} does not validate DNSSEC."
    deadline = time.monotonic() + PATIENCE
    while told not in screen.raw:
        assert time.monotonic() < deadline
        screen.type("", PROMPT)
        time.sleep(0.1)
    screen.child.send("exit\r")
    assert screen.ended() == 0
    assert "Traceback" not in screen.raw
