"""The system list of an appliance: certifi's bundle as the appliance last took it, kept in a file of its directory.

So an upgrade of the package changes nothing by itself; `update` takes the installed bundle. The list is data beside
the configuration: what is configured is only whether it is in force. A file that is damaged is taken anew.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from gateway.authorities import Authority, AuthorityList, load_list
from gateway.guarded import silently
from gateway.refusals import CertificateRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    from state.store import Store

FILE = "system-authorities.json"
LONGEST_VERSION = 40


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle as it is kept: certifi's version, when the appliance took it (aware, UTC), and its PEM text."""

    version: str
    updated: datetime
    text: str


class SystemList(NamedTuple):
    """The list as it could be loaded.

    Attributes:
        bundle: where it comes from.
        authorities: all that could be read, in the order of the bundle.
        problems: a sentence for each authority that could not be read, and for what happened to the file.
    """

    bundle: Bundle
    authorities: list[Authority]
    problems: list[str]


class Update(NamedTuple):
    """What an update did: the versions before and after, and the names of the authorities that came and went."""

    before: str
    after: str
    came: list[str]
    went: list[str]
    changed: bool


def system_list(store: Store) -> SystemList:
    """Return the list, taken from the installed bundle when there is none yet or it is damaged.

    Whatever is wrong is a sentence in `problems`; without any readable bundle the list is empty.
    """
    bundle, problems = _read(store)
    if bundle is None:
        try:
            bundle = installed(store.now())
        except CertificateRefused as refused:
            return SystemList(Bundle(version="none", updated=store.now(), text=""), [], [*problems, str(refused)])
        problems += _keep(store, bundle)
    loaded = _loaded(bundle.text)
    return SystemList(bundle, loaded.authorities, [*problems, *loaded.problems])


def system_mark(store: Store) -> Hashable:
    """Return a value that is another one as soon as another list is kept; None where none can be kept.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    mark = store.folder.stamp(FILE)
    if mark is None:
        system_list(store)  # keeps it
        mark = store.folder.stamp(FILE)
    return mark


def update(store: Store) -> Update:
    """Take the installed bundle in place of the kept one; nothing is written where they are the same.

    Raises:
        CertificateRefused: the installed bundle cannot be read, or the new list cannot be kept; the old one stays.
    """
    with store.folder.lock("system-authorities"):
        old, new = system_list(store), installed(store.now())
        if (old.bundle.version, old.bundle.text) == (new.version, new.text):
            return Update(new.version, new.version, [], [], changed=False)
        if problems := _keep(store, new):
            raise CertificateRefused(problems[0])
    before = {one.certificate: one.name for one in old.authorities}
    after = {one.certificate: one.name for one in _loaded(new.text).authorities}
    came = [name for certificate, name in after.items() if certificate not in before]
    went = [name for certificate, name in before.items() if certificate not in after]
    return Update(old.bundle.version, new.version, came, went, changed=True)


def installed(now: datetime) -> Bundle:
    """Return the bundle of the installed certifi package, as taken at `now`, an aware time.

    Raises:
        CertificateRefused: it cannot be read, or holds no authority.
    """
    import certifi

    try:
        bundle = Bundle(version=certifi.__version__, updated=now.replace(microsecond=0), text=certifi.contents())
        found = _loaded(bundle.text).authorities
    except (OSError, UnicodeDecodeError, CertificateRefused):
        found = []
    if not found:
        raise CertificateRefused("The installed bundle of certificate authorities (certifi) cannot be read.")
    return bundle


@lru_cache(maxsize=4)
def _loaded(text: str) -> AuthorityList:
    """Return the authorities of a text; 10 ms, so once a process where the text stays the same."""
    with silently():
        return load_list(text)


def _read(store: Store) -> tuple[Bundle | None, list[str]]:
    """Return the kept bundle, None if there is none that can be used, and what is to be said about that."""
    try:
        kept = store.folder.read(FILE)
        if kept is None:
            return None, []
        bundle = msgspec.json.decode(kept, type=Bundle)
        shown = bundle.version.isprintable() and len(bundle.version) <= LONGEST_VERSION
        if shown and bundle.updated.tzinfo is not None and _loaded(bundle.text).authorities:
            return bundle, []
    except OSError as error:
        return None, [f"The kept system list cannot be read ({error.strerror}); the installed bundle is used."]
    except (msgspec.MsgspecError, UnicodeDecodeError, CertificateRefused):
        pass
    return None, ["The kept system list was damaged; it was taken anew from the installed bundle."]


def _keep(store: Store, bundle: Bundle) -> list[str]:
    """Write a bundle; return the sentence about it where the file cannot be written."""
    try:
        store.folder.write(FILE, msgspec.json.encode(bundle))
    except OSError as error:
        return [f"The system list cannot be kept in the appliance directory: {error.strerror}."]
    return []
