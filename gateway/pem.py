"""The envelope: PEM blocks (RFC 7468, RFC 1421 headers), bare base64 or DER, taken apart but not yet understood.

What people paste has text between the blocks, CRLF or UTF-16 from an editor, indented lines, or no BEGIN line at all.
"""

from __future__ import annotations

import binascii
import re
from typing import Literal, NamedTuple

from gateway.refusals import CertificateRefused
from state.wording import quoted

Form = Literal["PEM", "base64", "DER"]

LARGEST = 4 * 1024 * 1024
"""Bytes of text or DER that are looked into; the system's whole list of authorities has a twentieth of that."""

MOST_ROUNDS = 10_000_000
"""Of a key derivation; some three seconds."""

BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
HEADER = re.compile(rb"[ \t]*[A-Za-z0-9-]+:[^\r\n]*\r?\n(?:[ \t]+[^\s:][^\r\n:]*\r?\n)*")
SKIPPED = frozenset({"EC PARAMETERS", "DSA PARAMETERS"})
"""What OpenSSL writes above a key, and what the key repeats."""

NOUNS = {
    "CERTIFICATE": "a certificate",
    "X509 CERTIFICATE": "a certificate",
    "TRUSTED CERTIFICATE": "a certificate",
    "PRIVATE KEY": "a private key",
    "ENCRYPTED PRIVATE KEY": "a private key",
    "RSA PRIVATE KEY": "a private key",
    "EC PRIVATE KEY": "a private key",
    "DSA PRIVATE KEY": "a private key",
    "CERTIFICATE REQUEST": "a certificate signing request",
    "NEW CERTIFICATE REQUEST": "a certificate signing request",
    "X509 CRL": "a certificate revocation list",
    "PUBLIC KEY": "a public key",
    "RSA PUBLIC KEY": "a public key",
    "OPENSSH PRIVATE KEY": "an OpenSSH private key",
    "PKCS7": "a PKCS#7 bundle",
    "CMS": "a PKCS#7 bundle",
    "DH PARAMETERS": "a set of Diffie-Hellman parameters",
}


class Block(NamedTuple):
    """One object of an input.

    Attributes:
        label: what stands behind BEGIN; "" for DER and bare base64, where only its content tells.
        der: its content.
        headers: RFC 1421 headers (`Proc-Type: 4,ENCRYPTED`) as they stand in the text, b"" for none.
        before: the text between the block before and this one.
    """

    label: str
    der: bytes
    headers: bytes = b""
    before: str = ""

    @property
    def noun(self) -> str:
        """What the label says it is, with its article."""
        return NOUNS.get(self.label, quoted(self.label))

    def __repr__(self) -> str:
        """Return the label only: the content may be a private key."""
        return f"<Block {self.label}>"


class Envelope(NamedTuple):
    """The objects of an input in its order, and the form in which they were written."""

    form: Form
    blocks: list[Block]


def open_envelope(data: bytes | str, expected: str, most: int = LARGEST, broken: list[str] | None = None) -> Envelope:
    """Return what an input holds, at least one block unless all are in `broken`.

    Args:
        data: PEM with any text around it, base64 without a BEGIN line, or DER.
        expected: what should be in it, with its article; for the sentences.
        most: bytes; anything longer is refused before it is looked into.
        broken: takes the sentences about PEM blocks that cannot be read; without it the first is raised.

    Raises:
        CertificateRefused: it is empty, too large, cut off, or none of the three forms.
    """
    refuse_too_large(data, expected, most)
    content = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "replace").encode()
    if not content.strip():
        raise CertificateRefused(f"It is empty; {expected} in PEM form is expected.")
    if content[:1] == b"\x30" and (length := der_length(content)):
        if len(content) >= length and BEGIN.search(content, length) is None:
            return Envelope("DER", [Block("", content[:length])])
        if len(content) < length and BEGIN.search(content) is None:
            raise CertificateRefused(f"It is cut off: {len(content)} of {length} bytes of DER are there.")
    if BEGIN.search(content):
        return Envelope("PEM", _pem_blocks(content, broken))
    return Envelope("base64", [Block("", _bare_base64(content, expected))])


def refuse_too_large(data: bytes | str, expected: str, most: int) -> None:
    """Refuse an input by its size alone.

    Raises:
        CertificateRefused: it is longer than `most` bytes.
    """
    if len(data) > most:
        size = f"{len(data) / 1024 / 1024:.1f} MB" if len(data) >= 1024 * 1024 else f"{len(data) // 1024} kB"
        limit = f"{most // 1024 // 1024} MB" if most >= 1024 * 1024 else f"{most // 1024} kB"
        raise CertificateRefused(f"It is too large for {expected}: {size}; at most {limit} are read.")


