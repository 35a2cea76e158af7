"""docs/ablations.md and its picture, from the saved results of the cells alone."""

import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sovereign_robot.evaluation.ablation_cells import read_cell
from sovereign_robot.evaluation.ablation_plan import Ablation, Arm, Common, Plan, Scenes
from sovereign_robot.evaluation.ablation_verdict import Score, Verdict
from sovereign_robot.evaluation.plots import COMMAND, MEASURED

HEAD = """# Ablations / アブレーション

`sovereign-robot bench ablation --render` writes this page and its picture from the saved results.

このページと画像は `sovereign-robot bench ablation --render` が保存された結果から作ります。

Every arm of a question is trained for the same time on the same machine and measured on the same scenes. A
rate is the mean over its last checkpoints, with the 95 % Wilson interval of as many episodes as there are
scenes; a gain is paired by scene; p is McNemar's exact test of the scenes in which more than half of the
checkpoints succeeded. An arm replaces the baseline only where its rule, written down before, is met.
"""
COLUMNS = ("arm", "change", "success", "gain on the baseline", "p", "listens", "p50", "parameters", "verdict")
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sovereign_robot",
    "font.size": 8,
    "axes.titlesize": 9,
}
ROW_IN = 0.24  # height of one arm in the picture


@dataclass(frozen=True)
class Row:
    """One arm of an ablation; no score when one of its cells is not done."""

    name: str
    arm: Arm
    score: Score | None


def rows_of(plan: Plan, ablation: Ablation, out: Path) -> list[Row]:
    """The arms with what is saved of them."""
    rows = []
    for name, arm in ablation.arms.items():
        cells = [read_cell(out, cell) for cell in plan.cells(ablation, arm)]
        done = [cell for cell in cells if cell is not None]
        rows.append(Row(name, arm, Score(done) if len(done) == len(cells) else None))
    return rows


def write_page(plan: Plan, out: Path, page: Path) -> None:
    """Write the page, and the picture beside it under the same name."""
    found = {name: rows_of(plan, ablation, out) for name, ablation in plan.ablations.items()}
    picture = page.with_suffix(".svg")
    parts = [HEAD, _common(plan.common), f"![success of every arm]({picture.name})\n"]
    parts += [_section(name, plan.ablations[name], rows) for name, rows in found.items()]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join(parts), encoding="utf-8")
    picture.write_text(_picture(plan, found), encoding="utf-8")


def _common(common: Common) -> str:
    facts = {
        "training of each cell": f"{common.train_seconds:g} s of processor time, batch {common.batch}, "
        f"{common.processes} processes, seeds {', '.join(map(str, common.train_seeds))}",
        "data": ", ".join(common.datasets),
        "scenes": _scenes(common.scenes),
        "checkpoints": f"the last {common.checkpoints} of each training",
        "flags of every arm": _changes(common.overrides) or "none",
    }
    rows = "".join(f"| {name} | {value} |\n" for name, value in facts.items())
    return f"| common to all | |\n|---|---|\n{rows}"


def _scenes(scenes: Scenes) -> str:
    last = scenes.seed + scenes.episodes - 1
    return (
        f"tasks {scenes.tasks}; splits {', '.join(scenes.splits)}; seeds {scenes.seed} .. {last} of each"
        f"{f'; also {scenes.controls}' if scenes.controls else ''}"
    )


