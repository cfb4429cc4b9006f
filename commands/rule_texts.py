"""The engine's rules that help names, each in a sentence; their numbers stand in the tests that hold them."""

from __future__ import annotations

RULES = {
    "P7": "DANE and MTA-STS need TLS: an entry whose own TLS setting is No cannot have DANE or MTA-STS of its own; "
    "what it inherits is ignored.",
}
