"""What N simulations look like: their looks as arrays, shared by all cameras that watch them."""

from collections.abc import Sequence

import numpy as np

from envs.cameras import optics, shading
from envs.cameras.behind import FLOOR, TABLE
from envs.cameras.patches import Floats, Ints
from envs.cameras.patterns import SHADES
from envs.cameras.shading import Packed
from envs.looks import TOWARDS_LIGHT, Look
from envs.scene import FLOOR_COLOUR, TABLE_COLOUR, Scene
from envs.spaces import CAMERAS


class Appearance:
    """Rows are simulations. Until they are painted they look as at the lowest data level, in the model's colours."""

    def __init__(self, scene: Scene, n: int) -> None:
        self._geoms = [*scene.geoms, *(scene.model.geom(name).id for name in (TABLE, FLOOR))]
        self.colours = np.repeat(shading.pack(scene.model.geom_rgba[None, :, :3]), n, axis=0)  # (N, geoms)
        self.light = np.tile(TOWARDS_LIGHT, (n, 1))
        self.strength = np.ones(n)
        self.pattern = np.full(n, -1)
        self.palette = _palette(np.tile(TABLE_COLOUR[:3], (n, 1)), np.zeros(n), self.light, self.strength)
        still = np.zeros((n, 3))
        mounts = [optics.mounted(optics.camera(name), still, still) for name in CAMERAS]
        self.eye = np.stack([eye for eye, _ in mounts])  # (C, N, 3) [m] of the cameras in their mounts
        self.axes = np.stack([axes for _, axes in mounts])  # (C, N, 3, 3)
        self.usual = np.ones(n, bool)  # where all but the things looks as at the lowest data level
        self.version = np.zeros(n, int)  # how often each simulation has been painted

    def paint(self, ids: Ints, looks: Sequence[Look]) -> None:
        """From now on simulations `ids` look like `looks`, row by row."""

        def column(name: str) -> Floats:
            return np.stack([np.asarray(getattr(look, name), float) for look in looks])

        table, floor, shift, turn = column("table"), column("floor"), column("shift"), column("turn")
        light, strength, contrast = column("light"), column("strength"), column("contrast")
        colours = np.concatenate([column("colours"), table[:, None], floor[:, None]], axis=1)
        self.colours[np.ix_(ids, self._geoms)] = shading.pack(colours)
        self.light[ids], self.strength[ids] = light, strength
        self.pattern[ids] = np.where(contrast > 0, column("pattern").astype(int), -1)
        self.palette[ids] = _palette(table, contrast, light, strength)
        for camera, name in enumerate(CAMERAS):
            pose = optics.mounted(optics.camera(name), shift[:, camera], turn[:, camera])
            self.eye[camera, ids], self.axes[camera, ids] = pose
        usual = (light == TOWARDS_LIGHT).all(axis=1) & (strength == 1) & (contrast == 0)
        usual &= (table == TABLE_COLOUR[:3]).all(axis=1) & (floor == FLOOR_COLOUR[:3]).all(axis=1)
        self.usual[ids] = usual & ~shift.any(axis=(1, 2)) & ~turn.any(axis=(1, 2))
        self.version[ids] += 1


def _palette(table: Floats, contrast: Floats, light: Floats, strength: Floats) -> Packed:
    """The colours of table tops at each of a texture's shades, in their light, (n, SHADES)."""
    shades = 1 + contrast[:, None] * (np.linspace(0, 1, SHADES) - 0.5)
    bright = shading.brightness(light[:, 2], np.ones(len(light)), strength)
    return shading.lit(shading.pack(table[:, None] * shades[..., None]), bright[:, None])
