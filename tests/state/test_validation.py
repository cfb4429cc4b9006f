"""What is wrong with a configuration: all of it, each with line, key and what is accepted."""

from __future__ import annotations

import pytest

from state.factory import FACTORY_TEXT
from state.model import Configuration, Destination, Recipients
from state.problems import InvalidConfiguration
from state.reading import read_text
from state.validation import read_configuration

IN = '[listeners.In]\ntype = "public"\ninterface = "A"\n'
"""A listener of which more can be said from line 4 on."""


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidConfiguration) as refused:
        read_configuration(text)
    return [str(problem) for problem in refused.value.problems]


def test_an_empty_text_is_a_configuration_of_defaults() -> None:
    assert read_configuration("") == Configuration()


def test_the_factory_configuration_has_the_documented_system() -> None:
    factory = read_configuration(FACTORY_TEXT)
    assert factory.hostname == "mail.example.com"
    assert {name: interface.address for name, interface in factory.interfaces.items()} == {
        "Management": "192.168.42.42/24",
        "PublicNet": "192.168.2.1/24",
        "PrivateNet": "192.168.1.1/24",
    }
    assert {name: (one.type, one.interface, one.port) for name, one in factory.listeners.items()} == {
        "Inboundmail": ("public", "PublicNet", 25),
        "Outboundmail": ("private", "PrivateNet", 25),
    }
    assert factory.destinations.default.tls == "no"
    assert factory.destinations.certificate == "Demo"
    assert list(factory.bounce_profiles) == ["Default"]
    assert factory.alerts.recipients == []


def test_values_are_typed() -> None:
    entry = read_configuration(
        '[destinations.domains."a.example"]\ntls = "required"\nrecipients = { limit = 10 }\n'
    ).destinations.domains["a.example"]
    assert entry == Destination(tls="required", recipients=Recipients(limit=10, minutes=60))


