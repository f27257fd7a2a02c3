"""The pytest plugin: in anybody's tests, fixtures `judge`, `trial`, `same`, claims of their own.

Unused, it adds options, a marker and its fixtures, and loads nothing else. What examines claims
(`harness.run.plugin`) joins the run when an option is given, a claim is collected, or the first
record arrives.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.run import command_line
from reports.gate import gate_options

if TYPE_CHECKING:
    from chapter_and_verse.judging import Judge
    from chapter_and_verse.statements import Statements
    from harness.same.comparison import Comparison

RUN = "harness.run.plugin"
GATE = "reports.gate.in_pytest"
CLAIM = "harness.declaration.claim"
TRACE = " torch.__trace:"
MARKER = (
    "claims(*ids, roles='', profile='quick'): the claims that `judge` examines in this test, and "
    "the roles, where its call does not name them"
)
STARTED = pytest.StashKey[pytest.Session]()
SPENT = pytest.StashKey[list[float]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run and of its gate."""
    command_line.add_options(parser.getgroup("claims", "claims of the chapter on trial"))
    gate_options.add_options(parser.getgroup("claims"))


def pytest_configure(config: pytest.Config) -> None:
    """Join the run now if an option asks for it."""
    config.addinivalue_line("markers", MARKER)
    config.stash[SPENT] = []
    config.pluginmanager.register(OnDemand(config), "chapter-and-verse-on-demand")
    gate = config.option.claims_gate or config.option.claims_baseline
    # Where a checkout's own conftest has brought it, that one is in charge.
    if (gate or command_line.are_given(config.option)) and not _others(config):
        the_run(config)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Keep the session for a plugin that joins later."""
    session.config.stash[STARTED] = session


def the_run(config: pytest.Config) -> Any:
    """The plugin that examines claims; it joins the run if it has not.

    Raises pytest.UsageError where the one of another installation has.
    """
    manager = config.pluginmanager
    if not manager.has_plugin(RUN):
        if others := _others(config):
            raise pytest.UsageError(
                f"chapter-and-verse is loaded twice, from {Path(__file__).parent} and from "
                f"{Path(others[0].__file__).parents[2]}; take `pytest_plugins` out of the "
                "conftest.py, or uninstall one of the two"
            )
        for name in (RUN, GATE):
            manager.register(importlib.import_module(name), name)
        if session := config.stash.get(STARTED, None):
            manager.get_plugin(RUN).pytest_sessionstart(session)  # type: ignore[union-attr]
    return manager.get_plugin(RUN)


def _others(config: pytest.Config) -> list[Any]:
    """The same plugin of a checkout, or of an installed package, which this file is not part of."""
    end = RUN.partition("harness")[2]
    named = config.pluginmanager.list_name_plugin()
    return [one for name, one in named if one and name != RUN and name.endswith(f"harness{end}")]


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> Any:
    """A claim of the project's own is collected beside its tests."""
    declared = sys.modules.get(CLAIM)
    if declared is None or not isinstance(obj, declared.Claim | declared.Untestable):
        return None
    if collector.config.pluginmanager.has_plugin(RUN):
        return None  # it is asked itself
    return the_run(collector.config).pytest_pycollect_makeitem(collector, name, obj)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that calls `judge` is one test a claim."""
    if "judged" in metafunc.fixturenames:
        from chapter_and_verse.judging import judged_by

        metafunc.parametrize("judged", judged_by(metafunc), ids=lambda judged: judged.id)


@pytest.fixture
def judged() -> None:
    """The claim that `judge` examines: a parameter."""


@pytest.fixture
def judge(request: pytest.FixtureRequest, judged: Any) -> Judge:
    """Put objects on trial, one claim a test: `judge(dropout=MyDropout)`.

    Every claim about the role that the call names is a test of its own.
    """
    from chapter_and_verse.judging import Judge

    return Judge(request, judged)


@pytest.fixture
def error_share() -> float:
    """The probability that a statement of a test is wrong, each way."""
    from harness.statistics.ledger import FOREIGN_SHARE

    return FOREIGN_SHARE


@pytest.fixture
def trial(request: pytest.FixtureRequest, error_share: float) -> Iterator[Statements]:
    """Single statements about what is drawn at random, with stated error rates.

    `trial.rate(draws, equals=0.1, within=0.005)`, and `mean`, `variance`, `same_law`,
    `more_often`: each takes functions that draw as many observations as they are asked for.
    """
    from chapter_and_verse.statements import Statements
    from harness.run.options import salt_of

    statements = Statements(request.node.nodeid, salt_of(request.config.option), error_share)
    yield statements
    request.node.stash[SPENT] = statements.spent


@pytest.fixture
def same(trial: Statements) -> Callable[..., Comparison]:
    """Two training functions behave the same: `same(train, new, {"test_loss": "5%"})`.

    Each is given a seed; a file of stored runs may stand for one of them. The test fails unless
    the answer is SAME, at the error rates of `trial`.
    """
    return trial.same


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """The record and what statements have spent travel on the report, across processes."""
    report = yield
    record = getattr(item, "record", None)
    if record is not None:
        report.sections = list(_without_trace(report.sections))
    if record is not None and report.when == "call":
        report.claims_record = record.as_line().decode()
    if report.when == "teardown" and (spent := item.stash.get(SPENT, [])):
        report.claims_spent = spent
    return report


def _without_trace(sections: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What a test has logged, without torch's trace of what it compiles: lines without a message.

    torch lets it reach no handler but its own; pytest 9 asks the loggers that are like that too.
    """
    for name, text in sections:
        kept = "".join(line for line in text.splitlines(True) if TRACE not in line)
        if kept.strip() or not text.strip():
            yield name, kept


class OnDemand:
    """What waits for the first record or the first statement of a run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Where reports arrive, a record is written and a statement counted."""
        self.config.stash[SPENT] += getattr(report, "claims_spent", [])
        if hasattr(report, "claims_record") and not self.config.pluginmanager.has_plugin(RUN):
            the_run(self.config)
            writer: Any = self.config.pluginmanager.get_plugin("claims-writer")
            writer.pytest_runtest_logreport(report)

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """The error rates that are promised for the project's own claims and statements."""
        from chapter_and_verse.budget import promised

        return promised(items, self.config.get_terminal_writer().fullwidth)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """How many statements there were, and what they may err."""
        if spent := self.config.stash[SPENT]:
            from harness.text import counted

            terminalreporter.write_line(
                f"{counted(len(spent), 'statement')}: expected wrong answers in 10 000 such runs: "
                f"at most {2e4 * sum(spent):.2g}"
            )
