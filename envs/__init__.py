"""Worlds: physics, cameras, skills, tasks, tiers, words, experts, episodes, and the one rollout loop.

`import envs` registers every tier with Gymnasium as `Gradatim/<Tier>-v<version>`.
"""

from envs import suite as suite
from envs.actors import Actor as Actor
from envs.actors import Expert as Expert
from envs.actors import Random as Random
from envs.actors import Zero as Zero
from envs.episodes import Cell as Cell
from envs.episodes import Episode as Episode
from envs.episodes import Outcome as Outcome
from envs.episodes import Score as Score
from envs.episodes import Split as Split
from envs.errors import UserError as UserError
from envs.language import Phrases as Phrases
from envs.language import noun_words
from envs.plans import Goal as Goal
from envs.rollout import Play as Play
from envs.rollout import Tick as Tick
from envs.rollout import play as play
from envs.scene import Objects as Objects
from envs.skills import pick as pick
from envs.skills import place_on as place_on
from envs.skills import push as push
from envs.skills import put_aside as put_aside
from envs.skills import reach as reach
from envs.spaces import Contract as Contract
from envs.tier import Tier as Tier
from envs.tier import tiers as tiers


def words() -> tuple[str, ...]:
    """Every word that the instruction of any registered tier can hold, in alphabetical order."""
    return tuple(sorted(noun_words().union(*(tier.task.phrases.words() for tier in tiers))))
