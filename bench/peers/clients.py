"""Runs the peers' real clients as their users do, and Reprise beside them.

    clients.py DIRECTORY RESULT [CLIENT...]

Each client logs 10,000 rows of 10 metrics in one process and reads one curve back in another, in a
new folder of DIRECTORY; whole processes are timed. RESULT is JSON. A client that fails ends the
program: a part of a table would be taken for the whole.
"""

import importlib.metadata
import json
import math
import os
import pathlib
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
import time

ROWS = 10_000
KEYS = [f"group/metric_{i:04d}" for i in range(10)]
READ_KEY = KEYS[3]
PROJECT = "bench"
REPETITIONS = 3
LONG_SECONDS = 60  # a client that takes longer is run once
LIMIT_SECONDS = 900


def row(step):
    """The same losses in every process and client."""
    return {key: round((1 + i / 10) * math.exp(-step / 3000), 6) for i, key in enumerate(KEYS)}


def expect(values):
    """Readers end with this: a time of something wrong is none."""
    wanted = [row(step)[READ_KEY] for step in range(ROWS)]
    same = len(values) == ROWS and all(
        math.isclose(a, b, rel_tol=1e-6) for a, b in zip(values, wanted)
    )
    if not same:
        sys.exit(f"read {len(values)} values, which are not those that were logged")


def wandb_log(folder):
    import wandb

    run = wandb.init(project=PROJECT, dir=folder, mode="offline")
    for step in range(ROWS):
        run.log(row(step))
    run.finish()


def wandb_records(path):
    """Records of an offline file: LevelDB's framing in blocks of 32 KiB. Types 3 and 4 go on."""
    data, at, record = path.read_bytes(), 7, b""
    while at < len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        record += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield record
            record = b""


def wandb_read(folder):
    """The client has no reader of offline files, but their protobuf."""
    from wandb.proto.wandb_internal_pb2 import Record

    values = []
    (path,) = pathlib.Path(folder).glob("wandb/offline-run-*/*.wandb")
    for data in wandb_records(path):
        for item in Record.FromString(data).history.item:
            if READ_KEY in (item.key, ".".join(item.nested_key)):
                values.append(json.loads(item.value_json))
    expect(values)


def tensorboardx_log(folder):
    from tensorboardX import SummaryWriter

    with SummaryWriter(logdir=folder) as writer:
        for step in range(ROWS):
            for key, value in row(step).items():
                writer.add_scalar(key, value, step)


def tensorboardx_read(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
    expect([event.value for event in events.Scalars(READ_KEY)])


def mlflow_log(folder):
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    with mlflow.start_run():
        for step in range(ROWS):
            mlflow.log_metrics(row(step), step=step)


def mlflow_read(folder):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    (run,) = client.search_runs(["0"])
    history = client.get_metric_history(run.info.run_id, READ_KEY)
    expect([metric.value for metric in sorted(history, key=lambda metric: metric.step)])


def aim_log(folder):
    from aim import Run

    run = Run(repo=folder, system_tracking_interval=None, log_system_params=False)
    for step in range(ROWS):
        run.track(row(step), step=step)
    run.close()


def aim_read(folder):
    """As if to go on with the run: handles for reading only need an index that `aim up` makes."""
    from aim import Repo, Run
    from aim.storage.context import Context

    (name,) = Repo(folder).list_all_runs()
    run = Run(name, repo=folder, system_tracking_interval=None, log_system_params=False)
    _, (values, *_) = run.get_metric(READ_KEY, Context({})).data.numpy()
    expect(list(values))


def trackio_log(folder):
    import trackio

    trackio.init(project=PROJECT, name="run", embed=False)
    for step in range(ROWS):
        trackio.log(row(step), step=step)
    trackio.finish()


def trackio_read(folder):
    from trackio.sqlite_storage import SQLiteStorage

    logs = SQLiteStorage.get_logs(PROJECT, "run", max_points=None)
    expect([log[READ_KEY] for log in sorted(logs, key=lambda log: log["step"])])


CLIENTS = {
    "wandb": (wandb_log, wandb_read),
    "tensorboardX": (tensorboardx_log, tensorboardx_read),
    "mlflow": (mlflow_log, mlflow_read),
    "aim": (aim_log, aim_read),
    "trackio": (trackio_log, trackio_read),
}
OURS = "reprise"


def command_of(client, part, folder):
    if client == OURS:
        return ["build/release/bench/peers/reprise_client", part, folder]
    return [sys.executable, __file__, "--one", client, part, folder]


def run_timed(client, part, folder):
    """Seconds of the whole process."""
    environment = dict(os.environ, TRACKIO_DIR=folder, WANDB_SILENT="true", HF_HUB_OFFLINE="1")
    begin = time.monotonic()
    done = subprocess.run(
        command_of(client, part, folder),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"clients: {client} {part} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - begin


def bytes_in(folder):
    """Of all files, their holes left out."""
    stats = [path.stat() for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    return sum(min(stat.st_size, stat.st_blocks * 512) for stat in stats)


def measure_once(client, directory):
    folder = tempfile.mkdtemp(prefix=f"reprise-client-{client}-", dir=directory)
    try:
        log_seconds = run_timed(client, "log", folder)
        size = bytes_in(folder)
        read_seconds = run_timed(client, "read", folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"log_seconds": log_seconds, "read_seconds": read_seconds, "bytes": size}


def measure(client, directory):
    runs = []
    while len(runs) < REPETITIONS and sum(run["log_seconds"] for run in runs) < LONG_SECONDS:
        runs.append(measure_once(client, directory))
    print(f"{client}: {runs[-1]}", flush=True)
    return runs


def version_of(client):
    if client == OURS:
        return "C++, no Python client yet"
    return f"Python, {importlib.metadata.version(client)}"


def main(directory, result, names):
    load = f"{os.getloadavg()[0]:.1f}"
    names = names or [OURS, *CLIENTS]
    report = {
        "python": f"Python {platform.python_version()}",
        "load": load,
        "language": {name: version_of(name) for name in names},
        "clients": {name: measure(name, directory) for name in names},
    }
    pathlib.Path(result).write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        _, _, name, part, where = sys.argv
        CLIENTS[name][part == "read"](where)
    else:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])
