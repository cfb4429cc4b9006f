"""What may come next on a command line: commands, keywords, objects, files, options and their values.

Everything comes from the registry and from what is configured; a front end shows it.
"""

from __future__ import annotations

import re

from commands.command import Command, Form, Option
from commands.registry import find
from commands.terminal import Choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from commands.session import Session


def completions(session: Session, line: str) -> tuple[str, list[Choice]]:
    """Return the beginning of the word that is being typed, and what it may become.

    Args:
        session: whose commands and configuration.
        line: what stands before the cursor.
    """
    words = re.sub("->|>", " ", line).split()
    typing = words.pop() if line and not line[-1].isspace() and line[-1] != ">" else ""
    if not words:
        return typing, _beginning(typing, (Choice(one.name, one.summary) for one in session.commands.values()))
    command = find(words[0], session.commands)
    return typing, [] if command is None else _beginning(typing, _next(session, command, words[1:], typing))


def _next(session: Session, command: Command, words: Sequence[str], typing: str) -> Iterable[Choice]:
    """Return what may follow the words behind a command's name."""
    plain = list(words)
    option_words = next((index for index, word in enumerate(plain) if word.startswith("--")), len(plain))
    plain, given = plain[:option_words], plain[option_words:]
    forms = [form for form in command.forms if _begins(form, plain)]
    if not given and not typing.startswith("-"):
        found = [choice for form in forms for choice in _word(session, form, len(plain))]
        if found:
            return {choice.word: choice for choice in found}.values()
    whole = [form for form in forms if len(form.words) == len(plain)]
    options = [option for form in whole for option in form.options]
    name, equals, _ = typing.partition("=")
    if equals:
        meant = [option for option in options if f"--{option.name}" == name.lower()]
        values = [value for option in meant for value in _values(session, option)]
        return [Choice(f"{name}={value.word}", value.sentence) for value in values]
    if given and given[-1].startswith("--") and "=" not in given[-1]:
        for option in options:
            if f"--{option.name}" == given[-1].lower():
                return _values(session, option)
    used = {word.partition("=")[0].lower() for word in given}
    flags = [Choice(f"--{flag.name}", flag.sentence) for form in whole for flag in form.flags]
    names = [Choice(f"--{option.name}", option.sentence) for option in options]
    return [choice for choice in (*names, *flags) if choice.word not in used]


def _begins(form: Form, words: Sequence[str]) -> bool:
    return len(form.words) >= len(words) and all(
        part.isupper() or part == word.lower() for part, word in zip(form.words, words, strict=False)
    )


def _word(session: Session, form: Form, place: int) -> Iterable[Choice]:
    if place >= len(form.words):
        return []
    word = form.words[place]
    if not word.isupper():
        return [Choice(word, form.sentence)]
    return OBJECTS[word](session) if word in OBJECTS else []


def _values(session: Session, option: Option) -> Iterable[Choice]:
    if isinstance(option.values, str):
        named = option.values if option.values in OBJECTS else option.name.upper()
        return OBJECTS[named](session) if named in OBJECTS else []
    if isinstance(option.values[0], int):
        return [Choice(word) for word in option.also]
    return [Choice(str(word)) for word in option.values]


def _beginning(typing: str, choices: Iterable[Choice]) -> list[Choice]:
    wanted = typing.lower()
    return [choice for choice in choices if choice.word.lower().startswith(wanted)]


def _domains(session: Session) -> list[Choice]:
    return [Choice(name) for name in session.staged.destinations.domains]


def _files(session: Session) -> list[Choice]:
    from state.exchange import listed_files

    return [Choice(name) for name in listed_files(session.store.folder)]


def _commands(session: Session) -> list[Choice]:
    from commands.manual import TOPICS

    commands = [Choice(command.name, command.summary) for command in session.commands.values()]
    return [*commands, *(Choice(name, sentence) for name, sentence in TOPICS.items())]


def _certificates(session: Session) -> list[Choice]:
    from state.model import certificate_choices

    return [Choice(name) for name in certificate_choices(session.staged)]


