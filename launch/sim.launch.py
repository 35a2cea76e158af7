"""The simulated robot: `ros2 launch sovereign_robot sim.launch.py seed:=3 instruction:='赤を左の箱へ'`.

Which nodes run, under which names and with which parameters stands in `sovereign_robot/nodes/graph.py`.
"""

from launch.actions import DeclareLaunchArgument, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchDescription
from sovereign_robot.nodes.graph import ARGUMENTS, ONE_THREAD, PACKAGE, graph


def generate_launch_description() -> LaunchDescription:
    """Every argument of the graph, declared, and every node of it."""
    arguments = [
        DeclareLaunchArgument(a.name, default_value=str(a.default), description=a.description)
        for a in ARGUMENTS
    ]
    values = {
        a.name: ParameterValue(LaunchConfiguration(a.name), value_type=type(a.default)) for a in ARGUMENTS
    }
    environment = [SetEnvironmentVariable(name, value) for name, value in ONE_THREAD.items()]
    nodes = [
        Node(
            package=PACKAGE,
            executable=spec.executable,
            name=spec.name,
            parameters=[dict(spec.parameters)],
            output="screen",
        )
        for spec in graph(values)
    ]
    return LaunchDescription([*arguments, *environment, *nodes])
