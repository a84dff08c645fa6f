"""What is trained when: stages, schedules, the budget in FLOPs, and the runner that turns a schedule into a policy."""
