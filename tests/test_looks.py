"""What a `Look` says is what the cameras draw, in each simulation its own; and what they say they see, they see."""

from dataclasses import replace

import mujoco
import numpy as np
import pytest

from envs import tiers
from envs.cameras import Cameras, drawing, shading
from envs.cameras.patterns import texture
from envs.colours import COLOURS
from envs.episodes import Episode, Split
from envs.layouts import PARKED, draw
from envs.levels import data_level
from envs.looks import PATTERNS, TOWARDS_LIGHT, Look, draw_look
from envs.scene import BLOCK_HALF, TABLE_COLOUR, Objects, Scene
from envs.simulation import Simulation
from envs.situations import objects_at
from envs.world import World

OBJECTS = Objects(blocks=2, pads=1)
PLAIN = draw(OBJECTS, data_level(0.0), np.random.default_rng(0))
USUAL = draw_look(PLAIN, data_level(0.0), np.random.default_rng(0))
RED, MAGENTA = np.array(COLOURS["red"]), np.array([0.9, 0.0, 0.9])
SPOT = (0.5, 0.05)  # [m] in view of both cameras


def simulate(objects: Objects = OBJECTS) -> Simulation:
    simulation = Simulation(Scene.compile(objects), 1, 1)
    simulation.reset(np.arange(1), [draw(objects, data_level(0.5), np.random.default_rng(0))])
    return simulation


def bare() -> Simulation:
    """Nothing lies on the table but a pad at its edge."""
    simulation = simulate()
    simulation.qpos[0, simulation.scene.loose_qpos[:, 2]] = -5.0
    simulation.mocap_pos[0, 0, :2] = (0.1, 0.5)
    simulation.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS)
    return simulation


def put(simulation: Simulation, thing: int, *place: float) -> None:
    simulation.qpos[0, simulation.scene.loose_qpos[thing]] = (*place, 1, 0, 0, 0)
    simulation.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS)


def shown(simulation: Simulation, look: Look, size: int = 64) -> dict[str, np.ndarray]:
    cameras = Cameras(simulation, size)
    cameras.paint(np.arange(1), [look])
    return {name: picture[0].astype(int) for name, picture in cameras.render(np.arange(1)).items()}


def colour_at(cameras: Cameras, pictures: dict[str, np.ndarray], point: tuple[float, ...]) -> np.ndarray:
    """What each camera shows at a point [m], (C, 3)."""
    pixel, inside = cameras.project(np.arange(1), np.array([[point]]))
    assert inside.all()
    at = ((pixel[0, :, 0] + 1) / 2 * cameras.size).astype(int)
    return np.stack([picture[0][v, u] for picture, (u, v) in zip(pictures.values(), at, strict=True)]).astype(int)


def world_at(tier: str, level: float, n: int) -> World:
    world = World(tiers[tier], objects_at(tiers[tier], level), n, threads=1)
    begin(world, level, 0)
    return world


def begin(world: World, level: float, start: int) -> None:
    episodes = [Episode(world.tier.name, level, Split.DEV, start + i) for i in range(world.n)]
    world.begin(np.arange(world.n), episodes)


def test_no_two_patterns_are_alike():
    textures = np.stack([texture(pattern) for pattern in range(PATTERNS)]).reshape(PATTERNS, -1).astype(float)
    assert (textures.min(axis=1) == 0).all() and (textures.max(axis=1) == 255).all()
    textures -= textures.mean(axis=1, keepdims=True)
    textures /= np.sqrt((textures**2).sum(axis=1, keepdims=True))
    alike = textures @ textures.T
    assert np.abs(alike - np.eye(PATTERNS)).max() < 0.5


@pytest.mark.parametrize("size", [64, 200])
def test_a_pattern_without_contrast_is_a_plain_table(size):
    plain = shown(simulate(), USUAL, size)
    for pattern in (0, 13, PATTERNS - 1):
        for contrast in (0.0, 1e-9):
            again = shown(simulate(), replace(USUAL, pattern=pattern, contrast=contrast), size)
            for name, picture in again.items():
                np.testing.assert_array_equal(picture, plain[name])


def test_plain_and_patterned_tables_side_by_side_are_what_each_is_alone():
    world, ids = world_at("stack-two", 0.0, 3), np.arange(3)
    plain = world.cameras.render(ids)
    fresh = Cameras(world.simulation, 64)
    unpainted = fresh.render(ids)
    for cameras, alone in ((world.cameras, plain), (fresh, unpainted)):
        cameras.paint(ids[1:2], [replace(USUAL, colours=USUAL.colours[:2], pattern=9, contrast=0.4)])
        for name, picture in cameras.render(ids).items():
            np.testing.assert_array_equal(picture[[0, 2]], alone[name][[0, 2]])
            assert (picture[1] != alone[name][1]).any()


