"""Authorities and certificates made from words, and the TLSA records that match them.

Keys are kept for the life of the process: RSA keys take long, and no world's key is a secret.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.loading import read_certificates, read_private_key
from gateway.refusals import CertificateRefused
from shell.world.behaviour import NotUnderstood
from shell.world.description import PUBLIC, SELF_SIGNED, Authority, Certificate
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gateway.loading import PrivateKey
    from shell.world.description import RevocationList

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
PUBLIC_AUTHORITY = Authority(common_name="Public Root", system=True)
USAGES = {
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "client": ExtendedKeyUsageOID.CLIENT_AUTH,
    "mail": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "code": ExtendedKeyUsageOID.CODE_SIGNING,
    "any": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}
DIGESTS: Mapping[str, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}


class Issued(NamedTuple):
    """A certificate with its key and the certificates of those that issued it, up to the root."""

    certificate: x509.Certificate
    key: PrivateKey
    issuers: tuple[x509.Certificate, ...]

    @property
    def pem(self) -> str:
        """The certificate alone."""
        return pem(self.certificate)


class Presented(NamedTuple):
    """What a server shows in its handshakes."""

    issued: Issued
    chain: tuple[x509.Certificate, ...]

    def file(self) -> str:
        """Return key and chain in one text, as `SSLContext.load_cert_chain` reads them."""
        key = self.issued.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key.decode() + "".join(map(pem, self.chain))


class Office:
    """Issues the certificates of one world."""

    def __init__(self, authorities: Mapping[str, Authority], now: datetime) -> None:
        """Take the authorities; `now` is the aware time that dates count from."""
        self._tables = {PUBLIC: PUBLIC_AUTHORITY, **authorities}
        self._now = now
        self._issued: dict[str, Issued] = {}

    @property
    def names(self) -> list[str]:
        """The names of all authorities; `public` is always among them."""
        return list(self._tables)

    def authority(self, name: str, below: tuple[str, ...] = ()) -> Issued:
        """Return an authority, which is made when it is first asked for.

        Args:
            name: its name.
            below: those that wait for it to be made.

        Raises:
            NotUnderstood: its issuer is none, or authorities issue each other in a circle.
        """
        if name in self._issued:
            return self._issued[name]
        if not FILE_NAME.fullmatch(name) or name == SELF_SIGNED:
            raise NotUnderstood(f"cannot be called {quoted(name)}: letters, digits and - _ . make a name, at most 60")
        if name in below:
            raise NotUnderstood(f"is issued by itself, by way of {listed([quoted(one) for one in below], 'and')}")
        table = self._tables[name]
        issuer = None
        if table.issuer != SELF_SIGNED:
            self._require(table.issuer, "issuer")
            issuer = self.authority(table.issuer, (*below, name))
        common_name = name if table.common_name is None else table.common_name
        self._issued[name] = self._issue(table, common_name, f"authority {name}", issuer, [])
        return self._issued[name]

    def present(self, certificate: Certificate, who: str, names: Sequence[str]) -> Presented:
        """Issue a server's certificate.

        Args:
            certificate: what is asked for.
            who: the server; each has a key of its own.
            names: its host names, where the certificate does not say any.

        Raises:
            NotUnderstood: its issuer or one of its chain is no authority, or a name cannot stand in a certificate.
        """
        if certificate.pem is not None:
            return _as_it_is(certificate.pem)
        wanted = list(names) if certificate.names is None else certificate.names
        common_name = certificate.common_name
        if common_name is None:
            common_name = wanted[0] if wanted else who
        issuer = None if certificate.issuer == SELF_SIGNED else self._known(certificate.issuer, "issuer")
        issued = self._issue(certificate, common_name, f"server {who}", issuer, wanted)
        if certificate.chain is None:
            behind = issued.issuers
        else:
            behind = tuple(self._known(name, "chain").certificate for name in certificate.chain)
        filler: tuple[x509.Certificate, ...] = ()
        if certificate.filler:
            stranger = self._issue(Certificate(issuer=SELF_SIGNED), "Stranger", "stranger", None, [])
            filler = (stranger.certificate,) * certificate.filler
        return Presented(issued, (issued.certificate, *behind, *filler))

    def revocation_list(self, table: RevocationList, serials: Iterable[int]) -> bytes:
        """Return a revocation list, DER.

        Args:
            table: what is asked for.
            serials: of the certificates that it revokes.

        Raises:
            NotUnderstood: its issuer is no authority, or it ends before it begins.
        """
        issuer = self._known(table.issuer, "issuer")
        _require_order(table)
        issued = self._now + timedelta(days=table.begins)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(issued)
            .next_update(self._now + timedelta(days=table.ends))
        )
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(issued).build()
            builder = builder.add_revoked_certificate(entry)
        digest = None if isinstance(issuer.key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        return builder.sign(issuer.key, digest).public_bytes(serialization.Encoding.DER)

    def _known(self, name: str, key: str) -> Issued:
        self._require(name, key)
        return self.authority(name)

    def _require(self, name: str, key: str) -> None:
        if name not in self._tables:
            known = listed([quoted(one) for one in (SELF_SIGNED, *self._tables)], "and")
            raise NotUnderstood(f"has {quoted(name)} as {key}, which is no authority; there are {known}")

    def _issue(
        self, table: Certificate | Authority, common_name: str, who: str, issuer: Issued | None, names: Sequence[str]
    ) -> Issued:
        _require_order(table)
        key = _key(table.key, who)
        subject = _subject(common_name)
        signer = issuer.key if issuer else key
        public = key.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now + timedelta(days=table.begins))
            .not_valid_after(self._now + timedelta(days=table.ends))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        for extension, critical in _extensions(table, names):
            builder = builder.add_extension(extension, critical)
        digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else DIGESTS[table.digest]
        certificate = builder.sign(signer, digest)
        above = (issuer.certificate, *issuer.issuers) if issuer else ()
        return Issued(certificate, key, above)


def _require_order(table: Certificate | Authority | RevocationList) -> None:
    if table.begins >= table.ends:
        raise NotUnderstood(f"ends on day {table.ends}, which must be after day {table.begins}, where it begins")


def association(certificate: x509.Certificate, selector: int, matching: int) -> bytes:
    """Return the data of a TLSA record that matches a certificate (RFC 6698 s2.1)."""
    encoding, kind = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    octets = certificate.public_key().public_bytes(encoding, kind) if selector else certificate.public_bytes(encoding)
    return [octets, hashlib.sha256(octets).digest(), hashlib.sha512(octets).digest()][matching]


def _as_it_is(text: str) -> Presented:
    """Return the key and the chain of a PEM text."""
    try:
        chain, key = tuple(read_certificates(text).certificates), read_private_key(text)
    except CertificateRefused as refused:
        raise NotUnderstood(f"has a pem that has no key and chain. {refused}") from None
    return Presented(Issued(chain[0], key, chain[1:]), chain)


def pem(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _extensions(table: Certificate | Authority, names: Sequence[str]) -> list[tuple[x509.ExtensionType, bool]]:
    """Return the extensions that the words ask for, each with whether it is critical."""
    extensions: list[tuple[x509.ExtensionType, bool]] = []
    if isinstance(table, Authority):
        extensions.append((x509.BasicConstraints(table.ca, table.path_length if table.ca else None), True))
        if table.permitted or table.excluded:
            permitted, excluded = (
                [x509.DNSName(_ascii(one)) for one in some] for some in (table.permitted, table.excluded)
            )
            extensions.append((x509.NameConstraints(permitted or None, excluded or None), True))
    else:
        extensions.append((x509.BasicConstraints(table.ca, None), True))
        if table.usage:
            extensions.append((x509.ExtendedKeyUsage([USAGES[one] for one in table.usage]), False))
    if table.key_usage:
        wanted = {one: one in table.key_usage for one in KEY_USAGES}
        extensions.append((x509.KeyUsage(**wanted, encipher_only=False, decipher_only=False), True))
    if names:
        extensions.append((x509.SubjectAlternativeName([x509.DNSName(_ascii(name)) for name in names]), False))
    return extensions


KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


def _subject(common_name: str) -> x509.Name:
    if not common_name:
        return x509.Name([])
    try:
        # _validate: a world has certificates with names that no authority would sign
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name, _validate=False)])
    except ValueError as error:
        raise NotUnderstood(f"has {quoted(common_name)} as common name: {error}") from None


def _ascii(name: str) -> str:
    if not name.isascii():
        raise NotUnderstood(f"has the name {quoted(name)}; names in certificates are A-labels, xn--...")
    return name


@cache
def _key(kind: str, who: str) -> PrivateKey:
    if kind.startswith("RSA-"):
        return rsa.generate_private_key(65537, int(kind.removeprefix("RSA-")))
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP384R1() if kind == "P-384" else ec.SECP256R1())
