from sovereign_robot.sim.language.wording import listed, rules, say


def test_frames_verbs_and_manners_multiply():
    said = say("{verb} {thing}|{thing}, {verb} it", "lift/lifting|raise/raising", ("please {0}", "mind {1}?"))

    assert said == (
        "please lift {thing}",
        "mind lifting {thing}?",
        "please raise {thing}",
        "mind raising {thing}?",
        "please {thing}, lift it",
        "mind {thing}, lifting it?",
        "please {thing}, raise it",
        "mind {thing}, raising it?",
    )


def test_a_frame_may_hold_verbs_of_its_own():
    assert say("[take/taking] {thing} and {verb} it", "lift/lifting", ("{0}", "{1}")) == (
        "take {thing} and lift it",
        "taking {thing} and lifting it",
    )


def test_a_frame_without_a_verb_is_said_as_it_is():
    assert say("{one}、{place}に", "", ("{0}",)) == ("{one}、{place}に",)


def test_lists_are_written_with_bars():
    assert listed("a b | c|d") == ("a b", "c", "d")
    assert rules(cube="cube|block") == {"cube": ("cube", "block")}
