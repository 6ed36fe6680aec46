//! The page's modules, bundled into few files: each file that a first visit asks for delays its answer.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use setup::run::{output, program};
use setup::{Project, ROLLUP};

/// What `index.html` starts, in the order in which it is needed. Each is one file with all that it imports, but for what is in
/// those before it.
const FIRST: [&str; 3] = ["files.js", "engine.js", "page.js"];

/// Modules that checks and benchmarks import. They keep their names: where such a module is part of another file, a file of its
/// name leads there. The page never asks for it.
const NAMED: [&str; 7] =
    ["assets.js", "drawing.js", "networks.js", "round.js", "strings.js", "toast.js", "web_demo.js"];

/// A file of the bundle.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Module {
    code: String,
    /// The files that have to be there before it runs.
    imports: Vec<String>,
    /// The files that it asks for while the page is used.
    dynamic_imports: Vec<String>,
}

/// All files of the bundle by their names.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(transparent)]
pub struct Modules(BTreeMap<String, Module>);

impl Modules {
    /// Bundles the modules that lie in `folders`, with Rollup.
    ///
    /// # Errors
    /// What Rollup says, warnings included, such as of a module that is missing or does not export what another imports.
    pub fn bundle(project: &Project, folders: [&Path; 2]) -> Result<Self> {
        let mut node = program(project, "node");
        node.arg(project.root.join("xtask/page/bundle.mjs")).args(ROLLUP.paths(project).take(1));
        node.args([FIRST.join(","), NAMED.join(",")]).args(folders);
        Self::parse(&output(project, &mut node)?)
    }

    /// Reads what `bundle.mjs` prints.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("bundle.mjs prints the list of its files")
    }

    /// Each file's name and contents.
    pub fn files(&self) -> impl Iterator<Item = (&String, &str)> {
        self.0.iter().map(|(name, module)| (name, module.code.as_str()))
    }

    /// The files that a first visit needs, those that are needed first before the others.
    pub fn first(&self) -> Vec<&str> {
        self.reached(|module| module.imports.iter().collect())
    }

    /// Whether the page ever asks for a file; else it is one that only checks and benchmarks import.
    pub fn is_asked_for(&self, name: &str) -> bool {
        self.reached(|module| module.imports.iter().chain(&module.dynamic_imports).collect()).contains(&name)
    }

    /// What is reached from [`FIRST`] by `next`, nearest first.
    fn reached<'a>(&'a self, next: impl Fn(&'a Module) -> Vec<&'a String>) -> Vec<&'a str> {
        let mut names: Vec<&str> = FIRST.to_vec();
        let mut at = 0;
        while let Some(name) = names.get(at) {
            for import in self.0.get(*name).into_iter().flat_map(&next) {
                if !names.contains(&import.as_str()) {
                    names.push(import);
                }
            }
            at += 1;
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_visit_needs_what_is_imported_at_once_and_the_page_asks_for_all_but_what_only_checks_import() {
        let module = |imports: &str, later: &str| {
            format!(r#"{{"code": "", "imports": [{imports}], "dynamicImports": [{later}]}}"#)
        };
        let text = [
            ("files.js", module("", "")),
            ("engine.js", module(r#""files.js""#, "")),
            ("page.js", module(r#""shared.js", "engine.js""#, r#""game.js""#)),
            ("shared.js", module("", "")),
            ("game.js", module(r#""page.js", "round.js""#, "")),
            ("round.js", module("", "")),
            ("toast.js", module(r#""page.js""#, "")),
        ]
        .map(|(name, module)| format!("\"{name}\": {module}"))
        .join(",");
        let modules = Modules::parse(&format!("{{{text}}}")).unwrap();
        assert_eq!(modules.first(), ["files.js", "engine.js", "page.js", "shared.js"]);
        assert!(modules.is_asked_for("round.js") && !modules.is_asked_for("toast.js"));
    }
}
