"""Studies as declared, and their trials as journalled."""

import hashlib
import itertools
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

# Where a reading stands in a trial: the pairs, and the figure.
READINGS = {
    "learned_head": ("test", "learned_head"),
    "most_likely_digits": ("test", "most_likely_digits"),
    "digit_posteriors": ("test", "digit_posteriors"),
    "digits": ("test", "digits"),
    "learned_head_digits_right": ("test", "learned_head_digits_right"),
    "disjoint_pairs": ("disjoint", "learned_head"),
    "all_digits": ("disjoint", "digits"),
    "outside_pairs": ("outside", "learned_head"),
    "outside_digits": ("outside", "digits"),
    "all_pairs": ("held_out", "all_pairs"),
    "distorted_digits": ("held_out", "distorted_digits"),
    "initial_gradient": ("initial_gradient", None),
}
# What each is called in summary.json.
TITLES = {
    "learned_head": "test pairs, learned head",
    "most_likely_digits": "test pairs, most likely digits",
    "digit_posteriors": "test pairs, digit posteriors",
    "digits": "test digits",
    "learned_head_digits_right": "test pairs with both digits read right, learned head",
    "disjoint_pairs": "disjoint test pairs",
    "all_digits": "all test digits",
    "outside_pairs": "outside pairs",
    "outside_digits": "outside digits",
    "all_pairs": "all ordered pairs of test digits",
    "distorted_digits": "held-out digits, distorted",
    "initial_gradient": "initial gradient of the first layer, in percent of the last layer's",
}


@dataclass
class Cell:
    """A network with a recipe. `configs` holds, for each protocol, the JSON that identities are hashes of."""

    study: str
    name: str
    series: str
    label: str
    reading: str
    published: dict | None
    rounds: int
    seeds_from: int
    protocols: list[str]
    configs: dict[str, str] = field(default_factory=dict)
    trials: dict[str, dict[int, dict]] = field(default_factory=dict)

    def identity(self, protocol: str, seed: int) -> str:
        config = with_seed(self.configs[protocol], seed)
        return hashlib.sha256(config.encode()).hexdigest()[:16]

    def training(self, protocol: str) -> str:
        """Equal for cells that train the same network in the same way on the same pairs."""
        return re.sub(r'^\{"name":"[^"]*"', '{"name":""', with_seed(self.configs[protocol], 0))

    def sample(self, protocol: str, reading: str | None = None) -> dict[int, float]:
        """Accuracy in percent by seed."""
        pairs, figure = READINGS[reading or self.reading]
        return accuracies(self.trials.get(protocol, {}), pairs, figure)

    def validation(self, protocol: str) -> dict[int, float]:
        return accuracies(self.trials.get(protocol, {}), "validation", READINGS[self.reading][1])


@dataclass
class Study:
    """A declared study."""

    name: str
    declared: dict
    cells: list[Cell]

    def cell(self, name: str) -> Cell:
        return next(cell for cell in self.cells if cell.name == name)

    def series(self, name: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.series == name]

    def title(self, reading: str) -> str:
        """What a reading is called in this study's summary.json."""
        title = TITLES[reading]
        return title.replace("test", "held-out", 1) if self.declared.get("scope") == "held_out" else title

    def is_other_reading(self, cell: Cell) -> bool:
        return any(explanation["by"] == cell.name for explanation in self.declared.get("explanations", []))


@dataclass
class Studies:
    """All studies, the headline first, then by name."""

    all: list[Study]

    def study(self, name: str) -> Study:
        return next(study for study in self.all if study.name == name)

    def trained(self) -> list[Study]:
        return [study for study in self.all if any(trials for cell in study.cells for trials in cell.trials.values())]

    def resolve(self, study: Study, reference: str) -> tuple[Study, Cell, str]:
        """`cell`, `study/cell`, `cell@reading`."""
        name, _, rest = reference.rpartition("/")
        cell_name, _, reading = rest.partition("@")
        of = self.study(name) if name else study
        cell = of.cell(cell_name)
        return of, cell, reading or cell.reading

    def rounds(self, training: str, protocol: str, reading: str) -> list[float]:
        """Accuracies of all rounds of a training in any study, by seed."""
        by_seed: dict[int, float] = {}
        for study in self.all:
            for cell in study.cells:
                if protocol in cell.configs and cell.training(protocol) == training:
                    for seed, value in cell.sample(protocol, reading).items():
                        by_seed.setdefault(seed, value)
        return [by_seed[seed] for seed in sorted(by_seed)]


def with_seed(config: str, seed: int) -> str:
    """The master seed is the last but one key; protocols have a `data_seed`, which is another."""
    return re.sub(r'"seed":\d+', f'"seed":{seed}', config)


