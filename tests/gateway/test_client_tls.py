"""The TLS contexts of a configuration: what they offer, when they are made anew, why they are refused."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from gateway.client_tls import KEPT, ClientContexts, TlsUnusable, client_context
from gateway.tls_faults import tls_sentence
from state.folder import Memory
from state.model import CertificateProfile, Configuration, OutboundTls, Tls, TlsMethod
from state.secrets import MASKED, SecretUnavailable
from state.store import Store
from tests.gateway.making import make


def offered(outbound: OutboundTls) -> tuple[set[str], set[str]]:
    """Return the versions that a context speaks, and the names of its ciphers."""
    context = client_context(outbound)
    options = {
        "TLSv1.0": ssl.Options.OP_NO_TLSv1,
        "TLSv1.1": ssl.Options.OP_NO_TLSv1_1,
        "TLSv1.2": ssl.Options.OP_NO_TLSv1_2,
        "TLSv1.3": ssl.Options.OP_NO_TLSv1_3,
    }
    versions = {name for name, option in options.items() if not context.options & option}
    return versions, {str(cipher["name"]) for cipher in context.get_ciphers() if cipher["protocol"] != "TLSv1.3"}


@pytest.mark.parametrize(
    "methods", [["TLSv1.2", "TLSv1.3"], ["TLSv1.3"], ["TLSv1.0", "TLSv1.2"], ["TLSv1.1"], ["TLSv1.0", "TLSv1.3"]]
)
def test_methods_are_the_configured_ones_gaps_and_all(methods: list[TlsMethod]) -> None:
    versions, _ = offered(OutboundTls(methods=methods))
    assert versions == set(methods)


GCM = "ECDHE-RSA-AES256-GCM-SHA384"


@pytest.mark.parametrize(
    "ciphers", [GCM, f"TLS_AES_256_GCM_SHA384:{GCM}", f"TLS_AES_128_GCM_SHA256, {GCM} !TLS_AES_128_CCM_SHA256"]
)
def test_names_of_tls_1_3_suites_are_set_apart(ciphers: str) -> None:
    assert offered(OutboundTls(ciphers=ciphers))[1] == {GCM}


def test_a_word_that_must_stand_first_does_so_behind_suites() -> None:
    assert GCM in offered(OutboundTls(ciphers="TLS_AES_256_GCM_SHA384:DEFAULT:!CHACHA20"))[1]


def test_suites_alone_do_for_tls_1_3_alone() -> None:
    assert offered(OutboundTls(methods=["TLSv1.3"], ciphers="TLS_AES_256_GCM_SHA384"))[0] == {"TLSv1.3"}


def test_a_string_without_a_cipher_is_refused() -> None:
    with pytest.raises(TlsUnusable, match="leaves no cipher; see sslconfig"):
        client_context(OutboundTls(ciphers="HIGH:!HIGH"))


# S4
def test_a_context_verifies_nothing_and_holds_no_authority() -> None:
    context = client_context(OutboundTls())
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    assert context.cert_store_stats() == {"x509": 0, "crl": 0, "x509_ca": 0}


def test_a_certificate_that_openssl_refuses_is_told_without_its_key() -> None:
    own, other = make(key=3), make(key=4)
    for certificate, key in ((own.pem, other.key_pem), ("nothing", own.key_pem), (own.pem * 200, own.key_pem)):
        with pytest.raises(TlsUnusable) as refused:
            client_context(OutboundTls(), CertificateProfile(certificate=certificate), key)
        assert str(refused.value).startswith("OpenSSL refuses the certificate for outgoing connections: ")
        assert "PRIVATE" not in str(refused.value)


@pytest.fixture
def store() -> Store:
    return Store(Memory(), lambda: datetime(2026, 5, 23, tzinfo=UTC))


def test_a_context_is_made_once_and_again_when_what_it_depends_on_changes(store: Store) -> None:
    contexts = ClientContexts(store)
    before = Configuration()
    first = contexts.context(before)
    assert contexts.context(replace(Configuration(), hostname="other.example.com")) is first
    own = make(key=3)
    profile = CertificateProfile(certificate=own.pem, private_key=store.vault.seal(own.key_pem))
    changed = replace(before, certificates={"own": profile}).with_destinations(certificate="own")
    versions = replace(before, tls=Tls(outbound=OutboundTls(methods=["TLSv1.3"])))
    ciphers = replace(before, tls=Tls(outbound=OutboundTls(ciphers="HIGH")))
    made = [contexts.context(one) for one in (before, changed, versions, ciphers)]
    assert len({*map(id, made)}) == 4
    assert made[0] is first
    assert [contexts.context(one) for one in (before, changed, versions, ciphers)] == made


def test_few_contexts_are_kept(store: Store) -> None:
    contexts = ClientContexts(store)
    first = contexts.context(Configuration())
    for bits in range(KEPT):
        contexts.context(Configuration(tls=Tls(outbound=OutboundTls(ciphers=f"HIGH:@SECLEVEL={bits}"))))
    assert contexts.context(Configuration()) is not first


def test_a_masked_key_is_not_used(store: Store) -> None:
    profile = CertificateProfile(certificate=make(key=3).pem, private_key=MASKED)
    configuration = Configuration(certificates={"own": profile}).with_destinations(certificate="own")
    with pytest.raises(SecretUnavailable):
        ClientContexts(store).context(configuration)


def test_words_of_openssl_that_are_not_known_are_kept() -> None:
    known = ssl.SSLError(1, "[SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:1006)")
    known.reason = "DH_KEY_TOO_SMALL"
    weak = "The Diffie-Hellman parameters of the peer are too weak (OpenSSL: dh key too small)."
    assert tls_sentence(known) == weak
    known.reason = "NEVER_SEEN"
    assert tls_sentence(known) == "The TLS handshake failed (OpenSSL: never seen)."
    known.reason, known.library = "WRONG_TAG", "ASN1"
    assert tls_sentence(known) == "A certificate that the peer presented cannot be read (OpenSSL: wrong tag)."
    bare = ssl.SSLError(1, "odd \x1b[2J thing")
    assert tls_sentence(bare) == r"The TLS handshake failed (OpenSSL: odd \x1b[2J thing)."
