"""Which scenes the expert's failures took out of a dataset: how the layouts of kept and dropped episodes differ."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from envs.episodes import Episode
from envs.situations import Situation

FEWEST = 2  # dropped episodes of which it can be said how they are spread
CHANCE = 1.96  # standard errors within which 95 % of differences by chance lie


def measure(episode: Episode, scene: Situation) -> dict[str, float]:
    """What may make a scene hard, by name with its unit."""
    layout = scene.layout
    loose = [h for h in layout.objects.loose if layout.present[h]]
    place = layout.position[layout.present, :2]
    apart = np.sqrt(((place[:, None] - place[None]) ** 2).sum(-1))[np.triu_indices(len(place), 1)]
    first, last = scene.goal.plan[0], scene.goal.plan[-1]
    way = layout.position[first.thing] - layout.position[last.target]
    told = {
        "level": episode.level,
        "distractors": float(layout.present.sum() - layout.objects.blocks - layout.objects.pads),
        "distance of the first thing from the robot [m]": float(np.hypot(*layout.position[first.thing, :2])),
        "distance of the first thing from the middle line [m]": float(abs(layout.position[first.thing, 1])),
        "way from the first thing to the last target [m]": float(np.sqrt((way**2).sum())),
        "turn of the first thing [rad]": float(abs(layout.yaw[first.thing])),
        "half width of the first thing [m]": float(layout.half[first.thing, :2].min()),
        "half height of the first thing [m]": float(layout.half[first.thing, 2]),
    }
    if len(apart):
        told["distance between things [m]"] = float(apart.mean())
        told["distance of the nearest two things [m]"] = float(apart.min())
    if loose:
        told["mass of blocks [kg]"] = float(layout.mass[loose].mean())
        told["friction of blocks"] = float(layout.friction[loose].mean())
    return told


@dataclass(frozen=True)
class Difference:
    """Of one measure between kept and dropped episodes; `smd` is the standardised mean difference, kept minus dropped,
    in standard deviations pooled over both groups."""

    measure: str
    kept: float
    dropped: float
    smd: float


@dataclass(frozen=True)
class Selection:
    """`differences`, the largest first, are empty when too few episodes were dropped to compare."""

    kept: int
    dropped: int
    differences: tuple[Difference, ...]

    @classmethod
    def of(cls, kept: Sequence[Mapping[str, float]], dropped: Sequence[Mapping[str, float]]) -> "Selection":
        """From what `measure` told of each episode."""
        differences = []
        if len(kept) >= FEWEST and len(dropped) >= FEWEST:
            for name in kept[0]:
                here, there = (np.array([one[name] for one in group if name in one]) for group in (kept, dropped))
                scale = np.sqrt((here.var(ddof=1) + there.var(ddof=1)) / 2)
                if scale > 0:
                    means = float(here.mean()), float(there.mean())
                    differences.append(Difference(name, *means, (means[0] - means[1]) / float(scale)))
        ordered = sorted(differences, key=lambda difference: -abs(difference.smd))
        return cls(len(kept), len(dropped), tuple(ordered))

    @property
    def chance(self) -> float:
        """|SMD| that a measure which plays no part stays below in 19 of 20 cases."""
        return CHANCE * float(np.sqrt(1 / self.kept + 1 / self.dropped))

    def tell(self) -> str:
        """The largest difference in one sentence."""
        if not self.dropped:
            return "no episode was dropped, so no layout is missing"
        if not self.differences:
            return f"too few episodes to say which layouts are missing ({self.dropped} dropped, {self.kept} kept)"
        most = self.differences[0]
        return (
            f"kept and dropped layouts differ most in {most.measure}: {most.kept:.3g} and {most.dropped:.3g},"
            f" SMD {most.smd:+.2f}".replace("-", "−")
            + f"; of {len(self.differences)} measures, each is within ±{self.chance:.2f} in 19 of 20 cases by chance"
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Selection":
        return cls(told["kept"], told["dropped"], tuple(Difference(**one) for one in told["differences"]))
