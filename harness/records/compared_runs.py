"""What a comparison of training runs leaves behind: a head, then a line of JSON for every run."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from harness.records.continuation import drop_half_line
from harness.records.file import append_whole

FORMAT: Literal["compared runs, 1"] = "compared runs, 1"
LARGEST = 256 * 2**20  # bytes of a file
LONGEST_CURVE = 4096

Number = float | None  # null is a run that diverged: NaN or infinite
Value = Number | Annotated[tuple[Number, ...], Meta(max_length=LONGEST_CURVE)]
Index = Annotated[int, Meta(ge=0, le=2**53)]
Place = Literal["before", "after"]
PLACES: tuple[Place, Place] = ("before", "after")


class RunsError(ValueError):
    """Runs that cannot be read, kept or compared; the message is one sentence with the cure."""


class KeptRunsError(RunsError):
    """Kept runs that cannot be read or gone on from: no fault of what is run."""


class KeptSide(Struct, frozen=True):
    """One side: what people call it, and a digest of what its runs are computed by."""

    name: str
    digest: str


class Head(Struct, frozen=True):
    """What is compared. All of it stays as it is while the comparison goes on."""

    format: Literal["compared runs, 1"]
    before: KeptSide
    after: KeptSide
    within: tuple[str, ...]
    same: float
    changed: float
    salt: str
    paired: bool


class Run(Struct, frozen=True):
    """One run of one side: its pair, the seed that it was given, and what it returned."""

    side: Place
    pair: Index
    seed: int | None
    values: dict[str, Value]
    seconds: float = 0.0


class RunsFile:
    """The file of a comparison, or no file: runs are kept as they end, each whole or not at all."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def begin(self, head: Head) -> list[Run]:
        """The runs that are kept already. Raises RunsError for those of another comparison."""
        if self.path is None:
            return []
        try:
            if self.path.exists() and self.path.stat().st_size:
                drop_half_line(self.path)
                kept, runs = read_runs(self.path)
                _check(self.path, kept, head)
                return runs
            append_whole(self.path, msgspec.json.encode(head) + b"\n", fresh=True)
        except OSError as error:
            raise KeptRunsError(
                f"{str(self.path)!r} cannot be written ({error.strerror}); name another file"
            ) from error
        return []

    def append(self, run: Run) -> None:
        """Keep one run. Raises RunsError if the disk does not take it."""
        if self.path is None:
            return
        try:
            append_whole(self.path, msgspec.json.encode(run) + b"\n", fresh=False)
        except OSError as error:
            raise KeptRunsError(
                f"a run cannot be written to {str(self.path)!r} ({error.strerror}); earlier ones "
                "are kept: make room, and the same call goes on from them"
            ) from error


def read_runs(path: Path) -> tuple[Head, list[Run]]:
    """Head and runs of a comparison's file. Raises RunsError, and OSError."""
    lines = _lines(path)
    try:
        head = msgspec.json.decode(next(lines, b""), type=Head)
    except msgspec.MsgspecError as error:
        raise KeptRunsError(
            f"{str(path)!r} is no file of compared runs ({error}); name a file that `same` wrote, "
            "or a new one"
        ) from error
    runs = []
    for number, line in enumerate(lines, start=2):
        try:
            runs.append(msgspec.json.decode(line, type=Run))
        except msgspec.MsgspecError as error:
            raise KeptRunsError(
                f"{str(path)!r} line {number} is no run ({error}); take the line out, or begin a "
                "new file"
            ) from error
    return head, runs


def read_stored(path: Path, place: str = "") -> list[tuple[int | None, Mapping[str, Value]]]:
    """(seed, numbers) of every stored run: of one side of a comparison, or of plain lines.

    A plain line is an object of numbers and lists of numbers, with or without its "seed".
    Raises RunsError.
    """
    try:
        text = next(_lines(path), b"")
        if b'"format"' in text:
            _, runs = read_runs(path)
            sides = {run.side for run in runs}
            wanted = place or (sides.pop() if len(sides) == 1 else "")
            if wanted not in PLACES:
                raise RunsError(
                    f"{str(path)!r} holds runs of both sides; say which is meant, "
                    f"{path}:before or {path}:after"
                )
            return [(run.seed, run.values) for run in runs if run.side == wanted]
        return [_plain(path, number, line) for number, line in enumerate(_lines(path), start=1)]
    except OSError as error:
        raise RunsError(
            f"{str(path)!r} cannot be read ({error.strerror}); name a file of stored runs, a line "
            'of JSON each: {"seed": 1, "test_loss": 0.31}'
        ) from error


def _plain(path: Path, number: int, line: bytes) -> tuple[int | None, Mapping[str, Value]]:
    try:
        found = msgspec.json.decode(line, type=dict[str, Value])
    except msgspec.MsgspecError as error:
        raise RunsError(
            f"{str(path)!r} line {number} is no run ({error}); a line is an object of numbers, as "
            '{"seed": 1, "test_loss": 0.31}'
        ) from error
    seed = found.pop("seed", None)
    return int(seed) if isinstance(seed, float | int) else None, found


def _lines(path: Path) -> Iterator[bytes]:
    if path.stat().st_size > LARGEST:
        raise RunsError(f"{str(path)!r} is larger than {LARGEST >> 20} MiB; split it")
    with path.open("rb") as stream:
        yield from (line for line in stream if line.strip())


def _check(path: Path, kept: Head, head: Head) -> None:
    """Raise RunsError where the kept runs belong to another question, or another function."""
    if kept == head:
        return
    for place in PLACES:
        before, now = getattr(kept, place), getattr(head, place)
        if before.digest != now.digest:
            raise KeptRunsError(
                f"{str(path)!r} holds runs of another {place}, {before.name} [{before.digest}], "
                f"and this one is {now.name} [{now.digest}]; its runs are kept as they are: name "
                "another file, or go back to what was compared"
            )
    if kept.within != head.within:
        raise KeptRunsError(
            f"{str(path)!r} was begun within {_listed(kept.within)}, and a margin that is chosen "
            f"after a look at the runs errs more often; keep it, or begin a new file for "
            f"{_listed(head.within)}"
        )
    rest = [
        f"{name}={getattr(kept, name)!r}"
        for name in ("same", "changed", "salt", "paired")
        if getattr(kept, name) != getattr(head, name)
    ]
    if rest:
        raise KeptRunsError(
            f"{str(path)!r} was begun with {', '.join(rest)}; go on with the same, or begin a new "
            "file"
        )


def _listed(within: Sequence[str]) -> str:
    return ", ".join(map(repr, within))