LISTENER = '[listeners.L]\ntype = "public"\ninterface = "Management"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('hostnam = "a.example"', 'line 1: hostnam: is not a known key; did you mean "hostname"?'),
        (
            "zzz = 1",
            "line 1: zzz: is not a known key; known here: hostname, dialogs, interfaces, listeners, receiving, "
            "dns, smtp_routes, destinations, bounce_profiles, certificates, authorities, revocation, alerts, "
            "smtp_relay, tls, sessions, logs",
        ),
        ("hostname = 5", "line 1: hostname: must be a text in quotes, not 5"),
        ("\nhostname = true", "line 2: hostname: must be a text in quotes, not true"),
        (
            'hostname = "mx"',
            'line 1: hostname: "mx" is not a valid host name: it has only one label; '
            "a full name has two or more, like mail.example.com",
        ),
        ('hostname = "MX.example"', 'line 1: hostname: "MX.example" must be written as "mx.example"'),
        (
            '[destinations.default]\ntls = "maybe"',
            'line 2: destinations.default.tls: must be one of "no", "preferred", '
            '"required", "preferred-verify", "required-verify" or "required-verify-hosted", not "maybe"',
        ),
        (
            "[destinations.default]\nconcurrency = 0",
            "line 2: destinations.default.concurrency: must be a whole number from 1 to 1000, not 0",
        ),
        (
            '[destinations.default]\nconcurrency = "5"',
            'line 2: destinations.default.concurrency: must be a whole number from 1 to 1000, not "5"',
        ),
        ("[destinations.default]\nmta_sts = 1", "line 2: destinations.default.mta_sts: must be true or false, not 1"),
        ("destinations = 3", "line 1: destinations: must be a table, not 3"),
        ("destinations.domains = []", "line 1: destinations.domains: must be a table, not a list"),
        ("alerts.recipients = 1", "line 1: alerts.recipients: must be a list in [ ], not 1"),
        (
            '[[alerts.recipients]]\naddress = "a@b.example"\nclasses = ["Sytem"]',
            'line 3: alerts.recipients[1].classes[1]: must be one of "All", "System", "Hardware", "Updater", '
            '"Outbreak Filters", "Anti-Virus", "Anti-Spam", "Directory Harvest Attack Prevention" or '
            '"Message Delivery", not "Sytem"',
        ),
        (
            '[listeners.In]\ninterface = "x"',
            'line 1: listeners.In.type: is missing; it must be one of "public", "private" or "blackhole"',
        ),
        (
            '[destinations.domains."a..b"]',
            'line 1: destinations.domains."a..b": "a..b" is not a valid domain name: '
            "it has an empty label (a dot at its beginning, or two in a row)",
        ),
        (
            '[destinations.domains."A.example"]',
            'line 1: destinations.domains."A.example": "A.example" must be written as "a.example"',
        ),
        (
            '[destinations.domains."a.example"]\ntls = "no"\ndane = "mandatory"',
            'line 1: destinations.domains."a.example": DANE is Mandatory, but TLS is No: DANE needs TLS; '
            "choose another TLS setting, or turn DANE off first",
        ),
        (
            "[destinations.default]\nmta_sts = true",
            "line 1: destinations.default: MTA-STS is On, but TLS is No: MTA-STS needs TLS; "
            "choose another TLS setting, or turn MTA-STS off first",
        ),
        (
            '[destinations]\ncertificate = "gone"',
            'line 2: destinations.certificate: there is no certificate profile "gone"',
        ),
        (
            '[destinations]\ncertificate = "c"\n[certificates.c]\ncertificate = "x"',
            'line 2: destinations.certificate: the certificate profile "c" has no private key',
        ),
        (
            '[certificates.Demo]\ncertificate = "x"',
            'line 1: certificates.Demo: "Demo" is the certificate that every system has; use another name',
        ),
        *(
            (text, f"{place}: holds a private key, which would be shown in clear text; only private_key is sealed")
            for text, place in (
                (
                    '[certificates.c]\ncertificate = "x\\n-----BEGIN PRIVATE KEY-----\\nMII"',
                    "line 2: certificates.c.certificate",
                ),
                (
                    '[certificates.c]\ncertificate = "x"\nrequest = "-----BEGIN EC PRIVATE KEY-----"',
                    "line 3: certificates.c.request",
                ),
                (
                    '[certificates.c]\ncertificate = "x"\nintermediates = ["x", "-----BEGIN RSA PRIVATE KEY-----"]',
                    "line 3: certificates.c.intermediates[2]",
                ),
                (
                    '[[authorities.certificates]]\nname = "CA"\ncertificate = "-----BEGIN ENCRYPTED PRIVATE KEY-----"',
                    "line 3: authorities.certificates[1].certificate",
                ),
            )
        ),
        (
            '[[authorities.certificates]]\nname = "CA"\ncertificate = "x"\n'
            '[[authorities.certificates]]\nname = "CA"\ncertificate = "y"',
            'line 5: authorities.certificates[2].name: "CA" is the name of another authority of the custom list; '
            "use another one",
        ),
        (
            '[revocation.sources.ca]\nurl = "ftp://ca.example/ca.crl"',
            'line 2: revocation.sources.ca.url: "ftp://ca.example/ca.crl" is not a valid web address: '
            "it does not begin with http:// or https://",
        ),
        (
            '[listeners.In]\ntype = "public"\ninterface = "Gone"',
            'line 3: listeners.In.interface: there is no interface "Gone"',
        ),
        (
            '[listeners.In]\ntype = "public"\ninterface = "A"\ncertificate = "gone"',
            'line 4: listeners.In.certificate: there is no certificate profile "gone"',
        ),
        (
            '[listeners.In]\ntype = "public"\ninterface = "A"\nbounce_profile = "Patient"',
            'line 4: listeners.In.bounce_profile: there is no bounce profile "Patient"',
        ),
        (
            IN + '[[listeners.In.host_access.groups]]\nname = "G"\npolicy = "PARTNER"',
            'line 6: listeners.In.host_access.groups[1].policy: there is no policy "PARTNER"',
        ),
        (
            IN + "[[listeners.In.host_access.groups]]\nname = 'G'\npolicy = 'TRUSTED'\nsenders = ['10.0.0.1/8']",
            'line 7: listeners.In.host_access.groups[1].senders[1]: "10.0.0.1/8" is not a valid sender: '
            "it has bits behind its prefix; the network is 10.0.0.0/8",
        ),
        (
            IN + "[[listeners.In.host_access.groups]]\nname = 'G'\npolicy = 'TRUSTED'\nsenders = ['MX.example.com']",
            'line 7: listeners.In.host_access.groups[1].senders[1]: "MX.example.com" must be written as '
            '"mx.example.com"',
        ),
        (
            IN + "[[listeners.In.host_access.groups]]\nname = 'G'\npolicy = 'TRUSTED'\n"
            "[[listeners.In.host_access.groups]]\nname = 'G'\npolicy = 'BLOCKED'",
            'line 8: listeners.In.host_access.groups[2].name: "G" is the name of another sender group; use another one',
        ),
        (
            IN + "[listeners.In.host_access.policies.'a$']\n",
            'line 4: listeners.In.host_access.policies."a$": "a$" is not a valid name: a name is 1 to 63 letters, '
            "digits, blanks, _, . and -, and begins with no blank or -",
        ),
        (
            IN + "[listeners.In.host_access.default]\nmax_message_size = '0'\n",
            'line 5: listeners.In.host_access.default.max_message_size: "0" is not from 1 to 9999999999 bytes',
        ),
        (
            IN + "[listeners.In.host_access.default]\nacceptance = { code = 220, text = 'a\\nb' }\n".replace("'", '"'),
            'line 5: listeners.In.host_access.default.acceptance.text: "a\\nb" is not one line of printable text',
        ),
        (
            IN + "[[listeners.In.host_access.groups]]\nname = 'X'\npolicy = 'ACCEPTED'\ncomment = \"a\\u001b[2J\"\n",
            'line 7: listeners.In.host_access.groups[1].comment: "a\\x1b[2J" is not one line of printable text',
        ),
        (
            IN + "[[listeners.In.host_access.groups]]\nname = 'X'\npolicy = 'ACCEPTED'\ncomment = \"a)\\n$EVIL (\"\n",
            'line 7: listeners.In.host_access.groups[1].comment: "a)\\n$EVIL (" is not one line of printable text',
        ),
        (
            IN + "[listeners.In.host_access.default]\nbanner_hostname = 'mx'\n",
            'line 5: listeners.In.host_access.default.banner_hostname: "mx" is not a valid host name: '
            "it has only one label; a full name has two or more, like mail.example.com",
        ),
        (
            '[interfaces.A]\naddress = "10.0.0.1"',
            'line 2: interfaces.A.address: "10.0.0.1" is not a valid IPv4 address with its prefix: it has no prefix or '
            "netmask; it looks like 192.168.2.1/24 or 192.168.2.1/255.255.255.0",
        ),
        (
            '[interfaces.A]\naddress = "10.0.0.1/255.0.0.0"',
            'line 2: interfaces.A.address: "10.0.0.1/255.0.0.0" must be written as "10.0.0.1/8"',
        ),
        (
            '[interfaces.A]\naddress = "10.0.0.1/8"\nipv6 = "2001:DB8::1/64"',
            'line 3: interfaces.A.ipv6: "2001:DB8::1/64" must be written as "2001:db8::1/64"',
        ),
        (
            '[interfaces.A]\naddress = "10.0.0.1/8"\n[interfaces.B]\naddress = "10.0.0.1/16"',
            'line 4: interfaces.B.address: "10.0.0.1" is the address of the interface "A"',
        ),
        (
            '[interfaces.A]\naddress = "10.0.0.1/8"\nipv6 = "2001:db8::1/64"\n'
            '[interfaces.B]\naddress = "10.0.0.2/8"\nipv6 = "2001:db8::1/48"',
            'line 6: interfaces.B.ipv6: "2001:db8::1" is the address of the interface "A"',
        ),
        (
            '[interfaces.A]\naddress = "10.0.0.1/8"\nhttp = 443\nhttps = {}',
            "line 4: interfaces.A.https: port 443 is taken by HTTP on this interface",
        ),
        (
            '[[alerts.recipients]]\naddress = "ops"',
            'line 2: alerts.recipients[1].address: "ops" is not a valid e-mail address: '
            "it has no @; it looks like ops@example.com",
        ),
        (
            '[[alerts.recipients]]\naddress = "ops@B\u00fccher.example"',
            'line 2: alerts.recipients[1].address: "ops@B\u00fccher.example" must be written as '
            '"ops@xn--bcher-kva.example"',
        ),
        (
            '[[alerts.recipients]]\naddress = "ops@a.example"\n[[alerts.recipients]]\naddress = "Ops@a.example"',
            'line 4: alerts.recipients[2].address: "Ops@a.example" stands there already; an address has one entry',
        ),
        (
            '[[alerts.recipients]]\naddress = "ops@a.example"\nclasses = []',
            'line 3: alerts.recipients[1].classes: is empty; "All" stands for every one',
        ),
        (
            '[[alerts.recipients]]\naddress = "ops@a.example"\nclasses = ["System", "All"]',
            'line 3: alerts.recipients[1].classes: "All" stands for every one; it stands alone',
        ),
        (
            '[[alerts.recipients]]\naddress = "ops@a.example"\nclasses = ["System", "System"]',
            "line 3: alerts.recipients[1].classes: the same word stands there twice",
        ),
        (
            '[interfaces.A]\naddress = "10.0.0.1/8"\n[listeners.In]\ntype = "public"\ninterface = "A"\n'
            '[[listeners.In.host_access.groups]]\nname = "ALL"\npolicy = "ACCEPTED"\nsenders = ["10.0.0.1"]',
            "line 9: listeners.In.host_access.groups[1].senders: "
            'the sender group "ALL" stands for everybody else: ["ALL"]',
        ),
        (
            '[alerts]\nfrom_address = "alert"',
            'line 2: alerts.from_address: "alert" is not a valid e-mail address: '
            "it has no @; it looks like ops@example.com",
        ),
        ("[tls.gui]\nmethods = []", "line 2: tls.gui.methods: is empty; at least one TLS version is needed"),
        (
            '[tls.gui]\nmethods = ["SSLv3"]',
            'line 2: tls.gui.methods[1]: must be one of "TLSv1.0", "TLSv1.1", "TLSv1.2" or "TLSv1.3", not "SSLv3"',
        ),
        (
            '[tls.inbound]\nciphers = ""',
            'line 2: tls.inbound.ciphers: must be a cipher string of OpenSSL in printable ASCII, not ""',
        ),
        (
            "[tls.inbound]\nrequire_fqdn = true",
            "line 2: tls.inbound.require_fqdn: is not a known key; known here: methods, ciphers",
        ),
        (
            '[destinations.default]\nbounce_profile = "Patient"',
            'line 2: destinations.default.bounce_profile: there is no bounce profile "Patient"',
        ),
        (
            '[destinations.domains."a.example"]\nbounce_profile = "Patient"',
            'line 2: destinations.domains."a.example".bounce_profile: there is no bounce profile "Patient"',
        ),
        (
            '[listeners.L]\ntype = "public"\ninterface = "Management"\nbounce_profile = "Patient"',
            'line 4: listeners.L.bounce_profile: there is no bounce profile "Patient"',
        ),
        (
            "[bounce_profiles.Patient]\nmax_wait = 59",
            "line 1: bounce_profiles.Patient: max_wait is 59 seconds; it must be at least initial_wait, 60",
        ),
        (
            LISTENER + '[[listeners.L.recipient_access]]\naddress = "A.example"',
            'line 5: listeners.L.recipient_access[1].address: "A.example" must be written as "a.example"',
        ),
        (
            LISTENER + '[[listeners.L.masquerade]]\naddress = "@a.example"\nto = "@.b.example"',
            'line 6: listeners.L.masquerade[1].to: "@.b.example" is not a valid masqueraded address: '
            "a sender gets one domain; write it without a dot before it, like @example.com",
        ),
        (
            LISTENER + '[[listeners.L.domain_map]]\ndomain = "a.example"\nto = "b.example"\n'
            '[[listeners.L.domain_map]]\ndomain = "a.example"\nto = "c.example"',
            'line 8: listeners.L.domain_map[2].domain: "a.example" is there already',
        ),
        (
            '[interfaces."a\\u0000b"]\naddress = "10.0.0.1/8"',
            'line 1: interfaces."a\\x00b": "a\\x00b" is not a valid '
            "name: a name is 1 to 63 letters, digits, blanks, _, . and -, and begins with no blank or -",
        ),
        ("hostname = mail", "line 1: hostname: is not TOML: invalid value (column 12)"),
        ('a = "\nb = 1', "line 1: a: is not TOML: illegal character '\\n' (column 6)"),
        ('x = """\n', "line 1: x: is not TOML: unterminated string at the end of the file"),
    ],
)
def test_one_problem_is_said_in_one_line(text: str, problem: str) -> None:
    assert problem in problems(text)


