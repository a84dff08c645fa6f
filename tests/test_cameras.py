"""What the cameras draw: against MuJoCo's own ray caster, against themselves without culling, and at any batch."""

import subprocess
import sys
from dataclasses import replace

import mujoco
import numpy as np
import pytest

from envs import scene as scenes
from envs.arm import HOME, HOME_TOOL
from envs.cameras import PIXELS_AT_ONCE, Cameras, behind, optics, outlines, shading
from envs.cameras.patches import never_moves
from envs.cameras.patterns import EXTENT, SIDE, TEXEL, texture
from envs.cameras.shadows import LEVEL
from envs.errors import UserError
from envs.layouts import Layout, draw
from envs.levels import data_level
from envs.looks import TOWARDS_LIGHT, Look, draw_look
from envs.scene import Objects, Scene
from envs.simulation import Simulation

COLOURS = np.array([[0.85, 0.15, 0.15], [0.15, 0.35, 0.85], [0.15, 0.65, 0.25], [0.95, 0.8, 0.15], [0.55, 0.25, 0.65]])
OBJECTS = Objects(blocks=3, pads=2)
PLACES = np.array([[0.38, -0.12], [0.62, 0.15], [0.45, 0.2], [0.58, -0.17], [0.42, 0.04]])


def compile_scene(extra: bool = False) -> Scene:
    """The room with three blocks and two pads; `extra` adds a shape of every other kind that can be drawn."""
    spec = scenes.build(OBJECTS)
    if extra:
        for x, kind in enumerate((mujoco.mjtGeom.mjGEOM_SPHERE, mujoco.mjtGeom.mjGEOM_CYLINDER)):
            for name, parent in ((f"still{x}", spec.worldbody), (f"held{x}", spec.body("link7"))):
                place = [0.5 + 0.1 * x, 0.1, 0.05] if parent is spec.worldbody else [0.12, 0.1 * x, 0.12]
                parent.add_geom(name=name, type=kind, size=[0.03, 0.04, 0], pos=place, contype=0, conaffinity=0)
    return Scene(OBJECTS, spec.compile())


PLAIN = draw(OBJECTS, data_level(0.0), np.random.default_rng(0))
AMONG = OBJECTS.among(3)


def look(colours: np.ndarray) -> Look:
    return replace(draw_look(PLAIN, data_level(0.0), np.random.default_rng(0)), colours=colours)


def layout(rng: np.random.Generator) -> Layout:
    position = np.zeros((len(OBJECTS), 3))
    position[:, :2] = PLACES + rng.uniform(-0.02, 0.02, PLACES.shape)
    position[: OBJECTS.blocks, 2] = scenes.BLOCK_HALF
    return replace(PLAIN, position=position, yaw=rng.uniform(-0.7, 0.7, len(OBJECTS)))


def simulate(n: int, wild: bool = False, extra: bool = False, threads: int = 0) -> Simulation:
    """Simulation i is the same at any n. `wild` arms stand anywhere, and blocks hang anywhere."""
    simulation = Simulation(compile_scene(extra), n, threads)
    rngs = [np.random.default_rng([7, i]) for i in range(n)]
    simulation.reset(np.arange(n), [layout(rng) for rng in rngs])
    return stirred(simulation, rngs, (1.0, 0.05) if wild else (0.15, 0.0))


def stirred(simulation: Simulation, rngs: list[np.random.Generator], by: tuple[float, float]) -> Simulation:
    """Arms turned and things thrown about by so much."""
    scene = simulation.scene
    for i, rng in enumerate(rngs):
        simulation.qpos[i, scene.arm_qpos] += rng.uniform(-by[0], by[0], 7)
        simulation.qpos[i, scene.finger_qpos] = rng.uniform(0, 0.04, 2)
        simulation.qpos[np.ix_([i], scene.loose_qpos.ravel())] += by[1] * rng.normal(size=scene.loose_qpos.size)
    simulation.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS)
    return simulation


