"""Processes that die or are told to stop: workers, pools, and the run itself."""

import os
import signal
import time
from pathlib import Path

import pytest

from studies.kills.toy import Toy, coin
from tests.processes import PATIENCE

INTERRUPTED = 2
# Dies once: the second time the marker is there. SIGKILL is what the kernel's memory killer sends.
DIES = (
    "import os, pathlib, signal; m = pathlib.Path({marker!r}); "
    "m.exists() or (m.write_text('died'), os.kill(os.getpid(), signal.SIGKILL))"
)
LAST = 8
SLOW = "import time; time.sleep(0.1)"


def unbroken(folder: Path, *claims: str) -> Toy:
    """The same claims, without what happens to them, run once."""
    toy = Toy(folder, *claims)
    toy.run("-q")
    return toy


def test_a_worker_killed_under_xdist_costs_its_claim_and_no_other(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    dies = DIES.format(marker=str(tmp_path / "marker"))
    toy = Toy(tmp_path / "toy", coin(1), coin(2, before=dies), coin(3), coin(4))

    status, text = toy.run("-n", "2")

    assert status == 1, text
    assert "crashed while running" in text
    assert "coin_2_shows_heads" in text
    # Which other claims that worker had reported by then is a matter of luck; none is lost.
    assert set(toy.witnessed()) == set(toy.results()) == {f"toy-coin-{n}" for n in (1, 3, 4)}
    status, text = toy.run("--claims-continue")
    assert status == 0, text
    assert toy.results() == unbroken(tmp_path / "whole", *map(coin, (1, 2, 3, 4))).results()


def test_a_worker_killed_in_a_pool_costs_nothing(tmp_path: Path) -> None:
    dies = DIES.format(marker=str(tmp_path / "marker"))
    toy = Toy(tmp_path / "toy", coin(1), coin(2, before=dies), coin(3))

    status, text = toy.run("--claims-executor=processes:2")

    assert status == 0, text
    assert "note: a worker died while block" in text
    assert toy.results() == unbroken(tmp_path / "whole", *map(coin, (1, 2, 3))).results()


def test_a_block_that_kills_each_worker_is_an_error_of_its_claim_alone(tmp_path: Path) -> None:
    dies = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    toy = Toy(tmp_path / "toy", coin(1), coin(2, before=dies), coin(3))

    status, text = toy.run("--claims-executor=processes:2")

    found = toy.results()
    assert status == 1, text
    assert {name: result[0] for name, result in found.items()} == {
        "toy-coin-1": "CONFIRMED",
        "toy-coin-2": "ERROR",
        "toy-coin-3": "CONFIRMED",
    }
    said = " ".join(text.split())  # the terminal breaks long lines
    assert "the worker died of block 0 of 'coin_2_shows_heads', and again" in said
    whole = unbroken(tmp_path / "whole", coin(1), coin(3)).results()
    assert {name: found[name] for name in whole} == whole


def test_memory_that_is_not_there_is_an_error_of_its_claim_alone(tmp_path: Path) -> None:
    toy = Toy(tmp_path / "toy", coin(1, before="np.ones(1 << 58)"), coin(2))

    status, text = toy.run()

    assert status == 1
    assert toy.results()["toy-coin-1"][0] == "ERROR"
    assert toy.results()["toy-coin-2"][0] == "CONFIRMED"
    assert "MemoryError" in text


@pytest.mark.parametrize("executor", ["serial", "processes:2"])
def test_two_interrupts_end_the_run_and_keep_the_finished(tmp_path: Path, executor: str) -> None:
    toy = Toy(tmp_path / "toy", coin(1), *(coin(n, before=SLOW) for n in range(2, LAST + 1)))
    process = toy.start(f"--claims-executor={executor}", start_new_session=True)
    deadline = time.monotonic() + PATIENCE
    while not toy.witnessed() and time.monotonic() < deadline:
        time.sleep(0.05)

    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)  # Ctrl-C reaches the workers too
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    text, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode in (INTERRUPTED, -signal.SIGINT), text
    assert set(toy.witnessed()) <= set(toy.results())
    assert 1 <= len(toy.results()) < LAST
    assert no_process_of(process.pid)
    status, text = toy.run("-q", "--claims-continue")
    assert status == 0, text
    assert len(toy.results()) == LAST


def no_process_of(group: int) -> bool:
    """True once no process of the group is left; workers are given a moment."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
