"""What is said in Japanese, by task; `wording.py` explains the notation."""

from sovereign_robot.sim.language.wording import Speech, rules, say

TE = (
    "{0}", "{0}ね", "{0}ください", "{0}ちょうだい", "{0}ほしい", "{0}ほしいです",
    "{0}くれる？", "{0}くれますか？", "{0}もらえる？", "{0}もらえますか？", "{0}いただけますか？",
)  # fmt: skip
ANY = (*TE, "次は{0}ください", "すみませんが、{0}もらえますか？", "{1}", "{1}こと", "{1}のをお願いします")

THING = "{colour}{cube}"
ONE = "{colour:alone}"
CUBE = "キューブ|ブロック|立方体"
BOX = "箱|ビン|トレイ|ケース"
PUT_IN = "入れて/入れる|しまって/しまう|置いて/置く|移して/移す"
PUT_ON = "載せて/載せる|のせて/のせる|置いて/置く"
PRESS = "押して/押す"
PUSH = "押して/押す|ずらして/ずらす|寄せて/寄せる"
OPEN = "開けて/開ける|引いて/引く"
CLOSE = "閉めて/閉める|閉じて/閉じる"
INSERT = "差し込んで/差し込む|挿して/挿す|入れて/入れる"
TURN = "回して/回す|ひねって/ひねる"
RAISE = "持ち上げて/持ち上げる|上げて/上げる"
TOUCH = "触って/触る|タッチして/タッチする|触れて/触れる"
SORT = "入れて/入れる|分けて/分ける|仕分けて/仕分ける"
DRAWER = {
    "thing": "{colour}{drawer}|{place}{drawer}|{place}{colour}{drawer}",
    "one": "{colour:alone}|{place:alone}|{place}{colour:alone}",
    "drawer": "引き出し|ひきだし",
}


def ja(frames: str, verbs: str) -> tuple[str, ...]:
    """Phrasings in every manner."""
    return say(frames, verbs, ANY)


def te(frames: str, verbs: str) -> tuple[str, ...]:
    """Phrasings in the manners that go with a topic, は or だけ."""
    return say(frames, verbs, TE)


def bare(frames: str) -> tuple[str, ...]:
    """Phrasings that are whole already: ellipsis, mostly without a verb."""
    return say(frames, "", ("{0}",))


