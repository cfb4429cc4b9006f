"""What is asked about a mail flow policy: the questions of DEFAULT, and the same about one policy.

A policy takes "Default" wherever the default policy's value may hold.
"""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, OfAnotherKind, free_text, read_number, read_yes_no
from commands.destconfig.questions import ABOUT_CERTIFICATES
from commands.dialog import choose, full_host_name, number, say, text, yes_no
from commands.listenerconfig.parameters import SIZE_WANTED, TLS_WORDS, read_size
from commands.terminal import Choice, Terminal
from state.model_listeners import BEHAVIORS, LISTENER_TLS, MOST, MOST_AN_HOUR, DefaultPolicy, Policy, Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from commands.session import Session

    P = TypeVar("P", Policy, DefaultPolicy)

BEHAVIOR_TEXTS = ("Accept", "Relay", "Reject", "TCP Refuse")
DEFAULT = "Default"
RESPONSE_CODES = {"acceptance": 220, "rejection": 554}


async def ask_policy(session: Session, terminal: Terminal, present: Policy) -> Policy:
    """Ask the behavior of a policy, then what holds under it where it takes mail."""
    chosen = await choose(
        terminal, BEHAVIOR_TEXTS, default=BEHAVIORS.index(present.behavior), above="Select a behavior for this policy."
    )
    behavior = BEHAVIORS[chosen]
    if behavior in ("accept", "relay"):
        return await ask_parameters(session, terminal, replace(present, behavior=behavior))
    policy = Policy(behavior=behavior)
    if behavior == "reject":
        return replace(policy, rejection=await _response(terminal, "rejection", present.rejection))
    return policy


async def ask_parameters(session: Session, terminal: Terminal, present: P) -> P:
    """Ask everything that a policy or the default policy can set, in the documented order."""
    the = "default " if isinstance(present, DefaultPolicy) else ""
    policy = present
    policy = replace(policy, max_message_size=await _size(terminal, the, policy))
    for field, what in (
        ("max_connections_per_address", "concurrent connections allowed from a single IP address"),
        ("max_messages_per_connection", "messages per connection"),
        ("max_recipients_per_message", "recipients per message"),
    ):
        limit = await _number(terminal, policy, f"Enter the maximum number of {what}.", 1, MOST, getattr(policy, field))
        policy = replace(policy, **{field: limit})
    policy = replace(policy, banner_hostname=await _banner(session, terminal, policy))
    for field in ("acceptance", "rejection"):
        policy = replace(policy, **{field: await _response(terminal, field, getattr(policy, field))})
    policy = replace(
        policy,
        max_recipients_per_hour=await _hourly(
            terminal,
            policy,
            "Do you want to enable rate limiting per host?",
            "Enter the maximum number of recipients per hour from a remote host.",
            policy.max_recipients_per_hour,
        ),
    )
    by = " by default" if the else ""
    policy = await _switch(
        terminal, policy, "use_senderbase", f"Would you like to use SenderBase for flow control{by}?"
    )
    policy = replace(
        policy,
        max_invalid_recipients_per_hour=await _hourly(
            terminal,
            policy,
            f"Would you like to enable Directory Harvest Attack Prevention{by}?",
            "Enter the maximum number of invalid recipients per hour from a remote host.",
            policy.max_invalid_recipients_per_hour,
            usual=25,
        ),
    )
    policy = await _switch(terminal, policy, "spam_check", "Would you like to enable spam check?")
    policy = await _switch(terminal, policy, "virus_check", "Would you like to enable anti-virus scanning?")
    policy = await _tls(session, terminal, policy)
    policy = await _authentication(terminal, policy)
    policy = await _switch(terminal, policy, "dkim_signing", "Would you like to enable DKIM/DomainKeys signing?")
    policy = await _switch(terminal, policy, "dkim_verification", "Would you like to enable DKIM verification?")
    if await yes_no(terminal, "Would you like to change SPF/SIDF settings? ", default=False):
        policy = await _switch(terminal, policy, "spf_verification", "Would you like to perform SPF/SIDF verification?")
    for field, question in (
        ("envelope_sender_verification", "Would you like to enable envelope sender verification?"),
        ("domain_exception_table", "Would you like to enable use of the domain exception table?"),
        ("accept_untagged_bounces", "Do you wish to accept untagged bounces?"),
    ):
        policy = await _switch(terminal, policy, field, question)
    return policy


async def _tls(session: Session, terminal: Terminal, policy: P) -> P:
    """Ask the TLS setting, and for whoever offers TLS whether clients show a certificate."""
    words = [TLS_WORDS[setting] for setting in LISTENER_TLS]
    if isinstance(policy, Policy):
        words.append(DEFAULT)
    chosen = await choose(
        terminal,
        words,
        default=LISTENER_TLS.index(policy.tls) if policy.tls else len(LISTENER_TLS),
        above="Do you want to allow encrypted TLS connections?",
    )
    if chosen == len(LISTENER_TLS):
        return replace(policy, tls=None, verify_client_certificate=None)
    setting = LISTENER_TLS[chosen]
    if setting == "no":
        no = None if isinstance(policy, Policy) else False
        return replace(policy, tls=setting, verify_client_certificate=no)
    say(terminal, ABOUT_CERTIFICATES)
    policy = replace(policy, tls=setting)
    if session.staged.dialogs == "current":
        question = "Do you want to verify the client certificate?"
        policy = await _switch(terminal, policy, "verify_client_certificate", question)
    return policy


