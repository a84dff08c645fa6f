"""The robot is the published one, and it obeys."""

from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest

from envs import arm
from envs.layouts import draw
from envs.levels import data_level
from envs.scene import Objects, Scene
from envs.simulation import Simulation
from envs.spaces import ROTATION_SCALE, TRANSLATION_SCALE


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene.compile(Objects(blocks=2, pads=1))


def begun(scene: Scene, n: int = 1) -> Simulation:
    simulation = Simulation(scene, n, threads=1)
    layout = draw(scene.objects, data_level(0.0), np.random.default_rng(0))
    position = np.array([[0.45, 0.15, 0.02], [0.55, -0.15, 0.02], [0.6, 0.1, 0.0]])
    simulation.reset(np.arange(n), [replace(layout, position=position)] * n)
    return simulation


def test_flange_is_where_the_published_kinematics_put_it(scene: Scene) -> None:
    """Franka's documented ready posture has its flange at x 0.3069 m, z 0.5903 m over the base."""
    data = mujoco.MjData(scene.model)
    data.qpos[scene.arm_qpos] = [0, -np.pi / 4, 0, -3 * np.pi / 4, 0, np.pi / 2, np.pi / 4]
    mujoco.mj_kinematics(scene.model, data)
    np.testing.assert_allclose(data.xpos[scene.hand_body], [0.30689, 0.0, 0.59028], atol=1e-5)


def test_home_is_over_the_table_with_fingers_down(scene: Scene) -> None:
    simulation = begun(scene)
    np.testing.assert_allclose(simulation.tool_position[0], arm.HOME_TOOL, atol=1e-6)
    np.testing.assert_allclose(simulation.tool_rotation[0], np.diag([1, -1, -1]), atol=1e-6)
    np.testing.assert_allclose(simulation.opening, arm.MAX_OPENING)


def test_moving_mass_is_the_published_one(scene: Scene) -> None:
    links = sum(scene.model.body(f"link{i + 1}").mass[0] for i in range(arm.ARM_DOF))
    assert links == pytest.approx(16.062, abs=0.001)  # [kg] Gaz et al. 2019, links 1 to 7


def test_everything_in_the_model_has_a_name(scene: Scene) -> None:
    model = scene.model
    for kind, count in (("geom", model.ngeom), ("body", model.nbody), ("joint", model.njnt), ("actuator", model.nu)):
        assert all(getattr(model, kind)(i).name for i in range(count)), kind


@pytest.mark.parametrize("axis", range(6))
@pytest.mark.parametrize("sign", [-0.5, 0.5])
def test_tool_goes_where_it_is_sent_and_nowhere_else(scene: Scene, axis: int, sign: float) -> None:
    simulation = begun(scene)
    before, rotation = simulation.tool_position[0].copy(), simulation.tool_rotation[0].copy()
    action = np.zeros((1, 7))
    action[0, axis], action[0, 6] = sign, -1
    simulation.step(np.array([0]), action)
    moved = (simulation.tool_position[0] - before) / TRANSLATION_SCALE
    turned = simulation.tool_rotation[0] @ rotation.T
    turned = np.array([turned[2, 1] - turned[1, 2], turned[0, 2] - turned[2, 0], turned[1, 0] - turned[0, 1]])
    got = np.concatenate([moved, turned / 2 / ROTATION_SCALE])
    assert 0.7 < got[axis] / sign < 1.1
    assert np.abs(np.delete(got, axis)).max() < 0.15


def test_hand_stays_where_it_is_without_a_command(scene: Scene) -> None:
    simulation = begun(scene)
    still = np.zeros((1, 7))
    for _ in range(100):
        simulation.step(np.array([0]), still)
    np.testing.assert_allclose(simulation.tool_position[0], arm.HOME_TOOL, atol=0.002)


def test_elbow_comes_home_while_the_tool_stays(scene: Scene) -> None:
    simulation = begun(scene)
    tool = simulation.tool_position[0].copy()
    jacp, jacr = simulation.batch.jac(scene.hand_body, tool)
    null = np.linalg.svd(np.concatenate([jacp, jacr], axis=1)[0, :, : arm.ARM_DOF])[2][-1]
    simulation.qpos[0, scene.arm_qpos] += 0.2 * null
    simulation.batch.forward()
    before = simulation.tool_position[0].copy()
    away = np.abs(simulation.qpos[0, scene.arm_qpos] - arm.HOME).max()
    for _ in range(40):
        simulation.step(np.array([0]), np.zeros((1, 7)))
    assert np.abs(simulation.qpos[0, scene.arm_qpos] - arm.HOME).max() < 0.5 * away
    np.testing.assert_allclose(simulation.tool_position[0], before, atol=0.01)


def test_commanding_the_hand_into_the_table_leaves_it_above(scene: Scene) -> None:
    simulation = begun(scene)
    down = np.array([[0, 0, -1, 0, 0, 0, 1.0]])
    for _ in range(20):
        simulation.step(np.array([0]), down)
        assert simulation.tool_position[0, 2] > 0.0105  # the fingertips would touch at 0.0086
    assert simulation.tool_rotation[0, 2, 2] < -0.99  # and nothing has bent it


def test_an_invented_divergence_is_reported_for_its_simulation_alone(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its warnings into a file where it runs
    simulation = begun(scene, n=3)
    simulation.qvel[1, 0] = np.inf
    faults = simulation.step(np.arange(3), np.zeros((3, 7)))
    assert faults == {1: "the physics diverged"}
