import torch

from sovereign_robot.learning.word_cache import remembered_encoder

STEPS = 1


def test_words_are_taught_once_and_then_remembered(tmp_path):
    taught = remembered_encoder(0, STEPS, tmp_path)
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    remembered = remembered_encoder(0, STEPS, tmp_path)

    assert kept.stat().st_mtime_ns == written
    for name, value in taught.state_dict().items():
        assert torch.equal(value, remembered.state_dict()[name])


def test_another_seed_is_taught_anew_and_a_damaged_file_too(tmp_path):
    remembered_encoder(0, STEPS, tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100])
    remembered_encoder(0, STEPS, tmp_path)
    remembered_encoder(1, STEPS, tmp_path)

    assert kept.read_bytes() == whole
    assert len(list(tmp_path.iterdir())) == 2
