"""Plots as SVG text that takes the colours of the page around it, light or dark."""

import io
import re
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.evaluation.results import EpisodeResult

# A colour that nothing else uses; the SVG gets "currentColor" in its place.
INK = "#010203"
MEASURED, COMMAND, LIMIT = "#3b82f6", "#f59e0b", "#ef4444"
PLOT_STEP_S = 0.05
SPAN_RAD = 0.1
STYLE: dict[Any, Any] = {
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.formatter.useoffset": False,
    "axes.titlesize": 9,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 8,
    "grid.alpha": 0.15,
    "grid.color": INK,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "sovereign_robot",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def joint_plot(contract: RobotContract, episode: EpisodeResult) -> str:
    """Measured and commanded position of each joint over time, limits where they come into view."""
    stamp_s = episode.stamp_s
    step_s = float(np.median(np.diff(stamp_s))) if len(stamp_s) > 1 else PLOT_STEP_S
    stride = max(1, round(PLOT_STEP_S / step_s)) if step_s > 0 else 1
    columns = 3
    rows = -(-len(contract.joints) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 1.7 * rows + 0.3), layout="constrained")
        axes = np.atleast_2d(figure.subplots(rows, columns, sharex=True)).ravel()
        for i, (joint, axis) in enumerate(zip(contract.joints, axes, strict=False)):
            axis.plot(stamp_s[::stride], episode.joint_position_rad[::stride, i], color=MEASURED, lw=1.4)
            axis.plot(stamp_s[::stride], episode.command_rad[::stride, i], color=COMMAND, lw=1.0, ls="--")
            _widen(axis)
            _limits(axis, joint.lower_rad, joint.upper_rad)
            axis.set_title(joint.name)
        for axis in axes[len(contract.joints) :]:
            axis.remove()
        figure.supxlabel("time [s]", fontsize=8)
        figure.supylabel("position [rad]", fontsize=8)
        return _svg(figure)


def time_plot(values_s: Array, label: str) -> str:
    """Histogram of a series of times in ms, with p50 and p99; "" when there is none."""
    values_ms = 1000.0 * values_s[np.isfinite(values_s)]
    if not len(values_ms):
        return ""
    p50, p99 = np.percentile(values_ms, [50, 99])
    upper = max(1.1 * float(np.percentile(values_ms, 99.5)), 0.01)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.4, 2.2), layout="constrained")
        axis = figure.subplots()
        axis.hist(np.clip(values_ms, 0.0, upper), bins=40, range=(0.0, upper), color=MEASURED, alpha=0.85)
        for value, name, colour in ((p50, "p50", COMMAND), (p99, "p99", LIMIT)):
            axis.axvline(float(value), color=colour, lw=1.4, label=f"{name} {value:.2f} ms")
        axis.set_xlabel(f"{label} [ms]")
        axis.legend(fontsize=8)
        return _svg(figure)


def _widen(axis: Axes) -> None:
    """An arm that rests is drawn at rest, not as noise."""
    bottom, top = axis.get_ylim()
    missing_rad = max(0.0, SPAN_RAD - (top - bottom)) / 2
    axis.set_ylim(bottom - missing_rad, top + missing_rad)


def _limits(axis: Axes, lower_rad: float, upper_rad: float) -> None:
    bottom, top = axis.get_ylim()
    for limit in (lower_rad, upper_rad):
        if bottom <= limit <= top:
            axis.axhline(limit, color=LIMIT, lw=0.8, ls=":")


def bare_svg(figure: Figure, background: str = "none") -> str:
    """A figure as its SVG element alone, the same text for the same figure."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", facecolor=background, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)


def _svg(figure: Figure) -> str:
    text = bare_svg(figure).replace(INK, "currentColor")
    return re.sub(
        r'<svg ([^>]*?)width="[^"]*" height="[^"]*"|<svg height="[^"]*" ', r"<svg \1", text, count=1
    )
