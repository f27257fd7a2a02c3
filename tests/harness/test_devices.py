"""Devices are named without loading torch where no GPU can be, and checked at the door."""

import time

import pytest

from harness import devices
from harness.devices import (
    DeviceError,
    available,
    check,
    describe,
    hints_at_gpu,
    synchronize,
    timer,
)
from tests.processes import printed

needs_gpu = pytest.mark.skipif(
    len(available()) == 1, reason="no GPU here: the CUDA timer is not verified on this machine"
)


def test_the_processor_is_always_there() -> None:
    assert available()[0] == "cpu"
    assert check("cpu") == "cpu"
    assert "logical cores" in describe("cpu")


@pytest.mark.parametrize("visible", ["", "-1"])
def test_naming_devices_without_a_visible_gpu_does_not_load_torch(visible: str) -> None:
    code = (
        "import sys; from harness import devices; devices.describe('cpu'); devices.timer('cpu'); "
        "print(devices.available(), 'torch' in sys.modules)"
    )

    assert printed("-c", code, CUDA_VISIBLE_DEVICES=visible) == "('cpu',) False"


@pytest.mark.parametrize(
    ("visible", "hint"), [("", False), ("-1", False), (" ", False), ("0", True), ("0,1", True)]
)
def test_the_variable_alone_hints_at_a_gpu(visible: str, hint: bool) -> None:
    assert hints_at_gpu({"CUDA_VISIBLE_DEVICES": visible}) is hint


def test_a_device_file_alone_hints_at_a_gpu(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path_factory.mktemp("dev") / "nvidia0"
    monkeypatch.setattr(devices, "GPU_FILES", (str(file),))

    assert not hints_at_gpu({})
    file.touch()
    assert hints_at_gpu({})


@pytest.mark.parametrize("name", ["cuda:99", "mps:7", "meta", "privateuseone"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(DeviceError, match=r"is here; there is: cpu.*--claims-device") as caught:
        check(name)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cdua:1", "did you mean 'cuda'?"),
        ("MPS", "did you mean 'mps'?"),
        ("cuda:x", "did you mean 'cuda'?"),
        ("", "it knows cpu, cuda,"),
        ("openreg", "is known once torch loads that package"),
    ],
)
def test_a_device_that_torch_does_not_know_is_refused_with_the_nearest(
    name: str, says: str
) -> None:
    with pytest.raises(DeviceError, match="torch knows no device named") as caught:
        check(name)
    assert repr(name) in str(caught.value)
    assert says in str(caught.value)


def test_an_accelerator_of_any_kind_is_taken_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "accelerators", lambda: ("mps:0",))

    assert check("mps") == check("mps:0") == "mps:0"
    with pytest.raises(DeviceError, match="no device named 'xpu' is here; there is: cpu, mps:0"):
        check("xpu")


def test_cuda_alone_means_the_first_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "accelerators", lambda: ("cuda:0",))
    assert check("cuda") == "cuda:0"


def test_the_processor_is_timed_by_the_performance_counter() -> None:
    synchronize("cpu")
    assert timer("cpu") is time.perf_counter


@needs_gpu
def test_the_gpu_timer_waits_for_the_work() -> None:
    import torch

    clock = timer("cuda:0")
    a = torch.ones(4096, 4096, device="cuda:0")
    (a @ a).sum().item()  # warm-up: the first product loads the library
    start = clock()
    for _ in range(20):
        a @ a
    launched = time.perf_counter() - start
    finished = clock() - start

    assert torch.cuda.current_stream().query()
    assert finished >= launched
