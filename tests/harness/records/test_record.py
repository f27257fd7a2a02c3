"""The types of a record: what is read, what is refused and where, and the schema made from them."""

import copy
import json
import math
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pytest

from harness.records import schema
from harness.records.record import OtherVersionError, RecordError, decode
from tests.harness.records.examined import record_of, undecided
from tests.harness.scripted import saying


def changed(record: dict[str, Any], path: str, value: Any) -> bytes:
    """The record's line with another value at 'a.0.b'."""
    other: Any = copy.deepcopy(record)
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = other
    for step in above:
        place = place[step]
    place[last] = value
    return json.dumps(other).encode()


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return undecided().as_dict()


@pytest.mark.parametrize(("path", "value"), [
    # Each field has its type.
    ("claim", 1), ("claim", ""), ("verdict", "MAYBE"), ("cap", 8.5), ("cap", True), ("cap", None),
    ("cap", -1), ("cap", 2**60), ("seconds", "1"), ("seconds", -1.0), ("alpha", 1.5),
    ("as_expected", 1), ("settings", {}), ("relation", []), ("beta", None),
    ("versions.torch", None), ("implementation.relu", 1), ("block", 0),
    ("digest", "no hexadecimal"),
    # Texts are in both languages.
    ("sentence.en", 1), ("sentence.zh", None), ("why", {"en": "so"}), ("condition", {"zh": "如此"}),
    ("relation.en", None), ("relation.zh", 1), ("relation.unit", None),
    # Evidence is numbers.
    ("confirm.needed", None), ("refute.needed", "10"), ("confirm.reached", "1"),
    ("refute.reached", True), ("interval", [0.0]), ("interval", [0.0, 0.5, 1.0]),
    ("interval", [0.0, "1"]), ("interval", {"low": 0}), ("deciding", -1),
    ("error", {"type": "ValueError", "where": "x.py:1", "message": None}),
    ("smallest_refuting", {"estimate": 1.0}), ("statistics.place", ["many"]),
    ("statistics.place", [0.0] * 513),
    # So are those of each trial.
    ("settings.1.setting", []), ("settings.1.verdict", None), ("settings.1.observations", 1.5),
    ("settings.1.blocks", None), ("settings.1.blocks", -1), ("settings.1.estimate", "1"),
    ("settings.1.confirm", []), ("settings.1.refute", True), ("settings.1.interval", [1.0]),
    ("settings.1.trajectory", 1), ("settings.1.trajectory.0.0", None),
    ("settings.1.trajectory.0.1", "1"), ("settings.1.parts", None),
    ("settings.1.parts", [{"name": None}]), ("settings.1.digest", "abc"),
    ("settings.1.summary", ["many"]),
])  # fmt: skip
def test_what_does_not_fit_is_refused_there(kept: dict[str, Any], path: str, value: Any) -> None:
    place = path.split(".")[0]
    with pytest.raises(RecordError, match=rf"- at `\$\.{place}"):
        decode(changed(kept, path, value))


def test_the_deciding_setting_is_one_of_the_settings(kept: dict[str, Any]) -> None:
    with pytest.raises(RecordError, match="deciding is 3 of 3 settings"):
        decode(changed(kept, "deciding", 3))


@pytest.mark.parametrize(("path", "value"), [
    ("seconds", 1), ("seconds", 1e300), ("cap", 0), ("deciding", None), ("deciding", 2),
    ("interval", None), ("interval", [None, 1.0]), ("confirm.reached", None),
    ("why", {"en": "so", "zh": "如此"}), ("formula", None),
    ("error", {"type": "ValueError", "where": "x.py:1", "message": "no"}),
    ("smallest_refuting", {"setting": {"p": 1}, "estimate": None}), ("settings.1.estimate", None),
    ("settings.1.interval", [None, None]), ("settings.1.trajectory.0.1", None),
    ("settings.1.summary", [None, 1.0]),
    ("settings.1.setting", {"any": [{"json": [10**30, 1e300]}]}), ("versions.a_package", "1"),
    ("a_field_of_tomorrow", 1),
])  # fmt: skip
def test_what_may_be_missing_or_endless_is_read(
    kept: dict[str, Any], path: str, value: Any
) -> None:
    assert decode(changed(kept, path, value)).claim == kept["claim"]


@pytest.mark.parametrize(("line", "said"), [
    (b"", "truncated"), (b"not json", "malformed"), (b"[]", "Expected `object`, got `array`"),
    (b"{}", "missing required field `schema_version`"),
    (b'{"schema_version": 2}', "missing required field `claim`"),
    (b'{"schema_version": "2"}', "Expected `int`, got `str`"), (b"\xff\xfe", "malformed"),
    (b'{"schema_version": 2, "claim": "\xff"}', "not UTF-8"),
    (b'{"schema_version": 2, "a": NaN}', "malformed"),
    (b'{"schema_version": 2, "alpha": 1e999}', "out of range"),
    (b'{"schema_version": 2, "cap": ' + b"9" * 5000 + b"}", "out of range"),
    (b'{"a": ' * 100_000, "nested too deeply"),
    (b'{"a": "\\ud800", "schema_version": 2}', "hex escape"),
])  # fmt: skip
def test_a_hostile_line_is_refused_in_one_sentence(line: bytes, said: str) -> None:
    with pytest.raises(RecordError, match=said) as caught:
        decode(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("version", [1, 3, -1])
def test_another_version_is_refused_with_the_cure(kept: dict[str, Any], version: int) -> None:
    said = f"schema_version={version} where this checkout writes and reads 2: use the checkout"
    with pytest.raises(OtherVersionError, match=said):
        decode(changed(kept, "schema_version", version))


def test_what_is_read_back_is_the_record() -> None:
    for record in (undecided(), record_of(saying(lambda p: (math.inf, 0.0)))):
        assert decode(record.as_line()).as_line() == record.as_line()


def test_infinity_and_nan_are_null_and_numbers_of_numpy_are_plain() -> None:
    odd = msgspec.structs.replace(
        undecided(), estimate=math.nan, interval=(-math.inf, np.float64(1.5)),
        seconds=np.float32(0.5), settings=[], deciding=None,
    )  # fmt: skip

    written = odd.as_dict()

    assert (written["estimate"], written["interval"]) == (None, [None, 1.5])
    assert written["seconds"] == 0.5


def test_a_lone_surrogate_is_written_escaped() -> None:
    odd = msgspec.structs.replace(undecided(), salt="a\ud800", implementation={"x\ud800": "y"})
    assert decode(odd.as_line()).salt == "a\\ud800"


# The schema


def test_the_schema_file_is_made_from_the_types() -> None:
    # After a change: python -m harness.records.schema
    assert json.loads(schema.FILE.read_text(encoding="utf-8")) == json.loads(schema.text())


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.text()))
