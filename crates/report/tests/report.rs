//! Verdicts, figures and pages: on made-up trials with known answers, and on the repository's own.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::path::{Path, PathBuf};

use metrics::Accuracy;
use nets::training::{Evaluation, HeldOut};
use report::{Figure, Page};
use study::declaration::{Cell, ProtocolName, Study};
use study::judge::{ClaimVerdict, Judged, Judgement, Results, StudyResults, ValueVerdict};
use study::run::{Host, Outcome, Trial, Versions};

/// Ten deviations from a mean, in tenths of a percentage point; their mean is 0, their unbiased standard deviation 0.77 points.
const NOISE: [i64; 10] = [-12, 3, 8, -5, 10, -9, 1, 6, -7, 5];

const HEAD: &str = r#"
name = "made-up"
title = "Made-up <study> & more"
report = "A"
about = "Trials with known answers."
rounds = 10
protocols = ["fixed", "redrawn"]
data_seed = 0
kind = "box"
"#;

/// A study of four networks and these claims.
fn declared(claims: &str) -> Study {
    from_toml(&toml(claims))
}

fn toml(claims: &str) -> String {
    let cell = |name: &str, published: &str| {
        let lambda = 0.1 * name.len() as f64; // no cell is another's training
        format!(
            "[[cells]]\nname = \"{name}\"\nseries = \"MLP\"\nlabel = \"{name}\"\n\
             network = {{ family = \"report-a-mlp\", weight_sharing = true }}\nlambda = {lambda:.1}\n{published}\n"
        )
    };
    let cells = [
        cell("high", "published = { mean = 90.0, standard_deviation = 1.0 }"),
        cell("middle", "published = { mean = 84.0, standard_deviation = 1.0 }"),
        cell("also-middle", ""),
        cell("low", ""),
    ];
    format!("{HEAD}{}{claims}", cells.concat())
}

fn from_toml(text: &str) -> Study {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made-up.toml");
    std::fs::write(&path, text).unwrap();
    study::declaration::read_file(&path).unwrap()
}

fn share(permille: i64) -> Accuracy {
    Accuracy { right: usize::try_from(permille).unwrap(), all: 1000 }
}

/// A trial whose accuracies, in tenths of a percent, are those given.
fn trial(study: &Study, cell: &Cell, protocol: ProtocolName, seed: u64, test: i64, validation: i64) -> Trial {
    let evaluation = |learned: i64| Evaluation {
        learned_head: share(learned),
        digit_posteriors: Some(share(960)),
        most_likely_digits: Some(share(950)),
        digits: Some(share(970)),
        learned_head_digits_right: None,
    };
    Trial {
        id: study::declaration::identity(&cell.config(protocol, seed)),
        study: study.name.clone(),
        cell: cell.name.clone(),
        protocol,
        seed,
        data: None,
        test: evaluation(test),
        disjoint: None,
        outside: None,
        all_pairs: None,
        held_out: None,
        teachers_sha256: Vec::new(),
        initial_gradient: None,
        validation: Some(evaluation(validation)),
        train_loss: vec![1.0],
        validation_loss: None,
        epochs: 1,
        seconds: 61.0,
        outcome: Outcome::Finished,
        versions: Versions {
            leq: "unknown".to_owned(),
            numerics: None,
            candle: "0.11.1".to_owned(),
            rustc: "1.95.0".to_owned(),
            instructions: "AVX2".to_owned(),
        },
        host: Host { processor: "a processor".to_owned(), cores: 2 },
    }
}

/// Ten rounds of every cell: its mean and the noise, rotated from cell to cell so that no two march in step.
fn trials(study: &Study, mean: impl Fn(&Cell) -> i64) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (position, cell) in study.cells.iter().enumerate() {
        for &protocol in &cell.protocols {
            for seed in cell.seeds() {
                let test = mean(cell) + NOISE[(usize::try_from(seed).unwrap() + 3 * position) % NOISE.len()];
                trials.push(trial(study, cell, protocol, seed, test, test));
            }
        }
    }
    trials
}

