import pytest

from sovereign_robot.contract import errors

KINDS = [e for e in vars(errors).values() if isinstance(e, type) and e is not errors.SovereignError]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_of_a_person_has_one_root_a_meaning_and_exit_status_2(kind: type[errors.SovereignError]):
    assert issubclass(kind, errors.SovereignError)
    assert kind.__doc__
    assert kind.exit_status == 2
    assert str(kind("what, value, expected")) == "what, value, expected"


@pytest.mark.parametrize("kind", KINDS)
def test_the_tree_at_the_top_of_the_file_lists_every_error(kind: type[errors.SovereignError]):
    assert f"- {kind.__name__} " in errors.__doc__
