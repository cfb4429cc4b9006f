"""What a mail flow policy can set, in one table: the field, its label in the block, its word in the text form.

The block of parameters, the text form and the questions about a policy come from it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from commands.answers import NotAccepted, OfAnotherKind, named, read_number
from state.model_listeners import LARGEST_MESSAGE, MOST, MOST_AN_HOUR, DefaultPolicy, Response, message_bytes
from state.names import host_name
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypeAlias

    Kind: TypeAlias = Literal["size", "limit", "hourly", "switch", "tls", "host", "response"]

SWITCH_WORDS = {True: "Yes", False: "No"}
TLS_WORDS = {"no": "No", "preferred": "Preferred", "required": "Required"}
BEHAVIOR_WORDS = {"accept": "ACCEPT", "relay": "RELAY", "reject": "REJECT", "tcp-refuse": "TCPREFUSE"}
_TLS_IN_TEXT = {"no": "off", "preferred": "preferred", "required": "required"}
SIZE_WANTED = f"Enter a size like 10M, 512k or 1048576, at most {LARGEST_MESSAGE} bytes."


class Parameter(NamedTuple):
    """One value that a policy can have.

    Attributes:
        field: of `Policy` and `DefaultPolicy`.
        word: its key in the text form.
        kind: what its value is.
        label: how the block names it; "" where it has a line of another kind, or none.
    """

    field: str
    word: str
    kind: Kind
    label: str = ""


PARAMETERS = (
    Parameter("spam_check", "spam_check", "switch", "Spam Detection Enabled"),
    Parameter("max_messages_per_connection", "max_msgs_per_session", "limit"),
    Parameter("max_connections_per_address", "max_concurrency", "limit"),
    Parameter("max_recipients_per_message", "max_rcpts_per_msg", "limit"),
    Parameter("max_recipients_per_hour", "max_rcpts_per_hour", "hourly"),
    Parameter("max_invalid_recipients_per_hour", "dhap_limit", "hourly"),
    Parameter("virus_check", "virus_check", "switch", "Virus Detection Enabled"),
    Parameter("max_message_size", "max_message_size", "size"),
    Parameter("use_senderbase", "use_sb", "switch", "Use SenderBase for Flow Control"),
    Parameter("tls", "tls", "tls", "Allow TLS Connections"),
    Parameter("verify_client_certificate", "tls_verify", "switch"),
    Parameter("smtp_authentication", "smtp_auth", "switch", "Allow SMTP Authentication"),
    Parameter(
        "require_tls_for_authentication", "smtp_auth_requires_tls", "switch", "Require TLS To Offer SMTP authentication"
    ),
    Parameter("dkim_signing", "dkim_signing", "switch", "DKIM/DomainKeys Signing Enabled"),
    Parameter("dkim_verification", "dkim_verification", "switch", "DKIM Verification Enabled"),
    Parameter("spf_verification", "spf_verification", "switch", "SPF/SIDF Verification Enabled"),
    Parameter(
        "envelope_sender_verification", "sender_verification", "switch", "Envelope Sender DNS Verification Enabled"
    ),
    Parameter("domain_exception_table", "exception_table", "switch", "Domain Exception Table Enabled"),
    Parameter("accept_untagged_bounces", "accept_untagged_bounces", "switch", "Accept untagged bounces"),
    Parameter("banner_hostname", "banner_hostname", "host"),
    Parameter("acceptance", "acceptance", "response"),
    Parameter("rejection", "rejection", "response"),
)
"""In the order of the documented text form; what that does not have comes after."""


def block(default: DefaultPolicy) -> list[str]:
    """Return the default policy's parameters as they stand above the menu."""
    limit = default.max_invalid_recipients_per_hour
    hourly = default.max_recipients_per_hour
    switches = [one for one in PARAMETERS if one.label]
    switches.sort(key=lambda one: _SHOWN.index(one.field))
    return [
        "Default Policy Parameters",
        "==========================",
        f"Maximum Message Size: {default.max_message_size}",
        f"Maximum Number Of Concurrent Connections From A Single IP: {default.max_connections_per_address}",
        f"Maximum Number Of Messages Per Connection: {default.max_messages_per_connection}",
        f"Maximum Number Of Recipients Per Message: {default.max_recipients_per_message}",
        f"Directory Harvest Attack Prevention: {'Enabled' if limit else 'Disabled'}",
        *([f"Maximum Number Of Invalid Recipients Per Hour: {limit}"] if limit else []),
        f"Maximum Number Of Recipients Per Hour: {hourly or 'Disabled'}",
        *(f"{one.label}: {_shown(getattr(default, one.field))}" for one in switches),
    ]


