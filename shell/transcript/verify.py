"""Check transcripts: each is played against an appliance of its own in memory."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shell.transcript.program import OpenProgram

PASSED, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
SUFFIX = ".transcript"

_CHUNK = 8
"""Transcripts that a worker takes at a time: few, since Ctrl-C waits for them."""


class Outcome(NamedTuple):
    """What came of one transcript.

    Attributes:
        turns: how many answers were given.
        report: what is wrong, None when it passed.
    """

    turns: int
    report: str | None


class NothingThere(Exception):
    """Raised when a path that was to be checked does not exist, or is a folder without transcripts."""


def verify(
    paths: Sequence[str],
    jobs: int = 1,
    out: Callable[[str], None] = print,
    open_program: OpenProgram | None = None,
) -> int:
    """Play transcripts and print what is wrong, then how many passed.

    Args:
        paths: files, and folders that are searched for `*.transcript`, subfolders too.
        jobs: how many processes share the work; what is printed does not depend on it.
        out: takes the reports, one call each, and the last line.
        open_program: makes what they are played against; the appliance in memory if None.

    Returns:
        0 when all passed, 1 when one failed, 2 for wrong use, 130 after Ctrl-C.
    """
    if jobs < 1 or not paths:
        out("Name at least one file or folder." if not paths else "The number of jobs must be 1 or more.")
        return WRONG_USE
    try:
        files = find_transcripts(paths)
    except NothingThere as nothing:
        out(str(nothing))
        return WRONG_USE
    begin = time.perf_counter()
    turns = passed = failed = 0
    interrupted = False
    try:
        for outcome in _outcomes(files, min(jobs, len(files)), open_program):
            turns += outcome.turns
            if outcome.report is None:
                passed += 1
            else:
                failed += 1
                out(outcome.report)
    except KeyboardInterrupt:
        interrupted = True
        out(f"Interrupted; {len(files) - passed - failed} not checked.")
    seconds = time.perf_counter() - begin
    plural = "" if passed == 1 else "s"
    out(f"{passed} transcript{plural} passed, {failed} failed ({turns} turns, {seconds:.2f} seconds)")
    if interrupted:
        return INTERRUPTED
    return FAILED if failed else PASSED


def find_transcripts(paths: Sequence[str]) -> list[str]:
    """Return the files named, and those in the folders named, sorted by folder; each once.

    Raises:
        NothingThere: a path does not exist, or a folder has no transcripts.
    """
    found: dict[str, None] = {}
    for path in paths:
        if Path(path).is_dir():
            files = sorted(
                os.path.join(folder, name)  # noqa: PTH118  # keeps the path as it was given
                for folder, _, names in os.walk(path)
                for name in names
                if name.endswith(SUFFIX)
            )
            if not files:
                raise NothingThere(f"{path}: no {SUFFIX} file in this folder")
            found.update(dict.fromkeys(files))
        elif Path(path).exists():
            found[path] = None
        else:
            raise NothingThere(f"{path}: no such file or folder")
    return list(found)


def check(path: str, open_program: OpenProgram | None = None) -> Outcome:
    """Play one transcript; whatever is wrong is in the report."""
    from shell.transcript.parse import TranscriptError, load
    from shell.transcript.play import play
    from shell.transcript.report import Mismatch

    try:
        transcript = load(path)
        result = play(transcript, open_program or appliance())
    except TranscriptError as error:
        return Outcome(0, str(error))
    except OSError as error:
        return Outcome(0, f"{error.filename or path}: {error.strerror or error}")
    except Exception as error:
        # not the conversation's, whose errors the player reports: the appliance could not be made
        return Outcome(0, f"{path}: internal error: {type(error).__name__}: {error}")
    return Outcome(result.turns, str(result) if isinstance(result, Mismatch) else None)


def appliance() -> OpenProgram:
    """Return what makes the appliance in memory; it is loaded only when transcripts are played."""
    from shell.transcript.appliance import open_appliance

    return open_appliance


def _outcomes(files: Sequence[str], jobs: int, open_program: OpenProgram | None) -> Iterator[Outcome]:
    """Yield what came of each file, in their order."""
    if jobs == 1:
        for path in files:
            yield check(path, open_program)
        return
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
    from functools import partial
    from multiprocessing import get_context

    # a fork has everything loaded already; elsewhere it is not safe, and the workers begin afresh
    context = get_context("fork" if sys.platform == "linux" else None)
    chunk = max(1, min(_CHUNK, len(files) // (4 * jobs)))
    workers = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_at_once)
    try:
        yield from workers.map(partial(check, open_program=open_program), files, chunksize=chunk)
    except BrokenExecutor:
        yield Outcome(0, "A worker process was ended from outside; what follows was not checked.")
    finally:
        workers.shutdown(wait=True, cancel_futures=True)


def _end_at_once() -> None:
    """Let Ctrl-C end a worker without a word; the parent says what there is to say."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
