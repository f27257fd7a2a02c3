"""Streams: equal names give equal draws, other names other and uncorrelated ones."""

import dataclasses
import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.blocks import streams
from harness.blocks.streams import Stream, block_stream, named_seed

NAMES = ("salt", "claim", '{"p":0.5}', "cpu", 0)


def test_the_same_names_give_the_same_draws_in_numpy_and_torch() -> None:
    first, second = block_stream(*NAMES), block_stream(*NAMES)

    assert np.array_equal(first.numpy().random(8), second.numpy().random(8))
    torch = pytest.importorskip("torch")
    one, other = (torch.rand(8, generator=stream.torch()) for stream in (first, second))
    assert torch.equal(one, other)


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


@pytest.mark.parametrize("place", range(5))
def test_blocks_of_an_index_share_a_stream_whichever_claim_they_are_of(place: int) -> None:
    changed = list(NAMES)
    changed[place] = "other" if place < 4 else 1
    one, other = (block_stream(*names).shared("nets", 0.5) for names in (NAMES, changed))

    assert (one == other) == (place in (1, 2))  # its claim, and the claim's setting
    assert one != block_stream(*NAMES).shared("nets", 0.2)
    assert one.shared("nets", 0.5) == one


def test_a_stream_that_is_no_block_s_shares_nothing() -> None:
    assert Stream(b"1").shared("nets") == Stream(b"1")


def test_streams_of_blocks_are_uncorrelated() -> None:
    streams = [block_stream("s", "c", "{}", "cpu", i) for i in range(64)]
    draws = np.stack([stream.numpy().random(4096) for stream in streams])
    correlations = np.asarray(np.corrcoef(draws))[np.triu_indices(64, 1)]

    # 2016 correlations of standard deviation 1/64: 6 deviations are passed once in 250 000 runs.
    assert np.abs(correlations).max() < 6 / 64


def test_seeds_fit_into_63_bits() -> None:
    assert 0 <= Stream(b"\xff" * 32).seed() < 2**63
    assert 0 <= named_seed("a", "b") < 2**63


def test_lone_surrogates_are_names_too() -> None:
    assert block_stream("\ud800", "c", "{}", "cpu", 0) != block_stream("?", "c", "{}", "cpu", 0)


def test_a_stream_is_the_hash_of_its_names_and_lengths_and_stays_so() -> None:
    # Were any of these numbers another one, every digest of every record would be void.
    stream = block_stream("salt", "claim", '{"p":0.5}', "cpu", 7)
    state = hashlib.sha256()
    for name in (b"salt", b"claim", b'{"p":0.5}', b"cpu", b"7"):
        state.update(len(name).to_bytes(8, "big") + name)

    assert stream.key == state.digest()
    assert stream.seed() == int.from_bytes(state.digest()[:8], "big") // 2 == 2407606849291064425
    assert stream.numpy().integers(0, 1000, 4).tolist() == [548, 330, 698, 55]
    assert named_seed("salt", "claim", "settings") == 3511927698363910282


def test_numpy_is_seeded_with_all_of_the_key() -> None:
    words = np.frombuffer(bytes(range(32)), dtype=">u4").tolist()
    generator = np.random.Generator(np.random.SFC64(np.random.SeedSequence(words)))
    assert Stream(bytes(range(32))).numpy().random(4).tolist() == generator.random(4).tolist()


def test_torch_is_loaded_by_who_asks_for_its_generator() -> None:
    assert not hasattr(streams, "torch")


def test_torch_has_the_seed_of_the_stream() -> None:
    pytest.importorskip("torch")
    stream = block_stream(*NAMES)
    assert stream.torch().initial_seed() == stream.seed()


def test_a_stream_is_its_key_and_not_written_to() -> None:
    stream = Stream(b"1")

    assert (stream, hash(stream)) == (Stream(b"1"), hash(Stream(b"1")))
    with pytest.raises(dataclasses.FrozenInstanceError):
        stream.key = b"2"  # type: ignore[misc]


def test_a_stream_stands_in_for_the_process_and_puts_its_state_back() -> None:
    import torch

    before = torch.get_rng_state()
    drawn = []
    for _ in range(2):
        with block_stream("salt", "claim", "setting", "cpu", 0).in_place_of_the_process():
            drawn.append(torch.nn.Dropout(0.5)(torch.ones(64)))

    assert torch.equal(drawn[0], drawn[1])
    assert torch.equal(torch.get_rng_state(), before)