def test_two_listeners_on_one_socket() -> None:
    text = FACTORY_TEXT + '\n[listeners.Third]\ntype = "public"\ninterface = "PublicNet"\n'
    line = FACTORY_TEXT.count("\n") + 2
    assert problems(text) == [
        f'line {line}: listeners.Third.port: 192.168.2.1 port 25 is taken by the listener "Inboundmail"'
    ]


def test_all_problems_come_at_once_with_their_lines() -> None:
    text = """\
hostname = "mail.example.com"
dialogs = classic
[destinations.default]
tls = "sometimes"
concurency = 5

[destinations.domains."a.example"]
tls = required
dane = 7
tls = "no"

[listeners.X]
port = 70000
"""
    found = problems(text)
    assert [line.split(":")[0] for line in found] == [
        "line 2", "line 4", "line 5", "line 8", "line 9", "line 12", "line 12", "line 13",
    ]  # fmt: skip


def test_rules_are_checked_beside_other_problems_and_what_follows_from_those_is_left_out() -> None:
    text = """\
hostname = "mail"
[destinations.default]
tls = "sometimes"
[destinations.domains."Bad_Domain"]
tls = "no"
dane = "mandatory"
[listeners.L]
type = "public"
interface = "Nope"
[interfaces.P]
adress = "10.0.0.1/8"
[listeners.M]
type = "public"
interface = "P"
"""
    assert [line.split(": ")[:2] for line in problems(text)] == [
        ["line 1", "hostname"],
        ["line 3", "destinations.default.tls"],
        ["line 4", "destinations.domains.Bad_Domain"],
        ["line 4", "destinations.domains.Bad_Domain"],
        ["line 9", "listeners.L.interface"],
        ["line 10", "interfaces.P.address"],
        ["line 11", "interfaces.P.adress"],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = ", ["line 1: a: is not TOML: invalid value at the end of the file"]),
        ("\na = " + "[" * 5000, ["line 2: a: is nested too deep"]),
        ("hostname = 1" + "0" * 5000, ["line 1: hostname: is a number that is too long"]),
        (
            '[certificates.p]\ncertificate = """\nabc\n\n[destinations.default]\ntls = "no"\n',
            ["line 2: certificates.p.certificate: is not TOML: unterminated string at the end of the file"],
        ),
        (
            '[[alerts.recipients]]\naddress = "a@b.c"\nclasses = [\n"System"\n[destinations.default]\ndane = 1\n',
            [
                "line 3: alerts.recipients.classes: is not TOML: unclosed array (line 5, column 1)",
                'line 6: destinations.default.dane: must be one of "none", "opportunistic" or "mandatory", not 1',
            ],
        ),
        (
            'destinations.domains."x.example".tls = "no"\n[destinations.domains."x.example"]\ndane = "none"\n',
            [
                'line 2: destinations.domains."x.example": is not TOML: '
                'cannot declare destinations.domains."x.example" twice (column 34)'
            ],
        ),
        (
            '[destinations.default\ntls="maybe"\n[tls.outbound]\nrequire_fqdn = 1\n',
            [
                "line 1: is not TOML: expected ']' at the end of a table declaration (column 22)",
                "line 4: tls.outbound.require_fqdn: must be true or false, not 1",
            ],
        ),
    ],
)
def test_what_is_no_toml_is_said_where_it_begins_and_hides_nothing_else(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_a_part_of_a_secret_is_never_named_as_a_key() -> None:
    secret = "P1Yr7akGm6BFdIEn2F5NGon6tsyX58W4lOYXSjvi9k="
    text = f'[certificates.x]\ncertificate = "c"\nprivate_key = ""-----BEGIN\n{secret}\n"""\n'
    assert secret[:8] not in "\n".join(problems(text))


def test_what_a_dialog_takes_as_a_line_is_one() -> None:
    for text in ("no-break\u00a0space", "ideographic\u3000space", "soft\u00adhyphen", "a\\ttab"):
        assert problems(
            f'{IN}[listeners.In.host_access.default]\nacceptance = {{ code = 220, text = "{text}" }}\n'
            f"[[listeners.In.host_access.groups]]\nname = 'X'\npolicy = 'ACCEPTED'\ncomment = \"{text}\"\n"
        ) == problems(IN)


def test_nothing_but_lines_reaches_the_screen() -> None:
    for text in (
        'a = "\x01"',
        '"\\u001b[2J" = 1',
        "hostname = '''\x1b[2J'''",
        "\x1b]0;x\x07 = 1",
        "x" * 100_000 + " = 1",
    ):
        for line in problems(text):
            assert line.isprintable()
            assert len(line) < 400


def test_deep_nesting_is_a_problem_and_no_crash() -> None:
    assert problems("a = " + "[" * 100_000)
    assert problems("a = " + "{b=" * 5_000)


def test_bytes_that_are_no_utf8_are_named_by_line_beside_other_problems() -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        read_text(b'# ok\nhostname = "\xff"\n[destinations.default]\nmta_sts = 1\n')
    assert str(refused.value) == (
        "line 2: is not UTF-8 text\nline 4: destinations.default.mta_sts: must be true or false, not 1"
    )
    with pytest.raises(InvalidConfiguration, match="begins with a byte order mark"):
        read_text(b'\xef\xbb\xbfhostname = "mail.example.com"')
