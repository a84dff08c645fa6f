"""Where all that is drawn is: in the world, and patch by patch in the axes of the camera that it is before."""

from dataclasses import dataclass, replace

import numpy as np

from envs.cameras.patches import Floats, Ints, Patches
from envs.cameras.shading import Packed


@dataclass(frozen=True)
class Sight:
    """Where the C cameras and the geoms of b simulations are, and what they look like."""

    eye: Floats  # (C, b, 3) [m]
    axes: Floats  # (C, b, 3, 3)
    position: Floats  # (b, geoms, 3) [m]
    rotation: Floats  # (b, geoms, 9)
    form: Ints  # (b, geoms) type
    size: Floats  # (b, geoms, 3) [m] as in MuJoCo's geom_size, but a plane is a box
    reach: Floats  # (b, geoms) [m] from the centre to the farthest point
    colour: Packed  # (b, geoms)
    light: Floats  # (b, 3) unit vector towards the key light
    strength: Floats  # (b,) factor on the light
    pattern: Ints  # (b,) of the table's top, -1 where it is plain
    palette: Packed  # (b, 256) the top's colours by the pattern's brightness, in this light

    def of_camera(self, camera: int) -> "Sight":
        some = slice(camera, camera + 1)
        return replace(self, eye=self.eye[some], axes=self.axes[some])

    def balls(self) -> tuple[Floats, Floats]:
        """Balls around the geoms in the cameras' axes: centres (3, 1, geoms, C, b) and radii (geoms, C, b)."""
        x, y, z = (self.position[None, :, :, i] - self.eye[:, :, None, i] for i in range(3))  # (C, b, geoms)
        axes = self.axes[:, :, None]
        points = np.stack([x * axes[..., 0, i] + y * axes[..., 1, i] + z * axes[..., 2, i] for i in range(3)])
        points = points.transpose(0, 3, 1, 2)
        return points[:, None], np.broadcast_to(self.reach.T[:, None], points.shape[1:])


@dataclass(frozen=True)
class Place:
    """V patches, each in the axes of the camera that it is before. Vectors come first."""

    centre: Floats  # (3, V) [m]
    axes: Floats  # (3, 3, V) component, axis: the geom's axes
    size: Floats  # (3, V) [m]
    straight: Floats  # (V,)
    key: Floats  # (3, V) direction to the key light
    up: Floats  # (3, V) direction up
    strength: Floats  # (V,) factor on the light
    height: Floats  # (V,) [m] of the eye, above the table
    axes_key: Floats  # (3, V) cosines between the geom's axes and the direction to the key light
    axes_up: Floats  # (3, V) and up
    colour: Packed  # (V,)

    def __getitem__(self, some: slice | Ints) -> "Place":
        return Place(*(getattr(self, field)[..., some] for field in self.__dataclass_fields__))


def place(patches: Patches, sight: Sight, which: Ints, camera: Ints, row: Ints) -> Place:
    """Patch `which` before `camera` of simulation `row`, (V,) each."""
    geom = patches.geom[which]
    rotation = np.ascontiguousarray(sight.rotation[row, geom].T).reshape(3, 3, -1)
    size, offset = (np.ascontiguousarray(one.T) for one in (sight.size[row, geom], sight.position[row, geom]))
    offset -= sight.eye[camera, row].T
    vectors = np.empty((3, 5, len(geom)))  # the geom's axes, its offset from the eye, the direction to the light
    vectors[:, :3] = rotation
    # Sums are written out here and below, so that no library may order them by V.
    beyond = offset[0] * rotation[0, 2] + offset[1] * rotation[1, 2] + offset[2] * rotation[2, 2]
    side = np.where(patches.facing[which] & (beyond > 0), -1.0, 1.0)
    vectors[:, 3] = offset + rotation[:, 2] * (side * patches.shift[which] * size[1])
    light = vectors[:, 4] = sight.light[row].T
    axes = np.ascontiguousarray(sight.axes[camera, row].reshape(-1, 9).T).reshape(3, 3, -1)
    x, y, z = (axes[i][:, None] * vectors[i] for i in range(3))
    seen = x + y + z
    return Place(
        centre=seen[:, 3],
        axes=seen[:, :3],
        size=size,
        straight=patches.straight[which],
        key=seen[:, 4],
        up=axes[2],
        strength=sight.strength[row],
        height=sight.eye[camera, row, 2],
        axes_key=rotation[0] * light[0] + rotation[1] * light[1] + rotation[2] * light[2],
        axes_up=rotation[2],
        colour=sight.colour[row, geom],
    )