def accuracies(trials: dict[int, dict], pairs: str, figure: str) -> dict[int, float]:
    found = {}
    for seed in sorted(trials):
        if figure is None:  # not right answers of all, but a figure of the trial
            if trials[seed].get(pairs) is not None:
                found[seed] = 100.0 * trials[seed][pairs]
            continue
        accuracy = (trials[seed].get(pairs) or {}).get(figure)
        if figure == "all_pairs":  # of held-out images, or of test images
            accuracy = accuracy or trials[seed].get(figure)
        if accuracy:
            found[seed] = 100.0 * accuracy["right"] / accuracy["all"]
    return found


def read(root: Path) -> Studies:
    files = sorted(path.name for path in (root / "experiments").glob("*.toml") if path.stem != "coverage")
    names = [name.removesuffix(".toml") for name in files]
    names.sort(key=lambda name: name != "headline")
    return Studies([read_study(root, name) for name in names])


def read_study(root: Path, name: str) -> Study:
    declared = tomllib.loads((root / "experiments" / f"{name}.toml").read_text(encoding="utf-8"))
    cells = [declared_cell(declared, cell) for cell in declared.get("cells", [])]
    for grid in declared.get("grids", []):
        cells.extend(declared_cell(declared, cell) for cell in grid_cells(grid))
    folder = root / "results" / name
    configs = read_configs(folder / "cells.json")
    trials = read_journal(folder / "journal.jsonl")
    for cell in cells:
        for protocol in cell.protocols:
            if (cell.name, protocol) in configs:
                cell.configs[protocol] = configs[cell.name, protocol]
                seeds = range(cell.seeds_from, cell.seeds_from + cell.rounds)
                known = ((seed, trials.get(cell.identity(protocol, seed))) for seed in seeds)
                cell.trials[protocol] = {seed: trial for seed, trial in known if trial}
    return Study(name, declared, cells)


def declared_cell(study: dict, cell: dict) -> Cell:
    return Cell(
        study=study["name"],
        name=cell["name"],
        series=cell["series"],
        label=cell["label"],
        reading=cell.get("reading", "learned_head"),
        published=cell.get("published"),
        rounds=cell.get("rounds", study["rounds"]),
        seeds_from=cell.get("seeds_from", 0),
        protocols=cell.get("protocols", study["protocols"]),
    )


def grid_cells(grid: dict) -> list[dict]:
    """Every network of the grid whose parameters are within its window, in lexicographic order."""
    count = {"report-a-convnet": convnet_parameters, "report-a-mlp": mlp_parameters}[grid["family"]]
    prefix = grid.get("prefix", grid["family"].removeprefix("report-a-"))
    low, high = grid["window"]
    cells = []
    for sizes in itertools.product(grid["sizes"], repeat=4):
        if low <= count(*sizes) <= high:
            label = "-".join(map(str, sizes))
            published = None
            if label in grid.get("published", {}):
                published = {"mean": grid["published"][label], "reading_error": grid.get("reading_error")}
            seeds_from = grid.get("seeds_from", 0)
            cells.append(
                {"name": f"{prefix}-{label}", "series": grid["series"], "label": label, "published": published,
                 "seeds_from": seeds_from}
            )
    return cells


def convnet_parameters(first: int, second: int, third: int, hidden: int) -> int:
    """The vanilla ConvNet of report A: two input channels, kernels 3, 3 and 2, both heads."""
    tower = first * (2 * 9 + 1) + second * (first * 9 + 1) + third * (second * 4 + 1)
    return tower + 2 * hidden * (third + 1) + (hidden + 1) + 10 * (hidden + 1)


def mlp_parameters(*widths: int) -> int:
    """The vanilla MLP of report A: two images of 14x14, both heads."""
    sizes = (2 * 14 * 14, *widths)
    tower = sum(after * (before + 1) for before, after in zip(sizes, sizes[1:]))
    return tower + (widths[-1] + 1) + 10 * (widths[-1] + 1)


def read_configs(path: Path) -> dict[tuple[str, str], str]:
    """The text of every configuration, as it is hashed."""
    configs = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            found = re.fullmatch(r'"(.+) (fixed|redrawn)": (\{.*\}),?', line)
            if found:
                configs[found[1], found[2]] = found[3]
    return configs


def read_journal(path: Path) -> dict[str, dict]:
    """Trials by identity; of the same trial run twice, the one whose line sorts first."""
    lines: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        identity = json.loads(line)["id"]
        if identity not in lines or line < lines[identity]:
            lines[identity] = line
    return {identity: json.loads(line) for identity, line in lines.items()}
