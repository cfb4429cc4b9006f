"""Private keys and passwords at rest: sealed with this appliance's key, readable only where that key is.

A sealed value is `sealed:TOKEN`, a Fernet token of `cryptography` (AES-128-CBC with HMAC-SHA-256). An
unchanged secret keeps its token, so that a commit changes no byte that nobody changed. `masked` stands for
a key whose value was left out (playback, masked files): it counts as having one and refuses to be used.
"""

from __future__ import annotations

from state.problems import StateRefusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.folder import Folder

SEALED = "sealed:"
MASKED = "masked"
KEY_FILE = "secret.key"
SECRET_KEYS = frozenset({"private_key", "password"})
"""The fields that hold secrets; nothing that is printed shows their values."""


class SecretUnavailable(StateRefusal):
    """A secret is masked, or was sealed by another appliance; the text is a sentence for the operator."""


def is_clear(value: str) -> bool:
    """Tell whether a secret's value stands in clear text."""
    return not value.startswith(SEALED) and value != MASKED


class Vault:
    """Seals and opens secrets with the key in `secret.key`, which is made when it is first needed."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def seal(self, clear: str) -> str:
        """Return a clear value as `sealed:TOKEN`.

        Raises:
            OSError: the key file cannot be read or made.
        """
        from cryptography.fernet import Fernet  # 30 ms, only where a secret is touched

        return SEALED + Fernet(self._key()).encrypt(clear.encode()).decode("ascii")

    def open(self, value: str) -> str:
        """Return the clear value of a sealed one.

        Raises:
            SecretUnavailable: it is masked, damaged or sealed with another appliance's key.
            OSError: the key file cannot be read.
        """
        from cryptography.fernet import Fernet, InvalidToken

        if value == MASKED:
            raise SecretUnavailable("This secret is masked; enter it again before it is used.")
        if is_clear(value):
            return value
        try:
            return Fernet(self._key()).decrypt(value.removeprefix(SEALED).encode()).decode()
        except (InvalidToken, ValueError):
            raise SecretUnavailable(
                "This secret was sealed by another appliance and cannot be read here; enter it again."
            ) from None

    def _key(self) -> bytes:
        from cryptography.fernet import Fernet

        key = self._folder.read(KEY_FILE)
        if key is None:
            with self._folder.lock("secret"):
                key = self._folder.read(KEY_FILE)
                if key is None:
                    key = Fernet.generate_key()
                    self._folder.write(KEY_FILE, key)
        return key
