"""Experiments: measured once for all who read them, by whichever process, and read as copies."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.blocks import experiment as kept
from harness.blocks.experiment import experiment
from harness.blocks.streams import Stream, block_stream
from harness.implementation.calls import counted_calls, kept_calls, note_call
from harness.training.history import LinearHistory, kept_histories
from tests.processes import python

Measured = list[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_kept", type(kept._kept)())


def stream_of(claim: str = "one", index: int = 0, folder: Path | str = "") -> Stream:
    """What a block of the claim shares with others, under one name."""
    return block_stream("salt", claim, "{}", "cpu", index, folder=str(folder)).shared("tosses")


def tosses(measured: Measured) -> Callable[..., Any]:
    """An experiment that notes what it is measured with."""

    @experiment
    def tossed(replicates: int, stream: Stream, relu: Any = abs, **given: Any) -> Any:
        measured.append((replicates, relu, given))
        note_call("relu", (), {})
        return {"tosses": stream.numpy().random(replicates)}

    return tossed


def test_claims_read_what_was_measured_once() -> None:
    measured: Measured = []
    tossed = tosses(measured)

    first, second = (tossed(8, stream_of(claim))["tosses"] for claim in ("one", "other"))

    np.testing.assert_array_equal(first, stream_of("third").numpy().random(8))
    np.testing.assert_array_equal(first, second)
    assert len(measured) == 1


def test_another_block_size_setting_or_role_is_another_experiment() -> None:
    measured: Measured = []
    tossed = tosses(measured)

    for _ in range(2):
        tossed(8, stream_of())
        tossed(9, stream_of())
        tossed(8, stream_of(index=1))
        tossed(8, stream_of(), relu=max)
        tossed(8, stream_of(), noise=0.5)

    assert measured == [
        (8, abs, {}), (9, abs, {}), (8, abs, {}), (8, max, {}), (8, abs, {"noise": 0.5}),
    ]  # fmt: skip


def test_objects_of_one_name_are_told_apart() -> None:
    measured: Measured = []
    tossed = tosses(measured)

    def guarded(function: Any) -> Any:
        def call() -> Any:
            return function()

        call.under_test, call.__wrapped__ = "mine:dropout", function  # type: ignore[attr-defined]
        return call

    one, other = (lambda: 1), (lambda: 2)
    for role in (guarded(one), guarded(one), guarded(other)):
        tossed(8, stream_of(), relu=role)

    assert len(measured) == 2


def test_a_reader_cannot_change_what_another_one_reads() -> None:
    tossed = tosses([])
    before = tossed(8, stream_of())["tosses"].copy()

    tossed(8, stream_of())["tosses"][:] = 7

    np.testing.assert_array_equal(tossed(8, stream_of())["tosses"], before)


def test_tensors_are_read_bit_for_bit_and_in_their_layout() -> None:
    torch = pytest.importorskip("torch")

    @experiment
    def drawn(stream: Stream) -> Any:
        return torch.rand(4, 6, generator=stream.torch()).mT, torch.arange(3)

    for turned, counted in (drawn(stream_of()) for _ in range(2)):
        again = torch.rand(4, 6, generator=stream_of().torch()).mT
        assert torch.equal(turned, again)
        assert turned.stride() == again.stride()
        assert counted.tolist() == [0, 1, 2]


def test_every_reader_has_called_the_objects_on_trial() -> None:
    tossed = tosses([])
    for _ in range(2):
        with counted_calls() as calls:
            tossed(8, stream_of())
        assert calls == {"relu": 1}


def test_every_reader_is_shown_what_trained() -> None:
    @experiment
    def trained(stream: Stream) -> LinearHistory:
        one = np.ones((2, 1))
        return LinearHistory.of(np.array([1]), one, one, one, None, "none")

    for _ in range(2):
        with kept_histories() as histories:
            run = trained(stream_of())
        assert len(histories) == 1
        assert histories[0] is run


def test_who_looks_at_calls_has_them_made() -> None:
    measured: Measured = []
    tossed = tosses(measured)
    tossed(8, stream_of())

    with kept_calls() as calls:
        tossed(8, stream_of())

    assert (len(measured), len(calls)) == (2, 1)


def test_a_stream_that_is_no_block_s_shares_nothing() -> None:
    measured: Measured = []
    tossed = tosses(measured)
    for _ in range(2):
        tossed(8, Stream(b"alone").shared("tosses"))
    assert len(measured) == 2


def test_each_reader_has_an_error_of_its_own_and_its_calls() -> None:
    @experiment
    def fails(stream: Stream) -> Any:
        note_call("relu", (), {})
        raise ValueError("no")

    errors = []
    for _ in range(2):
        with counted_calls() as calls, pytest.raises(ValueError, match="no") as raised:
            fails(stream_of())
        errors.append(raised.value)
        assert calls == {"relu": 1}
    assert errors[0] is not errors[1]


def test_memory_is_bounded_and_what_was_read_last_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: Measured = []
    tossed = tosses(measured)
    monkeypatch.setattr(kept, "MOST", 20_000)  # two of them

    for index in (0, 1, 0, 2, 0, 1):
        tossed(1000, stream_of(index=index))

    assert len(measured) == 4
    assert sum(map(len, kept._kept.values())) <= 20_000


def test_processes_of_a_run_read_what_one_has_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: Measured = []
    tossed, folder = tosses(measured), tmp_path / "run"
    first = tossed(8, stream_of(folder=folder))

    monkeypatch.setattr(kept, "_kept", type(kept._kept)())  # another process
    second = tossed(8, stream_of("other", folder=folder))

    np.testing.assert_array_equal(first["tosses"], second["tosses"])
    assert len(measured) == 1
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_no_other_process_can_name_is_not_left_for_it(tmp_path: Path) -> None:
    tosses([])(8, stream_of(folder=tmp_path), relu=lambda: None)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    measured: Measured = []
    (tmp_path / "file").write_text("")
    assert tosses(measured)(8, stream_of(folder=tmp_path / "file"))["tosses"].shape == (8,)
    assert len(measured) == 1


PROGRAM = """
import os, signal, sys
from harness.blocks.experiment import experiment
from harness.blocks.streams import block_stream

@experiment
def tossed(stream):
    if sys.argv[1] == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    return stream.seed()

stream = block_stream("salt", sys.argv[1], "{}", "cpu", 0, folder="run").shared("tosses")
print(tossed(stream))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_worker_that_dies_while_it_measures_leaves_it_to_the_next(tmp_path: Path) -> None:
    first, *others = (python("-c", PROGRAM, word, folder=tmp_path) for word in ("dies", "a", "b"))

    assert first.returncode == -signal.SIGKILL
    assert [done.stdout.strip() for done in others] == [str(stream_of().seed())] * 2, others
