"""The episodes on a report's page: videos with failures first, joints and commands, and the whole list."""

import base64
from collections.abc import Callable, Hashable, Sequence
from html import escape
from itertools import zip_longest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.evaluation.names import name_of
from sovereign_robot.evaluation.page import both, section
from sovereign_robot.evaluation.plots import joint_plot
from sovereign_robot.evaluation.results import EpisodeResult, by
from sovereign_robot.evaluation.video import episode_video
from sovereign_robot.sim.simulation import Simulation

HEADS = (
    ("task", "課題"),
    ("split", "分割"),
    ("seed", "シード"),
    ("instruction", "指示"),
    ("outcome", "結果"),
    ("progress", "進み"),
    ("time", "時間"),
)


def failures_first(episodes: Sequence[EpisodeResult]) -> list[EpisodeResult]:
    """Failures with the tasks in turn, then successes with tasks and languages in turn, each by seed."""
    ordered = sorted(episodes, key=lambda e: e.seed)
    failures = _in_turn([e for e in ordered if not e.success], lambda e: e.task)
    return failures + _in_turn([e for e in ordered if e.success], lambda e: (e.task, e.language))


def _in_turn(
    episodes: Sequence[EpisodeResult], key: Callable[[EpisodeResult], Hashable]
) -> list[EpisodeResult]:
    turns = zip_longest(*by(episodes, key).values())
    return [e for turn in turns for e in turn if e is not None]


def videos(contract: RobotContract, episodes: Sequence[EpisodeResult]) -> str:
    """Each episode that kept its configurations, drawn again; "" without one."""
    drawn: dict[int, str] = {}
    for task, found in by([e for e in episodes if len(e.qpos)], lambda e: e.task).items():
        simulation = Simulation(contract, task)
        drawn |= {id(e): _video(simulation, e) for e in found}
        simulation.close()
    figures = "".join(drawn[id(e)] for e in episodes if id(e) in drawn)
    if not figures:
        return ""
    return section("Episodes, failures first", "動画（失敗を先に）", f"<div class='grid'>{figures}</div>")


def _video(simulation: Simulation, episode: EpisodeResult) -> str:
    data = base64.b64encode(episode_video(simulation, episode)).decode()
    video = (
        "<video controls muted loop autoplay playsinline preload='metadata' "
        f"src='data:video/mp4;base64,{data}'></video>"
    )
    return f"<figure>{video}<figcaption>{_caption(episode)}</figcaption></figure>"


def plots(contract: RobotContract, episodes: Sequence[EpisodeResult]) -> str:
    """Measured and commanded joints of each episode that kept them; "" without one."""
    names = (("measured", "計測値"), ("command", "指令値"), ("limit", "可動限界"))
    legend = "".join(f"<i class='{english}'></i>{both(english, japanese)}" for english, japanese in names)
    figures = "".join(
        f"<figure>{joint_plot(contract, e)}<figcaption>{_caption(e)}</figcaption></figure>"
        for e in episodes
        if len(e.stamp_s) > 1
    )
    if not figures:
        return ""
    return section("Joints and commands", "関節と指令", f"<p class='legend'>{legend}</p>{figures}")


def episode_list(episodes: Sequence[EpisodeResult]) -> str:
    """Every episode on one line, failures first."""
    rows = "".join(
        f"<tr class='{'good' if e.success else 'bad'}'><td>{escape(e.task)}</td><td>{escape(e.split)}</td>"
        f"<td>{e.seed}</td><td lang='{escape(e.language)}'>{escape(e.instruction)}</td>"
        f"<td class='outcome'>{_outcome(e)}</td><td>{_progress(e)}</td><td>{e.time_s:.1f} s</td></tr>"
        for e in sorted(episodes, key=lambda e: e.success)
    )
    head = "".join(f"<th>{both(*h)}</th>" for h in HEADS)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    summary = f"<summary>{both(f'{len(episodes)} episodes', f'全 {len(episodes)} 回')}</summary>"
    return section("All episodes", "全エピソード", f"<details>{summary}{table}</details>")


def _caption(episode: EpisodeResult) -> str:
    return (
        f"<b class='{'good' if episode.success else 'bad'}'>{_outcome(episode)}</b> "
        f"<span lang='{escape(episode.language)}'>{escape(episode.instruction)}</span>"
        f"<small>{escape(episode.task)} · {name_of(episode.split)} · "
        f"{both('seed', 'シード')} {episode.seed} · {_progress(episode)} · {episode.time_s:.1f} s</small>"
    )


def _outcome(episode: EpisodeResult) -> str:
    if episode.success:
        return both("success", "成功")
    failure = both("failure", "失敗")
    return failure if episode.phase is None else f"{failure}: {name_of(episode.phase)}"


def _progress(episode: EpisodeResult) -> str:
    return "-" if episode.progress is None else f"{episode.progress:.0%}"
