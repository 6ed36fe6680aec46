"""The four commands that write files.

Each makes its folder (`prepare`), has a command line (`arguments`), and says what is wrong with the folder after a run that
ended with an exit code (`holds`, None for nothing). `progress` counts finished work that a reader finds in the folder.
"""

import hashlib
import json

from .findings import ROOT, run


def commands(infer, trainer, work):
    """All four; a checkpoint is trained for those that compare with it."""
    train = Train(trainer, work / "reference")
    return [Batch(infer), train, Export(trainer, train.expected, work), Study(trainer, work / "experiments")]


def checkpoint_parts(content):
    """Header, description and tensors of a checkpoint, or None if the file is damaged."""
    try:
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8:8 + length])
        checksum, description = header.pop("__metadata__")["leq"].split("\n", 1)
        if hashlib.sha256(description.encode()).hexdigest() != checksum:
            return None
        tensors = content[8 + length:]
        if max(tensor["data_offsets"][1] for tensor in header.values()) != len(tensors):
            return None
        return header, json.loads(description), tensors
    except (ValueError, KeyError, AttributeError):
        return None


def trained(content):
    """What a checkpoint holds, but for the revision of the trainer, which it asks git for: git's calls fail as well."""
    header, description, tensors = checkpoint_parts(content)
    del description["revision"]
    return header, description, tensors


class Batch:
    """`infer batch -o` over a file that is there."""

    name = "batch"
    rows = 30

    def __init__(self, infer):
        self.infer = infer

    def prepare(self, folder):
        pictures = ROOT / "crates/infer/examples"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pairs.csv").write_text(f"{pictures}/two.png,{pictures}/seven.png\n" * self.rows)
        (folder / "out.csv").write_text("old\n")

    def arguments(self, folder):
        return [self.infer, "batch", str(folder / "pairs.csv"), "-o", str(folder / "out.csv"), "--engine", "rten",
                "--batch", "1", "--threads", "1"]

    def is_whole(self, folder):
        return len((folder / "out.csv").read_text().splitlines()) == self.rows + 1

    def holds(self, folder, code):
        if not self.is_whole(folder) and (folder / "out.csv").read_text() != "old\n":
            return "the output is neither old nor new"
        if code == 0:
            return None if self.is_whole(folder) else "success without the output"
        for option in ("--resume", "--overwrite"):
            if run([*self.arguments(folder), option])[0] == 0:
                return None if self.is_whole(folder) else "gone on to something else"
        return "it can neither be gone on with nor begun anew"

    def progress(self, folder):
        return int(self.is_whole(folder))


class Train:
    """`trainer train` with a checkpoint at the end of every epoch."""

    name = "train"
    files = ("checkpoint.safetensors", "checkpoint.previous.safetensors")

    def __init__(self, trainer, reference):
        self.trainer = trainer
        run(self.arguments(reference))
        self.expected = (reference / "run" / self.files[0]).read_bytes()

    def prepare(self, folder):
        folder.mkdir(parents=True, exist_ok=True)

    def arguments(self, folder):
        return [self.trainer, "train", "report-a-mlp", "--epochs", "6", "--checkpoint-every", "0", "--out",
                str(folder / "run")]

    def holds(self, folder, code):
        path = folder / "run" / self.files[0]
        if code == 0:
            is_there = path.exists() and checkpoint_parts(path.read_bytes()) is not None
            return None if is_there and trained(path.read_bytes()) == trained(self.expected) else "another checkpoint, or none"
        is_kept = any((folder / "run" / name).exists() for name in self.files)
        again, said, _ = run([*self.arguments(folder), "--resume" if is_kept else "--overwrite"])
        if again != 0 or trained(path.read_bytes()) != trained(self.expected):
            return f"not gone on with to the same bytes: {said}"
        return None

    def progress(self, folder):
        paths = [folder / "run" / name for name in self.files]
        found = [checkpoint_parts(path.read_bytes()) for path in paths if path.exists()]
        return max((len(parts[1]["progression"]["epochs"]) for parts in found if parts), default=0)


class Export:
    """`trainer export` over a model and its card."""

    name = "export"

    def __init__(self, trainer, checkpoint, work):
        self.trainer, self.checkpoint = trainer, checkpoint
        folder = work / "exported"
        self.prepare(folder)
        self.model = (folder / "model.onnx").read_bytes()

    def prepare(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "c.safetensors").write_bytes(self.checkpoint)
        run(self.arguments(folder))

    def arguments(self, folder):
        return [self.trainer, "export", str(folder / "c.safetensors"), "--out", str(folder / "model.onnx")]

    def holds(self, folder, code):
        if (folder / "c.safetensors").read_bytes() != self.checkpoint:
            return "the checkpoint was changed"
        card = (folder / "model.md").read_text()
        if (folder / "model.onnx").read_bytes() != self.model or not card.startswith("# model"):
            return "model or card is neither old nor new"
        return None

    def progress(self, folder):
        return 0


class Study:
    """`trainer study run` of six short trainings."""

    name = "study"
    trials = 6

    def __init__(self, trainer, experiments):
        self.trainer, self.experiments = trainer, experiments
        experiments.mkdir()
        (experiments / "tiny.toml").write_text(STUDY)

    def prepare(self, folder):
        folder.mkdir(parents=True, exist_ok=True)

    def arguments(self, folder):
        return [self.trainer, "study", "run", "tiny", "--experiments", str(self.experiments), "--out", str(folder), "--jobs", "1"]

    def finished(self, folder):
        """Trials in the journal, without a torn last line."""
        path = folder / "tiny/journal.jsonl"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        return [json.loads(line)["id"] for line in lines if b"\0" not in line]

    def holds(self, folder, code):
        before = self.finished(folder)
        if code == 0:
            return None if len(before) == self.trials else f"success with {len(before)} of {self.trials} trials"
        again, said, _ = run(self.arguments(folder))
        after = self.finished(folder)
        if again != 0 or len(set(after)) != self.trials or not set(before) <= set(after):
            return f"{len(before)} trials, then {len(after)}: {said}"
        return None

    def progress(self, folder):
        return len(self.finished(folder))


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
