import torch

from sovereign_robot.learning.familiarity import familiarity_facts
from sovereign_robot.learning.language import taught_encoder
from sovereign_robot.learning.text_encoder import GoalTextEncoder, TextOnBoard
from sovereign_robot.policy.text import token_ids
from sovereign_robot.sim.language.unheard import UNHEARD

FEW = ("open_drawer", "turn_knob")


def rated(encoder: GoalTextEncoder, text: str) -> float:
    with torch.no_grad():
        return float(encoder.familiarity(torch.from_numpy(token_ids(text))))


def test_a_little_teaching_tells_a_task_from_nonsense():
    encoder = taught_encoder(0, 250, FEW)

    assert rated(encoder, "turn the red knob to the left") > rated(encoder, "xkcd zzyzx")
    assert rated(encoder, "左の引き出しを開けて") > rated(encoder, "ふにゃふにゃ")


def test_the_facts_say_the_threshold_and_what_it_lets_pass():
    torch.manual_seed(0)
    facts = familiarity_facts(GoalTextEncoder(), 0, FEW, draws=40)

    assert 0.0 <= facts["threshold"] <= 0.5
    assert facts["sentences"] == {"phrase": 40, "typo": 40, "unheard": len(UNHEARD)}
    assert set(facts["accepted"]) == {"phrase", "typo"}
    assert 0.0 <= facts["rejected"]["unheard"] <= 1.0


def test_the_facts_are_the_same_every_time():
    torch.manual_seed(0)
    encoder = GoalTextEncoder()

    assert familiarity_facts(encoder, 1, FEW, 30) == familiarity_facts(encoder, 1, FEW, 30)


def test_what_is_exported_gives_the_code_and_the_familiarity():
    torch.manual_seed(0)
    encoder = GoalTextEncoder().eval()
    ids = torch.from_numpy(token_ids("red"))

    with torch.no_grad():
        code, familiarity = TextOnBoard(encoder)(ids)
        assert torch.equal(code, encoder(ids))
        assert torch.equal(familiarity, encoder.familiarity(ids))
    assert familiarity.shape == (1, 1)
