"""CRL: for whom revocation lists are checked, where they come from, and the last good list of each source.

Sources and switches are configuration, staged like everything else. The lists are data of the appliance: IMPORT and
UPDATE keep a list at once, also for a source that is not committed yet, where it counts only from then on. It is
checked against the authorities that are staged, so that an authority and its list can be taken in on one occasion;
whoever judges a certificate checks the signature once more by those in force. No list is fetched behind anybody's
back: UPDATE does it, and so do the verifying commands where a list is due that they check against.
"""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, OfAnotherKind, read_choice
from commands.dialog import Operation, choose, menu, new_name, say, text, yes_no
from commands.files import ask_file
from commands.terminal import Refused, Terminal, Unsuccessful
from commands.wording import time_text
from gateway.crl import verdict
from gateway.refusals import CertificateRefused
from gateway.revocation_lists import issuers, kept_list, next_fetch, take_list
from state.exchange import file_name, read_file
from state.model import RefreshInterval, RevocationSource
from state.names import web_address_fault, without_user
from state.problems import StateRefusal
from state.wording import counted, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from commands.session import Session
    from gateway.crl import RevocationList
    from gateway.list_fetching import Fetched
    from gateway.revocation_lists import Kept

REFRESH: tuple[RefreshInterval, ...] = ("hourly", "daily", "weekly", "monthly")
REFRESH_WORDS = [word.capitalize() for word in REFRESH]
NO_SOURCES = "There are no sources."
ALL_SOURCES = "All sources"
OUT_OF_DATE = (
    "A list that is out of date counts until 7 days past its nextUpdate; then checking fails with that reason.\n"
)


