"""Bad input ends in one clear sentence with the next step, and nothing is lost."""

import gzip
import os
import re
from pathlib import Path

import pytest

from studies.kills.toy import COIN, RATE
from tests.checkout import ROOT
from tests.harness.run.plugin.conftest import Suite

USAGE_ERROR = 4

DROPOUT = """
@claim("toy-dropout", "Dropout keeps the shape", "玩具论断",
       holds=exactly_equal(), block=1, seconds=0.001, **COMMON)
def dropout_keeps_the_shape(dropout, stream):
    import torch
    return np.zeros(dropout(torch.ones(4, 4), 0.5, stream.torch()).dim())
"""


@pytest.mark.parametrize(("option", "says"), [
    ("--claims-profile=fast", "there are: dev, ci, deep"),
    ("--claims-salt=", "--claims-salt is empty"),
    ("--claims-device=cuda:7", "no device named 'cuda:7' is here; there is: cpu"),
    ("--claims-device=mps:7", "no device named 'mps:7' is here; there is: cpu"),
    ("--claims-device=cdua", "torch knows no device named 'cdua'; did you mean 'cuda'?"),
    ("--claims-capabilities=no.toml", "cannot be read"),
    ("--claims-only=toy-cion", "names no claim; the nearest are: toy-coin"),
    ("--claims-executor=threads", "give 'serial', 'processes', 'processes:N'"),
    ("--claims-executor=processes:0", "give 'serial', 'processes', 'processes:N'"),
    ("--claims-block-limit=0", "give a positive number of seconds"),
    ("--claims-implementation=dropuot=a:b", "did you mean 'dropout'?"),
    ("--claims-implementation=dropout", "is not of the form ROLE=MODULE:ATTR"),
    ("--claims-implementation=dropout=nowhere:f", "the module 'nowhere' does not import"),
    ("--claims-implementation=dropout=examples.toy_faults:missing", "has no attribute 'missing'"),
    ("--claims-implementation=dropout=examples.toy_faults:not_callable", "not something to call"),
    ("--claims-implementation=dropout=examples.toy_faults:two_arguments", "does not take"),
    ("--claims-data=no/such/folder", "is not a folder"),
])  # fmt: skip
def test_a_wrong_option_is_a_sentence_before_any_run(suite: Suite, option: str, says: str) -> None:
    run = suite(option)

    assert run.status == USAGE_ERROR, run.text
    errors = [line for line in run.text.splitlines() if line.startswith("ERROR")]
    assert len(errors) == 1
    assert says in errors[0]
    assert "Traceback" not in run.text


