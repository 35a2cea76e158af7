"""`docs/latency.md`: what added inference delay costs, and which chunking to choose."""

from collections.abc import Mapping
from pathlib import Path

from sovereign_robot.evaluation.delay_bench import ALLOWED_POINTS, Cell, DelayTable

HEAD = """# Latency

This page is written by `sovereign-robot bench delay`; do not edit it.

A policy answers after some time, and the arm moves on meanwhile. Three ways to make one plan of the chunks
that overlap (`--chunking` of `eval`, parameter `chunking` of `policy_node` and `safety_node`):

- `prefix`: the policy is told the next rows that will be played, and begins its chunk with them.
- `ensemble`: where chunks overlap the plan is their mean, weighted by exp(-0.01 n) for n policy steps between
  their observations, as ACT does.
- `switch`: the newest chunk is the plan.

Whichever is chosen: rows that are past when a chunk comes are never played. What is played is one cubic
spline without an end: a new chunk changes its control points after the span that is being played, so that
position, velocity and acceleration go on without a jump, and the points go to the chunk's rows as fast as
the robot's limits allow. Neither a seam nor rows that ask for too much are ever asked of the safety filter.
The table shows the hardest pull within 0.3 s of a seam twice: as the player asked for it, and as the filter
sent it to the arm. One inference runs at a time. When the 90th percentile of the latency of the last 10 s
passes 6 policy steps (0.3 s for so101), the arm moves slower, so that no more than 6 rows pass before a
chunk comes. A plan that runs out all the same is followed by a hold, whose reason names the latency and
what it may be.

## Measured
"""

COLUMNS = (
    "chunking",
    "added delay",
    "success",
    "95 %",
    "points, paired",
    "only without / only with delay",
    "s to success",
    "worst seam acceleration / limit, asked",
    "and commanded",
    "jerk, rms rad/s^3",
    "episodes with a hold",
)


def write_delay_page(table: DelayTable, facts: Mapping[str, str], page: Path) -> None:
    """Write the page of a table; `facts` say what was measured."""
    lines = [HEAD]
    lines += [f"- {name}: {value}" for name, value in facts.items()]
    lines += ["", "| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(_row(table, cell)) + " |" for cell in table.cells]
    lines += ["", _verdict(table), ""]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join(lines), encoding="utf-8")


def _row(table: DelayTable, cell: Cell) -> list[str]:
    (lower, upper), lost = cell.rate.interval, table.lost(cell)
    return [
        f"`{cell.chunking}`",
        f"{cell.delay_ms} ms",
        f"{cell.rate.successes}/{cell.rate.n}",
        f"{100 * lower:.1f} .. {100 * upper:.1f} %",
        f"{100 * lost.difference:+.1f}",
        f"{lost.first_only} / {lost.second_only}",
        f"{cell.seconds:.1f}",
        f"{cell.asked_seam_share:.2f}",
        f"{cell.seam_share:.2f}",
        f"{cell.jerk_rad_s3:.0f}",
        f"{100 * cell.held_share:.0f} %",
    ]


def _verdict(table: DelayTable) -> str:
    chosen = table.recommended
    allowed = ", ".join(f"{points:g} at {delay} ms" for delay, points in ALLOWED_POINTS.items())
    kept = "keeps" if table.passed(chosen) else "does not keep"
    return (
        f"Recommended: `{chosen}`, the most successes over all delays. It {kept} what is asked: no more "
        f"points lost than {allowed}, and no seam over the acceleration limit."
    )
