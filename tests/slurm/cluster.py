# SPDX-License-Identifier: Apache-2.0
"""A Slurm of one machine, without systemd and cgroups, on the loopback interface alone."""

import os
import shutil
import subprocess
import tempfile
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "sinfo")
CTLD_PORT, SLURMD_PORT = 16817, 16818

# NoInAddrAny: on 127.0.0.1 only. cred_expire: a requeued job may not start before the credential of
# its first start has expired, 120 s by default.
CONFIGURATION = """ClusterName=mneme-test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={slurmd}
AuthType=auth/munge
AuthInfo=socket={root}/run/munge.sock,cred_expire=5
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldPidFile={root}/run/slurmctld.pid
SlurmdPidFile={root}/run/slurmd.pid
SlurmctldLogFile={root}/log/slurmctld.log
SlurmdLogFile={root}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=5
MpiDefault=none
ReturnToService=2
SwitchType=switch/none
MaxArraySize={largest_array}
KillWait=20
CommunicationParameters=NoAddrCache,NoInAddrAny,NoCtldInAddrAny
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=localhost NodeAddr=127.0.0.1 NodeHostname=localhost CPUs={cpus} RealMemory=1000
PartitionName=test Nodes=localhost Default=YES MaxTime=60 State=UP PriorityTier=1 GraceTime=30
PartitionName=urgent Nodes=localhost PriorityTier=10 MaxTime=60 State=UP
"""


def missing():
    """Why there can be no cluster here, or nothing."""
    if os.geteuid() != 0:
        return "only root can start a Slurm of its own"
    absent = [name for name in PROGRAMS if not shutil.which(name)]
    return f"not installed: {', '.join(absent)}" if absent else ""


class Cluster:
    def __init__(self, largest_array):
        self.root = tempfile.mkdtemp(prefix="mneme-slurm-")
        os.chmod(self.root, 0o711)  # munged wants its socket where everybody can reach it
        self.daemons = []
        for name in ("etc", "state", "spool", "log", "run", "munge"):
            os.mkdir(os.path.join(self.root, name))
        os.chmod(os.path.join(self.root, "munge"), 0o700)
        key = self.write("munge/munge.key", os.urandom(1024))
        os.chmod(key, 0o400)
        text = CONFIGURATION.format(
            root=self.root,
            ctld=CTLD_PORT,
            slurmd=SLURMD_PORT,
            largest_array=largest_array,
            cpus=os.cpu_count(),
        )
        os.environ["SLURM_CONF"] = self.write("etc/slurm.conf", text.encode())
        try:
            self.begin()
        except BaseException:
            self.stop()
            raise

    def write(self, name, content):
        path = os.path.join(self.root, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def daemon(self, *command):
        with open(os.path.join(self.root, "log", command[0] + ".out"), "wb") as log:
            self.daemons.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def begin(self):
        munge = [
            f"--{name}={self.root}/{path}"
            for name, path in (
                ("key-file", "munge/munge.key"),
                ("socket", "run/munge.sock"),
                ("pid-file", "run/munged.pid"),
                ("log-file", "log/munged.log"),
                ("seed-file", "munge/munge.seed"),
            )
        ]
        self.daemon("munged", "--foreground", "--num-threads=2", *munge)
        self.wait(lambda: os.path.exists(f"{self.root}/run/munge.sock"), "munged")
        self.daemon("slurmctld", "-D")
        time.sleep(2)
        self.daemon("slurmd", "-D", "-N", "localhost")
        self.wait(lambda: "idle" in self.ask("sinfo", "-h", "-o", "%T"), "the node")

    def wait(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come within {seconds} s")
            time.sleep(0.2)

    def ask(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.stdout if done.returncode == 0 else ""

    def until_empty(self, seconds):
        self.wait(lambda: not self.ask("squeue", "-h", "-o", "%i"), "the end of all jobs", seconds)

    def stop(self):
        for daemon in reversed(self.daemons):  # slurmd, slurmctld, munged
            daemon.terminate()
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.root, ignore_errors=True)
