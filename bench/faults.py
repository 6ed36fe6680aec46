"""Attacks both programs and writes results/faults/summary.json.

    .setup/python/bin/python3 bench/faults.py [--programs target/release] [--only io,models,pictures]

io        fails every call of four commands that touches their files, one at a time, by strace
models    hands models made here to both engines, through `infer compare`
pictures  hands damaged pictures to `infer batch`

Needs Linux, strace, and the Python of `cargo xtask setup`. Exit code 1 when anything was lost, hung or broke off.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np

from fault_models import random_model

ROOT = Path(__file__).resolve().parent.parent
# The trainer asks git for its revision; a git whose calls fail must leave no lock in this repository.
os.environ["GIT_DIR"] = "/nonexistent"

CALLS = ["openat", "write", "fsync", "fdatasync", "rename", "renameat", "renameat2", "ftruncate", "mkdir", "unlink",
         "unlinkat", "fchmod", "flock"]
ERRORS = ["ENOSPC", "EIO"]
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


class Command:
    """A command whose calls are failed: how its folder is made, what it runs, and what must hold after."""

    def __init__(self, name, prepare, arguments, holds):
        self.name, self.prepare, self.arguments, self.holds = name, prepare, arguments, holds


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
            is_muted = re.search(r"write\(2, .*INJECTED", trace.read_text(errors="replace"))
            findings.count(f"io/{command.name}")
            what = f"{command.name}: {call} number {ordinal}, {error}"
            if code not in (0, 1, 2, 3):
                findings.add("exit code", f"{what}: {code}: {said}")
            elif code != 0 and not is_muted and not re.search(r"(infer|trainer): .{10}", said):
                findings.add("no sentence", f"{what}: {code}: {said}")
            fault = command.holds(folder, code)
            if fault:
                findings.add("lost", f"{what}: exit code {code}: {fault}; {said}")


def trained(checkpoint):
    """What a checkpoint holds, but for the revision of the trainer, which it asks git for: git's calls fail as well."""
    length = int.from_bytes(checkpoint[:8], "little")
    header = json.loads(checkpoint[8:8 + length])
    description = json.loads(header.pop("__metadata__")["leq"].split("\n", 1)[1])
    del description["revision"]
    return header, description, checkpoint[8 + length:]


def commands(infer, trainer, work):
    """The four commands, each with a reference result of a run without faults."""
    reference = work / "reference"
    pictures = ROOT / "crates/infer/examples"
    train = [trainer, "train", "report-a-mlp", "--epochs", "6", "--checkpoint-every", "0", "--out"]
    run([*train, str(reference)])
    checkpoint = (reference / "checkpoint.safetensors").read_bytes()

    def prepare_batch(folder):
        folder.mkdir(parents=True, exist_ok=True)
        rows = "".join(f"{pictures}/two.png,{pictures}/seven.png\n" for _ in range(30))
        (folder / "pairs.csv").write_text(rows)
        (folder / "out.csv").write_text("old\n")

    def batch(folder):
        return [infer, "batch", str(folder / "pairs.csv"), "-o", str(folder / "out.csv"), "--engine", "rten",
                "--batch", "1", "--threads", "1"]

    def batch_holds(folder, code):
        text = (folder / "out.csv").read_text()
        whole = len(text.splitlines()) == 31
        if text != "old\n" and not whole:
            return "the output is neither old nor new"
        if code == 0 and not whole:
            return "success without the output"
        if code == 0:
            return None
        for option in ("--resume", "--overwrite"):
            again = run([*batch(folder), option])[0]
            if again == 0:
                return None if len((folder / "out.csv").read_text().splitlines()) == 31 else "gone on to something else"
        return "it can neither be gone on with nor begun anew"

    def prepare_train(folder):
        folder.mkdir(parents=True, exist_ok=True)

    def train_command(folder):
        return [*train, str(folder)]

    def train_holds(folder, code):
        path = folder / "checkpoint.safetensors"
        if code == 0:
            return None if trained(path.read_bytes()) == trained(checkpoint) else "another checkpoint"
        kept = any((folder / name).exists() for name in ("checkpoint.safetensors", "checkpoint.previous.safetensors"))
        again, said, _ = run([*train_command(folder), "--resume" if kept else "--overwrite"])
        if again != 0 or trained(path.read_bytes()) != trained(checkpoint):
            return f"not gone on with to the same bytes: {said}"
        return None

    def prepare_export(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "c.safetensors").write_bytes(checkpoint)
        run(export(folder))

    def export(folder):
        return [trainer, "export", str(folder / "c.safetensors"), "--out", str(folder / "model.onnx")]

    run([trainer, "export", str(reference / "checkpoint.safetensors"), "--out", str(work / "reference.onnx")])
    model = (work / "reference.onnx").read_bytes()

    def export_holds(folder, code):
        if (folder / "c.safetensors").read_bytes() != checkpoint:
            return "the checkpoint was changed"
        if (folder / "model.onnx").read_bytes() != model or not (folder / "model.md").read_text().startswith("# model"):
            return "model or card is neither old nor new"
        return None

    study = work / "experiments"
    study.mkdir()
    (study / "tiny.toml").write_text(STUDY)

    def prepare_study(folder):
        folder.mkdir(parents=True, exist_ok=True)

    def study_run(folder):
        return [trainer, "study", "run", "tiny", "--experiments", str(study), "--out", str(folder), "--jobs", "1"]

    def trials(folder):
        path = folder / "tiny/journal.jsonl"
        lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
        return [json.loads(line)["id"] for line in lines[:-1]]

    def study_holds(folder, code):
        before = trials(folder)
        if code == 0:
            return None if len(before) == 6 else f"success with {len(before)} of 6 trials"
        again, said, _ = run(study_run(folder))
        after = trials(folder)
        if again != 0 or len(set(after)) != 6 or not set(before) <= set(after):
            return f"{len(before)} trials, then {len(after)}: {said}"
        return None

    return [Command("batch", prepare_batch, batch, batch_holds), Command("train", prepare_train, train_command, train_holds),
            Command("export", prepare_export, export, export_holds), Command("study", prepare_study, study_run, study_holds)]


