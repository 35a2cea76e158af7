"""What is said in English, by task; `wording.py` explains the notation."""

from sovereign_robot.sim.language.wording import Speech, rules, say

ANY = (
    "{0}", "please {0}", "{0}, please", "could you {0}?", "could you please {0}?", "can you {0}?",
    "would you {0}?", "would you mind {1}?", "I need you to {0}", "I'd like you to {0}", "I want you to {0}",
    "now {0}", "next, {0}",
)  # fmt: skip

CUBE = "cube|block"
BOX = "bin|box|tray"
PUT = "put/putting|place/placing|drop/dropping"
SET = "put/putting|place/placing|set/setting"
MOVE = "move/moving|take/taking|bring/bringing|carry/carrying"
PUSH = "push/pushing|slide/sliding|move/moving"
PRESS = "press/pressing|push/pushing"
INSERT = "insert/inserting|put/putting|fit/fitting"
TURN = "turn/turning|rotate/rotating|twist/twisting"
RAISE = "lift/lifting|raise/raising"
TOUCH = "touch/touching|tap/tapping"
OPEN = "open/opening|pull open/pulling open"
CLOSE = "close/closing|shut/shutting"
LAY = "put/putting|lay/laying"
SORT = "sort/sorting|move/moving"
ON = "on|on top of|onto"
AREA = "zone|area|square"
THING = "the {colour} {cube}"
ONE = "the {colour} one"
FIXTURE = "the {colour} {noun}|the {place} {noun}|the {noun} {place:where}|the {colour} {noun} {place:where}"
FIXTURE_ONE = "the {colour} one|the {place} one|the one {place:where}|the {colour} one {place:where}"


def en(frames: str, verbs: str) -> tuple[str, ...]:
    """Phrasings in every manner."""
    return say(frames, verbs, ANY)


def bare(frames: str, verbs: str = "") -> tuple[str, ...]:
    """Phrasings that are whole already: ellipsis, or the place in front."""
    return say(frames, verbs, ("{0}",))


