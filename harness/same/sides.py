"""The sides of a comparison: a function of a seed or a stream, or a file of stored runs."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from harness.blocks.streams import block_stream
from harness.implementation.source import short
from harness.records.compared_runs import PLACES, RunsError, read_stored
from harness.same.digests import code_of, name_of

Function = Callable[..., Any]
Given = Function | str | PathLike[str]


@dataclass(frozen=True)
class Side:
    """One side: its name, a digest of what its runs are computed by, and a run.

    `run` is given the pair's place and its seed. `seeds` are those of stored runs, by place, which
    are all that there are; None where a run does not say which it had. `unseen` says in words what
    of its code the digest cannot see.
    """

    name: str
    digest: str
    run: Callable[[int, int | None], Any]
    seeds: Sequence[int | None] | None = None
    unseen: str = ""


def side_of(given: Given) -> Side:
    """The side of a function or of a file. Raises RunsError for a file that cannot be read."""
    if not callable(given):
        return stored_side(given)
    takes_stream = _parameters(given)[:1] == ["stream"]

    def run(pair: int, seed: int | None) -> Any:
        return given(block_stream(str(seed), "same", "", "", 0) if takes_stream else seed)

    code = code_of(given)
    return Side(name_of(given), code.digest, run, unseen=code.unseen)


def _parameters(function: Function) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except ValueError:  # of a function that is not Python's
        return []


def stored_side(given: str | PathLike[str]) -> Side:
    """The side of a file of stored runs: "FILE", "FILE:before" or "FILE:after"."""
    path, place = str(given), ""
    for name in PLACES:
        if path.endswith(f":{name}"):
            path, place = path.removesuffix(f":{name}"), name
    stored = read_stored(Path(path), place)
    if not stored:
        raise RunsError(f"{path!r} holds no run; store some, or name another file")
    by_seed = {seed: values for seed, values in stored if seed is not None}
    seeds = [seed for seed, _ in stored]
    if twice := [seed for seed in by_seed if seeds.count(seed) > 1]:
        raise RunsError(
            f"{path!r} has several runs of seed {twice[0]}, which are no independent runs; keep "
            "one line of each seed"
        )

    def run(pair: int, seed: int | None) -> Any:
        return by_seed[seed] if seed in by_seed else stored[pair][1]

    return Side(str(given), short(Path(path).read_bytes()), run, seeds)
