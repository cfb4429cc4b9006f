"""A disk that is full and a disk that may not be written, real ones: a plain sentence, and nothing half done."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = """
set -u
state=$1
asyncsh=$2
run() { "$asyncsh" --state "$state" "$@" 2>&1; echo "status $?"; }
"""
FULL = """
mount -t tmpfs -o size=1m tmpfs "$state" || exit 99
run -c 'destconfig new a.example --tls required'
run -c 'commit "fits"'
run -c 'destconfig new b.example --tls required'
head -c 2000000 /dev/zero > "$state/configuration/filler" 2>/dev/null
echo '== full'
run -c 'commit "does not fit"'
run -c 'destconfig new c.example --tls required'
run -c 'destconfig list'
cmp "$state/config.toml" <(tail -n +2 "$state/history/2") && echo whole
find "$state" -name '*.pending' -o -name '.*' -type f
rm "$state/configuration/filler"
echo '== room again'
run -c 'commit "fits again"'
run -c 'destconfig list'
"""
READ_ONLY = """
run -c 'destconfig new a.example --tls required'
before=$(cat "$state/config.toml" "$state/staged/admin.toml" | sha256sum)
mount --bind "$state" "$state" || exit 99
mount -o remount,ro,bind "$state" || exit 99
echo '== read-only'
run -c 'commit "cannot"'
run -c 'destconfig new b.example --tls required'
mount -o remount,rw,bind "$state"
[ "$before" = "$(cat "$state/config.toml" "$state/staged/admin.toml" | sha256sum)" ] && echo same
echo '== writable again'
run -c 'commit "can"'
"""


def under_unshare(script: str, state: Path, asyncsh: str) -> str:
    """Run a script in a mount namespace of its own and return what it printed; skip where that cannot be."""
    state.mkdir()
    reason = ""
    if os.geteuid() != 0:
        reason = "only root can mount"
    elif shutil.which("unshare") is None:
        reason = "unshare (util-linux) is not installed"
    else:
        words = ["unshare", "-m", "bash", "-c", SCRIPT + script, "bash", str(state), asyncsh]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 99:
            return done.stdout
        reason = f"mounting is not permitted here: {done.stderr.strip()}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def test_a_full_disk(tmp_path: Path, asyncsh: str) -> None:
    before, _, rest = under_unshare(FULL, tmp_path / "state", asyncsh).partition("== full\n")
    full, _, again = rest.partition("== room again\n")
    assert before.count("status 0") == 3
    assert full.count("status 1") >= 2
    assert "The appliance directory cannot be used: No space left on device" in full
    assert "Traceback" not in full + again
    assert "whole" in full
    assert ".pending" not in full
    assert "c.example" not in full.partition("whole")[0].split("Domain", 1)[-1]
    assert "Changes committed: " in again
    for name in ("a.example  Default   Required", "b.example  Default   Required"):
        assert name in again


def test_a_read_only_disk(tmp_path: Path, asyncsh: str) -> None:
    _, _, rest = under_unshare(READ_ONLY, tmp_path / "state", asyncsh).partition("== read-only\n")
    refused, _, again = rest.partition("== writable again\n")
    assert refused.count("status 1") == 2
    assert refused.count("The appliance directory cannot be used: Read-only file system") == 2
    assert "same" in refused
    assert "Traceback" not in refused + again
    assert "Changes committed: " in again
