"""The names in a dataset: its columns, and the files beside LeRobot's own."""

STATE, ACTION, STAMP = "observation.state", "action", "stamp_s"
# LeRobot hands a policy in training only those columns of others that are called observations.
EXPERT = "observation.expert"  # 1 where the action is to be imitated
ATTENTION = "observation.attention"  # where each camera sees the thing and the place, see `Episode`
LABEL_ROWS, LABEL_SPAN = "observation.label_rows", "observation.label_span"  # see `Labels`
CONTRACT_FILE = "meta/robot_contract.json"
COLLECTION_FILE = "meta/collection.json"
INFO_FILE = "meta/info.json"
# The folders of a LeRobot dataset; what else lies in the folder is not the dataset.
PARTS = ("data", "videos", "meta")


def image_feature(camera: str) -> str:
    """LeRobot's name of a camera's column."""
    return f"observation.images.{camera}"
