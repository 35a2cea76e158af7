"""Words for things that no task has: a sentence with one of them asks for something that cannot be done.

`TAUGHT` may be said in training; `UNHEARD` is for the test alone, so that a word nobody trained on is met.
"""

from sovereign_robot.sim.language.lexicon import Vocabulary, Words


def _word(ja: str, en: str, ja_alone: str = "") -> Words:
    """One word per language; an adjective stands alone as `ja_alone`."""
    alone = ja_alone or ja
    return Words({"": (ja,), "alone": (alone,)}, {"": (en,), "alone": (en,), "where": (f"at the {en}",)})


def _named(*words: Words) -> Vocabulary:
    return {word.en[""][0]: word for word in words}


_TAUGHT_COLOURS = _named(
    _word("紫の", "purple", "紫"),
    _word("オレンジの", "orange", "オレンジ"),
    _word("白い", "white", "白いの"),
    _word("黒い", "black", "黒いの"),
    _word("ピンクの", "pink", "ピンク"),
    _word("茶色の", "brown", "茶色"),
    _word("灰色の", "grey", "灰色"),
)
_TAUGHT_SIDES = _named(
    _word("上の", "upper", "上"),
    _word("下の", "lower", "下"),
    _word("三番目の", "third", "三番目"),
    _word("大きい", "big", "大きいの"),
    _word("小さい", "small", "小さいの"),
)
_TAUGHT_WAYS = _named(
    _word("上に", "upwards", "上"), _word("下に", "downwards", "下"), _word("逆さに", "upside down", "逆")
)
_TAUGHT_KINDS = _named(
    _word("ボール", "ball"),
    _word("ペン", "pen"),
    _word("本", "book"),
    _word("バナナ", "banana"),
    _word("スプーン", "spoon"),
    _word("鍵", "key"),
    _word("タオル", "towel"),
    _word("電話", "phone"),
)
TAUGHT: dict[str, Vocabulary] = {
    "colour": _TAUGHT_COLOURS,
    "side": _TAUGHT_SIDES,
    "either side": _TAUGHT_SIDES,
    "zone": _TAUGHT_SIDES,
    "way": _TAUGHT_WAYS,
    "shape": _TAUGHT_KINDS,
    "care": _TAUGHT_KINDS,
}
