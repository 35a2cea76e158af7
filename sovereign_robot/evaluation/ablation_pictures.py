"""The pictures of docs/ablations.md, as SVG text that is the same for the same results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sovereign_robot.evaluation.ablation_plan import Arm, Plan
from sovereign_robot.evaluation.ablation_verdict import Score
from sovereign_robot.evaluation.plots import COMMAND, MEASURED, bare_svg

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sovereign_robot",
    "font.size": 8,
    "axes.titlesize": 9,
}
ROW_IN = 0.24  # height of one arm in the picture
PANEL_IN = 2.6  # height of a panel with labels


@dataclass(frozen=True)
class Row:
    """One arm of an ablation; no score when one of its cells is not done."""

    name: str
    arm: Arm
    score: Score | None


def success_picture(plan: Plan, found: Mapping[str, Sequence[Row]]) -> str:
    """One panel per ablation, one line per arm: mean and interval."""
    heights = [len(rows) + 1.2 for rows in found.values()]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7, ROW_IN * sum(heights) + 0.4), layout="constrained")
        axes = figure.subplots(len(found), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        for (name, rows), axis in zip(found.items(), axes, strict=True):
            _panel(axis, f"{name}: {plan.ablations[name].question}", rows, plan.ablations[name].baseline)
        axes[-1].set_xlabel("success, mean of the last checkpoints with 95 % interval")
        return _svg(figure)


def labels_picture(plan: Plan, found: Mapping[str, Sequence[Row]]) -> str:
    """One panel per ablation of the data: success over the frames that an expert was asked about."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7, PANEL_IN * len(found)), layout="constrained")
        axes = figure.subplots(len(found), 1, squeeze=False)[:, 0]
        for (name, rows), axis in zip(found.items(), axes, strict=True):
            for row, score in ((row, row.score) for row in rows if row.score is not None):
                colour = COMMAND if row.name == plan.ablations[name].baseline else MEASURED
                axis.plot([score.labels] * 2, score.interval("success"), color=colour, lw=2)
                axis.plot([score.labels], [score.mean("success")], "o", color=colour, ms=5)
                axis.annotate(
                    row.name, (score.labels, score.mean("success")), xytext=(6, 0), textcoords="offset points"
                )
            axis.set_title(f"{name}: {plan.ablations[name].question}", loc="left")
            axis.set(xlabel="frames that an expert labelled", ylabel="success", ylim=(0.0, 1.0), xmargin=0.3)
            _plain(axis)
        return _svg(figure)


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
    _plain(axis)


def _plain(axis: Axes) -> None:
    axis.grid(alpha=0.3)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _svg(figure: Figure) -> str:
    return "".join(f"{line.rstrip()}\n" for line in bare_svg(figure, background="white").splitlines())