ENGLISH: dict[str, Speech] = {
    "reach": Speech(
        rules(thing="the {colour} {kind}", hand="gripper|hand|fingers", top="top|top side"),
        (
            en("{verb} {thing}|{verb} the {top} of {thing}|{verb} {thing} from above", TOUCH),
            en("{verb} {thing}", "reach for/reaching for|reach out to/reaching out to"),
            en("[reach/reaching] out and {verb} {thing}|[go/going] to {thing} and {verb} it", TOUCH),
            en("{verb} your {hand} on {thing}|{verb} your {hand} on the {top} of {thing}", LAY),
            en("[give/giving] {thing} a {verb}", "tap/tap|light touch/light touch"),
            bare(
                "{thing}, touch it|{colour} {kind}, touch|the one to touch is {thing}|just a touch on {thing}"
                "|{thing} is the one to touch|a tap on {thing}, please|I want {thing} touched"
                "|touch nothing but {thing}|{colour} {kind}, a quick tap"
            ),
        ),
    ),
    "lift": Speech(
        rules(thing="the {colour} {kind}", table="table|desk|bench"),
        (
            en("{verb} {thing}", f"{RAISE}|pick up/picking up|lift up/lifting up"),
            en("{verb} {thing} up|{verb} {thing} up high", "lift/lifting|hold/holding"),
            en("{verb} {thing} off the {table}", "lift/lifting|take/taking|pick/picking"),
            en("[take/taking] hold of {thing} and {verb} it|[grab/grabbing] {thing} and {verb} it", RAISE),
            en("{verb} {thing} into the air|{verb} {thing} off the {table} and [hold/holding] it", RAISE),
            bare(
                "{thing}, up|{colour} {kind} up, please|up with {thing}|off the {table} with {thing}"
                "|{thing} goes up|the one to lift is {thing}|{thing} is the one to lift"
                "|I want {thing} off the {table}|{colour} {kind}, lift"
            ),
        ),
    ),
    "place_in_bin": Speech(
        rules(thing=THING, one=ONE, place="the {bin} {box}|the {box} {bin:where}", cube=CUBE, box=BOX),
        (
            en("{verb} {thing} in {place}|{verb} {thing} into {place}", PUT),
            en("{verb} {thing} to {place}|{verb} {thing} over to {place}", MOVE),
            en("[pick/picking] up {thing} and {verb} it in {place}", PUT),
            en("[take/taking] {thing} and {verb} it in {place}", PUT),
            en("{verb} {one} in {place}|{verb} {one} into {place}", PUT),
            bare("in {place}, {verb} {thing}|into {place}, please {verb} {thing}", "put/|place/"),
            bare(
                "{thing} goes in {place}|into {place} goes {thing}|{thing} needs to be in {place}"
                "|I want {thing} in {place}|{thing} in {place}, please|{colour} one, {bin} {box}"
                "|{colour} {cube}, {bin:alone}|{colour} to the {bin:alone}|{one} belongs in {place}"
                "|{bin} {box}, {colour} {cube}|{thing} should go in {place}|{colour} one to the {bin:alone}"
            ),
        ),
    ),
    "stack": Speech(
        rules(
            thing=THING,
            one=ONE,
            base="the {onto} {cube}|the {onto} one",
            on=ON,
            atop="on|on top of",
            cube=CUBE,
        ),
        (
            en("{verb} {thing} {on} {base}", f"{SET}|stack/stacking"),
            en("[pick/picking] up {thing} and {verb} it {on} {base}", SET),
            en("[take/taking] {thing} and {verb} it {on} {base}", SET),
            en("{verb} {one} {on} {base}", f"{SET}|stack/stacking"),
            en("{verb} a tower with {thing} {atop} {base}", "build/building|make/making"),
            bare("{atop} {base}, {verb} {thing}|{atop} {base}, please {verb} {thing}", "put/|place/|stack/"),
            bare(
                "{thing} goes {on} {base}|{atop} {base} goes {thing}|{thing} should be {atop} {base}"
                "|I want {thing} {atop} {base}|{thing} {atop} {base}, please|{colour} on {onto}"
                "|{colour} one on top of the {onto} one|{thing} belongs {atop} {base}"
                "|{colour} {cube} over {onto} {cube}"
            ),
        ),
    ),
    "push_to_zone": Speech(
        rules(thing=THING, one=ONE, place="the {zone} {area}|the {area} {zone:where}", cube=CUBE, area=AREA),
        (
            en("{verb} {thing} to {place}|{verb} {thing} into {place}", PUSH),
            en("{verb} {thing} over to {place}|{verb} {thing} along to {place}", PUSH),
            en(
                "{verb} {thing} to the {zone:alone}|{verb} {one} to the {zone:alone}", f"{PUSH}|nudge/nudging"
            ),
            en("{verb} {thing} until it is in {place}|{verb} {one} into {place}", PUSH),
            bare("to {place}, {verb} {thing}|into {place}, please {verb} {thing}", "push/|slide/"),
            bare(
                "{one}, push it to the {zone:alone}|{colour} {cube}, {zone} {area}|{thing} goes to {place}"
                "|{thing} gets pushed to {place}|I want {thing} in {place}|{colour} to the {zone:alone}"
                "|without lifting it, push {thing} to {place}|{place} gets {thing}"
                "|push {colour} to the {zone:alone}"
            ),
        ),
    ),
    "press_button": Speech(
        rules(thing=FIXTURE, one=FIXTURE_ONE, noun="button|call button"),
        (
            en("{verb} {thing}", f"{PRESS}|hit/hitting|press down on/pressing down on"),
            en("{verb} {thing} once|{verb} {thing} all the way down", PRESS),
            en("[reach/reaching] out and {verb} {thing}|[go/going] and {verb} {thing}", PRESS),
            en("{verb} {one}|{verb} {one} once", PRESS),
            en("{verb} for help with {thing}|{verb} a nurse with {thing}", "call/calling"),
            bare(
                "{thing}, press it|{thing} is the one to press|the one to press is {one}|{one}, press it"
                "|I want {thing} pressed|{thing} needs a press|a push on {thing}, please|just press {thing}"
                "|{thing}, press it once"
            ),
        ),
    ),
    "open_drawer": Speech(
        rules(thing=FIXTURE, one=FIXTURE_ONE, noun="drawer"),
        (
            en("{verb} {thing}", f"{OPEN}|open up/opening up|pull/pulling"),
            en("{verb} {thing} all the way|{verb} {thing} slowly", OPEN),
            en("[pull/pulling] {thing} out|[slide/sliding] {thing} open", ""),
            en("[take/taking] the handle and {verb} {thing}", OPEN),
            en("{verb} {one}|{verb} {one} for me", OPEN),
            bare(
                "{thing}, open it|{thing} is the one to open|the one to open is {one}|I want {thing} open"
                "|{thing} should be open|{thing} open, please|let me see into {thing}|{one}, open it"
                "|I need to see into {thing}"
            ),
        ),
    ),
    "close_drawer": Speech(
        rules(thing=FIXTURE, one=FIXTURE_ONE, noun="drawer"),
        (
            en("{verb} {thing}", f"{CLOSE}|push shut/pushing shut"),
            en("{verb} {thing} all the way|{verb} {thing} slowly", CLOSE),
            en("[push/pushing] {thing} in|[slide/sliding] {thing} shut|[push/pushing] {thing} back in", ""),
            en("[go/going] and {verb} {thing}", CLOSE),
            en("{verb} {one}|{verb} {one} for me", CLOSE),
            bare(
                "{thing}, close it|{thing} is the one to close|the one to close is {one}|{one}, close it"
                "|{one} is still open, close it|I want {thing} closed|{thing} should be closed"
                "|{thing} closed, please|{thing} is still open, close it|I am done with {thing}"
            ),
        ),
    ),
    "insert_peg": Speech(
        rules(
            thing="the {colour} {peg}",
            one=ONE,
            place="the {hole} {slot}|the {slot} {hole:where}",
            peg="peg|pin|rod",
            slot="hole|socket",
        ),
        (
            en("{verb} {thing} into {place}|{verb} {thing} in {place}", f"{INSERT}|plug/plugging"),
            en("[pick/picking] up {thing} and {verb} it into {place}", INSERT),
            en("[take/taking] {thing} and {verb} it into {place}", INSERT),
            en("{verb} {one} into {place}|{verb} {one} in {place}", INSERT),
            en("{verb} {thing} all the way into {place}", "push/pushing|slide/sliding"),
            bare("into {place}, {verb} {thing}|into {place}, please {verb} {thing}", "insert/|put/|fit/"),
            bare(
                "{thing} goes into {place}|into {place} goes {thing}|{thing} fits in {place}"
                "|{thing} belongs in {place}|I want {thing} in {place}|{thing} in {place}, please"
                "|{colour} {peg}, {hole} {slot}|{place} takes {thing}|{colour} one, {hole} {slot}"
            ),
        ),
    ),
    "turn_knob": Speech(
        rules(thing="the {colour} {knob}", one=ONE, knob="knob|dial"),
        (
            en("{verb} {thing} {way}", f"{TURN}|spin/spinning"),
            en("[grip/gripping] {thing} and {verb} it {way}|[take/taking] {thing} and {verb} it {way}", TURN),
            en("{verb} {one} {way}", TURN),
            en("[give/giving] {thing} a {verb} {way}", "turn/turn|twist/twist"),
            bare(
                "{thing} goes {way}|{colour} {knob}, {way}|{colour}, {way}|{thing}, a turn {way}, please"
                "|{one} needs a turn {way}|I want {thing} turned {way}|{thing}, turn it {way}"
                "|{thing} should be turned {way}|{colour} one {way}, please"
            ),
        ),
    ),
    "bring_to_tray": Speech(
        rules(thing="the {kind}", place="the {tray} {board}|the {board} {tray:where}", board="tray"),
        (
            en("{verb} {thing} to {place}|{verb} {thing} over to {place}", MOVE),
            en("{verb} {thing} on {place}|{verb} {thing} onto {place}", SET),
            en("[pick/picking] up {thing} and {verb} it on {place}", SET),
            en("[get/getting] {thing} and {verb} it to {place}", "bring/bringing|carry/carrying"),
            en("[fetch/fetching] {thing} and {verb} it on {place}", SET),
            bare("on {place}, {verb} {thing}|onto {place}, please {verb} {thing}", "put/|place/|set/"),
            bare(
                "{thing} goes on {place}|on {place} goes {thing}|{thing} on {place}, please"
                "|{kind}, {tray} {board}|{kind} to the {tray:alone}|I want {thing} on {place}"
                "|I need {thing} on {place}|{thing} belongs on {place}|{thing} should be on {place}"
            ),
        ),
    ),
    "sort_two": Speech(
        rules(
            thing=THING,
            place="the {bin} {box}",
            thing2="the {other} {cube}|the {other} one",
            place2="the {other_bin} {box}|the {other_bin} one",
            cube=CUBE,
            box=BOX,
        ),
        (
            en("{verb} {thing} in {place} and {thing2} in {place2}", PUT),
            en("{verb} {thing} in {place}, and {thing2} in {place2}", PUT),
            en(
                "{verb} {thing} to {place} and {thing2} to {place2}", "move/moving|take/taking|carry/carrying"
            ),
            en("{verb} {colour} into {place} and {other} into {place2}", f"{PUT}|sort/sorting"),
            en("{verb} {colour} to the {bin:alone} and {other} to the {other_bin:alone}", SORT),
            bare("in {place}, {verb} {thing}, in {place2}, {thing2}", "put/|place/|drop/"),
            bare(
                "{colour} {bin:alone}, {other} {other_bin:alone}"
                "|{thing} goes in {place}, {thing2} in {place2}"
                "|{colour} to the {bin:alone}, {other} to the {other_bin:alone}"
                "|{colour} {cube} {bin:alone}, {other} {cube} {other_bin:alone}"
                "|{colour} goes {bin:alone} and {other} goes {other_bin:alone}"
                "|{bin} {box} for {colour}, {other_bin} {box} for {other}"
                "|{thing} in {place}, {thing2} in {place2}, please|{colour} in {place}, {other} in {place2}"
                "|{bin} {box} {colour}, {other_bin} {box} {other}"
            ),
        ),
    ),
}
