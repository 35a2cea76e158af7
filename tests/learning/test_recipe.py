import json
from dataclasses import asdict

import pytest

from sovereign_robot.learning.recipe import Recipe
from tests.learning.samples import small_recipe


def test_a_recipe_is_read_back_from_what_a_checkpoint_stores():
    assert Recipe(**json.loads(json.dumps(asdict(small_recipe())))) == small_recipe()


def test_its_numbers_must_be_named():
    with pytest.raises(TypeError):
        Recipe(100, 0.0)
