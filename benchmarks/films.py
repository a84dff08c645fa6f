"""Films of episodes: H.264, with the instruction and the outcome written on every frame."""

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import imageio.v2 as imageio
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from envs import Actor, Play, play
from envs.controls import RIGHT, name_told
from envs.episodes import Episode, Outcome
from envs.errors import UserError
from envs.spaces import CONTROL_HZ

SIZE = 480  # [px]
LINGER = 1.0  # [s] for which the last picture stands
QUALITY = "23"  # x264's constant rate factor
TOGETHER = 4  # episodes played side by side; all their pictures are held in memory
WHITE, SHADE = (255, 255, 255), (0, 0, 0, 150)
GOOD, BAD, PLAIN = (94, 201, 134), (255, 138, 128), (190, 198, 208)
INSET = 0.22  # of the picture's width, for each camera of the policy's view

Picture = NDArray[np.uint8]
"""(H, W, 3)"""


@dataclass(frozen=True)
class Film:
    path: Path
    outcome: Outcome


def film_name(episode: Episode, actor: str) -> str:
    return f"{episode.name}-{actor}.mp4"


def film(
    actor: Actor,
    episodes: Sequence[Episode],
    out: Path,
    inset: bool = False,
    threads: int = 0,
    size: int = SIZE,
    told: str = RIGHT,
) -> Iterator[Film]:
    """Plays `episodes` and leaves one file each in `out`; refuses, before playing, to overwrite any.

    `inset` adds what the policy sees, front camera and wrist camera, in the lower right corner."""
    check_encoder()
    who = name_told(actor.name, told)
    taken = next((name for e in episodes if (out / (name := film_name(e, who))).exists()), None)
    if taken:
        raise UserError(f"{out / taken} exists, and films are never overwritten; move it or choose another --out.")
    out.mkdir(parents=True, exist_ok=True)
    reels: dict[Episode, list[Picture]] = {}
    views: dict[Episode, list[Picture]] = {}
    for tick in play(actor, episodes, Play(slots=TOGETHER, threads=threads, film_size=size, told=told)):
        assert tick.film is not None
        for row, episode in enumerate(tick.episodes):
            reels.setdefault(episode, []).append(tick.film[row])
            if inset:
                pixels = tick.observation["pixels"]
                views.setdefault(episode, []).append(np.concatenate([view[row] for view in pixels.values()], axis=1))
            outcome = tick.ended[row]
            if outcome is not None:
                path = out / film_name(episode, who)
                write_film(path, caption(reels.pop(episode), views.pop(episode, []), outcome))
                yield Film(path, outcome)


def caption(pictures: list[Picture], views: list[Picture], outcome: Outcome) -> Iterator[Picture]:
    """The pictures with texts and insets, the last one standing for a moment."""
    for step, picture in enumerate(pictures):
        image = Image.fromarray(picture)
        if views:
            paste_view(image, views[step])
        write_texts(image, outcome, step, len(pictures))
        yield np.asarray(image)
    last = np.asarray(image)
    for _ in range(round(LINGER * CONTROL_HZ)):
        yield last


def paste_view(image: Image.Image, view: Picture) -> None:
    """The policy's cameras side by side, enlarged without smoothing, lower right above the text."""
    cameras = view.shape[1] // view.shape[0]
    width = round(image.width * INSET)
    small = Image.fromarray(view).resize((cameras * width, width), Image.Resampling.NEAREST)
    image.paste(small, (image.width - small.width - 8, image.height - small.height - band(image.height) - 8))


def band(height: int) -> int:
    """Height of the strips that carry text [px]."""
    return round(height * 0.075)


def write_texts(image: Image.Image, outcome: Outcome, step: int, steps: int) -> None:
    """Above, the instruction in as many lines as it needs; below, the outcome, who acts, and the time; between them a
    line that grows with time."""
    draw = ImageDraw.Draw(image, "RGBA")
    width, height, strip = image.width, image.height, band(image.height)
    large, small = font(round(strip * 0.5)), font(round(strip * 0.4))
    lines = wrapped(outcome.instruction, large, width - 20)
    spacing = strip * 0.6
    draw.rectangle((0, 0, width, round(strip + spacing * (len(lines) - 1))), fill=SHADE)
    draw.rectangle((0, height - strip, width, height), fill=SHADE)
    for number, line in enumerate(lines):
        draw.text((10, strip / 2 + spacing * number), line, WHITE, large, anchor="lm")
    verdict, colour = judge(outcome)
    draw.text((10, height - strip / 2), verdict, colour, large, anchor="lm")
    clock = f"{outcome.actor}  {(step + 1) / CONTROL_HZ:.1f} s"
    draw.text((width - 10, height - strip / 2), clock, PLAIN, small, anchor="rm")
    draw.rectangle((0, height - strip - 2, width * (step + 1) / steps, height - strip), fill=(*colour, 220))


def judge(outcome: Outcome) -> tuple[str, tuple[int, int, int]]:
    """The outcome in words, and its colour."""
    if outcome.error:
        return f"broken: {outcome.error}", PLAIN
    if outcome.success_at_end:
        return "success", GOOD
    return f"failure: {outcome.failure or 'unknown'}", BAD


def wrapped(text: str, face: Any, width: float) -> list[str]:
    """The text in lines that fit into `width` [px], one at least."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def font(size: int) -> Any:
    """Pillow's own face, so that films look the same on every machine."""
    return ImageFont.load_default(size)


def check_encoder() -> None:
    """Raises `UserError` if no video encoder can be run."""
    try:
        encoder = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        raise UserError("No video encoder was found; `pip install imageio-ffmpeg` brings one.") from None
    try:
        subprocess.run([encoder, "-version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(f"The video encoder {encoder} cannot be run ({error}).") from None


def write_film(path: Path, pictures: Iterable[Picture]) -> None:
    """Encodes pictures as H.264 that every browser plays; the file is whole or absent."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}.partial.mp4")
    try:
        count = encode(partial, pictures)
        if count_frames(partial) != count:
            raise UserError(f"The film {path} could not be written whole; is the disk full?")
        try:
            os.link(partial, path)  # unlike a rename, this never replaces a file
        except FileExistsError:
            raise UserError(f"{path} exists, and films are never overwritten.") from None
    finally:
        partial.unlink(missing_ok=True)


def encode(path: Path, pictures: Iterable[Picture]) -> int:
    """Returns how many pictures were handed to the encoder."""
    writer: Any = imageio.get_writer(
        path,
        format="FFMPEG",
        fps=CONTROL_HZ,
        codec="libx264",
        pixelformat="yuv420p",
        macro_block_size=2,
        quality=None,
        output_params=["-crf", QUALITY, "-preset", "veryfast", "-movflags", "+faststart"],
        ffmpeg_log_level="quiet",
    )
    count = 0
    with writer:
        for picture in pictures:
            try:
                writer.append_data(picture)
            except OSError:  # the encoder is gone
                raise UserError(f"A film in {path.parent} could not be written; is the disk full?") from None
            count += 1
    return count


def count_frames(path: Path) -> int:
    """Of a film; 0 if it cannot be read."""
    try:
        return int(imageio_ffmpeg.count_frames_and_secs(str(path))[0])
    except RuntimeError:
        return 0
