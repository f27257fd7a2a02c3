"""Records: plain JSON that a reader and a gate can use, whatever the claim measured."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from examples import toys
from harness.blocks.capabilities import Capabilities
from harness.declaration.claim import Claim, Untestable
from harness.declaration.exhibits import Histogram, Statistic
from harness.declaration.relations import all_hold, more_often_than_not, rate_equals
from harness.implementation.named import Implementation
from harness.records.from_examination import (
    headline,
    observations,
    record_of,
    rerun_command,
    untestable_record,
)
from harness.records.plots import histogram
from harness.records.record import Error, Part, Reached, Record, Smallest, decode
from harness.statistics.evidence import Evidence, Plan, Verdict
from harness.text import Text
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import Examination
from harness.trial.one_setting import Trial
from tests.checkout import ROOT
from tests.harness.scripted import examined
from tests.harness.sessions import listed


def _record(claim: Claim) -> dict[str, Any]:
    return record_of(examined(claim, Shares(1e-6, 1e-6)), 0, ROOT).as_dict()


def test_a_record_is_one_line_of_json_with_the_names_that_scripts_rely_on() -> None:
    record = _record(toys.coin(0.97))

    for key in (
        "claim", "expected", "verdict", "replicates", "digest",
        "salt", "device", "estimate", "interval", "rerun",
    ):  # fmt: skip
        assert record[key] is not None


def test_a_curve_has_bands_and_a_diverged_replicate_is_not_dropped() -> None:
    record = _record(toys.a_coin_is_drawn)

    (curve,) = record["curves"]
    assert curve["replicates"] == record["replicates"]
    (series,) = curve["series"]
    assert len(curve["x"]) == 512
    assert series["middle"][0] == 1.0
    # One replicate in four diverged at the end: the upper band leaves the picture there.
    assert series["high"][-1] is None
    assert series["middle"][-1] == 700.0


@pytest.mark.parametrize("mark", [-3.0, 0.25, 0.4999, 9.0])
def test_a_histogram_has_an_edge_at_its_first_mark(mark: float) -> None:
    values = np.linspace(0.0, 1.0, 101)

    drawn = histogram([Histogram(Text("", ""), values, {Text("here", "这里"): mark})])

    at = int(np.argmin(np.abs(np.array(drawn.edges) - mark)))
    assert drawn.edges[at] == pytest.approx(mark, abs=1e-6)
    assert sum(drawn.counts) == len(values)
    assert sum(drawn.counts[at:]) == np.count_nonzero(values >= mark)


def test_a_histogram_reaches_its_marks() -> None:
    record = _record(toys.a_coin_is_drawn)

    (drawn,) = record["histograms"]
    assert drawn["edges"][-1] == 3.5
    assert sum(drawn["counts"]) >= 24


@pytest.mark.parametrize("mark", [3.0, 9.0])
def test_counts_have_a_bar_around_each_whole_number(mark: float) -> None:
    kept = Text("kept", "保留")
    blocks = [Histogram(kept, [2.0, 4.0, 4.0, 7.0], marks={Text("printed", "印出"): mark})]

    drawn = histogram(blocks)

    last = max(mark, 7.0)
    assert drawn.edges == [x - 0.5 for x in range(2, int(last) + 2)]
    assert drawn.counts[:6] == [1, 0, 2, 0, 0, 1]


def test_a_sentence_that_cannot_be_tested_is_on_the_record_with_its_reason() -> None:
    sentence = Untestable(
        "toy-steep", Text("Steep is large", "陡即大"), source="a test",
        reason=Text("it is a definition", "这是定义"), citation="a book",
    )  # fmt: skip
    record = untestable_record(sentence, Conditions(), 3, ROOT).as_dict()

    assert record["verdict"] == "NOT TESTABLE"
    assert record["why"]["en"] == "it is a definition"
    assert record["file"] == "tests/harness/records/test_from_examination.py"


# What a record says of trials, made by hand


def _evidence(confirm: float = 3.0, refute: float = 0.5, **more: Any) -> Evidence:
    return Evidence(**{
        "observations": 8, "estimate": 0.75, "interval": (0.5, 1.0),
        "confirm": confirm, "refute": refute, "name": "a", **more,
    })  # fmt: skip


def _trial(verdict: Verdict, evidence: Evidence | None = None, **more: Any) -> Trial:
    plan = Plan(64, 96, 0.125, 1e-6, 96) if evidence else None
    made: dict[str, Any] = {"trail": ((8, 3.0, 0.5),), "summary": np.array([8.0, 6.0])}
    return Trial(**{
        "setting": {}, "verdict": verdict, "evidence": evidence, "plan": plan, "blocks": 2,
        "digest": "ab", "exhibits": (), **made, **more,
    })  # fmt: skip


def _of(*trials: Trial, claim: Claim | None = None, **more: Any) -> Record:
    """The record of these trials, each setting with an error share of e^-10."""
    share = Shares(math.exp(-10.0), math.exp(-11.0))
    made: dict[str, Any] = {"smallest": None, "seconds": 0.0, "conditions": Conditions()}
    examination = Examination(
        claim=claim or toys.coin(0.7, always=({},) * 3), share=share, trials=trials,
        **{**made, **more},
    )  # fmt: skip
    return record_of(examination, 0, ROOT)


def test_evidence_stands_beside_what_is_needed() -> None:
    record = _of(_trial(Verdict.UNDECIDED, _evidence()), seconds=1.23456)

    assert (record.confirm.reached, record.refute.reached) == (3.0, 0.5)
    assert (record.confirm.needed, record.refute.needed) == pytest.approx((10.0, 11.0))
    assert record.alpha == pytest.approx(3 * math.exp(-10.0))
    assert record.beta == pytest.approx(3 * math.exp(-11.0))
    assert (record.estimate, record.interval, record.replicates) == (0.75, (0.5, 1.0), 8)
    assert (record.cap, record.detectable, record.seconds) == (96, 0.125, 1.235)
    assert record.as_dict()["settings"][0] == {
        "setting": {}, "verdict": "UNDECIDED", "estimate": 0.75, "interval": [0.5, 1.0],
        "observations": 8, "blocks": 2, "confirm": 3.0, "refute": 0.5, "digest": "ab",
        "trajectory": [[8, 3.0, 0.5]], "summary": [8.0, 6.0],
    }  # fmt: skip


def test_an_exact_decision_is_written_as_null() -> None:
    record = _of(_trial(Verdict.CONFIRMED, _evidence(confirm=math.inf)))
    assert record.as_dict()["confirm"]["reached"] is None
    assert record.refute.reached == 0.5


def test_a_trial_that_failed_has_an_error_and_no_numbers() -> None:
    silent = _trial(Verdict.ERROR, error=KeyError(), summary=None, trail=())
    record = _of(_trial(Verdict.UNDECIDED, _evidence()), silent)

    assert (record.estimate, record.interval, record.cap, record.detectable) == (None,) * 2 + (
        0, None,
    )  # fmt: skip
    assert record.confirm.reached == record.refute.reached == 0.0
    assert record.error == Error("KeyError", "KeyError", "")
    assert record.replicates == 8
    shown = record.settings[1]
    assert {shown.estimate, shown.interval, shown.confirm, shown.refute} == {None}
    assert (shown.observations, shown.parts, shown.summary, shown.lacks) == (0, [], None, None)


def test_an_error_s_words_are_one_line() -> None:
    record = _of(_trial(Verdict.ERROR, error=ValueError("no\n  such  thing")))

    assert record.error is not None
    assert record.error.message == "no such thing"
    assert _of(_trial(Verdict.CONFIRMED, _evidence())).error is None


def test_only_an_undecided_trial_keeps_what_it_goes_on_from() -> None:
    kept = [
        _of(_trial(verdict, _evidence(), summary=summary)).settings[0].summary is not None
        for verdict in (Verdict.UNDECIDED, Verdict.CONFIRMED)
        for summary in (np.array([1.0]), None)
    ]

    assert kept == [True, False, False, False]


def test_what_an_implementation_lacks_is_said() -> None:
    lacking = _trial(Verdict.NOT_APPLICABLE, error=ValueError("no\nfloat16"))
    record = _of(lacking, _trial(Verdict.CONFIRMED, _evidence()))

    assert [trial.lacks for trial in record.settings] == ["no float16", None]
    assert _of(lacking).as_expected


def test_the_smallest_refuting_setting_has_its_estimate() -> None:
    small = _trial(Verdict.REFUTED, _evidence(), setting={"p": 0.3})
    broken = _trial(Verdict.REFUTED, None, setting={"p": 0.3})

    assert _of(small, smallest=small).smallest_refuting == Smallest({"p": 0.3}, 0.75)
    assert _of(small, smallest=broken).smallest_refuting is None
    assert _of(small).smallest_refuting is None


def test_statistics_are_those_of_the_first_setting() -> None:
    def shown(value: float) -> Trial:
        exhibits = ((Statistic("place", np.full(4, value)),),) * 2
        return _trial(Verdict.CONFIRMED, _evidence(), exhibits=exhibits)

    assert _of(shown(1.0), shown(2.0), shown(3.0)).statistics == {"place": [1.0] * 8}


# Of a composite, the part that the verdict rests on


def _parts(*nats: tuple[float, float]) -> Evidence:
    return _evidence(
        name="all",
        parts=tuple(
            _evidence(confirm, refute, name=name, observations=10 + i)
            for i, (name, (confirm, refute)) in enumerate(zip("abc", nats, strict=False))
        ),
    )


@pytest.mark.parametrize(
    ("nats", "name"),
    [
        (((5.0, 0.0), (3.0, 0.0), (4.0, 0.0)), "b"),  # the least evidence for it
        (((5.0, 0.0), (0.0, 0.9), (-1.0, 0.0)), "c"),  # 0.9 against it is not to speak of
        (((5.0, 0.0), (-2.0, 1.0), (-3.0, 0.0)), "c"),
        (((5.0, 0.0), (-2.0, 1.5), (-3.0, 0.0)), "b"),  # the most evidence against it
        (((9.0, 8.0), (7.0, 0.0), (7.5, 0.0)), "b"),  # more for it than against it
        (((9.0, 9.0), (7.0, 0.0), (7.5, 0.0)), "b"),
        (((9.0, 9.5), (7.0, 0.0), (7.5, 0.0)), "a"),
    ],
)
def test_a_composite_shows_what_decides(nats: tuple[tuple[float, float], ...], name: str) -> None:
    shown = headline(_parts(*nats))
    assert shown is not None
    assert shown.name == name


def test_evidence_without_parts_is_its_own_headline() -> None:
    one = _evidence()

    assert headline(one) is one
    assert headline(None) is None
    assert observations(None) == 0
    assert observations(one) == 8
    assert observations(_parts((1.0, 0.0), (2.0, 0.0))) == 11


def test_a_composite_s_record_has_the_zones_and_unit_of_that_part() -> None:
    both = all_hold(a=more_often_than_not(), b=rate_equals(0.3, within=0.1))
    evidence = _parts((5.0, 0.0), (3.0, 0.0))
    record = _of(_trial(Verdict.CONFIRMED, evidence), claim=toys.coin(0.7, holds=both))

    assert record.relation.part == "b"
    assert record.relation.unit == both.parts["b"].unit
    assert record.relation.test == both.parts["b"].test({}).name
    assert record.relation.true_zone == both.parts["b"].test({}).true_zone
    parts = record.settings[0].parts
    assert [part.name for part in parts] == ["a", "b"]
    assert parts[1] == Part("b", 0.75, (0.5, 1.0), 3.0, 0.0)
    assert (record.settings[0].observations, record.settings[0].confirm) == (11, 3.0)

    unnamed = toys.coin(0.7, holds=replace(both, unit="all", parts={}))
    assert _of(_trial(Verdict.CONFIRMED, evidence), claim=unnamed).relation.unit == ""


def test_numbers_that_depend_on_the_setting_are_those_of_the_one_that_decides() -> None:
    rate = rate_equals(lambda p: p, within=lambda p: p / 8)
    both = all_hold(a=rate_equals(0.5, within=0.25), b=rate)
    for holds, en, zh in (
        (rate, "the rate equals 0.4 within 0.05", "频率等于 0.4，误差不超过 0.05"),
        (both, "within 0.25; and b: the rate equals 0.4 within 0.05", "且b：频率等于 0.4，"),
    ):
        trial = _trial(Verdict.CONFIRMED, _evidence(), setting={"p": 0.4})
        relation = _of(trial, claim=toys.coin(0.7, holds=holds)).relation

        assert relation.en == holds.words.en
        assert en in relation.words.en
        assert zh in relation.words.zh
        assert "f(p)" not in f"{relation.words}"
    assert _of(_trial(Verdict.CONFIRMED, _evidence())).relation.filled is None


def test_a_part_that_the_kind_does_not_know_leaves_the_whole() -> None:
    record = _of(_trial(Verdict.UNDECIDED, _evidence(name="other")))
    failed = _of(_trial(Verdict.ERROR, error=ValueError("no")))

    for one in (record, failed):
        assert one.relation.part is None
        assert one.relation.test == more_often_than_not().test({}).name


# The words around it


def test_texts_are_in_both_languages_and_none_is_none() -> None:
    trial = _trial(Verdict.CONFIRMED, _evidence())
    claim = replace(toys.coin(0.7), why=Text("so", "如此"), condition=Text("then", "那时"))
    record = _of(trial, claim=claim)

    assert record.why == Text("so", "如此")
    assert record.condition == Text("then", "那时")
    assert _of(trial).why is None


def test_the_command_repeats_the_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    def images_are_asked_for(relu: Any, images: Any) -> None: ...

    plain, shown = toys.coin(0.7), replace(toys.coin(0.7), measure=images_are_asked_for)
    file = "examples/toys.py"
    mine = Conditions(
        "a salt",
        device="cuda:0",
        devices=("cpu", "cuda:0"),
        implementation=Implementation({"relu": "my:relu"}),
    )

    assert rerun_command(plain, Conditions(images="full"), ROOT) == (
        f"python -m pytest '{file}::a_coin_shows_heads[cpu]' "
        "--claims-profile=ci --claims-salt=chapter-and-verse"
    )
    assert rerun_command(plain, mine, ROOT).endswith(
        "a_coin_shows_heads[cuda:0]' --claims-profile=ci '--claims-salt=a salt' "
        "--claims-device=cpu --claims-device=cuda:0 --claims-implementation=relu=my:relu"
    )
    limited = Conditions(capabilities=Capabilities("my devices.toml"))
    assert "'--claims-capabilities=my devices.toml'" in rerun_command(plain, limited, ROOT)
    for images, asked in (("full", True), ("a/folder", True), ("slice", False)):
        conditions = Conditions(images=images)
        assert (f"--claims-data={images}" in rerun_command(shown, conditions, ROOT)) == asked
        assert "--claims-data" not in rerun_command(plain, conditions, ROOT)
    assert f"{ROOT / file}::" in rerun_command(plain, Conditions(), ROOT / "docs")
    monkeypatch.setenv("CLAIMS_COMMAND", "chapter-and-verse judge")
    assert rerun_command(plain, mine, ROOT) == (
        f"chapter-and-verse judge relu=my:relu --only={plain.id} --profile=ci '--salt=a salt' "
        "--device=cpu --device=cuda:0"
    )


def test_a_file_outside_the_suite_is_known_by_its_name() -> None:
    examination = examined(toys.coin(0.97))
    assert record_of(examination, 0, ROOT).file == "examples/toys.py"
    assert record_of(examination, 0, ROOT / "docs").file == "toys.py"


def test_a_sentence_without_a_trial_has_no_numbers() -> None:
    record = untestable_record(listed(), Conditions(), 3, ROOT)

    assert record.confirm == record.refute == Reached(0.0, 0.0)
    assert (record.alpha, record.beta, record.replicates, record.cap, record.seconds) == (0,) * 5
    assert record.as_expected
    assert record.expected == record.verdict
    assert (record.settings, record.deciding, record.error) == ([], None, None)
    assert decode(record.as_line()) == record