JAPANESE: dict[str, Speech] = {
    "reach": Speech(
        rules(thing="{colour}{kind}", hand="手|アーム", top="上|上面"),
        (
            ja("{thing}に{verb}", TOUCH),
            ja("{thing}の{top}に{verb}", TOUCH),
            ja("{thing}まで{hand}を{verb}|{hand}を{thing}まで{verb}", "伸ばして/伸ばす"),
            ja("{hand}を伸ばして{thing}に{verb}|上から{thing}に{verb}", "触って/触る|触れて/触れる"),
            te("{thing}には上から{verb}|{thing}にだけ{verb}", "触って/触る|タッチして/タッチする"),
            bare(
                "{thing}にタッチ|{thing}、タッチ|タッチするのは{thing}です|触るのは{thing}"
                "|触ってほしいのは{thing}です|{thing}の{top}にタッチ|{thing}に触るだけでいいです"
                "|{thing}にタッチをお願いします|上からタッチ、{thing}に"
            ),
        ),
    ),
    "lift": Speech(
        rules(thing="{colour}{kind}", table="テーブル|机|台"),
        (
            ja(
                "{thing}を{verb}",
                "持ち上げて/持ち上げる|取り上げて/取り上げる|拾い上げて/拾い上げる|上げて/上げる",
            ),
            ja("{thing}を上に{verb}|{thing}を高く{verb}|上に{thing}を{verb}", "持ち上げて/持ち上げる"),
            ja("{thing}をつかんで{verb}|{thing}をつかんで上に{verb}", RAISE),
            ja("{table}から{thing}を{verb}|{thing}を{table}から{verb}", "持ち上げて/持ち上げる"),
            te("{thing}は上に{verb}|{thing}だけ{verb}", RAISE),
            bare(
                "{thing}を上へ|{thing}、持ち上げ|持ち上げるのは{thing}です|持ち上げてほしいのは{thing}です"
                "|{thing}の持ち上げをお願いします|{thing}、上に|上げるのは{thing}|{table}から{thing}を上へ"
                "|{thing}を上にお願いします"
            ),
        ),
    ),
    "place_in_bin": Speech(
        rules(thing=THING, one=ONE, place="{bin}{box}", cube=CUBE, box=BOX),
        (
            ja(
                "{thing}を{place}に{verb}|{place}に{thing}を{verb}",
                f"{PUT_IN}|運んで/運ぶ|入れておいて/入れておく",
            ),
            ja("{thing}を{place}の中に{verb}|{place}の中に{thing}を{verb}", PUT_IN),
            ja(
                "{thing}を取って{place}に{verb}|{thing}をつかんで、{place}に{verb}",
                "入れて/入れる|置いて/置く",
            ),
            ja("{one}を{place}に{verb}|{place}に{one}を{verb}", PUT_IN),
            te("{thing}は{place}に{verb}|{one}は{bin:alone}に{verb}", PUT_IN),
            bare(
                "{thing}を{place}へ|{thing}は{place}へ|{thing}は{place}にお願いします|{thing}を{place}にお願い"
                "|{one}、{bin:alone}に|{one}は{bin:alone}|{one}を{bin:alone}に|{bin:alone}に{one}"
                "|{place}に{thing}|{thing}、{place}|{place}へ{thing}を|{one}は{place}"
            ),
        ),
    ),
    "stack": Speech(
        rules(thing=THING, base="{onto}{cube}", one=ONE, below="{onto:alone}", cube=CUBE),
        (
            ja(
                "{thing}を{base}の上に{verb}|{base}の上に{thing}を{verb}",
                f"{PUT_ON}|積んで/積む|重ねて/重ねる",
            ),
            ja("{thing}を{base}に{verb}|{base}に{thing}を{verb}", "重ねて/重ねる|積み重ねて/積み重ねる"),
            ja("{thing}を取って{base}の上に{verb}|{thing}をつかんで、{base}の上に{verb}", PUT_ON),
            ja(
                "{one}を{below}の上に{verb}|{below}の上に{one}を{verb}",
                "載せて/載せる|置いて/置く|積んで/積む",
            ),
            te("{thing}は{base}の上に{verb}|{one}は{base}の上に{verb}", "置いて/置く|載せて/載せる"),
            bare(
                "{thing}を{base}の上へ|{thing}は{base}の上|{base}の上に{thing}|{one}、{below}の上に"
                "|{below}の上に{one}|{one}は{below}の上|{thing}を{base}の上にお願いします"
                "|{base}の上へ{thing}を|{thing}、{base}の上"
            ),
        ),
    ),
    "push_to_zone": Speech(
        rules(thing=THING, one=ONE, place="{zone}{area}", cube=CUBE, area="エリア|枠|ゾーン"),
        (
            ja(
                "{thing}を{place}に{verb}|{place}に{thing}を{verb}|{thing}を{place}まで{verb}",
                "押して/押す|滑らせて/滑らせる|ずらして/ずらす|動かして/動かす",
            ),
            ja(
                "{thing}を押して{place}に{verb}|{thing}を押して{place}まで{verb}",
                "動かして/動かす|移して/移す",
            ),
            ja("{thing}を{zone:alone}に{verb}|{thing}を{zone:alone}へ{verb}", PUSH),
            ja(
                "{thing}を持ち上げずに{place}に{verb}|{thing}をつかまずに{place}まで{verb}",
                "押して/押す|滑らせて/滑らせる|動かして/動かす",
            ),
            te("{thing}は{place}に{verb}|{one}は{zone:alone}に{verb}", PUSH),
            bare(
                "{thing}を押して{place}へ|{one}を押して{zone:alone}へ|{thing}を{place}へ|{thing}、{place}まで"
                "|{one}、{zone:alone}に押す|{place}へ{thing}を|{one}は{zone:alone}へ"
                "|{thing}は{place}にお願いします|押すのは{thing}、{place}まで"
            ),
        ),
    ),
    "press_button": Speech(
        rules(
            thing="{colour}{button}|{place}{button}|{place}{colour}{button}",
            one="{colour:alone}|{place:alone}|{place}{colour:alone}",
            button="ボタン|呼び出しボタン|コールボタン",
            how="しっかり|軽く|一度だけ|ちゃんと",
        ),
        (
            ja("{thing}を{verb}", f"{PRESS}|押し込んで/押し込む|一回押して/一回押す"),
            ja("{thing}を{how}{verb}|{how}{thing}を{verb}", PRESS),
            ja("手を伸ばして{thing}を{verb}|上から{thing}を{verb}", f"{PRESS}|押し込んで/押し込む"),
            ja("{one}を{verb}|{one}を{how}{verb}", PRESS),
            ja("{thing}で人を{verb}|{thing}で看護師さんを{verb}", "呼んで/呼ぶ"),
            te("{thing}は{verb}|{one}だけ{verb}", PRESS),
            bare(
                "{thing}、押す|{one}、押す|押すのは{thing}|押してほしいのは{thing}です|{thing}をポチッと"
                "|{thing}で呼び出し|{thing}を一度だけ|{thing}をお願いします|押すのは{one}です"
            ),
        ),
    ),
    "open_drawer": Speech(
        rules(**DRAWER, how="ゆっくり|いっぱいまで|最後まで|しっかり"),
        (
            ja("{thing}を{verb}", "開けて/開ける|あけて/あける|引いて/引く|引いて開けて/引いて開ける"),
            ja("{thing}を{how}{verb}|{how}{thing}を{verb}", OPEN),
            ja("取っ手を持って{thing}を{verb}|{thing}の取っ手を引いて{verb}", "開けて/開ける|あけて/あける"),
            ja("{one}を{verb}|{one}を{how}{verb}", OPEN),
            te("{thing}だけ{verb}|{thing}は{verb}", "開けて/開ける|開けておいて/開けておく"),
            bare(
                "{thing}、開ける|{one}、開ける|開けるのは{thing}|開けてほしいのは{thing}です"
                "|{thing}の中を見せて|{thing}をオープン|{thing}の中の物を見せて|開けるのは{one}です"
                "|{thing}の中の物を取りたい"
            ),
        ),
    ),
    "close_drawer": Speech(
        rules(**DRAWER, how="ゆっくり|きちんと|最後まで|しっかり"),
        (
            ja("{thing}を{verb}", "閉めて/閉める|しめて/しめる|閉じて/閉じる|押して閉めて/押して閉める"),
            ja("{thing}を{how}{verb}|{how}{thing}を{verb}", CLOSE),
            ja("開いている{thing}を{verb}|{thing}を元どおりに{verb}", "閉めて/閉める|しめて/しめる"),
            ja("{one}を{verb}|{one}を{how}{verb}", CLOSE),
            te("{thing}だけ{verb}|{thing}は{verb}", "閉めて/閉める|閉めておいて/閉めておく"),
            bare(
                "{thing}、閉める|{one}、閉める|閉めるのは{thing}|閉めてほしいのは{thing}です"
                "|{thing}が開いたままです|{thing}はもう閉めて|{thing}が開いているので閉めて|閉めるのは{one}です"
                "|{thing}はもう使わないので閉めて"
            ),
        ),
    ),
    "insert_peg": Speech(
        rules(thing="{colour}{peg}", one=ONE, place="{hole}{slot}", peg="ペグ|ピン|棒", slot="穴"),
        (
            ja(
                "{thing}を{place}に{verb}|{place}に{thing}を{verb}",
                f"{INSERT}|はめて/はめる|挿入して/挿入する",
            ),
            ja(
                "{thing}を{place}の底まで{verb}|{place}の底まで{thing}を{verb}",
                "差し込んで/差し込む|入れて/入れる|挿して/挿す",
            ),
            ja("{thing}を取って{place}に{verb}|{thing}をつかんで、{place}に{verb}", INSERT),
            ja(
                "{one}を{place}に{verb}|{place}に{one}を{verb}",
                "差し込んで/差し込む|挿して/挿す|はめて/はめる",
            ),
            te("{thing}は{place}に{verb}|{one}は{hole:alone}に{verb}", INSERT),
            bare(
                "{thing}を{place}へ|{thing}は{place}|{one}、{place}に|{place}に{thing}|{one}は{hole:alone}"
                "|{thing}は{place}にお願いします|{place}には{thing}|{one}、{hole:alone}に|{place}へ{thing}を"
            ),
        ),
    ),
    "turn_knob": Speech(
        rules(thing="{colour}{knob}", one=ONE, knob="つまみ|ノブ|ダイヤル"),
        (
            ja("{thing}を{way}{verb}|{way}{thing}を{verb}", f"{TURN}|回転させて/回転させる"),
            ja("{thing}を{way:alone}方向に{verb}|{way:alone}方向に{thing}を{verb}", TURN),
            ja("{thing}をつまんで{way}{verb}|{thing}をつかんで{way}{verb}", TURN),
            ja("{one}を{way}{verb}|{way}{one}を{verb}", TURN),
            te("{thing}は{way}{verb}|{one}は{way:alone}方向に{verb}", TURN),
            bare(
                "{thing}を{way}|{one}、{way}|{one}は{way:alone}|{thing}は{way:alone}へ|{thing}、{way:alone}"
                "|{thing}を{way}お願いします|{way:alone}へ、{thing}を|{thing}は{way}|回すのは{thing}、{way}"
            ),
        ),
    ),
    "bring_to_tray": Speech(
        rules(thing="{kind}", place="{tray}{board}", board="トレイ|トレー|お盆"),
        (
            ja(
                "{thing}を{place}に{verb}|{place}に{thing}を{verb}",
                f"{PUT_ON}|運んで/運ぶ|持ってきて/持ってくる|移して/移す",
            ),
            ja(
                "{thing}を{place}まで{verb}|{place}まで{thing}を{verb}",
                "運んで/運ぶ|持ってきて/持ってくる|持っていって/持っていく",
            ),
            ja("{thing}を取って{place}に{verb}|{thing}をつかんで、{place}に{verb}", PUT_ON),
            ja("{thing}を{place}の上に{verb}|{place}の上に{thing}を{verb}", PUT_ON),
            te("{thing}は{place}に{verb}|{thing}は{tray:alone}に{verb}", PUT_ON),
            bare(
                "{thing}を{place}へ|{thing}は{place}にお願いします|{thing}、{tray:alone}に|{place}に{thing}"
                "|{thing}は{tray:alone}|{thing}、{place}まで|{place}に{thing}がほしい|{thing}は{place}"
                "|{place}へ{thing}を"
            ),
        ),
    ),
    "sort_two": Speech(
        rules(
            thing=THING,
            place="{bin}{box}",
            thing2="{other}{cube}",
            place2="{other_bin}{box}",
            one=ONE,
            one2="{other:alone}",
            cube=CUBE,
            box=BOX,
        ),
        (
            ja("{thing}を{place}に、{thing2}を{place2}に{verb}", f"{SORT}|しまって/しまう|置いて/置く"),
            ja(
                "{place}に{thing}、{place2}に{thing2}を{verb}|{place}に{thing}を、{place2}に{thing2}を{verb}",
                "入れて/入れる|しまって/しまう|置いて/置く",
            ),
            ja(
                "{one}を{bin:alone}に、{one2}を{other_bin:alone}に{verb}",
                "分けて/分ける|仕分けて/仕分ける|入れて/入れる",
            ),
            ja(
                "{one}を{place}、{one2}を{place2}に{verb}|{place}に{one}、{place2}に{one2}を{verb}",
                "入れて/入れる|しまって/しまう|置いて/置く",
            ),
            te(
                "{thing}は{place}、{thing2}は{place2}に{verb}|{one}は{bin:alone}、{one2}は{other_bin:alone}に{verb}",
                SORT,
            ),
            bare(
                "{one}は{bin:alone}、{one2}は{other_bin:alone}|{one}、{bin:alone}、{one2}、{other_bin:alone}"
                "|{bin:alone}に{one}、{other_bin:alone}に{one2}|{thing}は{place}へ、{thing2}は{place2}へ"
                "|{one}は{place}、{one2}は{place2}にお願いします|{bin:alone}は{one}、{other_bin:alone}は{one2}"
                "|{one}を{bin:alone}へ、{one2}を{other_bin:alone}へ|{place}は{thing}、{place2}は{thing2}"
                "|{one}が{bin:alone}、{one2}が{other_bin:alone}"
            ),
        ),
    ),
}
