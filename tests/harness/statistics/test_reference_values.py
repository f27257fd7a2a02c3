"""Every reference value is what the engine gives: exact values, limits and refusals."""

import dataclasses

import pytest

from tests.harness.statistics.reference_values.tables import (
    ENGINE,
    differ,
    import_engine,
    modules,
    names,
    reference_values,
    value_of,
)


@pytest.mark.parametrize("module", modules())
def test_the_engine_gives_the_reference_values(module: str) -> None:
    where = names(module)

    rows = [(said, value_of(said, where), kept) for said, kept in reference_values(module)]

    assert [row for row in rows if differ(row[1], row[2])] == []
    assert rows


def test_a_value_that_is_off_is_seen() -> None:
    assert differ(1.0 + 1e-7, 1.0)
    assert not differ(1.0 + 1e-12, 1.0)
    assert differ([1.0, 2.0], [1.0])
    assert differ({"a": 1}, {"a": 2})
    assert differ(True, 1)


@pytest.mark.parametrize("module", sorted(file.stem for file in ENGINE.rglob("[!_]*.py")))
def test_everything_that_is_a_dataclass_is_frozen(module: str) -> None:
    found = vars(import_engine(module)).values()
    classes = [one for one in found if isinstance(one, type) and dataclasses.is_dataclass(one)]
    assert [one for one in classes if not one.__dataclass_params__.frozen] == []  # type: ignore[attr-defined]
