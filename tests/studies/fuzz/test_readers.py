"""Whatever is read from disk or the command line ends in a value or in the reader's own error.

A few hundred inputs here, the same ones in every run, so that this gate does not cry wolf; the
search for new ones is `python -m studies.fuzz`.
"""

import contextlib
import json
import re
import warnings
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.data import fashion_mnist
from harness.implementation.user_file import UserFileError, read_user_file
from harness.records.record import OtherVersionError, Record, RecordError, decode
from harness.workers.executors import ExecutorError, parse
from reports.gate.baseline import BaselineError, read_baseline
from studies.fuzz import __main__ as long_fuzz
from studies.fuzz import targets as fuzzed
from studies.fuzz.mutations import VALUES, inputs
from studies.fuzz.running import running, suspects
from studies.fuzz.table import Fuzzed, keep_fuzzed, read_fuzzed
from studies.fuzz.targets import targets

NAMES = ("records", "report", "baseline", "history", "idx", "user file", "continuation", "options")
INPUTS = 300
PLAIN = settings(
    max_examples=100, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


BREACHES = (
    "<p><script>alert(1)</script>", "<img src=x onerror='alert(1)'>",
    "<a href = javascript:alert(1)>", '<a xlink:href=" data:text/html,x">', "<IFRAME>",
    "<form action='vbscript:x'>",
)  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES)
def test_what_could_run_is_seen_by_the_quick_look_too(breach: str) -> None:
    assert running(breach)
    assert suspects(breach)
    assert not running("<p class='x'>said: &lt;script&gt; <b>on</b></p>")


def test_every_target_is_tried() -> None:
    assert set(NAMES) == set(targets())


@pytest.mark.parametrize("name", NAMES)
def test_mutated_inputs_end_in_a_value_or_a_clean_error(tmp_path: Path, name: str) -> None:
    target = targets()[name]
    file = tmp_path / "input.toml"
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        said = [target.read(data, file) for data in inputs(target.seeds, INPUTS, f"test {name}")]

    # Both ends are met: a fuzzer that is only refused at the door tests the door alone.
    assert any(not message for message in said)
    assert any(said)
    assert all("\n" not in message.strip() for message in said)


@pytest.mark.parametrize("name", NAMES)
@PLAIN
@given(data=st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_a_clean_error(tmp_path: Path, name: str, data: bytes) -> None:
    targets()[name].read(data, tmp_path / "input.toml")


@pytest.mark.parametrize("name", ["records", "report", "continuation", "baseline"])
@PLAIN
@given(data=st.data())
def test_any_json_in_any_place_ends_in_a_value_or_a_clean_error(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    target = targets()[name]
    content = json.loads(target.seeds[0].split(b"\n")[0])
    holder = content
    for _ in range(data.draw(st.integers(0, 3))):
        inner = [value for value in _values(holder) if isinstance(value, dict | list) and value]
        if not inner:
            break
        holder = data.draw(st.sampled_from(inner))
    key: Any = data.draw(st.sampled_from(_keys(holder)))
    holder[key] = data.draw(JSON)

    target.read(json.dumps(content).encode() + b"\n", tmp_path / "input")


def _values(holder: Any) -> list[Any]:
    return list(holder.values()) if isinstance(holder, dict) else list(holder)


def _keys(holder: Any) -> list[Any]:
    return sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))


def test_a_run_of_the_fuzz_goes_on_after_the_pieces_that_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_fuzz, "PIECE", 50)
    kept = tmp_path / "tables.json"
    whole = long_fuzz.fuzz("idx", 100, 60.0, tmp_path)

    first = long_fuzz.fuzz("idx", 50, 60.0, tmp_path)
    keep_fuzzed(first, kept)
    before = read_fuzzed("idx", kept)
    second = long_fuzz.fuzz("idx", 100, 60.0, tmp_path, "", before.inputs)

    assert (before.inputs, second.inputs) == (50, 50)
    assert (before + second).accepted == whole.accepted
    assert read_fuzzed("records", kept) == Fuzzed("records")


def test_a_record_is_read_only_if_every_field_fits() -> None:
    record = fuzzed._undecided().as_dict()

    required = {field.name for field in msgspec.structs.fields(Record) if field.required}
    for name in required | {"schema_version"}:
        without = {key: value for key, value in record.items() if key != name}
        with pytest.raises(RecordError, match=f"missing required field `{name}`"):
            decode(json.dumps(without).encode())
        for value in VALUES:
            with contextlib.suppress(RecordError, OtherVersionError):
                decode(json.dumps({**record, name: value}).encode()).as_line()


@pytest.mark.parametrize(
    "spec", ["processes:²", "processes:٣", "processes:" + "9" * 5000, "processes:-1", "serial:1"]
)
def test_a_number_of_workers_is_a_plain_one(spec: str) -> None:
    with pytest.raises(ExecutorError, match="give 'serial', 'processes', 'processes:N'"):
        parse(spec)


@pytest.mark.parametrize("number", ["1e999", '"inf"', '"nan"', "9" * 400, "9" * 400 + ".5"])
@pytest.mark.parametrize("place", ["0.2]", '"margin": 0.1', '"p": 0.5'])
def test_a_number_past_the_floats_is_refused(tmp_path: Path, number: str, place: str) -> None:
    # Found by the long fuzz: JSON's 1e999 is read as infinity, whatever `parse_constant` says.
    text = json.dumps(fuzzed.BASELINE).replace(place, re.sub(r"[\d.]+", lambda _: number, place))
    file = tmp_path / "baseline.json"
    file.write_text(text, encoding="utf-8")

    if place == '"p": 0.5' and not number.startswith("1e") and "." not in number:
        read_baseline(file)  # a setting may hold any text, and any whole number
        return
    with pytest.raises(BaselineError, match=r"is damaged|no JSON"):
        read_baseline(file)


@pytest.mark.parametrize(
    "text",
    ["x = " + "[" * 5000, "x = " + "9" * 5000, "\ud800", "[implementation]\n[implementation]"],
    ids=["deep", "long number", "surrogate", "twice"],
)
def test_toml_that_breaks_the_parser_is_told_as_any_other(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(UserFileError, match="is not TOML"):
        read_user_file(file)


def test_where_nobody_has_a_home_none_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def homeless(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fashion_mnist, "USUAL_FOLDERS", (Path("~", "nowhere"),))

    assert fashion_mnist.find_folder({}) is None
