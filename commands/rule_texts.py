"""The engine's rules that help names, each in a sentence; their numbers stand in the tests that hold them."""

from __future__ import annotations

RULES = {
    "D4": "That an answer was validated with DNSSEC counts only from a DNS server on loopback, or one that is trusted "
    "here.",
    "D17": "The host of an SMTP route counts as a secure MX for DANE.",
    "M17": "With an SMTP route the MTA-STS policy is that of the route's host; an address has none.",
    "S6": "A relay is verified in full against the host name that was typed, by alternative names alone, before "
    "anything but EHLO is said to it; AUTH is never in the clear.",
    "V4": "In a certificate * stands for the whole left-most label only, and for exactly one: *.partner.example "
    "matches mx1.partner.example.",
    "V6": "Where the FQDN check is on, common name and alternative names must be fully qualified domain names.",
    "V8": "Self-signed certificates and private authorities pass only when they are in the custom list; an authority "
    "that cannot be read never breaks its list.",
    "T5": "A TLSA record that SMTP can use has usage 2 or 3, selector 0 or 1, matching type 0, 1 or 2, and data that "
    "fit it; usages 0 and 1 count as unusable.",
    "T10": "A record with usage 3 (DANE-EE) names the server's own certificate, whose names, dates and issuer do not "
    "count.",
    "T12": "A record with usage 2 (DANE-TA) names an issuer of the server's certificate, never that certificate "
    "itself.",
    "P7": "DANE and MTA-STS need TLS: an entry whose own TLS setting is No cannot have DANE or MTA-STS of its own; "
    "what it inherits is ignored.",
}
