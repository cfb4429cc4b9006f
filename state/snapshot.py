"""A configuration as values and text together, and what the first line of a staged file tells."""

from __future__ import annotations

import msgspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.document import Document, Edit, Rename
    from state.model import Configuration


class Staged(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the first line of a staged file tells.

    Attributes:
        base: the revision on which the work was begun.
        whole: the text itself is meant (a rollback, a loaded file), not only what differs from the base.
    """

    base: int
    whole: bool = False


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

    def edited(self, edits: list[Edit | Rename], configuration: Configuration) -> Snapshot:
        """Return the snapshot after the edits; `configuration` has the values that they lead to."""
        return Snapshot(configuration, "", self.document.edit(edits))

    def changed_to(self, configuration: Configuration) -> Snapshot:
        """Return the snapshot with other values: its text, edited where they differ, entries in its order."""
        from state.changes import differences, in_order_of

        edits = differences(self.configuration, configuration)
        return self.edited(edits, in_order_of(self.configuration, configuration))
