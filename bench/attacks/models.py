"""Hands models made here, and damaged ones, to both engines."""

import random
import shutil
import time

from .findings import ROOT, SEED, mutated, run
from .model_files import random_model


def attack_models(infer, work, findings, count):
    """Every model is answered or refused by a sentence, by every engine."""
    dice = random.Random(SEED)
    shipped = [path.read_bytes() for path in sorted((ROOT / "models").glob("*.onnx"))]
    pictures = [str(ROOT / "crates/infer/examples" / name) for name in ("two.png", "seven.png")]
    for number in range(count):
        path = work / "model.onnx"
        is_random = number % 4 != 0
        path.write_bytes(random_model(dice).SerializeToString() if is_random else mutated(dice.choice(shipped), dice))
        codes = []
        for engine in ("leq", "rten", "ort"):
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
