"""The tables of a listener: recipients, masquerading and domain map, each a description for the shared dialog."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.command import Command
from commands.listenerconfig import domain_map, masquerade, recipient_access
from commands.session import Session
from commands.table_dialog import Table
from commands.table_text import BadLines
from commands.terminal import Terminal
from state.folder import Memory
from state.mail_patterns import masquerade as read_masquerade
from state.mail_patterns import masqueraded, recipient
from state.model_listeners import DomainMapRow, MasqueradeRow, RecipientRow
from state.names import InvalidName
from state.store import Store
from tests.conftest import NOON

LISTENER = "Inboundmail"


class Case(NamedTuple):
    """A table, the answers that make a row, the line that it is, and what tells that a line is bad."""

    table: Table[Any]
    dialog: Callable[..., Any]
    answers: tuple[str, ...]
    line: str
    bad: dict[str, str]


CASES = {
    "recipients": Case(
        recipient_access.TABLE,
        recipient_access.dialog,
        (".Example.COM", "1"),
        ".example.com ACCEPT",
        {
            ".example.com": "is not a row; one looks like .example.com ACCEPT.",
            "a..b ACCEPT": '"a..b" is not a valid recipient: it has an empty label',
            "a.example MAYBE": '"MAYBE" is not accepted; it takes ACCEPT or REJECT.',
        },
    ),
    "masquerade": Case(
        masquerade.TABLE,
        masquerade.dialog,
        ("@A.example", "ops@B.example"),
        "@a.example ops@b.example",
        {
            "@a.example": "is not a row; one looks like @a.example @b.example.",
            "a.example @b.example": '"a.example" is not a valid address to masquerade: it has no @.',
            "@a.example @.b.example": '"@.b.example" is not a valid masqueraded address: a sender gets one domain',
        },
    ),
    "domain map": Case(
        domain_map.TABLE,
        domain_map.dialog,
        (".A.example", "b.example"),
        ".a.example b.example",
        {
            "a.example": "is not a row; one looks like a.example b.example.",
            "[10.0.0.1] b.example": '"[10.0.0.1]" is not a valid domain name: an address is not mapped',
            "a.example .b.example": '".b.example" is not a valid domain name: it has an empty label',
        },
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def opened(person: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Case], Any]:
    """Return a maker of people whose command `toy` is the table of the factory's public listener."""

    def make(case: Case) -> Any:
        async def toy(session: Session, terminal: Terminal) -> None:
            await case.dialog(session, terminal, LISTENER)

        module = ModuleType("toys")
        module.toy = toy  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "toys", module)
        return person(commands={"toy": Command("toy", "toys:toy", "Ask.", "Toys")})

    return make


def session() -> Session:
    return Session(lambda: Store(Memory(), lambda: NOON))


def test_a_new_row_is_printed_in_its_form_and_stays_in_the_listener(opened: Callable[[Case], Any], case: Case) -> None:
    someone = opened(case)
    shown = someone.type("toy", "new", *case.answers, "print", "")
    assert f"]> print\n\n{case.line}\n" in shown
    assert case.table.read_line(someone.session, case.line) in case.table.rows(someone.session, LISTENER)
    assert case.line not in case.table.text(case.table.rows(someone.session, "Outboundmail"))
    someone.session.staging.commit("", rollback=True)
    assert case.line in case.table.text(case.table.rows(someone.session, LISTENER))


def test_an_edit_shows_what_is_there(opened: Callable[[Case], Any], case: Case) -> None:
    someone = opened(case)
    shown = someone.type("toy", "new", *case.answers, "edit", "1", "", "", "")
    for word in case.line.split()[: len(case.answers) if case.answers[-1] != "1" else 1]:
        assert f"\n[{word}]> \n" in shown
    assert case.line in case.table.text(case.table.rows(someone.session, LISTENER))


def test_a_row_is_chosen_however_it_is_typed_and_deleted(opened: Callable[[Case], Any], case: Case) -> None:
    someone = opened(case)
    someone.type("toy", "new", *case.answers, "delete", case.answers[0], "")
    assert case.line not in case.table.text(case.table.rows(someone.session, LISTENER))


def test_a_row_that_is_there_is_not_made_again(opened: Callable[[Case], Any], case: Case) -> None:
    shown = opened(case).type("toy", "new", *case.answers, "new", case.answers[0], "^C")
    assert f'"{case.line.split()[0]}" already exists; EDIT changes it.\n' in shown


