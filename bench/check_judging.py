"""Recomputes every verdict of results/ from the journals, with SciPy and none of the trainer's code, and compares.

    python bench/check_judging.py [ROOT]

Reads experiments/*.toml, results/*/cells.json and results/*/journal.jsonl (that of PyTorch too) below ROOT; compares with results/judgements.json,
results/*/summary.json and the sentences of results/README.md. Prints every difference; exits 1 if there are any.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from judging import claims, compare, explanations, pytorch, studies, values  # noqa: E402


def differences(root: Path) -> tuple[list[str], int]:
    """What the results say that the journals do not, in words, and the number of comparisons made."""
    everything = studies.read(root)
    check = compare.Check(root)
    judged = {protocol: values.judged(everything, protocol) for protocol in ("fixed", "redrawn")}
    verdicts = [verdict for study in everything.trained() for verdict in claims.judged(everything, study)]
    pytorch.add(root, judged["fixed"])
    check.values(judged)
    check.pytorch(judged["fixed"])
    check.explanations(explanations.tested(everything, judged["fixed"]))
    check.claims(verdicts)
    check.counts(judged["fixed"], verdicts)
    check.summaries(everything, judged)
    check.pages(everything, judged["fixed"])
    return check.differences, check.made


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent
    found, made = differences(root)
    for difference in found:
        print(difference)
    print(f"{made} figures and verdicts recomputed from the journals, {len(found)} differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
