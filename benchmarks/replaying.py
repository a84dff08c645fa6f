"""An episode for the Rerun viewer: what the cameras saw, where the labels point, what was felt and commanded."""

from pathlib import Path
from typing import Any

import numpy as np

from envs.errors import UserError
from envs.storage import writing
from vla import Frames
from vla.columns import THING_NAMES

COLOURS = ((255, 0, 255), (0, 255, 255))  # of object and target
RADIUS = 0.01  # [m] of a point in space


def write_replay(frames: Frames, number: int, path: Path) -> None:
    """Write episode `number` of a dataset, from 0, as a recording of Rerun."""
    rerun = require_rerun()
    if not 0 <= number < frames.episodes:
        raise UserError(f"The dataset {frames.folder} has episodes 0 to {frames.episodes - 1}; {number} was asked for.")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with rerun.RecordingStream("gradatim", recording_id=f"{frames.name}-{number}") as recording:
            recording.save(path)
            log_episode(rerun, recording, frames, number)


def require_rerun() -> Any:
    try:
        import rerun
    except ImportError:
        raise UserError('The Rerun viewer is not installed; `pip install "gradatim[rerun]"` brings it.') from None
    return rerun


def log_episode(rerun: Any, recording: Any, frames: Frames, number: int) -> None:
    first, last = frames.bounds[number : number + 2].tolist()
    size, hz = frames.contract.image_size, frames.contract.control_hz
    recording.log("instruction", rerun.TextDocument(frames.instructions[number]), static=True)
    for row in range(first, last):
        recording.set_time("step", sequence=row - first)
        recording.set_time("time", duration=(row - first) / hz)
        for camera, name in enumerate(frames.contract.cameras):
            recording.log(f"cameras/{name}", rerun.Image(np.ascontiguousarray(frames.pixels[row, camera])))
            seen = frames.visible[row, camera]
            places = ((frames.pixel[row, camera] + 1) / 2 * size)[seen]
            colours = [colour for colour, here in zip(COLOURS, seen, strict=True) if here]
            recording.log(f"cameras/{name}/labels", rerun.Points2D(places, colors=colours, radii=1.0))
        tool = frames.state[row, :3]
        points, labels = [*frames.position[row], tool], [*THING_NAMES, "tool"]
        told = rerun.Points3D(points, colors=[*COLOURS, (255, 255, 255)], radii=RADIUS, labels=labels)
        recording.log("space", told)
        for name, value in zip(frames.contract.action, frames.actions[row], strict=True):
            recording.log(f"action/{name}", rerun.Scalars(float(value)))
        for name, value in zip(frames.contract.state, frames.state[row], strict=True):
            recording.log(f"state/{name}", rerun.Scalars(float(value)))
        step = f"{frames.plan_step[row] + 1}. {frames.skills[frames.plan_skill[row]]}"
        recording.log("plan", rerun.TextLog(step))
