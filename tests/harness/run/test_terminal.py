"""What the terminal prints of a verdict."""

from pathlib import Path

from harness.run.terminal import failure_text, summary_lines
from studies.report.records import records, typed


def test_a_sentence_that_holds_weaker_than_declared_is_told_so_and_is_no_pass() -> None:
    (record,) = typed([row for row in records() if row["verdict"] == "WEAKER"])

    line, _, (counts, markup), *_ = summary_lines([record], Path("records.jsonl"), 160)

    assert line[0].startswith("↓ WEAKER ")
    assert line[0].endswith("expected CONFIRMED")
    assert counts == "1 claims: 1 weaker; 1 not as expected"
    assert markup == {"bold": True, "red": True}
    assert failure_text(record).startswith("WEAKER, expected CONFIRMED: ")
    assert "  means          the sentence holds, weaker than declared" in failure_text(record)


def test_what_a_verdict_covers_stands_in_its_line_and_in_full_where_it_fails() -> None:
    (record,) = typed([row for row in records() if row["claim"] == "kf-independent.corrected"])

    line, *others = [text for text, _ in summary_lines([record], Path("records.jsonl"), 160)]

    of = len(record.settings)
    assert f"  {of - 2} of {of} settings, all but 20 %  " in line
    assert any(text.startswith("all but q: a part q of such settings") for text in others)
    where = f"at {of - 2} of {of} settings (the others are not applicable: "
    assert others[0].startswith(f"    {where}")
    assert f"  covers         {where}" in failure_text(record)
    assert "in all but at most 20 % of such settings" in failure_text(record)


def test_a_number_that_is_off_is_told_with_the_zone_in_which_it_should_be() -> None:
    (record,) = typed([row for row in records() if row["claim"] == "kf-independent.corrected"])
    low, high = record.relation.true_zone or (None, None)

    assert f"  right          {low:g} to {high:g}" in failure_text(record)
