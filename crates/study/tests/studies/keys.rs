//! Every key that is accepted acts, and every other is refused: in experiments, in the cells of studies and in their grids.

use std::collections::BTreeSet;

use nets::training::TrainingConfig;
use study::declaration::{CellDeclaration, Grid, Study};
use study::experiment::{Experiment, Experiments, keys};

/// Values of every kind that a key may have.
const VALUES: [&str; 27] = [
    "0",
    "1",
    "2",
    "3",
    "250",
    "0.25",
    "0.75",
    "-1.0",
    "true",
    "false",
    "none",
    "once",
    "each_epoch",
    "drawings",
    "tanh",
    "score",
    "unit",
    "ordered_classes",
    "separate",
    "shared",
    "redrawn",
    "test_pairs",
    "[16, 16, 16]",
    "[16, 16, 16, 16]",
    "[16, 16, 16, 16, 16]",
    "[0.0, 0.1]",
    "[\"models/leq.onnx\"]",
];

/// An experiment of every family of networks and every kind of recipe.
const EXPERIMENTS: [&str; 11] = [
    "report-a-headline",
    "report-a-mlp",
    "report-a-mlp-ws-aux",
    "report-a-convnet-aux",
    "report-b-dropout",
    "leq",
    "leq-1000",
    "digit-tower",
    "front-teacher",
    "leq-student",
    "target-only-score",
];

/// The keys of an experiment's file, those of all families and of all layers included.
fn paths() -> BTreeSet<String> {
    let layers = keys::of::<nets::layer::LayerSpec>().into_iter().map(|key| format!("network.tower.0.{}", key.path));
    keys::of_experiments().into_iter().map(|key| key.path).chain(layers).filter(|path| path != "about").collect()
}

fn json(config: &TrainingConfig) -> String {
    serde_json::to_string(config).unwrap()
}

/// Whether the key acts at least once; it panics where a value is taken and nothing comes of it.
fn acts(base: &Experiment, path: &str) -> bool {
    let mut acts = false;
    for value in VALUES {
        let changed = match base.with(path, value) {
            Ok(changed) => changed,
            Err(refusal) if refusal.to_string().contains("there is no key") => break,
            Err(_) => continue,
        };
        if changed.file == base.file || changed.config().check().is_err() {
            continue;
        }
        assert_ne!(json(&changed.config()), json(&base.config()), "{}: --set {path}={value} has no effect", base.name);
        acts = true;
    }
    acts
}

#[test]
fn every_key_changes_the_configuration_or_is_refused() {
    let experiments = Experiments::nearest();
    let mut bases: Vec<Experiment> = EXPERIMENTS.iter().map(|name| experiments.find(name).unwrap()).collect();
    // One of the same networks, described layer by layer.
    bases.push(Experiment::of(&bases[0].config()));
    for path in paths() {
        let somewhere = bases.iter().filter(|base| acts(base, &path)).count();
        let is_named = path.ends_with("like") || path.starts_with("network.leq_head") || path.contains("schedule");
        let is_table = keys::of_experiments().iter().any(|key| key.path == path && key.is_table);
        // A layer's keys are those of networks described layer by layer. Some settings are refused alone, and act together:
        // trained digit heads and their loss, the output for non-digits, its loss and its drawings.
        let of_layers = path.starts_with("network.tower") || path.starts_with("network.digit_head");
        let is_joint = ["network.auxiliary", "network.no_digit", "recipe.loss.no_digit"].contains(&path.as_str());
        assert!(
            somewhere > 0 || is_named || is_table || of_layers || is_joint,
            "{path} is listed and acts in no experiment"
        );
    }
}

#[test]
fn a_network_described_layer_by_layer_trains_its_digit_heads_together_with_a_loss_or_not_at_all() {
    let layered = Experiment::of(&Experiments::nearest().find("report-a-headline").unwrap().config());
    let without = layered.with("network.auxiliary", "false").unwrap();
    assert!(without.config().check().unwrap_err().to_string().contains("set both or neither"));
    let without = without.with("recipe.loss.digits", "0").unwrap();
    without.config().check().unwrap();
    assert!(!without.config().network.auxiliary);
}

/// A study of one cell or grid with these lines.
fn study(report: &str, list: &str, lines: &str) -> Result<Study, String> {
    study_with("", report, list, lines)
}

/// The same with these keys beside the cell.
fn study_with(keys: &str, report: &str, list: &str, lines: &str) -> Result<Study, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.toml");
    let head = format!(
        "name = \"one\"\ntitle = \"One\"\nreport = \"{report}\"\nabout = \"One cell.\"\nrounds = 2\n\
         protocols = [\"fixed\"]\ndata_seed = 0\nkind = \"box\"\n{keys}[[{list}]]\n"
    );
    std::fs::write(&path, head + lines).unwrap();
    study::declaration::read_file(&path).map_err(|error| format!("{error:#}"))
}

/// A cell and a grid that keys are added to.
const CELL: &str = "name = \"a\"\nseries = \"s\"\nlabel = \"l\"\n";
const GRID: &str = "family = \"report-a-mlp\"\nsizes = [16, 32]\nwindow = [0, 100000]\nseries = \"s\"\n";

