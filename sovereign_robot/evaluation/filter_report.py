"""`report.json` and `report.html` of attacks on the safety filter, English and Japanese."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sovereign_robot.contract.types import Array
from sovereign_robot.evaluation.filter_bench import FilterRun
from sovereign_robot.evaluation.page import both, facts_table, page, section

KIND = "filter"
NOTE = both(
    "Judged by divided differences of what left the filter and by MuJoCo's distances in a scene of its own.",
    "フィルタの出力の差商と、判定専用のシーンでの MuJoCo の距離で判定しています。",
)


@dataclass(frozen=True, slots=True)
class FilterResult:
    """Outcome by robot, and the time of a tick with and without look-ahead.

    Attributes:
        p99_us: bound of a guarded tick, and of one that is not [us].
    """

    runs: Mapping[str, FilterRun]
    guarded_s: Array
    bare_s: Array
    p99_us: tuple[float, float]

    @property
    def violations(self) -> int:
        """Commands beyond any limit."""
        return sum(sum(run.violations.values()) for run in self.runs.values())

    @property
    def times_us(self) -> dict[str, tuple[float, float, float]]:
        """p50, p99 and bound of p99 of a tick [us]."""
        found = {}
        for name, times_s, bound in zip(
            ("with look-ahead", "without"), (self.guarded_s, self.bare_s), self.p99_us, strict=True
        ):
            p50, p99 = np.percentile(1e6 * times_s, (50, 99))
            found[name] = (float(p50), float(p99), bound)
        return found

    @property
    def passed(self) -> bool:
        """Whether nothing was violated and each tick kept its bound."""
        return self.violations == 0 and all(p99 <= bound for _, p99, bound in self.times_us.values())

    def as_dict(self) -> dict[str, Any]:
        """Plain data of `report.json`."""
        return {
            "kind": KIND,
            "passed": self.passed,
            "violations": self.violations,
            "robots": {
                name: {
                    "commands": run.commands,
                    "refused": run.refused,
                    "violations": dict(run.violations),
                    "greatest_share": {k: round(v, 6) for k, v in run.shares.items() if k != "links"},
                    "least_spare_m": round(-run.shares["links"], 6),
                    "interventions": dict(run.interventions),
                }
                for name, run in self.runs.items()
            },
            "tick_us": {
                name: {"p50": round(p50, 1), "p99": round(p99, 1), "bound": bound}
                for name, (p50, p99, bound) in self.times_us.items()
            },
        }


def write_filter_report(out: Path, result: FilterResult, facts: Mapping[str, str]) -> Path:
    """Write both files into a folder that exists; returns the page's path."""
    data = result.as_dict() | {"facts": dict(facts)}
    (out / "report.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path = out / "report.html"
    path.write_text(_html(result, facts), encoding="utf-8")
    return path


def _html(result: FilterResult, facts: Mapping[str, str]) -> str:
    commands = sum(run.commands for run in result.runs.values())
    head = (
        f"<div class='headline {'good' if result.passed else 'bad'}'>"
        f"<div class='big'>{result.violations}</div><div>"
        f"<p>{both('violations in', '件の違反 / 指令数')} <b>{commands:,}</b></p><p>{NOTE}</p></div></div>"
    )
    body = head
    for name, run in result.runs.items():
        lines = {
            f"share of {limit}": f"{share:.4f}" for limit, share in run.shares.items() if limit != "links"
        }
        lines["least spare distance"] = f"{-1e3 * run.shares['links']:.2f} mm"
        lines["interventions"] = ", ".join(f"{kind} {n:,}" for kind, n in run.interventions.most_common())
        lines["refused"] = f"{run.refused:,}"
        body += section(name, name, facts_table({"commands": f"{run.commands:,}"} | lines))
    times = {
        name: f"p50 {p50:.0f} µs, p99 {p99:.0f} µs, at most {bound:g} µs"
        for name, (p50, p99, bound) in result.times_us.items()
    }
    body += section("One tick for 7 joints", "7 関節の 1 ティック", facts_table(times))
    return page("Safety filter / 安全フィルタ", body + section("Facts", "事実", facts_table(dict(facts))))
