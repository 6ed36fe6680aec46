//! `cargo xtask notices`: the licences of all crates that programs and page contain, in one file. The step `licences` of the
//! checks compares it with the dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use setup::Project;
use setup::run::{self, cargo, say};

use crate::Outcome;

const FILE: &str = "THIRD-PARTY-NOTICES.md";
/// What is given to others.
const SHIPPED: [&str; 3] = ["infer", "trainer", "web-demo"];
/// The systems that it is built for, as in `deny.toml`.
const TARGETS: [&str; 5] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "wasm32-unknown-unknown",
];
/// Licences in order of preference where a crate offers several.
const LICENCES: [&str; 5] = ["Apache-2.0", "MIT", "Unicode-3.0", "Zlib", "ISC"];

/// Writes the file.
///
/// # Errors
/// A crate without a licence that is known here, or a file that cannot be read or written.
pub fn command(project: &Project) -> Result<Outcome> {
    run::run(project, &mut cargo(project, &["fetch", "--quiet", "--locked"]))?;
    files::write(&project.root.join(FILE), written(project)?)?;
    say(&format!("written to {FILE}"));
    Ok(Outcome::Done)
}

/// Compares the file with the dependencies, which are fetched already.
///
/// # Errors
/// When it is another than would be written.
pub fn check(project: &Project) -> Result<()> {
    let path = project.root.join(FILE);
    let found = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if found != written(project)? {
        bail!("{FILE} is not that of the dependencies; write it with `cargo xtask notices`");
    }
    Ok(())
}

/// What `cargo metadata` says, as far as it is needed.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
    manifest_path: PathBuf,
    /// Absent for crates of the workspace.
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Dependencies>,
}

#[derive(Deserialize)]
struct Dependencies {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// Absent for what is part of the program, not of its build or tests.
    kind: Option<String>,
}

fn written(project: &Project) -> Result<String> {
    let mut command = cargo(project, &["metadata", "--format-version", "1", "--locked", "--offline"]);
    TARGETS.iter().for_each(|target| _ = command.args(["--filter-platform", target]));
    let output = command.output().context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata writes JSON")?;
    let mut by_licence: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in shipped(&metadata) {
        let expression = package.license.as_deref().unwrap_or_default();
        let chosen = chosen(expression).with_context(|| format!("the licence of {}: {expression:?}", package.name))?;
        chosen.into_iter().for_each(|licence| by_licence.entry(licence).or_default().push(package));
    }
    let mut text = HEAD.to_owned();
    for licence in LICENCES {
        if let Some(packages) = by_licence.get(licence) {
            text += &section(project, licence, packages)?;
        }
    }
    Ok(text)
}

const HEAD: &str = "\
# Third-party notices

The programs `infer` and `trainer` and the page contain Rust's standard library (MIT or Apache-2.0) and these crates, each under
a licence that its authors offer. ONNX Runtime is not part of them. `cargo xtask notices` writes this file.
";

/// Crates of others that the programs contain, by name and version.
fn shipped(metadata: &Metadata) -> Vec<&Package> {
    let packages: BTreeMap<&str, &Package> = metadata.packages.iter().map(|it| (it.id.as_str(), it)).collect();
    let needs: BTreeMap<&str, &[Dependency]> =
        metadata.resolve.nodes.iter().map(|it| (it.id.as_str(), it.deps.as_slice())).collect();
    let is_ours = |package: &&Package| package.source.is_none() && SHIPPED.contains(&package.name.as_str());
    let mut ahead: Vec<&str> = metadata.packages.iter().filter(is_ours).map(|it| it.id.as_str()).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = ahead.pop() {
        if reached.insert(id) {
            let parts = needs.get(id).copied().unwrap_or_default().iter();
            let parts = parts.filter(|it| it.dep_kinds.iter().any(|kind| kind.kind.is_none()));
            ahead.extend(parts.map(|it| it.pkg.as_str()));
        }
    }
    let mut shipped: Vec<&Package> = reached.iter().filter_map(|id| packages.get(id).copied()).collect();
    shipped.retain(|package| package.source.is_some());
    shipped.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    shipped
}

/// Of an SPDX expression, one licence of each part that must hold.
fn chosen(expression: &str) -> Result<Vec<&'static str>> {
    let parts = expression.split(" AND ").map(|part| {
        let offered: Vec<&str> =
            part.trim_matches(['(', ')']).split(" OR ").flat_map(|it| it.split('/')).map(str::trim).collect();
        LICENCES.into_iter().find(|licence| offered.contains(licence)).context("no licence that is known here")
    });
    parts.collect()
}