def _section(name: str, ablation: Ablation, rows: Sequence[Row]) -> str:
    baseline = next(row.score for row in rows if row.name == ablation.baseline)
    lines = [f"## {name}: {ablation.question}\n", f"Rule: {ablation.rule.says}\n"]
    lines += [f"Scenes: {_scenes(ablation.scenes)}\n"] if ablation.scenes is not None else []
    lines.append(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    kept = []
    for row in rows:
        verdict = None
        if row.score is not None and baseline is not None and row.name != ablation.baseline:
            verdict = Verdict(baseline, row.score, ablation.rule)
            kept += [row.name] if verdict.is_kept else []
        lines.append(f"| {' | '.join(_cells(row, verdict, row.name == ablation.baseline))} |")
    if all(row.score is not None for row in rows):
        lines.append(f"\n**Kept: {', '.join(kept) or ablation.baseline}.**")
    else:
        lines.append("\nNot all arms are measured yet.")
    return "\n".join(lines) + "\n"


def _cells(row: Row, verdict: Verdict | None, is_baseline: bool) -> list[str]:
    score = row.score
    change = _changes(row.arm.overrides)
    if row.arm.datasets is not None:
        change = "; ".join(part for part in (change, f"data {', '.join(row.arm.datasets)}") if part)
    if score is None:
        return [row.name, change or "-", *["-"] * 6, "not measured yet"]
    listens = score.mean("listened")
    return [
        row.name,
        change or "-",
        _rate(score),
        "-" if verdict is None else _gain(verdict),
        "-" if verdict is None else f"{verdict.pairs.p:.2g}",
        "-" if math.isnan(listens) else f"{listens:.1%}",
        f"{1000 * score.inference_s:.2f} ms",
        f"{score.parameters / 1e6:.2f} M",
        _verdict(verdict, is_baseline),
    ]


def _rate(score: Score) -> str:
    lower, upper = score.interval("success")
    splits = list(dict.fromkeys(scene[1] for scene in score.shares("success")))
    by_split = [f"{split} {score.mean('success', split):.1%}" for split in splits]
    each = f"<br>{', '.join(by_split)}" if len(splits) > 1 else ""
    size = f"{score.scenes} scenes, {score.checkpoints} checkpoints"
    return f"{score.mean('success'):.1%} ({lower:.1%} .. {upper:.1%}; {size}){each}"


def _gain(verdict: Verdict) -> str:
    lower, upper = verdict.interval
    what = "" if verdict.rule.metric == "success" else f" of {verdict.rule.metric}"
    return f"{100 * verdict.gain:+.1f} points{what} ({100 * lower:+.1f} .. {100 * upper:+.1f})"


def _verdict(verdict: Verdict | None, is_baseline: bool) -> str:
    if verdict is None:
        return "baseline" if is_baseline else "the baseline is not measured yet"
    return "**kept**" if verdict.is_kept else f"dropped: {verdict.reason}"


def _changes(overrides: Mapping[str, object]) -> str:
    return ", ".join(f"`{key}: {json.dumps(value)}`" for key, value in overrides.items())


def _picture(plan: Plan, found: Mapping[str, Sequence[Row]]) -> str:
    """One panel per ablation, one line per arm: mean and interval."""
    heights = [len(rows) + 1.2 for rows in found.values()]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7, ROW_IN * sum(heights) + 0.4), layout="constrained")
        axes = figure.subplots(len(found), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        for (name, rows), axis in zip(found.items(), axes, strict=True):
            _panel(axis, f"{name}: {plan.ablations[name].question}", rows, plan.ablations[name].baseline)
        axes[-1].set_xlabel("success, mean of the last checkpoints with 95 % interval")
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    text = re.sub(r"<metadata>.*?</metadata>", "", buffer.getvalue(), flags=re.DOTALL)
    return "".join(f"{line.rstrip()}\n" for line in text[text.index("<svg") :].splitlines())


def _panel(axis: Axes, title: str, rows: Sequence[Row], baseline: str) -> None:
    for place, row in enumerate(rows):
        if row.score is not None:
            mean, (lower, upper) = row.score.mean("success"), row.score.interval("success")
            colour = COMMAND if row.name == baseline else MEASURED
            axis.plot([lower, upper], [place, place], color=colour, lw=2)
            axis.plot([mean], [place], "o", color=colour, ms=5)
    axis.set_title(title, loc="left")
    axis.set_yticks(range(len(rows)), [row.name for row in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_xlim(0.0, 1.0)
    axis.grid(axis="x", alpha=0.3)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
