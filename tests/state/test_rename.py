"""An entry under another name: its text stays where it was, comments and all."""

from __future__ import annotations

from msgspec.structs import replace

from commands.configuration_text import changed_settings
from state.changes import differences, in_order_of
from state.document import Edit
from state.folder import Memory
from state.model import Configuration, Interface
from state.snapshot import Snapshot
from state.staging import Staging
from state.store import CONFIG, Store
from state.validation import read_configuration
from tests.conftest import NOON

TEXT = """\
[interfaces.A]
address = "10.0.0.1/8"

# for the world
[listeners.In]
type = "public"   # everybody
interface = "A"

[listeners.In.host_access.default]
tls = "required"

[[listeners.In.host_access.groups]]
name = "ONE" # first
policy = "TRUSTED"

[listeners.Out]
type = "private"
interface = "A"
port = 26
"""


def renamed(configuration: Configuration, old: str, new: str) -> Configuration:
    listeners = {new if name == old else name: one for name, one in configuration.listeners.items()}
    return replace(configuration, listeners=listeners)


def test_only_the_headers_change() -> None:
    before = Snapshot(read_configuration(TEXT), TEXT)
    after = before.changed_to(renamed(before.configuration, "In", "MX 1"))
    assert after.text == TEXT.replace("listeners.In", 'listeners."MX 1"')
    assert read_configuration(after.text) == after.configuration
    assert list(after.configuration.listeners) == ["MX 1", "Out"]


def test_a_committed_rename_keeps_the_text() -> None:
    folder = Memory()
    folder.write(CONFIG, TEXT.encode())
    staging = Staging(Store(folder, lambda: NOON), "admin")
    staging.configuration = renamed(staging.configuration, "Out", "Relay")
    staging.finish()
    staging.commit("another name", rollback=True)
    assert folder.read(CONFIG) == TEXT.replace("listeners.Out", "listeners.Relay").encode()
    assert Staging(Store(folder, lambda: NOON), "admin").configuration == staging.configuration


def test_a_rename_and_a_change_of_another_entry() -> None:
    before = Snapshot(read_configuration(TEXT), TEXT)
    new = renamed(before.configuration, "In", "MX")
    new = replace(new, listeners={**new.listeners, "Out": replace(new.listeners["Out"], port=27)})
    after = before.changed_to(new)
    assert after.text == TEXT.replace("listeners.In", "listeners.MX").replace("26", "27")
    assert list(changed_settings(before.configuration, new)) == [
        'listeners.In: renamed to "MX"',
        "listeners.Out.port: 26 -> 27",
    ]


def test_one_that_is_only_alike_at_another_place_is_another() -> None:
    old = read_configuration(TEXT)
    alike = read_configuration(TEXT).listeners["In"]
    new = replace(old, listeners={"Out": old.listeners["Out"], "Other": alike})
    assert [type(edit) for edit in differences(old, new)] == [Edit, Edit]


def test_the_last_one_with_other_values_is_another() -> None:
    old = read_configuration(TEXT)
    other = replace(old.listeners["Out"], port=2525)
    new = replace(old, listeners={"In": old.listeners["In"], "Other": other})
    assert [type(edit) for edit in differences(old, new)] == [Edit, Edit]


def test_a_rename_that_another_session_commits() -> None:
    folder = Memory()
    folder.write(CONFIG, TEXT.encode())
    for old, new in (("Out", "Relay"), ("In", "MX")):
        staging = Staging(Store(folder, lambda: NOON), "admin")
        staging.configuration = renamed(staging.configuration, old, new)
        staging.finish()
    Staging(Store(folder, lambda: NOON), "admin").commit("other names", rollback=True)
    assert folder.read(CONFIG) == TEXT.replace("listeners.Out", "listeners.Relay").replace("s.In", "s.MX").encode()


def test_a_rename_and_a_change_of_the_same_entry_keep_text_and_place() -> None:
    before = Snapshot(read_configuration(TEXT), TEXT)
    new = renamed(before.configuration, "In", "MX")
    new = replace(new, listeners={**new.listeners, "MX": replace(new.listeners["MX"], port=2525)})
    after = before.changed_to(new)
    assert list(after.configuration.listeners) == ["MX", "Out"]
    assert after.text == TEXT.replace("s.In", "s.MX").replace(
        'interface = "A"\n\n[listeners.MX.h', 'interface = "A"\nport = 2525\n\n[listeners.MX.h'
    )
    assert list(changed_settings(before.configuration, new)) == [
        'listeners.In: renamed to "MX"',
        "listeners.MX.port: (default) -> 2525",
    ]


def test_two_names_exchanged_are_two_changes() -> None:
    old = read_configuration(TEXT)
    new = replace(old, listeners={"Out": old.listeners["In"], "In": old.listeners["Out"]})
    text = Snapshot(old, TEXT).changed_to(new).text
    assert read_configuration(text) == in_order_of(old, new)


INTERFACES = """\
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


def renamed_interface(configuration: Configuration, old: str, new: str, **changes: object) -> Configuration:
    interfaces: dict[str, Interface] = {}
    for name, interface in configuration.interfaces.items():
        interfaces[new if name == old else name] = replace(interface, **changes) if name == old else interface
    listener = replace(configuration.listeners["In"], interface=new)
    return replace(configuration, interfaces=interfaces, listeners={"In": listener})


def test_of_an_interface_only_the_name_changes() -> None:
    before = Snapshot(read_configuration(INTERFACES), INTERFACES)
    after = before.changed_to(renamed_interface(before.configuration, "PublicNet", "Outside"))
    assert after.text == INTERFACES.replace("PublicNet", "Outside")
    assert list(after.configuration.interfaces) == ["Outside", "PrivateNet"]
    assert read_configuration(after.text) == after.configuration


def test_what_else_changes_is_written_beside_it() -> None:
    before = Snapshot(read_configuration(INTERFACES), INTERFACES)
    after = before.changed_to(renamed_interface(before.configuration, "PublicNet", "Outside", ssh=2222))
    assert after.text == INTERFACES.replace("PublicNet", "Outside").replace("ssh = 22", "ssh = 2222")


def test_another_address_under_another_name_keeps_the_place() -> None:
    before = Snapshot(read_configuration(INTERFACES), INTERFACES)
    after = before.changed_to(renamed_interface(before.configuration, "PublicNet", "Outside", address="192.168.9.1/24"))
    assert after.text == INTERFACES.replace("PublicNet", "Outside").replace("192.168.2.1", "192.168.9.1")
    assert list(after.configuration.interfaces) == ["Outside", "PrivateNet"]
    assert read_configuration(after.text) == after.configuration


def test_another_address_under_another_name_of_the_last_is_another_interface() -> None:
    before = Snapshot(read_configuration(INTERFACES), INTERFACES)
    interfaces = {**before.configuration.interfaces, "Lab": Interface(address="192.168.9.1/24")}
    del interfaces["PrivateNet"]
    after = before.changed_to(replace(before.configuration, interfaces=interfaces))
    assert "# inside" not in after.text
    assert read_configuration(after.text) == after.configuration
