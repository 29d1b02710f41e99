"""Runs a program under the system call filter of a service unit, without systemd as process 1.

    python unit_sandbox.py UNIT PROGRAM [ARGUMENT…]

systemd-analyze says what the unit's sets of system calls contain; libseccomp, which systemd uses
itself, puts the filter in force. Also followed: RestrictAddressFamilies, MemoryDenyWriteExecute.
"""

import ctypes
import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

ALLOW = 0x7FFF0000
MASKED_EQUAL, EQUAL = 7, 4  # enum scmp_compare
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000


class Comparison(ctypes.Structure):
    """`struct scmp_arg_cmp`: argument `arg`, compared by `op` with `a` and `b`."""

    _fields_ = (
        ("arg", ctypes.c_uint), ("op", ctypes.c_int),
        ("a", ctypes.c_uint64), ("b", ctypes.c_uint64),
    )  # fmt: skip


def settings_of(unit):
    """Return (key, value) of each line of a unit, in order."""
    lines = Path(unit).read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return [(key, value.strip()) for key, value in pairs]


def calls_of(name):
    """Return the system calls of a name or, recursively, of a set."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager", name],
        capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    members = [line.strip() for line in listed[1:] if line.strip() and "# " not in line]
    return set().union(*map(calls_of, members))


def allowed_calls(settings):
    """Return what the unit's SystemCallFilter lines allow, as systemd.exec(5) reads them."""
    allowed = calls_of("@default")
    for key, value in settings:
        if key == "SystemCallFilter":
            named = set().union(*map(calls_of, value.removeprefix("~").split()))
            allowed = allowed - named if value.startswith("~") else allowed | named
    return allowed


def conditions(settings):
    """Return system call -> the alternatives of arguments under which it is allowed."""
    said = dict(settings)
    families = said["RestrictAddressFamilies"].split()
    rules = {"socket": [(0, EQUAL, getattr(socket, family), 0) for family in families]}
    if said["MemoryDenyWriteExecute"] == "yes":
        both = PROT_WRITE | PROT_EXEC
        rules["mmap"] = [(2, MASKED_EQUAL, both, prot) for prot in (0, PROT_WRITE, PROT_EXEC)]
        rules["mprotect"] = rules["pkey_mprotect"] = [(2, MASKED_EQUAL, PROT_EXEC, 0)]
        rules["shmat"] = [(2, MASKED_EQUAL, SHM_EXEC, 0)]
    return rules


def enforce(settings):
    """Put the filter in force for this process and all that it becomes."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(0x00050000 | errno.EPERM))
    limited = conditions(settings)
    for call in sorted(allowed_calls(settings)):
        number = library.seccomp_syscall_resolve_name(call.encode())
        for alternative in limited.get(call, [None]):
            compare = (Comparison * 1)(alternative) if alternative else None
            count = 0 if alternative is None else 1
            # What this machine's architecture does not have is refused, and means nothing.
            library.seccomp_rule_add_array(context, ALLOW, number, count, compare)
    if library.seccomp_load(context) != 0:
        sys.exit("unit_sandbox: the kernel does not take the filter")


if __name__ == "__main__":
    enforce(settings_of(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])
