"""The program, loaded once for all terminals of a process of pytest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shell.loaded_program import LoadedProgram


@pytest.fixture(scope="session")
def loaded() -> Iterator[LoadedProgram]:
    program = LoadedProgram()
    yield program
    program.close()
