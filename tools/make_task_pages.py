"""Draws every task and writes docs/tasks.md: `make docs`."""

from collections.abc import Mapping
from inspect import getdoc, getmodule
from pathlib import Path

import cv2
import numpy as np

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Image
from sovereign_robot.sim.env import env_id
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.language.grammar import grammar_of
from sovereign_robot.sim.performance import perform
from sovereign_robot.sim.sampling import sample_scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import TASKS, load_task
from sovereign_robot.sim.tasks.task import Task
from sovereign_robot.sim.world import Prop

DOCS = Path(__file__).parents[1] / "docs"
PEOPLE_PX, POLICY_PX = 320, 128  # widths on the page
ROBOT, SEED, SPLIT = "so101", 3, "layout"  # a split without randomised looks
JAPANESE = {
    "reach": "指定された物の上面まで、閉じた手先をそっと動かします。物は押しません。",
    "lift": "指定された物をつかんで持ち上げます。ほかの物は持ち上げません。",
    "place_in_bin": "指定された色のキューブを、指定された箱に入れて離します。",
    "stack": "あるキューブを別のキューブの上に重ねて離します。どちらが上かは文が決めます。",
    "push_to_zone": "指定された色のキューブを、持ち上げずに指定された区画まで押します。",
    "press_button": "指定された呼び出しボタンだけを押します。",
    "open_drawer": "指定された引き出しだけを開けます。",
    "close_drawer": "指定された引き出しだけを閉めます。",
    "insert_peg": "指定された色のピンを、指定された穴に差し込んで離します。隙間は 2 mm です。",
    "turn_knob": "指定されたつまみを、指定された向きに 45 度以上回します（左は上から見て反時計回り）。",
    "bring_to_tray": "薬箱・カップ・ボトルを種類で選び、指定されたトレイに置きます。色は無関係です。",
    "sort_two": "二つのキューブを、それぞれ指定された別の箱に入れます。一つの文が両方を頼みます。",
}
HEAD = """# Tasks / タスク

`make docs` writes this page and its pictures from the tasks themselves.

このページと画像は `make docs` がタスクの定義から作ります。

Every picture leaves at least two goals open, and only the sentence says which one is meant. Left and right,
near and far are the arm's own: the front camera faces the arm, so its left is on the picture's right.

どの場面にも目標が二つ以上あり、どれかは文だけが決めます。左右・手前・奥はアームから見た向きです。
正面カメラはアームと向かい合うので、アームの左は画像の右になります。
"""


def main() -> None:
    """Write the page and every picture."""
    contract = load_robot(ROBOT)
    images = DOCS / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name in TASKS:
        for view, image in draw(contract, name).items():
            cv2.imwrite(str(images / f"{name}_{view}.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    (DOCS / "tasks.md").write_text(page(contract), encoding="utf-8")


def draw(contract: RobotContract, name: str) -> dict[str, Image]:
    """The beginning and the end for people, and the beginning as the policy sees it."""
    simulation = Simulation(contract, name)
    simulation.reset(SEED, SPLIT)
    begin = simulation.render_view(simulation.qpos())
    seen = simulation.images()
    perform(simulation, Expert(simulation))
    end = simulation.render_view(simulation.qpos())
    simulation.close()
    return {"begin": begin, "end": end, **{f"policy_{camera}": image for camera, image in seen.items()}}


def page(contract: RobotContract) -> str:
    """The whole page."""
    return "\n".join([HEAD, *(section(contract, name) for name in TASKS)])


def section(contract: RobotContract, name: str) -> str:
    """One task: pictures, sentences, and what it is about."""
    task, module = load_task(name), getmodule(TASKS[name])
    scene = sample_scene(contract, task, SEED, SPLIT)
    sentences = [
        grammar_of(name).sentence(np.random.default_rng(SEED), language, scene.goal, False, scene.choices)
        for language in ("en", "ja")
    ]
    cameras = contract.camera_names
    seen = "<br>".join(_picture(name, f"policy_{camera}", POLICY_PX) for camera in cameras)
    begin, end = (_picture(name, view, PEOPLE_PX) for view in ("begin", "end"))
    rows = {
        "Sentence / 指示": " · ".join(sentences),
        "Success / 成功": f"{_first_line(TASKS[name])} {_times(task)}",
        "Slots / スロット": "; ".join(f"`{slot}`: {', '.join(v)}" for slot, v in task.slots.items()),
        "Things / 物": _things(task.props()),
        "Gymnasium": f"`{env_id(name)}`",
    }
    return (
        f"## `{name}`\n\n{_first_line(module)}\n\n{JAPANESE[name]}\n\n"
        f"| begins / 開始 | done / 完了 | policy input / 方策の入力: {', '.join(cameras)} |\n"
        f"|---|---|---|\n| {begin} | {end} | {seen} |\n\n"
        + "\n".join(f"- **{label}**: {value}" for label, value in rows.items())
        + "\n"
    )


def _picture(name: str, view: str, width_px: int) -> str:
    text = f"{name}, {view.replace('_', ' ')}"
    return f'<img src="images/{name}_{view}.png" width="{width_px}" alt="{text}">'


def _first_line(thing: object) -> str:
    return (getdoc(thing) or "").splitlines()[0]


def _times(task: Task) -> str:
    hold, limit = f"{task.hold_s:g}", f"{task.timeout_s:g}"
    return f"For {hold} s, within {limit} s. {limit} 秒以内に達成し、{hold} 秒続くこと。"


def _things(props: Mapping[str, Prop]) -> str:
    """Kinds of props, each with the colours or the number that exist."""
    colours: dict[str, list[str]] = {}
    for prop in props.values():
        colours.setdefault(prop.asset, []).append(prop.colour or "")
    named = []
    for asset, found in colours.items():
        which = ", ".join(dict.fromkeys(c for c in found if c))
        named.append(f"{asset} ({which})" if which else f"{asset} ({len(found)})")
    return ", ".join(named)


if __name__ == "__main__":
    main()
