"""Skill "put-aside": take a thing off another and set it down on the free table, clear of everything."""

import numpy as np

from envs.skills.grasping import hand_yaw, is_held, squared_yaw
from envs.skills.picking import Pick
from envs.skills.transport import at_rest, carry, leave, stands_at
from envs.view import Bools, Floats, Ints, View

AWAY = 0.07  # [m] from the centre of what it lay on, along x or y: the hand can come between
FREE = 0.09  # [m] from the centre of everything else, where the expert sets it down
SPOTS = np.stack(np.meshgrid(np.linspace(0.38, 0.62, 7), np.linspace(-0.2, 0.2, 11), indexing="ij"), axis=-1)
SPOTS = SPOTS.reshape(-1, 2)  # [m] of the table that the expert considers


class PutAside:
    name = "put-aside"
    verb = "put aside"
    lasting = False
    grasps = True

    def motion(self, view: View, thing: Ints, target: Ints) -> Floats:
        held, aside = is_held(view, thing), self.relation(view, thing, target)
        yaw = squared_yaw(view, target, near=hand_yaw(view))
        carrying = carry(view, thing, free_spot(view, thing, target), yaw)
        action = np.where(held[:, None], carrying, Pick().motion(view, thing, target))
        return np.where((aside & ~held)[:, None], leave(view, thing), action)

    def done(self, view: View, thing: Ints, target: Ints) -> Bools:
        return self.relation(view, thing, target) & at_rest(view, thing)

    def relation(self, view: View, thing: Ints, target: Ints) -> Bools:
        """The thing stands on the table, away from the target."""
        apart = np.abs(view.of("position", thing) - view.of("position", target))[:, :2].max(axis=1)
        return (apart > AWAY) & stands_at(view, thing, view.of("half", thing)[:, 2])


def free_spot(view: View, thing: Ints, target: Ints) -> Floats:
    """Where the thing's centre goes, (n, 3) [m]: the spot nearest to the target that is clear of all other things, or
    the clearest where none is."""
    offset = np.abs(SPOTS[None, None] - view.position[:, :, None, :2]).max(axis=-1)  # (n, things, spots)
    reach = np.maximum(view.half[:, :, :2].max(axis=2) + 0.05, FREE)
    room = offset - reach[:, :, None]
    room[np.arange(len(view)), thing] = np.inf
    room = room.min(axis=1)
    near = offset[np.arange(len(view)), target]
    best = np.where((room >= 0).any(axis=1), np.where(room >= 0, near, np.inf).argmin(axis=1), room.argmax(axis=1))
    return np.concatenate([SPOTS[best], view.of("half", thing)[:, 2:]], axis=1)
