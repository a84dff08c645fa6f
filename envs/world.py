"""The world: N simulations of a tier with their episodes, plans and cameras. Everything that plays episodes uses it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.actors import Observation
from envs.cameras import Cameras
from envs.controls import RIGHT
from envs.episodes import Episode
from envs.errors import UserError
from envs.failures import kind_of_failure
from envs.plans import Now, Plans
from envs.scene import Objects, Scene
from envs.shapes import CYLINDER
from envs.simulation import Simulation
from envs.situations import situation
from envs.skills import skills
from envs.spaces import ACTION_SIZE, IMAGE_SIZE
from envs.tier import Tier
from envs.view import Ints, View, stance


@dataclass(frozen=True)
class Labels:
    """Privileged truth about the current plan step, for training: its object and its target, seen by C cameras."""

    position: NDArray[np.float32]  # (n, 2, 3) [m], base frame
    pixel: NDArray[np.float32]  # (n, C, 2, 2) of its centre: u right and v down, in [-1, 1] inside the image
    visible: NDArray[np.bool_]  # (n, C, 2) its centre is inside the image, and not all of it is hidden
    plan_step: NDArray[np.int16]  # (n,)
    plan_skill: NDArray[np.int16]  # (n,) number of the skill in the registry


class World:
    """N simulations of one tier. Rows are simulations; `ids` names some of them."""

    def __init__(
        self,
        tier: Tier,
        objects: Objects,
        n: int,
        threads: int = 0,
        image_size: int = IMAGE_SIZE,
        film_size: int | None = None,
        told: str = RIGHT,
    ) -> None:
        """`objects` are those of the data level that is to be played, see `situations.objects_at`. `threads=0` uses
        every core. Sizes are in pixels; `film_size` adds what `film` needs. `told` is of `controls.TOLD`."""
        if n < 1:
            raise UserError(f"At least one simulation is needed; {n} were asked for.")
        self.tier, self.n, self.told = tier, n, told
        self.scene = Scene.compile(objects)
        self.simulation = Simulation(self.scene, n, threads)
        self.cameras = Cameras(self.simulation, image_size)
        self._film = self.cameras.resized(film_size, ("front",), smooth=2) if film_size else None
        self.plans = Plans(n)
        self.episodes: dict[int, Episode] = {}  # that each simulation plays
        self.instructions: list[str] = [""] * n
        self.steps = np.zeros(n, int)  # control steps played of each episode
        self.once = np.zeros(n, bool)  # success held at some time
        self.errors: list[str] = [""] * n  # why an episode broke, empty while it is sound
        self._half = np.zeros((n, len(objects), 3))
        self._round = np.zeros((n, len(objects)), bool)
        self._truth: tuple[View, Now] | None = None

    def begin(self, ids: Ints, episodes: Sequence[Episode]) -> None:
        """Start `episodes` in simulations `ids`: each is a function of its identity alone."""
        drawn = [situation(self.tier, episode, self.told) for episode in episodes]
        for row, episode, one in zip(ids.tolist(), episodes, drawn, strict=True):
            if len(one.layout.objects) > len(self.scene.objects):
                raise ValueError(f"{episode.name} needs more distractors than this world has")
            self.episodes[row] = episode
            self.instructions[row] = one.instruction.text
            self.errors[row] = ""
        layouts = [one.layout for one in drawn]
        self._half[ids] = np.stack([layout.half for layout in layouts])
        self._round[ids] = [[shape == CYLINDER for shape in layout.shapes] for layout in layouts]
        self.steps[ids], self.once[ids] = 0, False
        self.plans.begin(ids, [one.goal.plan for one in drawn])
        self.simulation.reset(ids, layouts)
        self.cameras.paint(ids, [one.look for one in drawn])
        self._truth = None

    def step(self, ids: Ints, actions: NDArray[np.floating]) -> None:
        """One control step of simulations `ids` under actions (n, 7), then progress and success.

        An episode whose action is not finite or whose physics breaks is marked in `errors` and goes no further.
        """
        finite = np.isfinite(actions).all(axis=1)
        for row in ids[~finite]:
            self.errors[row] = "the action is not finite"
        for row, fault in self.simulation.step(ids[finite], actions[finite]).items():
            self.errors[row] = fault
        self.steps[ids] += 1
        self._truth = None
        self.plans.advance(ids, self.truth[1])
        self.once[ids] |= self.plans.success(ids)

    def observe(self, ids: Ints) -> Observation:
        """What a policy sees in simulations `ids`, see `actors.Observation`."""
        return {"pixels": self.cameras.render(ids), "agent_pos": self.simulation.agent_pos(ids)}

    def film(self, ids: Ints) -> NDArray[np.uint8]:
        """The front camera at film size, (n, H, W, 3)."""
        if self._film is None:
            raise RuntimeError("This world has no film camera: give it a film_size.")
        return self._film.render(ids)["front"]

    @property
    def truth(self) -> tuple[View, Now]:
        """The true state of all N simulations and what holds in it, computed once for each state."""
        if self._truth is None:
            view = self._view()
            self._truth = view, self.plans.judge(view)
        return self._truth

    def failure(self, row: int) -> str:
        """Why a simulation's episode is not a success, see `failures.KINDS`."""
        return kind_of_failure(row, self.plans, *self.truth, once=bool(self.once[row]))

    def expert_actions(self) -> NDArray[np.float32]:
        """The expert's next action in every simulation, (N, 7); zero where no episode has begun."""
        view, now = self.truth
        skill, thing, target = self.plans.at(self.plans.current(now))
        actions = np.zeros((self.n, ACTION_SIZE))
        for number, one in enumerate(skills):
            rows = np.nonzero(skill == number)[0]
            if len(rows):
                actions[rows] = one.motion(view.take(rows), thing[rows], target[rows])
        return np.clip(actions, -1, 1).astype(np.float32)

    def labels(self, ids: Ints) -> Labels:
        """The truth about the current plan step of simulations `ids`."""
        view, now = self.truth
        step = self.plans.current(now)
        skill, thing, target = self.plans.at(step)
        position = np.stack([view.of("position", thing), view.of("position", target)], axis=1)[ids]
        pixel, inside = self.cameras.project(ids, position)
        visible = inside & self.cameras.sees(ids, self.scene.geoms[np.stack([thing, target], axis=1)[ids]])
        return Labels(
            position.astype(np.float32), pixel, visible, step[ids].astype(np.int16), skill[ids].astype(np.int16)
        )

    def _view(self) -> View:
        position, quat, speed = self.simulation.things()
        stands = stance(quat, self._half, self._round)
        return View(
            tool=self.simulation.tool_position,
            rotation=self.simulation.tool_rotation,
            opening=self.simulation.opening,
            position=position,
            yaw=stands.yaw,
            upright=stands.upright,
            speed=speed,
            half=stands.half,
            round=self._round,
        )
