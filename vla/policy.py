"""The small vision-language-action policy: stems, text, a transformer trunk, and heads that can be trained apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from envs.spaces import Contract
from vla.act import ActHead
from vla.align import AlignHead, Grounding
from vla.batch import Batch
from vla.columns import THINGS
from vla.config import PolicyConfig
from vla.normalisation import Normalisation
from vla.stem import STRIDE, Stem
from vla.text import TextEncoder
from vla.tokens import Vocabulary
from vla.trunk import Trunk

OBJECTIVES = ("align", "act")
PARTS = ("text", "stems", "entries", "trunk", "align", "act")  # what a stage may freeze
FAR = 2.0  # [control steps] beyond which only the direction to a thing matters


@dataclass(frozen=True)
class Prediction:
    grounding: Grounding
    actions: Tensor | None  # (B, K, 7) as `ActHead.forward` gives them; None when not asked for


class Policy(nn.Module):
    """Carries all that is needed to use it: configuration, vocabulary, contract and scales."""

    state_mean: Tensor
    state_scale: Tensor
    motion_scale: Tensor
    position_mean: Tensor
    position_scale: Tensor

    def __init__(
        self, config: PolicyConfig, vocabulary: Vocabulary, normalisation: Normalisation, contract: Contract
    ) -> None:
        super().__init__()
        self.config, self.vocabulary = config, vocabulary
        self.normalisation, self.contract = normalisation, contract
        cameras, state, action = len(contract.cameras), len(contract.state), len(contract.action)
        self.text = TextEncoder(len(vocabulary), config.text_width)
        self.stems = nn.ModuleDict(
            {
                camera: Stem(config.stem, config.keypoints, config.descriptor, config.text_width)
                for camera in contract.cameras
            }
        )
        self.entries = nn.ModuleDict(
            {
                "words": nn.Linear(config.text_width, config.width),
                "state": nn.Linear(state, config.width),
                **{
                    camera: nn.Linear(config.keypoints * (2 + config.descriptor), config.width)
                    for camera in contract.cameras
                },
            }
        )
        self.question = nn.Parameter(torch.zeros(config.width))  # the token whose end is the read-out
        self.trunk = Trunk(config.width, config.blocks, config.attention_heads, config.feedforward)
        self.align = AlignHead(config, cameras, state)
        self.act = ActHead(config, self.align.features + 3 * THINGS * 3, action)
        for name, values in normalisation.to_json().items():
            self.register_buffer(name, torch.tensor(values), persistent=False)
        for stem in self.stems.values():
            stem.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the fastest layout on CPU

    def read(self, words: Tensor) -> Tensor:
        """Sentences (B, text width) from word numbers (B, L)."""
        return self.text(words)

    def forward(
        self,
        pixels: Tensor,
        state: Tensor,
        sentence: Tensor,
        brightness: Tensor,
        state_kept: Tensor,
        acting: bool = True,
    ) -> Prediction:
        """Shapes as in `Batch`; `sentence` from `read`. Without `acting` the action head stays out of it."""
        state = (state - self.state_mean) / self.state_scale
        sights = {
            camera: stem(pixels[:, i], brightness[:, i], sentence)
            for i, (camera, stem) in enumerate(self.stems.items())
        }
        tokens = [
            self.question.expand(len(state), -1),
            self.entries["words"](sentence),
            self.entries["state"](state) * state_kept[:, None],
            *(self.entries[camera](sight.keypoints.flatten(1)) for camera, sight in sights.items()),
        ]
        readout = self.trunk(torch.stack(tokens, dim=1))
        grounding = self.align(readout, sights, state)
        if not acting:
            return Prediction(grounding, None)
        return Prediction(grounding, self.act(readout, self._features(grounding, state)))

    def _features(self, grounding: Grounding, state: Tensor) -> Tensor:
        """What the action head is told of the grounding: all that was read, positions, and the way there from the tool
        in control steps, both whole and cut off near the tool, where a small difference matters."""
        tool = state[:, None, :3] * self.state_scale[:3] + self.state_mean[:3]
        place = grounding.position * self.position_scale + self.position_mean
        way = (place - tool) / self.contract.translation_scale
        parts = (grounding.features, grounding.position.flatten(1), way.flatten(1) / 5, way.clamp(-FAR, FAR).flatten(1))
        return torch.cat(parts, dim=1)

    def command(
        self, pixels: Tensor, state: Tensor, sentence: Tensor, brightness: Tensor, state_kept: Tensor
    ) -> Tensor:
        """Chunks of actions to send (B, K, 7) in [-1, 1]."""
        prediction: Prediction = self(pixels, state, sentence, brightness, state_kept)
        assert prediction.actions is not None
        return self.act.command(prediction.actions, self.motion_scale)

    def losses(self, batch: Batch, objectives: Mapping[str, float]) -> dict[str, Tensor]:
        """The loss of each objective with a weight above zero. Labels of the others are not read."""
        wanted = [name for name in OBJECTIVES if objectives.get(name, 0) > 0]
        prediction = self(
            batch.pixels, batch.state, self.read(batch.words), batch.brightness, batch.state_kept, "act" in wanted
        )
        losses = {}
        if "align" in wanted:
            place = (batch.position - self.position_mean) / self.position_scale
            shape = (batch.pixels.shape[2] // STRIDE, batch.pixels.shape[3] // STRIDE)
            losses["align"] = self.align.loss(prediction.grounding, batch, place, shape)
        if prediction.actions is not None:
            losses["act"] = self.act.loss(prediction.actions, batch, batch.actions[..., :-1] / self.motion_scale)
        return losses


def new_policy(
    config: PolicyConfig, vocabulary: Vocabulary, normalisation: Normalisation, contract: Contract, seed: int
) -> Policy:
    """A policy with fresh weights, a pure function of its arguments."""
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(seed)
        return Policy(config, vocabulary, normalisation, contract)
