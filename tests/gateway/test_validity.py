"""What ends is found in the committed configuration, once a day and behind a commit, and told of once."""

from __future__ import annotations

from datetime import timedelta

from gateway.alert_center import AlertCenter
from gateway.revocation_lists import take_list
from gateway.validity import endings, is_to_be_looked, look
from state.folder import Memory
from state.store import CONFIG, Store
from tests.gateway.making import NOW, Made, make, make_crl


class Appliance:
    """An appliance with a clock."""

    def __init__(self, configuration: str) -> None:
        self.folder = Memory()
        self.now = NOW
        self.folder.write(CONFIG, configuration.encode())
        self.store = Store(self.folder, lambda: self.now)
        self.center = AlertCenter(self.store)

    def day(self, days: float = 1) -> list[str]:
        """Let days go by, and return what a look told of that no look before it had."""
        self.now += timedelta(days=days)
        before = len(self.center.stored())
        if is_to_be_looked(self.store):
            look(self.store, self.center)
        return [f"{one.alert.severity}: {one.alert.message}" for one in self.center.stored()[before:]]


def with_certificate(made: Made, more: str = "") -> str:
    return f'[certificates.mail]\ncertificate = """\n{made.pem}"""\nprivate_key = """\n{made.key_pem}"""\n{more}'


def with_authority(made: Made, in_force: str = "true") -> str:
    entry = f'[[authorities.certificates]]\nname = "Partner CA"\ncertificate = """\n{made.pem}"""\n'
    return f"[authorities]\ncustom = {in_force}\n{entry}"


def test_each_threshold_is_told_of_once() -> None:
    appliance = Appliance(with_certificate(make(days=20), '[destinations]\ncertificate = "mail"\n'))
    told = [(number, appliance.day(0 if number == 0 else 1)) for number in range(14)]
    assert [(number, lines) for number, lines in told if lines] == [
        (0, ["Warning: The certificate mail ends in 10 days"]),
        (5, ["Warning: The certificate mail ends in 5 days"]),
        (6, ["Warning: The certificate mail ends in 4 days"]),
        (7, ["Warning: The certificate mail ends in 3 days"]),
        (8, ["Warning: The certificate mail ends in 2 days"]),
        (9, ["Warning: The certificate mail ends in 1 day"]),
        (10, ["Warning: The certificate mail ends today"]),
        (11, ["Critical: The certificate mail has ended"]),
    ]


def test_after_a_long_time_away_only_the_nearest_threshold_is_told_of() -> None:
    appliance = Appliance(with_certificate(make(days=100)))
    assert appliance.day(0) == ["Warning: The certificate mail ends in 90 days"]
    assert appliance.day(87) == ["Warning: The certificate mail ends in 3 days"]
    assert appliance.day(100) == ["Warning: The certificate mail has ended"]
    assert appliance.day(100) == []


def test_it_is_looked_once_a_day_and_behind_a_commit() -> None:
    appliance = Appliance(with_certificate(make()))
    assert is_to_be_looked(appliance.store)
    appliance.day(0)
    assert not is_to_be_looked(appliance.store)
    appliance.folder.write(CONFIG, with_certificate(make(days=11)).encode())
    appliance.store.refresh()
    assert is_to_be_looked(appliance.store)
    assert appliance.day(0) == ["Warning: The certificate mail ends in 1 day"]
    appliance.now += timedelta(days=1)
    assert is_to_be_looked(appliance.store)


def test_where_nothing_can_end_nothing_is_looked_for() -> None:
    assert not is_to_be_looked(Appliance("").store)


def test_an_authority_that_ended_is_critical_where_the_custom_list_is_in_force() -> None:
    ended = make("Partner CA", ca=True, days=5)
    assert Appliance(with_authority(ended)).day(0) == ["Critical: The custom authority Partner CA has ended"]
    assert Appliance(with_authority(ended, "false")).day(0) == ["Warning: The custom authority Partner CA has ended"]


def test_a_new_certificate_of_the_same_name_is_told_of_anew() -> None:
    appliance = Appliance(with_certificate(make(days=11)))
    assert appliance.day(0) == ["Warning: The certificate mail ends in 1 day"]
    appliance.folder.write(CONFIG, with_certificate(make(days=11, key=1)).encode())
    appliance.store.refresh()
    appliance.now += timedelta(hours=2)
    assert appliance.day(0) == ["Warning: The certificate mail ends in 1 day"]


def test_a_revocation_list_that_is_not_renewed_is_told_of() -> None:
    issuer = make("Partner CA", ca=True)
    source = '[revocation]\ndelivery = true\n[revocation.sources.partner]\nurl = "http://crl.partner.example/ca.crl"\n'
    appliance = Appliance(source)
    assert appliance.day(0) == []
    take_list(appliance.store, "partner", make_crl(issuer), [issuer.certificate], {}, "a file")
    assert [one.used_by for one in endings(appliance.store)] == ["deliveries"]
    assert [appliance.day() for _ in range(3)][:2] == [
        ["Warning: The revocation list of partner ends in 5 days"],
        ["Warning: The revocation list of partner ends in 4 days"],
    ]
    assert appliance.day(5) == ["Critical: The revocation list of partner has ended"]


def test_what_cannot_be_read_ends_nothing_and_stops_nothing() -> None:
    damaged = '[[authorities.certificates]]\nname = "Damaged"\ncertificate = "nothing"\n'
    appliance = Appliance(with_authority(make("Partner CA", ca=True, days=11)) + damaged)
    appliance.folder.write("alerts/ending.json", b"[")
    assert appliance.day(0) == ["Warning: The custom authority Partner CA ends in 1 day"]
