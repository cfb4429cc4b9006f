"""Other paths from a leaf to an anchor, for when the one that OpenSSL tried first is bad.

OpenSSL takes one issuer for each certificate and does not go back. Where cross certificates, renewed intermediates or
strangers with an issuer's name were sent along, a good path may stand beside a bad one. Paths are only named here, over
signatures that hold; whether one is good OpenSSL and the rules say again.
"""

from __future__ import annotations

from gateway.chain_order import issued
from gateway.fields import subject
from gateway.guarded import guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cryptography import x509

    from gateway.openssl_path import Path

    ByName = Mapping[x509.Name, list[x509.Certificate]]

MOST_PATHS = 16
MOST_SIGNATURES = 64
MOST_STEPS = 1000
"""Bounds of one search, so that a hostile chain costs no more than some tenths of a second, whatever its keys."""
LONGEST = 20


def by_name(certificates: Iterable[x509.Certificate]) -> dict[x509.Name, list[x509.Certificate]]:
    """Return certificates by their subject; those whose subject cannot be read issue nothing."""
    found: dict[x509.Name, list[x509.Certificate]] = {}
    for certificate in certificates:
        if (name := subject(certificate)) is not None:
            found.setdefault(name, []).append(certificate)
    return found


def other_paths(leaf: x509.Certificate, between: ByName, anchors: ByName) -> Iterator[Path]:
    """Yield paths from a leaf to an anchor, those that end soonest first at every fork; at most MOST_PATHS.

    Args:
        leaf: where they begin.
        between: the certificates that may stand between.
        anchors: where they end.
    """
    checked: dict[tuple[x509.Certificate, x509.Certificate], bool] = {}
    steps = 0

    def issuers(path: Path, pool: ByName) -> Iterator[x509.Certificate]:
        child = path[-1]
        for parent in pool.get(guarded(lambda: child.issuer, child.subject), []):
            if (child, parent) not in checked:
                checked[child, parent] = len(checked) < MOST_SIGNATURES and issued(child, parent)
            if checked[child, parent] and parent not in path:
                yield parent

    def climb(path: Path) -> Iterator[Path]:
        nonlocal steps
        for anchor in issuers(path, anchors):
            yield (*path, anchor)
        for parent in issuers(path, between) if len(path) < LONGEST else ():
            steps += 1
            if steps > MOST_STEPS:
                return
            yield from climb((*path, parent))

    for number, path in enumerate(climb((leaf,)), 1):
        yield path
        if number == MOST_PATHS:
            return