def refuse_endless_rounds(der: bytes, what: str) -> None:
    """Refuse encrypted DER whose key derivation would keep the program busy for minutes; no Ctrl-C reaches it there.

    The rounds are the INTEGER behind the salt, in PBKDF2 and PBE parameters (a SEQUENCE of the two at its beginning)
    and at the end of a PKCS#12 bundle (RFC 8018 A.2, RFC 7292 s4).

    Raises:
        CertificateRefused: they are more than `MOST_ROUNDS`.
    """
    for salt in re.finditer(rb"(?=(\x30.)?\x04([\x01-\x40]))", der, re.DOTALL):
        at = salt.end(2) + salt[2][0]
        end = at + 2 + (der[at + 1] if at + 1 < len(der) else 0)
        if der[at : at + 1] == b"\x02" and 5 < end - at <= 10 and (salt[1] or end == len(der)):
            rounds = int.from_bytes(der[at + 2 : end], "big")
            if rounds > MOST_ROUNDS:
                raise CertificateRefused(
                    f"{what} asks for {rounds} rounds of encryption; at most {MOST_ROUNDS} are made."
                )


def der_length(data: bytes) -> int | None:
    """Return how many bytes the DER value at the beginning of `data` has, None if its length is not definite."""
    if len(data) < 2 or data[1] == 0x80 or data[1] > 0x84:
        return None
    if data[1] < 0x80:
        return 2 + data[1]
    octets = data[1] & 0x7F
    if len(data) < 2 + octets:
        return None
    return 2 + octets + int.from_bytes(data[2 : 2 + octets], "big")


def pem_text(label: str, der: bytes, headers: bytes = b"") -> bytes:
    """Return a PEM block with lines of 64 characters (RFC 7468 s2)."""
    encoded = binascii.b2a_base64(der, newline=False)
    lines = b"\n".join(encoded[begin : begin + 64] for begin in range(0, len(encoded), 64))
    above = headers + b"\n" if headers else b""
    name = label.encode()
    return b"-----BEGIN " + name + b"-----\n" + above + lines + b"\n-----END " + name + b"-----\n"


def _pem_blocks(content: bytes, broken: list[str] | None) -> list[Block]:
    begins = list(BEGIN.finditer(content))
    blocks: list[Block] = []
    behind = 0
    for number, begin in enumerate(begins):
        label = begin[1].decode()
        if label in SKIPPED:
            continue
        limit = begins[number + 1].start() if number + 1 < len(begins) else len(content)
        end_line = b"-----END " + begin[1] + b"-----"
        end = content.find(end_line, begin.end(), limit)
        what = f"Block {number + 1} ({label})" if len(begins) > 1 else f"The block {label}"
        try:
            if end < 0:
                raise CertificateRefused(f"{what} is cut off: its line {end_line.decode()} is missing.")
            before = content[behind : begin.start()].decode("utf-8", "replace")
            blocks.append(_block(label, content[begin.end() : end], before, what))
        except CertificateRefused as refused:
            if broken is None:
                raise
            broken.append(str(refused))
        behind = end + len(end_line) if end >= 0 else limit
    if not blocks and not broken:
        raise CertificateRefused(f"There is nothing in it but {begins[0][1].decode()}.")
    return blocks


def _block(label: str, inner: bytes, before: str, what: str) -> Block:
    inner = inner.lstrip(b" \t\r\n")
    headers = b""
    while found := HEADER.match(inner):
        headers += found[0].strip().replace(b"\r", b"") + b"\n"
        inner = inner[found.end() :]
    der = _decoded(inner, what)
    if not headers:  # with them it is encrypted, and no DER to look at
        length = der_length(der)
        if der[:1] == b"\x30" and length and length > len(der):
            raise CertificateRefused(f"{what} is cut off: {len(der)} of {length} bytes are there.")
        if label == "TRUSTED CERTIFICATE":
            der = der[:length]  # OpenSSL's own trust settings stand behind the certificate
    return Block(label, der, headers, before)


def _decoded(text: bytes, what: str) -> bytes:
    packed = b"".join(text.split())
    if not packed:
        raise CertificateRefused(f"{what} is empty between its BEGIN and END lines.")
    wrong = re.search(rb"[^A-Za-z0-9+/=]", packed)
    if wrong:
        shown = quoted(packed[wrong.start() :].decode("utf-8", "replace")[0])
        raise CertificateRefused(f"{what} is not base64: {shown} stands in it.")
    try:
        return binascii.a2b_base64(packed, strict_mode=True)
    except binascii.Error:
        raise CertificateRefused(f"{what} is not base64: characters are missing or were added.") from None


def _bare_base64(content: bytes, expected: str) -> bytes:
    packed = b"".join(content.split())
    if re.fullmatch(rb"M[A-Za-z0-9+/]{15,}={0,2}", packed):  # every DER SEQUENCE begins with an M
        der = _decoded(packed, "The text")
        length = der_length(der)
        if der[:1] == b"\x30" and length:
            if length > len(der):
                raise CertificateRefused(f"The text is cut off: {len(der)} of {length} bytes are there.")
            return der[:length]
    label = {"a certificate": "CERTIFICATE", "a private key": "PRIVATE KEY"}.get(expected)
    wanted = f"no line -----BEGIN {label}-----" if label else "no BEGIN line"
    raise CertificateRefused(f"It is not {expected}: there is {wanted}, and it is neither DER nor base64 of it.")