def test_a_bad_line_is_named_with_its_reason(case: Case) -> None:
    text = "".join(f"{line}\n" for line in case.bad)
    with pytest.raises(BadLines) as refused:
        case.table.read_text(session(), text)
    for told, (number, reason) in zip(str(refused.value).splitlines(), enumerate(case.bad.values(), 1), strict=True):
        assert told.startswith(f"line {number}: ")
        assert reason in told


def test_all_rejects_until_it_is_edited_and_is_always_last(opened: Callable[[Case], Any]) -> None:
    someone = opened(CASES["recipients"])
    assert "]> print\n\nALL REJECT\n" in someone.type("toy", "print", "")
    shown = someone.type("toy", "edit", "all", "accept", "new", "a.example", "reject", "print", "")
    assert "Enter the recipient address" not in shown.partition("> edit")[2].partition("> new")[0]
    assert "\na.example REJECT\nALL ACCEPT\n" in shown
    assert "The row ALL is always there; EDIT changes" in someone.type("toy", "delete", "ALL", "^C")
    someone.type("toy", "clear", "y", "")
    assert someone.session.staged.listeners[LISTENER].recipient_access == []
    assert "There are no recipients besides ALL.\n" in someone.type("toy", "clear", "")


def test_a_file_without_all_leaves_it_rejecting() -> None:
    someone = session()
    recipient_access.TABLE.read_file(someone, b"ALL ACCEPT\na.example ACCEPT\n", LISTENER)
    assert recipient_access.TABLE.text(recipient_access.TABLE.rows(someone, LISTENER)).endswith("ALL ACCEPT\n")
    recipient_access.TABLE.read_file(someone, b"a.example ACCEPT\n", LISTENER)
    assert recipient_access.TABLE.text(recipient_access.TABLE.rows(someone, LISTENER)).endswith("ALL REJECT\n")


# What is exported is imported as the same table, whatever addresses are accepted

atoms = st.text(st.sampled_from("abz09!#$%&'*+/=?^_`{|}~-"), min_size=1, max_size=8)
quoted = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), max_size=9).map(
    lambda text: f'"{text}"'
)
hosts = st.sampled_from(["a.example", "b.c.example", "bücher.example", "all.example", "1.example"])
domains = st.builds(str.__add__, st.sampled_from(["", "."]), hosts) | st.sampled_from(["[10.0.0.1]", "[IPv6:::1]"])
locals_ = atoms | quoted | st.builds("{}.{}".format, atoms, atoms)
mailboxes = st.builds("{}@{}".format, locals_, hosts)


def stored(read: Callable[[str], str], typed: str) -> str | None:
    try:
        return read(typed)
    except InvalidName:
        return None


def rows_of(strategy: st.SearchStrategy[Any], key: str) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, max_size=6, unique_by=lambda row: getattr(row, key))


def known(read: Callable[[str], str], typed: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return typed.map(lambda text: stored(read, text)).filter(lambda text: text is not None).map(str)


recipients = known(recipient, domains | mailboxes | locals_.map("{}@".format) | st.just("ALL"))
senders = known(masqueraded, mailboxes | hosts.map("@{}".format) | hosts.map("@.{}".format))
plain_hosts = hosts.map(lambda name: name.encode("idna").decode())


@given(rows_of(st.builds(RecipientRow, address=recipients, action=st.sampled_from(["accept", "reject"])), "address"))
def test_recipients_read_back(rows: list[RecipientRow]) -> None:
    assert_reads_back(recipient_access.TABLE, rows)


@given(rows_of(st.builds(MasqueradeRow, address=senders, to=known(read_masquerade, mailboxes)), "address"))
def test_masquerading_reads_back(rows: list[MasqueradeRow]) -> None:
    assert_reads_back(masquerade.TABLE, rows)


@given(rows_of(st.builds(DomainMapRow, domain=plain_hosts, to=plain_hosts), "domain"))
def test_a_domain_map_reads_back(rows: list[DomainMapRow]) -> None:
    assert_reads_back(domain_map.TABLE, rows)


def assert_reads_back(table: Table[Any], rows: list[Any]) -> None:
    first, second = session(), session()
    table.put(first, rows, LISTENER)
    text = table.text(table.rows(first, LISTENER))
    table.read_file(second, b"\xef\xbb\xbf# a comment\r\n" + text.replace("\n", "\r\n").encode(), LISTENER)
    assert table.rows(second, LISTENER) == table.rows(first, LISTENER)
    assert table.text(table.rows(second, LISTENER)) == text
    first.finish_operation()  # and the configuration takes it
    first.staging.commit("", rollback=True)