/// A key as it stands in a cell, with its tables around it.
fn line(path: &str, value: &str) -> String {
    let quoted = if toml::from_str::<toml::Table>(&format!("v = {value}")).is_ok() {
        value.to_owned()
    } else {
        format!("\"{value}\"")
    };
    format!("{path} = {quoted}\n")
}

/// Every key of a cell that is like `like`, in a study of `report`, acts or is refused.
fn every_key_of_a_cell_acts_or_is_refused(report: &str, like: &str) {
    let base = format!("{CELL}like = \"{like}\"\n");
    let found = study(report, "cells", &base).unwrap();
    let own = keys::of::<CellDeclaration>().into_iter().map(|key| key.path);
    let inside = paths().into_iter().filter(|path| path.starts_with("recipe.") || path.starts_with("network."));
    for path in own.chain(inside).filter(|path| !base.contains(&format!("\n{path} =")) && path != "name") {
        for value in VALUES.into_iter().chain(["{ mean = 90.0 }", "[\"redrawn\"]", "digits", "report-a-mlp"]) {
            let changed = match study(report, "cells", &format!("{base}{}", line(&path, value))) {
                Ok(changed) => changed,
                Err(error) if error.contains("there is no key") => break,
                Err(_) => continue,
            };
            let was = found.cells[0].config(study::declaration::ProtocolName::Fixed, 0);
            let is = changed.cells[0].config(study::declaration::ProtocolName::Fixed, 0);
            let says_the_same = json(&was) == json(&is) && same_setting(like, &path, value);
            assert!(changed.cells != found.cells || says_the_same, "{report}: {path} = {value} has no effect");
        }
    }
}

#[test]
fn every_key_of_a_cell_of_report_a_acts_or_is_refused() {
    every_key_of_a_cell_acts_or_is_refused("A", "report-a-headline");
}

#[test]
fn every_key_of_a_cell_of_report_b_acts_or_is_refused() {
    every_key_of_a_cell_acts_or_is_refused("B", "report-b");
}

#[test]
fn every_key_of_a_cell_of_our_own_acts_or_is_refused() {
    every_key_of_a_cell_acts_or_is_refused("own", "leq-1000");
}

/// Whether `value` is what the experiment has there already, or what a cell has where it says nothing.
fn same_setting(like: &str, path: &str, value: &str) -> bool {
    let experiment = Experiments::nearest().find(like).unwrap();
    let is_default = matches!((path, value), ("seeds_from", "0") | ("reading", "learned_head") | ("rounds", "2"));
    is_default || experiment.with(path, value).is_ok_and(|changed| changed.file == experiment.file)
}

#[test]
fn every_key_of_a_grid_acts_or_is_refused() {
    let found = study("A", "grids", GRID).unwrap();
    for path in keys::of::<Grid>().into_iter().map(|key| key.path).filter(|path| !GRID.contains(&format!("{path} ="))) {
        for value in VALUES {
            let Ok(changed) = study("A", "grids", &format!("{GRID}{}", line(&path, value))) else { continue };
            assert!(changed.cells != found.cells || value == "0", "{path} = {value} has no effect");
        }
    }
    assert_ne!(study("A", "grids", &format!("{GRID}recipe = {{ epochs = 3 }}\n")).unwrap().cells, found.cells);
}

/// The keys that an own study took and did nothing with.
#[test]
fn what_belongs_to_a_reports_studies_or_stands_in_the_wrong_place_is_refused_with_what_was_meant() {
    let cell = |line: &str| study("own", "cells", &format!("{CELL}like = \"leq-1000\"\n{line}\n")).unwrap_err();
    let cases = [
        ("lambda = 0.1", "did you mean `recipe.loss.leq` or `recipe.loss.digits`?"),
        ("early_stopping = true", "there is no key `early_stopping`, did you mean `recipe.early_stopping`?"),
        ("digits_only = true", "there is no key `digits_only`, did you mean `recipe.loss.digits`?"),
        ("learning_rate = 0.1", "did you mean `recipe.adam.learning_rate` or `recipe.muon.learning_rate`?"),
        ("epochs = 5", "line 14: there is no key `epochs`, did you mean `recipe.epochs`?"),
        ("recipe = { epoch = 5 }", "line 14: there is no key `epoch`, did you mean `epochs`?"),
        ("network = { wieght_sharing = true }", "line 14: there is no key `wieght_sharing`"),
        ("x = 3.0", "puts cells side by side"),
        ("recipe = { loss = { label_smoothing = 0.1, digits = 0.0 } }", "loss.label_smoothing has no effect"),
    ];
    for (line, message) in cases {
        let error = cell(line);
        assert!(error.contains(message), "{error}\nlacks: {message}");
    }
    let mlp = format!("{CELL}like = \"report-a-mlp\"\nrecipe = {{ muon = true }}\n");
    assert!(study("own", "cells", &mlp).unwrap_err().contains("muon has no effect"));
    let both =
        format!("{CELL}network = {{ family = \"report-b\" }}\nlambda = 1.0\nrecipe = {{ loss = {{ leq = 1.0 }} }}\n");
    assert!(study("B", "cells", &both).unwrap_err().contains("keep one of them"));
}

