import numpy as np
import pytest

from sovereign_robot.sim.textures import SIZE_PX, TEXTURES, picture


@pytest.mark.parametrize("name", TEXTURES)
def test_a_texture_is_grey_light_and_the_same_every_time(name):
    pixels = picture(name)

    assert pixels.shape == (SIZE_PX, SIZE_PX, 3)
    assert pixels.dtype == np.uint8
    assert (pixels == pixels[..., :1]).all()
    assert pixels.mean() > 150
    np.testing.assert_array_equal(picture(name), pixels)


def test_no_two_textures_look_alike():
    pictures = {name: picture(name).astype(float) for name in TEXTURES}
    for name, pixels in pictures.items():
        others = [np.abs(pixels - other).mean() for key, other in pictures.items() if key != name]
        assert min(others) > 5.0, name


@pytest.mark.parametrize("name", TEXTURES)
def test_a_texture_meets_itself_at_its_edges(name):
    """The step from the last row to the first is no rougher than the steps inside."""
    grey = picture(name)[..., 0].astype(float)
    for axis in (0, 1):
        steps = np.abs(np.diff(grey, axis=axis)).mean(axis=1 - axis)
        seam = np.abs(np.take(grey, 0, axis) - np.take(grey, -1, axis)).mean()
        assert seam <= steps.max() + 10.0
