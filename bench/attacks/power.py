"""Cuts the power after every step of a command that changes its files, on a model of the disk."""

import re
import shutil
from pathlib import Path

from .disk import ALL_SYNCED, Disk, File, Folder, digest, lay_out
from .findings import run
from .trace import whole_lines

CALLS = ["openat", "close", "read", "write", "pwrite64", "writev", "lseek", "ftruncate", "fsync", "fdatasync", "rename",
         "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "rmdir", "dup", "fcntl"]
KILLED = 137


def cut_power(command, work, findings):
    """Whatever a loss of power leaves is old or new, can be gone on with, and holds what was finished before."""
    folder, trace = work / command.name, work / "trace"
    shutil.rmtree(folder, ignore_errors=True)
    command.prepare(folder)
    disk = Disk(folder)
    strace = ["strace", "-f", "-y", "-xx", "-s", "100000000", "--seccomp-bpf", "-e", "trace=" + ",".join(CALLS), "-o", str(trace)]
    code, said, _ = run(strace + command.arguments(folder))
    if code != 0:
        raise SystemExit(f"{command.name} fails without any fault: {said}")
    replay, attempt = Replay(disk), Attempt(command, folder, findings)
    line = ""
    for line in whole_lines(trace):
        if replay.step(line):
            attempt.cut(disk, KILLED, line)
    attempt.cut(disk, 0, line)


class Attempt:
    """Lays out what is left after each step, and looks at it; the same state once."""

    def __init__(self, command, folder, findings):
        self.command, self.folder, self.findings = command, folder, findings
        self.finished, self.tried = 0, set()

    def cut(self, disk, code, line):
        for what, state in disk.states():
            key = (digest(state), self.finished, code)
            if key in self.tried:
                continue
            self.tried.add(key)
            shutil.rmtree(self.folder)
            lay_out(state, self.folder)
            self.findings.count(f"power/{self.command.name}")
            if fault := self.fault(code, what):
                self.findings.add("lost with the power", f"{self.command.name}, after {plain(line[:400])}: {what}: {fault}")

    def fault(self, code, what):
        try:
            left = self.command.progress(self.folder)
            if what == ALL_SYNCED:
                self.finished = max(self.finished, left)
            if left < self.finished:
                return f"{self.finished} were finished, {left} are left"
            return self.command.holds(self.folder, code)
        except OSError as missing:
            return str(missing)


def plain(text):
    """Text whose bytes strace wrote as \\x2f."""
    return re.sub(r"(?:\\x[0-9a-f]{2})+", lambda match: unescaped(match[0]).decode(errors="replace"), text)


def unescaped(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Replay:
    """Repeats calls on the model of the disk."""

    def __init__(self, disk):
        self.disk = disk
        # Of each open file of the model: the file, and where the next byte goes; None is the end.
        self.open = {}

    def step(self, line):
        """Whether the call changed the disk."""
        match = re.match(r"(\w+)\((.*)\)\s+= (-?\d+)", line)
        if not match or int(match[3]) < 0:
            return False
        name, arguments, result = match[1], match[2], int(match[3])
        return getattr(self, f"do_{name}")(arguments, result) or False

    def path(self, text):
        """The path that a string names, or None outside the folder."""
        path = Path(plain(text))
        return path if path.is_relative_to(self.disk.root) else None

    def paths(self, arguments):
        return [self.path(text) for text in re.findall(r'"([^"]*)"', arguments)]

    def opened(self, arguments):
        """What the first argument has open, if it is below the folder. A child's files may have the same numbers."""
        number, path = re.match(r"(\d+)(?:<([^>]*)>)?", arguments).groups()
        return self.open.get(int(number)) if path and self.path(path) else None

    def do_openat(self, arguments, result):
        path = self.paths(arguments)[0]
        if path is None or "O_TMPFILE" in arguments:
            return False
        file, is_new = self.disk.at(path), False
        if file is None:
            file, is_new = File(), True
            self.disk.place(path)[path.name] = file
        if "O_TRUNC" in arguments:
            file.resize(0)
        self.open[result] = [file, None if "O_APPEND" in arguments else 0]
        return is_new or "O_TRUNC" in arguments

    def do_close(self, arguments, _):
        if self.opened(arguments):
            del self.open[int(re.match(r"\d+", arguments)[0])]

    def do_dup(self, arguments, result):
        if opened := self.opened(arguments):
            self.open[result] = opened

    def do_fcntl(self, arguments, result):
        if "F_DUPFD" in arguments:
            self.do_dup(arguments, result)

    def do_read(self, arguments, result):
        if (opened := self.opened(arguments)) and opened[1] is not None:
            opened[1] += result

    def do_lseek(self, arguments, result):
        if (opened := self.opened(arguments)) and opened[1] is not None:
            opened[1] = result

    def do_write(self, arguments, result):
        opened = self.opened(arguments)
        if not opened:
            return False
        data = unescaped(re.search(r'"([^"]*)"', arguments)[1])[:result]
        offset = len(opened[0].live) if opened[1] is None else opened[1]
        opened[0].write(offset, data)
        if opened[1] is not None:
            opened[1] += result
        return True

    def do_pwrite64(self, arguments, result):
        return self.unknown(arguments)

    do_writev = do_pwrite64

    def unknown(self, arguments):
        if self.opened(arguments):
            raise SystemExit(f"the model of the disk lacks a call: {arguments[:200]}")

    def do_ftruncate(self, arguments, _):
        if opened := self.opened(arguments):
            opened[0].resize(int(arguments.rsplit(",", 1)[1]))
            return True

    def do_fsync(self, arguments, _):
        if opened := self.opened(arguments):
            opened[0].sync()
            return True

    do_fdatasync = do_fsync

    def do_rename(self, arguments, _):
        before, after = self.paths(arguments)
        if before is None and after is None:
            return False
        self.disk.place(after)[after.name] = self.disk.place(before).pop(before.name)
        return True

    do_renameat = do_renameat2 = do_rename

    def do_link(self, arguments, _):
        before, after = self.paths(arguments)
        if after is None:
            return False
        self.disk.place(after)[after.name] = self.disk.at(before)
        return True

    do_linkat = do_link

    def do_unlink(self, arguments, _):
        path = self.paths(arguments)[0]
        if path is None:
            return False
        del self.disk.place(path)[path.name]
        return True

    do_unlinkat = do_rmdir = do_unlink

    def do_mkdir(self, arguments, _):
        path = self.paths(arguments)[0]
        if path is None:
            return False
        self.disk.place(path)[path.name] = Folder()
        return True
