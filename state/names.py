"""Names that stand in a configuration: host names, destination domains, users.

Names are compared and stored as A-labels in lower case without the dot at the end (rule V5).
"""

from __future__ import annotations

import re

from state.wording import quoted

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PLAIN_DOMAIN = rf"\.?(?=.{{1,253}}\Z)(?:(?!xn--){LABEL}\.)+(?!xn--)(?![0-9]+\Z){LABEL}"
"""A name that is stored as it is typed; nearly all are."""

USER = r"[a-z][a-z0-9_-]{0,31}"
PROFILE = r"[A-Za-z0-9_.][A-Za-z0-9_. -]{0,62}"
LONGEST_REASON = 100
"""Characters of what the IDNA library says; it repeats labels."""

LONGEST_TYPED = 1024
"""A typed name longer than this is refused before anything looks into it."""


NO_ADDRESS = "its last label is a number; an address is written in brackets, like [10.0.0.1]"


class InvalidName(ValueError):
    """A name that cannot be one; its text says why, as the end of a sentence without its full stop."""


def host_name(text: str) -> str:
    """Return a host name in the form in which it is stored.

    Args:
        text: `Mail.Example.com`, `mail.example.com.`, a name with letters beyond ASCII.

    Raises:
        InvalidName: the name breaks RFC 1123 s2.1 or IDNA 2008, or has only one label.
    """
    name = _labels(text.strip(), "its last label is a number; a host name is a name, not an address")
    if "." not in name:
        raise InvalidName("it has only one label; a full name has two or more, like mail.example.com")
    return name


def destination_domain(text: str) -> str:
    """Return the key of a destination entry in the form in which it is stored.

    Args:
        text: a domain (`example.com`), a partial domain that stands for all names below it
            (`.example.com`), or an address literal (`[10.0.0.1]`, `[IPv6:2001:db8::1]`, RFC 5321 s4.1.3).

    Raises:
        InvalidName: it is none of these.
    """
    if re.fullmatch(PLAIN_DOMAIN, text):
        return text
    text = text.strip()
    if text.startswith("["):
        return _address_literal(text)
    if text.startswith("*."):
        raise InvalidName("all names below a domain are written with a dot and no *, like .example.com")
    if text.startswith("."):
        return "." + _labels(text[1:], NO_ADDRESS)
    if re.fullmatch("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", text):
        raise InvalidName("an IPv6 address is written in brackets, like [IPv6:2001:db8::1]")
    name = _labels(text, NO_ADDRESS)
    if "." not in name:
        raise InvalidName("it has only one label; a domain looks like example.com, .example.com or [10.0.0.1]")
    return name


def dns_domain(text: str) -> str:
    """Return a domain of the DNS as it is stored; unlike a host it may have only one label, as `com` has.

    Raises:
        InvalidName: it is none.
    """
    return _labels(text.strip(), "its last label is a number; a domain is a name, like partner.example")


def user_name(text: str) -> str:
    """Return the name of a user.

    Raises:
        InvalidName: it is not of the form `[a-z][a-z0-9_-]{0,31}`.
    """
    if not re.fullmatch(USER, text):
        raise InvalidName("a user name is 1 to 32 of a-z, 0-9, _ and -, and begins with a letter")
    return text


def profile_name(text: str) -> str:
    """Return the name of a certificate or bounce profile, an interface or a listener.

    Raises:
        InvalidName: it is empty, too long, or has characters that no name may have.
    """
    name = text.strip()
    if not re.fullmatch(PROFILE, name):
        raise InvalidName("a name is 1 to 63 letters, digits, blanks, _, . and -, and begins with no blank or -")
    return name


def _labels(text: str, all_digits: str) -> str:
    """Return the A-labels of a name; `all_digits` is the reason that refuses a number as the last label."""
    name = text[:-1] if text.endswith(".") else text
    if not name:
        raise InvalidName("there is no name in it")
    if len(name) > LONGEST_TYPED:
        raise InvalidName("it is longer than 253 characters")
    name = name.lower()
    if not name.isascii() or name.startswith("xn--") or ".xn--" in name:
        for label in name.split("."):  # slips that IDNA would tell in its own terms
            if not label or re.search("[^a-z0-9-]", "".join(filter(str.isascii, label))):
                raise InvalidName(_why_no_label(label))
        name = _a_labels(name)
    if len(name) > 253:
        raise InvalidName("it is longer than 253 characters")
    labels = name.split(".")
    for label in labels:
        if not re.fullmatch(LABEL, label):
            raise InvalidName(_why_no_label(label))
    if labels[-1].isdigit():
        raise InvalidName(all_digits)
    return name


def _a_labels(name: str) -> str:
    import idna  # 15 ms, and only for names beyond ASCII

    try:
        return idna.encode(name, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        reason = str(error).strip(".")
        if character := re.search(r"^Codepoint (U\+[0-9A-F]+)", reason):
            raise InvalidName(f"the character {character[1]} is not allowed in an internationalized name") from None
        reason = f"{reason[:1].lower()}{reason[1:LONGEST_REASON]}" or "it cannot be encoded"
        raise InvalidName(f"it is no internationalized name ({reason})") from None


def _why_no_label(label: str) -> str:
    if not label:
        return "it has an empty label (a dot at its beginning, or two in a row)"
    if len(label) > 63:
        return f"its label {quoted(label)} is longer than 63 characters"
    wrong = re.search("[^a-z0-9-]", "".join(filter(str.isascii, label)))
    if "@" in label:
        return "it has an @; give only the part behind it"
    if wrong and wrong[0] in ":/":
        return f"it has a {wrong[0]}; give only the name, without https://, port and path"
    if wrong and wrong[0] in ",; ":
        return f"{quoted(wrong[0])} is not allowed; give one name"
    if wrong:
        return f"{quoted(wrong[0])} is not allowed; labels are letters, digits and -"
    return f"its label {quoted(label)} begins or ends with -"


def _address_literal(text: str) -> str:
    import ipaddress

    inner = text[1:-1].strip() if text.endswith("]") else ""
    try:
        if inner.lower().startswith("ipv6:"):
            return f"[IPv6:{ipaddress.IPv6Address(inner[5:])}]"
        return f"[{ipaddress.IPv4Address(inner)}]"
    except ValueError:
        raise InvalidName("an address literal looks like [10.0.0.1] or [IPv6:2001:db8::1]") from None


def web_address_fault(text: str) -> str | None:
    """Return why a text is no address of the web (RFC 3986, http or https), as the end of a sentence; None if it is."""
    from urllib.parse import urlsplit

    if not text.isascii() or re.search(r"[\x00-\x20\x7f\"<>\\^`{|}]", text):
        return "it has blanks or characters that an address must not have"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "its host or port cannot be read"
    if parts.scheme not in ("http", "https"):
        return "it does not begin with http:// or https://"
    if parts.username is not None or parts.password is not None:
        return "it holds a user name; an address without one is expected"
    if not parts.hostname or port == 0:
        return "there is no host in it" if not parts.hostname else "its port is 0"
    if re.fullmatch("[0-9.]+|.*:.*", parts.hostname):
        return None if _is_address(parts.hostname) else "its host is no address"
    try:
        host_name(parts.hostname)
    except InvalidName as error:
        return str(error)
    return None


def without_user(address: str) -> str:
    """Return an address as an error may repeat it: a user name and a password in it are left out."""
    return re.sub("//[^/?#]*@", "//...@", address)


def _is_address(text: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
