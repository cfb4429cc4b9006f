"""The appliance's committed configuration: opened, watched, replaced by commits, with its history.

A commit, under a lock: `history/N.pending`, then `config.toml` (a new file, flushed, renamed, folder
flushed), then `N.pending` becomes `N`. Opening finishes or drops what a killed process left, by the hash of
`config.toml`: that file alone says which configuration is in force.

A revision file is the whole text under one comment line of JSON that tells number, hash, user, time,
comment, and whether it was saved for rollback.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from state.model import Configuration
from state.reading import Reader, read_text
from state.secrets import Vault, is_clear
from state.wording import key_text, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

    from state.changes import Conflict
    from state.document import Document, Edit
    from state.folder import Folder

CONFIG = "config.toml"
HEADER = "#asyncsh "
PENDING = ".pending"
BY_FACTORY = "(factory)"
BY_FILE = "(file)"


class Revision(msgspec.Struct, frozen=True):
    """One entry of the history.

    Attributes:
        number: counts from 1 without gaps.
        sha256: hash of the text, hexadecimal.
        user: who committed; `(factory)` for the first, `(file)` for a hand edit.
        time: RFC 3339, UTC.
        comment: as typed.
        rollback: whether it was saved for rollback.
    """

    number: int
    sha256: str
    user: str
    time: str
    comment: str
    rollback: bool


class Snapshot:
    """A configuration with the text that says it; the text is split into statements when first edited."""

    def __init__(self, configuration: Configuration, text: str, document: Document | None = None) -> None:
        self.configuration = configuration
        self._text = text
        self._document = document

    @property
    def text(self) -> str:
        """The TOML text."""
        return self._document.text if self._document is not None else self._text

    @property
    def document(self) -> Document:
        """The text, ready for edits."""
        if self._document is None:
            from state.document import Document

            self._document = Document(self._text)
        return self._document

    def edited(self, edits: list[Edit], configuration: Configuration) -> Snapshot:
        """Return the snapshot after the edits; `configuration` has the values that they lead to."""
        return Snapshot(configuration, "", self.document.edit(edits))


class CommitConflict(Exception):
    """Somebody else committed other values for keys that are staged here; `conflicts` names them."""

    def __init__(self, conflicts: list[Conflict], other: Revision) -> None:
        self.conflicts = conflicts
        self.other = other
        super().__init__(
            "\n".join(
                f"{key_text(conflict.path)}: you staged {_value(conflict.ours)}, "
                f"but {other.user} committed {_value(conflict.theirs)} (revision {other.number})."
                for conflict in conflicts
            )
        )


class Store:
    """One appliance directory.

    Attributes:
        committed: the configuration in force.
        revision: its entry in the history.
        reader: reads its texts.
        vault: seals and opens this appliance's secrets.
        now: the clock; an aware UTC time.
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
        self.vault = Vault(folder)
        self.reader = Reader(folder, known)
        self._stamp: Hashable = None
        with folder.lock("commit"):
            self._recover()
            self._take_in()

    def refresh(self) -> bool:
        """Look for commits of others and for hand edits; return whether the committed configuration changed.

        Raises:
            InvalidConfiguration: a hand edit cannot be taken in; the last committed one stays in force here.
            OSError: the directory cannot be read or written.
        """
        if self.folder.stamp(CONFIG) == self._stamp:
            return False
        with self.folder.lock("commit"):
            self._recover()
            return self._take_in()

    def commit(self, base: Snapshot, configuration: Configuration, user: str, comment: str, rollback: bool) -> Revision:
        """Make a user's staged work the configuration in force.

        What others committed since `base` stays: the edits are applied to what is in force now.

        Raises:
            CommitConflict: the same key was committed by somebody else with another value.
            InvalidConfiguration: a rule that spans sections is broken.
            OSError: the directory cannot be written; nothing was changed.
        """
        from state.changes import conflicts, differences
        from state.validation import read_configuration, require_rules

        with self.folder.lock("commit"):
            self._recover()
            self._take_in()
            edits = differences(base.configuration, configuration)
            if self.committed.configuration is base.configuration:
                result = base.edited(edits, configuration)
                require_rules(result.configuration, result.text)
            else:
                found = conflicts(edits, differences(base.configuration, self.committed.configuration))
                if found:
                    raise CommitConflict(found, self.revision)
                text = self.committed.document.edit(edits).text
                result = Snapshot(read_configuration(text), text)
            self._put_in_force(result, user, comment, rollback)
            return self.revision

    def revisions(self) -> list[Revision]:
        """Return the history, oldest first."""
        return [self._entry(number)[0] for number in self._numbers()]

    def snapshot(self, number: int) -> Snapshot:
        """Return the configuration of a revision.

        Raises:
            KeyError: there is no such revision.
            InvalidConfiguration: its text is no longer valid.
        """
        if number == self.revision.number:
            return self.committed
        text = self._entry(number)[1]
        return Snapshot(self.reader.read(text, f"revision-{number}"), text)

    def _recover(self) -> None:
        """Finish or drop what a killed process left in the history."""
        pending = [name for name in self.folder.names("history") if name.endswith(PENDING)]
        if not pending:
            return
        text = self.folder.read(CONFIG)
        for name in pending:
            entry = self._read_entry(f"history/{name}")
            if entry and text is not None and entry[0].sha256 == sha256(text).hexdigest():
                self.folder.rename(f"history/{name}", f"history/{entry[0].number}")
            else:
                self.folder.remove(f"history/{name}")

    def _take_in(self) -> bool:
        """Read `config.toml`; make it a revision where it is not the newest one; say whether it is another one."""
        stamp = self.folder.stamp(CONFIG)
        data = self.folder.read(CONFIG)
        newest, text = self._newest() or (None, "")
        if data is None:  # a new appliance, or the file was removed by hand
            if newest is None:
                from state.factory import FACTORY_TEXT

                text = FACTORY_TEXT
            self._put_in_force(Snapshot(self.reader.read(text, "committed"), text), BY_FACTORY, "", False, newest)
            return True
        digest = sha256(data).hexdigest()
        if newest is None or newest.sha256 != digest:
            text = read_text(data)
            by_hand = self._sealed(Snapshot(self.reader.read(text, "committed"), text))
            self._put_in_force(by_hand, BY_FILE, "config.toml was edited", rollback=newest is not None)
            return True
        changed = not hasattr(self, "revision") or self.revision != newest
        if changed:
            text = read_text(data)
            self.committed = Snapshot(self.reader.read(text, "committed"), text)
            self.revision = newest
        self._stamp = stamp
        return changed

    def _put_in_force(
        self, snapshot: Snapshot, user: str, comment: str, rollback: bool, again: Revision | None = None
    ) -> None:
        """Write the text and its revision, in the order that survives a kill at any instant."""
        data = snapshot.text.encode()
        revision = again or Revision(
            number=(self._numbers() or [0])[-1] + 1,
            sha256=sha256(data).hexdigest(),
            user=user,
            time=self.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            comment=comment,
            rollback=rollback,
        )
        pending = f"history/{revision.number}{PENDING}"
        if again is None:
            header = HEADER + msgspec.json.encode(revision).decode() + "\n"
            self.folder.write(pending, header.encode() + data)
        try:
            self.folder.write(CONFIG, data)
        except OSError:
            self.folder.remove(pending)
            raise
        if again is None:
            self.folder.rename(pending, f"history/{revision.number}")
        self._stamp = self.folder.stamp(CONFIG)
        self.committed = snapshot
        self.revision = revision
        self.reader.keep(snapshot.text, snapshot.configuration, "committed")

    def _sealed(self, snapshot: Snapshot) -> Snapshot:
        """Seal what stands in clear text in a file that is taken in."""
        from state.changes import differences

        profiles = {
            name: msgspec.structs.replace(profile, private_key=self.vault.seal(profile.private_key))
            if profile.private_key and is_clear(profile.private_key)
            else profile
            for name, profile in snapshot.configuration.certificates.items()
        }
        if profiles == snapshot.configuration.certificates:
            return snapshot
        sealed = msgspec.structs.replace(snapshot.configuration, certificates=profiles)
        return snapshot.edited(differences(snapshot.configuration, sealed), sealed)

    def _numbers(self) -> list[int]:
        return sorted(int(name) for name in self.folder.names("history") if name.isdigit())

    def _newest(self) -> tuple[Revision, str] | None:
        """Return the newest revision that can be read; a damaged one never keeps the appliance from opening."""
        entries = (self._read_entry(f"history/{number}") for number in reversed(self._numbers()))
        return next((entry for entry in entries if entry), None)

    def _entry(self, number: int) -> tuple[Revision, str]:
        entry = self._read_entry(f"history/{number}")
        if entry is None:
            raise KeyError(number)
        return entry

    def _read_entry(self, name: str) -> tuple[Revision, str] | None:
        data = self.folder.read(name) or b""
        header, _, text = data.partition(b"\n")
        try:
            return msgspec.json.decode(header.removeprefix(HEADER.encode()), type=Revision), text.decode()
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


def _value(value: object) -> str:
    from state.document import ABSENT

    if value is ABSENT:
        return "its removal"
    return "a table" if isinstance(value, dict) else quoted(value)
