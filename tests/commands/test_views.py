"""LIST on screens of several widths."""

from __future__ import annotations

import pytest

from commands.destconfig.views import summary
from state.model import DefaultDestination, Destination, Destinations

LONG = "a-long-name-of-a-partner.with-many-labels.example"
TABLE = Destinations(
    default=DefaultDestination(tls="preferred", dane="opportunistic"),
    domains={LONG: Destination(tls="required-verify-hosted", dane="mandatory", bounce_profile="Patient and kind")},
)


@pytest.mark.parametrize("width", [80, 100, 132, 300])
def test_it_fits_the_screen(width: int) -> None:
    assert max(map(len, summary(TABLE, width))) <= width


def test_names_are_whole_where_there_is_room_or_no_screen() -> None:
    assert summary(TABLE, 300) == summary(TABLE, None)
    assert LONG in "\n".join(summary(TABLE, None))
    assert "…" not in "\n".join(summary(TABLE, None))


def test_at_80_columns_every_column_is_there() -> None:
    assert summary(TABLE, 80) == [
        "             Rate                                        Bounce        Bounce",
        "Domain       Limiting  TLS         DANE         MTA-STS  Verification  Profile",
        "===========  ========  ==========  ===========  =======  ============  =========",
        "a-long-nam…  Default   Req-Vrfy-H  Mandatory    Default  Default       Patient …",
        "(Default)    On        Preferred   Opportunis…  Off      Off           (Default)",
    ]


def test_a_name_is_cut_only_after_columns_gave_up_what_nothing_fills() -> None:
    usual = Destinations(domains={"partner.example": Destination(tls="required")})
    assert any(line.startswith("partner.example ") for line in summary(usual, 80))
    assert not any(line.startswith("partner.example ") for line in summary(usual, 70))
