"""Runs jobs side by side, each in a process of its own, and tells how far they are.

A worker tells its progress in JSON lines on its standard output. That pipe is also its lifeline: if this process
dies, the next line breaks the pipe and the worker ends too. It inherits the lock of the results folder, so that until
then nobody else begins there.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.console import JobError
from benchmarks.jobs import Job
from envs.errors import UserError

REPOSITORY = Path(__file__).resolve().parent.parent
GRACE = 10.0  # [s] for a worker to end by itself

Watch = Callable[[dict[str, tuple[str, float]], float], None]
"""Told, now and then, {running job: (phase, fraction)} and the cost done so far."""


@dataclass
class Worker:
    job: Job
    process: subprocess.Popen[str]
    log: Path
    phase: str = "starting"
    done: float = 0.0
    mistake: str = ""
    closed: bool = field(default=False)


def run_jobs(
    jobs: Sequence[Job],
    slots: int,
    command: Callable[[Job], Sequence[str]],
    log: Callable[[Job], Path],
    threads: int,
    lock: int,
    watch: Watch,
) -> None:
    """Runs every job, each after those it needs, at most `slots` at once. The first that fails stops all."""
    waiting, finished = list(jobs), set[str]()
    running: list[Worker] = []
    messages: queue.Queue[tuple[Worker, dict[str, Any] | None]] = queue.Queue()
    done_cost = 0.0
    try:
        while waiting or running:
            while len(running) < slots and (job := first_ready(waiting, finished)):
                waiting.remove(job)
                running.append(start(job, command(job), log(job), threads, lock, messages))
            if not running:
                raise JobError(f"These jobs wait for one another: {[job.name for job in waiting]}.")
            try:
                worker, message = messages.get(timeout=0.5)
            except queue.Empty:
                continue
            if message is None:
                running.remove(worker)
                conclude(worker)
                finished.add(worker.job.name)
                done_cost += worker.job.cost
            else:
                worker.phase = message.get("phase", worker.phase)
                worker.done = message.get("done", worker.done)
                worker.mistake = message.get("mistake", "")
            partial = sum(worker.done * worker.job.cost for worker in running)
            watch({worker.job.name: (worker.phase, worker.done) for worker in running}, done_cost + partial)
    finally:
        stop(running)


def first_ready(waiting: Sequence[Job], finished: set[str]) -> Job | None:
    return next((job for job in waiting if finished.issuperset(job.needs)), None)


def start(job: Job, command: Sequence[str], log: Path, threads: int, lock: int, messages: "queue.Queue[Any]") -> Worker:
    log.parent.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
    limits = {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **limits, "PYTHONPATH": path},
            pass_fds=(lock,),
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends its workers in order
        )
    worker = Worker(job, process, log)
    threading.Thread(target=listen, args=(worker, messages), daemon=True).start()
    return worker


def listen(worker: Worker, messages: "queue.Queue[Any]") -> None:
    """Passes a worker's lines on; None when it has ended."""
    assert worker.process.stdout is not None
    for line in worker.process.stdout:
        if line.startswith("{"):
            messages.put((worker, json.loads(line)))
    worker.process.wait()
    messages.put((worker, None))


def conclude(worker: Worker) -> None:
    """Raises if the worker did not end well."""
    if worker.mistake:
        raise UserError(worker.mistake)
    if worker.process.returncode != 0:
        lines = worker.log.read_text().strip().splitlines() or ["it left no message"]
        code = worker.process.returncode
        raise JobError(f"{worker.job.name} broke (exit code {code}): {lines[-1]}; its log is {worker.log}")


def stop(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.process.terminate()
    for worker in workers:
        try:
            worker.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            worker.process.kill()
