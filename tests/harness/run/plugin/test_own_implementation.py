"""An implementation of the user's own on the command line: files, narrowing, known failures."""

import datetime
import shutil
from pathlib import Path

import pytest

from harness.records.record import NOTHING_JUDGED
from studies.kills.toy import COIN
from tests.harness.run.plugin.conftest import Suite

DROPOUT = """
@claim("toy-kept", "Dropout keeps a value or drops it", "玩具论断",
       given={"dtype": st.just("float32")},
       always=({"dtype": "bfloat16"},), holds=exactly_equal(),
       draws=1, block=1, seconds=0.001, **COMMON)
def dropout_keeps_or_drops(dropout, dtype, stream):
    import torch
    h = torch.ones(4, 4, dtype=getattr(torch, dtype))
    dropped = dropout(h, 0.5, stream.torch())
    return np.where((dropped == 0) | (dropped == 2), 0.0, np.inf)

@claim("toy-eval", "Out of training dropout is the identity", "玩具论断",
       holds=exactly_equal(), block=1, seconds=0.001, **COMMON)
def dropout_is_the_identity(dropout, stream):
    import torch
    h = torch.ones(4, 4)
    return np.where(dropout(h, 0.5, stream.torch(), training=False) == h, 0.0, np.inf)
"""
RELU = """
@claim("toy-relu", "The identity is one", "玩具论断",
       holds=exactly_equal(), block=1, seconds=0.001, **COMMON)
def the_identity_is_one(relu, stream):
    import torch
    h = torch.ones(4)
    return np.where(relu(h) == h, 0.0, np.inf)
"""
USAGE_ERROR = 4
TOY = "dropout=examples.toy_faults:"
TOY_MODE = f"--claims-implementation={TOY}knows_no_mode"
NEXT_YEAR = datetime.date.today() + datetime.timedelta(days=365)


def known(id: str, role: str = "dropout", expiry: datetime.date = NEXT_YEAR) -> str:
    return (
        f'[[known_failure]]\nid = "{id}"\nrole = "{role}"\nreason = "issue 12"\nexpiry = {expiry}\n'
    )


def test_only_the_claims_about_the_roles_on_trial_are_examined(suite: Suite) -> None:
    run = suite(f"--claims-implementation={TOY}knows_no_bfloat16", claims=DROPOUT + COIN)

    assert set(run.results) == {"toy-kept", "toy-eval"}
    assert "only those that take dropout" in run.words
    assert "1 deselected" in run.words


@pytest.mark.parametrize(
    "options",
    [("--claims-only=toy-kept,toy-coin",), ("--claims-only=toy-kept", "--claims-only=toy-coin")],
)
def test_several_claims_may_be_named(suite: Suite, options: tuple[str, ...]) -> None:
    run = suite(*options, claims=DROPOUT + COIN)
    assert set(run.results) == {"toy-kept", "toy-coin"}


def test_what_is_lacking_at_a_setting_is_set_aside_and_said(suite: Suite) -> None:
    run = suite(f"--claims-implementation={TOY}knows_no_bfloat16", claims=DROPOUT)

    trials = next(r for r in run.records if r["claim"] == "toy-kept")["settings"]
    assert [trial["verdict"] for trial in trials] == ["NOT APPLICABLE", "CONFIRMED"]
    assert trials[0]["lacks"] == "there is no bfloat16 here"
    assert run.results["toy-kept"][0] == "CONFIRMED"
    said = "at 1 of 2 settings (the others are not applicable: there is no bfloat16 here)"
    assert said in run.words


COMPILED = """
import torch

@torch.compile
def kept(h, p, generator):
    dropped = torch.rand(h.shape, generator=generator) < p
    return torch.where(dropped, torch.zeros_like(h), h / (1 - p))

def dropout(h, p, generator, training=True):
    return kept(h, p, generator) if training else h
"""  # as inductor compiles it, with threads of its own
NO_REPLAY = '[[device]]\nname = "cpu"\nreplays = false\n'


@pytest.mark.skipif(shutil.which("c++") is None, reason="there is no compiler")
def test_what_is_compiled_is_judged_where_nothing_replays(
    suite_apart: Suite, tmp_path: Path
) -> None:
    (tmp_path / "compiled.py").write_text(COMPILED)
    (tmp_path / "devices.toml").write_text(NO_REPLAY)
    on_trial = "--claims-implementation=dropout=compiled:dropout"

    run = suite_apart(
        on_trial, "--claims-capabilities=devices.toml", "--claims-executor=serial", "-Werror",
        claims=DROPOUT, TORCHINDUCTOR_CACHE_DIR=str(tmp_path / "cache"),
    )  # fmt: skip

    assert {name: verdict for name, (verdict, *_) in run.results.items()} == {
        "toy-kept": "CONFIRMED", "toy-eval": "CONFIRMED",
    }, run.text  # fmt: skip


def test_a_missing_capability_is_not_applicable_and_no_pass(suite: Suite) -> None:
    run = suite(f"--claims-implementation={TOY}knows_no_mode", "-rs", claims=DROPOUT)

    assert run.results["toy-eval"][0] == "NOT APPLICABLE"
    assert run.status == 0
    assert "1 passed, 1 not applicable" in run.words
    assert "takes no argument 'training'" in run.words


