"""What every node here has in common: a managed life, a heartbeat, diagnostics.

    configure   load(): what takes a while or may be refused; topics and services
    activate    start(): from now on it acts
    deactivate  hold(): it comes to rest and acts no more, but stays loaded
    cleanup     what it loaded is let go: `acquired`, then its topics and services

A step that fails with a SovereignError leaves the node in the state in which it was; any other error frees
the node and leaves it unconfigured. Both are logged and shown on `/diagnostics`.
"""

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import SovereignError
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.diagnosis import Diagnosis, Level
from sovereign_robot.nodes.heartbeat import Heartbeat
from sovereign_robot.nodes.parameters import NodeParameters
from sovereign_robot.nodes.qos import EVERY
from sovereign_robot.nodes.ros_params import declare_from
from sovereign_robot.nodes.ros_time import RosClock, SteadyClock

DIAGNOSTICS_EVERY_S = 1.0


class ManagedNode[P: NodeParameters](LifecycleNode):
    """A lifecycle node; a kind of node fills in `load`, `start`, `hold` and `diagnose`.

    Attributes:
        parameters: what it was started with.
        hardware_id: what it works on, for diagnostics; "" before `load`.
        acquired: what `load` opened; a thread that publishes is ended there.
        active: whether it acts.
    """

    def __init__(self, name: str, parameters: type[P], **node: object) -> None:
        """Make the node; `node` goes to rclpy's node, such as a context or parameter overrides.

        Raises:
            UsageError: a parameter is misspelt or out of bounds.
        """
        self.acquired = ExitStack()
        self._loaded: list[tuple[Callable[[Any], object], object]] = []
        self.active = False
        self.hardware_id = ""
        super().__init__(name, **node)
        self.parameters: P = declare_from(self, parameters)
        self.time, self.steady = RosClock(self), SteadyClock()
        self._fault: Exception | None = None
        self._bringing_up = False
        self._heartbeat = Heartbeat(self, self.steady)
        self._diagnostics = self.create_publisher(DiagnosticArray, names.DIAGNOSTICS, EVERY)
        self.create_timer(DIAGNOSTICS_EVERY_S, self.publish_diagnostics, clock=self.steady.ros)

    def load(self) -> None:
        """Load what the node needs and make its topics and services."""

    def start(self) -> None:
        """Begin to act."""

    def hold(self) -> None:
        """Stop acting; where that takes time, `at_rest` says when it is done."""

    def diagnose(self) -> Diagnosis:
        """How the node is while it is active."""
        return Diagnosis(Level.OK, "active")

    @property
    def at_rest(self) -> bool:
        """Whether nothing moves any more on behalf of this node."""
        return True

    def bring_up(self) -> None:
        """Configure and activate.

        Raises:
            SovereignError: why one of them was refused; any other error is raised as it came.
        """
        self._bringing_up = True
        for step in (self.trigger_configure, self.trigger_activate):
            if step() != TransitionCallbackReturn.SUCCESS and self._fault is not None:
                raise self._fault
        self._bringing_up = False

    def publish_diagnostics(self) -> None:
        """Say how the node is, now."""
        if self._fault is not None:
            diagnosis = Diagnosis(Level.ERROR, str(self._fault) or repr(self._fault))
        elif not self.active:
            diagnosis = Diagnosis(Level.WARN, "not active")
        else:
            diagnosis = self.diagnose()
        message = ros_msgs.diagnostics_msg(self.time.now_s(), self.get_name(), self.hardware_id, diagnosis)
        self._diagnostics.publish(message)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See `load`."""
        before = self._entities()
        try:
            done = self._tried(self.load)
        finally:
            self._loaded = [entity for entity in self._entities() if entity not in before]
        if done != TransitionCallbackReturn.SUCCESS:
            self._free()
        return done

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See `start`."""
        done = self._tried(self.start)
        self.active = done == TransitionCallbackReturn.SUCCESS
        return done

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See `hold`."""
        self.active = False
        return self._tried(self.hold)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go what `load` made."""
        return self._tried(self._free)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Hold and free, from whatever state."""
        self.active = False
        return self._tried(self._free)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the node after an error that nobody foresaw; it may be configured again."""
        self.active = False
        self._free()
        self.get_logger().error(f"{self.get_name()} failed while {state.label} and was freed: {self._fault}")
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """Free what was loaded and end the node, however far its construction came."""
        self._free()
        super().destroy_node()

    def _tried(self, step: Callable[[], None]) -> TransitionCallbackReturn:
        """Take a step of the node's life; rclpy would swallow what it raises."""
        self._fault = None
        try:
            step()
        except SovereignError as error:
            self._fault = error
            if not self._bringing_up:  # else whoever brings it up says so
                self.get_logger().error(str(error))
            return TransitionCallbackReturn.FAILURE
        except Exception as error:
            self._fault = error
            self.get_logger().fatal(traceback.format_exc())
            raise
        return TransitionCallbackReturn.SUCCESS

    def _entities(self) -> list[tuple[Callable[[Any], object], object]]:
        """Everything that this node has in ROS, with what destroys it."""
        kinds = (
            (self.destroy_publisher, self.publishers),
            (self.destroy_subscription, self.subscriptions),
            (self.destroy_service, self.services),
            (self.destroy_timer, self.timers),
        )
        return [(destroy, entity) for destroy, entities in kinds for entity in entities]

    def _free(self) -> None:
        self.acquired.close()
        for destroy, entity in self._loaded:
            destroy(entity)
        self._loaded = []
