"""Every rule of the engine has a test that names it in a comment: `# T12`."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
RULES = [line.split(None, 1)[0] for line in (TESTS / "rules.txt").read_text().splitlines() if line[:1] not in ("", "#")]
NUMBER = re.compile(r"\b[VSDTMP][0-9]{1,2}\b")


def named(text: str) -> set[str]:
    """Return the numbers that the comments of a program name; one that tests nothing names nothing."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    if not any(token.type == tokenize.NAME and token.string.startswith("test_") for token in tokens):
        return set()
    return {number for token in tokens if token.type == tokenize.COMMENT for number in NUMBER.findall(token.string)}


NAMED = {
    path.relative_to(TESTS).as_posix(): named(path.read_text(encoding="utf-8"))
    for path in sorted(TESTS.rglob("test_*.py"))
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_test_that_names_it(rule: str) -> None:
    assert [path for path, numbers in NAMED.items() if rule in numbers]


def test_no_test_names_a_rule_that_there_is_not() -> None:
    unknown = {path: sorted(numbers - set(RULES)) for path, numbers in NAMED.items()}
    assert {path: numbers for path, numbers in unknown.items() if numbers} == {}


def test_the_numbers_are_found_in_comments_only() -> None:
    assert named('def test_a() -> None:  # T12, V4\n    "S3"\n') == {"T12", "V4"}
    assert named("# T12\n") == set()
