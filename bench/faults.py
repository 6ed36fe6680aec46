"""Attacks both programs and writes results/faults/summary.json.

    .setup/python/bin/python3 bench/faults.py [--programs target/release] [--only io,power,models,pictures]

io        fails every call of four commands that touches their files, one at a time, by strace
power     replays what they wrote on a model of the disk, and cuts the power after each step: what was not synced is lost
models    hands models made here to both engines, through `infer compare`
pictures  hands damaged pictures to `infer batch`

Needs Linux, strace, and the Python of `cargo xtask setup`. Exit code 1 when anything was lost, hung or broke off.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from attacks.calls import fail_calls
from attacks.commands import commands
from attacks.findings import ROOT, Findings
from attacks.models import attack_models
from attacks.pictures import attack_pictures
from attacks.power import cut_power

# The trainer asks git for its revision; a git whose calls fail must leave no lock in this repository.
os.environ["GIT_DIR"] = "/nonexistent"


def attack(part, infer, trainer, work, findings, arguments):
    """Runs one part; gives the peak memory in MB where it is measured."""
    if part == "pictures":
        return attack_pictures(infer, work, findings, arguments.pictures)
    if part == "models":
        return attack_models(infer, work, findings, arguments.models)
    for command in commands(infer, trainer, work):
        {"io": fail_calls, "power": cut_power}[part](command, work, findings)
    return None


def part_rows(part, findings, peak, command):
    """What was tried in a part, and what was found."""
    def row(what, value, unit, **more):
        return {"part": part, "what": what, "value": value, "unit": unit, "command": command, **more}

    rows = [row(what, number, "tried") for what, number in findings.tried.items()]
    if peak is not None:
        rows.append(row("peak memory of infer over pictures", round(peak, 1), "MB"))
    rows.append(row(f"findings/{part}", len(findings.wrong), "found", found=findings.wrong))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default="target/release")
    parser.add_argument("--only", default="pictures,io,power,models", help="parts to run; rows of the others are kept")
    parser.add_argument("--models", type=int, default=600)
    parser.add_argument("--pictures", type=int, default=2500)
    parser.add_argument("--out", default="results/faults/summary.json")
    arguments = parser.parse_args()
    infer, trainer = [str(ROOT / arguments.programs / name) for name in ("infer", "trainer")]
    chosen = arguments.only.split(",")
    command = "python3 bench/faults.py"
    for name in ("programs", "only", "models", "pictures"):
        if getattr(arguments, name) != parser.get_default(name):
            command += f" --{name} {getattr(arguments, name)}"
    out = ROOT / arguments.out
    rows = [row for row in (json.loads(out.read_text()) if out.exists() else []) if row["part"] not in chosen]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for part in chosen:
            work = Path(folder) / part
            work.mkdir()
            findings = Findings()
            peak = attack(part, infer, trainer, work, findings, arguments)
            wrong += len(findings.wrong)
            rows += part_rows(part, findings, peak, command)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, indent=2) + "\n")
    print(json.dumps(rows, indent=2))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
