"""The robot: a Franka-Panda-like 7-DoF arm with a parallel gripper, written from its published data.

Kinematics: Franka Emika's Denavit-Hartenberg table in Craig's convention. Link masses: the identified values of Gaz et
al. 2019 ("Dynamic identification of the Franka Emika Panda robot"). Link shapes: the capsules of the manufacturer's
self-collision model. Inertia follows from these shapes and masses. Gravity is compensated, as on the robot itself.
"""

from dataclasses import dataclass

import mujoco
import numpy as np

HOME = (0.0, -0.18483314, 0.0, -2.49674039, 0.0, 2.31190726, 0.78539816)
"""Joint angles [rad] at which an episode begins: tool centre at `HOME_TOOL`, fingers down, x forward."""
HOME_TOOL = (0.45, 0.0, 0.25)  # [m]
MAX_OPENING = 0.08  # [m] between the fingers
FINGER_TRAVEL = MAX_OPENING / 2  # [m] of each finger
SQUEEZE = 0.01  # [m] how far beyond closed a closing finger is commanded: the grip force at zero width
TOOL_OFFSET = 0.1034  # [m] from the hand's frame to the tool centre between the fingertips
PALM_HALF = (0.0316, 0.1)  # [m] half extents of the hand, along its x and y
PALM_THICKNESS = 0.066  # [m]
PALM_HEIGHT = TOOL_OFFSET - PALM_THICKNESS  # [m] from the tool centre up to the palm

WHITE = (0.90, 0.91, 0.92, 1.0)
GREY = (0.30, 0.32, 0.35, 1.0)
RUBBER = (0.16, 0.17, 0.19, 1.0)

ROBOT_GROUP = 1  # geom group of everything that moves with the arm
GRIPPER_BIT, OBJECT_BIT, TABLE_BIT = 1, 2, 4  # contact bits


@dataclass(frozen=True)
class Capsule:
    """A capsule along z of its link: centre [m], radius [m], length of the straight part [m]."""

    centre: tuple[float, float, float]
    radius: float
    length: float


@dataclass(frozen=True)
class Joint:
    """One row of the arm's table: the link frame relative to the one before (Craig's a, d, alpha), then the joint."""

    a: float  # [m]
    d: float  # [m]
    alpha: float  # [rad]
    low: float  # [rad]
    high: float  # [rad]
    torque: float  # [N m]
    armature: float  # [kg m^2] of the rotor, seen through the gear
    stiffness: float  # [N m / rad]
    mass: float  # [kg] of the link that it moves
    shapes: tuple[Capsule, ...]
    colour: tuple[float, float, float, float] = WHITE


_RIGHT = np.pi / 2
JOINTS = (
    Joint(0, 0.333, 0, -2.8973, 2.8973, 87, 0.4, 2000, 4.970684, (Capsule((0, 0, -0.1915), 0.06, 0.283),)),
    Joint(0, 0, -_RIGHT, -1.7628, 1.7628, 87, 0.4, 3200, 0.646926, (Capsule((0, 0, 0), 0.06, 0.12),), GREY),
    Joint(0, 0.316, _RIGHT, -2.8973, 2.8973, 87, 0.4, 1800, 3.228604, (Capsule((0, 0, -0.145), 0.06, 0.15),)),
    Joint(0.0825, 0, _RIGHT, -3.0718, -0.0698, 87, 0.4, 1600, 3.587895, (Capsule((0, 0, 0), 0.06, 0.12),), GREY),
    Joint(
        -0.0825, 0.384, -_RIGHT, -2.8973, 2.8973, 12, 0.25, 350, 1.225946,
        (Capsule((0, 0, -0.26), 0.06, 0.10), Capsule((0, 0.08, -0.13), 0.025, 0.14)),
    ),
    Joint(0, 0, _RIGHT, -0.0175, 3.7525, 12, 0.25, 350, 1.666555, (Capsule((0, 0, -0.03), 0.05, 0.08),), GREY),
    Joint(0.088, 0, _RIGHT, -2.8973, 2.8973, 12, 0.25, 350, 0.735522, (Capsule((0, 0, 0.01), 0.04, 0.14),)),
)  # fmt: skip
ARM_DOF = len(JOINTS)
FLANGE_D, FLANGE_TURN = 0.107, -np.pi / 4  # [m], [rad]: the hand on the last link
HAND_MASS, FINGER_MASS = 0.73, 0.015  # [kg]
BASE_MASS = 0.629769  # [kg]
GRIP_STIFFNESS = 400.0  # [N/m] of each finger: 12 N on a 4 cm block
GRIP_DAMPING = 16.0  # [N s/m]
STIFF_CONTACT = (0.01, 1.0)  # time constant [s] and damping ratio: a light block is gripped without sinking in
DAMPING_TIME = 0.05  # [s] velocity gain over position gain: critical at 40 rad/s, settled within one control step
# The gains keep time step x velocity gain / inertia under a half. Above that, the implicit integrator damps the arm
# more than the contact solver knows of, and what the fingers hold creeps: 0.8 cm on average with the maker's gains.


