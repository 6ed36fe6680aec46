"""Hands damaged pictures and large photos to `infer batch`."""

import json
import random
import resource
import time
import zlib

import numpy as np

from .findings import ROOT, SEED, mutated, run


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
