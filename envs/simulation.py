"""N simulations of one scene, stepped by one C call: state, inverse kinematics, and control steps.

Every number that is computed here for one simulation is computed from that simulation alone, in the same order of
operations for any N: no reduction runs over simulations, so results are bit for bit the same at any batch size.
"""

from collections.abc import Sequence

import mujoco
import numpy as np
from mujoco.batch import Batch, SimulationError
from numpy.typing import NDArray

from envs import arm
from envs.layouts import Layout
from envs.matter import Matter
from envs.scene import TIMESTEP, Scene
from envs.spaces import CONTROL_HZ, ROTATION_SCALE, STATE_SIZE, TRANSLATION_SCALE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SUBSTEPS = round(1 / (CONTROL_HZ * TIMESTEP))
DAMPING = 0.01  # of the least squares, in the units of the Jacobian: bounds joint steps near singular poses
POSTURE_GAIN = 0.1  # fraction of the way back to the home posture per control step, in the arm's null space
BROKEN = [
    int(mujoco.mjtWarning.mjWARN_BADQPOS),
    int(mujoco.mjtWarning.mjWARN_BADQVEL),
    int(mujoco.mjtWarning.mjWARN_BADQACC),
]
TOOL_LOW = np.array([0.20, -0.45, 0.012])  # [m] the commanded tool centre is kept in this box
TOOL_HIGH = np.array([0.75, 0.45, 0.55])  # [m]