def painted(simulation: Simulation, size: int, **more) -> Cameras:
    cameras = Cameras(simulation, size, **more)
    cameras.paint(np.arange(simulation.n), [look(COLOURS)] * simulation.n)
    return cameras


def varied(n: int, size: int, threads: int = 0) -> tuple[Cameras, list[Look]]:
    """Simulations at the highest data level, their things tumbled, and all kinds of looks."""
    simulation, level = Simulation(Scene.compile(AMONG), n, threads), data_level(1.0)
    rngs = [np.random.default_rng([8, i]) for i in range(n)]
    layouts = [draw(AMONG, level, rng) for rng in rngs]
    looks = [draw_look(layout, level, rng) for layout, rng in zip(layouts, rngs, strict=True)]
    simulation.reset(np.arange(n), layouts)
    cameras = Cameras(stirred(simulation, rngs, (0.3, 0.03)), size)
    cameras.paint(np.arange(n), looks)
    return cameras, looks


def by_mujoco(cameras: Cameras, looks: list[Look]) -> dict[str, np.ndarray]:
    """Every pixel against every geom, by MuJoCo."""
    simulation, model, size = cameras.simulation, cameras.simulation.scene.model, cameras.size
    colours = np.repeat(np.concatenate([model.geom_rgba[:, :3], [shading.BACKDROP]])[None], simulation.n, axis=0)
    table, floor = (model.geom(name).id for name in ("table", "floor"))
    for colour, one in zip(colours, looks, strict=True):
        colour[simulation.scene.geoms], colour[table], colour[floor] = one.colours, one.table, one.floor
    light, strength = np.stack([one.light for one in looks])[:, None], np.array([[one.strength] for one in looks])
    pictures = {}
    for camera, eye, axes in zip(optics.CAMERAS, *cameras.poses(np.arange(simulation.n)), strict=True):
        slope = ((2 * np.arange(size) + 1) / size - 1) * camera.slope
        right, down, ahead = (axes[:, None, None, :, i] for i in range(3))
        rays = (ahead + slope[:, None, None] * down + slope[:, None] * right).reshape(len(eye), -1, 3)
        dist, geom, normal = simulation.batch.ray(eye[:, None], rays, normal=True)
        hit = eye[:, None] + rays * dist[..., None]
        bright = shading.brightness((normal * light).sum(axis=-1), normal[..., 2], strength)
        bright[geom < 0] = shading.FULL
        colour = colours[np.arange(len(eye))[:, None], geom]
        top = (geom == table) & (normal[..., 2] > 0.5)
        colour[top] *= patterned(looks, hit)[top, None]
        packed = shading.lit(shading.pack(colour), bright)
        low = (geom >= 0) & (hit[..., 2] < LEVEL)
        ground = eye[:, None] - rays * (eye[:, None, 2] / rays[..., 2])[..., None]
        dark = low & in_shadow(simulation, ground, light)
        packed = shading.lit(packed, shading.FULL - dark * np.uint32(shading.SHADOW))
        bands = np.stack([packed >> shift & 255 for shift in (0, 8, 16)], axis=-1)
        pictures[camera.name] = bands.reshape(len(eye), size, size, 3).astype(np.uint8)
    return pictures


def patterned(looks: list[Look], points: np.ndarray) -> np.ndarray:
    """How bright the patterns of table tops are at points (n, rays, 3) of them."""
    at = np.clip((points[..., :2] - scenes.TABLE_CENTRE[:2] + EXTENT / 2) / TEXEL, 0, SIDE - 1).astype(int)
    shade = np.stack([texture(one.pattern)[y, x] for one, (x, y) in zip(looks, at.transpose(0, 2, 1), strict=True)])
    return 1 + np.array([[one.contrast] for one in looks]) * (shade / 255 - 0.5)


