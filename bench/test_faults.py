"""Writers that lose data must be found by the model of the disk, and one that does not must not be.

    .setup/python/bin/python3 bench/test_faults.py

Needs Linux and strace.
"""

import sys
import tempfile
from pathlib import Path

from attacks.findings import Findings
from attacks.power import cut_power

WRITER = """\
import os, sys
folder, syncs_file, syncs_folder, in_place = sys.argv[1], *map(int, sys.argv[2:])
name = folder + ("/out.txt" if in_place else "/part")
file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
os.write(file, b"all that is new")
if syncs_file: os.fsync(file)
if not in_place: os.replace(name, folder + "/out.txt")
if syncs_folder: os.fsync(os.open(folder, os.O_RDONLY))
"""


class Writer:
    """A command that replaces a file, with or without the steps that make it last."""

    name = "writer"

    def __init__(self, syncs_file, syncs_folder, in_place):
        self.steps = [str(int(step)) for step in (syncs_file, syncs_folder, in_place)]

    def prepare(self, folder):
        folder.mkdir()
        (folder / "out.txt").write_text("old")

    def arguments(self, folder):
        return [sys.executable, "-c", WRITER, str(folder), *self.steps]

    def holds(self, folder, code):
        text = (folder / "out.txt").read_text()
        if text not in ("old", "all that is new"):
            return f"neither old nor new: {text!r}"
        return f"success with {text!r}" if code == 0 and text == "old" else None

    def progress(self, folder):
        return 0


def found(*steps):
    findings = Findings()
    with tempfile.TemporaryDirectory() as folder:
        cut_power(Writer(*steps), Path(folder), findings)
    assert findings.tried["power/writer"] > 3, findings.tried
    return [wrong["detail"] for wrong in findings.wrong]


def main():
    assert not found(True, True, False), "a sound writer was blamed"
    assert any("neither old nor new" in detail for detail in found(False, True, False)), "a rename before the bytes are there"
    assert any("success with 'old'" in detail for detail in found(True, False, False)), "a name that is not synced"
    assert any("neither old nor new" in detail for detail in found(True, True, True)), "a file written in place"
    print("4 writers judged right")


if __name__ == "__main__":
    main()
