"""What an OpenSSL cipher string stands for, by the OpenSSL that this Python uses (ciphers(1)).

OpenSSL skips words that it does not know, so that a slip switches ciphers on or off unseen; here such a word refuses
the string. The suites of TLS 1.3 are none of a cipher string's business: OpenSSL switches them with the version.
Published strings name them all the same, so their names are set apart.
"""

from __future__ import annotations

import re
import ssl
from typing import NamedTuple

from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from state.model import TlsMethod

DEFAULT = "DEFAULT"
"""OpenSSL's own choice, in force where no string is set."""

LONGEST = 2000
"""Characters of a string, as the configuration holds it."""

TLS_1_3_SUITES = frozenset(
    (
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256",
        "TLS_AES_128_CCM_8_SHA256", "TLS_SHA256_SHA256", "TLS_SHA384_SHA384",
    )
)  # fmt: skip
"""RFC 8446 sB.4 and RFC 9150."""

_DOCUMENTED = """
    COMPLEMENTOFDEFAULT ALL COMPLEMENTOFALL HIGH MEDIUM LOW EXP EXPORT EXPORT40 EXPORT56 eNULL NULL aNULL FIPS
    CBC kRSA aRSA RSA kDHr kDHd kDH kDHE kEDH DH DHE EDH ADH kEECDH kECDHE kECDHr kECDHe kECDH ECDH ECDHE EECDH
    AECDH aDSS DSS aDH aECDH aECDSA ECDSA kFZA aFZA eFZA FZA kKRB5 aKRB5 KRB5 kSRP aSRP SRP TLSv1.2 TLSv1.0
    TLSv1 SSLv3 SSLv2 AES128 AES256 AES AESGCM AESCCM AESCCM8 ARIA128 ARIA256 ARIA ARIAGCM CAMELLIA128
    CAMELLIA256 CAMELLIA CHACHA20 3DES DES RC4 RC2 IDEA SEED MD5 SHA1 SHA SHA256 SHA384 aGOST aGOST01 aGOST12
    kGOST kGOST18 GOST94 GOST89MAC GOST89MAC12 GOST12 PSK kPSK kECDHEPSK kDHEPSK kRSAPSK aPSK
"""
_WORDS = frozenset(_DOCUMENTED.split())
"""Words that ciphers(1) has or had; some stand for nothing in a build that has dropped what they meant."""

_FIRST = ("DEFAULT", "SUITEB128", "SUITEB128ONLY", "SUITEB128C2", "SUITEB192")
"""Words that OpenSSL reads at the beginning of a string only."""

_OLDEST = {"TLSv1.0": ("SSLv3", "TLSv1.0"), "TLSv1.1": ("SSLv3", "TLSv1.0")}
"""The versions that a cipher may come from to be spoken by a method; TLS 1.2 speaks them all."""


class CipherStringRefused(ValueError):
    """A cipher string that cannot be used; its text is the sentence for the operator."""


class Cipher(NamedTuple):
    """A cipher of TLS 1.2 or below: name, the version it came with, and its parts as `openssl ciphers -v` has them."""

    name: str
    version: str
    parts: tuple[str, ...]


class CipherList(NamedTuple):
    """What a cipher string stands for.

    Attributes:
        ciphers: those of TLS 1.2 and below, the preferred one first.
        set_apart: names of TLS 1.3 suites that the string holds.
        empty: words that ask for ciphers, are known, and stand for none in the installed OpenSSL.
    """

    ciphers: tuple[Cipher, ...]
    set_apart: tuple[str, ...]
    empty: tuple[str, ...]


def read_ciphers(string: str) -> CipherList:
    """Return what a cipher string stands for.

    Raises:
        CipherStringRefused: it has a word that is none, or leaves nothing.
    """
    if len(string) > LONGEST:
        raise CipherStringRefused(f"A cipher string has at most {LONGEST} characters.")
    words = [word for word in re.split("[:;, ]+", string) if word]
    if not string.isascii() or not string.isprintable():
        raise CipherStringRefused("A cipher string holds printable ASCII characters only.")
    if not words:
        raise CipherStringRefused("There is no cipher in the string.")
    kept, set_apart, empty = [], [], []
    for place, word in enumerate(words):
        if word.lstrip("!+-") in TLS_1_3_SUITES:
            set_apart.append(word.lstrip("!+-"))
            continue
        _refuse_unknown(word, first=place == len(set_apart))
        kept.append(word)
        if word[0] not in "!+-@" and word not in _FIRST and not _selected(word):
            empty.append(word)
    ciphers = tuple(_selected(":".join(kept))) if kept else ()
    if kept and not ciphers:
        raise CipherStringRefused(f"The string {quoted(string)} leaves no cipher in the installed OpenSSL.")
    return CipherList(ciphers, tuple(set_apart), tuple(empty))


