"""What was tried and what went wrong, and how programs are run."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = 20_260_101


class Findings:
    """What went wrong, and how much was tried."""

    def __init__(self):
        self.tried = {}
        self.wrong = []

    def count(self, what, number=1):
        self.tried[what] = self.tried.get(what, 0) + number

    def add(self, what, detail):
        self.wrong.append({"what": what, "detail": detail[:500]})
        print(f"FOUND {what}: {detail[:300]}", flush=True)


def run(command, timeout=120, **options):
    """Runs a command; gives its exit code (negative for a signal, None for a hang) and what it said on stderr."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout, **options)
        return done.returncode, done.stderr, done.stdout
    except subprocess.TimeoutExpired:
        return None, "", ""


def mutated(content, dice):
    """A few bytes of a file changed, dropped or repeated."""
    content = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(content))
        match dice.randrange(4):
            case 0:
                content[at] = dice.randrange(256)
            case 1:
                content[at:at + 4] = dice.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0"])
            case 2:
                del content[at:at + dice.randint(1, 64)]
            case _:
                content[at:at] = content[at:at + dice.randint(1, 64)]
        if not content:
            content = bytearray(b"\0")
    return bytes(content)
