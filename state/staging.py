"""One user's staged work: what was changed and not yet committed, saved after every finished operation.

It belongs to the user, not to a terminal: `staged/USER.toml` is the whole text as it would be committed,
under one comment line that names the revision it was begun on. A terminal works on what it last saw; when
it saves, commits or comes to its next command, what another terminal saved and what others committed is
merged in key by key, and where both changed the same key this terminal's later value stays.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from state.history import beheaded, headed
from state.problems import InvalidConfiguration, StateRefusal
from state.reading import read_text
from state.snapshot import Snapshot, Staged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable
    from contextlib import AbstractContextManager

    from state.history import Revision
    from state.model import Configuration
    from state.store import Store


class _Place(NamedTuple):
    """Where the work stands, as this terminal last saw it.

    Attributes:
        base: what was committed when it was begun, or what it was moved onto since.
        number: the revision of that.
        saved: the staged values and their text; the base where nothing is staged.
        whole: the text itself is meant (a rollback, a loaded file), not only what differs from the base.
        stamp: of the staged file.
        behind: the file still says what was staged before it was moved onto what is committed now.
    """

    base: Snapshot
    number: int
    saved: Snapshot
    whole: bool
    stamp: Hashable
    behind: bool = False


class _Mark(NamedTuple):
    """What was staged at some time: the values, where the work stood, and the text where it was meant as a whole."""

    configuration: Configuration
    place: _Place
    whole: Snapshot | None


class Staging:
    """The staged configuration of one user, as one terminal sees it.

    Attributes:
        configuration: the values as they would be committed; set it to stage a change, `save` to keep it.
        notices: sentences that the operator has not seen yet.
    """

    def __init__(self, store: Store, user: str) -> None:
        """Take up what the user left staged.

        Raises:
            OSError: the directory cannot be read.
        """
        self.store = store
        self.user = user
        self.notices: list[str] = []
        self._file = f"staged/{user}.toml"
        self._place = self._found()
        self._seen = store.revision.number
        self.configuration = self._settled = self._place.saved.configuration
        self.begin()
        self._follow()

    @property
    def base(self) -> Snapshot:
        """The committed configuration on which the work stands."""
        return self._place.base

    @property
    def dirty(self) -> bool:
        """Whether anything is staged that is not in force."""
        place = self._place
        return self.configuration != place.base.configuration or (place.whole and place.saved.text != place.base.text)

    @property
    def text(self) -> str:
        """The text as it would be committed, where nobody else commits before."""
        place = self._place
        start = place.saved if place.whole else place.base
        return start.text if self.configuration is start.configuration else start.changed_to(self.configuration).text

    def begin(self) -> None:
        """Mark the beginning of a command, for `undo`."""
        self._command = self._operation = self._mark()

    def finish(self) -> None:
        """Keep what an operation staged, and mark its end.

        Raises:
            OSError: the directory cannot be written.
        """
        self.save()
        self._operation = self._mark()

    def undo(self, command: bool) -> None:
        """Take back what this terminal staged since its command began, or since its last finished operation.

        What another terminal saved and what was committed meanwhile stays.

        Raises:
            OSError: the directory cannot be written; it is taken back in this process.
        """
        mark = self._command if command else self._operation
        self.configuration = mark.configuration
        if mark.whole is None and not self._place.whole:
            self._restore(mark)
        else:
            with self._locked():
                self._write((mark.whole or self.base).changed_to(mark.configuration), whole=mark.whole is not None)

    def _restore(self, mark: _Mark) -> None:
        """Write what is taken back by the text of then: an entry that was deleted is in its old place again."""
        if self.configuration is self._place.saved.configuration:
            return
        with self._locked():
            if self.store.folder.stamp(self._file) != self._place.stamp:
                self._join()  # another terminal saved meanwhile: that stays
            else:
                self._place = mark.place._replace(stamp=self._place.stamp)
                self._write(mark.place.saved.changed_to(self.configuration), whole=False)

    def refresh(self) -> None:
        """See what another terminal of this user saved, and what others committed.

        Raises:
            InvalidConfiguration: a hand edit of the committed file cannot be taken in.
            OSError: the directory cannot be read.
        """
        try:
            self.store.refresh()
        finally:  # also where a hand edit is broken
            if (
                self.store.folder.stamp(self._file) != self._place.stamp
                or self.store.revision.number != self._seen
                or self._may_move_now()
            ):
                self._settle(self._found())
                self._follow()

    def save(self) -> None:
        """Keep what is staged, so that it outlives this process.

        Raises:
            OSError: the directory cannot be written.
        """
        if self.configuration is self._place.saved.configuration:
            return
        with self._locked():
            self._join()

    def adopt(self, snapshot: Snapshot) -> None:
        """Stage a whole text with its comments where nothing is staged: a former revision, a loaded file.

        Raises:
            StateRefusal: something is staged.
            OSError: the directory cannot be written.
        """
        with self._locked():
            self._join()
            if self.dirty:
                raise StateRefusal("Another session of yours has staged changes meanwhile. Commit or clear them first.")
            self._write(snapshot, whole=True)

    def clear(self) -> None:
        """Drop everything that is staged.

        Raises:
            OSError: the directory cannot be written.
        """
        with self._locked():
            self.store.folder.remove(self._file)
            self._begin_anew()

    def commit(self, comment: str, rollback: bool, confirm: int | None = None) -> Revision:
        """Make the staged work the configuration in force, with what another terminal of this user staged.

        Args:
            comment: for the history.
            rollback: whether the history offers it for rollback.
            confirm: minutes in which it must be confirmed, None where it need not be.

        Raises:
            CommitConflict: somebody else committed another value for a staged key.
            WaitingForConfirm: another user's commit waits to be confirmed.
            InvalidConfiguration: a rule is broken.
            OSError: the directory cannot be written; the work stays staged.
        """
        with self.store.locked(), self._locked():
            seen = self.store.revision.number
            self.store.refresh()
            self._join()
            if self.store.history.lapses_after(seen):
                self._settle(self._found())
                raise StateRefusal("Nothing was committed: look at what is staged now, and commit again.")
            place = self._place
            revision = self.store.commit(place.base, place.saved, self.user, comment, rollback, place.whole, confirm)
            with suppress(OSError):  # it is in force; what is left of the file merges to nothing
                self.store.folder.remove(self._file)
            self._begin_anew()
        return revision

    def _locked(self) -> AbstractContextManager[None]:
        return self.store.folder.lock(f"staged-{self.user}")

    def _mark(self) -> _Mark:
        return _Mark(self.configuration, self._place, self._place.saved if self._place.whole else None)

    def _join(self) -> None:
        """Merge what another terminal saved meanwhile, and write what is staged now."""
        if self.store.folder.stamp(self._file) != self._place.stamp:
            self._settle(self._found())
        place = self._place
        if self.configuration is not place.saved.configuration:
            self._write(place.saved.changed_to(self.configuration), place.whole)

    def _begin_anew(self) -> None:
        """Stand on what is committed, with nothing staged and nothing to undo."""
        self._stand_on_committed()
        self.begin()

    def _stand_on_committed(self) -> None:
        committed, number = self.store.committed, self.store.revision.number
        self._place = _Place(committed, number, committed, False, self.store.folder.stamp(self._file))
        self._seen = number
        self.configuration = committed.configuration

    def _follow(self) -> None:
        """Have the file say where the work was moved."""
        if self._place.behind:
            with self._locked():
                self._join()
                if self._place.behind:
                    self._write(self._place.saved.changed_to(self.configuration), self._place.whole)

    def _may_move_now(self) -> bool:
        """Tell whether work that collided with a commit was changed since: it may no longer collide."""
        return self._place.number != self.store.revision.number and self._place.saved.configuration is not self._settled

    def _settle(self, place: _Place) -> None:
        """Take up another place, carrying along what this terminal changed."""
        from state.merge import merge

        start, end = self._place.saved.configuration, place.saved.configuration

        def carried(values: Configuration) -> Configuration:
            return end if values is start else merge(start, values, end)[0]

        self.configuration = carried(self.configuration)
        self._command = self._command._replace(configuration=carried(self._command.configuration), place=place)
        self._operation = self._operation._replace(configuration=carried(self._operation.configuration), place=place)
        self._place = place
        self._settled = end
        self._seen = self.store.revision.number

    def _found(self) -> _Place:
        """Return where the work stands by what is on the disk now; nothing of this terminal changes."""
        committed, number = self.store.committed, self.store.revision.number
        stamp = self.store.folder.stamp(self._file)
        nothing = _Place(committed, number, committed, False, stamp)
        content = self.store.folder.read(self._file)
        if content is None:
            return nothing
        try:
            header, staged = self._read(content)
            if header.base == number:
                return _Place(committed, number, staged, header.whole, stamp)
            begun_on = self.store.snapshot(header.base)
            if begun_on.text == committed.text:
                return _Place(committed, number, staged, header.whole, stamp, behind=True)
        except (KeyError, InvalidConfiguration):
            self._set_aside()
            return nothing._replace(stamp=None)
        from state.merge import merge

        if header.base > number:  # this terminal has not seen that commit yet
            return _Place(begun_on, header.base, staged, header.whole, stamp)
        merged, conflicts = merge(begun_on.configuration, staged.configuration, committed.configuration)
        if conflicts:  # it stays where it was, and commit names them
            return _Place(begun_on, header.base, staged, header.whole, stamp)
        return _Place(committed, number, committed.changed_to(merged), False, stamp, behind=True)

    def _read(self, content: bytes) -> tuple[Staged, Snapshot]:
        """Return what a staged file holds; rules that span sections wait for the commit.

        Raises:
            KeyError: its first line is not one of ours.
            InvalidConfiguration: its text is no configuration.
        """
        found = beheaded(content, Staged)
        if found is None:
            raise KeyError(self._file)
        text = read_text(found[1])
        return found[0], Snapshot(self.store.reader.read(text, f"staged-{self.user}", rules=False), text)

    def _write(self, snapshot: Snapshot, whole: bool) -> None:
        """Write what is staged, or remove the file where nothing is."""
        place = self._place
        base = place.base
        if snapshot.configuration != base.configuration or (whole and snapshot.text != base.text):
            header = Staged(base=place.number, whole=whole)
            stamp = self.store.folder.write(self._file, headed(header, snapshot.text.encode()))
            self._place = place._replace(saved=snapshot, whole=whole, stamp=stamp, behind=False)
            self._seen = self.store.revision.number
            self.configuration = snapshot.configuration
            self.store.reader.keep(snapshot.text, snapshot.configuration, f"staged-{self.user}")
        else:
            self.store.folder.remove(self._file)
            self._stand_on_committed()

    def _set_aside(self) -> None:
        aside, number = f"staged/{self.user}.broken", 1
        while self.store.folder.stamp(aside) is not None:
            number += 1
            aside = f"staged/{self.user}.broken-{number}"
        self.store.folder.rename(self._file, aside)
        self.notices.append(f"Your staged changes could not be read; they were set aside as {aside}.")
