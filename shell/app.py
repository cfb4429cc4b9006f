"""The program: what stands on its command line decides which front end speaks to the session.

Nothing is imported before it is needed: `asyncsh -c version` loads no configuration and no other command.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys

from commands import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.session import Session
    from state.store import Store

ADMIN = "admin"
REFUSED = 1
INTERRUPTED = 130
"""What a shell reports for a program that Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0 done, 1 refused, 2 wrong use."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _open_streams()
    try:
        status = _verify(words[1:]) if words[:1] == ["verify"] else _shell(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # the appliance's own are told where they happen: this is our output
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        reason = error.strerror or type(error).__name__
        print(f"asyncsh: the output cannot be written ({reason}); what was done is done.", file=sys.stderr)
        return REFUSED
    return status


def _open_streams() -> None:
    """Have all three streams, and none of them fail for a character that its encoding does not have."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            handle = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(handle, "r" if number == 0 else "w"))
        elif number and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _shell(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="asyncsh",
        formatter_class=_formatter,
        description="A command shell in the manner of AsyncOS over a real engine for mail security.",
        epilog="asyncsh verify PATH... checks transcripts (asyncsh verify --help).",
    )
    parser.add_argument("-c", dest="line", metavar="LINE", help="run one line that asks nothing, and end")
    parser.add_argument("--state", metavar="DIR", help="the appliance directory (else ASYNCSH_STATE, else XDG)")
    parser.add_argument("--user", metavar="NAME", default=ADMIN, help="whose staged work this is (default: admin)")
    parser.add_argument(
        "--last-good", action="store_true", help="restore the newest revision where config.toml is broken, and end"
    )
    parser.add_argument("--version", action="version", version=f"asyncsh {__version__}")
    options = parser.parse_args(words)

    if options.user != ADMIN:
        from state.names import InvalidName, user_name

        try:
            user_name(options.user)
        except InvalidName as error:
            parser.error(f"--user: {error}")

    if options.last_good:
        return _last_good(options.state)

    from commands.session import Session

    session = Session(lambda: open_store(options.state), options.user)
    if options.line is not None:
        from shell.plain import run_line

        return run_line(session, options.line, sys.stdout, sys.stderr)
    return _converse(session)


def _converse(session: Session) -> int:
    """Speak with whoever is there: a person at a terminal, at one without a cursor, or a pipe."""
    person = sys.stdin.isatty() and sys.stdout.isatty()
    moves_cursor = os.environ.get("TERM", "").lower() not in ("", "dumb", "unknown")
    if person and moves_cursor:
        gc.disable()  # until the first prompt: collecting while modules are loaded costs 10 ms and finds nothing
    try:
        session.open()
    except Exception as error:
        from shell.refusal import opening_refused

        print(opening_refused(error), file=sys.stderr)
        return REFUSED
    if not person:
        from shell.plain import converse

        return converse(session)
    if moves_cursor:
        from shell.interactive import converse as converse_on_screen
    else:
        from shell.dumb_terminal import converse as converse_on_screen
    return converse_on_screen(session)


def _last_good(state: str | None) -> int:
    """Restore the newest revision where the committed file is broken, and say so."""
    from state.folder import Disk
    from state.last_good import restore_last_good
    from state.problems import StateRefusal

    try:
        print(restore_last_good(Disk(state_folder(state))))
    except (StateRefusal, OSError) as error:
        from shell.refusal import opening_refused

        print(opening_refused(error), file=sys.stderr)
        return REFUSED
    return 0


def _verify(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="asyncsh verify", formatter_class=_formatter, description="Check transcripts against this program."
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a transcript, or a folder of them")
    parser.add_argument("-j", dest="jobs", metavar="N", type=int, default=1, help="check N at a time (default: 1)")
    options = parser.parse_args(words)
    if options.jobs < 1:
        parser.error("-j: N must be 1 or more")

    from shell.transcript.verify import verify

    return verify(options.paths, options.jobs)


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Return a help formatter of a fixed width: asking for the screen's loads 3 ms of modules at every start."""
    return argparse.HelpFormatter(prog, width=100)


def open_store(state: str | None) -> Store:
    """Open the appliance directory that the command line or the environment names.

    Raises:
        InvalidConfiguration: the committed file was edited and cannot be taken in.
        OSError: the directory cannot be used.
    """
    from datetime import UTC, datetime

    from state.folder import Disk
    from state.store import Store

    return Store(Disk(state_folder(state)), now=lambda: datetime.now(UTC))


def state_folder(state: str | None) -> str:
    """Return the appliance directory: `--state`, else ASYNCSH_STATE, else the XDG state folder."""
    named = state or os.environ.get("ASYNCSH_STATE")
    if named:
        return os.path.abspath(os.path.expanduser(named))
    home = os.environ.get("XDG_STATE_HOME", "")
    return os.path.join(home if os.path.isabs(home) else os.path.expanduser("~/.local/state"), "asyncsh")
