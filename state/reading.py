"""From text to values, by way of the values that were kept when the text was last read.

Reading TOML takes far longer than everything else at the start, so what a text says is kept beside it under
the text's hash and the model's. Kept values save time and decide nothing: where they are missing, damaged or
another text's, the text is read and checked.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from hashlib import sha256

import msgspec

from state.model import Configuration
from state.problems import InvalidConfiguration, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.folder import Folder


JUDGES = (
    "addresses.py",
    "mail_patterns.py",
    "model.py",
    "model_listeners.py",
    "model_logs.py",
    "model_network.py",
    "model_relay.py",
    "names.py",
    "network_names.py",
    "rules.py",
    "rules_network.py",
    "rules_relay.py",
    "secrets.py",
    "section.py",
    "senders.py",
    "stored_form.py",
)
"""The modules that decide what a text says, and whether it may."""


class Reader:
    """Reads the texts of one appliance."""

    def __init__(self, folder: Folder, known: dict[str, Configuration] | None = None) -> None:
        """Keep values in the folder, or in `known`, which several appliances in memory may share."""
        self._folder = folder
        self._known = known

    @property
    def keeps(self) -> bool:
        """Whether what is read lasts beyond this process."""
        return self._known is None

    def read(self, text: str, slot: str, rules: bool = True) -> Configuration:
        """Return what a text says.

        Args:
            text: TOML.
            slot: the name under which its values are kept; a later text of this name replaces them.
            rules: whether rules that span sections must hold.

        Raises:
            InvalidConfiguration: it cannot be taken as a configuration.
        """
        if self._known is not None:
            if rules and text in self._known:
                return self._known[text]
        else:
            key = _key(text)
            content = self._folder.read(f"cache/{slot}") or b""
            if content[: len(key)] == key:
                try:
                    return msgspec.msgpack.decode(memoryview(content)[len(key) :], type=Configuration)
                except msgspec.MsgspecError:
                    pass  # as good as none: the text decides
        from state.validation import read_configuration

        configuration = read_configuration(text, rules)
        if self._known is None:
            self.keep(text, configuration, slot)
        elif rules:
            self._known[text] = configuration
        return configuration

    def keep(self, text: str, configuration: Configuration, slot: str) -> None:
        """Keep the values of a text for the next process; without them it would only read more slowly."""
        if self._known is None:
            content = _key(text) + msgspec.msgpack.encode(configuration)
            try:
                self._folder.write(f"cache/{slot}", content, durable=False)
            except OSError:
                with suppress(OSError):
                    self._folder.remove(f"cache/{slot}")


def read_text(data: bytes) -> str:
    """Return the text of a file's bytes, line ends as they are.

    Raises:
        InvalidConfiguration: the bytes are no UTF-8, or begin with a byte order mark; what else is wrong in
            the text is named too.
    """
    if data.isascii():
        return data.decode("ascii")
    problems = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            problems.append(Problem((), "is not UTF-8 text", number))
    text = data.decode("utf-8", errors="replace")
    if text.startswith("\ufeff"):
        problems.append(Problem((), "begins with a byte order mark; save the file without it", 1))
    if not problems:
        return text
    from state.validation import read_configuration

    try:
        read_configuration(text.removeprefix("\ufeff"))
    except InvalidConfiguration as error:
        lines = {problem.line for problem in problems}
        problems += [problem for problem in error.problems if problem.line not in lines]
    raise InvalidConfiguration(problems)


def _key(text: str) -> bytes:
    """Return the hash under which the values of a text are kept; another version's are never taken for its own."""
    return sha256(_judges() + text.encode()).digest()


@cache
def _judges() -> bytes:
    """Return the hash of the modules that decide, as they were when this process first asked.

    A process that goes on while another version is installed keeps nothing under that version's hash.
    """
    digest = sha256()
    for name in JUDGES:
        with open(os.path.join(os.path.dirname(__file__), name), "rb") as source:
            digest.update(source.read())
    return digest.digest()
