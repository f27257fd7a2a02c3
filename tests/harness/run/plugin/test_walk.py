"""The walk from a sentence to a record: items, header, summary, records, and the same samples."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studies.kills.toy import COIN, IMPORTS, RATE, interrupts_heeded
from tests.checkout import ROOT
from tests.harness.run.plugin.conftest import Suite
from tests.processes import PATIENCE, printed

BIASED = (
    COIN.replace("toy-coin", "toy-biased")
    .replace("a_coin_", "a_biased_coin_")
    .replace("< 0.95", "< 0.05")
)
UNDECIDED = (
    COIN.replace("toy-coin", "toy-between")
    .replace("a_coin_", "a_coin_between_")
    .replace("< 0.95", "< 0.7")
    .replace("more_often_than_not()", "more_often_than_not(cap=8)")
)
SLOW = """
@claim("toy-slow", "A slow coin shows heads", "玩具论断",
       holds=more_often_than_not(), block=1, seconds=0.001, **COMMON)
def a_slow_coin_shows_heads(relu, replicates, stream):
    import pathlib, time
    pathlib.Path("begun").touch()
    time.sleep(0.6)
    return stream.numpy().random(replicates) < 0.95
"""


SHARED = """
from harness.blocks.experiment import experiment

@experiment
def tossed(replicates, stream):
    with open("measured.txt", "a") as file:
        print(stream.key.hex(), file=file)
    return stream.numpy().random(replicates)

@claim("toy-below", "Most tosses are below 0.95", "玩具论断",
       holds=more_often_than_not(), block=8, seconds=0.001, **COMMON)
def most_tosses_are_below(relu, replicates, stream):
    return tossed(replicates, stream.shared("tosses")) < 0.95

@claim("toy-above", "Most tosses are above 0.05", "玩具论断",
       holds=more_often_than_not(), block=8, seconds=0.001, **COMMON)
def most_tosses_are_above(relu, replicates, stream):
    return tossed(replicates, stream.shared("tosses")) > 0.05
