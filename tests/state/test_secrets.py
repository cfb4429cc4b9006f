"""Secrets at rest: sealed, opened only here, masked ones refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.folder import Disk, Memory
from state.secrets import MASKED, SecretUnavailable, Vault, is_clear


def test_a_sealed_secret_opens_here_and_does_not_show() -> None:
    vault = Vault(Memory())
    sealed = vault.seal("s3cret ä")
    assert sealed.startswith("sealed:")
    assert "s3cret" not in sealed
    assert not is_clear(sealed)
    assert vault.open(sealed) == "s3cret ä"


def test_the_key_is_made_once_and_private(disk: Disk) -> None:
    sealed = Vault(disk).seal("x")
    assert Vault(disk).open(sealed) == "x"
    assert Path(disk.path, "secret.key").stat().st_mode & 0o777 == 0o600


def test_another_appliance_cannot_open_it() -> None:
    sealed = Vault(Memory()).seal("x")
    with pytest.raises(SecretUnavailable, match="another appliance"):
        Vault(Memory()).open(sealed)


@pytest.mark.parametrize("damaged", ["sealed:", "sealed:gAAAA", "sealed:ä", "sealed:" + "A" * 10_000])
def test_a_damaged_one_is_refused_in_a_sentence(damaged: str) -> None:
    with pytest.raises(SecretUnavailable):
        Vault(Memory()).open(damaged)


def test_a_masked_one_counts_as_there_and_refuses_use() -> None:
    assert not is_clear(MASKED)
    with pytest.raises(SecretUnavailable, match="masked"):
        Vault(Memory()).open(MASKED)
