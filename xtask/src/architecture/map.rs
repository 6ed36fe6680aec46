//! ARCHITECTURE.md's table of crates beside what Cargo says.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;
use setup::Project;
use setup::run::cargo;

/// How the table's head begins.
const HEAD: &str = "| crate |";

/// A row of the table. Rows stand from the bottom layer up.
#[derive(Debug, PartialEq)]
pub struct MapRow {
    /// The crate's folder from the project's root.
    pub name: String,
    /// The crates of ours that it knows, by the last name of their folders.
    pub knows: Vec<String>,
}

/// A crate of the project.
pub struct Crate {
    /// Its folder from the project's root, as the table calls it.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The crates of ours that it needs to be built, by the last name of their folders, in alphabetical order; those of its
    /// tests alone do not count.
    pub depends: Vec<String>,
}

/// The rows of the table whose head is `| crate | ... | knows | ...`.
pub fn rows(text: &str) -> Vec<MapRow> {
    let table: Vec<&str> = text.lines().skip_while(|line| !line.starts_with(HEAD)).collect();
    let cells = |line: &str| -> Vec<String> { line.split('|').map(|cell| cell.trim().to_owned()).collect() };
    let Some(knows) = table.first().and_then(|head| cells(head).iter().position(|cell| cell == "knows")) else {
        return Vec::new();
    };
    let row = |line: &str| {
        let cells = cells(line);
        let mut known = quoted(cells.get(knows)?);
        known.sort();
        Some(MapRow { name: quoted(cells.get(1)?).pop()?, knows: known })
    };
    table.iter().skip(2).take_while(|line| line.starts_with('|')).filter_map(|line| row(line)).collect()
}

/// The words between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The workspace's crates, and those of the fuzz targets' own workspace.
///
/// # Errors
/// When Cargo cannot read a manifest.
pub fn crates(project: &Project) -> Result<Vec<Crate>> {
    let mut crates = read(project, "Cargo.toml")?;
    crates.extend(read(project, "fuzz/Cargo.toml")?);
    Ok(crates)
}

fn read(project: &Project, manifest: &str) -> Result<Vec<Crate>> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--manifest-path", manifest];
    let output = cargo(project, &arguments).output().context("cannot run cargo metadata")?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("cargo metadata of {manifest} failed: {}", String::from_utf8_lossy(&output.stderr)))?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    packages.iter().map(|package| of_package(project, package)).collect()
}

fn of_package(project: &Project, package: &Value) -> Result<Crate> {
    let manifest = PathBuf::from(package["manifest_path"].as_str().context("a package has a manifest")?);
    let folder = manifest.parent().context("a manifest has a folder")?.to_path_buf();
    let dependencies = package["dependencies"].as_array().context("a package lists what it depends on")?;
    // What has a path is ours.
    let ours = dependencies.iter().filter(|one| one["kind"] != "dev").filter_map(|one| one["path"].as_str());
    let mut depends: Vec<String> = ours.map(last_name).collect();
    depends.sort();
    depends.dedup();
    Ok(Crate { name: project.relative(&folder).to_string_lossy().into_owned(), folder, depends })
}

fn last_name(folder: &str) -> String {
    folder.rsplit(['/', '\\']).next().unwrap_or(folder).to_owned()
}

/// Where table and crates differ, and rows that know one below them, each in a line.
pub fn faults(rows: &[MapRow], crates: &[Crate]) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let above = |name: &String| rows[..place].iter().any(|other| last_name(&other.name) == *name);
        for known in row.knows.iter().filter(|known| !above(known)) {
            faults.push(format!("{}: its row knows {known}, which stands below it in the table", row.name));
        }
    }
    for one in crates {
        match rows.iter().find(|row| row.name == one.name) {
            None => faults.push(format!("{}: it has no row", one.name)),
            Some(row) if row.knows != one.depends => {
                let [knows, depends] = [&row.knows, &one.depends].map(|names| listed(names));
                faults.push(format!("{}: its row knows {knows}, but it depends on {depends}", one.name));
            }
            Some(_) => {}
        }
    }
    let gone = rows.iter().filter(|row| !crates.iter().any(|one| one.name == row.name));
    faults.extend(gone.map(|row| format!("{}: there is no such crate", row.name)));
    faults
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing of ours".to_owned() } else { names.join(", ") }
}
