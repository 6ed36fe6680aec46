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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default="target/release")
    parser.add_argument("--only", default="io,power,models,pictures")
    parser.add_argument("--models", type=int, default=600)
    parser.add_argument("--pictures", type=int, default=2500)
    parser.add_argument("--out", default="results/faults/summary.json")
    arguments = parser.parse_args()
    infer, trainer = [str(ROOT / arguments.programs / name) for name in ("infer", "trainer")]
    findings, peak = Findings(), None
    only = arguments.only.split(",")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        work.mkdir()
        if "pictures" in only:
            peak = attack_pictures(infer, work, findings, arguments.pictures)
        if "io" in only or "power" in only:
            for command in commands(infer, trainer, work):
                if "io" in only:
                    fail_calls(command, work, findings)
                if "power" in only:
                    cut_power(command, work, findings)
        if "models" in only:
            attack_models(infer, work, findings, arguments.models)
    command = "python3 bench/faults.py"
    for name in ("programs", "only", "models", "pictures"):
        if getattr(arguments, name) != parser.get_default(name):
            command += f" --{name} {getattr(arguments, name)}"
    rows = [{"what": what, "value": number, "unit": "tried", "command": command} for what, number in findings.tried.items()]
    if peak is not None:
        rows.append({"what": "peak memory of infer over pictures", "value": round(peak, 1), "unit": "MB", "command": command})
    rows.append({"what": "findings", "value": len(findings.wrong), "unit": "found", "command": command, "found": findings.wrong})
    out = ROOT / arguments.out
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, indent=2) + "\n")
    print(json.dumps(rows, indent=2))
    return 1 if findings.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
