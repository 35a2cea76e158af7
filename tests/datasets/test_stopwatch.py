from sovereign_robot.datasets.stopwatch import Stopwatch


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def test_an_inner_part_does_not_count_for_the_outer_one():
    clock = Clock()
    watch = Stopwatch("waiting", clock)
    clock.now_s += 1.0
    with watch.measure("planning"):
        clock.now_s += 2.0
        with watch.measure("physics"):
            clock.now_s += 4.0
        clock.now_s += 8.0
    clock.now_s += 16.0

    assert watch.lap() == {"waiting": 17.0, "planning": 10.0, "physics": 4.0}


def test_a_lap_begins_with_nothing():
    clock = Clock()
    watch = Stopwatch("waiting", clock)
    clock.now_s += 1.0
    watch.lap()
    clock.now_s += 2.0

    assert watch.lap() == {"waiting": 2.0}
