"""An entry that gets another name keeps its place in the text and its comments; who names it follows."""

from __future__ import annotations

from msgspec.structs import replace

from state.changes import differences
from state.model import Configuration, Interface
from state.snapshot import Snapshot
from state.validation import read_configuration

TEXT = """\
hostname = "mail.example.com"

# the way out
[interfaces.PublicNet]
address = "192.168.2.1/24"  # from the provider
ssh = 22

[interfaces.PublicNet.https]
port = 443

# inside
[interfaces.PrivateNet]
address = "192.168.1.1/24"

[listeners.In]
type = "public"
interface = "PublicNet"
"""


def renamed(configuration: Configuration, old: str, new: str, **changes: object) -> Configuration:
    interfaces: dict[str, Interface] = {}
    for name, interface in configuration.interfaces.items():
        interfaces[new if name == old else name] = replace(interface, **changes) if name == old else interface
    listener = replace(configuration.listeners["In"], interface=new)
    return replace(configuration, interfaces=interfaces, listeners={"In": listener})


def test_only_the_name_changes() -> None:
    before = Snapshot(read_configuration(TEXT), TEXT)
    after = before.changed_to(renamed(before.configuration, "PublicNet", "Outside"))
    assert after.text == TEXT.replace("PublicNet", "Outside")
    assert list(after.configuration.interfaces) == ["Outside", "PrivateNet"]
    assert read_configuration(after.text) == after.configuration


def test_what_else_changes_is_written_beside_it() -> None:
    before = Snapshot(read_configuration(TEXT), TEXT)
    after = before.changed_to(renamed(before.configuration, "PublicNet", "Outside", ssh=2222))
    assert after.text == TEXT.replace("PublicNet", "Outside").replace("ssh = 22", "ssh = 2222")


def test_another_address_under_another_name_is_another_interface() -> None:
    before = Snapshot(read_configuration(TEXT), TEXT)
    after = before.changed_to(renamed(before.configuration, "PublicNet", "Outside", address="192.168.9.1/24"))
    assert "from the provider" not in after.text
    assert read_configuration(after.text) == after.configuration


def test_a_list_of_changes_has_no_renames() -> None:
    before = read_configuration(TEXT)
    paths = [edit.path for edit in differences(before, renamed(before, "PublicNet", "Outside"))]
    assert paths == [("interfaces", "PublicNet"), ("interfaces", "Outside"), ("listeners", "In", "interface")]
