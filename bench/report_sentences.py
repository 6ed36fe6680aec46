"""Lists the sentences of a report's text with the checksums by which experiments/coverage.toml knows them.

    python bench/report_sentences.py REPORT.txt [--text]

For whoever has a report's text and wants to see which sentence an entry is about. The text itself is not ours to keep.
"""

import argparse
import hashlib
import re
from pathlib import Path

# Ends a sentence, unless it is an abbreviation, a figure's name, a number or a bibliographic initial.
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])")
NOT_AN_END = re.compile(r"(?:\b(?:Fig|et al|e\.g|i\.e|vol|no|pp|[A-Z])\.|\*et al\.\*)$")


def sentences(text: str) -> list[str]:
    """Sentences, headings, captions and rows of tables in order; a sentence that a page break cuts is two."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        paragraph = " ".join(paragraph.split())
        parts: list[str] = []
        for part in END.split(paragraph):
            if parts and NOT_AN_END.search(parts[-1]):
                parts[-1] += " " + part
            else:
                parts.append(part)
        found.extend(part for part in parts if part)
    return found


def checksum(sentence: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the sentence with single spaces."""
    return hashlib.sha256(sentence.encode("utf-8")).hexdigest()[:16]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("report", type=Path)
    arguments.add_argument("--text", action="store_true", help="show the sentences too")
    given = arguments.parse_args()
    for sentence in sentences(given.report.read_text(encoding="utf-8")):
        print(checksum(sentence), sentence if given.text else "")


if __name__ == "__main__":
    main()
