"""Fails every call of a command that touches its files, one at a time, by strace."""

import re
import shutil

from .findings import run
from .trace import whole_lines

CALLS = ["openat", "write", "fsync", "fdatasync", "rename", "renameat", "renameat2", "ftruncate", "mkdir", "unlink",
         "unlinkat", "fchmod", "flock"]
ERRORS = ["ENOSPC", "EIO"]


def calls_of(command, folder, trace):
    """Ordinal and name of every call, by process, that names the command's folder."""
    command.prepare(folder)
    tracer = ["strace", "-f", "-y", "-s", "200", "--seccomp-bpf", "-e", "trace=" + ",".join(CALLS), "-o", str(trace)]
    code, said, _ = run(tracer + command.arguments(folder))
    if code != 0:
        raise SystemExit(f"{command.name} fails without any fault: {said}")
    found, ordinals = set(), {}
    for line in trace.read_text(errors="replace").splitlines():
        match = re.match(r"(\d+)\s+(\w+)\(", line)
        if match and match[2] in CALLS:
            key = (match[1], match[2])
            ordinals[key] = ordinals.get(key, 0) + 1
            if str(folder) in line:
                found.add((match[2], ordinals[key]))
    return sorted(found)


def fail_calls(command, work, findings):
    """Fails every call once with each error and checks what is left."""
    folder = work / command.name
    for call, ordinal in calls_of(command, folder, work / "trace"):
        for error in ERRORS:
            shutil.rmtree(folder, ignore_errors=True)
            command.prepare(folder)
            inject = f"inject={call}:error={error}:when={ordinal}"
            trace = work / "trace"
            tracer = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={call}", "-e", inject, "-o", str(trace)]
            code, said, _ = run(tracer + command.arguments(folder))
            # Every thread's call of this number fails, so that of the sentence may as well.
            is_muted = any(re.match(r"write\(2, .*INJECTED", line) for line in whole_lines(trace))
            findings.count(f"io/{command.name}")
            what = f"{command.name}: {call} number {ordinal}, {error}"
            if code not in (0, 1, 2, 3):
                findings.add("exit code", f"{what}: {code}: {said}")
            elif code != 0 and not is_muted and not re.search(r"(infer|trainer): .{10}", said):
                findings.add("no sentence", f"{what}: {code}: {said}")
            fault = command.holds(folder, code)
            if fault:
                findings.add("lost", f"{what}: exit code {code}: {fault}; {said}")
