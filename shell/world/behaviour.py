"""The words for what a server of a world does wrong, and where: `hangs at ehlo`, `resets after starttls`."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

Effect = Literal["hangs", "closes", "resets", "garbles", "floods", "drips", "waits", "injects"]
"""What is done at a step; `MEANINGS` says it in full."""

Step = Literal[
    "greeting",
    "ehlo",
    "helo",
    "starttls",
    "handshake",
    "second ehlo",
    "auth",
    "mail",
    "rcpt",
    "data",
    "message",
    "quit",
]
"""Where a session stands: what the server answers next; `second ehlo` is the one inside TLS."""

STEPS: tuple[Step, ...] = get_args(Step)
HTTP_STEPS: tuple[str, ...] = ("handshake", "request")

MEANINGS: dict[Effect, str] = {
    "hangs": "says nothing more, and goes on listening until the peer leaves",
    "closes": "closes the connection in good order",
    "resets": "breaks the connection off with a TCP reset",
    "garbles": "sends bytes that mean nothing, and closes",
    "floods": "sends 1 MB without a line end, and closes",
    "drips": "sends its answer a byte at a time, a `delay` apart",
    "waits": "answers after its `delay`",
    "injects": "sends a second reply behind the first one, in the same packet",
}

ACCEPTS = "accepts"
SILENT = "silent"
_FORM = re.compile(rf"({'|'.join(MEANINGS)}) (at|after) (.+)")
_WITHOUT_ANSWER = ("hangs", "closes", "resets", "garbles", "floods")


class NotUnderstood(ValueError):
    """A word of a description means nothing; its text is the end of a sentence that begins with the key."""


class Misbehaviour(NamedTuple):
    """One thing that a server does wrong.

    Attributes:
        effect: what it does.
        after: whether it has answered the step first.
        step: where.
    """

    effect: Effect
    after: bool
    step: str


class Behaviour(NamedTuple):
    """All that a server does wrong; nothing for one that accepts.

    Attributes:
        silent: its address answers nobody: connecting runs into the time limit.
        misbehaviours: what it does in a session.
    """

    silent: bool = False
    misbehaviours: tuple[Misbehaviour, ...] = ()

    def at(self, step: str, *effects: Effect) -> Effect | None:
        """Return what happens at a step, None if nothing of these does; all count where none is named."""
        return self._find(step, False, effects)

    def instead(self, step: str) -> Effect | None:
        """Return what happens in place of the answer to a step."""
        return self._find(step, False, _WITHOUT_ANSWER)

    def after(self, step: str) -> Effect | None:
        """Return what happens when a step has been answered."""
        return self._find(step, True, ())

    def _find(self, step: str, after: bool, effects: tuple[str, ...]) -> Effect | None:
        for one in self.misbehaviours:
            if (one.step, one.after) == (step, after) and (not effects or one.effect in effects):
                return one.effect
        return None


def read_behaviour(text: str, steps: tuple[str, ...] = STEPS) -> Behaviour:
    """Return what a text means: `accepts`, `silent`, or misbehaviours separated by commas.

    Args:
        text: what was written.
        steps: those that this kind of server has.

    Raises:
        NotUnderstood: it is none of these.
    """
    if text == ACCEPTS:
        return Behaviour()
    if text == SILENT:
        return Behaviour(silent=True)
    return Behaviour(misbehaviours=tuple(_read_one(part.strip(), steps) for part in text.split(",")))


def _read_one(text: str, steps: tuple[str, ...]) -> Misbehaviour:
    found = _FORM.fullmatch(text)
    if found is None:
        raise NotUnderstood(
            f'must be "{ACCEPTS}", "{SILENT}", or say what it does and where, like "hangs at {steps[0]}" '
            f"({listed(list(MEANINGS))}, at or after a step), not {quoted(text)}"
        )
    effect, place, step = found.groups()
    if step not in steps:
        raise NotUnderstood(f"names the step {quoted(step)}; the steps are {listed(steps, 'and')}")
    if place == "after" and effect not in _WITHOUT_ANSWER[:3]:
        raise NotUnderstood(f'has {quoted(text)}; only what "hangs", "closes" or "resets" can do so after a step')
    if effect == "injects" and step == "handshake":
        raise NotUnderstood('has "injects at handshake"; behind the answer to STARTTLS it is "injects at starttls"')
    effects: Mapping[str, Effect] = {known: known for known in MEANINGS}
    return Misbehaviour(effects[effect], place == "after", step)
