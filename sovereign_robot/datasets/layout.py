"""The names in a dataset: its columns, and the files beside LeRobot's own."""

STATE, ACTION, STAMP, EXPERT = "observation.state", "action", "stamp_s", "expert"
CONTRACT_FILE = "meta/robot_contract.json"
COLLECTION_FILE = "meta/collection.json"
INFO_FILE = "meta/info.json"
# The folders of a LeRobot dataset; what else lies in the folder is not the dataset.
PARTS = ("data", "videos", "meta")


def image_feature(camera: str) -> str:
    """LeRobot's name of a camera's column."""
    return f"observation.images.{camera}"