_SHOWN = (
    "use_senderbase",
    "spam_check",
    "virus_check",
    "tls",
    "smtp_authentication",
    "require_tls_for_authentication",
    "dkim_signing",
    "dkim_verification",
    "spf_verification",
    "envelope_sender_verification",
    "domain_exception_table",
    "accept_untagged_bounces",
)


def _shown(value: Any) -> str:
    return SWITCH_WORDS[value] if isinstance(value, bool) else TLS_WORDS[value]


def read_size(typed: str) -> str:
    """Return a message size in its shortest form.

    Raises:
        NotAccepted: it is no size, or nothing would fit.
    """
    if not re.fullmatch("[0-9]{1,10}[kKmM]?", typed, re.ASCII):
        raise OfAnotherKind(SIZE_WANTED)
    size = message_bytes(typed.replace("m", "M"))
    if not 1 <= size <= LARGEST_MESSAGE:
        raise OfAnotherKind(SIZE_WANTED)
    for unit, factor in (("M", 1024 * 1024), ("k", 1024)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def as_text(parameter: Parameter, value: Any) -> str:
    """Return a value as the text form has it."""
    if isinstance(value, bool):
        return '"on"' if value else '"off"'
    if parameter.kind == "tls":
        return f'"{_TLS_IN_TEXT[value]}"'
    if parameter.kind == "size":
        return str(message_bytes(value))
    if isinstance(value, Response):
        return _in_quotes(f"{value.code} {value.text}")
    return _in_quotes(value) if parameter.kind == "host" else str(value)


def from_text(parameter: Parameter, written: str) -> Any:
    """Return the value that a text form's value stands for.

    Raises:
        NotAccepted: it is none.
    """
    value = _out_of_quotes(written)
    word = parameter.word
    try:
        match parameter.kind:
            case "size":
                return read_size(value)
            case "limit":
                return read_number(value, 1, MOST)
            case "hourly":
                return 0 if value == "-1" else read_number(value, 0, MOST_AN_HOUR)
            case "switch":
                return _among(value, {"on": True, "off": False})
            case "tls":
                return _among(value, {word: setting for setting, word in _TLS_IN_TEXT.items()})
            case "response":
                return read_response(value)
            case _:
                return read_host(value)
    except NotAccepted as error:
        raise NotAccepted(f"{word}: {quoted(value)} is not accepted. {error}") from None


def read_host(typed: str) -> str:
    """Return a host name as it is stored.

    Raises:
        NotAccepted: it is none.
    """
    return named(typed, host_name, "host name")


def read_response(typed: str) -> Response:
    """Return an SMTP response that is typed as its code and its text.

    Raises:
        NotAccepted: there is no code, or no text.
    """
    code, _, words = typed.partition(" ")
    if not (code.isascii() and code.isdigit() and len(code) == 3 and 200 <= int(code) <= 599 and words.strip()):
        raise NotAccepted("Enter a code from 200 to 599 and a text, like 220 Welcome.")
    return Response(code=int(code), text=words.strip())


def _among(value: str, words: dict[str, Any]) -> Any:
    if value.lower() not in words:
        raise NotAccepted(f"It takes {listed(list(words))}.")
    return words[value.lower()]


def _in_quotes(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _out_of_quotes(written: str) -> str:
    if len(written) >= 2 and written[0] == written[-1] == '"':
        inner = written[1:-1].replace("\\\\", "\0").replace('\\"', '"')
        return inner.replace("\0", "\\")
    return written
