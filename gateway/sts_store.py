"""MTA-STS policies that outlive a session: a file for each domain in the appliance directory (`sts/DOMAIN.json`).

They are no configuration: never staged, never committed, and may be deleted at any time. A file that is damaged counts
as none, and a disk that refuses a file costs a fetch the next time, never a delivery.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from gateway.mta_sts import LARGEST, LONGEST_LIFE, Mode, Policy
from gateway.sts_cache import Cached, Failures, Kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.folder import Folder

Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9]{1,32}\Z")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Policy(msgspec.Struct, frozen=True, kw_only=True):
    mode: Mode
    max_age: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_LIFE)]
    mx: tuple[str, ...]
    id: Id
    fetched: Moment


class _Failures(msgspec.Struct, frozen=True, kw_only=True):
    id: Id
    number: Annotated[int, msgspec.Meta(ge=1)]
    last: Moment


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a domain; its name stands in the file too, for a disk that mixes names up."""

    domain: str
    policy: _Policy | None = None
    failures: _Failures | None = None


def kept_policy(folder: Folder, domain: str) -> Kept:
    """Return what is kept of a domain, an A-label name in lower case; nothing where the file cannot be used."""
    try:
        content = folder.read(_place(domain), most=4 * LARGEST)
        file = msgspec.json.decode(content, type=_File) if content is not None else _File(domain=domain)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Kept()
    if file.domain != domain:
        return Kept()
    found, failed = file.policy, file.failures
    return Kept(
        Cached(Policy(found.mode, found.max_age, found.mx), found.id, found.fetched) if found else None,
        Failures(failed.id, failed.number, failed.last) if failed else None,
    )


def keep_policy(folder: Folder, domain: str, kept: Kept) -> bool:
    """Keep what is known of a domain; return False where the disk refuses.

    The disk is not waited for: a crash may lose the newest policy, never damage one.
    """
    cached, failures = kept
    file = _File(
        domain=domain,
        policy=_Policy(**cached.policy._asdict(), id=cached.id, fetched=cached.fetched) if cached else None,
        failures=_Failures(**failures._asdict()) if failures else None,
    )
    try:
        folder.write(_place(domain), msgspec.json.encode(file), durable=False)
    except OSError:
        return False
    return True


def _place(domain: str) -> str:
    return f"sts/{domain}.json"