def test_a_pattern_covers_the_table_and_nothing_else():
    simulation = simulate()
    black, plain = replace(USUAL, table=np.zeros(3)), shown(simulation, USUAL)
    others = {name: picture.any(axis=-1) for name, picture in shown(simulation, black).items()}
    for pattern in range(PATTERNS):
        for name, picture in shown(simulation, replace(USUAL, pattern=pattern, contrast=0.4)).items():
            changed = (picture != plain[name]).any(axis=-1)
            assert not changed[others[name]].any()
            assert changed[~others[name]].mean() > 0.5


@pytest.mark.parametrize("size", [64, 333])
def test_both_cameras_show_the_same_pattern_at_the_same_place(size):
    """Wide soft stripes: the pixel beside shows nearly the same."""
    look = replace(USUAL, pattern=7, contrast=0.6, shift=np.full((2, 3), 0.01), turn=np.full((2, 3), 0.02))
    cameras = Cameras(bare(), size)
    cameras.paint(np.arange(1), [look])
    pictures, seen = cameras.render(np.arange(1)), []
    for x in (0.48, 0.50, 0.52, 0.54, 0.56):
        for y in (-0.12, -0.08, 0.08, 0.12):
            front, wrist = colour_at(cameras, pictures, (x, y, 0.0))
            assert np.abs(front - wrist).max() <= (16 if size == 64 else 4)
            seen.append(front[0])
    assert np.ptp(seen) > 40


def test_a_stronger_light_makes_everything_brighter_and_a_lower_one_darkens_the_table():
    dim, usual = (shown(bare(), replace(USUAL, strength=strength)) for strength in (0.8, 1.0))
    low = shown(bare(), replace(USUAL, light=np.array([0.0, 0.8, 0.6])))
    table = np.array(TABLE_COLOUR[:3]) * 255
    for one, up, strength in ((usual, TOWARDS_LIGHT[2], 1.0), (dim, TOWARDS_LIGHT[2], 0.8), (low, 0.6, 1.0)):
        expected = table * (shading.AMBIENT + shading.SKY + shading.KEY * up) * strength
        assert np.abs(one["front"][-1, -1] - expected).max() <= 2
        assert np.abs(one["wrist"][0, 0] - expected).max() <= 2


@pytest.mark.parametrize("camera", ["front", "wrist"])
@pytest.mark.parametrize(
    "off, towards",
    [
        ({"shift": (0.02, 0, 0)}, (-1, 0)),  # the camera goes right, what it sees goes left
        ({"shift": (0, 0.02, 0)}, (0, -1)),
        ({"turn": (0, 0.03, 0)}, (-1, 0)),  # about down, by the right hand: it looks more to the right
        ({"turn": (0.03, 0, 0)}, (0, 1)),  # about right: it looks up
    ],
)
def test_a_camera_off_its_place_sees_things_moved_the_other_way(camera, off, towards):
    simulation = bare()
    put(simulation, 0, *SPOT, BLOCK_HALF)

    def middle(look: Look) -> np.ndarray:
        picture = shown(simulation, look, 256)[camera]
        return np.argwhere(picture[..., 0] - picture[..., 1:].max(axis=-1) > 40).mean(axis=0)[::-1]

    red = np.tile(RED, (3, 1))
    moved = replace(USUAL, colours=red, **{name: np.array([value, value]) for name, value in off.items()})
    way = middle(moved) - middle(replace(USUAL, colours=red))
    assert way @ towards > 3 and abs(way @ towards) > 4 * abs(way @ towards[::-1])


def test_a_label_lies_on_the_pixels_of_a_small_thing_wherever_the_cameras_stand():
    level, rng = data_level(1.0), np.random.default_rng(0)
    simulation = bare()
    simulation.matter.geom_size[0, simulation.scene.geoms[0]] = 0.004
    cameras = Cameras(simulation, 256)
    for _ in range(10):
        look = replace(draw_look(PLAIN, level, rng), colours=np.tile(RED, (3, 1)), contrast=0.0)
        cameras.paint(np.arange(1), [look])
        put(simulation, 0, *rng.uniform([0.48, -0.12], [0.58, 0.12]), 0.004)
        pixel, _ = cameras.project(np.arange(1), simulation.geom_xpos[:, simulation.scene.geoms[:1]])
        for (u, v), picture in zip(pixel[0, :, 0], cameras.render(np.arange(1)).values(), strict=True):
            red = picture[0].astype(int)
            rows, columns = np.nonzero(red[..., 0] - red[..., 1:].max(axis=-1) > 60)
            assert len(rows) >= 2
            assert abs(columns.mean() + 0.5 - (u + 1) * 128) < 1 and abs(rows.mean() + 0.5 - (v + 1) * 128) < 1


