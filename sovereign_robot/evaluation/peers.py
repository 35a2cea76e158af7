"""Policies of several makers in one table: success on the same scenes, size, speed, what training took."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.compare import Measured
from sovereign_robot.evaluation.page import both, facts_table, page, rate_bar, section
from sovereign_robot.evaluation.statistics import Pairs, Rate, Spread

HEADS = (
    ("policy", "方策"),
    ("success", "成功率"),
    ("95 %", "95 %"),
    ("points to ours", "当方との差"),
    ("McNemar p", "McNemar p"),
    ("parameters", "パラメータ数"),
    ("1 thread: p50, p99", "1 スレッド: p50, p99"),
    ("2 threads: p50, p99", "2 スレッド: p50, p99"),
    ("training", "学習"),
    ("steps", "ステップ数"),
)
NOTE = both(
    "All were trained on the same pictures and joints for the same wall time on the same machine, and play "
    "the same scenes through the same controller. ACT and Diffusion Policy take no sentence: where a picture "
    "leaves several goals open they can only guess, which bounds their success whatever they learn.",
    "すべて同じ画像と関節データで、同じ計算機、同じ実時間だけ学習し、同じ制御系で同じシーンを実行しています。"
    "ACT と Diffusion Policy は指示文を受け取らないため、画像から複数の目標が可能な場合は推測するしかなく、"
    "学習の良し悪しによらず成功率に上限があります。",
)


@dataclass(frozen=True)
class Peer:
    """One policy.

    Attributes:
        measured: its outcomes, scene by scene.
        seconds: wall time of its training [s].
        step: optimiser steps that fitted in.
        note: how it was trained.
        inference: one call with its preprocessing, by number of threads.
        replan_every_steps: policy steps between two calls while it was measured.
    """

    name: str
    measured: Measured
    parameters: int
    seconds: float
    step: int
    note: str
    inference: Mapping[int, Spread]
    replan_every_steps: int

    @property
    def rate(self) -> Rate:
        """Success on all scenes."""
        return self.rate_of()

    def rate_of(self, task: str | None = None) -> Rate:
        """Success on the scenes of a task."""
        outcomes = [e["success"] for scene, e in self.measured.episodes.items() if task in (None, scene[0])]
        return Rate(sum(outcomes), len(outcomes))


@dataclass(frozen=True)
class PeerTable:
    """Policies that were measured on the same scenes; the others are held against the one named `ours`."""

    peers: Sequence[Peer]
    ours: str

    def __post_init__(self) -> None:
        scenes = {frozenset(peer.measured.episodes) for peer in self.peers}
        if len(scenes) != 1:
            names = ", ".join(peer.name for peer in self.peers) or "no policy"
            raise UsageError(f"{names} were not measured on the same scenes: measure them again together")

    @cached_property
    def tasks(self) -> list[str]:
        """What they were measured on."""
        return self.peers[0].measured.values(0)

    def pairs(self, peer: Peer) -> Pairs | None:
        """Ours and another one, scene by scene; None without ours, and for itself."""
        mine = next((p for p in self.peers if p.name == self.ours), None)
        if mine is None or peer is mine:
            return None
        return Pairs.of(
            (bool(episode["success"]), bool(peer.measured.episodes[scene]["success"]))
            for scene, episode in mine.measured.episodes.items()
        )

    def cells(self, peer: Peer) -> list[str]:
        """A row for people, in the order of HEADS."""
        rate, pairs = peer.rate, self.pairs(peer)
        lower, upper = rate.interval
        return [
            peer.name,
            f"{rate.value:.1%} ({rate.successes}/{rate.n})",
            f"{lower:.1%} .. {upper:.1%}",
            "-" if pairs is None else f"{100 * pairs.difference:+.1f}",
            "-" if pairs is None else "too few" if pairs.too_few else f"{pairs.p:.2g}",
            f"{peer.parameters / 1e6:.2f} M",
            *(_times(peer.inference.get(threads)) for threads in (1, 2)),
            f"{peer.seconds / 60:.1f} min",
            str(peer.step),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Plain data of `report.json`."""
        return {peer.name: self._facts(peer) for peer in self.peers}

    def _facts(self, peer: Peer) -> dict[str, Any]:
        pairs = self.pairs(peer)
        return {
            "success": peer.rate.as_dict(),
            "by_task": {task: peer.rate_of(task).as_dict() for task in self.tasks},
            "against_ours": None if pairs is None else pairs.as_dict(),
            "parameters": peer.parameters,
            "inference": {str(threads): asdict(spread) for threads, spread in peer.inference.items()},
            "training": {"seconds": round(peer.seconds, 1), "step": peer.step, "note": peer.note},
            "replan_every_steps": peer.replan_every_steps,
        }


def write_peers_report(out: Path, table: PeerTable, facts: Mapping[str, str]) -> Path:
    """Write `report.json` and `report.html` into a folder that exists; returns the page's path."""
    data = {"kind": "peers", **facts, "tasks": table.tasks, "policies": table.as_dict()}
    (out / "report.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path = out / "report.html"
    path.write_text(_html(table, facts), encoding="utf-8")
    return path


def _html(table: PeerTable, facts: Mapping[str, str]) -> str:
    rows = [[escape(cell) for cell in table.cells(peer)] for peer in table.peers]
    for row, peer in zip(rows, table.peers, strict=True):
        row[2] = rate_bar(peer.rate) + row[2]
    by_task = [
        [escape(task), *(_rate_cell(peer.rate_of(task)) for peer in table.peers)] for task in table.tasks
    ]
    names = [("task", "課題"), *((peer.name, peer.name) for peer in table.peers)]
    notes = {
        f"{p.name}": f"{p.note}; asked every {p.replan_every_steps} policy steps; report in {p.name}/eval"
        for p in table.peers
    }
    body = [
        section("Policies", "方策", f"<p>{NOTE}</p>{_table(HEADS, rows)}"),
        section("Success by task", "課題別の成功率", _table(names, by_task)),
        section("How each was trained", "学習の条件", facts_table(notes)),
        section("Facts", "条件", facts_table(facts)),
    ]
    return page("Peers / 他方式との比較", "\n".join(body))


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{both(*h)}</th>" for h in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div class='matrix'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _rate_cell(rate: Rate) -> str:
    lower, upper = rate.interval
    return (
        f"{rate.value:.0%} ({rate.successes}/{rate.n}){rate_bar(rate)}"
        f"<small>{lower:.0%} .. {upper:.0%}</small>"
    )


def _times(spread: Spread | None) -> str:
    if spread is None or spread.p50_s is None or spread.p99_s is None:
        return "-"
    return f"{1000 * spread.p50_s:.1f}, {1000 * spread.p99_s:.1f} ms"
