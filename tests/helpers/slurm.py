"""A Slurm of its own on this machine: a controller and nodes, of any user, in a folder."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel")
SEARCHED = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
NODES = ("n1", "n2", "n3")
PATIENCE = 120  # s, that a busy machine may take

# No accounting, as on many a small cluster; jobs are ended by memory and by time.
CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
TaskProlog={folder}/prolog
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
MpiDefault=none
SlurmdParameters=config_overrides
JobRequeue=0
MinJobAge=300
ReturnToService=2
KillWait=2
{nodes}
PartitionName=work Nodes=n[1-3] Default=YES State=UP
"""
# Nodes have no home, no compiler and no git.
ABSENT = {"git", "make", "perl", "cc", "c++", "gcc", "g++", "clang", "clang++"}
# All jobs but the first that are submitted from a folder wait where it holds a file `hold`.
PROLOG = """\
#!/bin/sh
echo export HOME=/nowhere
echo export PATH={folder}/node
cd "$SLURM_SUBMIT_DIR" || exit
[ -e hold ] || exit 0
mkdir first 2> /dev/null && echo "$SLURM_JOB_ID" > first/job
[ "$(cat first/job)" = "$SLURM_JOB_ID" ] && exit 0
while [ -e hold ]; do sleep 0.2; done
"""


def is_installed() -> bool:
    """Return whether all of Slurm and munge is there."""
    return all(shutil.which(program, path=SEARCHED) for program in PROGRAMS)


class Slurm:
    """A Slurm with three nodes; `environment` is what its commands, and snakemake, are to have."""

    def __init__(self, folder: Path):
        self.folder = folder
        # A job's own srun finds no SLURM_CONF: the plugin takes it away.
        wrapper = folder / "bin/srun"
        wrapper.parent.mkdir()
        srun = shutil.which("srun", path=SEARCHED)
        wrapper.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {srun} "$@"\n')
        (folder / "prolog").write_text(PROLOG.replace("{folder}", str(folder)))
        _link_programs(folder / "node", wrapper)
        for program in (wrapper, folder / "prolog"):
            program.chmod(0o755)
        self.environment = os.environ | {
            "SLURM_CONF": str(folder / "slurm.conf"),
            "PATH": f"{wrapper.parent}:{SEARCHED}",
        }
        for name in ("munge", "state"):
            (folder / name).mkdir(mode=0o700)
        key = folder / "munge/key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        controller, *ports = _free_ports(1 + len(NODES))
        host = socket.gethostname().partition(".")[0]
        nodes = "\n".join(
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} "
            "CPUs=2 RealMemory=16000"
            for name, port in zip(NODES, ports, strict=True)
        )
        values = {"folder": folder, "host": host, "controller": controller, "nodes": nodes}
        (folder / "slurm.conf").write_text(CONF.format(**values, user=getpass.getuser()))

    def start(self) -> None:
        """Start all; return when every node is ready."""
        options = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log"}
        options["seed-file"] = "seed"
        words = [f"--{name}={self.folder}/munge/{file}" for name, file in options.items()]
        self.run("munged", "--force", *words)
        self.start_controller()
        for node in NODES:
            self.run("slurmd", "-N", node)
        self.wait_for(lambda: self.run("sinfo", "-h", "-N", "-o", "%t").split() == ["idle"] * 3)

    def start_controller(self) -> None:
        """Start slurmctld, with the jobs that it knew."""
        self.run("slurmctld")

    def restart_controller(self) -> None:
        """Start slurmctld after a crash, and have the nodes report to it at once: of themselves
        they do so after two minutes, and no job starts a step before."""
        self.start_controller()
        command = ["scontrol", "reconfigure"]
        self.wait_for(lambda: subprocess.run(command, env=self.environment).returncode == 0)

    def kill_controller(self) -> None:
        """Kill slurmctld as a crash does, when it has saved which jobs there are: it forgets those
        of the last seconds before."""
        before, saved = time.time(), self.folder / "state/job_state"
        self.wait_for(lambda: saved.exists() and saved.stat().st_mtime > before)
        self._signal(self.folder / "slurmctld.pid", signal.SIGKILL)

    def resume(self, node: str) -> None:
        """Have a node take jobs again; one that was down may do so of itself."""
        command = ["scontrol", "update", f"nodename={node}", "state=resume"]

        def takes_jobs() -> bool:
            subprocess.run(command, env=self.environment, check=False, capture_output=True)
            return self.run("sinfo", "-h", "-n", node, "-o", "%t").strip() in (
                "idle",
                "mix",
                "alloc",
            )

        self.wait_for(takes_jobs)

    def end(self) -> None:
        """End all jobs and all that was started."""
        subprocess.run(["scancel", "--user", getpass.getuser()], env=self.environment, check=False)
        for pid in [*self.folder.glob("*.pid"), self.folder / "munge/pid"]:
            self._signal(pid, signal.SIGTERM)

    def run(self, *command: str) -> str:
        """Run one of its commands; return what it says."""
        done = subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def jobs(self, *states: str) -> dict[str, str]:
        """Return the jobs in some states: number -> node, empty where it has none yet."""
        words = ["-h", "-o", "%i|%N", "--states", ",".join(states)]
        return dict(line.split("|") for line in self.run("squeue", *words).splitlines())

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Return when something is so.

        Raises:
            TimeoutError: it is not, after long.
        """
        until = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError(self.run("squeue", "--states", "all"))
            time.sleep(0.3)

    def _signal(self, pid: Path, number: int) -> None:
        with suppress(OSError, ValueError):  # it has ended
            os.kill(int(pid.read_text()), number)


def _link_programs(folder: Path, *more: Path) -> None:
    """Make a folder for PATH with all programs of the system but those that nodes have not."""
    folder.mkdir()
    for program in [*more, *Path("/bin").iterdir(), *Path("/usr/bin").iterdir()]:
        link = folder / program.name
        if program.name not in ABSENT and not os.path.lexists(link):
            link.symlink_to(program)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def running_slurm() -> Iterator[Slurm]:
    """Give a Slurm that runs, and end it."""
    # Names of sockets must be short.
    with tempfile.TemporaryDirectory(prefix="slurm-", ignore_cleanup_errors=True) as folder:
        slurm = Slurm(Path(folder))
        try:
            slurm.start()
            yield slurm
        finally:
            slurm.end()