@pytest.mark.parametrize(("options", "says"), [
    ((TOY_MODE, "-k", "toy-eval"), "one claim, NOT APPLICABLE ("),
    ((TOY_MODE, "-k", "toy-eval", "-n", "1"), "one claim, NOT APPLICABLE ("),
    ((TOY_MODE, "-k", "nothing"), "no claim was left to examine; name other claims"),
    (("--claims-only=toy-coin", "-k", "toy-eval"), "no claim was left to examine"),
    (("--claims-device=cpu", "-k", "nothing"), "no claim was left to examine"),
])  # fmt: skip
def test_a_run_that_judges_nothing_has_a_status_of_its_own(
    suite: Suite, options: tuple[str, ...], says: str
) -> None:
    run = suite(*options, claims=DROPOUT + COIN)

    assert run.status == NOTHING_JUDGED, run.text
    (said,) = (line for line in run.text.splitlines() if "was judged: " in line)
    assert said.startswith("nothing")
    assert says in said
    assert "all as expected" not in run.text


def test_an_object_that_no_claim_calls_is_no_pass(suite: Suite) -> None:
    run = suite("--claims-implementation=relu=examples.toy_faults:nothing", claims=COIN)

    assert run.status == 1
    assert run.results["toy-coin"][0] == "ERROR"
    assert run.records[0]["calls"] == {"relu": 0}
    assert "the object of role 'relu' (examples.toy_faults:nothing) was never called" in run.words


def test_a_role_about_which_nothing_is_judged_is_told_beside_another(suite: Suite) -> None:
    both = ("--claims-implementation=relu=examples.toy_faults:nothing", TOY_MODE)

    run = suite(*both, claims=DROPOUT)

    assert run.status == 0
    run = suite(*both, "-k", "toy-eval or toy-relu", claims=DROPOUT + RELU)
    assert run.status == NOTHING_JUDGED
    assert "nothing about dropout was judged" in run.words


@pytest.mark.parametrize("options", [("--collect-only",), ("-k", "test_plain")])
def test_a_run_of_other_tests_keeps_its_status(suite: Suite, options: tuple[str, ...]) -> None:
    run = suite(*options, claims=COIN + "\ndef test_plain():\n    pass\n")
    assert run.status == 0
    assert "was judged" not in run.text


@pytest.mark.parametrize("option", ["--claims-implementation", "--claims-implementation-file"])
def test_a_file_names_the_implementation(suite: Suite, tmp_path: Path, option: str) -> None:
    (tmp_path / "mine.toml").write_text(
        '[implementation]\ndropout = "examples.toy_faults:knows_no_bfloat16"\n'
    )

    run = suite(f"{option}=mine.toml", claims=DROPOUT)

    assert run.status == 0, run.text
    assert run.records[0]["implementation"] == {"dropout": "examples.toy_faults:knows_no_bfloat16"}


@pytest.mark.parametrize(("content", "says"), [
    ("[implementation", "is not TOML"), ("[implementations]", "unknown field `implementations`"),
    ("[implementation]\ndropout = 3", 'give it as "MODULE:ATTR"'),
    ('[implementation]\ndropuot = "a:b"', "did you mean 'dropout'?"),
    ('[[known_failure]]\nid = "toy-kept"\n', "missing required field `role`"),
    (known("toy-kep"), "names no claim; the nearest is 'toy-kept'"),
    (known("toy-kept", "relu"), "which that claim does not take"),
    (known("toy-kept", expiry=datetime.date(2020, 1, 1)), "expired on 2020-01-01"),
])  # fmt: skip
def test_a_wrong_file_is_one_sentence(
    suite: Suite, tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "mine.toml").write_text(content)

    run = suite("--claims-implementation=mine.toml", claims=DROPOUT)

    assert run.status == USAGE_ERROR, run.text
    assert says in run.words
    assert "Traceback" not in run.text


def test_a_missing_file_is_told(suite: Suite) -> None:
    run = suite("--claims-implementation=none.toml")
    assert run.status == USAGE_ERROR
    assert "'none.toml' cannot be read" in run.words


def test_a_known_failure_is_expected_and_stays_on_the_record(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(known("toy-kept") + known("toy-eval"))

    run = suite(
        f"--claims-implementation={TOY}returns_a_wrong_dtype",
        "--claims-known-failures=known.toml",
        claims=DROPOUT,
    )

    assert run.status == 0, run.text
    assert "2 known failures" in run.words
    assert run.results["toy-kept"][0] == "ERROR"
    assert run.records[0]["known_failure"]["reason"] == "issue 12"


def test_a_known_failure_that_no_longer_fails_is_an_error(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(known("toy-eval"))

    run = suite(
        f"--claims-implementation={TOY}knows_no_bfloat16",
        "--claims-known-failures=known.toml",
        claims=DROPOUT,
    )

    assert run.status == 1
    assert "take the entry out" in run.words


def test_an_unknown_name_is_neither_a_role_nor_an_entry_point(suite: Suite) -> None:
    run = suite("--claims-implementation=mypackage")
    assert run.status == USAGE_ERROR
    assert "is not of the form ROLE=MODULE:ATTR" in run.words


def test_an_entry_point_names_the_implementation(suite: Suite, tmp_path: Path) -> None:
    info = tmp_path / "mypackage-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mypackage\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[chapter_and_verse.implementations]\nmypackage = mypackage:ROLES\n"
    )
    (tmp_path / "mypackage.py").write_text(
        'ROLES = {"dropout": "examples.toy_faults:knows_no_bfloat16"}\n'
    )

    run = suite("--claims-implementation=mypackage", claims=DROPOUT)

    assert run.status == 0, run.text
    assert run.records[0]["implementation"] == {"dropout": "examples.toy_faults:knows_no_bfloat16"}
