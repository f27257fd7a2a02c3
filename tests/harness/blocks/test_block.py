"""One block: what a claim's function is given, what is kept of what it says, and its limits."""

import dataclasses
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import PathFinder
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from examples import toys
from harness.blocks import block as measurement
from harness.blocks import task
from harness.blocks.block import is_found_by_name, measure, measure_named, warning_filters
from harness.blocks.streams import Stream, block_stream
from harness.blocks.task import ORIGIN, Filter
from harness.data.fashion_mnist import Images
from harness.declaration.exhibits import Curve, Grid, Histogram, Line, Measured, Statistic
from harness.failures import RemoteError
from harness.text import Text
from tests.harness import measured_blocks as blocks
from tests.harness.measured_blocks import (
    PLAIN,
    UntoldError,
    a_claim_warns,
    block_of,
    measured_by,
    worker_task,
)


def test_a_claim_is_given_what_it_asks_for_and_nothing_else() -> None:
    def everything(
        relu: Any, p: float, replicates: int, device: str, stream: Stream, images: Any
    ) -> Any:
        return relu, p, replicates, device, stream, images

    def the_role_alone(relu: Any) -> Any:
        return ()

    given = measured_by(everything, given={"p": st.just(0.5)}, block=7)
    block = measure(given, dataclasses.replace(PLAIN, setting={"p": 0.5}))
    relu, p, replicates, device, stream, images = block.summary

    assert relu(torch.tensor([-1.0, 2.0])).tolist() == [0.0, 2.0]
    assert (p, replicates, device, block.index) == (0.5, 7, "cpu", 3)
    assert stream == block_stream("salt", "toy-block", '{"p":0.5}', "cpu", 3)
    assert isinstance(images, Images)
    assert measure(measured_by(the_role_alone), PLAIN).summary == ()


def test_a_replacement_is_measured_in_the_role_s_place() -> None:
    def a_role_is_said(relu: Any) -> Any:
        return (relu,)

    def mine(x: Any) -> Any:
        return x

    one = measured_by(a_role_is_said)
    by_name = dataclasses.replace(PLAIN, replaced={"relu": "examples.toy_faults:nothing"})
    by_object = dataclasses.replace(
        PLAIN, replaced={"relu": "examples.toy_faults:nothing"}, objects={"relu": mine}
    )

    assert measure(one, by_name).summary[0] is not measure(one, PLAIN).summary[0]
    assert measure(one, by_object).summary[0](5) == 5


def test_the_images_of_two_sources_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(source: Any) -> Any:
        loaded.append(str(source))
        return SimpleNamespace(of=source)

    def images_are_said(relu: Any, images: Any) -> Any:
        return (images.of,)

    monkeypatch.setattr("harness.data.fashion_mnist.load_images", load)
    task._images.cache_clear()
    one = measured_by(images_are_said)
    try:
        for source in ("slice", "full", "slice", "a/folder", "slice", "full"):
            (said,) = measure(one, dataclasses.replace(PLAIN, images=source)).summary
            assert str(said) == source
    finally:
        task._images.cache_clear()

    # The slice was used last when the folder came, and full when it was asked for again.
    assert loaded == ["slice", "full", "a/folder", "full"]


def test_tensors_reach_the_kind_as_arrays_through_tuples_and_mappings() -> None:
    single = torch.tensor([0.1, 0.5], requires_grad=True)
    said = {"pair": (single, torch.tensor([True, False])), "plain": [1, 2]}

    kept = block_of(Measured(said)).summary

    assert kept["pair"][0].dtype == np.float64
    assert kept["pair"][0].tolist() == [float(np.float32(0.1)), 0.5]
    assert kept["pair"][1].dtype == np.bool_
    assert kept["plain"] == [1, 2]
    assert block_of(said).digest == block_of(Measured(said)).digest


def test_a_digest_is_of_values_names_and_shapes() -> None:
    values = np.arange(6.0)
    different = [
        values, values + 1e-15, values.reshape(2, 3), values.astype(np.float32), {"a": values},
        {"b": values}, {"a": values, "b": values}, (values, values), (values, values + 1),
        (values + 1, values), {"a": (values,), "b": values + 1},
    ]  # fmt: skip

    assert len({block_of(said).digest for said in different}) == len(different)
    # A tuple is its items, one after the other, so that of one item is that item.
    assert block_of((values,)).digest == block_of(values).digest


