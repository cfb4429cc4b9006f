"""The way back from a hand edit that cannot be taken in: the newest revision, the broken file kept beside it."""

from __future__ import annotations

import re

from state.history import History
from state.problems import InvalidConfiguration, StateRefusal
from state.reading import read_text
from state.secrets import Vault
from state.store import CONFIG
from state.validation import read_configuration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.folder import Folder


BROKEN = "config.toml.broken"
_PRIVATE_KEY = rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----"


def restore_last_good(folder: Folder) -> str:
    """Put the newest revision in place of a `config.toml` that is broken; return what was done as a sentence.

    Raises:
        StateRefusal: no revision can be read.
        OSError: the directory cannot be written.
    """
    with folder.lock("commit"):
        data = folder.read(CONFIG)
        if data is None:
            return f"{CONFIG} is not there; it comes back from the history when the appliance is opened."
        try:
            read_configuration(read_text(data))
        except InvalidConfiguration:
            pass
        else:
            return f"{CONFIG} is in order; nothing was restored."
        history = History(folder)
        history.recover(data)
        newest = history.newest()
        if newest is None:
            raise StateRefusal(f"{CONFIG} is broken, and there is no revision that could be restored.")
        kept, number = BROKEN, 1
        while folder.stamp(kept) is not None:
            number += 1
            kept = f"{BROKEN}-{number}"
        folder.write(kept, _without_clear_keys(folder, data))
        folder.write(CONFIG, newest[1].encode())
        return f"Revision {newest[0].number} is in force again; the broken file is kept as {kept}."


def _without_clear_keys(folder: Folder, data: bytes) -> bytes:
    """Return a broken file with the private keys in it sealed, whatever else is wrong with it."""
    vault = Vault(folder)
    return re.sub(_PRIVATE_KEY, lambda key: vault.seal(key[0].decode(errors="replace")).encode(), data, flags=re.DOTALL)
