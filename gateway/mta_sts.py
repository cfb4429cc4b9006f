r"""MTA-STS (RFC 8461) as it is published: the TXT record that announces a policy, and the policy itself.

Both come from strangers and are read to the letter of RFC 8461 s3.1 and s3.2: what the grammar allows is taken, unknown
fields and all; what it does not allow is refused with a sentence.

    record = read_records([[b"v=STSv1; id=20260101T000000;"]])
    policy = parse_policy(b"version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n")
    if isinstance(record, Record):
        print(record.id, policy.mode, policy.allows("mail.example.com"))
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

from gateway.verdict import Verdict
from state.names import InvalidName, host_name
from state.problems import StateRefusal
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.verdict import Reason

Mode = Literal["enforce", "testing", "none"]
MODES: tuple[Mode, ...] = get_args(Mode)

VERSION = "STSv1"
LARGEST = 64 * 1024
"""Bytes of a policy (RFC 8461 s3.3, rule M7)."""
LONGEST_LIFE = 31_557_600
"""Seconds: one year, the largest max_age (RFC 8461 s3.2)."""
LONGEST_DOMAIN = 253 - len("_mta-sts.")
"""Characters of a domain whose record and policy host still are names."""

_BEGINNING = b"v=STSv1;"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_RECORD_VALUE = re.compile(r"[\x21-\x3a\x3c\x3e-\x7e]+")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_MX = re.compile(rf"(?:\*\.)?(?=.{{1,253}}\Z)(?:{_LABEL}\.)*(?![0-9]+\Z){_LABEL}")
_BLANKS = " \t"


class StsRefused(StateRefusal):
    """A policy cannot be had or cannot be used; the text says why, `verdict` says it in all forms."""

    def __init__(self, outcome: str, reason: Reason, sentence: str) -> None:
        self.verdict = Verdict(False, outcome, reason, sentence)
        super().__init__(sentence)


class Record(NamedTuple):
    """The announcement of a policy; `id` changes whenever the policy does."""

    id: str


class Policy(NamedTuple):
    """What a domain asks of those who send mail to it.

    Attributes:
        mode: whether a host that fails the policy gets no mail, is only reported, or nothing is asked.
        max_age: seconds for which the policy holds, 0 to LONGEST_LIFE.
        mx: host names and `*.` patterns, A-labels in lower case.
    """

    mode: Mode
    max_age: int
    mx: tuple[str, ...] = ()

    def allows(self, host: str) -> bool:
        """Tell whether `host`, the name of an MX, is listed (RFC 8461 s4.1, rule M10): `*` is exactly one label.

        An MX record holds A-labels; letters beyond ASCII match nothing.
        """
        name = host.removesuffix(".").lower()
        label, _, parent = name.partition(".")
        if not label or "*" in name or not host.isascii():  # before lower(), which makes a k of the Kelvin sign
            return False
        return name in self.mx or (parent != "" and f"*.{parent}" in self.mx)


def read_records(answer: Sequence[Sequence[bytes]]) -> Record | Verdict:
    """Return the one MTA-STS record among the TXT records of `_mta-sts.DOMAIN`, or why there is none (rules M2 to M6).

    Args:
        answer: the TXT records, each a sequence of strings that are joined without blanks.
    """
    texts = [text for strings in answer if (text := b"".join(strings)).startswith(_BEGINNING)]
    if not texts:
        return Verdict(True, "no-record", None, "There is no MTA-STS record.")
    if len(texts) > 1:
        sentence = f"There are {len(texts)} MTA-STS records; exactly one is expected."
        return Verdict(False, "several-records", "sts-policy-invalid", sentence)
    try:
        return Record(_id(texts[0].decode("ascii")))
    except UnicodeDecodeError:
        fault = "it holds bytes beyond ASCII"
    except ValueError as error:
        fault = str(error)
    return Verdict(False, "record-invalid", "sts-policy-invalid", f"The MTA-STS record is not valid: {fault}.")


def parse_policy(body: bytes) -> Policy:
    """Return the policy of a file (rules M6, M8, M9); of a field that is given twice the first counts, mx adds up.

    Raises:
        StsRefused: it breaks the grammar, lacks a field, or is larger than LARGEST; the sentence names the line.
    """
    if len(body) > LARGEST:
        raise _invalid(f"it is larger than {LARGEST >> 10} KiB")
    *ended, last = body.split(b"\n")
    lines = [line.removesuffix(b"\r") for line in ended] + ([last] if last else [])
    fields: dict[str, str] = {}
    mx: dict[str, None] = {}  # a set that keeps the order
    for number, line in enumerate(lines, 1):
        try:
            key, value = _field(line)
            if key == "mx":
                mx[_pattern(value)] = None
            elif key not in fields:
                _check(key, value)
                fields[key] = value
        except ValueError as error:
            raise _invalid(f"line {number}: {error}") from None
    if missing := [key for key in ("version", "mode", "max_age") if key not in fields]:
        raise _invalid(f"it lacks {listed(missing, 'and')}")
    mode = next(mode for mode in MODES if mode == fields["mode"])
    if mode != "none" and not mx:
        raise _invalid(f"it lacks an mx, which the mode {mode} needs")
    return Policy(mode, int(fields["max_age"]), tuple(mx))


def policy_domain(recipient_domain: str, route_host: str | None = None) -> str | None:
    """Return the domain whose policy holds for a recipient, as A-labels; None where none can (rules M1, M17).

    It is the recipient's domain itself, never a parent of it or what a CNAME of it leads to. Address literals have no
    policy, nor have names that no `mta-sts` can stand before.

    Args:
        recipient_domain: what stands behind the @.
        route_host: the host of the configured SMTP route, whose policy then counts; a name or an address.
    """
    text = recipient_domain if route_host is None else route_host
    try:
        name = host_name(text)
    except InvalidName:
        return None
    return name if len(name) <= LONGEST_DOMAIN else None


def record_name(domain: str) -> str:
    """Return the owner of the TXT record (rule M1)."""
    return f"_mta-sts.{domain}"


def policy_host(domain: str) -> str:
    """Return the host that serves the policy, the name for which its certificate must stand (rule M7)."""
    return f"mta-sts.{domain}"


def policy_url(domain: str) -> str:
    """Return where the policy is (rule M7)."""
    return f"https://{policy_host(domain)}/.well-known/mta-sts.txt"


def _id(text: str) -> str:
    """Return the id of a record; a ValueError says, as the end of a sentence, what breaks its grammar."""
    *fields, last = text[len(_BEGINNING) :].split(";")
    # Blanks belong to the semicolons (RFC 8461 s3.1), so there are none behind a field without one.
    fields = [field.strip(_BLANKS) for field in fields]
    if last.strip(_BLANKS):
        fields.append(last.lstrip(_BLANKS))
    values: dict[str, str] = {}
    for field in fields:
        if not field:
            raise ValueError("there is nothing between two semicolons")
        name, sign, value = field.partition("=")
        if not sign or not _NAME.fullmatch(name) or not _RECORD_VALUE.fullmatch(value):
            raise ValueError(f"{quoted(field)} is no field like name=value")
        values.setdefault(name, value)
    if "id" not in values:
        raise ValueError("there is no id in it")
    if not _ID.fullmatch(values["id"]):
        raise ValueError(f"the id {quoted(values['id'])} is not 1 to 32 letters and digits")
    return values["id"]


def _field(line: bytes) -> tuple[str, str]:
    """Return key and value of a line of a policy; a ValueError says what breaks its grammar."""
    if not line:
        raise ValueError("it is empty")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    key, colon, value = text.partition(":")
    if not colon:
        raise ValueError(f"{quoted(text)} is no field like key: value")
    if not _NAME.fullmatch(key):
        raise ValueError(f"{quoted(key)} is no key; a key is 1 to 32 letters, digits, _, - and .")
    value = value.strip(_BLANKS)
    if not value:
        raise ValueError(f"the field {key} has no value")
    if _CONTROL.search(value):
        raise ValueError(f"the value of {key} has control characters")
    return key, value


def _check(key: str, value: str) -> None:
    """Raise ValueError where a value is none of its key; unknown keys have any (rule M8)."""
    if key == "version" and value != VERSION:
        raise ValueError(f"the version is {quoted(value)}, not {VERSION}")
    if key == "mode" and value not in MODES:
        raise ValueError(f"the mode is {quoted(value)}, not {listed(MODES)}")
    if key == "max_age" and not (re.fullmatch("[0-9]{1,10}", value) and int(value) <= LONGEST_LIFE):
        raise ValueError(f"max_age is {quoted(value)}, not a number of seconds from 0 to {LONGEST_LIFE}")


def _pattern(value: str) -> str:
    """Return the pattern of an mx line (rule M9): a name, or `*.` and a name."""
    pattern = value.lower()
    if not value.isascii() or not _MX.fullmatch(pattern):
        raise ValueError(f"the mx {quoted(value)} is no host name, and no *. with a name behind it")
    return pattern


def _invalid(fault: str) -> StsRefused:
    return StsRefused("policy-invalid", "sts-policy-invalid", f"The MTA-STS policy is not valid: {fault}.")
