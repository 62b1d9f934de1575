"""A Slurm cluster of one node on 127.0.0.1, of which nothing stays behind: for tests, and to try a profile by hand.

The node claims 16 cores and, by links that stand for devices, GPUs, whatever the machine has. It has two partitions,
`cpu` and `gpu`, and no accounting. `python tests/cluster/one_node.py 2` opens a shell on one with two GPUs.
"""

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel")
PATH = f"{os.environ['PATH']}:/usr/local/sbin:/usr/sbin:/sbin"  # where daemons are and not every user looks
ATTEMPTS, PAUSE = 600, 0.2

SLURM_CONF = """
ClusterName=oneclass
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
MpiDefault=none
GresTypes=gpu
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs=16 RealMemory=64000 Gres={gres}
PartitionName=cpu Nodes=node Default=YES
PartitionName=gpu Nodes=node
"""
SRUN = """#!/bin/sh
# The executor's jobs call srun without the variables SLURM_*, hence without this one.
SLURM_CONF={folder}/slurm.conf exec {srun} "$@"
"""


def missing() -> str:
    """What this machine lacks and how to get it, in one line; empty if nothing."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    return f"no {', '.join(absent)}: install Slurm (Debian: apt-get install slurm-wlm munge)" if absent else ""


@dataclass(frozen=True)
class Job:
    """A job in the queue; ``comment`` names its rule and wildcards."""

    number: str
    state: str
    partition: str
    resources: str
    comment: str

    @property
    def rule(self) -> str:
        """The name of its rule."""
        return self.comment.removeprefix("rule_").partition("_wildcards_")[0]


@dataclass(frozen=True)
class Cluster:
    """``environment`` is that of a shell on the login node."""

    environment: dict[str, str]

    def jobs(self) -> list[Job]:
        """Those that wait, run, or ended within the last minutes."""
        columns = "JobID:20,State:20,Partition:20,tres-per-job:40,Comment:400"
        shown = self.run("squeue", "--noheader", "--states=all", f"--Format={columns}")
        return [Job(*line.split()) for line in shown.splitlines()]

    def run(self, *command: str) -> str:
        """What a command prints; nothing where it fails."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else ""


@contextmanager
def one_node(gpus: int) -> Iterator[Cluster]:
    """Start the cluster, yield it, and in the end cancel its jobs and stop all of it."""
    with TemporaryDirectory(prefix="slurm-") as name, ExitStack() as stack:
        folder = Path(name)
        cluster = Cluster(_configured(folder, gpus))

        def start(program: str, *arguments: str) -> None:
            log = stack.enter_context((folder / f"{program}.log").open("w"))
            daemon = subprocess.Popen([program, *arguments], env=cluster.environment, stdout=log, stderr=log)
            stack.callback(daemon.wait)
            stack.callback(daemon.terminate)

        def wait(condition: Callable[[], object]) -> None:
            for _ in range(ATTEMPTS):
                if condition():
                    return
                time.sleep(PAUSE)
            raise TimeoutError("".join(log.read_text()[-2000:] for log in folder.glob("*.log")))

        munge = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "seed", "log")]
        start("munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *munge)
        wait((folder / "munge.socket").exists)
        start("slurmctld", "-D")
        start("slurmd", "-D", "-N", "node")
        wait(lambda: cluster.run("sinfo", "--noheader", "--format=%t").startswith("idle"))
        stack.callback(wait, lambda: not cluster.run("squeue", "--noheader"))
        stack.callback(cluster.run, "scancel", f"--user={getpass.getuser()}")
        yield cluster


def _configured(folder: Path, gpus: int) -> dict[str, str]:
    folder.chmod(0o755)  # munge wants its socket where everybody can reach it
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir()
    for gpu in range(gpus):
        (folder / f"gpu{gpu}").symlink_to("/dev/null")  # a device, since Slurm takes nothing else
    key = folder / "munge.key"
    key.touch(0o600)
    key.write_bytes(secrets.token_bytes(128))
    values = {
        "folder": folder,
        "host": socket.gethostname(),
        "user": getpass.getuser(),
        "ports": _free_ports(2),
        "gres": f"gpu:{gpus}" if gpus else "(null)",
    }
    (folder / "slurm.conf").write_text(SLURM_CONF.format(**values))
    if gpus:
        (folder / "gres.conf").write_text(f"NodeName=node Name=gpu File={folder}/gpu[0-{gpus - 1}]\n")
    srun = folder / "bin/srun"
    srun.write_text(SRUN.format(folder=folder, srun=shutil.which("srun", path=PATH)))
    srun.chmod(0o755)
    return os.environ | {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": f"{folder}/bin:{PATH}"}


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


if __name__ == "__main__":
    if missing():
        sys.exit(missing())
    with one_node(int(sys.argv[1]) if len(sys.argv) > 1 else 0) as cluster:
        subprocess.run([os.environ.get("SHELL", "/bin/sh")], env=cluster.environment, check=False)
