"""Who listens where, as the kernel tells it (proc_pid_net(5)); Linux only."""

import ipaddress
import os
from pathlib import Path

LISTEN, UNCONNECTED = "0A", "07"


def listening(pid: int) -> set[str]:
    """Local addresses (`127.0.0.1`, `::`) on which a process listens, or receives datagrams."""
    folder = Path("/proc") / str(pid)
    inodes = set()
    for descriptor in (folder / "fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except FileNotFoundError:  # closed meanwhile
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table, wanted in (("tcp", LISTEN), ("tcp6", LISTEN), ("udp", UNCONNECTED), ("udp6", UNCONNECTED)):
        for line in (folder / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == wanted and fields[9] in inodes:
                words = bytes.fromhex(fields[1].partition(":")[0])
                found.add(str(ipaddress.ip_address(b"".join(words[i : i + 4][::-1] for i in range(0, len(words), 4)))))
    return found
