"""Tables as files."""

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.text import Text
from reports.tables import Plot, Table, decoded, read_tables, write_tables

TABLE = Table(
    title=Text("Kills", "结束"), text=(Text("One. ", "一。"), Text("Two.", "二。")),
    command="python -m studies.kills", columns=(Text("kills", "结束次数"), Text("holds", "达标")),
    rows=((200, True), (2.5, None), (Text("a | b", "甲"), 1e-9)), plot=Plot("kills", ("holds",)),
    holds=True, seconds=3.0, measured=[{"kills": 200}],
)  # fmt: skip


def test_a_table_is_the_same_after_it_was_written_and_read(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    write_tables(file, {"kills": TABLE, "again": TABLE})
    assert read_tables(file) == {"kills": TABLE, "again": TABLE}


def test_every_row_has_a_line_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    write_tables(file, {"kills": TABLE})
    assert "\n   [200, true],\n" in file.read_text(encoding="utf-8")


def test_no_file_holds_no_table(tmp_path: Path) -> None:
    assert read_tables(tmp_path / "missing.json") == {}


def test_infinity_is_not_written_as_an_empty_cell(tmp_path: Path) -> None:
    table = Table(TABLE.title, (), "", (Text("a", "a"),), ((math.inf,),))
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_tables(tmp_path / "tables.json", {"kills": table})


def test_a_cell_in_one_language_of_two_is_an_error_that_names_its_place() -> None:
    content: dict[str, Any] = json.loads(json.dumps(msgspec.to_builtins({"kills": TABLE})))
    content["kills"]["rows"][2][0] = {"en": "a"}

    with pytest.raises(msgspec.ValidationError, match=r"rows\[\.\.\.\]|rows\[2\]"):
        decoded(content)
