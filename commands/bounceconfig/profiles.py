"""The table of bounce profiles and its dialog.

`Default` is the profile of everything that names no other. It keeps the values that every system begins with, so
that one profile always means the same; whoever wants others makes a profile and chooses it.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from commands.answers import NotAccepted, named
from commands.dialog import new_name, number, yes_no
from commands.table_dialog import LISTED, Table
from commands.terminal import Terminal
from state.model import MOST_RETRIES, BounceProfile, bounce_profile_uses
from state.names import profile_name
from state.section import DEFAULT_PROFILE, MOST_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commands.session import Session

STAYS = "Default is the profile that every system has: it cannot be {}; make another one with NEW."


class NamedProfile(NamedTuple):
    """A row: a profile under its name."""

    name: str
    profile: BounceProfile


class BounceProfiles(Table[NamedProfile]):
    """Default first, then the others in the order in which they were made."""

    noun, plural = "bounce profile", "bounce profiles"
    listed_above = True

    def rows(self, session: Session, *about: str) -> Sequence[NamedProfile]:
        """Return the profiles; Default is there also where it is not written."""
        profiles = session.staged.bounce_profiles
        others = [NamedProfile(name, profile) for name, profile in profiles.items() if name != DEFAULT_PROFILE]
        return [NamedProfile(DEFAULT_PROFILE, default_profile(session)), *others]

    def put(self, session: Session, rows: Sequence[NamedProfile], *about: str) -> None:
        """Stage the profiles; Default stays as it is written, or not written."""
        before = session.staged.bounce_profiles
        default = {name: profile for name, profile in before.items() if name == DEFAULT_PROFILE}
        others = {row.name: row.profile for row in rows if row.name != DEFAULT_PROFILE}
        session.staged = replace(session.staged, bounce_profiles={**default, **others})

    def name(self, row: NamedProfile) -> str:
        """Return the profile's name."""
        return row.name

    def state(self, session: Session, *about: str) -> list[str]:
        """Return the profiles with their numbers, of many only how many there are."""
        rows = self.rows(session)
        if len(rows) > LISTED:
            return super().state(session)
        return ["Current bounce profiles:", *(f"{place}. {row.name}" for place, row in enumerate(rows, 1))]

    async def ask(
        self, session: Session, terminal: Terminal, present: NamedProfile | None, *about: str
    ) -> NamedProfile:
        """Ask the name of a new profile and everything else; a new one begins with the values of Default."""
        taken = [] if present else [row.name for row in self.rows(session)]
        name = present.name if present else await new_name(terminal, "Please create a name for the profile:", taken)
        profile = present.profile if present else default_profile(session)
        retries = await number(
            terminal, "Enter the maximum number of times that a message is tried again.", 0, MOST_RETRIES,
            profile.max_retries,
        )  # fmt: skip
        queued = await number(
            terminal,
            "Enter the maximum number of seconds that a message stays in the queue before it bounces.",
            0,
            MOST_SECONDS,
            profile.max_queue_time,
        )
        initial = await number(
            terminal, "Enter the number of seconds to wait before the first retry.", 0, MOST_SECONDS,
            profile.initial_wait,
        )  # fmt: skip
        longest = await number(
            terminal,
            "Enter the maximum number of seconds to wait between two retries.",
            initial,
            MOST_SECONDS,
            max(initial, profile.max_wait),
        )
        bounces = await yes_no(
            terminal, "Do you want to send a bounce message to the sender?", default=profile.send_bounces
        )
        warnings = await yes_no(
            terminal,
            "Do you want to send a delay warning while a message waits?",
            default=profile.send_delay_warnings,
        )
        return NamedProfile(
            name,
            BounceProfile(
                max_retries=retries,
                max_queue_time=queued,
                initial_wait=initial,
                max_wait=longest,
                send_bounces=bounces,
                send_delay_warnings=warnings,
            ),
        )

    def line(self, row: NamedProfile) -> str:
        """Return the section of a profile."""
        from commands.bounceconfig.profiles_text import section

        return section(row)

    def text(self, rows: Sequence[NamedProfile]) -> str:
        """Return the sections with a blank line between them."""
        return "\n".join(f"{self.line(row)}\n" for row in rows)

    def read_text(self, session: Session, text: str, *about: str) -> list[NamedProfile]:
        """Return the profiles of a file."""
        from commands.bounceconfig.profiles_text import read_sections

        return read_sections(text, default_profile(session))

    def built_in(self, row: NamedProfile) -> str | None:
        """Refuse to remove Default."""
        return STAYS.format("deleted") if row.name == DEFAULT_PROFILE else None

    def refuse_edit(self, row: NamedProfile) -> None:
        """Refuse to change Default."""
        if row.name == DEFAULT_PROFILE:
            raise NotAccepted(STAYS.format("changed"))

    def users(self, session: Session, *about: str) -> Mapping[str, Sequence[str]]:
        """Return who uses which profile."""
        users: dict[str, list[str]] = {}
        for use in bounce_profile_uses(session.staged):
            users.setdefault(use.profile, []).append(use.user)
        return users


def default_profile(session: Session) -> BounceProfile:
    """Return the values of Default."""
    return session.staged.bounce_profiles.get(DEFAULT_PROFILE, BounceProfile())


def new_profile_name(session: Session, typed: str) -> str:
    """Return the name of a profile that is to be made.

    Raises:
        NotAccepted: it is no name, or taken.
    """
    name = named(typed, profile_name, "name")
    TABLE.refuse_taken(session, name, None)
    return name


TABLE = BounceProfiles()
OPERATIONS = TABLE.operations()


async def bounceconfig(session: Session, terminal: Terminal) -> None:
    """Show the profiles and the operations, until Enter leaves."""
    await TABLE.dialog(session, terminal)
