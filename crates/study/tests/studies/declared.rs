//! The studies under `experiments/`, and what makes a trial itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mnist::{Mnist, default_folder};
use nets::training::Interrupt;
use study::declaration::{Cell, ProtocolName, Study, identity};
use study::experiment;
use study::run::{Event, Host, Outcome, Runner, Selection, Shard, StudyTasks, Versions};

fn experiments() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments")
}

fn studies() -> Vec<Study> {
    study::declaration::read_all(&experiments()).unwrap()
}

fn cell(study: &str, name: &str) -> Cell {
    let studies = studies();
    let study = study::declaration::named(&studies, study).unwrap();
    study.cells.iter().find(|cell| cell.name == name).unwrap().clone()
}

#[test]
fn every_study_is_declared_soundly_and_the_headline_stands_first() {
    let names: Vec<String> = studies().into_iter().map(|study| study.name).collect();
    let expected = [
        "headline",
        "a1-held-out",
        "a1-search",
        "a1-winners",
        "a2-activation",
        "a3-regularisation",
        "a4-weight-sharing",
        "a5-lambda",
        "b1-lambda",
        "b2-table",
        "b3-dropout",
        "b4-classifier",
        "duties",
        "front-1000",
        "front",
        "ladder",
        "leq-1000",
        "leq",
        "search",
        "target-only",
    ];
    assert_eq!(names, expected);
    for study in studies() {
        for cell in &study.cells {
            for &protocol in &cell.protocols {
                cell.config(protocol, cell.seeds_from).check().unwrap();
            }
        }
    }
}

#[test]
fn cells_train_what_the_named_experiments_train() {
    let pairs = [
        (("headline", "headline"), "report-a-headline"),
        (("headline", "no-auxiliary-loss"), "report-a-convnet-ws"),
        (("headline", "mlp-best"), "report-a-mlp-ws-aux"),
        (("a2-activation", "mlp-relu"), "report-a-mlp"),
        (("b1-lambda", "shared-10"), "report-b"),
        (("b3-dropout", "both-dropout"), "report-b-dropout"),
    ];
    for ((study, name), experiment) in pairs {
        let mut declared = cell(study, name).config(ProtocolName::Fixed, 0);
        declared.name = experiment.to_owned();
        assert_eq!(declared, experiment::named(experiment).unwrap(), "{study}/{name}");
    }
}

#[test]
fn the_search_holds_27_convnets_and_55_mlps_and_each_again_with_fresh_seeds() {
    let studies = studies();
    let search = study::declaration::named(&studies, "a1-search").unwrap();
    let of = |series: &str| search.cells.iter().filter(|cell| cell.series == series).count();
    assert_eq!(["ConvNet", "MLP", "ConvNet, fresh seeds", "MLP, fresh seeds"].map(of), [27, 55, 27, 55]);
    let seeds = |name: &str| cell("a1-search", name).seeds();
    assert_eq!(seeds("convnet-32-64-32-512"), 0..10);
    assert_eq!(seeds("fresh-convnet-32-64-32-512"), 1000..1010);
}

#[test]
fn every_trial_has_an_identity_of_its_own() {
    let tasks: Vec<_> = studies().iter().flat_map(|study| study.tasks(&Selection::default()).unwrap()).collect();
    let declared: u64 = studies().iter().map(Study::trial_count).sum();
    let identities: BTreeSet<_> = tasks.iter().map(|task| task.id.clone()).collect();
    assert_eq!((tasks.len() as u64, identities.len()), (declared, tasks.len()));
}

/// Journals hold identities: one that changed would run every trial again.
#[test]
fn an_identity_does_not_change_by_accident() {
    let config = cell("headline", "headline").config(ProtocolName::Fixed, 0);
    assert_eq!(identity(&config), "ad530c234a951b12");
}

/// The folder of a study's results, which a study that was not run yet does not have.
fn results(study: &Study) -> PathBuf {
    experiments().with_file_name("results").join(&study.name)
}

/// What was trained stands in `cells.json` beside every journal; a declaration that resolves to something else would run
/// every trial again.
#[test]
fn every_cell_resolves_to_what_was_trained() {
    for study in studies().into_iter().filter(|study| results(study).exists()) {
        let text = std::fs::read_to_string(results(&study).join("cells.json")).unwrap();
        let trained: Vec<&str> =
            text.lines().filter(|line| line.starts_with('"')).map(|line| line.trim_end_matches(',')).collect();
        let configs = study.cells.iter().flat_map(|cell| {
            cell.protocols.iter().map(move |&protocol| {
                let config = serde_json::to_string(&cell.config(protocol, cell.seeds_from)).unwrap();
                format!("\"{} {protocol}\": {config}", cell.name)
            })
        });
        for config in configs {
            assert!(trained.contains(&config.as_str()), "{}: {config}", study.name);
        }
    }
}

