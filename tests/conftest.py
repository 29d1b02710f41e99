"""What tests share: where the real recordings are, and which foreign programs are at hand."""

import os
import shutil
from pathlib import Path

import pytest

# Linear algebra on one thread, before anything imports numpy: on a loaded machine several threads
# wait for each other, spinning, ten times as long as one takes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of recordings that no one here made; tests that need it are skipped without it."""
    folder = Path(os.environ.get("STATIOND_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "PROVENANCE.md").exists():
        pytest.skip(f"real recordings are not at {folder} (set STATIOND_REAL_DATA)")
    return folder


@pytest.fixture(scope="session")
def peer():
    """Return the path of a foreign program: `peer("str2str")`. Its absence fails under CI=true."""

    def find(program: str) -> str:
        path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
        if path is None:
            reason = f"{program} is not installed (see PEERS_WANTED in .ci/setup)"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find