fn usual(cell: &Cell) -> i64 {
    match cell.name.as_str() {
        "high" => 900,
        "low" => 700,
        "also-middle" => 801,
        _ => 800,
    }
}

fn results_of(studies: Vec<StudyResults>) -> Results {
    Results { studies, ..Results::default() }
}

fn made_up(claims: &str) -> Results {
    let study = declared(claims);
    let trials = trials(&study, usual);
    results_of(vec![StudyResults::new(study, trials)])
}

/// The verdict on one test under the fixed protocol.
fn verdict(test: &str) -> (ClaimVerdict, String) {
    let results =
        made_up(&format!("[[claims]]\nid = \"c\"\nwords = \"w\"\nprotocol = \"fixed\"\ntest = {{ {test} }}\n"));
    let judgements = study::judge::judge(&results, &results.studies[0]);
    assert_eq!(judgements.len(), 1);
    (judgements[0].verdict.clone(), judgements[0].sentence.clone())
}

#[test]
fn what_holds_what_is_noise_and_what_is_the_opposite_are_told_apart() {
    assert_eq!(verdict(r#"better = { cell = "high", than = "low" }"#).0, ClaimVerdict::Reproduced);
    assert_eq!(verdict(r#"better = { cell = "also-middle", than = "middle" }"#).0, ClaimVerdict::WithinNoise);
    assert_eq!(verdict(r#"better = { cell = "low", than = "high" }"#).0, ClaimVerdict::NotReproduced);
    assert_eq!(verdict(r#"best = { cell = "high" }"#).0, ClaimVerdict::Reproduced);
    assert_eq!(verdict(r#"best = { cell = "middle", among = ["also-middle", "low"] }"#).0, ClaimVerdict::WithinNoise);
    let (best, sentence) = verdict(r#"best = { cell = "middle" }"#);
    assert_eq!(best, ClaimVerdict::NotReproduced);
    assert!(sentence.contains("Of 3 others, 1 are worse beyond noise, 1 better"), "{sentence}");
}

#[test]
fn the_numbers_behind_a_verdict_are_in_its_sentence() {
    let (_, sentence) = verdict(r#"better = { cell = "high", than = "low" }"#);
    assert!(
        sentence.starts_with("MLP, high: 90.00; MLP, low: 70.00; difference +20.00 points (95 % interval"),
        "{sentence}"
    );
    assert!(sentence.contains("Welch's t-test, n = 10 and 10, p < 0.001"), "{sentence}");
}

#[test]
fn a_published_size_is_judged_by_its_distance() {
    assert_eq!(verdict(r#"better = { cell = "high", than = "middle", by = 10.1 }"#).0, ClaimVerdict::Reproduced);
    assert_eq!(verdict(r#"better = { cell = "high", than = "middle", by = 3.0 }"#).0, ClaimVerdict::NotReproduced);
    assert_eq!(verdict(r#"better = { cell = "also-middle", than = "middle", by = 0.2 }"#).0, ClaimVerdict::WithinNoise);
}

#[test]
fn bringing_nothing_is_shown_by_an_interval_and_not_by_silence() {
    assert_eq!(verdict(r#"not_better = { cell = "low", than = "high" }"#).0, ClaimVerdict::Reproduced);
    assert_eq!(verdict(r#"not_better = { cell = "also-middle", than = "middle" }"#).0, ClaimVerdict::Reproduced);
    assert_eq!(
        verdict(r#"not_better = { cell = "also-middle", than = "middle", margin = 0.5 }"#).0,
        ClaimVerdict::WithinNoise
    );
    assert_eq!(verdict(r#"not_better = { cell = "high", than = "low" }"#).0, ClaimVerdict::NotReproduced);
}

#[test]
fn a_goal_is_reached_missed_or_open() {
    assert_eq!(verdict(r#"reaches = { cell = "high", percent = 85.0 }"#).0, ClaimVerdict::Reproduced);
    assert_eq!(verdict(r#"reaches = { cell = "high", percent = 90.1 }"#).0, ClaimVerdict::WithinNoise);
    assert_eq!(verdict(r#"reaches = { cell = "high", percent = 95.0 }"#).0, ClaimVerdict::NotReproduced);
}

#[test]
fn what_cannot_be_judged_says_why() {
    let (verdict, sentence) = verdict(r#"untestable = "it is a hypothesis""#);
    assert_eq!(verdict, ClaimVerdict::Untestable { why: "it is a hypothesis".to_owned() });
    assert_eq!(sentence, "It is a hypothesis.");
    let study =
        declared("[[claims]]\nid = \"c\"\nwords = \"w\"\ntest = { better = { cell = \"high\", than = \"low\" } }\n");
    let results = results_of(vec![StudyResults::new(study, [])]);
    let judgements = study::judge::judge(&results, &results.studies[0]);
    assert!(judgements.iter().all(Judgement::needs_trials), "{judgements:?}");
    assert!(judgements[0].sentence.contains("0 of 10 rounds"), "{}", judgements[0].sentence);
}

#[test]
fn each_protocol_gets_its_verdict_and_only_redrawn_rounds_are_paired() {
    let results =
        made_up("[[claims]]\nid = \"c\"\nwords = \"w\"\ntest = { better = { cell = \"high\", than = \"low\" } }\n");
    let judgements = study::judge::judge(&results, &results.studies[0]);
    let sentences: Vec<&str> = judgements.iter().map(|judgement| judgement.sentence.as_str()).collect();
    assert_eq!(sentences.len(), 2);
    assert!(sentences[0].contains("Welch") && sentences[1].contains("paired"), "{sentences:?}");
}

#[test]
fn claims_of_one_family_share_a_correction() {
    let claim = |id: &str, than: &str| {
        format!(
            "[[claims]]\nid = \"{id}\"\nwords = \"w\"\nfamily = \"f\"\nprotocol = \"fixed\"\n\
                 test = {{ better = {{ cell = \"also-middle\", than = \"{than}\" }} }}\n"
        )
    };
    let results = made_up(&(claim("one", "middle") + &claim("two", "low")));
    let judgements = study::judge::judge(&results, &results.studies[0]);
    let [one, two] = [&judgements[0].comparisons[0], &judgements[1].comparisons[0]];
    assert_eq!((one.family_size, two.family_size), (2, 2));
    assert!((two.corrected_p - 2.0 * two.difference.p).abs() < 1e-12);
    assert!((one.corrected_p - one.difference.p).abs() < 1e-12);
}

#[test]
fn two_readings_of_one_network_are_paired() {
    let (found, sentence) = verdict(r#"better = { cell = "high@most_likely_digits", than = "high" }"#);
    assert_eq!(found, ClaimVerdict::Reproduced);
    assert!(sentence.contains("paired"), "{sentence}");
}

#[test]
fn choosing_among_equals_flatters_the_winner() {
    let study = declared(
        "[[claims]]\nid = \"c\"\nwords = \"w\"\nprotocol = \"fixed\"\nkind = \"question\"\n\
                          test = { winners_curse = { series = \"MLP\" } }\n",
    );
    let trials = trials(&study, |_| 800);
    let results = results_of(vec![StudyResults::new(study, trials)]);
    let judgement = &study::judge::judge(&results, &results.studies[0])[0];
    let [apparent, honest] = judgement.comparisons[0].means;
    assert!(apparent > honest, "{}", judgement.sentence);
    let difference = judgement.comparisons[0].difference.estimate;
    assert!((difference - (apparent - honest)).abs() < 1e-9, "levelling the rounds moves no mean");
}

#[test]
fn a_choice_by_validation_pairs_is_judged_on_the_test_pairs_it_did_not_see() {
    let study = declared(
        "[[claims]]\nid = \"c\"\nwords = \"w\"\nprotocol = \"fixed\"\nkind = \"question\"\n\
                          test = { chosen_by_validation = \"MLP\" }\n",
    );
    let mut trials = trials(&study, usual);
    for trial in &mut trials {
        // On the validation pairs, the worst network looks best.
        let permille = if trial.cell == "low" { 990 } else { 500 };
        trial.validation.as_mut().unwrap().learned_head = share(permille);
    }
    let results = results_of(vec![StudyResults::new(study, trials)]);
    let judgement = &study::judge::judge(&results, &results.studies[0])[0];
    assert_eq!(judgement.verdict, ClaimVerdict::Reproduced, "{}", judgement.sentence);
    let means = judgement.comparisons[0].means;
    assert!((means[0] - 90.0).abs() < 1e-9 && (means[1] - 70.0).abs() < 1e-9, "{means:?}");
}

/// Every page of `results` as text.
fn page<'a>(pages: &'a [Page], path: &str) -> &'a str {
    &pages.iter().find(|page| page.path == Path::new(path)).unwrap_or_else(|| panic!("there is no {path}")).contents
}

#[test]
fn a_published_value_is_equivalent_or_different_and_other_readings_are_tested() {
    let explanation = "[[explanations]]\nof = \"middle\"\nby = \"also-middle\"\nwords = \"other weights\"\n";
    let results = made_up(explanation);
    let pages = report::pages(&results).unwrap();
    let study = page(&pages, "made-up/README.md");
    assert!(study.contains("| MLP, high | 90.00 (1.00) | 90.00 (0.77) | 10 |"), "{study}");
    assert!(study.contains("✓ equivalent") && study.contains("✗ different"), "{study}");
    assert!(study.contains("With other weights: 80.10"), "{study}");
    assert!(study.contains("better, but it differs too, so it does not explain it"), "{study}");
    let judged = Judged::new(&results);
    let verdicts: Vec<ValueVerdict> = judged.values(ProtocolName::Fixed).iter().map(|value| value.verdict).collect();
    assert_eq!(verdicts, [ValueVerdict::Equivalent, ValueVerdict::Different]);
    assert!(report::unexplained(&judged).is_empty());
    let fixed_only = from_toml(&toml("").replace("\"fixed\", \"redrawn\"", "\"fixed\""));
    let trials = trials(&fixed_only, usual);
    let untested = results_of(vec![StudyResults::new(fixed_only, trials)]);
    assert_eq!(report::unexplained(&Judged::new(&untested)), [["made-up", "middle"]]);
}

/// An explanation has to predict the published value better than the first reading; that its error is large is not enough.
#[test]
fn a_reading_that_fits_by_its_width_alone_explains_nothing() {
    let explanation = "[[explanations]]\nof = \"middle\"\nby = \"also-middle\"\nwords = \"other weights\"\n";
    let study = declared(explanation);
    let published_at = |mean: i64, width: i64| {
        let mut trials = trials(&study, |cell| if cell.name == "middle" { 833 } else { usual(cell) });
        for trial in trials.iter_mut().filter(|trial| trial.cell == "also-middle") {
            let noise = NOISE[usize::try_from(trial.seed).unwrap() % NOISE.len()];
            trial.test.learned_head = share(mean + width * noise);
        }
        results_of(vec![StudyResults::new(study.clone(), trials)])
    };
    let explains = |results: &Results| {
        let judged = Judged::new(results);
        let value = judged.values(ProtocolName::Fixed).iter().find(|value| value.places[0].cell == "middle").unwrap();
        let tested = judged.tested(value);
        (tested[0].explains(), tested[0].times_better)
    };
    assert!(explains(&published_at(840, 1)).0, "it predicts what was published");
    let (wide, times_better) = explains(&published_at(833, 8));
    assert!(!wide && times_better < 1.0, "nearer by its errors alone: {times_better}");
}

#[test]
fn a_value_printed_twice_counts_once_with_all_rounds_of_its_training() {
    let again = toml("").replace("name = \"made-up\"", "name = \"again\"");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("again.toml"), again).unwrap();
    let again = study::declaration::read_file(&folder.path().join("again.toml")).unwrap();
    let mut later = again.clone();
    for cell in &mut later.cells {
        cell.seeds_from = 100;
    }
    let [first, second] = [declared(""), later].map(|study| {
        let trials = trials(&study, usual);
        StudyResults::new(study, trials)
    });
    let results = results_of(vec![first, second]);
    let judged = Judged::new(&results);
    let values = judged.values(ProtocolName::Fixed);
    assert_eq!(values.len(), 2);
    assert_eq!((values[0].places.len(), values[0].rounds.len()), (2, 20));
}

#[test]
fn a_study_that_is_not_finished_says_so() {
    let study = declared("");
    let mut some = trials(&study, usual);
    some.truncate(7);
    let results = results_of(vec![StudyResults::new(study, some)]);
    let pages = report::pages(&results).unwrap();
    assert!(page(&pages, "made-up/README.md").contains("Incomplete: 7 of 80 trainings"));
    assert!(page(&pages, "made-up/README.md").contains("7 of 10 rounds"));
    assert!(page(&pages, "README.md").contains("Incomplete: 7 of 80"));
}

#[test]
fn a_study_without_trials_has_no_page() {
    let results = results_of(vec![StudyResults::new(declared(""), [])]);
    assert!(report::pages(&results).unwrap().is_empty());
}

#[test]
fn a_study_that_was_not_run_is_named_beside_those_that_were() {
    let not_run = "Declared and not run yet: `made-up-too`.";
    let mut results = made_up("");
    assert!(!page(&report::pages(&results).unwrap(), "README.md").contains("not run yet"));
    let study = Study { name: "made-up-too".to_owned(), claims: Vec::new(), cells: Vec::new(), ..declared("") };
    results.studies.push(StudyResults::new(study, []));
    let pages = report::pages(&results).unwrap();
    assert!(page(&pages, "README.md").contains(not_run), "{}", page(&pages, "README.md"));
    assert!(pages.iter().all(|page| !page.path.starts_with("made-up-too")));
}

#[test]
fn pages_do_not_depend_on_the_order_of_trials_and_ignore_those_of_other_declarations() {
    let study = declared("");
    let mut trials = trials(&study, usual);
    let first = report::pages(&results_of(vec![StudyResults::new(study.clone(), trials.clone())])).unwrap();
    trials.reverse();
    trials.push(Trial { id: "0123456789abcdef".to_owned(), ..trials[0].clone() });
    let second = report::pages(&results_of(vec![StudyResults::new(study, trials)])).unwrap();
    assert_eq!(first, second);
}

#[test]
fn the_figure_holds_every_cell_and_every_value_where_the_axis_has_it() {
    let results = made_up("");
    let file = Figure::of(&results.studies[0], ProtocolName::Fixed).unwrap().file();
    let document = roxmltree::Document::parse(&file).unwrap();
    let number = |node: roxmltree::Node, name: &str| -> f64 { node.attribute(name).unwrap().parse().unwrap() };
    let class = |node: &roxmltree::Node, name: &str| node.attribute("class") == Some(name);
    let grid: Vec<[f64; 2]> = document
        .descendants()
        .filter(|node| class(node, "grid"))
        .map(|node| [number(node, "data-percent"), number(node, "x1")])
        .collect();
    let ([low, left], [high, right]) = (grid[0], *grid.last().unwrap());
    let percent = |x: f64| low + (x - left) / (right - left) * (high - low);
    for (cell, median) in [("high", 90.2), ("middle", 80.2), ("also-middle", 80.3), ("low", 70.2)] {
        let group = document.descendants().find(|node| node.attribute("data-cell") == Some(cell)).unwrap();
        let line = group.children().find(|node| class(node, "median")).unwrap();
        assert!((percent(number(line, "x1")) - median).abs() < 0.02, "{cell}: {}", percent(number(line, "x1")));
        let dots = group.children().find(|node| class(node, "dots")).unwrap().attribute("d").unwrap();
        assert_eq!(dots.matches('M').count(), 10, "{cell}");
        let published = group.children().filter(|node| class(node, "published")).count();
        assert_eq!(published, usize::from(cell == "high" || cell == "middle"), "{cell}");
    }
    let title = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
    assert_eq!(title.text(), Some("Made-up <study> & more, protocol fixed"));
}

#[test]
fn a_curve_passes_through_its_means() {
    let head = HEAD.replace("kind = \"box\"", "kind = \"curve\"\nx_label = \"lambda\"");
    let cell = |name: &str, x: f64| {
        format!(
            "[[cells]]\nname = \"{name}\"\nseries = \"MLP\"\nlabel = \"{x}\"\nx = {x:.1}\nlambda = {x:.1}\n\
             network = {{ family = \"report-a-mlp\", weight_sharing = true }}\n"
        )
    };
    let study = from_toml(&[head, cell("later", 1000.0), cell("sooner", 1.0)].concat());
    let trials = trials(&study, |cell| if cell.name == "later" { 700 } else { 900 });
    let file = Figure::of(&StudyResults::new(study, trials), ProtocolName::Redrawn).unwrap().file();
    let document = roxmltree::Document::parse(&file).unwrap();
    let line = document.descendants().find(|node| node.attribute("data-series") == Some("MLP")).unwrap();
    let points = line.children().find(|node| node.attribute("class") == Some("line")).unwrap().attribute("points");
    let points: Vec<f64> = points.unwrap().split([' ', ',']).map(|number| number.parse().unwrap()).collect();
    assert!(points[0] < points[2] && points[1] < points[3], "the curve falls from left to right: {points:?}");
}

#[test]
fn the_html_page_is_well_formed_and_asks_nobody_for_anything() {
    let results = made_up(
        "[[claims]]\nid = \"c\"\nwords = \"a < b & c\"\ntest = { better = { cell = \"high\", than = \"low\" } }\n",
    );
    let pages = report::pages(&results).unwrap();
    let html = page(&pages, "index.html");
    let mention = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for outside in ["http:", "https:", "<script", "<link", "url(", "@import", "src="] {
        assert!(!mention.contains(outside), "{outside}");
    }
    let xml = html.replace("<!doctype html>", "").replace("&nbsp;", " ").replace("<meta charset=\"utf-8\">", "");
    let xml: String = xml.lines().filter(|line| !line.starts_with("<meta")).collect::<Vec<_>>().join("\n");
    let document = roxmltree::Document::parse(&xml).unwrap();
    let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    let anchors =
        document.descendants().filter_map(|node| node.attribute("href")).map(|link| link.trim_start_matches('#'));
    assert!(anchors.into_iter().all(|anchor| unique.contains(anchor)));
}

#[test]
fn a_file_that_says_something_else_is_stale_and_so_is_a_figure_left_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut study = declared("");
    let pages = report::pages(&made_up("")).unwrap();
    report::write(&pages, folder.path()).unwrap();
    assert!(report::stale(&pages, folder.path()).is_empty());
    let readme = folder.path().join("README.md");
    std::fs::write(&readme, "old").unwrap();
    assert_eq!(report::stale(&pages, folder.path()), [readme]);
    report::write(&pages, folder.path()).unwrap();

    for cell in &mut study.cells {
        cell.protocols = vec![ProtocolName::Fixed];
    }
    let trials = trials(&study, usual);
    let pages = report::pages(&results_of(vec![StudyResults::new(study, trials)])).unwrap();
    let leftover = folder.path().join("made-up/figure-redrawn.svg");
    assert!(report::stale(&pages, folder.path()).contains(&leftover));
    report::write(&pages, folder.path()).unwrap();
    assert!(!leftover.exists() && report::stale(&pages, folder.path()).is_empty());
    // A file that is called like a figure and is none stays.
    std::fs::write(&leftover, "<svg/>").unwrap();
    report::write(&pages, folder.path()).unwrap();
    assert!(leftover.exists() && report::stale(&pages, folder.path()).is_empty());
}

#[test]
fn somebody_elses_file_is_not_taken_for_a_page_over_all_studies() {
    let folder = tempfile::tempdir().unwrap();
    let pages = report::pages(&made_up("")).unwrap();
    report::write(&pages, folder.path()).unwrap();
    assert_eq!(report::foreign(&pages, folder.path()), None);
    let over_all_studies: Vec<&Page> = pages.iter().filter(|page| page.path.components().count() == 1).collect();
    assert!(over_all_studies.len() >= 4);
    for page in over_all_studies {
        let path = folder.path().join(&page.path);
        for text in ["# another project\n", "{\"another\": \"project\"}\n", ""] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(report::foreign(&pages, folder.path()), Some(path.clone()));
        }
        std::fs::write(&path, &page.contents).unwrap();
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_claim_and_every_explanation_names_what_there_is() {
    let studies = study::declaration::read_all(&repository().join("experiments")).unwrap();
    let empty = studies.into_iter().map(|study| StudyResults::new(study, [])).collect();
    let results = results_of(empty);
    for of in &results.studies {
        for claim in &of.study.claims {
            for reference in claim.test.cells() {
                results.cell(&of.study.name, reference).unwrap_or_else(|why| panic!("{}: {why}", claim.id));
            }
            for series in claim.test.series() {
                assert!(of.series(series).count() > 1, "{}: no series {series}", claim.id);
            }
        }
        for explanation in &of.study.explanations {
            let (_, by) = results.cell(&of.study.name, &explanation.by).unwrap();
            let named = of.study.cells.iter().find(|cell| cell.name == explanation.of);
            let explained = named.unwrap_or_else(|| panic!("{}: no cell {}", of.study.name, explanation.of));
            assert!(explained.published.is_some(), "{}/{}", of.study.name, explanation.of);
            assert_ne!(by.name, explained.name);
        }
    }
}

/// Three towers of a study that looks at no test image: the second costs more than the first and is worse.
fn front() -> StudyResults {
    let cell = |name: &str, channels: &str| {
        format!(
            "[[cells]]\nname = \"{name}\"\nseries = \"towers\"\nlabel = \"{name}\"\nlike = \"digit-tower\"\n\
             network = {{ channels = {channels} }}\nreading = \"all_pairs\"\n"
        )
    };
    let head = HEAD.replace("report = \"A\"", "report = \"own\"").replace(
        "protocols = [\"fixed\", \"redrawn\"]\ndata_seed = 0\nkind = \"box\"",
        "protocols = [\"redrawn\"]\nscope = \"held_out\"\nkind = \"front\"",
    );
    let cells = [
        cell("small", "[4, 4, 8, 8, 16]"),
        cell("worse", "[8, 8, 16, 16, 32]"),
        cell("large", "[16, 24, 48, 64, 128]"),
    ];
    let study = from_toml(&(head + &cells.concat()));
    let right = |cell: &Cell| match cell.name.as_str() {
        "small" => 900,
        "large" => 980,
        _ => 880,
    };
    let held_out = |trial: Trial| {
        let all_pairs = Some(trial.test.learned_head);
        Trial { held_out: Some(HeldOut { all_pairs, distorted_digits: None }), ..trial }
    };
    let trials: Vec<Trial> = trials(&study, right).into_iter().map(held_out).collect();
    StudyResults::new(study, trials)
}

#[test]
fn a_front_holds_what_no_cheaper_network_reaches() {
    let pages = report::pages(&results_of(vec![front()])).unwrap();
    let page = page(&pages, "made-up/README.md");
    let (best, all) = page.split_once("All 3 networks").unwrap();
    assert!(best.contains("| `small` |") && best.contains("| `large` |") && !best.contains("| `worse` |"), "{best}");
    assert!(all.contains("| `worse` |") && all.contains("| 3.23 |"), "{all}");
    assert!(page.contains("never by test images") && !page.contains("test accuracy"), "{page}");
    let summary = self::page(&pages, "made-up/summary.json");
    assert!(summary.contains("\"all ordered pairs of held-out digits\"") && summary.contains("\"million\""));
    assert!(!summary.contains("\"test pairs, learned head\""), "{summary}");
}

#[test]
fn the_picture_of_a_front_has_a_panel_for_each_cost_with_every_network() {
    let file = Figure::of(&front(), ProtocolName::Redrawn).unwrap().file();
    let document = roxmltree::Document::parse(&file).unwrap();
    let with = |name: &'static str, value: Option<&'static str>| {
        let nodes = document.descendants().filter(move |node| node.attribute(name).is_some());
        nodes.filter(move |node| value.is_none_or(|value| node.attribute(name) == Some(value))).count()
    };
    assert_eq!(with("data-front", None), 3);
    assert_eq!(["small", "worse", "large"].map(|cell| with("data-cell", Some(cell))), [3, 3, 3]);
    assert!(file.contains("Mean held-out accuracy in percent"), "{file}");
}
