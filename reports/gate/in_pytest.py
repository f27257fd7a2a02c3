"""`--claims-gate` in the run: the gate judges the records that the run has just written."""

from pathlib import Path
from typing import Any

import pytest

from harness.records.record import NOTHING_JUDGED
from reports.gate import gate_options

NARROWED = pytest.StashKey[bool]()
TOLD = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two options, with the prefix of all the others."""
    gate_options.add_options(parser.getgroup("claims", "claims of the chapter on trial"))


def pytest_configure(config: pytest.Config) -> None:
    """Note whether a part of the suite was named: then what is missing has not vanished."""
    named = [argument.partition("::")[0] for argument in config.args]
    option = config.option
    narrowing = (option.keyword, option.markexpr, getattr(option, "claims_only", ()))
    config.stash[NARROWED] = any(narrowing) or any(name.endswith(".py") for name in named)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """A part was left out."""
    if items:
        items[0].config.stash[NARROWED] = True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Give the test case of JUnit XML what other tools ask for; workers of xdist pass it on."""
    record = getattr(item, "record", None)
    if call.when == "call" and record is not None:
        from reports.junit import properties

        item.user_properties += properties(record)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Judge, keep what is to be told for the summary, and fail the run where it is not green."""
    config = session.config
    asked = config.getoption("claims_gate") and not hasattr(config, "workerinput")
    if not asked or config.option.collectonly:
        return
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        config.stash[TOLD] = ["no claim was examined, so that the gate has judged nothing"]
        return
    if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        config.stash[TOLD] = ["the run did not end, so the gate has not judged it"]
        return
    status, config.stash[TOLD] = _judged(config, bool(session.shouldstop or session.shouldfail))
    if status and session.exitstatus == pytest.ExitCode.OK:
        failed = pytest.ExitCode.TESTS_FAILED
        session.exitstatus = NOTHING_JUDGED if status == NOTHING_JUDGED else failed


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The gate's findings stand last."""
    if told := config.stash.get(TOLD, []):
        terminalreporter.section("gate")
        for line in told:
            terminalreporter.write_line(line)


def _judged(config: pytest.Config, cut_short: bool) -> tuple[int, list[str]]:
    from reports.gate.baseline import DEFAULT, EMPTY, read_baseline
    from reports.gate.command import judge
    from reports.gate.finding import status_of
    from reports.gate.tell import lines
    from reports.records import RecordsError, read_records

    root = Path(config.rootpath)
    records = root / config.getoption("claims_output") / "records.jsonl"
    named = config.getoption("claims_baseline")
    file = root / (named or DEFAULT)
    told = []
    try:
        if named or file.exists():
            baseline = read_baseline(file)
        else:
            baseline = EMPTY
            told = [f"there is no {DEFAULT}, so everything is new; `python -m reports accept`"]
        whole = not (config.stash[NARROWED] or cut_short)
        findings = judge(read_records(records), baseline, whole, named is not None)
    except RecordsError as error:
        return error.status, [f"the gate could not judge: {error}"]
    return status_of(findings), [*told, *lines(findings)]