async def crl(session: Session, terminal: Terminal) -> None:
    """Show how checking stands and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=state_lines)


def state_lines(session: Session) -> list[str]:
    """Return the lines above the menu."""
    revocation = session.staged.revocation
    switches = (("listener", revocation.listener), ("delivery", revocation.delivery), ("GUI", revocation.gui))
    checked = ", ".join(f"{name} {'On' if on else 'Off'}" for name, on in switches)
    return ["Certificate Revocation Lists", f"Checking: {checked}", f"Sources: {len(revocation.sources)}"]


async def setup(session: Session, terminal: Terminal) -> None:
    """Ask for whom lists are checked."""
    revocation = session.staged.revocation
    listener = await yes_no(
        terminal,
        "Do you want to check revocation lists on listeners?",
        default=revocation.listener,
        above=f"{OUT_OF_DATE}\n",
    )
    delivery = await yes_no(terminal, "Do you want to check revocation lists on delivery?", default=revocation.delivery)
    gui = await yes_no(
        terminal, "Do you want to check revocation lists in the GUI? (stored only)", default=revocation.gui
    )
    _stage(session, listener=listener, delivery=delivery, gui=gui)


async def new(session: Session, terminal: Terminal) -> None:
    """Ask for a source."""
    name = await new_name(terminal, "Enter a name for this source:", session.staged.revocation.sources)
    source = await _ask_source(terminal, None)
    _stage(session, sources={**session.staged.revocation.sources, name: source})
    say(terminal, f"The source {quoted(name)} was created.")
    terminal.say("UPDATE fetches its list, IMPORT takes it from a file.")


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask for address and interval of a source again; the list that is kept stays."""
    name = await _choose_source(session, terminal, "Choose the source to edit:")
    if name is not None:
        source = await _ask_source(terminal, session.staged.revocation.sources[name])
        _stage(session, sources={**session.staged.revocation.sources, name: source})


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove a source; the file of its list stays and is ignored, for the removal may never be committed."""
    name = await _choose_source(session, terminal, "Choose the source to remove:")
    if name is not None:
        sources = session.staged.revocation.sources
        _stage(session, sources={key: source for key, source in sources.items() if key != name})
        say(terminal, f"The source {quoted(name)} was removed; once that is committed its list counts no more.")


async def import_list(session: Session, terminal: Terminal) -> None:
    """Take the list of a source from a file; it is kept at once, and only if it is good."""
    name = await _choose_source(session, terminal, "Choose the source of the list:")
    if name is None:
        return

    def read(answer: str) -> str:
        file = file_name(answer)
        terminal.no_more_words()
        return _taken(session, name, file)

    done = await ask_file(session, terminal, read)
    say(terminal, done)


async def import_batch(session: Session, terminal: Terminal, name: str, file: str) -> None:
    """`certconfig crl import NAME FILE`, for what fetches lists outside."""
    source = _named_source(session, name)
    try:
        done = _taken(session, source, file_name(file))
    except StateRefusal as refused:
        raise Refused(str(refused)) from None
    say(terminal, done)


async def update(session: Session, terminal: Terminal) -> None:
    """Fetch the list of a source, or all of them, and say what came of each."""
    names = list(session.staged.revocation.sources)
    if not names:
        say(terminal, f"{NO_SOURCES} NEW creates one.")
        return
    every = [ALL_SOURCES] if len(names) > 1 else []
    index = await choose(
        terminal, [*names, *every], default=len(names) - 1 + len(every), above="Choose the source to fetch from:"
    )
    terminal.no_more_words()
    _fetch(session, terminal, names[index : index + 1] or names)


async def update_batch(session: Session, terminal: Terminal, name: str = "") -> None:
    """`certconfig crl update [NAME]`, for what runs at regular times.

    Raises:
        Unsuccessful: a list was not taken; all is said.
    """
    names = [_named_source(session, name)] if name else list(session.staged.revocation.sources)
    if not names:
        raise Refused(f"{NO_SOURCES} NEW creates one.")
    if not _fetch(session, terminal, names):
        raise Unsuccessful


def _fetch(session: Session, terminal: Terminal, names: Sequence[str]) -> bool:
    """Fetch the lists of sources as they are staged, say what came of each, and return whether all were taken."""
    from commands.online import run  # with what reaches the network, which no other operation does
    from gateway.list_fetching import fetch_lists

    staged = session.staged
    sources = {name: staged.revocation.sources[name] for name in names}
    found = run(terminal, fetch_lists(session.engine, sources, staged.authorities))
    terminal.say("")
    for one in found:
        terminal.say(f"{one.source}: {_came_of(session, one)}")
    return all(one.found for one in found)


def _came_of(session: Session, fetched: Fetched) -> str:
    if fetched.found is None:
        return f"{fetched.reason} {'The list that is kept stays.' if fetched.before else 'There is no list yet.'}"
    return " ".join(_taken_lines(session, fetched.found, fetched.before, "fetched"))


async def show_list(session: Session, terminal: Terminal) -> None:
    """`certconfig crl list`: print each source with its list."""
    sources = session.staged.revocation.sources
    if not sources:
        say(terminal, NO_SOURCES)
    for number, (name, source) in enumerate(sources.items(), 1):
        say(terminal, f"{number}. {name}")
        for line in _shown(session, name, source):
            terminal.say("   ", *line)


def _shown(session: Session, name: str, source: RevocationSource) -> list[Sequence[str]]:
    """Return what LIST tells about a source, each line in parts."""
    kept = kept_list(session.store, name)
    lines: list[Sequence[str]] = [[f"URL: {source.url}"], [f"Refresh: {source.refresh.capitalize()}"]]
    if kept.last is None:
        lines.append(["Last attempt: none"])
    else:
        lines.append(["Last attempt: ", time_text(kept.last.time), f": {kept.last.sentence}"])
    if kept.taken is not None and kept.taken != kept.last:
        lines.append(["Last good list: ", time_text(kept.taken.time), f": {kept.taken.sentence}"])
    lines.append(["Next fetch: ", *_next_fetch(session, name, source, kept)])
    if kept.problem:
        lines.append([f"List: {kept.problem}"])
    elif kept.found is None:
        lines.append(["List: none"])
    else:
        found = kept.found
        lines += [
            [f"Issuer: {found.issuer}"],
            [f"Revoked: {counted(found.revoked, 'certificate')}"],
            [f"Next update: {found.next_update:%Y-%m-%d %H:%M} GMT"],
            [f"Status: {verdict(found, session.store.now()).sentence}"],
        ]
    return lines


def _next_fetch(session: Session, name: str, source: RevocationSource, kept: Kept) -> list[str]:
    """Return when a list is fetched the next time: nobody does it before it is needed."""
    in_force = session.store.committed.configuration.revocation
    if in_force.sources.get(name) != source:
        return ["by UPDATE until the source is committed"]
    if not in_force.delivery:
        return ["by UPDATE alone, since lists are not checked on delivery"]
    when = next_fetch(kept, source.refresh)
    if when is None or when <= session.store.now():
        return ["due now; before the next verification"]
    return ["due from ", time_text(when)]


def _taken(session: Session, name: str, file: str) -> str:
    """Keep the list of a file and return what is to be said about it.

    Raises:
        FileRefused: the file cannot be read.
        CertificateRefused: the list is not good; the last good one stays.
    """
    data = read_file(session.store.folder, file)
    in_force, disabled = issuers(session.store, session.staged.authorities)
    kept = kept_list(session.store, name).found
    try:
        found = take_list(session.store, name, data, in_force, disabled, origin=f"the file {quoted(file)}")
    except CertificateRefused as refused:
        stays = " The list that is kept stays." if kept is not None else ""
        raise CertificateRefused(f"{refused}{stays}") from None
    return "\n".join(_taken_lines(session, found, kept, f"imported for {quoted(name)}"))


def _taken_lines(session: Session, found: RevocationList, before: RevocationList | None, how: str) -> list[str]:
    """Return what is said of a list that was taken."""
    lines = [
        f"The list of {quoted(found.issuer)} was {how}: it revokes {counted(found.revoked, 'certificate')}.",
        verdict(found, session.store.now()).sentence,
    ]
    if before is not None and before.crl.issuer != found.crl.issuer:
        lines.append(f"It replaces a list of another issuer, {quoted(before.issuer)}.")
    return lines


async def _choose_source(session: Session, terminal: Terminal, question: str) -> str | None:
    """Ask for a source by its number or name; None, and said so, where there is none."""
    names = list(session.staged.revocation.sources)
    if not names:
        say(terminal, f"{NO_SOURCES} NEW creates one.")
        return None
    return names[await choose(terminal, names, default=0 if len(names) == 1 else None, above=question)]


def _named_source(session: Session, typed: str) -> str:
    """Return the source that was typed by its number or name.

    Raises:
        Refused: there is none.
    """
    names = list(session.staged.revocation.sources)
    if not names:
        raise Refused(f"{NO_SOURCES} NEW creates one.")
    try:
        return names[read_choice(typed, names, None)]
    except OfAnotherKind:
        raise Refused(f"There is no source {quoted(typed)}; LIST shows the sources.") from None


async def _ask_source(terminal: Terminal, present: RevocationSource | None) -> RevocationSource:
    def read(answer: str) -> str:
        if reason := web_address_fault(answer):
            raise NotAccepted(f"{quoted(without_user(answer))} is not a valid web address: {reason}.")
        return answer

    url = await text(
        terminal,
        "Enter the URL of the list:",
        read,
        default=present.url if present else None,
        hint="An address like http://crl.example.com/ca.crl",
    )
    default = REFRESH.index(present.refresh if present else "daily")
    refresh = await choose(terminal, REFRESH_WORDS, default, above="How often is the list fetched?")
    return RevocationSource(url=url, refresh=REFRESH[refresh])


def _stage(session: Session, **changes: Any) -> None:
    session.staged = replace(session.staged, revocation=replace(session.staged.revocation, **changes))


OPERATIONS = (
    Operation("SETUP", "Change for whom revocation lists are checked", setup),
    Operation("NEW", "Create a source of a revocation list", new),
    Operation("LIST", "Display the sources and their lists", show_list),
    Operation("EDIT", "Modify a source", edit),
    Operation("DELETE", "Remove a source", delete),
    Operation("IMPORT", "Import the list of a source from a file", import_list),
    Operation("UPDATE", "Fetch the lists now", update),
)