def test_a_digest_does_not_depend_on_where_values_lie() -> None:
    values = np.arange(6.0)
    turned = {"b": values, "a": values[:2]}

    assert block_of({"a": values[:2], "b": values}).digest == block_of(turned).digest
    assert block_of(np.arange(12.0)[::2]).digest == block_of(2 * values).digest
    assert block_of(torch.arange(6.0)).digest == block_of(values).digest
    assert block_of(values.reshape(2, 3).T).digest == block_of(values.reshape(2, 3).T.copy()).digest


def test_exhibits_travel_as_arrays_of_doubles() -> None:
    line = Line(Text("a", "甲"), torch.ones(2, 3))
    exhibits = (
        Curve(Text("c", "曲线"), torch.arange(3), (line, line)),
        Statistic("s", torch.ones(2, 2)),
        Histogram(Text("h", "直方图"), [[1, 2]]),
        Grid(Text("g", "格"), torch.ones(2, 2), columns=2),
    )

    curve, statistic, histogram, grid = block_of(Measured((), *exhibits)).exhibits

    assert [type(one) for one in (curve, statistic, histogram, grid)] == [
        Curve, Statistic, Histogram, Grid,
    ]  # fmt: skip
    arrays = [curve.x, *(one.y for one in curve.lines)]
    arrays += [statistic.values, histogram.values, grid.values]
    assert [one.shape for one in arrays] == [(3,), (2, 3), (2, 3), (4,), (2,), (4,)]
    assert {(type(one), one.dtype) for one in arrays} == {(np.ndarray, np.dtype(np.float64))}


def test_a_block_says_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([5.0, 7.5])
    monkeypatch.setattr(measurement, "time", SimpleNamespace(perf_counter=clock.__next__))
    assert block_of(()).seconds == 2.5


def test_tasks_and_blocks_are_not_written_to() -> None:
    for one in (PLAIN, block_of(())):
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.index = 4  # type: ignore[misc]


# Workers look claims up by their names, and take over what is an error where the task came from


def test_a_claim_is_found_by_its_name_where_its_module_has_it() -> None:
    assert is_found_by_name(a_claim_warns)
    assert not is_found_by_name(toys.coin(0.5))  # made by a function
    renamed = dataclasses.replace(a_claim_warns, id="other")
    assert not is_found_by_name(renamed)  # the name is another's


def test_a_claim_of_a_module_that_is_gone_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, blocks.__name__)
    assert not is_found_by_name(a_claim_warns)


def test_a_claim_is_not_found_where_no_path_leads_to_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where pytest loaded the file by its path, and gave it a name."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [PathFinder])

    assert not is_found_by_name(a_claim_warns)


def test_a_worker_has_the_warning_filters_of_the_process_that_asks() -> None:
    old = ("ignore", "an old", DeprecationWarning, "", 0)
    every = ("always", "", Warning, "", 0)

    def heard(*filters: Filter, origin: str = "elsewhere") -> Any:
        return measure_named(worker_task("a_claim_warns", filters=filters, origin=origin)).summary

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = list(warnings.filters)
        told, other, none = heard(old, every), heard(every, old), heard()
        mine = heard(every, origin=ORIGIN)
        assert list(warnings.filters) == before

    assert told == ["a plain one"]
    assert other == ["an old name", "a plain one"]  # the first that fits decides
    assert none == []  # without any, what holds here holds
    assert mine == []  # a thread of the process that asks touches no filter


def test_an_error_of_a_worker_can_travel_and_one_of_this_process_is_itself() -> None:
    with pytest.raises(UntoldError):
        measure_named(worker_task("a_claim_raises"))
    with pytest.raises(RemoteError, match="1 and 2") as caught:
        measure_named(worker_task("a_claim_raises", origin="elsewhere"))

    assert caught.value.type_name == "UntoldError"
    assert caught.value.__cause__ is None


def test_warning_filters_travel_as_plain_text_without_pytest_s_own() -> None:
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.filterwarnings("error", "numb.*", RuntimeWarning, "numpy", 7)
        warnings.simplefilter("ignore", pytest.PytestWarning)
        warnings.simplefilter("always", UserWarning)
        warnings.filters.append(("once", None, (UserWarning,), None, 0))  # type: ignore
        found = warning_filters()

    assert found == (
        ("always", "", UserWarning, "", 0),
        ("error", "numb.*", RuntimeWarning, "numpy", 7),
        ("once", "", Warning, "", 0),
    )


def test_a_worker_measures_one_block_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = most = 0

    def counted(*_: Any) -> Any:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.01)
        inside -= 1

    monkeypatch.setattr(measurement, "measure", counted)
    task = worker_task("a_claim_warns", origin="elsewhere")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(measure_named, [task] * 3))

    assert most == 1
