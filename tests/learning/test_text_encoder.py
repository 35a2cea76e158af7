import numpy as np
import torch

from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.text_encoder import GoalTextEncoder, meanings
from sovereign_robot.policy.text import PADDING, token_ids

SENTENCES = ("put the red cube in the left bin", "赤いキューブを左の箱に入れて", "飛んで")


def encoder() -> GoalTextEncoder:
    torch.manual_seed(0)
    return GoalTextEncoder().eval()


def ids(*texts: str) -> torch.Tensor:
    return torch.from_numpy(np.concatenate([token_ids(text) for text in texts]))


def test_a_group_of_the_code_adds_up_to_one_with_what_is_not_said_and_what_is_not_known():
    code, groups = encoder()(ids(*SENTENCES)), GoalCode().groups

    assert code.shape == (len(SENTENCES), GoalCode().width)
    parts = code.split([len(values) for values in groups.values()], dim=1)
    for part, scores in zip(parts, encoder().scores(ids(*SENTENCES)), strict=True):
        assert torch.allclose(part, torch.softmax(scores, dim=1)[:, :-2], atol=1e-6)
        assert (part.sum(1) < 1).all()


def test_padding_changes_nothing():
    padded = ids(SENTENCES[0])
    short = padded[:, : int((padded != PADDING).sum())]

    assert torch.allclose(encoder()(padded), encoder()(short), atol=1e-6)


def test_slots_with_a_value_in_common_share_what_their_words_mean():
    shared = meanings([("red", "blue"), ("left", "right"), ("near", "far"), ("right", "near")])

    assert shared == [("red", "blue"), ("left", "right", "near", "far")]
    assert len(meanings([v for slot, v in GoalCode().groups.items() if slot != "task"])) == 3


def test_the_encoder_is_small():
    assert sum(p.numel() for p in encoder().parameters()) < 600_000