def _rotation_quat(axis: tuple[float, float, float], angle: float) -> np.ndarray:
    return np.concatenate([[np.cos(angle / 2)], np.sin(angle / 2) * np.asarray(axis, float)])


def _add_shapes(body: mujoco.MjsBody, name: str, joint: Joint) -> None:
    for number, shape in enumerate(joint.shapes):
        body.add_geom(
            name=f"{name}-{number}",
            type=mujoco.mjtGeom.mjGEOM_CAPSULE,
            size=[shape.radius, shape.length / 2, 0],
            pos=shape.centre,
            mass=joint.mass / len(joint.shapes),
            rgba=joint.colour,
            group=ROBOT_GROUP,
            contype=0,
            conaffinity=0,
        )


def _add_actuator(spec: mujoco.MjSpec, joint: str, stiffness: float, damping: float, ctrl: tuple, force: float) -> None:
    spec.add_actuator(
        name=joint,
        target=joint,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        gaintype=mujoco.mjtGain.mjGAIN_FIXED,
        biastype=mujoco.mjtBias.mjBIAS_AFFINE,
        gainprm=[stiffness, *[0] * 9],
        biasprm=[0, -stiffness, -damping, *[0] * 7],
        ctrllimited=True,
        ctrlrange=ctrl,
        forcelimited=True,
        forcerange=(-force, force),
    )


def add_arm(spec: mujoco.MjSpec) -> None:
    """Add the arm at the world's origin, its position actuators, the site `tool` and the camera mount `hand`."""
    spec.worldbody.add_geom(
        name="base",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[0.075, 0.07, 0],
        pos=[0, 0, 0.07],
        mass=BASE_MASS,
        rgba=GREY,
        contype=0,
        conaffinity=0,
    )
    body = spec.worldbody
    for number, joint in enumerate(JOINTS, start=1):
        name = f"link{number}"
        body = body.add_body(
            name=name,
            pos=[joint.a, -np.sin(joint.alpha) * joint.d, np.cos(joint.alpha) * joint.d],
            quat=_rotation_quat((1, 0, 0), joint.alpha),
            gravcomp=1,
        )
        body.add_joint(
            name=f"joint{number}",
            type=mujoco.mjtJoint.mjJNT_HINGE,
            axis=[0, 0, 1],
            range=[joint.low, joint.high],
            limited=True,
            armature=joint.armature,
            damping=[1.0, 0, 0],
        )
        _add_shapes(body, name, joint)
        _add_actuator(
            spec, f"joint{number}", joint.stiffness, joint.stiffness * DAMPING_TIME, (joint.low, joint.high),
            joint.torque,
        )  # fmt: skip
    _add_hand(spec, body)


def _add_hand(spec: mujoco.MjSpec, flange: mujoco.MjsBody) -> None:
    hand = flange.add_body(name="hand", pos=[0, 0, FLANGE_D], quat=_rotation_quat((0, 0, 1), FLANGE_TURN), gravcomp=1)
    contact = {"contype": GRIPPER_BIT, "conaffinity": OBJECT_BIT | TABLE_BIT, "group": ROBOT_GROUP}
    hand.add_geom(
        name="hand", type=mujoco.mjtGeom.mjGEOM_BOX, size=[*PALM_HALF, PALM_THICKNESS / 2],
        pos=[0, 0, PALM_THICKNESS / 2], mass=HAND_MASS,
        rgba=WHITE, **contact,
    )  # fmt: skip
    hand.add_site(name="tool", pos=[0, 0, TOOL_OFFSET], group=4)
    for name, side in (("left", 1.0), ("right", -1.0)):
        finger = hand.add_body(name=f"{name}-finger", pos=[0, 0, 0.0584], gravcomp=1)
        finger.add_joint(
            name=f"{name}-finger",
            type=mujoco.mjtJoint.mjJNT_SLIDE,
            axis=[0, side, 0],
            range=[0, FINGER_TRAVEL],
            limited=True,
            armature=0.1,
            damping=[1.0, 0, 0],
        )
        finger.add_geom(
            name=f"{name}-finger",
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[0.0105, 0.0065, 0.0268],
            pos=[0, side * 0.0065, 0.0268],
            mass=FINGER_MASS,
            rgba=RUBBER,
            friction=[1.2, 0.02, 0.0001],
            condim=4,
            solref=STIFF_CONTACT,
            **contact,
        )
        _add_actuator(spec, f"{name}-finger", GRIP_STIFFNESS, GRIP_DAMPING, (-SQUEEZE, FINGER_TRAVEL), 50.0)