class Simulation:
    """N simulations of a scene. Arrays named here are live: rows are simulations."""

    def __init__(self, scene: Scene, n: int, threads: int = 0) -> None:
        """`threads=0` uses every core; results do not depend on it."""
        self.scene, self.n = scene, n
        self.batch = Batch(scene.model, n, threads)
        self.matter = Matter(scene, self.batch)
        self.qpos: Floats = self.batch.bind("qpos")
        self.qvel: Floats = self.batch.bind("qvel")
        self.ctrl: Floats = self.batch.bind("ctrl")
        self.mocap_pos: Floats = self.batch.bind("mocap_pos")
        self.mocap_quat: Floats = self.batch.bind("mocap_quat")
        self.geom_xpos: Floats = self.batch.bind("geom_xpos")  # (N, geoms, 3) [m]
        self.geom_xmat: Floats = self.batch.bind("geom_xmat")  # (N, geoms, 9)
        self._site_xpos: Floats = self.batch.bind("site_xpos")
        self._site_xmat: Floats = self.batch.bind("site_xmat")
        self._warning = self.batch.warning  # live (N, kinds of warning, 2): the last info and the count
        self.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS)

    @property
    def tool_position(self) -> Floats:
        """Measured tool centre, (N, 3) [m]."""
        return self._site_xpos[:, self.scene.tool_site]

    @property
    def tool_rotation(self) -> Floats:
        """Measured rotation of the tool in the base frame, (N, 3, 3); its z points out of the hand."""
        return self._site_xmat[:, self.scene.tool_site].reshape(self.n, 3, 3)

    @property
    def opening(self) -> Floats:
        """Measured distance between the fingers, (N,) [m]."""
        fingers = self.qpos[:, self.scene.finger_qpos]
        return fingers[:, 0] + fingers[:, 1]

    def things(self) -> tuple[Floats, Floats, Floats]:
        """Position (N, things, 3) [m], orientation (N, things, 4) and speed (N, things) [m/s] of every thing."""
        scene = self.scene
        pose = np.zeros((self.n, len(scene.objects), 7))
        pose[:, scene.loose] = self.qpos[:, scene.loose_qpos]
        pose[:, scene.pads, :3] = self.mocap_pos[:, scene.pad_mocap]
        pose[:, scene.pads, 3:] = self.mocap_quat[:, scene.pad_mocap]
        speed = np.zeros(pose.shape[:2])
        speed[:, scene.loose] = np.sqrt((self.qvel[:, scene.loose_dof[:, :3]] ** 2).sum(axis=-1))
        return pose[..., :3], pose[..., 3:], speed

    def agent_pos(self, ids: Ints) -> NDArray[np.float32]:
        """What a policy feels, in the order of `spaces.STATE_NAMES`, (n, 10)."""
        state = np.empty((len(ids), STATE_SIZE), np.float32)
        rotation = self.tool_rotation[ids]
        state[:, 0:3] = self.tool_position[ids]
        state[:, 3:6] = rotation[:, :, 0]
        state[:, 6:9] = rotation[:, :, 1]
        state[:, 9] = self.opening[ids]
        return state

    def reset(self, ids: Ints, layouts: Sequence[Layout]) -> None:
        """Begin an episode in simulations `ids`: arm at home, gripper open, things placed, all at rest."""
        self.batch.reset(ids, stage=mujoco.mjtStage.mjSTAGE_NONE)
        scene = self.scene
        self.qpos[np.ix_(ids, scene.arm_qpos)] = arm.HOME
        self.qpos[np.ix_(ids, scene.finger_qpos)] = arm.FINGER_TRAVEL
        self.ctrl[ids, : arm.ARM_DOF] = arm.HOME
        self.ctrl[ids, arm.ARM_DOF :] = arm.FINGER_TRAVEL
        for row, layout in zip(ids, layouts, strict=True):
            self.matter.put(row, layout)
        position = np.stack([layout.position for layout in layouts])
        yaw = np.stack([layout.yaw for layout in layouts])
        quat = np.zeros((*yaw.shape, 4))
        quat[..., 0], quat[..., 3] = np.cos(yaw / 2), np.sin(yaw / 2)
        pose = np.concatenate([position, quat], axis=-1)
        for handle, address in zip(scene.loose, scene.loose_qpos, strict=True):
            self.qpos[np.ix_(ids, address)] = pose[:, handle]
        for handle, mocap in zip(scene.pads, scene.pad_mocap, strict=True):
            self.mocap_pos[ids, mocap] = position[:, handle]
            self.mocap_quat[ids, mocap] = quat[:, handle]
        self.batch.forward(ids, stage=mujoco.mjtStage.mjSTAGE_POS)

    def step(self, ids: Ints, commands: NDArray[np.floating]) -> dict[int, str]:
        """One control step of simulations `ids` under `commands`, (n, 7) in [-1, 1], see `spaces.Contract`.

        Returns what broke, by simulation.
        """
        actions: Floats = np.clip(np.asarray(commands, np.float64), -1.0, 1.0)
        joints = self._solve(ids, actions[:, :3] * TRANSLATION_SCALE, actions[:, 3:6] * ROTATION_SCALE)
        self.ctrl[ids, : arm.ARM_DOF] = joints
        closed = (1.0 + actions[:, 6:7]) / 2
        self.ctrl[ids, arm.ARM_DOF :] = (1.0 - closed) * arm.FINGER_TRAVEL - closed * arm.SQUEEZE
        return self._advance(ids)

    def _advance(self, ids: Ints) -> dict[int, str]:
        """Step the physics; which simulations it broke in, and how. MuJoCo silently resets a diverged simulation."""
        before = self._warning[ids][:, BROKEN, 1].copy()
        try:
            self.batch.step(ids, nstep=SUBSTEPS, stage=mujoco.mjtStage.mjSTAGE_POS)
        except SimulationError as broken:
            return {int(row): f"the physics stopped: {self.batch.error(int(row))}" for row in broken.ids}
        worse = (self._warning[ids][:, BROKEN, 1] > before).any(axis=1)
        return {int(row): "the physics diverged" for row in ids[worse]}

    def _solve(self, ids: Ints, shift: Floats, turn: Floats) -> Floats:
        """Joint angles (n, 7) [rad] that move the measured tool by `shift` (n, 3) [m] and `turn` (n, 3) [rad].

        One step of damped least squares (Wampler 1986), with the home posture as the aim in the null space.
        """
        tool = self.tool_position[ids]
        shift = np.clip(tool + shift, TOOL_LOW, TOOL_HIGH) - tool
        jacp, jacr = self.batch.jac(self.scene.hand_body, tool, ids)
        jac = np.concatenate([jacp[:, :, : arm.ARM_DOF], jacr[:, :, : arm.ARM_DOF]], axis=1)
        joints = self.qpos[np.ix_(ids, self.scene.arm_qpos)]
        homeward = POSTURE_GAIN * (np.asarray(arm.HOME) - joints)
        error = np.concatenate([shift, turn], axis=1) - np.einsum("nij,nj->ni", jac, homeward)
        gram = np.einsum("nik,njk->nij", jac, jac) + DAMPING**2 * np.eye(6)
        return joints + homeward + np.einsum("nij,ni->nj", jac, np.linalg.solve(gram, error[..., None])[..., 0])
