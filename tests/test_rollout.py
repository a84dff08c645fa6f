"""An episode is the same bit for bit however it is played."""

import hashlib
from collections.abc import Sequence

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from envs import Episode, Expert, Play, Random, Split, Zero, play
from envs.actors import Actor, Observation
from envs.errors import UserError

TIERS = ("pick-place", "restack")
HOW = {"image_size": 16, "disturbed": True}


def traces(episodes: Sequence[Episode], actor: Actor, **how: object) -> dict[str, str]:
    """A digest of all that each episode shows, by its name."""
    digests = {episode.name: hashlib.sha256() for episode in episodes}
    for tick in play(actor, episodes, Play(**{**HOW, **how})):  # type: ignore[arg-type]
        for row, episode in enumerate(tick.episodes):
            seen = tick.observation
            parts = [seen["pixels"]["front"][row], seen["pixels"]["wrist"][row], seen["agent_pos"][row]]
            parts += [tick.actions[row], tick.labels.position[row], tick.labels.pixel[row], tick.success[row]]
            for part in parts:
                digests[episode.name].update(np.ascontiguousarray(part).tobytes())
            digests[episode.name].update(tick.instructions[row].encode())
    return {name: digest.hexdigest() for name, digest in digests.items()}


@pytest.fixture(scope="module")
def episodes() -> list[Episode]:
    return [Episode(tier, 0.0, Split.TRAIN, i) for tier in TIERS for i in range(6)]


@pytest.fixture(scope="module")
def reference(episodes: list[Episode]) -> dict[str, str]:
    return traces(episodes, Expert(), slots=64, threads=1)


@pytest.mark.parametrize(("slots", "threads"), [(1, 1), (4, 2), (64, 2)])
def test_batch_size_and_threads_change_no_bit(
    episodes: list[Episode], reference: dict[str, str], slots: int, threads: int
) -> None:
    some = episodes[:2] if slots == 1 else episodes
    got = traces(some, Expert(), slots=slots, threads=threads)
    assert got == {name: reference[name] for name in got}


def test_order_changes_no_bit(episodes: list[Episode], reference: dict[str, str]) -> None:
    assert traces(episodes[::-1], Expert(), slots=5) == reference


def test_different_episodes_differ(reference: dict[str, str]) -> None:
    assert len(set(reference.values())) == len(reference)


def test_random_actions_belong_to_the_episode(episodes: list[Episode]) -> None:
    assert traces(episodes[:4], Random(), slots=4) == traces(episodes[:4], Random(), slots=3)


def test_splits_hold_different_episodes() -> None:
    digests = {split: traces([Episode(TIERS[0], 0.5, split, i) for i in range(3)], Zero(), slots=3) for split in Split}
    assert len({digest for each in digests.values() for digest in each.values()}) == 3 * len(Split)


class Broken(Zero):
    """Sends a command that is not a number in its third step of the second simulation."""

    def __init__(self) -> None:
        self.calls = 0

    def act(self, observation: Observation) -> np.ndarray:
        self.calls += 1
        actions = super().act(observation)
        if self.calls == 3:
            actions[1, 0] = np.nan
        return actions


def test_a_broken_episode_is_an_error_and_the_others_go_on() -> None:
    episodes = [Episode("reach", 0.0, Split.DEV, i) for i in range(3)]
    ended = [o for tick in play(Broken(), episodes, Play(image_size=1)) for o in tick.ended if o]
    assert len(ended) == 3
    assert [o.episode.index for o in ended if o.error] == [1]
    assert "not finite" in next(o.error for o in ended if o.error)
    assert {o.steps for o in ended if not o.error} == {30}


def test_an_unknown_tier_names_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean 'stack-two'"):
        next(play(Zero(), [Episode("stack-tow", 0.0, Split.DEV, 0)]))


def assert_same(left: object, right: object) -> None:
    if isinstance(left, dict):
        assert isinstance(right, dict) and left.keys() == right.keys()
        for key in left:
            assert_same(left[key], right[key])
    else:
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_the_vector_environment_equals_single_ones(mode: AutoresetMode) -> None:
    """Step by step over two episodes, autoreset included, against Gymnasium's own synchronous vector environment."""
    n, horizon = 3, 30
    options = {"image_size": 8, "split": "dev"}

    class Counting(gymnasium.Wrapper):  # the single environment, told which episode follows in a vector of n
        seed = 0

        def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple:
            self.seed = seed if seed is not None else self.seed + n
            return super().reset(seed=self.seed, options=options)

    singles = gymnasium.vector.SyncVectorEnv(
        [lambda: Counting(gymnasium.make("Gradatim/Reach-v0", **options)) for _ in range(n)], autoreset_mode=mode
    )
    vector = gymnasium.make_vec("Gradatim/Reach-v0", num_envs=n, autoreset_mode=mode, **options)
    (left_seen, left_info), (right_seen, right_info) = vector.reset(seed=11), singles.reset(seed=11)
    assert_same(left_seen, right_seen)
    assert_infos_same(left_info, right_info, n)
    rng = np.random.default_rng(0)
    ended = 0
    for _ in range(2 * horizon + 4):
        actions = rng.uniform(-1, 1, (n, 7)).astype(np.float32)
        left, right = vector.step(actions), singles.step(actions)
        ended += int(left[3].sum())
        for a, b in zip(left[:4], right[:4], strict=True):
            assert_same(a, b)
        assert_infos_same(left[4], right[4], n)
    assert ended >= n


def assert_infos_same(left: dict, right: dict, n: int) -> None:
    assert left.keys() == right.keys()
    for key in (k for k in left if not k.startswith("_")):
        np.testing.assert_array_equal(left[f"_{key}"], right[f"_{key}"])
        for row in np.nonzero(left[f"_{key}"])[0]:
            if key == "final_info":
                continue
            assert_same(left[key][row], right[key][row])
    if "final_info" in left:
        assert_infos_same(left["final_info"], right["final_info"], n)


def test_episodes_follow_the_seed() -> None:
    vector = gymnasium.make_vec("Gradatim/Reach-v0", num_envs=4, image_size=8)
    _, info = vector.reset(seed=4)
    single = gymnasium.make("Gradatim/Reach-v0", image_size=8)
    for row in range(4):
        assert single.reset(seed=4 + row)[1]["instruction"] == info["instruction"][row]


def test_a_disabled_autoreset_waits_for_its_mask() -> None:
    vector = gymnasium.make_vec("Gradatim/Reach-v0", num_envs=2, image_size=8, autoreset_mode=AutoresetMode.DISABLED)
    vector.reset(seed=0)
    still = np.zeros((2, 7), np.float32)
    for _ in range(30):
        *_, truncated, _ = vector.step(still)
    assert truncated.all()
    with pytest.raises(gymnasium.error.ResetNeeded):
        vector.step(still)
    _, info = vector.reset(options={"reset_mask": np.array([True, False])})
    assert info["_instruction"].tolist() == [True, False]


def test_success_ends_an_episode_only_when_asked() -> None:
    for ends in (False, True):
        vector = gymnasium.make_vec("Gradatim/Reach-v0", num_envs=2, image_size=8, terminate_on_success=ends)
        vector.reset(seed=0)
        rewards = []
        for _ in range(25):
            _, reward, terminated, _, info = vector.step(vector.world.expert_actions())
            rewards.append(reward)
            np.testing.assert_array_equal(info["success"], info["is_success"])
            np.testing.assert_array_equal(reward, info["success"])
            if terminated.any():
                break
        assert bool(terminated.any()) is ends
        assert np.max(rewards) == 1
