"""Clocks, rates and machine facts of the timings, by the documented hooks of pytest-benchmark.

CodSpeed brings the same fixture `benchmark` but none of these hooks, and no clock that waits for a
GPU: under it the hooks rest and the CUDA rows are skipped.
"""

import os
from typing import Any

import pytest

from benchmarks.limits import fraction
from benchmarks.timing import CPU_ROUND, CUDA_ROUND, rates
from harness import devices

# Seconds of rounds for a row, beyond the least number of rounds. Many short processes tell more
# about a change than one long one, so a comparison asks for less.
LONGEST = float(os.environ.get("CLAIMS_BENCHMARK_SECONDS", "0.3"))
LINES = pytest.StashKey[list[str]]()
collect_ignore = ["peers"]  # programs of their own; importing them would load every framework


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give every row its clock: the CUDA rows one that waits for the device."""
    # The second is that of `python -m reports compare-timings`.
    names = ("benchmark", "chapter-and-verse-interleaved")
    clocks = any(config.pluginmanager.hasplugin(name) for name in names)
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if item.path.parent != config.rootpath / "benchmarks":
            continue
        device = parameters.get("device", devices.CPU)
        if device == devices.CPU:
            item.add_marker(pytest.mark.benchmark(min_time=CPU_ROUND, max_time=LONGEST))
        elif item.get_closest_marker("skip"):
            continue
        elif clocks:
            clock = {"timer": devices.timer(device), "min_time": CUDA_ROUND}
            item.add_marker(pytest.mark.benchmark(max_time=LONGEST, **clock))
        else:
            reason = "the fixture in use has no clock that waits for a GPU"
            item.add_marker(pytest.mark.skip(reason=f"{reason}; use pytest-benchmark"))


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Add what a timing depends on: devices, libraries and threads."""
    import numpy
    import torch

    machine_info["devices"] = {name: devices.describe(name) for name in devices.available()}
    machine_info["numpy"] = numpy.__version__
    machine_info["torch"] = torch.__version__
    machine_info["cuda"] = torch.version.cuda
    machine_info["torch_threads"] = torch.get_num_threads()
    machine_info["affinity"] = len(os.sched_getaffinity(0))


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_json(config: pytest.Config, output_json: dict[str, Any]) -> None:
    """Add to each row's extra_info the rates and the share of the device's limits."""
    lines = []
    for row in output_json["benchmarks"]:
        work, median = row["extra_info"], row["stats"]["median"]
        work.update(rates(work, median))
        device = (row["params"] or {}).get("device", devices.CPU)
        reached = fraction(work, median, device)
        if reached is not None:
            work["fraction_of_limit"] = reached
        lines.append(_line(row["name"], work))
    config.stash[LINES] = lines


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the rates of the run."""
    lines = config.stash.get(LINES, [])
    if lines:
        terminalreporter.section("rates, from the median wall time")
        for line in lines:
            terminalreporter.write_line(line)


def _line(name: str, work: dict[str, Any]) -> str:
    columns = [f"{work['replica_steps_per_second']:>10.3g} replica-steps/s"]
    if "flop_per_second" in work:
        columns.append(f"{work['flop_per_second'] / 1e9:>8.3g} GFLOP/s")
    if "bytes_per_second" in work:
        columns.append(f"{work['bytes_per_second'] / 1e9:>8.3g} GB/s")
    if "fraction_of_limit" in work:
        columns.append(f"{100 * work['fraction_of_limit']:>5.3g} % of the limit")
    if "device_seconds" in work:
        columns.append(f"{work['device_seconds'] * 1e6:>8.3g} us between CUDA events")
    return f"{name:<64} " + "  ".join(columns)
