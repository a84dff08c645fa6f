"""The data axis: ranges nest, draws keep to them, and what is drawn is what the physics has."""

from dataclasses import fields, replace

import mujoco
import numpy as np
import pytest

from envs import Episode, Split, UserError, tiers
from envs.episodes import NAMED_LEVELS
from envs.layouts import HELD_OUT, PARKED, Layout, draw
from envs.levels import KNOBS, DataLevel, data_level
from envs.looks import TOWARDS_LIGHT, Look
from envs.matter import Matter
from envs.scene import BLOCK_HALF, BLOCK_MASS, FRICTION, Objects, Scene
from envs.shapes import CYLINDER, SHAPES, inertia
from envs.simulation import Simulation
from envs.situations import Situation, objects_at, situation

LEVELS = (0.0, 0.2, 0.5, 0.77, 1.0)


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> DataLevel:
    return data_level(float(request.param))


def situations(tier: str, level: float, count: int, split: Split = Split.TRAIN) -> list[Situation]:
    return [situation(tiers[tier], Episode(tier, level, split, index)) for index in range(count)]


def test_every_knob_is_set_and_says_what_it_is() -> None:
    knobs = [one for one in fields(DataLevel) if one.name != "level"]
    assert [one.name for one in knobs] == list(KNOBS)
    assert all(one.metadata["unit"] and one.metadata["says"] for one in knobs)


def test_ranges_nest_as_the_level_rises() -> None:
    levels = [data_level(k / 50) for k in range(51)]
    for name in KNOBS:
        values = [getattr(one, name) for one in levels]
        assert values == sorted(values, reverse=name == "gap"), name


def test_named_levels_are_points_of_the_axis() -> None:
    for name, at in NAMED_LEVELS.items():
        for knob, ends in KNOBS.items():
            assert getattr(data_level(at), knob) == ends[list(NAMED_LEVELS).index(name)]


def test_layouts_keep_to_their_level(level: DataLevel) -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        layout = draw(Objects(blocks=2, pads=2, distractors=level.distractors), level, rng)
        here = layout.present
        blocks = [h for h in layout.objects.loose if here[h]]
        assert np.abs(layout.position[here, 0] - 0.5).max() <= level.spread_x
        assert np.abs(layout.position[here, 1]).max() <= level.spread_y
        assert np.abs(layout.yaw).max() <= level.yaw
        for h in blocks:
            size = layout.half[h] / (BLOCK_HALF * np.array(SHAPES[layout.shapes[h]].proportions))
            np.testing.assert_allclose(size, size[0])
            assert abs(size[0] - 1) <= level.size + 1e-12
            assert max(layout.friction[h], 1 / layout.friction[h]) <= 1 + level.friction + 1e-12
        apart = np.abs(layout.position[here][:, None, :2] - layout.position[here][:, :2]).max(axis=2)
        reach = layout.half[here, :2].max(axis=1)
        assert (apart + 10 * np.eye(len(apart)) >= reach[:, None] + reach + level.gap - 1e-12).all()


def test_easy_is_plain() -> None:
    for one in situations("pick-place", 0.0, 20):
        assert set(one.layout.shapes) == {"cube", "flat"}
        assert (one.layout.half[:2] == BLOCK_HALF).all() and (one.layout.yaw == 0).all()
        np.testing.assert_allclose(one.layout.mass[:2], BLOCK_MASS)
        assert one.look.contrast == 0 and not one.look.shift.any() and not one.look.turn.any()
        np.testing.assert_allclose(one.look.light, TOWARDS_LIGHT)


def test_hard_uses_what_it_may() -> None:
    made = situations("stack-two", 1.0, 300)
    assert {shape for one in made for shape in one.layout.shapes} == set(SHAPES)
    assert {int(one.layout.present.sum()) for one in made} == {2, 3, 4, 5}
    assert len({one.layout.colours[0] for one in made}) == data_level(1.0).colours
    assert max(one.look.contrast for one in made) > 0.9 * data_level(1.0).texture
    assert max(np.arccos(one.look.light @ TOWARDS_LIGHT) for one in made) > 0.9 * data_level(1.0).light_tilt
    assert all(np.isclose(one.look.light @ one.look.light, 1) for one in made)


@pytest.mark.parametrize("tier", tiers.names())
def test_no_two_blocks_share_colour_and_shape(tier: str) -> None:
    for one in situations(tier, 1.0, 60):
        layout = one.layout
        kinds = [(layout.colours[h], layout.shapes[h]) for h in layout.objects.loose]
        pads = [layout.colours[h] for h in layout.objects.handles("pad")]
        assert len(set(kinds)) == len(kinds) and len(set(pads)) == len(pads)


@pytest.mark.parametrize("split", [split for split in Split if split is not Split.TEST_PAIRS])
def test_held_out_pairs_occur_in_their_slice_alone(split: Split) -> None:
    def pairs(one: Situation) -> set[tuple[str, str]]:
        return {(one.layout.colours[h], one.layout.shapes[h]) for h in one.layout.objects.loose}

    assert not any(pairs(one) & HELD_OUT for one in situations("stack-three", 1.0, 80, split))
    assert all(pairs(one) & HELD_OUT for one in situations("stack-three", 1.0, 20, Split.TEST_PAIRS))


