"""What every table of the configuration is made of, and the kinds of values that several of them have."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

DEMO = "Demo"
"""The certificate profile that every system has; it never stands in the text."""

DEFAULT_PROFILE = "Default"
"""The bounce profile that every system has, whether it stands in the text or not."""

MOST_SECONDS = 31_536_000
"""A year."""

Port = Annotated[int, Meta(ge=1, le=65535)]
Seconds = Annotated[int, Meta(ge=0, le=MOST_SECONDS)]


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration."""

    inline: ClassVar[bool] = False
    """Whether a new table of this kind is written on one line, `{ a = 1 }`."""

    identity: ClassVar[str | None] = None
    """A field that no two entries share, by which one is found again that got another name."""
