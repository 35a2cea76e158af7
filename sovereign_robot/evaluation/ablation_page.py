"""docs/ablations.md and its picture, from the saved results of the cells alone."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from sovereign_robot.evaluation.ablation_cells import read_cell
from sovereign_robot.evaluation.ablation_pictures import Row, labels_picture, success_picture
from sovereign_robot.evaluation.ablation_plan import Ablation, Common, Plan, Scenes
from sovereign_robot.evaluation.ablation_verdict import Score, Verdict

HEAD = """# Ablations / アブレーション

`sovereign-robot bench ablation --render` writes this page and its picture from the saved results.

このページと画像は `sovereign-robot bench ablation --render` が保存された結果から作ります。

Every arm of a question is trained for the same time on the same machine and measured on the same scenes. A
rate is the mean over its last checkpoints, with the 95 % Wilson interval of as many episodes as there are
scenes; a gain is paired by scene; p is McNemar's exact test of the scenes in which more than half of the
checkpoints succeeded. An arm replaces the baseline only where its rule, written down before, is met.
"""
COLUMNS = ("arm", "change", "success", "gain on the baseline", "p", "listens", "p50", "parameters", "verdict")


def rows_of(plan: Plan, ablation: Ablation, out: Path) -> list[Row]:
    """The arms with what is saved of them."""
    rows = []
    for name, arm in ablation.arms.items():
        cells = [read_cell(out, cell) for cell in plan.cells(ablation, arm)]
        done = [cell for cell in cells if cell is not None]
        rows.append(Row(name, arm, Score(done) if len(done) == len(cells) else None))
    return rows


def write_page(plan: Plan, out: Path, page: Path) -> None:
    """Write the page, and beside it its pictures under the same name."""
    found = {name: rows_of(plan, ablation, out) for name, ablation in plan.ablations.items()}
    pictures = {page.with_suffix(".svg"): ("success of every arm", success_picture(plan, found))}
    of_data = {name: rows for name, rows in found.items() if any(row.arm.datasets for row in rows)}
    if any(row.score for rows in of_data.values() for row in rows):
        labels = page.with_name(f"{page.stem}-labels.svg")
        pictures[labels] = "success by the frames that an expert labelled", labels_picture(plan, of_data)
    parts = [HEAD, _common(plan.common)]
    parts += [f"![{title}]({path.name})\n" for path, (title, _) in pictures.items()]
    parts += [_section(name, plan.ablations[name], rows) for name, rows in found.items()]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join(parts), encoding="utf-8")
    for path, (_, picture) in pictures.items():
        path.write_text(picture, encoding="utf-8")


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
