"""What the terminal prints of a verdict."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from harness.run.terminal import failure_text, summary_lines
from studies.report.records import Row, records, typed

FILE = Path("records.jsonl")
SCREEN = 24  # lines


def lines(rows: list[Row], width: int = 80, verbosity: int = 0) -> list[str]:
    return [text for text, _ in summary_lines(typed(rows), FILE, width, verbosity)]


@pytest.mark.parametrize("width", [60, 80, 160])
@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_every_line_fits_the_terminal(width: int, verbosity: int) -> None:
    rows = records(60)
    rows[3] |= {"claim": "po-deg19-overfits.corrected-twice", "replicates": 131_072}
    rows[4] |= {"verdict": "NOT APPLICABLE", "as_expected": True, "device": "cuda:0"}

    assert max(map(len, lines(rows, width, verbosity))) < width


def test_a_claim_has_one_line_with_effect_observations_and_time() -> None:
    (row,) = records(1)
    row |= {"estimate": 0.508123, "interval": [0.49212, 0.51987], "replicates": 20_480}

    (shown,) = [line for line in lines([row]) if row["claim"] in line]

    assert shown.startswith(f"✓ CONFIRMED {row['claim']}  0.5081 [0.4921, 0.5199] ")
    assert shown.endswith(f"n=20k  {row['seconds']:.1f}s")
    assert len(shown) == 79


def test_the_sentence_is_told_on_demand_and_where_the_verdict_is_not_as_expected() -> None:
    rows = [row for row in records() if row["claim"] in ("do-unbiased", "do-variance")]
    holds, odd = (row["sentence"]["en"] for row in rows)

    told = "\n".join(lines(rows, 160))

    assert holds not in told
    assert odd in told
    assert holds in "\n".join(lines(rows, 160, verbosity=1))


def test_quiet_leaves_out_what_is_as_expected() -> None:
    rows = records()
    told = "\n".join(lines(rows, verbosity=-1))
    for row in rows:
        assert (row["claim"] in told) is not row["as_expected"]


def test_what_stands_below_the_claims_fits_a_screen() -> None:
    rows = [row | {"as_expected": False, "expected": "WEAKER"} for row in records(300)]
    assert len(lines(rows, verbosity=-1)) <= SCREEN


def test_a_reason_for_which_claims_do_not_apply_is_told_once() -> None:
    error = {"type": "Lacks", "message": "theirs takes no half", "where": "mine.py:3"}
    lacking = {"verdict": "NOT APPLICABLE", "as_expected": True, "error": error}

    told = lines([row | lacking for row in records(4)])

    assert told[0] == "    · 4 claims not applicable: theirs takes no half"


def test_a_sentence_that_holds_weaker_than_declared_is_told_so_and_is_no_pass() -> None:
    (record,) = typed([row for row in records() if row["verdict"] == "WEAKER"])

    line, (sentence, _), _, (counts, markup), *_ = summary_lines([record], FILE, 160)

    assert line[0].startswith("↓ WEAKER ")
    assert sentence == f"    expected CONFIRMED: {record.sentence.en}"
    assert counts == "1 claim: 1 weaker; 1 not as expected"
    assert markup == {"bold": True, "red": True}
    assert failure_text(record).startswith("WEAKER, expected CONFIRMED: ")
    assert "  means          the sentence holds, weaker than declared" in failure_text(record)


def test_what_a_verdict_covers_stands_below_it_on_demand_and_in_full_where_it_fails() -> None:
    rows = [row for row in records() if row["claim"] == "kf-independent.corrected"]
    (record,) = typed(rows)

    told = "\n".join(lines(rows, 400, verbosity=1))

    of = len(record.settings)
    failed = " ".join(failure_text(record).split())
    where = f"at {of - 2} of {of} settings (the others are not applicable: "
    assert f"    covers: {where}" in told
    assert f"covers {where}" in failed
    assert "in all but at most 20 % of such settings" in failed


def test_a_number_that_is_off_is_told_with_the_zone_in_which_it_should_be() -> None:
    (record,) = typed([row for row in records() if row["claim"] == "kf-independent.corrected"])
    low, high = record.relation.true_zone or (None, None)

    assert f"  right          {low:g} to {high:g}" in failure_text(record)


@pytest.mark.parametrize("width", [60, 80])
def test_why_an_item_fails_fits_the_terminal_but_for_the_command(width: int) -> None:
    for record in typed(records()):
        *told, command = failure_text(record, width).splitlines()

        assert max(map(cell_len, told)) < width
        assert command == f"  repeat         {record.rerun}"


def test_a_chinese_sentence_goes_on_below_its_beginning_and_never_with_a_comma() -> None:
    (row,) = records(1)
    row["sentence"]["zh"] = "丢弃的单元使各层同时受扰动，" * 4 + "p = 0.5"
    (record,) = typed([row])

    told = failure_text(record, 60).partition("\n  claim ")[0].splitlines()

    assert told[-3:] == [
        "  丢弃的单元使各层同时受扰动，丢弃的单元使各层同时受扰动，",
        "  丢弃的单元使各层同时受扰动，丢弃的单元使各层同时受扰动，p",
        "  = 0.5",
    ]


def test_what_is_infinite_is_told_with_all_that_is_known() -> None:
    (row,) = (row for row in records() if row["claim"] == "in-xavier-forward")
    (record,) = typed([row | {"estimate": None, "interval": [None, None]}])

    told = failure_text(record)

    assert "  estimate       infinite in [-infinite, infinite]" in told
    for name in ("setting", "right", "evidence"):
        assert f"\n  {name} " in told, name


def test_every_number_stands_below_the_setting_that_it_is_of() -> None:
    (row,) = (row for row in records() if row["claim"] == "in-xavier-forward")
    row["settings"][row["deciding"]]["setting"] = {"p": 0.25}
    row["smallest_refuting"] = {"setting": {"p": 0.5}, "estimate": 3.0}
    seen = {"got": 1.5, "right": 2.0, "allowed": 0.0, "place": [3], "shape": [4], "off": 1}

    apart, together = (
        [line.split("  ")[1] for line in failure_text(record).splitlines()[1:]]
        for record in typed([
            row | {"mismatch": seen},
            row | {"mismatch": seen, "smallest_refuting": None},
        ])
    )  # fmt: skip

    shown = ["setting", "estimate", "right", "evidence", "fails too at", "got there"]
    assert [name for name in apart if name in {*shown, "got"}] == shown
    assert [name for name in together if name in {*shown, "got"}] == ["setting", "got", *shown[1:4]]


def test_of_several_statements_each_is_told_to_hold_or_fail() -> None:
    (row,) = (row for row in records() if row["claim"] == "in-xavier-forward")
    needed = row["refute"]["needed"]
    nats = {
        "one": (0.0, None),
        "two": (needed + 1, 0.0),
        "three": (0.0, needed),
        "four": (None, 0.0),
    }
    row["settings"][row["deciding"]]["parts"] = [
        {"name": name, "estimate": 1.0, "interval": [1.0, 1.0], "confirm": to, "refute": against}
        for name, (to, against) in nats.items()
    ]
    (record,) = typed([row])

    words = [line.split() for line in failure_text(record).splitlines()]

    told = {name: came_to for name, came_to, *_ in (line for line in words if len(line) == 3)}
    assert {name: told[name] for name in nats} == {
        "one": "fails", "two": "holds", "three": "open", "four": "holds",
    }  # fmt: skip
