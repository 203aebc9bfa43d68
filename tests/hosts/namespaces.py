# SPDX-License-Identifier: Apache-2.0
"""Hosts that ssh reaches: network namespaces of this machine, each with an sshd of its own behind a
cable that can be pulled. They share its files and its processors."""

import os
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAMS = ("ip", "ssh", "sshd", "ssh-keygen", "parallel")
SUBNET = "10.213.77"  # four addresses a host

SERVER = """Port 22
ListenAddress {address}
HostKey {root}/host_key
AuthorizedKeysFile {root}/key.pub
PidFile none
UsePAM no
StrictModes no
PrintMotd no
SetEnv {variables}
"""
CLIENT = """Host {name}
HostName {address}
IdentityFile {root}/key
IdentitiesOnly yes
UserKnownHostsFile /dev/null
StrictHostKeyChecking no
LogLevel ERROR
"""


def missing():
    """Why there can be no hosts here, or nothing."""
    if os.geteuid() != 0:
        return "only root can make network namespaces with an sshd"
    absent = [name for name in PROGRAMS if not shutil.which(name)]
    if absent:
        return f"not installed: {', '.join(absent)}"
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, text=True)
    return f"no network namespaces: {tried.stderr.strip()}" if tried.returncode else ""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Host:
    def __init__(self, hosts, number, name, variables):
        self.name, self.space = name, f"mneme-{os.getpid()}-{number}"
        self.cable = f"mn{os.getpid() % 1000000}-{number}"
        self.address = f"{SUBNET}.{4 * number + 2}"
        run("ip", "netns", "add", self.space)
        run(
            *["ip", "link", "add", self.cable, "type", "veth"],
            *["peer", "eth0"],
            "netns",
            self.space,
        )
        run("ip", "addr", "add", f"{SUBNET}.{4 * number + 1}/30", "dev", self.cable)
        run("ip", "link", "set", self.cable, "up")
        within = ["ip", "-n", self.space]
        run(*within, "addr", "add", f"{self.address}/30", "dev", "eth0")
        run(*within, "link", "set", "eth0", "up")
        run(*within, "link", "set", "lo", "up")
        settings = hosts.write(
            f"sshd-{number}",
            SERVER.format(address=self.address, root=hosts.root, variables=variables),
        )
        self.log = open(hosts.path(f"sshd-{number}.log"), "wb")
        self.server = subprocess.Popen(
            ["ip", "netns", "exec", self.space, shutil.which("sshd"), "-D", "-e", "-f", settings],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def processes(self):
        return [int(pid) for pid in run("ip", "netns", "pids", self.space).split()]

    def die(self):
        """As if its power had gone: nobody is told, for the cable is pulled first."""
        run("ip", "link", "set", self.cable, "down")
        self.end_processes()

    def end_processes(self):
        while processes := self.processes():
            for pid in processes:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.server.poll()
            time.sleep(0.02)
        self.server.wait()

    def remove(self):
        self.end_processes()
        self.log.close()
        run("ip", "link", "del", self.cable)
        run("ip", "netns", "del", self.space)


class Hosts:
    """So many hosts, and the client's settings that know them, as ssh -F takes them."""

    def __init__(self, names, variables):
        self.root = tempfile.mkdtemp(prefix="mneme-hosts-")
        self.all = []
        os.makedirs("/run/sshd", exist_ok=True)  # where sshd shuts its unprivileged half in
        try:
            for key in ("key", "host_key"):
                run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(key))
            words = " ".join(f'"{key}={value}"' for key, value in variables.items())
            for number, name in enumerate(names):
                self.all.append(Host(self, number, name, words))
            text = "".join(
                CLIENT.format(name=host.name, address=host.address, root=self.root)
                for host in self.all
            )
            self.client = self.write("client", text)
            for host in self.all:
                self.wait_for(host)
        except BaseException:
            self.stop()
            raise

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def wait_for(self, host):
        end = time.monotonic() + 20
        command = ["ssh", "-F", self.client, host.name, "true"]
        while (done := subprocess.run(command, capture_output=True, text=True)).returncode != 0:
            if time.monotonic() > end:
                raise AssertionError(f"{host.name} does not answer: {done.stderr}")
            time.sleep(0.1)

    def stop(self):
        for host in self.all:
            host.remove()
        shutil.rmtree(self.root, ignore_errors=True)