/// A journal that holds every trial of its study is complete, so that nothing is run again. The page over all studies names
/// those that were not run yet.
#[test]
fn every_journal_holds_all_trials_of_its_study() {
    let page = std::fs::read_to_string(experiments().with_file_name("results").join("README.md")).unwrap();
    let not_run = page.lines().find(|line| line.starts_with("Declared and not run yet:")).unwrap_or_default();
    for study in studies() {
        let is_named = not_run.contains(&format!("`{}`", study.name));
        assert_eq!(is_named, !results(&study).exists(), "{}", study.name);
        let trials = study::run::read(&results(&study)).unwrap();
        let expected = if is_named { 0 } else { study.trial_count() };
        assert_eq!(study.declared(&trials).len() as u64, expected, "{}", study.name);
    }
}

#[test]
fn shards_are_disjoint_and_complete() {
    for study in studies() {
        let ids = |shard| {
            let selection = Selection { shard, ..Selection::default() };
            study.tasks(&selection).unwrap().into_iter().map(|task| task.id).collect::<BTreeSet<_>>()
        };
        let whole = ids(None);
        let shards: Vec<_> = (1..=7).map(|number| ids(Some(Shard { number, of: 7 }))).collect();
        assert_eq!(shards.iter().map(BTreeSet::len).sum::<usize>(), whole.len());
        assert_eq!(shards.into_iter().flatten().collect::<BTreeSet<_>>(), whole, "{}", study.name);
    }
}

#[test]
fn a_smoke_run_of_one_protocol_takes_the_cells_that_have_it() {
    let studies = studies();
    let headline = study::declaration::named(&studies, "headline").unwrap();
    let protocol = Some(ProtocolName::Redrawn);
    let tasks = headline.tasks(&Selection { smoke: true, protocol, ..Selection::default() }).unwrap();
    let redrawn = headline.cells.iter().filter(|cell| cell.protocols.contains(&ProtocolName::Redrawn));
    assert_eq!(tasks.len(), redrawn.count());
    assert!(!tasks.is_empty() && tasks.iter().all(|task| task.protocol == ProtocolName::Redrawn));
}

/// One epoch of every cell, of few pairs of those that it declares: two steps, beside the pairs set aside for validation.
#[test]
fn every_cell_of_every_study_can_be_trained() {
    let (studies, out) = (studies(), tempfile::tempdir().unwrap());
    let mnist = Mnist::load(&default_folder()).unwrap();
    let opened = studies.iter().map(|study| {
        let mut tasks = study.tasks(&Selection { smoke: true, ..Selection::default() }).unwrap();
        for config in tasks.iter_mut().map(|task| &mut task.config) {
            config.check().unwrap();
            assert!(2 * config.pairs <= mnist.training.images.len(), "{}: {} pairs", study.name, config.pairs);
            config.pairs = config.pairs.min(config.recipe.validation_pairs + 2 * config.recipe.batch_size);
        }
        StudyTasks::open(&study.name, tasks, &out.path().join(&study.name)).unwrap()
    });
    let opened: Vec<StudyTasks> = opened.collect();
    let (jobs, interrupt) = (files::cores(), Interrupt::never());
    let runner = Runner { mnist: &mnist, jobs, interrupt: &interrupt, versions: Versions::here(), host: Host::here() };
    runner.run(&opened, &|_, _: Event| {}).unwrap();
    for study in &studies {
        let trials = study::run::read(&out.path().join(&study.name)).unwrap();
        assert_eq!(trials.len(), study.cells.len(), "{}", study.name);
        assert!(trials.iter().all(|trial| trial.epochs == 1 && trial.outcome == Outcome::Finished), "{}", study.name);
    }
}

#[test]
fn rounds_without_seeds_and_more_trials_than_can_be_listed_are_refused_before_they_are_listed() {
    let mut study = study::declaration::named(&studies(), "headline").unwrap().clone();
    let refusal = |study: &Study, rounds| {
        let selection = Selection { rounds: Some(rounds), ..Selection::default() };
        study.tasks(&selection).unwrap_err().to_string()
    };
    assert!(refusal(&study, 10_000_000_000).contains("does not fit the course's generator"));
    assert!(refusal(&study, 4_000_000_000).contains("trials are selected, but a run can have 300000 at most"));
    study.cells.iter_mut().for_each(|cell| cell.seeds_from = u64::MAX);
    assert!(refusal(&study, 2).contains("must fit 64 bits"));
}

#[test]
fn tasks_are_always_in_the_same_order_longest_first() {
    for study in studies() {
        let tasks = study.tasks(&Selection::default()).unwrap();
        assert_eq!(tasks, study.tasks(&Selection::default()).unwrap());
        assert!(tasks.is_sorted_by(|a, b| a.seconds >= b.seconds));
    }
}
