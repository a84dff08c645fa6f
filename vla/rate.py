"""The learning rate as a function of the fraction of the whole FLOPs budget that is spent, whatever the stages are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LearningRate:
    """Warm up, stay, decay: the same in every arm, so that no schedule is handed a decay of its own."""

    peak: float = 1e-3
    warmup: float = 0.02  # fraction of the budget
    decay: float = 0.4  # fraction of the budget
    floor: float = 0.01  # of the peak, at the end

    def __call__(self, spent: float) -> float:
        """The rate when the fraction `spent` of the budget is spent."""
        rising = min(1.0, (spent + 1e-3) / (self.warmup + 1e-3)) if self.warmup > 0 else 1.0
        left = min(1.0, max(0.0, (1 - spent) / self.decay)) if self.decay > 0 else 1.0
        return self.peak * min(rising, self.floor + (1 - self.floor) * left)
