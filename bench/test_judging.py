"""The independent judge finds a wrong comparator, a wrong standard error and a wrong verdict.

    python bench/test_judging.py
"""

import json
import os
import re
import tempfile
import unittest
from pathlib import Path

import check_judging

ROOT = Path(__file__).resolve().parent.parent


class Altered:
    """A copy of what the judge reads, by links, with one file altered."""

    def __init__(self, path: str, alter):
        self.path, self.alter = Path(path), alter

    def differences(self) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name in ("experiments", "results"):
                self.link(ROOT / name, root / name)
            text = (ROOT / self.path).read_text(encoding="utf-8")
            altered = self.alter(text)
            assert altered != text, f"{self.path} does not hold what the test alters"
            (root / self.path).write_text(altered, encoding="utf-8")
            return check_judging.differences(root)[0]

    def link(self, source: Path, target: Path) -> None:
        """Links every file but the altered one."""
        if source == ROOT / self.path:
            return
        if source == ROOT / "experiments" or source == ROOT / "results" or source in (ROOT / self.path).parents:
            target.mkdir()
            for entry in source.iterdir():
                self.link(entry, target / entry.name)
        else:
            os.symlink(source, target)


def in_judgements(alter):
    """Alters the machine-readable judgements."""

    def altered(text: str) -> str:
        judgements = json.loads(text)
        alter(judgements)
        return json.dumps(judgements)

    return Altered("results/judgements.json", altered)


def value(judgements: dict, study: str, cell: str) -> dict:
    place = {"study": study, "cell": cell}
    rows = (row for row in judgements["values"] if row["protocol"] == "fixed")
    return next(row for row in rows if any(place.items() <= found.items() for found in row["places"]))


class BrokenResults(unittest.TestCase):
    def found(self, altered: Altered, *words: str) -> None:
        differences = altered.differences()
        self.assertTrue(differences)
        for word in words:
            self.assertTrue(any(word in difference for difference in differences), differences[:5])

    def test_a_wrong_comparator_is_found(self):
        wrong = Altered(
            "experiments/b3-dropout.toml",
            lambda text: text.replace('than = "b2-table/both", by = 5.2', 'than = "both", by = 5.2'),
        )
        self.found(wrong, "b3-dropout-both")

    def test_a_standard_error_without_the_variance_between_pair_sets_is_found(self):
        def without(judgements):
            rows = (row for row in judgements["values"] if row["protocol"] == "redrawn" and row["test"])
            row = next(rows)
            row["test"]["standard_error"] *= (1 / (row["n"] + 1)) ** 0.5

        self.found(in_judgements(without), "redrawn, standard error")

    def test_a_standard_error_on_a_study_s_page_is_found(self):
        def narrower(text: str) -> str:
            rows = json.loads(text)
            row = next(row for row in rows if row.get("standard_error"))
            row["standard_error"] /= 2
            return json.dumps(rows)

        self.found(Altered("results/a2-activation/summary.json", narrower), "standard error")

    def test_a_wrong_verdict_on_a_value_is_found(self):
        def reproduced(judgements):
            value(judgements, "headline", "headline")["verdict"] = "equivalent"

        self.found(in_judgements(reproduced), "headline/headline", "verdict")

    def test_a_wrong_verdict_on_a_claim_is_found(self):
        def reproduced(judgements):
            next(claim for claim in judgements["claims"] if claim["verdict"] == "within noise")["verdict"] = "reproduced"

        self.found(in_judgements(reproduced), "verdict")

    def test_a_wrong_mean_interval_and_correction_are_found(self):
        def shifted(judgements):
            row = value(judgements, "a2-activation", "mlp-tanh")
            row["value"] += 0.01
            row["test"]["interval"][0] -= 0.01
            row["corrected_p"] *= 0.9

        self.found(in_judgements(shifted), "value", "lower end of the interval", "corrected p")

    def test_a_round_of_pytorch_that_is_missing_is_found(self):
        shorter = Altered("results/pytorch/journal.jsonl", lambda text: text[text.index("\n") + 1 :])
        self.found(shorter, "in PyTorch, n: the results say", "in PyTorch, mean", "against published, p")

    def test_an_explanation_that_explains_nothing_is_found(self):
        def explained(judgements):
            next(row for row in judgements["explanations"] if not row["explains"])["explains"] = True

        self.found(in_judgements(explained), "explains")

    def test_a_wrong_count_on_the_page_is_found(self):
        more = Altered(
            "results/README.md",
            lambda text: re.sub(r"ours is equivalent to (\d+)", lambda m: f"ours is equivalent to {int(m[1]) + 1}", text),
        )
        self.found(more, "results/README.md says")

    def test_a_wrong_figure_in_the_page_s_first_lines_is_found(self):
        for figure in (r"(\d+)( are equivalent to ours)", r"(\d+)( are reproduced and)", r"(\d+)(\.\d % of pairs, its learned)"):
            more = Altered(
                "results/README.md", lambda text: re.sub(figure, lambda m: f"{int(m[1]) + 1}{m[2]}", text, count=1)
            )
            self.found(more, "results/README.md says")

    def test_a_trial_that_is_missing_or_changed_is_found(self):
        journal = "results/a2-activation/journal.jsonl"
        self.found(Altered(journal, lambda text: text[text.index("\n") + 1 :]), "n: the results say")
        changed = Altered(journal, lambda text: re.sub(r'"right":(\d+)', lambda m: f'"right":{int(m[1]) - 30}', text, count=1))
        self.found(changed, "mean: the results say")


if __name__ == "__main__":
    unittest.main()
