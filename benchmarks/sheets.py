"""Contact sheets: what a dataset looks like, episodes below one another, each with its instruction and its labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from envs.episodes import level_name
from vla import Frames
from vla.columns import THING_NAMES

ENLARGED = 2  # screen pixels for a pixel, at least
LEAST = 128  # [px] side of a picture on the sheet
GAP, LINE = 6, 18  # [px] between pictures, height of a line of text
PAPER, INK, FAINT = (250, 250, 248), (28, 30, 34), (110, 114, 122)
CROSSES = {"object": ((255, 0, 255), ((5, 0), (0, 5))), "target": ((0, 255, 255), ((4, 4), (4, -4)))}
"""Colour of each thing's cross, and its two arms [px]."""


@dataclass(frozen=True)
class Grid:
    """Sizes on the sheet [px]: of a picture, of a moment (all its pictures) and of an episode."""

    picture: int
    moment: int
    row: int


def contact_sheet(frames: Frames, episodes: Sequence[int], moments: int) -> Image.Image:
    """`moments` frames of each of the `episodes` (numbers from 0), the first and the last among them."""
    scale = max(ENLARGED, -(-LEAST // frames.contract.image_size))
    picture = scale * frames.contract.image_size
    cameras = len(frames.contract.cameras)
    grid = Grid(picture, cameras * picture + (cameras - 1), picture + 2 * LINE + GAP)
    width = GAP + moments * (grid.moment + 2 * GAP)
    sheet = Image.new("RGB", (width, GAP + LINE + len(episodes) * grid.row), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((GAP, LINE / 2 + 2), title(frames), FAINT, ImageFont.load_default(12), anchor="lm")
    for place, number in enumerate(episodes):
        top = LINE + GAP + place * grid.row
        told = f"{frames.index[number]}  ({level_name(float(frames.level[number]))})  {frames.instructions[number]}"
        draw.text((GAP, top + LINE / 2), told, INK, ImageFont.load_default(13), anchor="lm")
        first, last = frames.bounds[number : number + 2]
        for column, row in enumerate(np.linspace(first, last - 1, moments).round().astype(int).tolist()):
            left = GAP + column * (grid.moment + 2 * GAP)
            draw_moment(sheet, frames, row, left, top + LINE, grid)
            skill = frames.skills[frames.plan_skill[row]]
            when = f"{(row - first) / frames.contract.control_hz:.1f} s  {frames.plan_step[row] + 1}. {skill}"
            draw.text((left, top + LINE + picture + LINE / 2), when, FAINT, ImageFont.load_default(11), anchor="lm")
    return sheet


def title(frames: Frames) -> str:
    cameras = ", ".join(frames.contract.cameras)
    return f"{frames.name} {frames.split.value}   cameras: {cameras}   magenta +: object, cyan x: target, thin: hidden"


def draw_moment(sheet: Image.Image, frames: Frames, row: int, left: int, top: int, grid: Grid) -> None:
    """The pictures of one frame, side by side, with a cross on each thing that the plan step is about."""
    for camera in range(len(frames.contract.cameras)):
        enlarged = Image.fromarray(frames.pixels[row, camera]).resize((grid.picture,) * 2, Image.Resampling.NEAREST)
        draw = ImageDraw.Draw(enlarged)
        for thing, name in enumerate(THING_NAMES):
            place = (frames.pixel[row, camera, thing] + 1) / 2 * grid.picture
            draw_cross(draw, place, name, bool(frames.visible[row, camera, thing]))
        sheet.paste(enlarged, (left + camera * (grid.picture + 1), top))


def draw_cross(draw: ImageDraw.ImageDraw, place: NDArray, thing: str, seen: bool) -> None:
    (x, y), (colour, arms) = map(float, place), CROSSES[thing]
    for width, ink in ((4, (0, 0, 0)), (2, colour)) if seen else ((1, colour),):
        for dx, dy in arms:
            draw.line((x - dx, y - dy, x + dx, y + dy), ink, width)