"""


def test_an_expected_verdict_passes_and_leaves_a_record(suite: Suite) -> None:
    run = suite(claims=COIN + RATE)

    assert run.status == 0, run.text
    assert {name: r[0] for name, r in run.results.items()} == {
        "toy-coin": "CONFIRMED",
        "toy-rate": "CONFIRMED",
    }
    for key in ("expected", "salt", "device", "estimate", "interval", "rerun"):
        assert key in run.records[0]


def test_the_header_names_implementation_device_profile_salt_and_budget(suite: Suite) -> None:
    run = suite()
    for shown in ("implementation reference", "devices cpu", "profile ci", "1e-06", "torch "):
        assert shown in run.words


def test_a_refuted_claim_fails_with_its_sentence_evidence_and_command(suite: Suite) -> None:
    run = suite(claims=BIASED)

    assert run.status == 1
    for shown in ("REFUTED, expected CONFIRMED", "玩具论断", "evidence", "python -m pytest"):
        assert shown in run.text


def test_an_undecided_claim_fails_with_what_would_decide_it(suite: Suite) -> None:
    run = suite(claims=UNDECIDED)

    assert run.status == 1
    assert run.results["toy-between"][0] == "UNDECIDED"
    assert "more replicates are predicted" in run.text or "points neither way" in run.text
    assert run.records[0]["settings"][0]["summary"]


def test_the_same_salt_gives_the_same_samples_in_every_order_and_process(suite: Suite) -> None:
    claims = COIN + RATE
    serial = suite(claims=claims).results

    assert suite("-n", "2", claims=claims).results == serial
    assert suite("--claims-executor=processes:2", claims=claims).results == serial
    alone = suite("-k", "toy-rate", claims=claims).results
    assert alone == {"toy-rate": serial["toy-rate"]}


def test_a_worker_writes_as_wide_as_the_run_s_terminal(suite_apart: Suite, tmp_path: Path) -> None:
    worker = 'if hasattr(config, "workerinput"): os.environ["COLUMNS"] = "120"'
    with (tmp_path / "conftest.py").open("a") as conftest:
        conftest.write(f"import os\ndef pytest_configure(config):\n    {worker}\n")

    text = suite_apart("-n", "1", claims=BIASED, COLUMNS="50").text

    told = text.partition("REFUTED, expected CONFIRMED")[2].partition("\n  repeat")[0].splitlines()
    assert len(told) > 5
    assert max(map(len, told)) <= 50


def test_claims_share_an_experiment_wherever_they_are_examined(
    suite: Suite, tmp_path: Path
) -> None:
    def measured() -> set[str]:
        streams = (tmp_path / "measured.txt").read_text().split()
        (tmp_path / "measured.txt").unlink()
        assert len(set(streams)) == len(streams)  # once each
        return set(streams)

    whole = suite("--claims-executor=serial", claims=SHARED + COIN).results
    needed = measured()
    without = suite(claims=COIN).results["toy-coin"]

    assert whole["toy-coin"] == without  # who shares nothing has the samples that it had
    for options in (("-n", "2"), ("--claims-executor=processes:2",)):
        assert suite(*options, claims=SHARED + COIN).results == whole
        assert measured() >= needed  # workers may be a block ahead of the evidence
    alone = suite("--claims-only=toy-above", claims=SHARED + COIN)
    assert alone.results == {"toy-above": whole["toy-above"]}
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "records.jsonl", "records.lock",
    ]  # fmt: skip


def test_random_order_changes_nothing(suite: Suite) -> None:
    pytest.importorskip("pytest_randomly")
    claims = COIN + RATE + BIASED
    serial = suite(claims=claims).results

    shuffled = suite("-p", "randomly", claims=claims)

    assert "--randomly-seed=" in shuffled.text
    assert shuffled.results == serial


def test_another_salt_gives_other_samples(suite: Suite) -> None:
    first = suite("--claims-salt=a", claims=RATE).results["toy-rate"][2]
    second = suite("--claims-salt=b", claims=RATE).results["toy-rate"][2]
    assert first != second


def test_the_rerun_command_repeats_the_record(suite: Suite, tmp_path: Path) -> None:
    first = suite(claims=COIN).records[0]

    command = first["rerun"].split(" ")
    again = suite(command[3].strip("'"), *command[4:], claims=COIN).records[0]

    assert again["digest"] == first["digest"]


def test_last_failed_runs_only_what_failed(suite: Suite) -> None:
    suite(claims=COIN + BIASED)
    again = suite("--lf", claims=COIN + BIASED)
    assert list(again.results) == ["toy-biased"]


def cut_off(folder: Path, how: signal.Signals) -> str:
    """What a run prints that a signal ends in its third claim, whose two first are recorded."""
    (folder / "conftest.py").write_text('pytest_plugins = ["harness.run.plugin"]\n')
    (folder / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npython_files = ["toy*.py"]\n'
        'addopts = "--import-mode=importlib"\n'
    )
    (folder / "toy.py").write_text(IMPORTS + COIN + RATE + SLOW)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    records = folder / "out" / "records.jsonl"

    with interrupts_heeded():
        running = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-p", "no:randomly", "-q"],
            cwd=folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (folder / "begun").exists():
            break
        time.sleep(0.05)
    running.send_signal(how)
    told, _ = running.communicate()

    finished = [json.loads(line)["claim"] for line in records.read_text().splitlines()]
    assert finished == ["toy-coin", "toy-rate"]
    return told


def test_kill_leaves_every_finished_claim_in_the_records(tmp_path: Path) -> None:
    assert "records:" not in cut_off(tmp_path, signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_cut_off_says_which_claim_it_was_at(
    tmp_path: Path, how: signal.Signals
) -> None:
    told = cut_off(tmp_path, how)

    assert "cut off while examining toy-slow (toy.py::a_slow_coin_shows_heads[cpu]);" in told
    assert "2 claims: 2 confirmed" in told


def test_collecting_the_suite_loads_neither_torch_nor_scipy() -> None:
    script = (
        "import pytest, sys\n"
        "status = pytest.main(['--collect-only', '-q', 'claims'])\n"
        "heavy = [m for m in ('torch', 'scipy', 'sklearn', 'jax') if m in sys.modules]\n"
        "sys.exit(f'{status} {heavy}' if heavy or status else 0)\n"
    )

    printed("-c", script)


def test_a_continued_run_keeps_what_is_finished_and_decides_what_was_not(suite: Suite) -> None:
    claims = COIN + UNDECIDED
    salt = "--claims-salt=walk"
    first = suite(salt, claims=claims).results
    for _ in range(8):
        last = suite(salt, "--claims-continue", claims=claims).results
        if last["toy-between"][0] != "UNDECIDED":
            break

    unbroken = suite(salt, claims=claims.replace("cap=8", "cap=1024")).results

    assert first["toy-between"][0] == "UNDECIDED" != last["toy-between"][0]
    # Continued trial by trial or in one go: the same verdict, replicates and samples.
    assert last["toy-between"] == unbroken["toy-between"]
    assert last["toy-coin"] == first["toy-coin"]


def test_a_half_written_record_is_dropped_and_its_claim_examined_again(suite: Suite) -> None:
    whole = suite(claims=COIN + RATE)
    file = whole.folder / "out" / "records.jsonl"
    before = whole.results
    file.write_bytes(file.read_bytes()[:-40])

    again = suite("--claims-continue", claims=COIN + RATE)

    assert again.results == before
    assert again.status == 0


def test_dev_leaves_costly_claims_out_of_whole_folders_and_says_so(suite: Suite) -> None:
    costly = COIN.replace("toy-coin", "toy-costly").replace("a_coin_shows", "a_costly_coin_shows")
    claims = COIN + costly.replace("seconds=0.001", "seconds=1")

    whole = suite("--claims-profile=dev", claims=claims)
    assert set(whole.results) == {"toy-coin"}
    assert "1 deselected" in whole.text
    assert "all of them with --claims-all" in whole.words
    for options in (["toy.py"], ["--claims-all"]):
        named = suite("--claims-profile=dev", *options, claims=claims)
        assert set(named.results) == {"toy-coin", "toy-costly"}
