//! Whether the crates and their folders are laid out as ARCHITECTURE.md's table says.

mod circles;
mod imports;
mod map;

use std::collections::BTreeSet;
use std::path::PathBuf;

use setup::Project;

use circles::circles;
use imports::Modules;
use map::{Crate, MapRow};

/// Files of a crate that may import each other, because they are one thing said in several files.
const ONE_THING: &[(&str, &[&str])] = &[
    ("crates/digits", &["digit_pieces", "prepare", "search"]),
    ("crates/mnist", &["checksums", "files"]),
    ("crates/nets", &["training::checkpoint", "training::run"]),
    ("crates/study", &["declaration::cell", "declaration::grid", "declaration::study_file"]),
    ("crates/study", &["judge::conclusion", "judge::verdict"]),
    ("crates/study", &["model::drawings", "model::readings"]),
    ("crates/report", &["ladder", "study_page", "summary"]),
    ("web-demo", &["answer", "network"]),
];

/// Whether a circle of these modules is one thing.
fn is_one_thing(name: &str, members: &[String]) -> bool {
    let holds_all = |files: &[&str]| members.iter().all(|member| files.contains(&member.as_str()));
    ONE_THING.iter().any(|(of, files)| *of == name && holds_all(files))
}

/// The source folders of the crates that have one, by the crate's name.
fn sources() -> Vec<(String, PathBuf)> {
    let crates = map::crates(&Project::here()).unwrap();
    let sources = crates.into_iter().map(|one| (one.name, one.folder.join("src")));
    sources.filter(|(_, source)| source.is_dir()).collect()
}

#[test]
fn every_crate_has_one_row_in_the_map_and_depends_on_those_that_the_row_says() {
    let project = Project::here();
    let text = std::fs::read_to_string(project.root.join("ARCHITECTURE.md")).unwrap();
    let faults = map::faults(&map::rows(&text), &map::crates(&project).unwrap());
    assert!(
        faults.is_empty(),
        "the table of crates in ARCHITECTURE.md and the manifests differ:\n{}",
        faults.join("\n")
    );
}

#[test]
fn no_folder_of_a_crate_imports_in_a_circle_and_files_do_only_where_they_are_one_thing() {
    let mut found = BTreeSet::new();
    for (name, source) in sources() {
        let modules = Modules::read(&source).unwrap();
        for circle in circles(&modules.imports()) {
            let members: Vec<String> = circle.members.iter().map(|module| module.join("::")).collect();
            let is_folder = |module: &Vec<String>| modules.has_children(module);
            if circle.members.iter().any(is_folder) || !is_one_thing(&name, &members) {
                found.insert(format!("{name}: {}\n    {}", members.join(", "), circle.reasons.join("\n    ")));
            }
        }
    }
    assert!(found.is_empty(), "imports in a circle:\n{}", found.into_iter().collect::<Vec<_>>().join("\n"));
}

fn row(name: &str, knows: &[&str]) -> MapRow {
    MapRow { name: name.to_owned(), knows: knows.iter().map(|it| it.to_string()).collect() }
}

fn one(name: &str, depends: &[&str]) -> Crate {
    let depends = depends.iter().map(|it| it.to_string()).collect();
    Crate { name: name.to_owned(), folder: PathBuf::new(), depends }
}

#[test]
fn a_crate_that_depends_on_one_below_it_in_the_table_is_found() {
    let rows = [row("crates/nets", &["study"]), row("crates/study", &["nets"])];
    let crates = [one("crates/nets", &["study"]), one("crates/study", &["nets"])];
    assert_eq!(map::faults(&rows, &crates), ["crates/nets: its row knows study, which stands below it in the table"]);
}

#[test]
fn a_row_that_says_too_much_or_too_little_and_a_crate_without_a_row_are_found() {
    let rows = [row("digits", &[]), row("mnist", &["digits"]), row("gone", &[])];
    let crates = [one("digits", &[]), one("mnist", &[]), one("files", &["digits"])];
    let expected = [
        "mnist: its row knows digits, but it depends on nothing of ours",
        "files: it has no row",
        "gone: there is no such crate",
    ];
    assert_eq!(map::faults(&rows, &crates), expected);
}

#[test]
fn an_import_in_a_circle_is_found_through_what_a_folder_hands_on() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod layer;\nmod export;\npub use layer::Layer;\n");
    write("layer.rs", "//! use crate::nothing;\nmod conv;\npub use self::conv::{Conv as Layer, Other};\n");
    write("layer/conv.rs", "use std::fmt;\nuse super::super::export::{self, Node};\n");
    write("export.rs", "use crate::{\n    Layer,\n};\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n");
    let modules = Modules::read(folder.path()).unwrap();
    let found = circles(&modules.imports());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].members, [vec!["export".to_owned()], vec!["layer".to_owned()]]);
    let reasons = ["export imports crate::Layer", "layer::conv imports super::super::export"];
    for reason in reasons {
        assert!(found[0].reasons.iter().any(|it| it.starts_with(reason)), "{:?}", found[0].reasons);
    }
    write("layer/conv.rs", "use super::Other;\n");
    assert!(circles(&Modules::read(folder.path()).unwrap().imports()).is_empty());
}
