"""What many tests need."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.folder import Disk


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    """Return an appliance directory on the disk."""
    return Disk(tmp_path / "appliance")
