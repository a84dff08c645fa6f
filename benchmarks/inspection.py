"""`gradatim inspect`: what a dataset holds, in numbers and as a contact sheet; an episode in the Rerun viewer."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from tyro.conf import Positional, arg

from benchmarks.choices import require_positive
from benchmarks.console import Common, launch
from envs.episodes import level_name
from envs.storage import writing

if TYPE_CHECKING:
    from vla import Frames

MOST_SAID = 5  # instructions that are listed


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Tell what a dataset holds, draw a contact sheet of it, and show an episode in the Rerun viewer."""

    folder: Positional[Path]
    """A dataset, as `gradatim generate` makes them."""
    episodes: int = 6
    """Episodes on the contact sheet, evenly spread over the dataset."""
    moments: int = 6
    """Frames of each."""
    out: Path | None = None
    """The contact sheet; by default NAME-contact-sheet.png beside the dataset."""
    rerun: Annotated[int | None, arg(metavar="EPISODE")] = None
    """Number of an episode of this dataset, from 0, to write for the Rerun viewer as well."""


def run(options: Options) -> None:
    require_positive(options.episodes, "episodes")
    require_positive(options.moments, "moments")
    from benchmarks.sheets import contact_sheet
    from vla import load

    frames = load(options.folder, foreign=True)
    for line in describe(frames):
        print(line)
    folder = options.folder.resolve()
    sheet = options.out or folder.with_name(f"{folder.name}-contact-sheet.png")
    shown = np.unique(np.linspace(0, frames.episodes - 1, options.episodes).round().astype(int)).tolist()
    with writing(sheet):
        sheet.parent.mkdir(parents=True, exist_ok=True)
        contact_sheet(frames, shown, options.moments).save(sheet, "png")
    if options.rerun is not None:
        from benchmarks.replaying import write_replay

        replay = folder.with_name(f"{folder.name}-{options.rerun}.rrd")
        write_replay(frames, options.rerun, replay)
        print(f"Episode {options.rerun} is in {replay}; `rerun {replay}` opens the viewer")
    print(f"The contact sheet is {sheet}")


def describe(frames: "Frames") -> Iterator[str]:
    """The dataset in numbers, line by line."""
    from vla.publishing import dataset_files
    from vla.recording import engine
    from vla.selection import Selection

    plan, lengths = frames.manifest["plan"], np.diff(frames.bounds)
    megabytes = sum(file.stat().st_size for file in dataset_files(frames.folder)) / 1e6
    last = frames.start + frames.count - 1
    made_with = ", ".join(f"{name} {version}" for name, version in plan["engine"].items())
    asked = f"{frames.split.value} {frames.start} to {last}"
    yield f"{frames.name}, {asked}: {frames.episodes} of {frames.count} episodes kept"
    yield f"  made with         {made_with}" + ("" if plan["engine"] == engine() else ", which is not what runs here")
    yield f"  tier version      {plan['tier_version']}; fingerprint {frames.fingerprint[:12]}"
    yield f"  frames            {frames.frames}, {megabytes:.1f} MB ({1e3 * megabytes / frames.frames:.1f} KB each)"
    yield f"  episode length    {spread(lengths / frames.contract.control_hz, 's', 1)}"
    if frames.cell is None:
        yield f"  data level        {spread(frames.level, '', 2)}"
    else:
        yield f"  data level        {level_name(frames.cell.level)}"
    said = Counter(frames.instructions)
    templates = Counter(entry["template"] for entry in frames.manifest["episodes"] if entry["frames"])
    yield f"  instructions      {len(said)} different, from {len(templates)} templates; the most frequent:"
    yield from (f"    {count:4d}  {text}" for text, count in said.most_common(MOST_SAID))
    yield "  action            least    mean    most  at a limit"
    for number, name in enumerate(frames.contract.action):
        values = frames.actions[:, number]
        limit = np.mean(np.abs(values) >= 1)
        yield f"    {name:<12}{values.min():9.2f}{values.mean():8.2f}{values.max():8.2f}{limit:12.0%}"
    for camera, seen in zip(frames.contract.cameras, frames.visible.mean(0), strict=True):
        yield f"  {camera} camera".ljust(20) + f"sees object in {seen[0]:.0%} of frames, target in {seen[1]:.0%}"
    steps = sorted(Counter(zip(frames.plan_step.tolist(), frames.plan_skill.tolist(), strict=True)).items())
    told = [f"{step + 1}. {frames.skills[skill]} {count / frames.frames:.0%}" for (step, skill), count in steps]
    yield f"  plan steps        {', '.join(told)}"
    yield f"  layouts           {Selection.from_json(frames.manifest['layouts']).tell()}"


def spread(values: np.ndarray, unit: str, digits: int) -> str:
    least, middle, most = (f"{value:.{digits}f}" for value in (values.min(), np.median(values), values.max()))
    return f"{least} to {most}{unit and ' ' + unit}, median {middle}"


if __name__ == "__main__":
    sys.exit(launch(Options, run))
