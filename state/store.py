"""The appliance's committed configuration: opened, watched, replaced by commits, with its history.

A commit, under a lock: `history/N.pending`, then `config.toml` (a new file, flushed, renamed, folder
flushed), then `N.pending` becomes `N`. Opening finishes or drops what a killed process left, by the hash of
`config.toml`: that file alone says which configuration is in force.

A commit may have to be confirmed: its revision says until when. Whatever opens the appliance later than
that first puts the former text in force again and stages what was undone for its user.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

import msgspec

from state.history import BY_FACTORY, BY_FILE, BY_LAPSE, TIME, History, Revision, beheaded, headed, moment
from state.problems import HandEditRefused, InvalidConfiguration, StateRefusal, WaitingForConfirm
from state.reading import Reader, read_text
from state.sealing import sealed
from state.secrets import Vault
from state.snapshot import Snapshot, Staged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from state.folder import Folder
    from state.merge import Conflict
    from state.model import Configuration

CONFIG = "config.toml"
LARGE = 65536
"""Characters of a text from which on it is not read back before it is put in force."""


class _Overtaken(Exception):
    """The committed file was edited by hand while another text was on its way."""


class Store:
    """One appliance directory.

    Attributes:
        committed: the configuration in force.
        revision: its entry in the history.
        history: all revisions.
        reader: reads its texts.
        vault: seals and opens this appliance's secrets.
        now: the clock; an aware UTC time.
        notices: sentences about what happened on opening, which operators have not seen yet.
    """

    committed: Snapshot
    revision: Revision

    def __init__(
        self, folder: Folder, now: Callable[[], datetime], known: dict[str, Configuration] | None = None
    ) -> None:
        """Open the directory, or make it with the factory configuration.

        Args:
            folder: where the files are.
            now: the clock.
            known: values of texts that were read before, for appliances in memory.

        Raises:
            InvalidConfiguration: `config.toml` was changed by hand and cannot be taken in.
            OSError: the directory cannot be read or written.
        """
        self.folder = folder
        self.now = now
        self.history = History(folder)
        self.vault = Vault(folder)
        self.reader = Reader(folder, known)
        self.notices: list[str] = []
        self._stamp: Hashable = None
        with self.locked():
            folder.tidy()
            self._catch_up()

    def locked(self) -> AbstractContextManager[None]:
        """Keep everybody else from committing; where a user's staged file is locked too, this lock is taken first."""
        return self.folder.lock("commit")

    def refresh(self) -> bool:
        """Look for commits of others, hand edits and a confirmation that never came; say whether something changed.

        Raises:
            InvalidConfiguration: a hand edit cannot be taken in; the last committed one stays in force here.
            OSError: the directory cannot be read or written.
        """
        if self.folder.stamp(CONFIG) == self._stamp and not self._lapsed():
            return False
        with self.locked():
            return self._catch_up()

    def commit(
        self,
        base: Snapshot,
        staged: Snapshot,
        user: str,
        comment: str,
        rollback: bool,
        whole: bool = False,
        confirm: int | None = None,
    ) -> Revision:
        """Make a user's staged work the configuration in force.

        What others committed since `base` stays: only what differs from the base is changed.

        Args:
            base: what the work stands on.
            staged: the values as they are wanted, and, with `whole`, their text.
            user: whose work it is.
            comment: for the history.
            rollback: whether the history offers it for rollback.
            whole: take the staged text as it stands where nobody else committed since.
            confirm: minutes in which the user must confirm it; None where it need not be.

        Raises:
            CommitConflict: somebody else committed another value for the same key.
            WaitingForConfirm: another user's commit waits to be confirmed.
            InvalidConfiguration: a rule that spans sections is broken.
            OSError: the directory cannot be written; nothing was changed.
        """
        from state.merge import CommitConflict, merge
        from state.validation import require_rules

        with self.locked():
            while True:
                self._catch_up()
                self._refuse_while_waiting(user)
                if self.committed.configuration is not base.configuration:
                    merged, conflicts = merge(base.configuration, staged.configuration, self.committed.configuration)
                    if conflicts:
                        raise CommitConflict([(conflict, self._who_changed(conflict, base)) for conflict in conflicts])
                    result = self.committed.changed_to(merged)
                else:
                    result = staged if whole else base.changed_to(staged.configuration)
                require_rules(result.configuration)
                self._require_text_says(result)
                with suppress(_Overtaken):
                    self._put_in_force(result, user, comment, rollback, confirm)
                    return self.revision

    def confirm(self, user: str) -> bool:
        """Confirm the user's commit that waits for it; say whether there was one.

        Raises:
            OSError: the directory cannot be written.
        """
        with self.locked():
            self._catch_up()
            if self.revision.confirm_by is None or self.revision.confirm_user != user:
                return False
            confirmed = msgspec.structs.replace(self.revision, confirm_by=None)
            self.history.replace(confirmed)
            self.revision = confirmed
            return True

    def snapshot(self, number: int) -> Snapshot:
        """Return the configuration of a revision.

        Raises:
            KeyError: there is no such revision.
            InvalidConfiguration: its text is no longer valid.
        """
        if number == self.revision.number:
            return self.committed
        text = self.history.read(number)[1]
        return Snapshot(self.reader.read(text, "revision"), text)

    def sealed(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot in which secrets that stood in clear text are sealed; one that is known keeps its token."""
        known = self.committed.configuration if hasattr(self, "committed") else None
        return sealed(snapshot, self.vault, known)

    def _catch_up(self) -> bool:
        """Do everything that must be done before the appliance is used; say whether something else is in force."""
        self.history.recover(self.folder.read(CONFIG))
        changed = self._take_in()
        if self._lapsed():
            self._undo_unconfirmed()
            return True
        return changed

    def _take_in(self) -> bool:
        """Read `config.toml`; make it a revision where it is not the newest one; say whether it is another one."""
        stamp = self.folder.stamp(CONFIG)
        data = self.folder.read(CONFIG)
        newest, text = self.history.newest() or (None, "")
        if data is None:
            self._stamp = None
            self._put_back(newest, text)
            return True
        if newest is None or newest.sha256 != sha256(data).hexdigest():
            self._take_in_by_hand(data, stamp, newest)
            return True
        changed = not hasattr(self, "revision") or self.revision.sha256 != newest.sha256
        if changed:
            text = read_text(data)
            self.committed = Snapshot(self.reader.read(text, "committed"), text)
        else:
            changed = self.revision.number != newest.number
        if hasattr(self, "revision"):
            self.notices += map(_lapse_told, self.history.lapses_after(self.revision.number))
        self.revision = newest
        self._stamp = stamp
        return changed

    def _take_in_by_hand(self, data: bytes, stamp: Hashable, newest: Revision | None) -> None:
        """Make what somebody wrote into the file a revision; nothing of it is kept before secrets are sealed."""
        from state.validation import read_configuration

        try:
            text = read_text(data)
            by_hand = self.sealed(Snapshot(read_configuration(text), text))
        except InvalidConfiguration as error:
            raise HandEditRefused(error.problems) from None
        self._stamp = stamp
        waiting = newest if newest and newest.confirm_by else None
        try:
            comment = "config.toml was edited" if newest else ""
            self._put_in_force(by_hand, BY_FILE, comment, rollback=newest is not None, waiting=waiting)
        except _Overtaken:  # written again meanwhile
            self._take_in()
            return
        if waiting:
            self.notices.append(
                f"config.toml was edited while a commit of {waiting.confirm_user} waits to be confirmed; "
                "if it is not, the edit is undone with it."
            )

    def _put_back(self, newest: Revision | None, text: str) -> None:
        """Make the file of a new appliance, or again one that was removed by hand."""
        if newest is None:
            from state.factory import FACTORY_TEXT

            factory = Snapshot(self.reader.read(FACTORY_TEXT, "committed"), FACTORY_TEXT)
            self._put_in_force(factory, BY_FACTORY, "", rollback=False)
        else:
            self.committed = Snapshot(self.reader.read(text, "committed"), text)
            self.revision = newest
            self._stamp = self.folder.write(CONFIG, text.encode())

    def _put_in_force(
        self,
        snapshot: Snapshot,
        user: str,
        comment: str,
        rollback: bool,
        confirm: int | None = None,
        waiting: Revision | None = None,
    ) -> None:
        """Write the text and its revision, in the order that survives a kill at any instant.

        With `confirm` it waits so many minutes for its user; with `waiting` as long as that revision would.
        """
        data = snapshot.text.encode()
        now = self.now()
        confirm_by = None if confirm is None else (now + timedelta(minutes=confirm)).strftime(TIME)
        revision = Revision(
            number=self.history.next_number(),
            sha256=sha256(data).hexdigest(),
            user=user,
            time=now.strftime(TIME),
            comment=comment,
            rollback=rollback,
            confirm_by=waiting.confirm_by if waiting else confirm_by,
            confirm_user=waiting.confirm_user if waiting else user if confirm_by else None,
            undo_to=waiting.undo_to if waiting else self.revision.number if confirm_by else None,
        )
        try:
            self.history.announce(revision, data)
            if self.folder.stamp(CONFIG) != self._stamp:
                raise _Overtaken
            self._stamp = self.folder.write(CONFIG, data)
            self.history.complete(revision)
        except (OSError, _Overtaken) as error:
            self._tidy_up(error, data)
        self.committed = snapshot
        self.revision = revision
        self.reader.keep(snapshot.text, snapshot.configuration, "committed")

    def _tidy_up(self, error: OSError | _Overtaken, data: bytes) -> None:
        """After an error, complete or drop the announced revision by what is in force.

        Raises:
            OSError: the new text is not in force.
            _Overtaken: the same.
        """
        in_force = None
        with suppress(OSError):  # what cannot be tidied up now is when the appliance is next opened
            in_force = self.folder.read(CONFIG)
            self.history.recover(in_force)
        if in_force != data:
            raise error
        self._stamp = self.folder.stamp(CONFIG)
        self.notices.append(
            f"The disk reported an error after the new configuration was in force ({error}); "
            "look after the disk, and at what is committed after the next start."
        )

    def _require_text_says(self, snapshot: Snapshot) -> None:
        """Read a text back before it is put in force; a large one is not, the editor checks each table it changed.

        Raises:
            StateRefusal: it does not say what was staged.
        """
        if self.reader.keeps and len(snapshot.text) < LARGE:
            from state.validation import read_configuration

            if read_configuration(snapshot.text) != snapshot.configuration:
                raise StateRefusal(
                    "The change cannot be written into config.toml as it is laid out, and was not committed. "
                    "Write that part of the file as [tables], and try again."
                )

    def _lapsed(self) -> bool:
        by = self.revision.confirm_by
        return by is not None and self.now() >= moment(by)

    def _undo_unconfirmed(self) -> None:
        """Put the text before an unconfirmed commit in force again, and stage what is undone for its user.

        The staged file is written first, on the revision before the commit: killed in between, it holds
        nothing that is not in force, and the next opening does both again.
        """
        unconfirmed, user = self.revision, self.revision.confirm_user or self.revision.user
        try:
            number = unconfirmed.undo_to or 0
            former = self.snapshot(number)
        except (KeyError, InvalidConfiguration):
            self.notices.append(f"Revision {unconfirmed.number} was not confirmed, but the one before it is damaged.")
            self.revision = msgspec.structs.replace(unconfirmed, confirm_by=None)
            return
        with self.folder.lock(f"staged-{user}"):
            name = f"staged/{user}.toml"
            found = beheaded(self.folder.read(name) or b"", Staged)
            staged, text = found or (Staged(base=number, whole=True), self.committed.text.encode())
            kept = number <= staged.base <= unconfirmed.number
            if kept:
                self.folder.write(name, headed(msgspec.structs.replace(staged, base=number), text))
        where = "its changes are staged again" if kept else "its changes are in the history"
        comment = f"Revision {unconfirmed.number} of {user} was not confirmed in time; {where}"
        self._put_in_force(former, BY_LAPSE, comment, rollback=False)
        self.notices.append(_lapse_told(self.revision))

    def _refuse_while_waiting(self, user: str) -> None:
        revision = self.revision
        if revision.confirm_by is not None and revision.confirm_user != user:
            left = int((moment(revision.confirm_by) - self.now()).total_seconds())
            raise WaitingForConfirm(
                f"Revision {revision.number} of {revision.confirm_user} waits to be confirmed; nobody else can commit "
                f"before that, or for {left // 60} minutes and {left % 60} seconds. Your changes stay staged."
            )

    def _who_changed(self, conflict: Conflict, base: Snapshot) -> Revision:
        """Return the newest revision that gave the key of a conflict the value that it has."""
        from state.merge import value_at

        wanted = value_at(self.committed.configuration, conflict.path)
        found = self.revision
        for number in reversed(self.history.numbers()):
            try:
                snapshot = self.snapshot(number)
            except (KeyError, InvalidConfiguration):
                break
            if value_at(snapshot.configuration, conflict.path) != wanted or snapshot.text == base.text:
                break
            found = self.history.header(number)
        return found


def _lapse_told(revision: Revision) -> str:
    return f"{revision.comment}. What was in force before is in force again, as revision {revision.number}."
