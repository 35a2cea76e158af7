"""Pictures of reach and lift: what lies there makes both words of the sentence matter."""

import itertools
import math

import numpy as np
import pytest

from sovereign_robot.sim.tasks import shapes
from sovereign_robot.sim.tasks.table_layout import clear_of_the_hand
from sovereign_robot.sim.tasks.task import COLOURS

LAYOUTS = 300


@pytest.fixture(scope="module")
def layouts():
    rng = np.random.default_rng(5)
    return [shapes.layout(rng) for _ in range(LAYOUTS)]


def test_one_thing_shares_its_colour_with_the_first_and_another_its_kind(layouts):
    for layout in layouts:
        first, same_colour, same_kind, *_ = layout.choices
        assert first["colour"] == same_colour["colour"] != same_kind["colour"]
        assert first["kind"] == same_kind["kind"] != same_colour["kind"]


def test_every_thing_in_the_picture_is_a_goal_and_no_two_are_alike(layouts):
    for layout in layouts:
        named = [shapes.thing_of(goal) for goal in layout.choices]
        assert sorted(named) == sorted(layout.props)
        assert len(set(named)) == len(named) in (3, 4)


def test_every_colour_and_kind_occurs(layouts):
    seen = {(goal["colour"], goal["kind"]) for layout in layouts for goal in layout.choices}

    assert seen == set(itertools.product(COLOURS, shapes.KINDS))


def test_things_lie_apart_in_the_field(layouts):
    for layout in layouts:
        spots = [(pose.x_m, pose.y_m) for pose in layout.props.values()]
        assert all(math.dist(a, b) >= shapes.SPACING_M for a, b in itertools.combinations(spots, 2))
        for x, y in spots:
            assert shapes.FIELD_X_M[0] <= x <= shapes.FIELD_X_M[1]
            assert shapes.FIELD_Y_M[0] <= y <= shapes.FIELD_Y_M[1]


def test_no_tower_stands_where_the_hand_starts(layouts):
    for layout in layouts:
        towers = [pose for name, pose in layout.props.items() if name.endswith("tower")]
        assert all(clear_of_the_hand(tower) for tower in towers)


def test_no_tower_hides_a_thing_from_the_front_camera(layouts):
    for layout in layouts:
        towers = [pose for name, pose in layout.props.items() if name.endswith("tower")]
        for tower, pose in itertools.product(towers, layout.props.values()):
            behind = 0.0 < tower.x_m - pose.x_m < shapes.SHADE_DEPTH_M
            assert not (behind and abs(tower.y_m - pose.y_m) < shapes.SHADE_HALF_M)
