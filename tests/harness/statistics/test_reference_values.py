"""Every figure that is kept is what the engine gives: exact values, limits and refusals."""

import dataclasses
import importlib
from pathlib import Path

import pytest

import harness.statistics
from tests.harness.statistics.figures.tables import differ, figures, modules, names, value_of

HERE = Path(harness.statistics.__path__[0])


@pytest.mark.parametrize("module", modules())
def test_the_engine_gives_the_figures_that_are_kept(module: str) -> None:
    where = names(module)

    rows = [(said, value_of(said, where), kept) for said, kept in figures(module)]

    assert [row for row in rows if differ(row[1], row[2])] == []
    assert rows


def test_a_figure_that_is_off_is_seen() -> None:
    assert differ(1.0 + 1e-7, 1.0)
    assert not differ(1.0 + 1e-12, 1.0)
    assert differ([1.0, 2.0], [1.0])
    assert differ({"a": 1}, {"a": 2})
    assert differ(True, 1)


@pytest.mark.parametrize("module", sorted(file.stem for file in HERE.glob("[!_]*.py")))
def test_everything_that_is_a_dataclass_is_frozen(module: str) -> None:
    found = vars(importlib.import_module(f"harness.statistics.{module}")).values()
    classes = [one for one in found if isinstance(one, type) and dataclasses.is_dataclass(one)]

    assert [one for one in classes if not one.__dataclass_params__.frozen] == []  # type: ignore[attr-defined]
