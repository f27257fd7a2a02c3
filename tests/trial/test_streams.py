"""Streams: equal names give equal draws, other names other and uncorrelated ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.trial.streams import Stream, block_stream, named_seed

NAMES = ("salt", "claim", '{"p":0.5}', "cpu", 0)


def test_the_same_names_give_the_same_draws_in_numpy_and_torch() -> None:
    first, second = block_stream(*NAMES), block_stream(*NAMES)

    assert np.array_equal(first.numpy().random(8), second.numpy().random(8))
    torch = pytest.importorskip("torch")
    assert torch.equal(
        torch.rand(8, generator=first.torch()), torch.rand(8, generator=second.torch())
    )


@pytest.mark.parametrize("place", range(5))
def test_every_name_changes_the_stream(place: int) -> None:
    changed = list(NAMES)
    changed[place] = "other" if place < 4 else 1

    assert block_stream(*changed) != block_stream(*NAMES)  # type: ignore[arg-type]


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_names_are_not_glued_together(a: str, b: str, c: str, d: str) -> None:
    same = block_stream(a, b, "", "", 0) == block_stream(c, d, "", "", 0)

    assert same == ((a, b) == (c, d))


def test_children_differ_from_each_other_and_from_the_parent() -> None:
    parent = block_stream(*NAMES)
    streams = [parent, parent.child("a"), parent.child("b"), parent.child("a", 1)]

    assert len({stream.key for stream in streams}) == 4


def test_streams_of_blocks_are_uncorrelated() -> None:
    draws = np.stack(
        [block_stream("s", "c", "{}", "cpu", i).numpy().random(4096) for i in range(64)]
    )
    correlations = np.asarray(np.corrcoef(draws))[np.triu_indices(64, 1)]

    # 2016 correlations of standard deviation 1/64: 6 deviations are passed once in 250 000 runs.
    assert np.abs(correlations).max() < 6 / 64


def test_seeds_fit_into_63_bits() -> None:
    assert 0 <= Stream(b"\xff" * 32).seed() < 2**63
    assert 0 <= named_seed("a", "b") < 2**63


def test_lone_surrogates_are_names_too() -> None:
    assert block_stream("\ud800", "c", "{}", "cpu", 0) != block_stream("?", "c", "{}", "cpu", 0)