def in_shadow(simulation: Simulation, points: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Whether points (n, rays, 3) of the table have a thing between them and the light: every point, every thing."""
    scene, matter, dark = simulation.scene, simulation.matter, np.zeros(points.shape[:2], bool)
    hand = [scene.model.geom(name).id for name in ("hand", "left-finger", "right-finger")]
    for geom in (*hand, *scene.geoms[scene.loose]):
        turn = simulation.geom_xmat[:, geom].reshape(-1, 3, 3)
        start = np.einsum("nij,nri->nrj", turn, points - simulation.geom_xpos[:, None, geom])
        step = np.einsum("nij,nri->nrj", turn, light)
        size = matter.geom_size[:, None, geom]
        ends = np.stack([(-size - start) / step, (size - start) / step])
        first, last = ends.min(axis=0).max(axis=-1), ends.max(axis=0).min(axis=-1)
        # A cylinder: the roots of |start + t step|² = r² across its axis, and its two ends.
        a, b, c = ((u[..., :2] * v[..., :2]).sum(axis=-1) for u, v in ((step, step), (start, step), (start, start)))
        root = b * b - a * (c - size[..., 0] ** 2)
        apart = np.sqrt(np.maximum(root, 0))
        tips = np.stack([(-size[..., 1] - start[..., 2]) / step[..., 2], (size[..., 1] - start[..., 2]) / step[..., 2]])
        through = np.maximum((-b - apart) / a, tips.min(axis=0)) <= np.minimum((-b + apart) / a, tips.max(axis=0))
        cylinder = matter.geom_type[:, geom, None] == mujoco.mjtGeom.mjGEOM_CYLINDER
        hit = np.where(cylinder, (root > 0) & through, first <= last)
        dark |= hit & (simulation.geom_xpos[:, None, geom, 2] > 0)
    return dark


def differing(a: np.ndarray, b: np.ndarray, by: int) -> float:
    return float((np.abs(a.astype(int) - b.astype(int)).max(axis=-1) > by).mean())


@pytest.mark.parametrize("size", [1, 7, 64, 90])
@pytest.mark.parametrize("kind", ["calm", "wild", "varied"])
def test_the_pictures_are_those_that_mujoco_casts(size, kind):
    """Single precision may move an outline by a hair and a brightness by one step, and no more."""
    if kind == "varied":
        cameras, looks = varied(8, size)
    else:
        cameras, looks = painted(simulate(8, kind == "wild", extra=True), size), [look(COLOURS)] * 8
    pictures, expected = cameras.render(np.arange(8)), by_mujoco(cameras, looks)
    for name, picture in pictures.items():
        assert picture.shape == (8, size, size, 3)
        assert differing(picture, expected[name], by=1) <= 2e-4


@pytest.mark.parametrize("size", [48, 64, 129])
@pytest.mark.parametrize("kind", ["wild", "varied"])
def test_leaving_out_what_cannot_be_seen_changes_no_pixel(size, kind, monkeypatch):
    def make() -> Cameras:
        return varied(6, size)[0] if kind == "varied" else painted(simulate(6, wild=True, extra=True), size)

    pictures = make().render(np.arange(6))

    def everywhere(points, radius, edge):
        return np.full((4, len(radius)), -np.inf), np.full((4, len(radius)), np.inf)

    monkeypatch.setattr(outlines, "outline", everywhere)
    monkeypatch.setattr(outlines, "in_view", lambda points, radius, edge: np.ones(points.shape[2:], bool))
    monkeypatch.setattr(behind, "covered", lambda table, edge, grid: np.zeros((len(table.straight), grid.tiles), bool))
    in_full = make().render(np.arange(6))
    for name in pictures:
        np.testing.assert_array_equal(pictures[name], in_full[name])


@pytest.mark.parametrize("kind", ["wild", "varied"])
def test_pixels_do_not_depend_on_batch_order_or_threads(kind):
    def make(n: int, threads: int = 0) -> Cameras:
        return varied(n, 64, threads)[0] if kind == "varied" else painted(simulate(n, wild=True, threads=threads), 64)

    whole = make(40).render(np.arange(40))
    for n, threads in ((1, 1), (5, 1), (17, 2), (40, 3)):
        ids = np.random.default_rng(n).permutation(n)
        for name, picture in make(n, threads).render(ids).items():
            np.testing.assert_array_equal(picture, whole[name][ids])
    again = make(40).render(np.array([3, 3, 39]))
    np.testing.assert_array_equal(again["wrist"], whole["wrist"][[3, 3, 39]])


def test_pixels_do_not_depend_on_how_many_blocks_are_drawn_on_threads():
    n = 2 * PIXELS_AT_ONCE // 64**2 + 3
    cameras = painted(simulate(n, threads=2), 64)
    together = cameras.render(np.arange(n))
    for some in (np.array([0]), np.array([n - 1, n // 2])):
        for name, frames in cameras.render(some).items():
            np.testing.assert_array_equal(frames, together[name][some])


@pytest.mark.parametrize("size", [64, 96, 256])
def test_a_thing_shows_its_colour_where_it_is_projected(size):
    simulation = simulate(1)
    cameras = painted(simulation, size)
    picture = cameras.render(np.arange(1))["front"][0]
    pixel, visible = cameras.project(np.arange(1), simulation.geom_xpos[:, simulation.scene.geoms])
    assert pixel.shape == (1, 2, 5, 2) and pixel.dtype == np.float32 and visible.shape == (1, 2, 5)
    assert visible[0, 0].all()
    for thing, (u, v) in enumerate(pixel[0, 0]):
        seen = picture[int((v + 1) / 2 * size), int((u + 1) / 2 * size)].astype(float)
        own = COLOURS[thing] * 255
        assert np.abs(seen / seen.max() - own / own.max()).max() < 0.03, scenes.Objects(3, 2).names[thing]


def test_what_is_behind_or_beside_a_camera_is_not_visible():
    cameras = painted(simulate(1), 64)
    points = np.array([[[2.5, 0, 1.7], [0.5, 3.0, 0.0], [0.5, 0.0, 0.0]]])
    _, visible = cameras.project(np.arange(1), points)
    assert visible[0, 0].tolist() == [False, False, True]


def test_a_block_that_moves_moves_in_the_picture():
    simulation = simulate(1)
    cameras = painted(simulation, 64)
    red = []
    for y in (-0.15, 0.15):
        simulation.qpos[0, simulation.scene.loose_qpos[0, :3]] = (0.5, y, scenes.BLOCK_HALF)
        simulation.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS)
        picture = cameras.render(np.arange(1))["front"][0].astype(int)
        rows, columns = np.nonzero(picture[..., 0] - picture[..., 1:].max(axis=-1) > 40)
        assert 12 <= len(rows) <= 80  # pixels that a block covers
        red.append(columns.mean())
    assert red[1] - red[0] > 20  # to the right, which is +y


def test_the_whole_workspace_is_in_view_of_the_front_camera():
    x, y = (0.36, 0.64), (-0.22, 0.22)
    corners = np.array([[a, b, c] for a in x for b in y for c in (0.0, 0.25)])
    _, visible = painted(simulate(1), 64).project(np.arange(1), corners[None])
    assert visible[0, 0].all()


def test_the_wrist_camera_sees_a_block_between_the_fingers():
    simulation = simulate(1)
    scene = simulation.scene
    simulation.qpos[0, scene.arm_qpos], simulation.qpos[0, scene.finger_qpos] = HOME, 0.02
    simulation.qpos[0, scene.loose_qpos[0, :3]] = HOME_TOOL
    simulation.qpos[0, scene.loose_qpos[0, 3:]] = (1, 0, 0, 0)
    simulation.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS)
    picture = painted(simulation, 64).render(np.arange(1))["wrist"][0].astype(int)
    red = np.nonzero(picture[..., 0] - picture[..., 1:].max(axis=-1) > 40)
    black = np.nonzero(picture.max(axis=-1) < 60)
    assert len(red[0]) > 150
    assert (black[1] < red[1].min()).sum() > 30 and (black[1] > red[1].max()).sum() > 30  # a finger on either side


def test_pictures_are_not_black_and_episodes_differ_in_colour():
    simulation = simulate(2)
    cameras = painted(simulation, 64)
    one = cameras.render(np.arange(2))
    assert all(picture.mean() > 60 and picture.std() > 20 for picture in one.values())
    cameras.paint(np.array([1]), [look(COLOURS[::-1])])
    other = cameras.render(np.arange(2))
    np.testing.assert_array_equal(one["front"][0], other["front"][0])
    assert (one["front"][1] != other["front"][1]).any()


@pytest.mark.parametrize("onto", ["table", "pad"])
def test_a_block_in_the_air_throws_its_shadow_away_from_the_light(onto):
    simulation = simulate(1)
    cameras = Cameras(simulation, 128)
    away = -0.12 * TOWARDS_LIGHT / TOWARDS_LIGHT[2]
    pad = simulation.geom_xpos[0, simulation.scene.geoms[3]]
    thrown = np.array([0.54, 0.05, 0]) if onto == "table" else pad.copy()
    free = cameras.render(np.arange(1))["front"][0].astype(float)
    simulation.qpos[0, simulation.scene.loose_qpos[0]] = (*(thrown[:2] - away[:2]), 0.12, 1, 0, 0, 0)
    simulation.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS)
    picture = cameras.render(np.arange(1))["front"][0]
    pixel, _ = cameras.project(np.arange(1), thrown[None, None])
    u, v = ((pixel[0, 0, 0] + 1) / 2 * 128).astype(int)
    assert np.abs(picture[v, u] - free[v, u] * (1 - shading.SHADOW / shading.FULL)).max() <= 1.5


def test_smooth_pictures_are_means_of_finer_ones():
    cameras = painted(simulate(2), 60)
    fine = cameras.resized(120).render(np.arange(2))
    smooth = cameras.resized(60, smooth=2).render(np.arange(2))
    for name, picture in smooth.items():
        mean = fine[name].reshape(2, 60, 2, 60, 2, 3).astype(float).mean(axis=(2, 4))
        assert np.abs(picture - mean).max() <= 0.5


def test_no_simulations_make_no_pictures():
    pictures = painted(simulate(1), 64).render(np.arange(0))
    assert pictures["front"].shape == pictures["wrist"].shape == (0, 64, 64, 3)


def test_a_column_that_turns_about_its_axis_is_drawn_once():
    model = compile_scene(extra=True).model
    still = never_moves(model)
    names = {model.geom(int(geom)).name for geom in np.nonzero(still)[0]}
    assert names == {"floor", "table", "base", "link1-0", "still0", "still1"}


def test_a_camera_can_be_asked_for_alone():
    simulation = simulate(2)
    both = painted(simulation, 64).render(np.arange(2))
    for name in ("front", "wrist"):
        alone = painted(simulation, 64, names=(name,)).render(np.arange(2))
        assert list(alone) == [name]
        np.testing.assert_array_equal(alone[name], both[name])
    with pytest.raises(UserError, match="wirst.*Did you mean 'wrist'"):
        Cameras(simulation, 64, names=("wirst",))


@pytest.mark.parametrize("size", [0, 1025])
def test_an_impossible_size_is_refused(size):
    with pytest.raises(UserError, match=str(size)):
        Cameras(simulate(1), size)


def test_a_shape_that_cannot_be_drawn_is_refused_by_name():
    spec = scenes.build(OBJECTS)
    spec.worldbody.add_geom(name="egg", type=mujoco.mjtGeom.mjGEOM_ELLIPSOID, size=[0.1, 0.2, 0.3])
    with pytest.raises(UserError, match="egg"):
        Cameras(Simulation(Scene(OBJECTS, spec.compile()), 1))


def test_nothing_imports_opengl():
    code = (
        "import sys, numpy as np; from envs.cameras import Cameras; from envs.scene import Objects, Scene;"
        "from envs.simulation import Simulation;"
        "Cameras(Simulation(Scene.compile(Objects(1, 1)), 1)).render(np.arange(1));"
        "sys.exit(any(name.split('.')[0] == 'OpenGL' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], env={"MUJOCO_GL": "disable"}).returncode == 0
