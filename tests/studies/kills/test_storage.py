"""The disk: full, read-only, or written to by two runs at once."""

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.records.lock import FolderInUseError, FolderLock
from studies.kills.toy import Toy, coin
from tests.checkout import ROOT
from tests.processes import PATIENCE

USAGE_ERROR = 4
COINS = [coin(n) for n in range(6)]
WAITS = (
    "import pathlib, time; "
    "[time.sleep(0.02) for _ in iter(lambda: pathlib.Path('go').exists(), True)]"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 16 kB, where this process may mount one."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode != 0:
        pytest.skip("no file system can be mounted here; a limit on file sizes stands in for it")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def assert_that_it_stopped(toy: Toy, status: int, text: str, file: Path) -> None:
    """The run ended with one sentence, its records are whole."""
    assert status == USAGE_ERROR, text
    assert "earlier ones are kept" in text
    assert "Traceback" not in text
    kept = toy.results(file)
    assert 0 < len(kept) < len(COINS)
    assert set(toy.witnessed()) <= set(kept)


def test_a_full_disk_keeps_whole_records_and_says_so(tmp_path: Path, small_disk: Path) -> None:
    toy = Toy(tmp_path / "toy", *COINS)
    option = f"--claims-output={small_disk}"

    status, text = toy.run(option)

    assert "No space left on device" in text
    assert_that_it_stopped(toy, status, text, small_disk / "records.jsonl")


def test_a_file_that_may_not_grow_keeps_whole_records_and_is_gone_on_with(tmp_path: Path) -> None:
    toy = Toy(tmp_path / "toy", *COINS)
    whole = Toy(tmp_path / "whole", *COINS)
    whole.run("-q")
    most = len(whole.records_file.read_bytes()) // 2

    process = toy.start()
    # Not in a function between fork and exec: threads of this process may hold locks there.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
    text, _ = process.communicate(timeout=PATIENCE)

    assert "File too large" in text
    assert_that_it_stopped(toy, process.returncode, text, toy.records_file)
    status, text = toy.run("--claims-continue")
    assert status == 0, text
    assert toy.results() == whole.results()


def test_a_read_only_folder_is_told_before_anything_runs(tmp_path: Path, small_disk: Path) -> None:
    toy = Toy(tmp_path / "toy", *COINS)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    status, text = toy.run(f"--claims-output={small_disk / 'out'}")

    assert status == USAGE_ERROR, text
    assert "give a folder that can be with --claims-output" in text
    assert toy.witnessed() == []


@pytest.mark.parametrize("options", [(), ("--claims-continue",), ("-n", "1")], ids=str)
def test_two_runs_in_one_folder_are_kept_apart(tmp_path: Path, options: tuple[str, ...]) -> None:
    toy = Toy(tmp_path / "toy", coin(1, before=WAITS), coin(2))
    first = toy.start("-q", f"--claims-block-limit={PATIENCE:g}")
    deadline = time.monotonic() + PATIENCE
    lock = toy.folder / "out" / "records.lock"
    while not (lock.exists() and lock.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)

    second = Toy(tmp_path / "toy", coin(3))
    status, text = second.run("toy.py::coin_3_shows_heads", *options)
    (toy.folder / "go").touch()
    first_text, _ = first.communicate(timeout=PATIENCE)

    assert status == USAGE_ERROR, text
    said = re.search(r"another run \(process (\d+), since [\d :-]+ UTC\) writes its records", text)
    assert said is not None, text
    assert int(said[1]) == first.pid
    assert first.returncode == 0, first_text
    assert set(toy.results()) == {"toy-coin-1", "toy-coin-2"}


def test_a_folder_is_free_again_after_a_run_and_for_a_look_around(tmp_path: Path) -> None:
    toy = Toy(tmp_path / "toy", coin(1))
    lock = FolderLock(toy.folder / "out")
    lock.take()

    assert toy.run("--collect-only", "-q")[0] == 0
    assert toy.run("-q")[0] == USAGE_ERROR
    lock.release()
    assert toy.run("-q")[0] == 0


def test_a_lock_is_one_process_s_alone_and_ends_with_it(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from harness.records.lock import FolderLock\n"
        "lock = FolderLock(Path(sys.argv[1]))\nlock.take()\n"
        "print('held', flush=True)\ntime.sleep(60)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"

    with pytest.raises(FolderInUseError, match=f"process {other.pid}"):
        FolderLock(tmp_path).take()
    other.kill()
    other.communicate()
    mine = FolderLock(tmp_path)
    mine.take()
    mine.take()

    assert str(os.getpid()) in mine.file.read_text()
    mine.release()
