"""The scores that are kept, one line a module, and the page that shows them."""

import hashlib
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from reports.tables import Table
from studies.tables import DOCS, ROOT, made

ENGINE = ROOT / "harness" / "statistics"
FILE = DOCS / "mutation.tsv"


@dataclass(frozen=True)
class Score:
    """What became of a module's mutants; `digest` is of the module that was mutated."""

    module: str
    mutants: int
    killed: int
    equivalent: int
    survived: int
    digest: str


# Modules whose tests are in the file of another, which is what they are for.
TESTED_IN = {
    "bernoulli": ("bernoulli", "three_answers"), "betting": ("betting", "bounded", "three_answers"),
    "binomial": ("binomial", "three_answers"), "bounded": ("bounded", "three_answers"),
    "counts": ("bernoulli", "three_answers"), "evidence": ("every_test", "three_answers"),
    "exact": ("exact", "bernoulli", "three_answers"), "float_error": ("identity",),
    "identity": ("identity", "instances"), "margins": ("sameness",), "multiplicity": ("slowdown",),
    "stopping": ("bernoulli", "three_answers"), "stratified": ("confirmation", "two_sample"),
}  # fmt: skip


# What leads from the evidence to the verdict, beside harness/statistics, with its tests.
TRIAL = (
    "trial/test_verdict_path",
    "trial/test_shrinking",
    "trial/test_examination",
    "workers/test_scheduler_messages",
)
SESSION = ("run/test_session", "run/test_session_runs")
VERDICT_PATH = {
    "harness.blocks.block": ("blocks/test_block",),
    "harness.blocks.limits": ("blocks/test_limits",),
    "harness.blocks.settings": ("blocks/test_settings",),
    "harness.blocks.streams": ("blocks/test_streams",),
    "harness.records.continuation": ("records/test_continuation",),
    "harness.records.from_examination": ("records/test_from_examination",),
    "harness.run.choice": ("run/test_choice",), "harness.run.examiner": SESSION,
    "harness.run.session": SESSION, "harness.run.workforce": ("run/test_workforce", *SESSION),
    "harness.trial.conditions": TRIAL, "harness.trial.examination": TRIAL,
    "harness.trial.measuring": TRIAL, "harness.trial.one_setting": TRIAL,
}  # fmt: skip


def every_module() -> list[str]:
    """The modules that are to be judged."""
    files = sorted(ENGINE.rglob("[!_]*.py"))
    engine = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return [*engine, *VERDICT_PATH]


def shown_name(module: str) -> str:
    """The name in tables: a module of harness/statistics has its bare one."""
    inside = module.removeprefix("harness.")
    return inside.rsplit(".", 1)[-1] if inside.startswith("statistics.") else inside


def file_of(name: str) -> Path:
    """The source of a module with that name in tables."""
    if "." in name:
        return ROOT / "harness" / f"{name.replace('.', '/')}.py"
    return next(ENGINE.rglob(f"{name}.py"))


def killers_of(module: str) -> list[str]:
    """The tests that must kill the module's mutants: its reference values, then its own tests."""
    folder = ROOT / "tests" / "harness"
    if module in VERDICT_PATH:
        return [str(folder / f"{name}.py") for name in VERDICT_PATH[module]]
    folder /= "statistics"
    name = shown_name(module)
    shared = f"{folder / 'test_reference_values.py'}::test_"
    others = TESTED_IN.get(name, (name,))
    values = [
        f"{shared}the_engine_gives_the_reference_values[{one}]"
        for one in dict.fromkeys((name, *others))
        if (folder / "reference_values" / f"{one}.txt").exists()
    ]
    frozen = f"{shared}everything_that_is_a_dataclass_is_frozen[{name}]"
    return [*values, frozen, *(str(folder / f"test_{other}.py") for other in others)]


def digest_of(module: str) -> str:
    """Twelve digits of the SHA-256 of the module's source."""
    source = (ROOT / f"{module.replace('.', '/')}.py").read_bytes()
    return hashlib.sha256(source).hexdigest()[:12]


def read_scores(file: Path = FILE) -> list[Score]:
    """The scores that are kept."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        name, mutants, killed, equivalent, survived, digest = line.split("\t")
        found.append(Score(name, int(mutants), int(killed), int(equivalent), int(survived), digest))
    return found


def keep(score: Score, file: Path = FILE) -> None:
    """Put the score in place of the module's earlier one."""
    scores = {one.module: one for one in read_scores(file)} | {score.module: score}
    lines = ["\t".join(field.name for field in fields(Score))]
    lines += ["\t".join(map(str, astuple(scores[name]))) for name in sorted(scores)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def table(file: Path = FILE) -> Table:
    """Each module's score, and what is not judged yet."""
    scores = read_scores(file)
    missing = sorted(set(every_module()) - {score.module for score in scores})
    changed = [score.module for score in scores if score.digest != digest_of(score.module)]
    rows = [
        (shown_name(s.module), s.mutants, s.killed, s.equivalent, s.survived,
         100 * s.killed / max(1, s.mutants - s.equivalent))
        for s in scores
    ]  # fmt: skip
    named = {"missing": missing, "changed": changed}
    shown = {key: ", ".join(map(shown_name, names)) or None for key, names in named.items()}
    return made("mutation", rows, shown, holds=not any(score.survived for score in scores))
