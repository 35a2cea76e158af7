"""A dataset on one page: start, middle and end of some episodes of every task, as the cameras saw them.

For a person who asks "is this what a policy should learn from?" before hours of training.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import cv2

from sovereign_robot.contract.types import Image
from sovereign_robot.evaluation.page import LANGUAGE_NAMES, both, facts_table, page, section

MOMENTS = (("start", "開始"), ("middle", "途中"), ("end", "終了"))


@dataclass(frozen=True)
class ShownEpisode:
    """One episode on the page.

    Attributes:
        index: number in the dataset.
        pictures: by camera one image (H, W, 3) for each of `MOMENTS`.
    """

    index: int
    task: str
    instruction: str
    language: str
    seed: int
    duration_s: float
    pictures: Mapping[str, Sequence[Image]]


@dataclass(frozen=True)
class Sheet:
    """What the page says of the whole dataset.

    Attributes:
        tasks: number of episodes by task.
        languages: number of episodes by language.
        failed: episodes that did not succeed and were left out.
        facts: how it was made.
    """

    name: str
    robot: str
    cameras: Sequence[str]
    tasks: Mapping[str, int]
    languages: Mapping[str, int]
    frames: int
    duration_s: float
    failed: int
    facts: Mapping[str, str]


def contact_sheet(sheet: Sheet, shown: Sequence[ShownEpisode]) -> str:
    """The whole page; its pictures are part of it."""
    parts = [_headline(sheet)]
    for task, number in sheet.tasks.items():
        of_task = [e for e in shown if e.task == task]
        figures = "".join(_figure(e) for e in of_task)
        heading = (f"{task}: {len(of_task)} of {number} episodes", f"全 {number} 回のうち {len(of_task)} 回")
        parts.append(section(*heading, f"<div class='sheet'>{figures}</div>"))
    parts.append(section("How it was made", "収集条件", facts_table(sheet.facts)))
    return page(f"Dataset / データセット: {sheet.name}", "\n".join(parts))


def _headline(sheet: Sheet) -> str:
    languages = " · ".join(f"{_language(name)} {number}" for name, number in sheet.languages.items())
    minutes = sheet.duration_s / 60.0
    return (
        f"<div class='headline'><div class='big'>{sum(sheet.tasks.values())}</div><div>"
        f"<p><b>{both('episodes, each of them a success', '成功したエピソード')}</b> · "
        f"{both('failed and left out', '失敗（除外）')} {sheet.failed}</p>"
        f"<p>{both('frames', 'フレーム')} {sheet.frames} · {minutes:.1f} min · {languages}</p>"
        f"<p>{both('robot', 'ロボット')}: {escape(sheet.robot)} · "
        f"{both('pictures from top', '上から順に')}: {escape(', '.join(sheet.cameras))}</p></div></div>"
    )


def _figure(episode: ShownEpisode) -> str:
    cells = "".join(f"<span>{both(*moment)}</span>" for moment in MOMENTS)
    for camera, images in episode.pictures.items():
        for (moment, _), image in zip(MOMENTS, images, strict=True):
            alt = escape(f"{camera}, {moment} of episode {episode.index}", quote=True)
            cells += f"<img alt='{alt}' src='{_data_uri(image)}'>"
    return (
        f"<figure><div class='moments'>{cells}</div><figcaption>"
        f"<b lang='{escape(episode.language)}'>{escape(episode.instruction)}</b>"
        f"<small>{both('episode', 'エピソード')} {episode.index} · {both('seed', 'シード')} {episode.seed} · "
        f"{_language(episode.language)} · {episode.duration_s:.1f} s · "
        f"<b class='good'>{both('success', '成功')}</b></small></figcaption></figure>"
    )


def _language(name: str) -> str:
    return both(*LANGUAGE_NAMES.get(name, (name, name)))


def _data_uri(image: Image) -> str:
    """A picture (H, W, 3) as PNG inside the page."""
    png = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