def refuse_without_cipher(ciphers: CipherList, methods: Iterable[TlsMethod]) -> None:
    """Refuse TLS versions that a cipher string leaves without a cipher; TLS 1.3 has suites of its own.

    Raises:
        CipherStringRefused: there are such versions.
    """
    without = [
        method
        for method in methods
        if method != "TLSv1.3"
        and not any(cipher.version in _OLDEST.get(method, (cipher.version,)) for cipher in ciphers.ciphers)
    ]
    if without:
        named = listed([spelled(method) for method in without], "and")
        only = " (TLS 1.3 suites are not for it)" if ciphers.set_apart and not ciphers.ciphers else ""
        raise CipherStringRefused(
            f"The string holds no cipher for {named}{only}; add one, or take {named} from the methods."
        )


def spelled(method: TlsMethod) -> str:
    """Return a TLS version as dialogs spell it, `TLS v1.2`."""
    return method.replace("TLSv", "TLS v")


def about(string: str, ciphers: CipherList, methods: Iterable[TlsMethod] = ()) -> Iterator[str]:
    """Yield what an operator should know about a string that is accepted, with the TLS versions that it is for."""
    if ciphers.set_apart:
        yield (
            "The suites of TLS v1.3 are switched by the method, not by the cipher string; set apart: "
            f"{', '.join(ciphers.set_apart)}."
        )
    if ciphers.empty:
        yield f"These stand for no cipher in the installed OpenSSL: {', '.join(ciphers.empty)}."
    if unsafe := [cipher.name for cipher in ciphers.ciphers if {"Au=None", "Enc=None"} & {*cipher.parts}]:
        more = f" and {len(unsafe) - 3} more" if len(unsafe) > 3 else ""
        yield f"Ciphers without authentication or encryption are among them: {', '.join(unsafe[:3])}{more}."
    if {"TLSv1.0", "TLSv1.1"} & {*methods} and ssl.OPENSSL_VERSION_INFO >= (3,) and "@SECLEVEL=0" not in string:
        yield "OpenSSL speaks TLS v1.0 and v1.1 at its security level 0 only: @SECLEVEL=0 in the string sets it."


def _refuse_unknown(word: str, first: bool) -> None:
    """Refuse a word that OpenSSL would skip, or stop at.

    Raises:
        CipherStringRefused: it is such a word.
    """
    name, at, command = word.partition("@")
    if at and not re.fullmatch("STRENGTH|SECLEVEL=[0-5]", command):
        raise CipherStringRefused(f'{quoted("@" + command)} is unknown; there are "@STRENGTH" and "@SECLEVEL=0" to 5.')
    if at and not name:
        return
    if name in _FIRST:
        if not first:
            raise CipherStringRefused(f"{quoted(name)} may only be the first word of a cipher string.")
        return
    plain = name[1:] if name[:1] in ("!", "+", "-") else name
    for part in plain.split("+"):
        if part in _WORDS or (part and _selected(part)):
            continue
        near = _nearest(part)
        hint = f"; did you mean {quoted(near)}?" if near else "."
        raise CipherStringRefused(f"{quoted(part or word)} is no cipher of the installed OpenSSL{hint}")


def _nearest(word: str) -> str | None:
    known = [*_WORDS, *_FIRST, *TLS_1_3_SUITES, *(cipher.name for cipher in _selected("ALL:COMPLEMENTOFALL"))]
    return next((one for one in known if one.lower() == word.lower()), None) or nearest(word, known)


def _selected(string: str) -> list[Cipher]:
    """Return the ciphers of TLS 1.2 and below that OpenSSL selects; none where it selects none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a new one: SUITEB words change what a context takes later
    try:
        context.set_ciphers(string)
    except ssl.SSLError:
        return []
    found = []
    for one in context.get_ciphers():
        name, version, *parts = str(one["description"]).split()
        if version != "TLSv1.3":
            found.append(Cipher(name, version, tuple(parts)))
    return found