async def _authentication(terminal: Terminal, policy: P) -> P:
    policy = await _switch(terminal, policy, "smtp_authentication", "Do you want to enable SMTP Authentication?")
    if policy.smtp_authentication and policy.tls == "preferred":
        question = "Do you want to require TLS to offer SMTP authentication?"
        return await _switch(terminal, policy, "require_tls_for_authentication", question)
    return policy


async def _switch(terminal: Terminal, policy: P, field: str, question: str) -> P:
    present: bool | None = getattr(policy, field)
    return replace(policy, **{field: await _yes_no(terminal, policy, question, present)})


async def _yes_no(
    terminal: Terminal, policy: Policy | DefaultPolicy, question: str, present: bool | None
) -> bool | None:
    """Ask yes or no; of a policy also whether the default policy's value holds."""
    if isinstance(policy, DefaultPolicy):
        return await yes_no(terminal, question, default=bool(present))

    def read(answer: str) -> bool | None:
        if answer.lower() == DEFAULT.lower():
            return None
        try:
            return read_yes_no(answer, default=False)
        except NotAccepted:
            raise OfAnotherKind("Enter Y, N or Default.") from None

    return await text(
        terminal,
        question,
        read,
        default={None: DEFAULT, True: "Y", False: "N"}[present],
        choices=lambda: [Choice("Y", "Yes"), Choice("N", "No"), _of_default()],
        hint="Y, N, or Default for what the default policy says.",
    )


async def _number(
    terminal: Terminal, policy: Policy | DefaultPolicy, question: str, low: int, high: int, present: int | None
) -> int | None:
    """Ask for a number; of a policy also whether the default policy's value holds."""
    if isinstance(policy, DefaultPolicy):
        return await number(terminal, question, low, high, present)

    def read(answer: str) -> int | None:
        if answer.lower() == DEFAULT.lower():
            return None
        try:
            return read_number(answer, low, high)
        except NotAccepted as error:
            raise OfAnotherKind(f"{str(error).removesuffix('.')}, or Default.") from None

    return await text(
        terminal,
        question,
        read,
        default=DEFAULT if present is None else str(present),
        choices=lambda: [_of_default()],
        hint=f"A whole number from {low} to {high}, or Default for what the default policy says.",
    )


async def _hourly(
    terminal: Terminal,
    policy: Policy | DefaultPolicy,
    whether: str,
    how_many: str,
    present: int | None,
    usual: int | None = None,
) -> int | None:
    """Ask whether there is a limit an hour, then how many; 0 is none."""
    switched = await _yes_no(terminal, policy, whether, None if present is None else present > 0)
    if not switched:
        return None if switched is None else 0
    return await number(terminal, how_many, 1, MOST_AN_HOUR, present or usual)


async def _size(terminal: Terminal, the: str, policy: Policy | DefaultPolicy) -> str | None:
    def read(answer: str) -> str | None:
        if not the and answer.lower() == DEFAULT.lower():
            return None
        return read_size(answer)

    return await text(
        terminal,
        f"Enter the {the}maximum message size. "
        "Add a trailing k for kilobytes, M for megabytes, or no letter for bytes.",
        read,
        default=policy.max_message_size or DEFAULT,
        hint=SIZE_WANTED.replace("Enter a", "A"),
    )


async def _banner(session: Session, terminal: Terminal, policy: Policy | DefaultPolicy) -> str | None:
    present = policy.banner_hostname
    if not await yes_no(terminal, "Do you want to override the Hostname in the SMTP banner?", default=bool(present)):
        return None
    return await full_host_name(
        terminal, "Enter the hostname to use in the SMTP banner.", present or session.staged.hostname
    )


async def _response(terminal: Terminal, field: str, present: Response | None) -> Response | None:
    question = f"Would you like to specify a custom SMTP {field} response?"
    if not await yes_no(terminal, question, default=present is not None):
        return None
    usual = RESPONSE_CODES[field]
    code = await number(
        terminal,
        f"Enter the SMTP code to use in the response. {usual} is the standard code.",
        200,
        599,
        present.code if present else usual,
    )
    words = await text(
        terminal,
        "Enter your custom SMTP response.",
        free_text,
        default=present.text if present else None,
        hint="A line of text that the other side is shown behind the code.",
    )
    return Response(code=code, text=words)


def _of_default() -> Choice:
    return Choice(DEFAULT, "What the default policy says")
