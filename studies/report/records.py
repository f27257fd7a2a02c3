"""Realistic records for the report's tests: a chapter in small, with every verdict and picture."""

import copy
import hashlib
import json
import math
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from harness.records.record import Record
from reports.records import cleaned

# The sentences that the records put on trial: fields of a record, and what is drawn around it.
CHAPTER = json.loads(Path(__file__).with_name("chapter.json").read_text(encoding="utf-8"))
SENTENCES = CHAPTER["sentences"]
ALPHA = 1.2e-8
NEEDED = -math.log(ALPHA)
VERSIONS = {"python": "3.11.2", "torch": "2.13.0", "numpy": "2.4.0", "scipy": "1.17.0"}

Row = dict[str, Any]


def records(count: int = len(SENTENCES), seed: int = 0, device: str = "cpu") -> list[Row]:
    """So many records, the same for the same seed; beyond the table sentences repeat."""
    dice = random.Random(f"{seed} {count}")
    return [
        _record(index, SENTENCES[index % len(SENTENCES)], index // len(SENTENCES), device, dice)
        for index in range(count)
    ]


def typed(rows: Iterable[Row]) -> tuple[Record, ...]:
    """The records as the reports read them."""
    return tuple(cleaned(msgspec.convert(row, Record)) for row in rows)


def write(path: Path, rows: Sequence[Row]) -> Path:
    """The records as records.jsonl."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def _record(index: int, sentence: Row, edition: int, device: str, dice: random.Random) -> Row:
    claim = sentence["claim"] + (f".{edition}" if edition else "")
    verdict, topic = sentence["verdict"], sentence["section"].replace("-", "_")
    settings = [_trial(sentence, claim, dice) for _ in range(dice.randint(4, 10))]
    for place, trial in enumerate(settings):
        trial["drawn"] = place >= sentence.get("listed", 0)
        if place < sentence.get("lacking", 0):
            trial |= {"verdict": "NOT APPLICABLE", "lacks": "theirs takes no such layout"}
    if verdict != "CONFIRMED":
        settings[-1]["verdict"] = verdict
    head, pictures = settings[-1], sentence.get("pictures", ())
    section, names = sentence["section"], CHAPTER["sections"]
    smallest = {"setting": {"p": 0.5, "shape": [1, 2]}, "estimate": head["estimate"]}
    error = {
        "type": "FloatingPointError",
        "message": "the observation of block 3 is NaN at index (2, 7)",
        "where": f"claims/{topic}.py:{40 + index}",
    }
    command = f"python -m pytest 'claims/{topic}.py::{sentence['name']}[{device}]'"
    return {
        "schema_version": 2,
        "claim": claim,
        "topic": topic,
        "section": {"key": section, **names[section], "order": list(names).index(section) + 1},
        "order": index,
        "source": f'd2l, "{names[section]["en"]}"',
        **{name: sentence[name] for name in ("name", "sentence", "expected", "verdict")},
        **{name: sentence.get(name) for name in ("formula", "why", "condition", "twin")},
        "row": claim.partition(".")[0],
        "as_expected": sentence["expected"] == verdict,
        "relation": copy.deepcopy(sentence["relation"]),
        "estimate": head["estimate"],
        "interval": head["interval"],
        "confirm": {"reached": head["confirm"], "needed": NEEDED},
        "refute": {"reached": head["refute"], "needed": NEEDED},
        "alpha": ALPHA,
        "beta": ALPHA,
        "replicates": sum(trial["observations"] for trial in settings),
        "cap": 4096,
        "detectable": 0.05,
        "settings": settings,
        "deciding": len(settings) - 1,
        "smallest_refuting": smallest if verdict == "REFUTED" else None,
        "salt": "chapter-4",
        "digest": _digest(claim),
        "implementation": {},
        "device": device,
        "device_name": "AMD EPYC 9B14" if device == "cpu" else "NVIDIA H100 80GB HBM3",
        "versions": VERSIONS,
        "profile": "ci",
        "seconds": round(dice.lognormvariate(-0.5, 1.4), 4),
        "curves": [_loss_curves(dice)] if "curves" in pictures else [],
        "histograms": [_histogram(dice)] if "histogram" in pictures else [],
        "grids": [CHAPTER["masks"]] if "histogram" in pictures else [],
        "rerun": f"{command} --claims-profile=ci --claims-salt=chapter-4",
        "error": error if verdict == "ERROR" else None,
        "faults": [f"{role}=claims.{topic}.faults:{m}" for role, m in sentence.get("faults", ())],
        "code": _code(sentence),
        "file": f"claims/{topic}.py",
        "line": 12 + 30 * (index % 20),
        "started": "2026-03-14T09:26:53+00:00",
        "block": 8,
        "statistics": {},
        "sweep": sentence.get("sweep"),
    }


def _trial(sentence: Row, claim: str, dice: random.Random) -> Row:
    setting = {
        "p": round(dice.uniform(0, 1), 3),
        "shape": [dice.randint(1, 64), dice.randint(1, 512)],
        "dtype": dice.choice(["float32", "float64"]),
        "layout": dice.choice(["contiguous", "transposed"]),
    }
    verdict, width = sentence["verdict"], sentence["width"]
    observations = dice.choice([96, 160, 224, 512])
    estimate = round(sentence["estimate"] + dice.gauss(0, width / 4), 6)
    toward, away = _trajectories(observations, dice)
    refuted = verdict == "REFUTED"
    if verdict == "UNDECIDED":
        toward = [value * 0.45 for value in toward]
    confirm, refute = (away, toward) if refuted else (toward, away)
    steps = [observations * (i + 1) // len(toward) for i in range(len(toward))]
    failed = verdict == "ERROR"
    return {
        "setting": setting,
        "verdict": "CONFIRMED" if verdict in ("UNDECIDED", "ERROR") else verdict,
        "estimate": None if failed else estimate,
        "interval": None if failed else [round(estimate + end, 6) for end in (-width, width)],
        "observations": observations,
        "blocks": observations // 8,
        "confirm": round(confirm[-1], 3),
        "refute": round(refute[-1], 3),
        "digest": _digest(f"{claim} {setting}"),
        "trajectory": [
            [n, round(c, 3), round(r, 3)] for n, c, r in zip(steps, confirm, refute, strict=True)
        ],
        "parts": [],
    }


def _trajectories(observations: int, dice: random.Random) -> tuple[list[float], list[float]]:
    points = min(observations // 8, 24)
    toward, away = [], []
    up = down = 0.0
    for _ in range(points):
        up += NEEDED / points * dice.uniform(0.6, 1.6)
        down -= dice.uniform(0.0, 0.9)
        toward.append(up)
        away.append(down)
    toward[-1] = max(toward[-1], NEEDED + 0.4)
    return toward, away


def _loss_curves(dice: random.Random) -> Row:
    epochs = list(range(1, 401, 8))
    series = []
    for en, zh, floor in (("train", "训练", 0.0098), ("test", "测试", 0.0142)):
        middle = [floor + 8 * math.exp(-e / 40) * dice.uniform(0.9, 1.1) for e in epochs]
        series.append(
            {
                "name": {"en": en, "zh": zh},
                "middle": middle,
                "low": [value * 0.7 for value in middle],
                "high": [value * 1.45 for value in middle],
            }
        )
    return {
        "title": {"en": "Loss over epochs, 64 replicates", "zh": "损失随轮数变化，64 次重复"},
        "x_label": {"en": "epoch", "zh": "轮数"},
        "y_label": {"en": "mean squared error", "zh": "均方误差"},
        "log_y": True,
        "x": epochs,
        "series": series,
        "marks": [{"name": {"en": "noise floor σ²", "zh": "噪声下限 σ²"}, "value": 0.01}],
    }


def _histogram(dice: random.Random) -> Row:
    edges = [round(11 + 0.25 * i, 2) for i in range(21)]
    counts = [
        round(2000 * math.exp(-(((left - 13.4) / 0.7) ** 2) / 2) * dice.uniform(0.9, 1.1))
        for left in edges[:-1]
    ]
    return {
        "title": {"en": "‖w‖ after training at λ = 0", "zh": "λ = 0 训练后的 ‖w‖"},
        "x_label": {"en": "‖w‖", "zh": "‖w‖"},
        "edges": edges,
        "counts": counts,
        "marks": [{"name": {"en": "printed: 14.708", "zh": "书中印出：14.708"}, "value": 14.708}],
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _code(sentence: Row) -> str:
    return f'''@claim(
    "{sentence["claim"]}",
    "{sentence["sentence"]["en"]}",
    zh="{sentence["sentence"]["zh"]}",
    section=SECTION,
    given={{"p": drop_probabilities(), "shape": shapes(), "dtype": dtypes()}},
    holds=mean_equals(1.0, within=0.01),
)
def {sentence["name"]}(dropout, p, shape, dtype, replicates, stream):
    import torch

    h = torch.ones(replicates, *shape, dtype=getattr(torch, dtype))  # the mean is the scale
    kept = dropout(h, p, stream.torch("cpu"))
    return kept.flatten(1).mean(1).numpy()
'''
