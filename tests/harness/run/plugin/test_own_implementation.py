"""An implementation of the user's own on the command line: files, narrowing, known failures."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tests.harness.run.plugin.conftest import COIN, Suite

DROPOUT = """
@claim("toy-kept", "Dropout keeps a value or drops it", "玩具主张",
       given={"dtype": st.just("float32")},
       always=({"dtype": "bfloat16"},), holds=exactly_equal(),
       draws=1, block=1, seconds=0.001, **COMMON)
def dropout_keeps_or_drops(dropout, dtype, stream):
    import torch
    h = torch.ones(4, 4, dtype=getattr(torch, dtype))
    dropped = dropout(h, 0.5, stream.torch())
    return np.where((dropped == 0) | (dropped == 2), 0.0, np.inf)

@claim("toy-eval", "Out of training dropout is the identity", "玩具主张",
       holds=exactly_equal(), block=1, seconds=0.001, **COMMON)
def dropout_is_the_identity(dropout, stream):
    import torch
    h = torch.ones(4, 4)
    return np.where(dropout(h, 0.5, stream.torch(), training=False) == h, 0.0, np.inf)
"""
USAGE_ERROR = 4
TOY = "dropout=tests.harness.toy_faults:"
NEXT_YEAR = datetime.date.today() + datetime.timedelta(days=365)


def known(id: str, role: str = "dropout", expiry: datetime.date = NEXT_YEAR) -> str:
    return (
        f'[[known_failure]]\nid = "{id}"\nrole = "{role}"\nreason = "issue 12"\nexpiry = {expiry}\n'
    )


def test_only_the_claims_about_the_roles_on_trial_are_examined(suite: Suite) -> None:
    run = suite(f"--claims-implementation={TOY}knows_no_bfloat16", claims=DROPOUT + COIN)

    assert set(run.results) == {"toy-kept", "toy-eval"}
    assert "only those that take dropout" in run.text
    assert "1 deselected" in run.text


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


def test_a_missing_capability_is_not_applicable_and_no_pass(suite: Suite) -> None:
    run = suite(f"--claims-implementation={TOY}knows_no_mode", "-rs", claims=DROPOUT)

    assert run.results["toy-eval"][0] == "NOT APPLICABLE"
    assert run.status == 0
    assert "1 passed, 1 not applicable" in run.text
    assert "takes no argument 'training'" in run.text


@pytest.mark.parametrize("option", ["--claims-implementation", "--claims-implementation-file"])
def test_a_file_names_the_implementation(suite: Suite, tmp_path: Path, option: str) -> None:
    (tmp_path / "mine.toml").write_text(
        '[implementation]\ndropout = "tests.harness.toy_faults:knows_no_bfloat16"\n'
    )

    run = suite(f"{option}=mine.toml", claims=DROPOUT)

    assert run.status == 0, run.text
    assert run.records[0]["implementation"] == {
        "dropout": "tests.harness.toy_faults:knows_no_bfloat16"
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[implementation", "is not TOML"),
        ("[implementations]", "there are the table [implementation]"),
        ("[implementation]\ndropout = 3", 'give it as "MODULE:ATTR"'),
        ('[implementation]\ndropuot = "a:b"', "did you mean 'dropout'?"),
        ('[[known_failure]]\nid = "toy-kept"\n', "lacks 'role'"),
        (known("toy-kep"), "names no claim; the nearest is 'toy-kept'"),
        (known("toy-kept", "relu"), "which that claim does not take"),
        (known("toy-kept", expiry=datetime.date(2020, 1, 1)), "expired on 2020-01-01"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence(
    suite: Suite, tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "mine.toml").write_text(content)

    run = suite("--claims-implementation=mine.toml", claims=DROPOUT)

    assert run.status == USAGE_ERROR, run.text
    assert says in run.text
    assert "Traceback" not in run.text


def test_a_missing_file_is_told(suite: Suite) -> None:
    run = suite("--claims-implementation=none.toml")

    assert run.status == USAGE_ERROR
    assert "'none.toml' cannot be read" in run.text


def test_a_known_failure_is_expected_to_fail_and_stays_on_the_record(
    suite: Suite, tmp_path: Path
) -> None:
    (tmp_path / "known.toml").write_text(known("toy-kept") + known("toy-eval"))

    run = suite(
        f"--claims-implementation={TOY}returns_a_wrong_dtype",
        "--claims-known-failures=known.toml",
        claims=DROPOUT,
    )

    assert run.status == 0, run.text
    assert "2 known failures" in run.text
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
    assert "take the entry out" in run.text


def test_an_unknown_name_is_neither_a_role_nor_an_entry_point(suite: Suite) -> None:
    run = suite("--claims-implementation=mypackage")

    assert run.status == USAGE_ERROR
    assert "is not of the form ROLE=MODULE:ATTR" in run.text


def test_an_entry_point_names_the_implementation(suite: Suite, tmp_path: Path) -> None:
    info = tmp_path / "mypackage-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mypackage\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[chapter_and_verse.implementations]\nmypackage = mypackage:ROLES\n"
    )
    (tmp_path / "mypackage.py").write_text(
        'ROLES = {"dropout": "tests.harness.toy_faults:knows_no_bfloat16"}\n'
    )

    run = suite("--claims-implementation=mypackage", claims=DROPOUT)

    assert run.status == 0, run.text
    assert run.records[0]["implementation"] == {
        "dropout": "tests.harness.toy_faults:knows_no_bfloat16"
    }