def _host(session: Session) -> list[Choice]:
    return [Choice(session.staged.hostname, "This system")]


def _bounce_profiles(session: Session) -> list[Choice]:
    return [Choice(name) for name in dict.fromkeys(("Default", *session.staged.bounce_profiles))]


def _listeners(session: Session) -> list[Choice]:
    return [Choice(name) for name in session.staged.listeners]


def _revisions(session: Session) -> list[Choice]:
    history = session.store.history
    return [Choice(str(number), history.header(number).comment) for number in reversed(history.numbers()[-50:])]


def _alert_addresses(session: Session) -> list[Choice]:
    return [Choice(recipient.address) for recipient in session.staged.alerts.recipients]


def _interfaces(session: Session) -> list[Choice]:
    return [Choice(name) for name in session.staged.interfaces]


def _alert_classes(session: Session) -> list[Choice]:
    from state.model import ALERT_CLASSES

    return [Choice(word) for word in ALERT_CLASSES]


def _severities(session: Session) -> list[Choice]:
    from state.model import SEVERITIES

    return [Choice(word) for word in SEVERITIES]


def _tls_methods(session: Session) -> list[Choice]:
    from state.model import TLS_METHODS

    return [Choice(word) for word in TLS_METHODS]


def _cipher_strings(session: Session) -> list[Choice]:
    return [Choice("DEFAULT", "OpenSSL's own choice"), Choice("ECDHE+AESGCM", "Forward secrecy and AES-GCM only")]


def _resolvers(session: Session) -> list[Choice]:
    from commands.dnsconfig.servers import key, resolvers

    return [Choice(key(server)) for server in resolvers(session.staged)]


def _dns_domains(session: Session) -> list[Choice]:
    return [Choice(name) for name in session.staged.dns.domains]


def _alternates(session: Session) -> list[Choice]:
    from commands.dnsconfig.servers import alternates, key

    return [Choice(key(one.server), one.domain) for one in alternates(session.staged)]


def _routes(session: Session) -> list[Choice]:
    return [Choice(name) for name in session.staged.smtp_routes]


def _route_words(session: Session) -> list[Choice]:
    return [Choice("USEDNS", "Where the DNS says."), Choice("/dev/null", "The mail is discarded.")]


def _relay_host(session: Session) -> list[Choice]:
    relay = session.staged.smtp_relay
    return [Choice(relay.server)] if relay else []


def _logs(session: Session) -> list[Choice]:
    return [Choice("mail_logs", "What became of mail, and why")]


def _patterns(session: Session) -> list[Choice]:
    return [Choice("TLS.failed", "Connections without the TLS that was wanted"), Choice("Delayed|Bounced", "Mail")]


def _sizes(session: Session) -> list[Choice]:
    return [Choice("10M"), Choice("500k")]


OBJECTS: dict[str, Callable[[Session], list[Choice]]] = {
    "DOMAIN": _domains,
    "FILE": _files,
    "COMMAND": _commands,
    "CERTIFICATE": _certificates,
    "HOST": _host,
    "LISTENER": _listeners,
    "BOUNCE-PROFILE": _bounce_profiles,
    "NUMBER": _revisions,
    "OLD": _revisions,
    "NEW": _revisions,
    "TO": _revisions,
    "ADDRESS": _alert_addresses,
    "INTERFACE": _interfaces,
    "CLASSES": _alert_classes,
    "SEVERITIES": _severities,
    "METHODS": _tls_methods,
    "CIPHERS": _cipher_strings,
    "STRING": _cipher_strings,
    "SERVER": _resolvers,
    "DNS-DOMAIN": _dns_domains,
    "ALTERNATE": _alternates,
    "ROUTE": _routes,
    "HOSTS": _route_words,
    "RELAY-HOST": _relay_host,
    "MAILBOX": _alert_addresses,
    "LOG": _logs,
    "PATTERN": _patterns,
    "MAX-SIZE": _sizes,
}
"""What the words of a form in capitals, and the options that take a name, stand for."""
