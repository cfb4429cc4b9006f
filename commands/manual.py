"""What help says about a command: its page, the entries of its menu, its batch forms, rules and relatives.

Pages are Markdown files in `commands/pages`: what a command is for, then sections. What the table of commands
and the menus know is never written there.
"""

from __future__ import annotations

import os
import re
import textwrap

from commands.command import synopsis
from commands.registry import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from commands.command import Command

FOLDER = os.path.join(os.path.dirname(__file__), "pages")
TOPICS = {"prompt": "How to type: menus, questions, words that answer ahead, pasting, leaving."}
"""Pages that are about no command."""

SECTIONS = ("Dialog", "Stored only", "Examples")
"""The headings that a page may have, in this order."""

WIDEST, NARROWEST = 100, 20
"""Columns between which text is wrapped."""


class Page:
    """A page as it was written.

    Attributes:
        purpose: what stands before the first heading.
        sections: the text under each heading.
    """

    def __init__(self, text: str) -> None:
        self.purpose, *rest = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
        self.sections = dict(zip(rest[::2], rest[1::2], strict=True))

    @property
    def examples(self) -> list[str]:
        """The dialogs of the page, each a transcript without a head."""
        return re.findall(r"^```transcript\n(.*?)^```$", self.sections.get("Examples", ""), re.MULTILINE | re.DOTALL)


def page(name: str) -> Page:
    """Return the page of a command or topic."""
    with open(os.path.join(FOLDER, f"{name}.md"), encoding="utf-8") as file:
        return Page(file.read())


def entries(command: Command) -> list[tuple[str, str]]:
    """Return keyword and sentence of each entry of a command's menu."""
    operations: Any = load(command.menu) if command.menu else ()
    return [(operation.keyword, operation.sentence) for operation in operations]


def explained(command: Command, commands: Mapping[str, Command], width: int | None) -> Iterator[str]:
    """Yield the lines of `help NAME` for a screen of so many columns, None where there is no screen."""
    written = page(command.name)
    yield from wrapped(f"{command.name} - {command.summary}", width, 4)
    if command.alias:
        yield f"Also typed as {command.alias}."
    yield ""
    yield from _text(written.purpose, width)
    if listed := entries(command):
        yield from ("", "In the dialog:")
        yield from rows(listed, width)
    if "Dialog" in written.sections:
        yield from ("", *_text(written.sections["Dialog"], width))
    if command.forms:
        yield from ("", "Without a question:")
        for form in command.forms:
            for line in synopsis(command, form):
                typed = line.lstrip().startswith(("--", command.name))
                yield from wrapped(f"  {line}", width, 4 if typed else 0)
    if "Stored only" in written.sections:
        yield from ("", "Stored only:")
        yield from _text(written.sections["Stored only"], width, "  ")
    if written.examples:
        yield from ("", "Examples:")
        for example in written.examples:
            yield from (f"  {line}".rstrip() for line in example.splitlines())
    if command.rules:
        from commands.rule_texts import RULES

        yield from ("", "Rules:")
        yield from rows([(number, RULES[number]) for number in command.rules], width)
    related = [name for name in command.related if name in commands]
    if related:
        yield from ("", *wrapped(f"See also: {', '.join(related)}.", width))


def topic(name: str, width: int | None) -> Iterator[str]:
    """Yield the lines of a page that is about no command."""
    yield from _text(page(name).purpose, width)


def rows(table: Iterable[tuple[str, str]], width: int | None) -> Iterator[str]:
    """Yield a table of words and sentences; a sentence that is too long goes on under itself."""
    table = list(table)
    size = max((len(word) for word, _ in table), default=0)
    for word, sentence in table:
        yield from _wrap(f"  {word.ljust(size)}  {sentence}", width, " " * (size + 4))


def wrapped(line: str, width: int | None, hanging: int = 0) -> Iterator[str]:
    """Yield a line cut to the screen; what is cut off goes on so many columns behind its indentation."""
    yield from _wrap(line, width, " " * (len(line) - len(line.lstrip()) + hanging))


def _wrap(line: str, width: int | None, indent: str) -> Iterator[str]:
    columns = min(max((width or 81) - 1, NARROWEST), WIDEST)
    if len(indent) > columns // 2:
        indent = "    "
    if len(line) > columns:
        line = line.replace("|", " | ")  # accepted words may go on in the next line
    yield from textwrap.wrap(line, columns, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _text(written: str, width: int | None, indent: str = "") -> Iterator[str]:
    """Yield paragraphs and lists wrapped; what is indented stays as it is."""
    first = True
    for block in re.split(r"\n\s*\n", written.strip("\n")):
        if not first:
            yield ""
        first = False
        if block.startswith("    "):
            yield from (f"{indent}{line}" for line in block.splitlines())
            continue
        for part in re.split(r"\n(?=- )", block):
            text = indent + " ".join(part.split()).replace("`", "")
            yield from _wrap(text, width, indent + ("  " if part.startswith("- ") else ""))


def as_markdown(commands: Mapping[str, Command]) -> Iterator[str]:
    """Yield the lines of the whole manual."""
    yield "# The asyncsh manual"
    yield ""
    yield "Every command, as `help` explains it. This file is written by `asyncsh -c 'help --markdown'`."
    for name, sentence in TOPICS.items():
        yield from ("", f"## {sentence.partition(':')[0]}", "", *page(name).purpose.strip("\n").splitlines())
    for area in sorted({command.area for command in commands.values()}):
        yield from ("", f"## {area}")
        for command in commands.values():
            if command.area == area:
                yield from ("", *_chapter(command, commands))


def _chapter(command: Command, commands: Mapping[str, Command]) -> Iterator[str]:
    """Yield the lines of a command's chapter."""
    written = page(command.name)
    also = f" Also typed as `{command.alias}`." if command.alias else ""
    yield from (
        f"### {command.name}",
        "",
        f"**{command.summary}**{also}",
        "",
        *written.purpose.strip("\n").splitlines(),
    )
    if listed := entries(command):
        yield from ("", "In the dialog:", "", "| entry | |", "| --- | --- |")
        yield from (f"| {keyword} | {sentence} |" for keyword, sentence in listed)
    if "Dialog" in written.sections:
        yield from ("", *written.sections["Dialog"].strip("\n").splitlines())
    if command.forms:
        yield from ("", "Without a question:", "", "```text")
        for form in command.forms:
            yield from synopsis(command, form)
        yield "```"
    if "Stored only" in written.sections:
        yield from ("", "Stored only:", "", *written.sections["Stored only"].strip("\n").splitlines())
    if "Examples" in written.sections:
        yield from ("", "Examples:", "", *written.sections["Examples"].strip("\n").splitlines())
    if command.rules:
        from commands.rule_texts import RULES

        yield from ("", "Rules:", "", *(f"- {number}: {RULES[number]}" for number in command.rules))
    related = [name for name in command.related if name in commands]
    if related:
        yield from ("", f"See also: {', '.join(f'[{name}](#{name})' for name in related)}.")
