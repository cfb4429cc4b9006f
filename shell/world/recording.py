"""What a server of a world keeps of a connection: every byte that came, in the clear and inside TLS, up to a bound."""

from __future__ import annotations

from typing import Literal, NamedTuple

MOST_BYTES = 1024 * 1024
"""That are kept of one connection; more is counted and dropped."""

End = Literal["open", "closed by the peer", "closed", "reset"]


class Conversation(NamedTuple):
    """One connection, as the server saw it.

    Attributes:
        clear: what came before TLS, or all where there was none.
        tls: the bytes of TLS as they came over the wire: handshake, records, alerts.
        secured: what came inside TLS.
        server_name: the SNI; None where the peer sent none.
        protocol: `TLSv1.3`; None where no handshake was completed.
        failure: why a handshake failed, in OpenSSL's words; None where it did not.
        end: who ended it.
        dropped: how many bytes were too many to be kept.
    """

    clear: bytes = b""
    tls: bytes = b""
    secured: bytes = b""
    server_name: str | None = None
    protocol: str | None = None
    failure: str | None = None
    end: End = "open"
    dropped: int = 0

    @property
    def commands(self) -> list[str]:
        """The lines that came, in the clear and then inside TLS."""
        return (self.clear + self.secured).decode("latin-1").splitlines()


class Recording:
    """The growing record of one connection."""

    def __init__(self) -> None:
        self._parts = {"clear": bytearray(), "tls": bytearray(), "secured": bytearray()}
        self._dropped = 0
        self.server_name: str | None = None
        self.protocol: str | None = None
        self.failure: str | None = None
        self.end: End = "open"

    def keep(self, part: Literal["clear", "tls", "secured"], octets: bytes) -> None:
        """Keep what came, as far as there is room."""
        room = MOST_BYTES - sum(map(len, self._parts.values()))
        self._parts[part] += octets[:room]
        self._dropped += max(0, len(octets) - room)

    def conversation(self) -> Conversation:
        """Return what there is by now."""
        parts = {name: bytes(kept) for name, kept in self._parts.items()}
        return Conversation(
            **parts,
            server_name=self.server_name,
            protocol=self.protocol,
            failure=self.failure,
            end=self.end,
            dropped=self._dropped,
        )
