"""What a run may spend. Arms are compared at equal FLOPs: training and GATE inference are charged, nothing else is."""

from dataclasses import dataclass

from envs.errors import UserError

UPDATES = 20  # decisions of the schedule in one run
TOLERANCE = 0.01  # arms end within this fraction of the budget of each other


@dataclass(frozen=True)
class Budget:
    """`flops` for the whole run, cut into `updates` equal slices: the schedule decides anew before each."""

    flops: float
    updates: int = UPDATES

    def __post_init__(self) -> None:
        if not self.flops > 0:
            raise UserError(f"A budget is a positive number of FLOPs; {self.flops:g} was asked for.")

    @property
    def share(self) -> float:
        """One slice, as a fraction of the whole."""
        return 1 / self.updates

    def admit_step(self, flops_per_step: float) -> None:
        """Refuses a budget so small that one training step more or less would make arms unequal."""
        least = flops_per_step / TOLERANCE
        if self.flops < least:
            raise UserError(
                f"A budget of {self.flops:.3g} FLOPs is under {1 / TOLERANCE:.0f} training steps, too few for arms to"
                f" end within {TOLERANCE:.0%} of each other; give at least {least:.3g}."
            )

    def admit_gate(self, flops: float) -> None:
        """Refuses a budget so small that looking at GATE once costs more than the slice that it informs: it could end
        beyond the budget."""
        if flops > self.flops * self.share:
            raise UserError(
                f"Looking at GATE once costs {flops:.3g} FLOPs, more than one of the {self.updates} slices of a budget"
                f" of {self.flops:.3g}; give at least {flops * self.updates:.3g}, or fewer GATE episodes."
            )
