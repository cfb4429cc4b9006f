"""The program's command line, and how little it loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import __version__
from shell.app import state_folder

HEAVY = ("msgspec", "tomllib", "tomlkit", "asyncio", "cryptography", "dns", "prompt_toolkit", "hypothesis", "OpenSSL")


def loaded(tmp_path: Path, *words: str) -> set[str]:
    """Return the modules that one run of the program has imported at its end."""
    code = (
        "import sys\nfrom shell.app import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    environment = {**os.environ, "ASYNCSH_STATE": str(tmp_path / "state")}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=environment, check=True
    )
    return set(done.stderr.split())


def test_version_loads_neither_configuration_nor_other_commands(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "-c", "version")
    assert not modules & {*HEAVY}
    assert {name for name in modules if name.startswith("commands.")} <= {
        "commands.areas", "commands.areas.configuration", "commands.areas.diagnosis", "commands.areas.listeners",
        "commands.areas.mail",
        "commands.areas.network", "commands.areas.shell",
        "commands.areas.system", "commands.command", "commands.line", "commands.registry", "commands.session",
        "commands.terminal", "commands.version",
    }  # fmt: skip
    assert not (tmp_path / "state").exists()


def test_a_list_loads_nothing_heavy_that_it_does_not_need(tmp_path: Path) -> None:
    loaded(tmp_path, "-c", "destconfig list")  # makes the appliance
    modules = loaded(tmp_path, "-c", "destconfig list")
    assert not modules & {"tomlkit", "asyncio", "cryptography", "dns", "prompt_toolkit", "state.document", "OpenSSL"}


def program(asyncsh: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([asyncsh, *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_the_version_is_one(asyncsh: str) -> None:
    assert program(asyncsh, "--version").stdout == f"asyncsh {__version__}\n"
    assert f"Version: {__version__} build " in program(asyncsh, "-c", "version").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--nonsense",), "unrecognized arguments: --nonsense"),
        (("-c",), "argument -c: expected one argument"),
        (("--user", "Root", "-c", "version"), "--user: a user name is 1 to 32 of a-z"),
        (("--user", "../x", "-c", "version"), "--user: a user name is 1 to 32 of a-z"),
        (("verify",), "the following arguments are required: PATH"),
        (("verify", "-j", "0", "x"), "-j: N must be 1 or more"),
    ],
)
def test_wrong_use_is_status_two(asyncsh: str, words: tuple[str, ...], sentence: str) -> None:
    done = program(asyncsh, *words)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_verify_says_what_there_is(asyncsh: str, tmp_path: Path) -> None:
    assert program(asyncsh, "verify", str(tmp_path / "nothing")).returncode == 2
    (tmp_path / "a.transcript").write_text("# t\nmail.example.com> commit\n\nThere is no data to commit.\n")
    assert program(asyncsh, "verify", str(tmp_path)).returncode == 0
    (tmp_path / "b.transcript").write_text("# t\nmail.example.com> commit\n\nThere is no date to commit.\n")
    done = program(asyncsh, "verify", "-j", "2", str(tmp_path))
    assert done.returncode == 1
    assert "b.transcript:4" in done.stdout


def test_the_state_folder_comes_from_the_line_the_environment_or_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ASYNCSH_STATE", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/ops")
    assert state_folder(None) == "/home/ops/.local/state/asyncsh"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert state_folder(None) == "/home/ops/.local/state/asyncsh"
    monkeypatch.setenv("XDG_STATE_HOME", "/srv/state")
    assert state_folder(None) == "/srv/state/asyncsh"
    monkeypatch.setenv("ASYNCSH_STATE", "~/one")
    assert state_folder(None) == "/home/ops/one"
    assert state_folder("/two") == "/two"
