"""The default salt follows from what the claims say, and from nothing else."""

import shutil
from pathlib import Path

import pytest

from harness.declaration import relations
from harness.declaration.texts import FOLDER, digest_of_the_texts, margins, salt_of_the_texts


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "claims"))


def test_the_same_texts_give_the_same_salt(texts: Path) -> None:
    assert salt_of_the_texts(texts) == salt_of_the_texts()
    assert salt_of_the_texts().startswith("texts-")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("dropout/layer.py", "Dropout preserves", "Dropout preserved"),
        ("polynomial_regression/cubic.py", "400", "401"),  # an epoch count
        ("polynomial_regression/cubic.py", "margin=0.25", "margin=0.26"),  # a margin
        ("weight_decay/experiments/linear_models.py", '"""', '""" '),
        ("costs.tsv", "8192", "8193"),
    ],
)
def test_one_character_of_a_claim_an_experiment_or_a_cost_changes_it(
    texts: Path, file: str, old: str, new: str
) -> None:
    before = digest_of_the_texts(texts)
    text = (texts / file).read_text(encoding="utf-8")
    assert old in text

    (texts / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    assert digest_of_the_texts(texts) != before


def test_naming_what_a_claim_compares_changes_nothing(texts: Path) -> None:
    before = digest_of_the_texts(texts)
    (texts / "compared.tsv").write_text("", encoding="utf-8")
    assert digest_of_the_texts(texts) == before


def test_a_default_margin_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_of_the_texts(FOLDER)
    assert "more_often_than_not.margin=0.4" in margins()

    monkeypatch.setattr(relations, "INSIDE", 0.2)

    assert digest_of_the_texts(FOLDER) != before


def test_faults_and_the_contents_leave_the_samples_alone(texts: Path) -> None:
    before = digest_of_the_texts(texts)

    (texts / "dropout" / "faults" / "layer.py").write_text("", encoding="utf-8")
    (texts / "contents.py").write_text("", encoding="utf-8")

    assert digest_of_the_texts(texts) == before


def test_line_ends_of_a_checkout_leave_the_samples_alone(texts: Path) -> None:
    before = digest_of_the_texts(texts)
    file = texts / "dropout" / "layer.py"

    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    assert digest_of_the_texts(texts) == before