#[test]
fn a_setting_of_an_experiment_that_would_have_no_effect_or_crash_is_refused() {
    let experiments = Experiments::nearest();
    let refusal = |name: &str, key: &str, value: &str| {
        let changed = experiments.find(name).unwrap().with(key, value).unwrap();
        format!("{:#}", changed.config().check().unwrap_err())
    };
    let cases = [
        ("leq-1000", "recipe.augmentation.wind_down", "0", "augmentation.last_strength has no effect: wind_down is 0"),
        (
            "leq-1000",
            "recipe.augmentation.last_strength",
            "1",
            "augmentation.wind_down has no effect: last_strength is 1",
        ),
        ("leq-1000", "recipe.schedule.cosine.warm_up", "0", "schedule.cosine.start has no effect: warm_up is 0"),
        (
            "report-a-headline",
            "recipe.schedule",
            "{ one_cycle = { rise = 0, start = 0.04, end = 0 } }",
            "schedule.one_cycle.start has no effect: rise is 0",
        ),
        ("report-a-headline", "network.activation", "{ leaky_relu = { slope = -1 } }", "convolution: slope is -1"),
        ("report-a-mlp", "network.activation", "{ leaky_relu = { slope = 1.5 } }", "linear: slope is 1.5"),
    ];
    for (name, key, value, message) in cases {
        let error = refusal(name, key, value);
        assert!(error.contains(message), "{error}\nlacks: {message}");
    }
}

#[test]
fn an_axis_that_is_never_shown_and_a_published_value_that_contradicts_itself_are_refused() {
    let text = format!("{CELL}like = \"leq-1000\"\n");
    let with_axis = |label: &str| {
        let cell = text.replace("label = \"l\"", &format!("label = \"{label}\""));
        study_with("x_label = \"width\"\n", "own", "cells", &cell)
    };
    assert!(with_axis("wide").unwrap_err().contains("x_label has no effect"));
    assert_eq!(with_axis("16").unwrap().x_label.as_deref(), Some("width"));
    let published = |rest: &str| {
        let line = format!("published = {{ mean = 90.0, rounds_unknown = true{rest} }}\n");
        study("own", "cells", &(text.clone() + &line))
    };
    for rest in [", rounds = 10", ", standard_deviation = 1.0"] {
        assert!(published(rest).unwrap_err().contains("rounds_unknown contradicts"), "{rest}");
    }
    assert!(published("").is_ok());
}

#[test]
fn numbers_that_cannot_be_trained_or_compared_are_refused() {
    let refusal = |lines: &str| {
        let network = "network = { family = \"report-a-mlp\", weight_sharing = true }";
        study("A", "cells", &format!("{CELL}{network}\n{lines}\n")).unwrap_err()
    };
    let cases = [
        ("published = { mean = 90.0, standard_deviation = 1.0, rounds = 1 }", "a standard deviation is of at least 2"),
        ("published = { mean = 90.0, rounds = 0 }", "published: rounds is 0, but it must be at least 1"),
        ("published = { mean = nan }", "published: mean is NaN, but it must be 0 to 100"),
        ("published = { mean = 90.0, reading_error = inf }", "reading_error is inf"),
        ("rounds = 10000000000", "rounds is 10000000000, but it must be 1 to 100000"),
        ("protocols = [\"redrawn\"]\nseeds_from = 4294967295", "seed 4294967296 does not fit the course's generator"),
        ("lambda = -5.0", "lambda is -5, but it must be finite and at least 0"),
        ("lambda = 1e300", "lambda is inf"),
        ("recipe = { loss = { leq = 1e300, digits = 1.0 } }", "loss.leq is inf"),
    ];
    for (lines, message) in cases {
        let error = refusal(lines);
        assert!(error.contains(message), "{error}\nlacks: {message}");
    }
    let sizes: Vec<String> = (1..=33).map(|size| size.to_string()).collect();
    let grid = GRID.replace("[16, 32]", &format!("[{}]", sizes.join(", ")));
    assert!(study("A", "grids", &grid).unwrap_err().contains("33 sizes, but at most 32"));
}

#[test]
fn the_page_of_all_keys_is_what_the_types_say() {
    let page = keys::page(&[keys::sections(), study::declaration::sections()].concat());
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/training-keys.md");
    let hint = "write it anew: trainer experiments --keys > docs/training-keys.md";
    assert!(std::fs::read_to_string(path).is_ok_and(|found| found == page), "{hint}");
}

#[test]
fn every_key_says_what_it_means_and_every_number_its_unit() {
    for section in [keys::sections(), study::declaration::sections()].concat() {
        for key in section.keys {
            assert!(!key.meaning.is_empty(), "{} has no meaning", key.path);
            let is_number = key.values.contains("number") || key.values.contains("integer");
            let needs_none = key.path.ends_with("seed") || key.path.ends_with("seeds_from") || key.path == "cells.x";
            assert!(key.unit.is_some() || !is_number || needs_none, "{} has no unit", key.path);
        }
    }
}
