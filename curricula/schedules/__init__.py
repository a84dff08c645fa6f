"""The one registry of schedules. A baseline and a control are schedules too, run by the same runner."""

from curricula.schedules.protocol import Schedule
from curricula.schedules.sequential import Anti, Sequential
from curricula.schedules.threshold import Threshold
from curricula.schedules.uniform import Uniform
from envs.registry import Registry

schedules: Registry[Schedule] = Registry("schedule")
schedules.add(Uniform())
schedules.add(Sequential())
schedules.add(Threshold())
schedules.add(Anti())

__all__ = ["Schedule", "schedules"]
