"""What other programs say of the lab's destinations: Postfix's posttls-finger, and openssl s_client."""

from __future__ import annotations

import shlex

from tests.peers.destinations import DESTINATIONS, Destination, Word
from tests.peers.lab import Lab


def finger_dane(lab: Lab) -> dict[str, Word]:
    """Return what `posttls-finger -l dane` makes of each destination; its exit status tells nothing."""
    script = "\n".join(
        f"echo '== {one.name}'; posttls-finger -c -t 5 -T 5 -L summary,verbose -l dane {one.domain} 2>&1"
        for one in DESTINATIONS
    )
    return {name: _finger_word(text) for name, text in _by_name(lab.inside(script)).items()}


def finger_secure(lab: Lab) -> dict[str, bool]:
    """Return whether `posttls-finger -l secure` verifies each MX host with the lab's root."""
    root = shlex.quote(str(lab.root_file))
    script = "\n".join(
        f"echo '== {one.name}'; posttls-finger -c -t 5 -T 5 -L summary -l secure -F {root} "
        f"'[{lab.addresses[one.name]}]' {one.mx} 2>&1"
        for one in DESTINATIONS
    )
    return {name: "Verified TLS connection" in text for name, text in _by_name(lab.inside(script)).items()}


def s_client_dane(lab: Lab) -> dict[str, Word]:
    """Return what `openssl s_client` makes of the TLSA records of those destinations that have some."""
    asked = [one for one in DESTINATIONS if one.tlsa and one.zone == "signed"]
    script = "\n".join(f"echo '== {one.name}'; {_s_client(lab, one)} 2>&1 < /dev/null" for one in asked)
    return {
        name: "SUCCESS" if "Verification: OK" in text and "DANE TLSA" in text else "FAILED"
        for name, text in _by_name(lab.inside(script)).items()
    }


def _s_client(lab: Lab, one: Destination) -> str:
    records = " ".join(f"-dane_tlsa_rrdata '{record}'" for record in lab.records[one.name])
    return (
        f"timeout 10 openssl s_client -brief -starttls smtp -connect {lab.addresses[one.name]}:25 -servername {one.mx} "
        f"-dane_tlsa_domain {one.mx} -dane_ee_no_namechecks {records}"
    )


def _finger_word(text: str) -> Word:
    if "Verified TLS connection" in text:
        return "SUCCESS"
    if "TLSA record" in text or "unsupported TLSA" in text or "lookup failed" in text:
        return "FAILED"
    return "missing"


def _by_name(output: str) -> dict[str, str]:
    parts = output.split("== ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}
