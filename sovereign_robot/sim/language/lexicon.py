"""Words for the values of slots, in Japanese and English.

A word has forms, by where it stands:
    ""      in front of a noun, or the noun itself   赤い, 左の, コップ     red, left, cup
    alone   instead of a noun                        赤いの, 左             left
    where   behind a noun                                                   on the left
"""

from dataclasses import dataclass

LANGUAGES = ("ja", "en")
_PARTICLES = "のいにへ"


@dataclass(frozen=True)
class Words:
    """All words for one value: by language, then by form."""

    ja: dict[str, tuple[str, ...]]
    en: dict[str, tuple[str, ...]]

    def of(self, language: str, form: str) -> tuple[str, ...]:
        """The words that may stand there."""
        return (self.ja if language == "ja" else self.en)[form]

    def stems(self) -> set[str]:
        """What tells this value in a normalised sentence of either language."""
        japanese = {word.rstrip(_PARTICLES) for form in self.ja.values() for word in form}
        return japanese | {word for form in self.en.values() for word in form}


Vocabulary = dict[str, Words]  # by value


def _words(ja: str, en: str, ja_alone: str = "", en_alone: str = "", en_where: str = "") -> Words:
    """Words from lists that are written with "|"."""
    forms = {"": ja, "alone": ja_alone}, {"": en, "alone": en_alone, "where": en_where}
    japanese, english = ({form: tuple(text.split("|")) for form, text in f.items() if text} for f in forms)
    return Words(japanese, english)


COLOUR: Vocabulary = {
    "red": _words("赤い|赤の|赤色の|あかい", "red", "赤いの|赤いほう|赤"),
    "blue": _words("青い|青の|青色の|あおい", "blue", "青いの|青いほう|青"),
    "green": _words("緑の|緑色の|みどりの", "green", "緑の|緑色の|緑"),
    "yellow": _words("黄色い|黄色の|黄の|きいろい", "yellow", "黄色いの|黄色いほう|黄色"),
}
SIDE: Vocabulary = {
    "left": _words(
        "左の|左側の|左にある", "left|left-hand", "左|左側|左のほう", "left", "on the left|on the left side"
    ),
    "middle": _words(
        "真ん中の|中央の|まんなかの|真ん中にある",
        "middle|center|centre",
        "真ん中|中央|まんなか",
        "middle|center|centre",
        "in the middle|in the center|in the centre",
    ),
    "right": _words(
        "右の|右側の|右にある",
        "right|right-hand",
        "右|右側|右のほう",
        "right",
        "on the right|on the right side",
    ),
}
ZONE: Vocabulary = {
    **SIDE,
    "near": _words(
        "手前の|手前側の|手前にある",
        "near|nearest",
        "手前|手前側|手前のほう",
        "near side",
        "nearest to you|closest to you",
    ),
    "far": _words(
        "奥の|奥側の|奥にある",
        "far|farthest",
        "奥|奥側|奥のほう",
        "far side",
        "farthest from you|furthest from you",
    ),
}
WAY: Vocabulary = {
    "left": _words(
        "左に|左へ|左回りに|反時計回りに",
        "left|to the left|counterclockwise|counter-clockwise|anticlockwise",
        "左",
    ),
    "right": _words("右に|右へ|右回りに|時計回りに", "right|to the right|clockwise", "右"),
}
SHAPE: Vocabulary = {
    "cube": _words("キューブ|ブロック|立方体", "cube|block"),
    "disc": _words("円盤|ディスク|丸い板", "disc|disk|puck"),
    "tower": _words("タワー|塔|柱", "tower|column|pillar"),
}
CARE: Vocabulary = {
    "medicine": _words("薬|お薬|薬の箱|薬箱", "medicine|medicine box|medication|pill box"),
    "cup": _words("コップ|カップ|マグカップ", "cup|mug"),
    "bottle": _words("ボトル|瓶|水のボトル", "bottle|water bottle"),
}

VOCABULARIES = {
    "colour": COLOUR,
    "side": SIDE,
    "either side": {side: SIDE[side] for side in ("left", "right")},
    "zone": ZONE,
    "way": WAY,
    "shape": SHAPE,
    "care": CARE,
}
# Vocabulary by slot by task.
SLOTS: dict[str, dict[str, str]] = {
    "reach": {"colour": "colour", "kind": "shape"},
    "lift": {"colour": "colour", "kind": "shape"},
    "place_in_bin": {"colour": "colour", "bin": "side"},
    "stack": {"colour": "colour", "onto": "colour"},
    "push_to_zone": {"colour": "colour", "zone": "zone"},
    "press_button": {"colour": "colour", "place": "side"},
    "open_drawer": {"colour": "colour", "place": "side"},
    "close_drawer": {"colour": "colour", "place": "side"},
    "insert_peg": {"colour": "colour", "hole": "either side"},
    "turn_knob": {"colour": "colour", "way": "way"},
    "bring_to_tray": {"kind": "care", "tray": "either side"},
    "sort_two": {"colour": "colour", "bin": "either side", "other": "colour", "other_bin": "either side"},
}
HALVES = {
    "colour": "other",
    "bin": "other_bin",
}  # a goal with both says the same with its halves turned round
EITHER = {"colour", "place"}  # a goal of just these is one fixture, which each of them alone may name