def test_the_slice_of_pairs_is_empty_where_shapes_do_not_vary() -> None:
    with pytest.raises(UserError, match="held-out pair"):
        situations("reach", 0.0, 1, Split.TEST_PAIRS)


def test_too_many_things_are_refused() -> None:
    with pytest.raises(UserError, match="do not fit"):
        draw(
            Objects(pads=12), replace(data_level(1.0), colours=8, spread_x=0.1, spread_y=0.1), np.random.default_rng(0)
        )


def compiled(layout: Layout, handle: int) -> mujoco.MjModel:
    """One loose thing alone, as MuJoCo's compiler makes it."""
    spec = mujoco.MjSpec()
    body = spec.worldbody.add_body(name="thing")
    body.add_freejoint()
    kind, half = SHAPES[layout.shapes[handle]].geom, layout.half[handle]
    round = layout.shapes[handle] == CYLINDER
    body.add_geom(type=kind, size=[half[0], half[2], 0] if round else half, mass=layout.mass[handle])
    return spec.compile()


def test_matter_is_what_the_compiler_would_make_of_it() -> None:
    """The constants that MuJoCo derives from shape, size and mass."""
    scene = Scene.compile(objects_at(tiers["stack-three"], 1.0))
    made = [one.layout for one in situations("stack-three", 1.0, 8)]
    simulation = Simulation(scene, len(made), threads=1)
    simulation.reset(np.arange(len(made)), made)
    batch = simulation.batch
    for row, layout in enumerate(made):
        for handle, dofs in zip(scene.loose, scene.loose_dof, strict=True):
            body, geom, right = scene.bodies[handle], scene.geoms[handle], compiled(layout, handle)
            same = {
                "body_mass": (body, 1), "body_subtreemass": (body, 1), "body_invweight0": (body, 1),
                "dof_invweight0": (dofs, slice(0, 6)), "geom_rbound": (geom, 0), "geom_aabb": (geom, 0),
                "geom_size": (geom, 0), "geom_type": (geom, 0),
            }  # fmt: skip
            for name, (here, there) in same.items():
                np.testing.assert_allclose(batch.expand(name)[row][here], getattr(right, name)[there], err_msg=name)
            # The compiler may name the axes in another order.
            np.testing.assert_allclose(np.sort(batch.expand("body_inertia")[row, body]), np.sort(right.body_inertia[1]))
            assert batch.expand("geom_friction")[row, geom, 0] == FRICTION[0] * layout.friction[handle]


def test_an_upright_cylinder_turns_most_easily_about_its_own_axis_when_slim() -> None:
    moments = inertia(True, 2.0, np.array([0.1, 0.1, 1.0]))
    np.testing.assert_allclose(moments, [2 * (0.01 / 4 + 1 / 3), 2 * (0.01 / 4 + 1 / 3), 2 * 0.01 / 2])


def test_parked_distractors_stay_where_they_are() -> None:
    scene = Scene.compile(Objects(blocks=1, distractors=3))
    rng = np.random.default_rng(3)
    made = next(one for one in (draw(scene.objects, data_level(1.0), rng) for _ in range(99)) if one.present.sum() == 2)
    simulation = Simulation(scene, 1, threads=1)
    simulation.reset(np.arange(1), [made])
    for _ in range(20):
        simulation.step(np.arange(1), np.zeros((1, 7)))
    position, _, speed = simulation.things()
    parked = ~made.present
    np.testing.assert_allclose(position[0, parked], made.position[parked], atol=1e-9)
    assert (position[0, parked, 2] <= PARKED[2]).all() and (speed[0, parked] < 1e-9).all()


def test_each_part_of_a_situation_has_a_stream_of_its_own() -> None:
    one, other = (situation(tiers["reach"], Episode("reach", 1.0, Split.DEV, 4)) for _ in range(2))
    assert isinstance(one.look, Look) and isinstance(one.layout, Layout)
    np.testing.assert_array_equal(one.layout.position, other.layout.position)
    assert one.look.pattern == other.look.pattern and one.instruction == other.instruction


def test_matter_touches_no_other_simulation() -> None:
    scene = Scene.compile(objects_at(tiers["reach"], 1.0))
    made = [one.layout for one in situations("reach", 1.0, 3)]
    simulation = Simulation(scene, 3, threads=1)
    assert isinstance(simulation.matter, Matter)
    simulation.reset(np.arange(3), made)
    before = simulation.matter.geom_size[[0, 2]].copy()
    simulation.reset(np.array([1]), [made[0]])
    np.testing.assert_array_equal(simulation.matter.geom_size[[0, 2]], before)
    np.testing.assert_array_equal(simulation.matter.geom_size[1], before[0])
