"""What a front end always shows beside the prompt: who works here, what is not committed, what waits."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from state.model import Configuration

WIDE = 72
"""Columns from which the words are written out."""


class Standing:
    """Tells how things stand, and counts changes anew only when something was changed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._counted: tuple[Configuration, Configuration] | None = None
        self._changes = 0

    def changes(self) -> int:
        """Return how many settings and entries differ from what is committed; a new or removed entry is one."""
        staging = self._session.staging
        base, staged = staging.base.configuration, staging.configuration
        if self._counted is None or self._counted[0] is not base or self._counted[1] is not staged:
            self._changes = 0 if staged is base else _differences(base, staged)
            self._counted = base, staged
        return self._changes or int(staging.dirty)  # a whole text may differ in its comments only

    def waiting(self) -> tuple[int, str, int] | None:
        """Return revision, user and whole minutes left of a commit that waits to be confirmed."""
        store = self._session.store
        revision = store.revision
        if revision.confirm_by is None:
            return None
        from state.history import moment

        left = (moment(revision.confirm_by) - store.now()).total_seconds()
        return revision.number, revision.confirm_user or revision.user, max(0, -int(-left // 60))

    def line(self, columns: int) -> str:
        """Return the one line for so many columns: user, uncommitted changes, a waiting confirm.

        What does not fit is said shorter, for what stands last are the minutes: they would be cut off.
        """
        changes, waiting = self.changes(), self.waiting()
        told = self._told(changes, waiting, columns >= WIDE, columns >= WIDE)
        if len(told) > columns:
            told = self._told(changes, waiting, columns >= WIDE, explains=False)
        return told if len(told) <= columns else self._told(changes, waiting, wide=False, explains=False)

    def _told(self, changes: int, waiting: tuple[int, str, int] | None, wide: bool, explains: bool) -> str:
        parts = [self._session.user]
        if changes or wide:
            parts.append(f"{changes or 'no'} {'uncommitted ' if wide else ''}change{'' if changes == 1 else 's'}")
        if waiting:
            number, user, left = waiting
            if explains:
                by = "commit" if user == self._session.user else f"a commit of {user}"
                parts.append(f"revision {number} waits for {by} to confirm it: {left} min left")
            else:
                parts.append(f"confirm {number}: {left} min")
        return " | ".join(parts)


def _differences(base: Configuration, staged: Configuration) -> int:
    from state.changes import differences  # only where there are any: no start pays for it

    return len(differences(base, staged))
