"""One operator's session: the main prompt, a line at a time, and what is staged.

Whatever a command raises ends here as one line for the operator. What a refused or cancelled command had
staged is undone; what was staged before it, files and commits stay.
"""

from __future__ import annotations

from contextlib import suppress

from commands.line import split_line
from commands.registry import COMMANDS, find, load
from commands.terminal import (
    Cancelled,
    Choice,
    Disconnected,
    EndOfInput,
    Question,
    Refused,
    StillAsks,
    Terminal,
    Unsuccessful,
    WrongUse,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from commands.command import Command
    from gateway.engine import Engine
    from state.model import Configuration
    from state.staging import Staging
    from state.store import Store


class Session:
    """What a command works on.

    Attributes:
        user: whose staged work this is.
        commands: the table of commands.
        ended: set by `exit`.
        cut_off: the input ended inside a command.
        news: sentences for the next prompt, from whatever goes on beside the conversation; any thread may add some.
        make_engine: joins the appliance with a network, when a command first needs one; None: with that of this system.
    """

    def __init__(
        self, open_store: Callable[[], Store], user: str = "admin", commands: Mapping[str, Command] = COMMANDS
    ) -> None:
        """Prepare a session; the appliance is opened when something first needs it.

        Args:
            open_store: opens the appliance; may raise `InvalidConfiguration` or `OSError`.
            user: a name of the form `[a-z][a-z0-9_-]{0,31}`.
            commands: the table of commands.
        """
        self._open_store = open_store
        self._staging: Staging | None = None
        self.user = user
        self.commands = commands
        self.ended = False
        self.cut_off = False
        self.news: list[str] = []
        self.make_engine: Callable[[Store], Engine] | None = None
        self._engine: Engine | None = None

    def open(self) -> None:
        """Open the appliance now, where a front end wants to know first whether it can.

        Raises:
            InvalidConfiguration: the committed file was edited and cannot be taken in.
            OSError: the appliance directory cannot be used.
        """
        self.staging.refresh()

    @property
    def staging(self) -> Staging:
        """The user's staged work, taken up when first needed."""
        if self._staging is None:
            from state.staging import Staging

            self._staging = Staging(self._open_store(), self.user)
        return self._staging

    @property
    def store(self) -> Store:
        """The appliance."""
        return self.staging.store

    @property
    def staged(self) -> Configuration:
        """The configuration as it would be committed; set it to stage a change."""
        return self.staging.configuration

    @staged.setter
    def staged(self, configuration: Configuration) -> None:
        self.staging.configuration = configuration

    @property
    def engine(self) -> Engine:
        """What the committed configuration does on the network, joined when first needed."""
        if self._engine is None:
            from gateway.engine import Engine

            self._engine = (self.make_engine or Engine)(self.store)
        return self._engine

    @property
    def prompt(self) -> str:
        """The main prompt: the committed host name."""
        return f"{self.store.committed.configuration.hostname}> "

    def finish_operation(self) -> None:
        """Keep what an operation staged: a lost connection or a killed process no longer loses it."""
        if self._staging is not None:
            self._staging.finish()

    async def converse(self, terminal: Terminal) -> None:
        """Ask for lines and run them until `exit`, or until nobody is there any more."""
        while not self.ended:
            for notice in self._notices():
                terminal.say_error(notice)
            question = Question(
                self.prompt, kind="command", choices=self._choices, hint="Type a command; help lists them."
            )
            try:
                line = await terminal.ask(question)
            except Cancelled:
                continue
            except EndOfInput:
                line = "exit"
            except Disconnected:
                return
            try:
                await self.run(line, terminal)
            except Disconnected:
                return

    async def run(self, line: str, terminal: Terminal) -> int:
        """Run one typed line.

        Returns:
            0 where it was done, 1 where it was refused or cancelled, 2 where it is no right use of a command.

        Raises:
            Disconnected: nobody is there to answer; finished operations are kept.
        """
        status = await self._run_whole(line, terminal)
        self._send_alerts(terminal)
        return status

    async def _run_whole(self, line: str, terminal: Terminal) -> int:
        self._begin()
        for notice in self._told():
            terminal.say_error(notice)
        terminal.ahead.clear()
        try:
            await self._run(line, terminal)
            self.finish_operation()
        except (Cancelled, EndOfInput, KeyboardInterrupt):
            self._refuse(terminal, "Command cancelled.")
            return 1
        except Disconnected:
            self.cut_off = True
            sentence = "The input ended inside a command; finished operations are kept, an unfinished one is dropped."
            self._refuse(terminal, sentence, command=False)
            raise
        except StillAsks as error:
            self._refuse(terminal, str(error))
            return 1
        except Unsuccessful as error:
            return error.status
        except Refused as error:
            self._refuse(terminal, str(error))
            return error.status
        except Exception as error:
            self._refuse(terminal, self._explained(error), command=not _keeps_operations(error))
            return 1
        finally:
            terminal.ahead.clear()
            for notice in self._told():
                terminal.say_error(notice)
        return 0

    async def _run(self, line: str, terminal: Terminal) -> None:
        words, arrows = split_line(line)
        if not words:
            return
        if words == ["?"]:
            words = ["help"]
        command = find(words[0], self.commands)
        if command is None:
            raise WrongUse(f"Unknown command or missing feature key: {_quoted(words[0])[1:-1]}")
        if command.forms and not arrows:
            from commands.batch import batch_call

            call = batch_call(command, words[1:])
            if call is not None:
                await load(call.form.function)(self, terminal, *call.values, **call.options)
                return
            if words[1:] and not command.asks:
                from commands.batch import refuse_words

                refuse_words(command, words[1:])
        terminal.ahead.extend(words[1:])
        if not command.asks:
            terminal.no_more_words()
        await load(command.function)(self, terminal)
        terminal.no_more_words()

    def _send_alerts(self, terminal: Terminal) -> None:
        """Send what alerts are due, now that the command has ended; where the appliance was not opened, none is."""
        if self._staging is None:
            return
        from commands.alerting import after_command

        try:
            after_command(self, terminal)
        except Exception as error:
            terminal.say_error(f"Alerts: {self._unforeseen(error)}")

    def _begin(self) -> None:
        """Look once more for what changed while the prompt was waiting, and mark where the command begins."""
        if self._staging is not None:
            with suppress(Exception):  # told at the prompt, before and after this line
                self._staging.refresh()
            self._staging.begin()

    def _refuse(self, terminal: Terminal, sentence: str, command: bool = True) -> None:
        """Take back what the command staged, or only its unfinished operation, and say why."""
        sentences = [sentence]
        if self._staging is not None:
            try:
                self._staging.undo(command)
            except Exception as error:
                sentences.append(self._explained(error))
        for line in dict.fromkeys(sentences):
            terminal.say_error(line)

    def _notices(self) -> list[str]:
        """Return what the operator must know before the next prompt: hand edits, staged work set aside, news."""
        news = [self.news.pop(0) for _ in range(len(self.news))]
        try:
            self.staging.refresh()
        except Exception as error:
            return [*news, self._explained(error)]
        return [*news, *self._told()]

    def _told(self) -> list[str]:
        """Return the notices that came up below, once."""
        if self._staging is None:
            return []
        notices = [*self.store.notices, *self._staging.notices]
        self.store.notices.clear()
        self._staging.notices.clear()
        return notices

    def _explained(self, error: Exception) -> str:
        """Return the sentence for an error from below; one that nobody foresaw goes to a log."""
        from state.problems import StateRefusal, disk_trouble

        if isinstance(error, OSError):
            return f"{disk_trouble(error)} Nothing of this command was kept; what was staged before is still staged."
        if isinstance(error, StateRefusal):
            return str(error)
        return self._unforeseen(error)

    def _unforeseen(self, error: Exception) -> str:
        import traceback

        frames = "".join(traceback.format_tb(error.__traceback__))
        report = f"{type(error).__name__}\n{frames}"  # the text of the error may hold what was typed
        try:
            before = self.store.folder.read("logs/errors") or b""
            self.store.folder.write("logs/errors", before[-100_000:] + report.encode(errors="replace"))
        except Exception:
            return f"Internal error ({type(error).__name__}); what the command staged is undone."
        name = type(error).__name__
        return f"Internal error ({name}); what the command staged is undone. Where it happened is in logs/errors."

    def _choices(self) -> list[Choice]:
        return [Choice(command.name, command.summary) for command in self.commands.values()]


def _keeps_operations(error: Exception) -> bool:
    """Tell whether an error is a refusal from below, which leaves what the command had finished."""
    from state.problems import StateRefusal

    return isinstance(error, StateRefusal)


def _quoted(word: str) -> str:
    from state.wording import quoted  # only where something is wrong

    return quoted(word)