STUDY = """\
name = "tiny"
title = "Six short trainings"
report = "own"
about = "Is anything lost?"
rounds = 6
protocols = ["fixed"]
data_seed = 0
kind = "box"
x_label = "width"

[[cells]]
name = "narrow"
series = "MLP"
label = "16"
network = { family = "report-a-mlp", widths = [16, 16, 16, 16], activation = "relu" }
recipe = { like = "report-a-mlp", epochs = 1 }
"""


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


def attack_models(infer, work, findings, count):
    """Every model is answered or refused by a sentence, by both engines."""
    dice = random.Random(SEED)
    shipped = [path.read_bytes() for path in sorted((ROOT / "models").glob("*.onnx"))]
    pictures = [str(ROOT / "crates/infer/examples" / name) for name in ("two.png", "seven.png")]
    for number in range(count):
        path = work / "model.onnx"
        is_random = number % 4 != 0
        path.write_bytes(random_model(dice).SerializeToString() if is_random else mutated(dice.choice(shipped), dice))
        codes = []
        for engine in ("rten", "ort"):
            start = time.monotonic()
            code, said, _ = run([infer, "compare", *pictures, "--engine", engine, "--model", str(path)])
            codes.append(code)
            what = f"model {number}, {engine}"
            if code not in (0, 1, 3) or "internal error" in said or not (code == 0 or said.startswith("infer: ")):
                kept = work.parent / f"found-model-{number}.onnx"
                shutil.copy(path, kept)
                findings.add("models", f"{what}: exit code {code}: {said} (kept as {kept})")
            if time.monotonic() - start > 30:
                findings.add("models", f"{what}: took {time.monotonic() - start:.0f} s")
            if "process broke off" in said:
                findings.count("models whose engine broke off in its own process")
        findings.count("models")
        if 0 in codes:
            findings.count("models answered")
        if run([infer, "inspect", str(path)])[0] == 0:
            findings.count("models that an engine was given")


def attack_pictures(infer, work, findings, count):
    """Every damaged picture is a row, in bounded time and memory."""
    dice = random.Random(SEED + 1)
    seeds = [path.read_bytes() for path in sorted((ROOT / "fuzz/seeds/image").iterdir())]
    seeds += [path.read_bytes() for path in sorted((ROOT / "infer/tests/pictures").glob("*.[pj]*g"))]
    folder = work / "pictures"
    folder.mkdir()
    for start in range(0, count, 100):
        rows = []
        for number in range(start, min(start + 100, count)):
            path = folder / f"{number}.img"
            path.write_bytes(mutated(dice.choice(seeds), dice))
            rows.append(f"{path.name},{path.name}\n")
        (folder / "pairs.csv").write_text("".join(rows))
        began = time.monotonic()
        command = [infer, "batch", str(folder / "pairs.csv"), "--engine", "rten", "--threads", "2", "--to", "jsonl"]
        code, said, out = run(command, timeout=600)
        answers = [json.loads(line) for line in out.splitlines()]
        findings.count("pictures", len(rows))
        if code not in (0, 1) or len(answers) != len(rows):
            findings.add("pictures", f"from {start}: exit code {code}, {len(answers)} of {len(rows)} rows: {said[-300:]}")
        findings.count("pictures answered", sum(answer["error"] is None for answer in answers))
        for answer in answers:
            if "the decoder fails" in (answer["error"] or ""):
                findings.add("pictures", f"a decoder panicked: {answer['left']}")
        if time.monotonic() - began > 10 * len(rows):
            findings.add("pictures", f"from {start}: {time.monotonic() - began:.0f} s")
    attack_with_photos(infer, folder, findings)
    # Of all children so far, in KiB.
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6


def png(width, height, channels):
    """A white photo with a dark bar, as a PNG file."""
    row = np.full((width, channels), 255, np.uint8)
    row[width // 2 - width // 40:width // 2 + width // 40] = 30
    inked, paper = b"\0" + row.tobytes(), b"\0" + b"\xff" * (width * channels)
    packer = zlib.compressobj(1)
    rows = (inked if height // 4 < at < 3 * height // 4 else paper for at in range(height))
    data = b"".join(packer.compress(line) for line in rows) + packer.flush()

    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def attack_with_photos(infer, folder, findings):
    """Photos of 50 megapixels and more, eight at once: read, in the memory that all of them share."""
    sizes = [(8160, 6144, 1), (8160, 6144, 3), (12000, 9000, 3), (8160, 6144, 4)]
    names = []
    for width, height, channels in sizes:
        names.append(f"{width}x{height}x{channels}.png")
        (folder / names[-1]).write_bytes(png(width, height, channels))
    (folder / "photos.csv").write_text("".join(f"{a},{b}\n" for a in names for b in names[:2]))
    command = [infer, "batch", str(folder / "photos.csv"), "--engine", "rten", "--threads", "8", "--batch", "1", "--to", "jsonl"]
    code, said, out = run(command, timeout=900)
    answers = [json.loads(line) for line in out.splitlines()]
    findings.count("large pictures", 2 * len(answers))
    if code != 0 or len(answers) != 8:
        findings.add("large pictures", f"exit code {code}: {said}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default="target/release")
    parser.add_argument("--only", default="io,models,pictures")
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
        if "io" in only:
            for command in commands(infer, trainer, work):
                fail_calls(command, work, findings)
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
