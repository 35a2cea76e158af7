"""One file per ROS node, each thin; messages to contract types and back in one file."""