def test_a_damaged_data_folder_is_told_by_file_and_fault(suite: Suite, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x08\x09" + b"\0" * 12))

    run = suite(f"--claims-data={folder}")

    assert run.status == USAGE_ERROR
    assert "train-" in run.words
    assert "Traceback" not in run.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_output_folder_is_told_before_any_run(suite: Suite, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)

    run = suite(f"--claims-output={folder / 'out'}")

    assert run.status == USAGE_ERROR
    assert "--claims-output" in run.words


def test_an_output_that_is_a_file_is_told_before_any_run(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    run = suite("--claims-output=taken")

    assert run.status == USAGE_ERROR
    assert "give a folder that can be with --claims-output" in run.words


@pytest.mark.parametrize(("fault", "says"), [
    ("raises", "RuntimeError"), ("returns_nan", "NaN or infinity"),
    ("returns_a_wrong_shape", "return the input's shape"),
    ("returns_a_wrong_dtype", "return the input's dtype"),
    ("returns_nothing", "returned shape nothing"), ("never_returns", "as 'dropout' hangs"),
    ("changes_its_input", "as 'dropout' changed its input"),
    ("returns_a_view", "as 'dropout' returned a view of its input"),
    ("draws_from_torch", "as 'dropout' changed the state of torch's global generator"),
    ("draws_from_numpy", "as 'dropout' changed the state of NumPy's global generator"),
    ("draws_from_python", "as 'dropout' changed the state of Python's global generator"),
    ("leaves_a_thread", "as 'dropout' left a thread running"),
])  # fmt: skip
def test_a_broken_primitive_is_an_error_not_refuted(
    suite: Suite, suite_apart: Suite, fault: str, says: str
) -> None:
    leaves_traces = fault in ("never_returns", "leaves_a_thread")

    run = (suite_apart if leaves_traces else suite)(
        f"--claims-implementation=dropout=examples.toy_faults:{fault}",
        "--claims-block-limit=2",
        "--claims-all",
        claims=DROPOUT + COIN,
    )

    assert run.status == 1, run.text
    assert run.results["toy-dropout"][0] == "ERROR"
    assert run.results["toy-coin"][0] == "CONFIRMED"
    assert says in run.words


@pytest.mark.parametrize(("fault", "says"), [
    ('"toy-coin", "A coin"', "holds"),
    ("source=", "names no source"), ("expected=", "lacks a twin or the reason"),
    ("sentence", "has no sentence"), ("spelling", "has no part 'sauce'; did you mean 'source'?"),
    ("inside=", "bounds its settings but states no condition"),
    ("argument", "no primitive named 'dropuot'; did you mean 'dropout'?"),
])  # fmt: skip
def test_a_claim_declared_wrongly_is_an_error_at_collection_with_file_and_line(
    suite: Suite, fault: str, says: str
) -> None:
    changed = {
        '"toy-coin", "A coin"': COIN.replace("holds=more_often_than_not()", "holds=None"),
        "source=": COIN.replace("**COMMON", '**{**COMMON, "source": " "}'),
        "expected=": COIN.replace("block=4", "block=4, expected=Verdict.REFUTED"),
        "sentence": COIN.replace('"A coin of 95 % shows heads"', '" "'),
        "spelling": COIN.replace("**COMMON", "sauce='a test', **COMMON"),
        "inside=": COIN.replace("block=4", "block=4, inside=lambda n: n > 0"),
        "argument": COIN.replace("(relu, ", "(relu, dropuot, "),
    }[fault]

    run = suite(claims=changed)

    assert run.status != 0
    assert says in run.words
    assert "toy.py:" in run.words


INSIDE = """block=4, condition=Text("of at least 8 throws", "至少八次"), given={given},
    always=({{"throws": {always}}},), inside=lambda {name}: {name} >= 8"""


@pytest.mark.parametrize(("given", "always", "name", "says"), [
    ("{'throws': counts(8, 9)}", 7, "throws", "is examined at {'throws': 7}, outside its"),
    ("{'throws': counts(1, 7)}", 8, "throws", "outside its condition (of at least 8 throws)"),
    ("{'throws': counts(8, 9)}", 8, "coins", "has a condition on coins but sets throws"),
])  # fmt: skip
def test_a_setting_outside_its_condition_is_an_error_at_collection_with_file_and_line(
    suite: Suite, given: str, always: int, name: str, says: str
) -> None:
    bounded = INSIDE.format(given=given, always=always, name=name)
    coin = COIN.replace("block=4", bounded).replace("(relu, ", "(relu, throws, ")

    run = suite(claims="from harness.declaration.strategies import counts\n" + coin)

    assert run.status != 0
    assert says in run.words
    assert "toy.py:" in run.words
    assert not run.results


def test_an_id_given_twice_is_an_error_at_collection(suite: Suite) -> None:
    run = suite(claims=COIN + RATE.replace("toy-rate", "toy-coin"))
    assert run.status == USAGE_ERROR
    assert re.search(r"the id 'toy-coin' is already taken at \S*toy.py:\d+; give each", run.text)


def test_a_twin_that_is_not_there_is_an_error_at_collection(suite: Suite) -> None:
    twin = 'expected=Verdict.REFUTED, twin="toy-none", why=Text("it is so", "如此"), block=4'

    run = suite(claims=COIN.replace("block=4", twin))

    assert run.status == USAGE_ERROR
    assert "names the twin 'toy-none', which does not exist" in run.words


def test_the_suite_is_where_the_tests_think_it_is() -> None:
    assert (ROOT / "claims").is_dir()
