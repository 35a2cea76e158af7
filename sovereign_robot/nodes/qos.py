"""The five ways in which messages travel here."""

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data

SENSOR = qos_profile_sensor_data
"""What streams: a lost sample is replaced by the next one."""
NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
"""How a stream is read where only its newest sample counts."""
RECENT = QoSProfile(depth=32, reliability=ReliabilityPolicy.BEST_EFFORT)
"""How a stream is read where it also counts what came a moment before."""
EVERY = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
"""What must all arrive, in order."""
LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)
"""A state that whoever comes later hears at once."""
