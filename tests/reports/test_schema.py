"""The record's schema, and the report's own reading of it against the reference."""

import copy
import random
from typing import Any

import jsonschema
import pytest

from reports.schema import first_violation, record_schema
from tests.reports.synthetic import records

REFERENCE = jsonschema.Draft202012Validator(record_schema())
PLANTED: list[Any] = [None, True, 1, -1, 2.5, 1e300, "", "x", [], [1], [1, 2], {}, {"en": "a"}]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(record_schema())


@pytest.mark.parametrize("record", records(24), ids=lambda record: record["claim"])
def test_realistic_records_fit_the_schema(record: dict[str, Any]) -> None:
    assert list(REFERENCE.iter_errors(record)) == []
    assert first_violation(record) is None


def test_a_record_that_the_harness_writes_fits_the_schema() -> None:
    from harness.records.record import Record

    wanted = set(Record.__dataclass_fields__)

    assert wanted <= set(record_schema()["properties"])


def test_damaged_records_are_judged_as_the_reference_judges_them() -> None:
    dice = random.Random(4)
    judged = {True: 0, False: 0}

    for sound in records(12) * 40:
        damaged = copy.deepcopy(sound)
        _damage(damaged, dice)
        ours = first_violation(damaged) is None
        assert ours == REFERENCE.is_valid(damaged), first_violation(damaged)
        judged[ours] += 1

    assert min(judged.values()) > 50


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "MAYBE"}, "verdict is 'MAYBE', not one of CONFIRMED"),
        ({"sentence": {"zh": "x"}}, "sentence.en is missing"),
        ({"replicates": -3}, "replicates is -3, outside [0, inf]"),
        ({"settings": [{"setting": {}, "verdict": 7}]}, "settings[0].verdict is 7, not one of"),
        ({"claim": ""}, "claim is empty"),
    ],
)
def test_a_violation_says_where_and_what(change: dict[str, Any], message: str) -> None:
    record = {**records(1)[0], **change}

    assert message in str(first_violation(record))


def _damage(value: Any, dice: random.Random) -> None:
    """Walk down at random and replace or remove what is found there."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = dice.choice(keys)
        inner = value[key]
        if isinstance(inner, dict | list) and inner and dice.random() < 0.7:
            value = inner
        elif dice.random() < 0.2:
            del value[key]
            return
        else:
            value[key] = dice.choice(PLANTED)
            return