/// A licence's crates with their holders, and its text.
fn section(project: &Project, licence: &str, packages: &[&Package]) -> Result<String> {
    let mut list = String::new();
    let mut example = None;
    for package in packages {
        let texts = licence_texts(package.manifest_path.parent().context("a manifest is in a folder")?)?;
        let mut holders: Vec<String> = texts.iter().flat_map(|text| holders(text)).collect();
        holders.dedup();
        if holders.is_empty() && !package.authors.is_empty() {
            holders = vec![format!("Copyright {}", package.authors.join(", "))];
        }
        let holders = if licence == "Apache-2.0" || holders.is_empty() {
            String::new()
        } else {
            format!(": {}", holders.join("; "))
        };
        list += &format!("- {} {}{holders}\n", package.name, package.version);
        example = example.or(texts.into_iter().next());
    }
    let own =
        |name: &str| std::fs::read_to_string(project.root.join(name)).with_context(|| format!("cannot read {name}"));
    let text = match licence {
        "Apache-2.0" => own("LICENSE-APACHE")?,
        "MIT" => own("LICENSE-MIT")?,
        _ => example.with_context(|| format!("no crate brings the text of {licence}"))?,
    };
    let text: Vec<&str> = text.lines().filter(|line| licence == "Apache-2.0" || !is_holder(line)).collect();
    Ok(format!("\n## {licence}\n{list}\n```text\n{}\n```\n", text.join("\n").trim_matches('\n')))
}

/// The files of a crate that state its licence, those of sources inside it too.
fn licence_texts(folder: &Path) -> Result<Vec<String>> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(|| format!("cannot read {}", folder.display()))?;
    entries.sort();
    let mut texts = Vec::new();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_dir() && !["target", "tests", "benches"].contains(&name.as_str()) {
            texts.extend(licence_texts(&path)?);
        } else if path.is_file() && ["licen", "copying", "notice"].iter().any(|start| name.starts_with(start)) {
            texts.extend(std::fs::read_to_string(&path).ok());
        }
    }
    Ok(texts)
}

fn is_holder(line: &str) -> bool {
    line.trim().to_lowercase().starts_with("copyright")
        && line.chars().any(|letter| letter.is_ascii_digit() || letter == '@')
}

fn holders(text: &str) -> Vec<String> {
    text.lines().filter(|line| is_holder(line)).map(|line| line.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_licences_offered_one_is_chosen() {
        for (expression, licences) in [
            ("MIT OR Apache-2.0", &["Apache-2.0"][..]),
            ("Unlicense/MIT", &["MIT"]),
            ("Apache-2.0 WITH LLVM-exception OR MIT", &["MIT"]),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", &["Apache-2.0", "Unicode-3.0"]),
        ] {
            assert_eq!(chosen(expression).unwrap(), licences, "{expression}");
        }
        for unknown in ["", "GPL-3.0", "MIT AND GPL-3.0"] {
            assert!(chosen(unknown).is_err(), "{unknown}");
        }
    }

    #[test]
    fn holders_are_told_from_the_text_of_a_licence() {
        let text = "The MIT License\n\n  Copyright (c) 2015 Somebody\n\nThe above copyright notice\ncopyright holders be liable\n";
        assert_eq!(holders(text), ["Copyright (c) 2015 Somebody"]);
    }

    #[test]
    fn parts_of_programs_are_listed_and_parts_of_their_tests_are_not() {
        let package = |id: &str, source: Option<&str>| Package {
            id: id.to_owned(),
            name: id.to_owned(),
            version: "1.0.0".to_owned(),
            license: None,
            authors: Vec::new(),
            manifest_path: PathBuf::new(),
            source: source.map(str::to_owned),
        };
        let needs = |id: &str, part: &str, kind: Option<&str>| Dependencies {
            id: id.to_owned(),
            deps: vec![Dependency { pkg: part.to_owned(), dep_kinds: vec![Kind { kind: kind.map(str::to_owned) }] }],
        };
        let metadata = Metadata {
            packages: vec![
                package("infer", None),
                package("trainer", None),
                package("a", Some("r")),
                package("b", Some("r")),
            ],
            resolve: Resolve { nodes: vec![needs("infer", "a", None), needs("trainer", "b", Some("dev"))] },
        };
        let names: Vec<&str> = shipped(&metadata).iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["a"]);
    }
}
