"""FLOPs are what a hand count says, and change with what is trained."""

from envs import Contract, words
from vla.compute import inference_flops, reading_flops, training_flops
from vla.config import sizes
from vla.normalisation import Normalisation
from vla.policy import new_policy
from vla.tokens import Vocabulary

SCALES = Normalisation((0.0,) * 10, (1.0,) * 10, (0.5,) * 6, (0.0,) * 3, (1.0,) * 3)
CONFIG = sizes["tiny"]
POLICY = new_policy(CONFIG, Vocabulary.of(words()), SCALES, Contract(), 0)


def block_products(tokens: int, width: int, feedforward: int, wanted: int | None = None) -> int:
    """Multiplications of one transformer block for one row: keys and values of all tokens; queries, attention twice,
    the projection and the feed-forward for the `wanted` ones."""
    wanted = tokens if wanted is None else wanted
    return tokens * 2 * width**2 + wanted * (2 * tokens * width + 2 * width**2 + 2 * width * feedforward)


def seen_products() -> int:
    """Multiplications of one prediction for one row, the instruction having been read."""
    cells, (first, second, third) = 16 * 16, CONFIG.stem
    read, state, chunk, cameras, things = 2 + CONFIG.descriptor, 10, CONFIG.chunk * 7, 2, 2
    maps = cells * (
        3 * 36 * first + 9 * first * second + 9 * second * third + third * (CONFIG.keypoints + CONFIG.descriptor)
    )
    stem = maps + CONFIG.text_width * 2 * (second + third) + cells * CONFIG.keypoints * read
    entries = CONFIG.width * (CONFIG.text_width + state + cameras * CONFIG.keypoints * read)
    shape = (3 + cameras, CONFIG.width, CONFIG.feedforward)
    trunk = (CONFIG.blocks - 1) * block_products(*shape) + block_products(*shape, wanted=1)
    features, half = cameras * things * read, CONFIG.head_width // 2
    align = CONFIG.width * cameras * things * third + cameras * things * cells * (third + read)
    align += (CONFIG.width + features + state) * half + half * things * 3
    act = (
        (CONFIG.width + features + 3 * things * 3) * CONFIG.head_width
        + CONFIG.head_width**2
        + CONFIG.head_width * chunk
    )
    return cameras * stem + entries + trunk + align + act


def test_inference_is_what_a_hand_count_says():
    assert inference_flops(POLICY, 5) == 2 * 5 * seen_products()


def test_reading_is_what_a_hand_count_says():
    assert reading_flops(POLICY, 3, 16) == 2 * 3 * block_products(16, CONFIG.text_width, 2 * CONFIG.text_width)


def test_training_costs_about_three_times_a_forward_pass():
    """Backward takes two products for each of forward, but for the first layer, whose input needs no gradient."""
    forward = 2 * (seen_products() + block_products(8, CONFIG.text_width, 2 * CONFIG.text_width))
    ratio = training_flops(POLICY, {"act": 1.0, "align": 0.3}, 4, 8) / (4 * forward)
    assert 2.8 < ratio < 3.0


def test_it_grows_with_the_batch_and_the_words():
    one, two = (training_flops(POLICY, {"act": 1.0}, batch, 8) for batch in (4, 8))
    assert two == 2 * one
    assert training_flops(POLICY, {"act": 1.0}, 4, 16) > one


def test_weights_of_objectives_change_nothing_but_their_absence_does():
    joint = training_flops(POLICY, {"act": 1.0, "align": 0.3}, 4, 8)
    assert joint == training_flops(POLICY, {"act": 0.1, "align": 5.0}, 4, 8)
    assert training_flops(POLICY, {"act": 0.0, "align": 1.0}, 4, 8) < joint


def test_frozen_stems_cost_less():
    objectives = {"act": 1.0}
    assert training_flops(POLICY, objectives, 4, 8, ("stems",)) < 0.6 * training_flops(POLICY, objectives, 4, 8)


def test_counting_leaves_the_policy_alone():
    assert all(weight.grad is None and weight.requires_grad for weight in POLICY.parameters())
