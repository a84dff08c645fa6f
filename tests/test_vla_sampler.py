"""Which frames a step sees, and with what noise."""

import numpy as np
import pytest
import torch

from envs import Cell, UserError, words
from vla.augmentation import Augmentation, shift_images, shift_labels
from vla.sampler import Source, draw_batch, draw_rows, step_rng
from vla.tokens import Vocabulary

A, B = Cell("reach"), Cell("stack-two")
MIXTURE = {A: 0.25, B: 0.75}


@pytest.fixture
def source(demonstrations, new_learner) -> Source:
    return Source(demonstrations, new_learner().policy.vocabulary)


def draw(source, step=3, seed=0, mixture=MIXTURE, **noise):
    return draw_batch(source, mixture, seed, step, 16, 8, Augmentation(**noise))


def equal(first, second) -> bool:
    return all(torch.equal(value, getattr(second, name)) for name, value in vars(first).items())


def test_a_batch_is_a_pure_function_of_seed_and_step(source):
    assert equal(draw(source)[0], draw(source)[0])
    assert not equal(draw(source)[0], draw(source, step=4)[0])
    assert not equal(draw(source)[0], draw(source, seed=1)[0])


def test_the_order_in_which_a_mixture_is_written_does_not_matter(source):
    assert equal(draw(source)[0], draw(source, mixture=dict(reversed(MIXTURE.items())))[0])


def test_each_cell_gets_its_share_rounded_up_or_down():
    sizes, mixture = {A: 100, B: 5}, {A: 0.3, B: 0.7}
    counts = [{c: len(r) for c, r in draw_rows(step_rng(0, s), mixture, sizes, 64).items()} for s in range(200)]
    assert {count[A] for count in counts} == {19, 20} and all(sum(count.values()) == 64 for count in counts)
    assert np.mean([count[A] for count in counts]) == pytest.approx(19.2, abs=0.1)


def test_a_cell_without_weight_is_not_drawn_from(source):
    _, rows = draw(source, mixture={A: 0.0, B: 1.0})
    assert list(rows) == [B] and len(rows[B]) == 16


def test_every_frame_is_drawn_about_equally_often():
    rows = np.concatenate([draw_rows(step_rng(5, step), {A: 1.0}, {A: 40}, 64)[A] for step in range(100)])
    seen = np.bincount(rows, minlength=40)
    assert seen.min() > 0.6 * seen.mean() and seen.max() < 1.4 * seen.mean()


def test_rows_of_a_batch_belong_together(source, demonstrations):
    batch, rows = draw(source)
    frames, chosen = demonstrations[A], rows[A]
    n = len(chosen)
    for name in ("pixels", "state", "position", "pixel"):
        assert np.array_equal(getattr(batch, name)[:n].numpy(), getattr(frames, name)[chosen]), name
    assert np.array_equal(batch.actions[:n, 0].numpy(), frames.actions[chosen])
    number = frames.episode_of[chosen[0]]
    words = source.words[A][number]
    assert batch.words[0].tolist() == words.tolist()


def test_noise_keeps_to_its_range(source):
    batch, _ = draw(source, brightness=0.3, drop_state=0.5)
    assert batch.brightness.min() >= 0.7 and batch.brightness.max() <= 1.3 and batch.brightness.std() > 0.05
    assert set(batch.state_kept.tolist()) == {0.0, 1.0}
    plain, _ = draw(source, brightness=0.0, drop_state=0.0)
    assert (plain.brightness == 1).all() and (plain.state_kept == 1).all()


def test_a_shifted_image_moves_with_its_labels():
    pixels = np.zeros((1, 1, 16, 16, 3), np.uint8)
    pixels[0, 0, 8, 4] = 255  # row 8, column 4
    at = np.array([[(4.5 / 16) * 2 - 1, (8.5 / 16) * 2 - 1]], np.float32).reshape(1, 1, 1, 2)
    shift = np.array([[[3, -2]]])  # right, up
    moved = shift_images(pixels, shift)
    assert moved[0, 0, 6, 7].tolist() == [255] * 3 and moved.sum() == 3 * 255
    label, visible = shift_labels(at, np.ones((1, 1, 1), bool), shift, 16)
    assert np.allclose((label + 1) * 8 - 0.5, [[[[7, 6]]]]) and visible.all()
    _, gone = shift_labels(at, np.ones((1, 1, 1), bool), np.array([[[-9, 0]]]), 16)
    assert not gone.any()


def test_a_shifted_border_is_repeated():
    pixels = np.arange(4, dtype=np.uint8)[None, None, None, :, None].repeat(4, 2).repeat(3, 4)
    assert shift_images(pixels, np.array([[[2, 0]]]))[0, 0, 0, :, 0].tolist() == [0, 0, 0, 1]


def test_a_word_of_the_data_that_the_policy_does_not_know_is_named(demonstrations):
    with pytest.raises(UserError, match="'stack'"):
        Source(demonstrations, Vocabulary.of(set(words()) - {"stack"}))


def test_no_data_is_refused():
    with pytest.raises(UserError, match="no data"):
        Source({}, Vocabulary.of(["reach"]))
