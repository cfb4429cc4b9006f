"""The house: imports point down only, and a module is one concept of bounded length."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("shell", "commands", "gateway", "state")
MODULES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
LONGEST = 400


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(tree: ast.AST) -> set[str]:
    """Return the packages of this house that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports name their package in full"
            found.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(":") == 1:
            head = node.value.split(":")[0]
            if head.split(".")[0] in FLOORS and "." in head and head.replace(".", "").isidentifier():
                found.add(head.split(".")[0])  # "module:function" of a registry
    return found & {*FLOORS, "tests"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    floor = path.relative_to(ROOT).parts[0]
    below = set(FLOORS[FLOORS.index(floor) :])
    assert imported(parsed(path)) <= below


def test_an_import_upwards_would_be_seen() -> None:
    assert imported(ast.parse("def f():\n    from shell.app import main\n")) == {"shell"}
    assert imported(ast.parse("X = 'commands.commit:clear'")) == {"commands"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_fits_one_sitting_and_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(parsed(path))
    assert docstring
    lines = len(path.read_text().splitlines())
    assert lines <= LONGEST or "longer than others because" in docstring.replace("\n", " "), lines


def test_no_module_is_called_utils() -> None:
    assert not [path for path in MODULES if path.stem in ("utils", "helpers", "manager", "misc", "common")]