def test_a_thing_that_an_episode_does_not_use_costs_nothing(monkeypatch):
    """Where it waits, the hand's camera could look, if there were no floor."""
    patches, candidates = [], drawing.candidates
    monkeypatch.setattr(
        drawing, "candidates", lambda *a: (found := candidates(*a), patches.append(a[0].geom[found.which]))[0]
    )
    simulation = simulate(OBJECTS.among(2))
    simulation.qpos[0, simulation.scene.arm_qpos[5]] += 1.0  # the hand looks ahead
    things = simulation.scene.geoms
    for wait in (True, False):
        for thing in (2, 3):
            place = np.array(PARKED) - [0, 0, thing] if wait else np.array([0.5, 0.1 * thing - 0.25, 0.1])
            put(simulation, thing, *place)
        pictures = shown(simulation, replace(USUAL, colours=np.array([*np.tile(RED, (3, 1)), MAGENTA, MAGENTA])))
        magenta = [picture[..., [0, 2]].min(axis=-1) - picture[..., 1] > 60 for picture in pictures.values()]
        assert np.isin(patches[-1], things[3:]).any() != wait
        assert np.array(magenta).any() != wait


def test_what_never_moves_is_drawn_once_an_episode(monkeypatch):
    counts = []
    keep = drawing.Drawing.keep_still
    monkeypatch.setattr(
        drawing.Drawing, "keep_still", lambda self, sight, slot: (counts.append(len(slot)), keep(self, sight, slot))
    )
    easy, hard = world_at("pick-place", 0.0, 3), world_at("pick-place", 1.0, 3)
    assert counts == [1, 1]  # as it usually looks, once for each world
    for world in (easy, easy, hard, hard):
        world.observe(np.arange(3))
    assert counts == [1, 1, 3]
    begin(hard, 1.0, 7)
    hard.observe(np.array([1]))
    hard.observe(np.arange(3))
    assert counts == [1, 1, 3, 1, 2]


def test_a_resized_picture_shows_the_same_episode():
    world = world_at("stack-two", 1.0, 2)
    other = world.cameras.resized(64, names=("front",))
    for start in (0, 5):
        begin(world, 1.0, start)
        same = world.cameras.render(np.arange(2))["front"]
        np.testing.assert_array_equal(other.render(np.arange(2))["front"], same)


def visible(simulation: Simulation, geom: int, look: Look = USUAL) -> list[bool]:
    """To each camera."""
    cameras = Cameras(simulation, 64)
    cameras.paint(np.arange(1), [look])
    return cameras.sees(np.arange(1), np.array([[geom]]))[0, :, 0].tolist()


def test_a_thing_in_the_open_is_visible_and_one_behind_another_is_not():
    simulation = bare()
    front, back = simulation.scene.geoms[[0, 1]]
    put(simulation, 1, *SPOT, BLOCK_HALF)
    assert visible(simulation, back) == [True, True]
    simulation.matter.geom_size[0, front] = (0.02, 0.06, 0.08)
    put(simulation, 0, SPOT[0] + 0.05, SPOT[1], 0.08)
    assert visible(simulation, back) == [False, True]  # from above it is seen
    assert visible(simulation, front) == [True, True]
    simulation.matter.geom_size[0, front] = (0.02, 0.02, 0.02)
    put(simulation, 0, SPOT[0] + 0.05, SPOT[1], 0.02)
    assert visible(simulation, back) == [True, True]  # its upper part


def test_a_pad_under_the_hand_or_under_a_block_is_visible_only_as_far_as_it_shows():
    simulation = bare()
    scene = simulation.scene
    pad = scene.geoms[2]
    simulation.mocap_pos[0, 0, :2] = SPOT
    put(simulation, 0, *SPOT, BLOCK_HALF)
    assert visible(simulation, pad) == [True, True]  # around the block
    simulation.matter.geom_size[0, scene.geoms[0]] = (0.06, 0.06, 0.01)
    put(simulation, 0, *SPOT, 0.01)
    assert visible(simulation, pad) == [False, False]


def test_what_is_outside_the_image_is_not_visible():
    simulation = bare()
    block = simulation.scene.geoms[0]
    put(simulation, 0, 0.5, 0.5, BLOCK_HALF)  # beside both images
    assert visible(simulation, block) == [False, False]
    put(simulation, 0, 1.8, 0.0, 0.9)  # behind the camera that is fixed
    assert visible(simulation, block) == [False, False]


def test_labels_tell_what_is_seen_from_what_is_hidden():
    """Whatever is visible has its centre in the image; the hand that pushes hides what it pushes now and then."""
    world, hidden = world_at("push", 1.0, 8), 0
    for _ in range(30):
        labels = world.labels(np.arange(8))
        inside = (np.abs(labels.pixel) <= 1).all(axis=-1)
        assert not (labels.visible & ~inside).any()
        hidden += (inside & ~labels.visible).sum()
        world.step(np.arange(8), world.expert_actions())
    assert 0 < hidden < 0.1 * 30 * labels.visible.size
