"""logconfig: what is written to the logs, and how much of it is kept."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.dialog import Operation, choose, menu, number, say, text
from commands.logs.which import LEVEL_TEXTS, ask_log, log_of_line, state_lines
from commands.terminal import Refused, Terminal
from state.model_logs import LOG_LEVELS, MOST_LOG_FILES, SIZE_WANTED, read_log_size
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session


async def logconfig(session: Session, terminal: Terminal) -> None:
    """Show the logs and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=state_lines)


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask everything about a log again, each question with its present value."""
    await ask_log(terminal, "edit")
    present = session.staged.logs.mail_logs
    level = await choose(
        terminal, list(LEVEL_TEXTS.values()), default=LOG_LEVELS.index(present.level), above="Log level:"
    )
    size = await text(
        terminal,
        "Please enter the maximum file size. Add a trailing k for kilobytes or M for megabytes.",
        read=_size,
        default=present.max_size,
        hint=f"{SIZE_WANTED[0].upper()}{SIZE_WANTED[1:]}, like 10M.",
    )
    files = await number(terminal, "Please enter the maximum number of files:", 2, MOST_LOG_FILES, present.max_files)
    _change(session, level=LOG_LEVELS[level], max_size=size, max_files=files)


async def show_list(session: Session, terminal: Terminal) -> None:
    """`logconfig list`."""
    say(terminal, "\n".join(state_lines(session)))


async def edit_batch(session: Session, terminal: Terminal, log: str, **changes: object) -> None:
    """`logconfig edit LOG --level LEVEL --max-size SIZE --max-files NUMBER`."""
    log_of_line(log)
    if "max_size" in changes:
        try:
            changes["max_size"] = _size(str(changes["max_size"]))
        except NotAccepted as error:
            raise Refused(f"--max-size: {error}") from None
    _change(session, **changes)


def _size(typed: str) -> str:
    size = read_log_size(typed)
    if size is None:
        raise NotAccepted(f"{quoted(typed)} is not accepted; enter {SIZE_WANTED}.")
    return size


def _change(session: Session, **changes: object) -> None:
    logs = session.staged.logs
    session.staged = replace(session.staged, logs=replace(logs, mail_logs=replace(logs.mail_logs, **changes)))


OPERATIONS = (Operation("EDIT", "Modify a log.", edit),)
