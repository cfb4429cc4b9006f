"""What a policy host of a world serves: one document over HTTPS (RFC 8461 s3.3)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shell.world.description import Policy

PATH = "/.well-known/mta-sts.txt"
FILLER = "filler: xxxx\r\n"


def documents(table: Policy) -> dict[str, bytes]:
    """Return the documents of a policy host by their paths."""
    return {PATH: (document(table) + FILLER * (table.filler // len(FILLER))).encode()}


def document(table: Policy) -> str:
    """Return the policy document."""
    if table.body is not None:
        return table.body
    lines = ["version: STSv1", f"mode: {table.mode}", *(f"mx: {name}" for name in table.mx)]
    return "".join(f"{line}\r\n" for line in [*lines, f"max_age: {table.max_age}"])
