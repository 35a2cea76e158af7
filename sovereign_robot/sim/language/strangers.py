"""Words for things that no task has: a sentence with one of them asks for what cannot be done.

Some are real words, some are invented, so that a reader learns to tell what it knows and not a list.
"""

from functools import cache

import numpy as np

from sovereign_robot.sim.language.lexicon import Vocabulary, Words

INVENTED = 60
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_KANA = "アイエカキコサシソタテトナニノハヒホマミムラリロワガゴザダドバビブパピポ"
# English, Japanese before a noun, Japanese alone.
_COLOURS = (
    "purple 紫の 紫|orange オレンジの オレンジ|white 白い 白いの|black 黒い 黒いの|pink ピンクの ピンク"
    "|brown 茶色の 茶色|grey 灰色の 灰色"
    "|dark 暗い 暗いの|bright 明るい 明るいの"
)
_SIDES = (
    "upper 上の 上|lower 下の 下|third 三番目の 三番目|big 大きい 大きいの"
    "|small 小さい 小さいの|round 丸い 丸いの"
)
_WAYS = "upwards 上に 上|downwards 下に 下|outwards 外に 外|inwards 中に 中"
_THINGS = (
    "ball ボール|pen ペン|book 本|banana バナナ|spoon スプーン|key 鍵|towel タオル"
    "|phone 電話|apple りんご|shoe 靴"
)


@cache
def strangers(vocabulary: str) -> Vocabulary:
    """Words that could stand where a vocabulary's words stand, by what they would mean."""
    written = {"colour": _COLOURS, "shape": _THINGS, "care": _THINGS, "way": _WAYS}.get(vocabulary, _SIDES)
    known = [line.split(" ") for line in written.split("|")]
    rng = np.random.default_rng(3)
    no = "" if vocabulary in ("shape", "care") else "に" if vocabulary == "way" else "の"
    invented = [_invented(rng, no) for _ in range(INVENTED)]
    return {row[0]: _words(*row) for row in (*known, *invented)}


def _words(en: str, ja: str, ja_alone: str = "") -> Words:
    return Words(
        {"": (ja,), "alone": (ja_alone or ja,)},
        {"": (en,), "alone": (en,), "where": (f"on the {en} side",)},
    )


def _invented(rng: np.random.Generator, no: str) -> tuple[str, str, str]:
    syllables = int(rng.integers(2, 5))
    english = "".join(_pick(rng, _CONSONANTS) + _pick(rng, _VOWELS) for _ in range(syllables))
    english = english[: len(english) - int(rng.integers(2))]
    japanese = "".join(_pick(rng, _KANA) for _ in range(syllables))
    return english, japanese + no, japanese


def _pick(rng: np.random.Generator, letters: str) -> str:
    return letters[int(rng.integers(len(letters)))]
