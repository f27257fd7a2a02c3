"""Records against the schema that is published, as another reader would hold them."""

import copy
import json
import random
from typing import Any

import jsonschema
import pytest

from harness.records import schema
from harness.records.record import OtherVersionError, RecordError, decode
from studies.report.records import records

REFERENCE = jsonschema.Draft202012Validator(json.loads(schema.FILE.read_text(encoding="utf-8")))
PLANTED: list[Any] = [None, True, 1, -1, 2.5, 1e300, "", "x", [], [1], [1, 2], {}, {"en": "a"}]


@pytest.mark.parametrize("record", records(24), ids=lambda record: record["claim"])
def test_realistic_records_fit_the_schema(record: dict[str, Any]) -> None:
    assert list(REFERENCE.iter_errors(record)) == []
    assert decode(json.dumps(record).encode()).claim == record["claim"]


def test_damaged_records_are_judged_as_the_schema_judges_them() -> None:
    dice = random.Random(4)
    judged = {True: 0, False: 0}

    for sound in records(12) * 40:
        damaged = copy.deepcopy(sound)
        _damage(damaged, dice)
        damaged["deciding"] = None  # that it is one of the settings, a schema cannot say
        try:
            ours = bool(decode(json.dumps(damaged).encode()))
        except (RecordError, OtherVersionError):
            ours = False
        assert ours == REFERENCE.is_valid(damaged)
        judged[ours] += 1

    assert min(judged.values()) > 50


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
