"""A policy in training: weights, their running average, the optimiser, and how far it has come."""

import copy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from envs.episodes import Cell
from envs.errors import UserError
from vla.augmentation import Augmentation
from vla.checkpoint import describe, restore
from vla.machine import half_dtype
from vla.policy import Policy
from vla.software import git_commit
from vla.tensorfile import read_tensors, write_tensors

KIND = "learner"
BETAS = (0.9, 0.95)
WEIGHT_DECAY = 1e-3  # on matrices, not on norms and biases
AVERAGE_DECAY = 0.998  # of the running average of the weights, reached from below
SMOOTHING = 0.98  # of the losses that are told
COUNTERS = ("step", "flops", "seed", "batch", "average_decay", "collapsed")
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # AdamW's state of each weight


class Learner:
    """Everything that a training step reads and changes. `average` is the policy to score and to keep."""

    def __init__(
        self,
        policy: Policy,
        seed: int,
        batch: int = 64,
        augmentation: Augmentation = Augmentation(),  # noqa: B008  frozen
        average_decay: float = AVERAGE_DECAY,
        device: torch.device | str = "cpu",
    ) -> None:
        self.device = torch.device(device)
        self.policy = policy.to(self.device).train()
        self.average = copy.deepcopy(self.policy).eval().requires_grad_(False)
        self.seed, self.batch, self.augmentation, self.average_decay = seed, batch, augmentation, average_decay
        self.step = 0
        self.flops = 0.0  # spent so far; whoever spends some on something else than training adds it here
        self.collapsed = False  # a loss or gradient was not finite: the weights are those before it
        self.samples: dict[Cell, int] = {}
        self.smooth: dict[str, float] = {}  # losses and gradient norm, averaged over recent steps
        named = dict(self.policy.named_parameters())
        groups = [
            {"params": [weight for weight in named.values() if weight.ndim > 1], "weight_decay": WEIGHT_DECAY},
            {"params": [weight for weight in named.values() if weight.ndim <= 1], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=0.0, betas=BETAS, fused=True)
        self._weights: list[Tensor] = list(named.values())
        self._averages: list[Tensor] = list(self.average.parameters())

    def update(self, rate: float) -> None:
        """One step of the optimiser at this learning rate, and of the running average."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        decay = min(self.average_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(self._averages, [weight.detach() for weight in self._weights], 1 - decay)
        self.step += 1

    def note(self, rows: dict[Cell, int], losses: dict[str, float]) -> None:
        """Count the samples of a step and smooth its losses."""
        for cell, count in rows.items():
            self.samples[cell] = self.samples.get(cell, 0) + count
        for name, loss in losses.items():
            self.smooth[name] = SMOOTHING * self.smooth.get(name, loss) + (1 - SMOOTHING) * loss

    def save(self, path: Path | str) -> None:
        """Write all of it to one file, atomically: `load` goes on bit for bit."""
        tensors = {f"policy.{name}": tensor for name, tensor in self.policy.state_dict().items()}
        tensors |= {f"average.{name}": tensor for name, tensor in self.average.state_dict().items()}
        for name, weight in self.policy.named_parameters():
            for moment, value in self.optimizer.state.get(weight, {}).items():
                tensors[f"{moment}.{name}"] = value
        about = describe(self.policy) | {name: getattr(self, name) for name in COUNTERS}
        about |= {
            "augmentation": self.augmentation.to_json(),
            "samples": [[cell.tier, cell.level, count] for cell, count in self.samples.items()],
            "smooth": self.smooth,
            "machine": machine(self.device),
            "git_commit": git_commit(),
        }
        write_tensors(Path(path), KIND, tensors, about)

    @classmethod
    def load(cls, path: Path | str, device: torch.device | str = "cpu") -> "Learner":
        """The learner at `path`. Refuses a device or a number of threads other than it was trained with, on which it
        could not go on bit for bit."""
        path = Path(path)
        tensors, about = read_tensors(path, KIND)
        refuse_other_machine(about["machine"], machine(torch.device(device)), path)
        parts: dict[str, dict[str, Tensor]] = {part: {} for part in ("policy", "average", *MOMENTS)}
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = tensor
        learner = cls(
            restore(about, parts["policy"], path),
            seed=about["seed"],
            batch=about["batch"],
            augmentation=Augmentation(**about["augmentation"]),
            average_decay=about["average_decay"],
            device=device,
        )
        learner.average.load_state_dict(parts["average"])
        for name, weight in learner.policy.named_parameters():
            if name in parts["step"]:
                learner.optimizer.state[weight] = {
                    moment: _like(weight, parts[moment][name]).to(learner.device) for moment in MOMENTS
                }
        learner.step, learner.flops, learner.collapsed = about["step"], about["flops"], about["collapsed"]
        learner.samples = {Cell(tier, level): count for tier, level, count in about["samples"]}
        learner.smooth = about["smooth"]
        return learner


def machine(device: torch.device) -> dict[str, Any]:
    """What the last bit of a training step depends on."""
    threads = torch.get_num_threads() if device.type == "cpu" else 0
    return {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": threads,
        "half": str(half_dtype(device.type)),
        "torch": torch.__version__,
    }


def refuse_other_machine(trained: dict[str, Any], here: dict[str, Any], path: Path) -> None:
    """Raises `UserError` unless training would go on as it began."""
    odd = [term for term in here if trained.get(term) != here[term]]
    if odd:
        told = ", ".join(f"{term} {trained.get(term)}, not {here[term]}" for term in odd)
        raise UserError(f"The learner {path} was trained with {told}: it would not go on bit for bit.")


def _like(weight: Tensor, values: Tensor) -> Tensor:
    """`values` in the memory layout of `weight`: element-wise kernels round alike in any layout, reductions do not."""
    return torch.empty_like(weight).copy_(values) if values.shape == weight.shape else values
