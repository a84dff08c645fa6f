"""The contract between a policy and the world: what is observed, what is commanded, in which units.

It is the same on every tier. It travels with every dataset and checkpoint, and a mismatch is refused.
"""

from dataclasses import asdict, dataclass

CONTROL_HZ = 10
ACTION_NAMES = ("dx", "dy", "dz", "droll", "dpitch", "dyaw", "gripper")
ACTION_SIZE = len(ACTION_NAMES)
TRANSLATION_SCALE = 0.04  # [m] moved by a full-scale translation in one control step
ROTATION_SCALE = 0.3  # [rad] turned by a full-scale rotation in one control step
STATE_NAMES = ("x", "y", "z", "r11", "r21", "r31", "r12", "r22", "r32", "width")
STATE_SIZE = len(STATE_NAMES)
STATE_LIMIT = 1.5  # nothing that is felt exceeds it: metres within the arm's reach, entries of a rotation
CAMERAS = ("front", "wrist")
IMAGE_SIZE = 64  # [px]
MAX_IMAGE_SIZE = 1024  # [px]


@dataclass(frozen=True)
class Contract:
    """What a policy is trained to see and to send. `agent_pos` is tool centre [m], the first two columns of its
    rotation in the base frame (Zhou et al. 2019, the continuous 6-D representation), and finger opening [m]. An action
    is in [-1, 1]: deltas relative to the measured tool centre, in the base frame; gripper +1 closes."""

    cameras: tuple[str, ...] = CAMERAS
    image_size: int = IMAGE_SIZE
    state: tuple[str, ...] = STATE_NAMES
    action: tuple[str, ...] = ACTION_NAMES
    control_hz: int = CONTROL_HZ
    translation_scale: float = TRANSLATION_SCALE
    rotation_scale: float = ROTATION_SCALE
    camera_version: int = 1

    def to_json(self) -> dict[str, object]:
        return asdict(self)
