"""What stands on the table: the compiled model of a tier, and where each of its things is found in it.

A tier says how many things of each category it needs (`Objects`), a data level adds distractors; the model holds
those, and every episode gives them their own shape, size, colour and place. A thing is addressed by a `Handle`, a
number from 0 in the order blocks, pads, distractors.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import mujoco
import numpy as np

from envs import arm
from envs.arm import GRIPPER_BIT, OBJECT_BIT, TABLE_BIT

TIMESTEP = 0.005  # [s]
BLOCK_HALF = 0.02  # [m] half the edge of a cube
BLOCK_MASS = 0.06  # [kg] of a cube
FRICTION = (0.7, 0.01, 0.0001)  # of blocks: sliding, torsional [m], rolling [m]
TABLE_FRICTION = 0.5  # sliding: the larger one of two that touch holds, and that is to be the block's
PAD_HALF = 0.05  # [m] half the edge of a pad
PAD_THICKNESS = 0.001  # [m] a pad is paint: it is seen, not felt
OBJECT_GROUP = 2  # geom group of blocks and pads
TABLE_COLOUR = (0.72, 0.66, 0.58, 1.0)
FLOOR_COLOUR = (0.34, 0.37, 0.42, 1.0)
TABLE_HALF = (0.55, 0.62, 0.02)  # [m]
TABLE_CENTRE = (0.35, 0.0, -0.02)  # [m] its top is z = 0

Handle = int


@dataclass(frozen=True)
class Objects:
    """How many things of each category a scene holds."""

    blocks: int = 0
    pads: int = 0
    pads_match_blocks: bool = False
    """Each pad has the colour of one of the blocks."""
    distractors: int = 0
    """Blocks that nothing is asked of: a data level says how many there can be, a tier none."""

    def __len__(self) -> int:
        return self.blocks + self.pads + self.distractors

    @property
    def categories(self) -> tuple[str, ...]:
        """Category of each handle."""
        return ("block",) * self.blocks + ("pad",) * self.pads + ("distractor",) * self.distractors

    @property
    def names(self) -> tuple[str, ...]:
        """Body name of each handle."""
        counts = {"block": self.blocks, "pad": self.pads, "distractor": self.distractors}
        return tuple(f"{category}{i}" for category, count in counts.items() for i in range(count))

    def handles(self, category: str) -> tuple[Handle, ...]:
        return tuple(h for h, c in enumerate(self.categories) if c == category)

    def among(self, distractors: int) -> "Objects":
        """These things among so many distractors."""
        return replace(self, distractors=distractors)

    @property
    def loose(self) -> tuple[Handle, ...]:
        """What can be moved: blocks and distractors."""
        return self.handles("block") + self.handles("distractor")


def _add_block(spec: mujoco.MjSpec, name: str) -> None:
    body = spec.worldbody.add_body(name=name, pos=[0.5, 0, BLOCK_HALF])
    body.add_freejoint(name=name)
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[BLOCK_HALF] * 3,
        mass=BLOCK_MASS,
        rgba=[0.8, 0.2, 0.2, 1],
        group=OBJECT_GROUP,
        contype=OBJECT_BIT,
        conaffinity=OBJECT_BIT | GRIPPER_BIT | TABLE_BIT,
        condim=4,
        friction=FRICTION,
        solref=arm.STIFF_CONTACT,
    )


def _add_pad(spec: mujoco.MjSpec, name: str) -> None:
    body = spec.worldbody.add_body(name=name, mocap=True, pos=[0.5, 0, 0])
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[PAD_HALF, PAD_HALF, PAD_THICKNESS],
        rgba=[0.2, 0.2, 0.8, 1],
        group=OBJECT_GROUP,
        contype=0,
        conaffinity=0,
    )


def _add_room(spec: mujoco.MjSpec) -> None:
    spec.worldbody.add_geom(
        name="floor", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1], pos=[0, 0, -0.6], rgba=FLOOR_COLOUR,
        contype=0, conaffinity=0,
    )  # fmt: skip
    spec.worldbody.add_geom(
        name="table", type=mujoco.mjtGeom.mjGEOM_BOX, size=TABLE_HALF, pos=TABLE_CENTRE, rgba=TABLE_COLOUR,
        contype=TABLE_BIT, conaffinity=GRIPPER_BIT | OBJECT_BIT, friction=(TABLE_FRICTION, *FRICTION[1:]),
    )  # fmt: skip


def build(objects: Objects) -> mujoco.MjSpec:
    """The model's specification: room, arm, and one body for each of the tier's things."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.timestep = TIMESTEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    _add_room(spec)
    arm.add_arm(spec)
    for name in objects.names:
        (_add_pad if name.startswith("pad") else _add_block)(spec, name)
    return spec


@dataclass(frozen=True, eq=False)
class Scene:
    """A compiled model with the addresses of what matters in it."""

    objects: Objects
    model: mujoco.MjModel

    @classmethod
    def compile(cls, objects: Objects) -> "Scene":
        return cls(objects, build(objects).compile())

    @cached_property
    def arm_qpos(self) -> np.ndarray:
        """Addresses in qpos of the seven arm joints, (7,)."""
        return np.array([self.model.joint(f"joint{i + 1}").qposadr[0] for i in range(arm.ARM_DOF)])

    @cached_property
    def finger_qpos(self) -> np.ndarray:
        """Addresses in qpos of the left and right finger, (2,)."""
        return np.array([self.model.joint(f"{side}-finger").qposadr[0] for side in ("left", "right")])

    @cached_property
    def loose(self) -> np.ndarray:
        """Handles of what can be moved, (loose,)."""
        return np.array(self.objects.loose, int)

    @cached_property
    def pads(self) -> np.ndarray:
        """Handles of the pads, (pads,)."""
        return np.array(self.objects.handles("pad"), int)

    @cached_property
    def bodies(self) -> np.ndarray:
        """Body of each handle, (things,)."""
        return np.array([self.model.body(n).id for n in self.objects.names], int)

    @cached_property
    def loose_qpos(self) -> np.ndarray:
        """Addresses in qpos of the pose of each loose thing, position then quaternion, (loose, 7)."""
        joints = self.model.body_jntadr[self.bodies[self.loose]]
        return self.model.jnt_qposadr[joints].reshape(-1, 1) + np.arange(7)

    @cached_property
    def loose_dof(self) -> np.ndarray:
        """Addresses in qvel of the velocity of each loose thing, linear then angular, (loose, 6)."""
        return self.model.body_dofadr[self.bodies[self.loose]].reshape(-1, 1) + np.arange(6)

    @cached_property
    def pad_mocap(self) -> np.ndarray:
        """Mocap number of each pad, (pads,)."""
        return self.model.body_mocapid[self.bodies[self.pads]]

    @cached_property
    def geoms(self) -> np.ndarray:
        """Geom of each handle, (things,)."""
        return np.array([self.model.geom(n).id for n in self.objects.names], int)

    @cached_property
    def tool_site(self) -> int:
        return self.model.site("tool").id

    @cached_property
    def hand_body(self) -> int:
        return self.model.body("hand").id
