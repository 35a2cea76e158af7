from sovereign_robot.contract.resources import share_dir


def test_the_folder_holds_robots_and_models():
    assert (share_dir() / "config" / "robots" / "so101.yaml").is_file()
    assert (share_dir() / "sim_assets").is_dir()
