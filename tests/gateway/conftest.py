"""A root, an intermediate and a server's certificate for every test; and the real OpenSSL program."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.gateway.making import Made, make

OpenSsl = Callable[..., str]


class Family(NamedTuple):
    """A chain of three."""

    root: Made
    intermediate: Made
    leaf: Made


@pytest.fixture(scope="session")
def family() -> Family:
    root = make("Example Root", key=1, ca=True, days=3650)
    intermediate = make("Example Intermediate", root, key=2, ca=True)
    return Family(root, intermediate, make("mail.example.com", intermediate, names=("mail.example.com",)))


@pytest.fixture(scope="session")
def openssl() -> OpenSsl:
    """Return a function that runs `openssl` with arguments and returns what it printed, both streams."""
    program = shutil.which("openssl")
    if program is None:
        message = "the openssl program is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    def run(*arguments: str | Path, ok: bool = True) -> str:
        done = subprocess.run(
            [program, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        assert (done.returncode == 0) == ok, f"openssl {arguments}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    return run
