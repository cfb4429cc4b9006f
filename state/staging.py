"""One user's staged work: what was changed and not yet committed, saved after every finished operation.

It belongs to the user, not to a terminal: `staged/USER.toml` is the whole text as it would be committed,
under one comment line that names the revision it was begun on. Another terminal of the same user sees it
at its next command; what both changed since is merged key by key, the later save winning.
"""

from __future__ import annotations

import msgspec

from state.problems import InvalidConfiguration
from state.reading import read_text
from state.store import HEADER, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    from state.model import Configuration
    from state.store import Revision, Store


class Staging:
    """The staged configuration of one user, as one terminal sees it.

    Attributes:
        base: the committed configuration on which the work stands.
        configuration: the values as they would be committed; set it to stage a change, `save` to keep it.
        first: what they were when the work was taken up.
        notices: sentences that the operator has not seen yet.
    """

    base: Snapshot
    configuration: Configuration
    first: Configuration
    _saved: Snapshot
    _base_number: int

    def __init__(self, store: Store, user: str) -> None:
        """Take up what the user left staged.

        Raises:
            OSError: the directory cannot be read.
        """
        self.store = store
        self.user = user
        self._file = f"staged/{user}.toml"
        self._stamp: Hashable = None
        self.notices: list[str] = []
        self._load()
        self.first = self.configuration

    @property
    def dirty(self) -> bool:
        """Whether anything is staged that is not in force."""
        return self.configuration != self.base.configuration

    def refresh(self) -> None:
        """See what another terminal of this user saved, and what others committed.

        Raises:
            InvalidConfiguration: a hand edit of the committed file cannot be taken in.
            OSError: the directory cannot be read.
        """
        if self.store.refresh() or self.store.folder.stamp(self._file) != self._stamp:
            self._load()

    def save(self) -> None:
        """Keep what is staged, so that it outlives this process.

        Raises:
            OSError: the directory cannot be written; the work stays staged in this process.
        """
        if self.configuration is self._saved.configuration:
            return
        from state.changes import differences

        with self.store.folder.lock(f"staged-{self.user}"):
            if self.store.folder.stamp(self._file) != self._stamp:
                self._join_other_terminal()
            if not self.dirty:
                self.store.folder.remove(self._file)
                self._saved = self.base
            else:
                edits = differences(self._saved.configuration, self.configuration)
                self._saved = self._saved.edited(edits, self.configuration)
                self._write()
            self._stamp = self.store.folder.stamp(self._file)

    def clear(self) -> None:
        """Drop everything that is staged."""
        self.configuration = self.base.configuration
        self.save()

    def commit(self, comment: str, rollback: bool) -> Revision:
        """Make the staged work the configuration in force.

        Raises:
            CommitConflict: somebody else committed another value for a staged key.
            InvalidConfiguration: a rule is broken.
            OSError: the directory cannot be written.
        """
        self.save()
        with self.store.folder.lock(f"staged-{self.user}"):
            revision = self.store.commit(self.base, self.configuration, self.user, comment, rollback)
            self.store.folder.remove(self._file)
            self._stand_on_committed()
        return revision

    def _stand_on_committed(self) -> None:
        self.base = self._saved = self.store.committed
        self.configuration = self.base.configuration
        self._base_number = self.store.revision.number
        self._stamp = self.store.folder.stamp(self._file)

    def _load(self) -> None:
        """Read the staged file and put it onto what is committed now."""
        self._stand_on_committed()
        found = self._read()
        if found is None:
            return
        number, staged = found
        if number == self._base_number:
            self._saved, self.configuration = staged, staged.configuration
            return
        try:
            begun_on = self.store.snapshot(number)
        except (KeyError, InvalidConfiguration):
            self._set_aside()
            return
        try:
            moved = self._moved(begun_on, staged, self.base)
        except InvalidConfiguration:
            moved = None
        if moved is None:  # a conflict, or a broken rule: it stays where it was, and commit names it
            self.base, self._base_number = begun_on, number
            self._saved, self.configuration = staged, staged.configuration
            return
        self.configuration = moved
        self.save()

    def _moved(self, base: Snapshot, staged: Snapshot, onto: Snapshot) -> Configuration | None:
        """Return the staged work on another base; None where both changed the same key."""
        from state.changes import conflicts, differences

        ours = differences(base.configuration, staged.configuration)
        if conflicts(ours, differences(base.configuration, onto.configuration)):
            return None
        return self._parse(onto.document.edit(ours).text)

    def _join_other_terminal(self) -> None:
        """Another terminal of this user saved since: its keys stay where this one did not change them."""
        from state.changes import differences

        ours = differences(self._saved.configuration, self.configuration)
        found = self._read()
        other = found[1] if found and found[0] == self._base_number else self.base
        self._saved = other
        self.configuration = self._parse(other.document.edit(ours).text)

    def _read(self) -> tuple[int, Snapshot] | None:
        self._stamp = self.store.folder.stamp(self._file)
        data = self.store.folder.read(self._file)
        if data is None:
            return None
        header, _, body = data.partition(b"\n")
        try:
            number = msgspec.json.decode(header.removeprefix(HEADER.encode()), type=dict[str, int])["base"]
            text = read_text(body)
            return number, Snapshot(self._parse(text), text)
        except (msgspec.MsgspecError, KeyError, InvalidConfiguration):
            self._set_aside()
            return None

    def _parse(self, text: str) -> Configuration:
        """Return the values of a staged text; rules that span sections wait for the commit."""
        return self.store.reader.read(text, f"staged-{self.user}", rules=False)

    def _set_aside(self) -> None:
        aside = f"staged/{self.user}.broken"
        self.store.folder.rename(self._file, aside)
        self._stamp = None
        self.notices.append(f"Your staged changes could not be read; they were set aside as {aside}.")

    def _write(self) -> None:
        header = HEADER.encode() + msgspec.json.encode({"base": self._base_number}) + b"\n"
        self.store.folder.write(self._file, header + self._saved.text.encode())
        self.store.reader.keep(self._saved.text, self.configuration, f"staged-{self.user}")
