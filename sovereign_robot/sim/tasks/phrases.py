"""Instructions drawn from templates, Japanese and English; slots are the colour and the bin."""

import re
import unicodedata
from collections.abc import Mapping

import numpy as np

from sovereign_robot.contract.errors import InstructionError

Wordings = dict[str, tuple[str, ...]]  # by language

LANGUAGES = ("ja", "en")
COLOURS: dict[str, Wordings] = {
    "red": {"ja": ("赤い", "赤の", "赤色の"), "en": ("red",)},
    "blue": {"ja": ("青い", "青の", "青色の"), "en": ("blue",)},
    "green": {"ja": ("緑の", "緑色の", "みどりの"), "en": ("green",)},
    "yellow": {"ja": ("黄色い", "黄色の", "黄の"), "en": ("yellow",)},
}
BINS: dict[str, Wordings] = {
    "left": {"ja": ("左の", "左側の", "左にある"), "en": ("left", "left-hand")},
    "middle": {"ja": ("真ん中の", "中央の", "まんなかの"), "en": ("middle", "center", "centre")},
    "right": {"ja": ("右の", "右側の", "右にある"), "en": ("right", "right-hand")},
}
CUBES: Wordings = {"ja": ("キューブ", "ブロック", "立方体"), "en": ("cube", "block")}
BOXES: Wordings = {"ja": ("箱", "ビン", "トレイ"), "en": ("bin", "box", "tray")}
TEMPLATES: Wordings = {
    "ja": (
        "{colour}{cube}を{bin}{box}に入れて",
        "{colour}{cube}を{bin}{box}に入れてください",
        "{bin}{box}に{colour}{cube}を入れて",
        "{bin}{box}へ{colour}{cube}を運んでください",
        "{colour}{cube}を取って{bin}{box}に置いて",
        "{colour}{cube}を{bin}{box}へ",
        "{colour}{cube}は{bin}{box}にお願いします",
        "{bin}{box}に{colour}{cube}をしまって",
    ),
    "en": (
        "put the {colour} {cube} in the {bin} {box}",
        "place the {colour} {cube} into the {bin} {box}",
        "please put the {colour} {cube} in the {bin} {box}",
        "move the {colour} {cube} to the {bin} {box}",
        "pick up the {colour} {cube} and drop it in the {bin} {box}",
        "in the {bin} {box}, put the {colour} {cube}",
        "the {colour} {cube} goes in the {bin} {box}",
        "into the {bin} {box} goes the {colour} {cube}",
    ),
}


def instruction(rng: np.random.Generator, language: str, colour: str, bin_name: str) -> str:
    """One sentence that asks for `colour`'s cube in the bin `bin_name`."""

    def pick(options: tuple[str, ...]) -> str:
        return options[int(rng.integers(len(options)))]

    return pick(TEMPLATES[language]).format(
        colour=pick(COLOURS[colour][language]),
        bin=pick(BINS[bin_name][language]),
        cube=pick(CUBES[language]),
        box=pick(BOXES[language]),
    )


def goal_of(text: str) -> tuple[str, str]:
    """The colour and the bin that a sentence names, by the words of the grammar.

    Raises:
        InstructionError: it names none, or several; lists what there is.
    """
    normal = unicodedata.normalize("NFKC", text).lower()
    colours, bins = _named(normal, COLOURS), _named(normal, BINS)
    if len(colours) != 1 or len(bins) != 1:
        found = ", ".join(colours + bins) or "none"
        raise InstructionError(
            f"the instruction {text!r} names {found} of what there is, expected one colour "
            f"({', '.join(COLOURS)}) and one bin ({', '.join(BINS)}), for example "
            "'put the red cube in the left bin'"
        )
    return colours[0], bins[0]


def _named(text: str, words: Mapping[str, Mapping[str, tuple[str, ...]]]) -> list[str]:
    return [
        name
        for name, variants in words.items()
        if any(word in text for word in variants["ja"])
        or any(re.search(rf"\b{word}\b", text) for word in variants["en"])
    ]
