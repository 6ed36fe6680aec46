//! What the modules of a crate import from each other, read from `use` and from paths that begin with `crate`, `super` or `self`.
//!
//! Tests inside a file are left out: they stand above all modules.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

type Module = Vec<String>;

/// One import.
#[derive(Debug)]
pub struct Import {
    /// The module that imports.
    pub from: Module,
    /// The module whose file has what is imported.
    pub to: Module,
    /// As it is written.
    pub written: String,
}

impl Import {
    /// As `layer::conv imports super::Other`.
    pub fn in_words(&self) -> String {
        format!("{} imports {} (of {})", self.from.join("::"), self.written, self.to.join("::"))
    }
}

/// The paths that a module's file names.
#[derive(Default)]
struct Paths {
    all: Vec<Module>,
    /// What each name of a `use` stands for.
    names: BTreeMap<String, Module>,
}

/// The modules of a crate, by their paths from its root.
pub struct Modules(BTreeMap<Module, Paths>);

impl Modules {
    /// Reads all files below `source`, a crate's `src`. A crate that has both a library and a program is read as its library.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(source: &Path) -> Result<Self> {
        let mut modules = BTreeMap::new();
        let has_library = source.join("lib.rs").exists();
        let mut folders = vec![Vec::new()];
        while let Some(folder) = folders.pop() {
            let path = folder.iter().fold(source.to_path_buf(), |path, name| path.join(name));
            for entry in std::fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
                let path = entry?.path();
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let is_root = folder.is_empty() && (name == "lib" || name == "main");
                if path.is_dir() {
                    folders.push([&folder[..], &[name]].concat());
                } else if path.extension().is_some_and(|it| it == "rs") && !(is_root && name == "main" && has_library) {
                    let module = if is_root { Vec::new() } else { [&folder[..], &[name]].concat() };
                    modules.insert(module, paths(&std::fs::read_to_string(&path)?));
                }
            }
        }
        Ok(Self(modules))
    }

    /// Whether there are modules below.
    pub fn has_children(&self, module: &Module) -> bool {
        self.0.keys().any(|other| other.len() > module.len() && other.starts_with(module))
    }

    /// Every import of one module from another.
    pub fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (from, paths) in &self.0 {
            for path in &paths.all {
                if let Some(to) = self.home(from, path, 0).filter(|to| to != from) {
                    imports.push(Import { from: from.clone(), to, written: path.join("::") });
                }
            }
        }
        imports
    }

    /// The module whose file defines what `path` names inside `from`; none where it is another crate's.
    fn home(&self, from: &Module, path: &[String], depth: usize) -> Option<Module> {
        let mut at = from.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => (at, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    at.pop()?;
                    rest = &rest[1..];
                }
            }
            _ => _ = self.0.get(&[&at[..], &rest[..1]].concat())?,
        }
        while let Some(name) = rest.first() {
            let below = [&at[..], std::slice::from_ref(name)].concat();
            if self.0.contains_key(&below) {
                (at, rest) = (below, &rest[1..]);
                continue;
            }
            // A name that the module only hands on is at home where that comes from.
            let handed_on = self.0.get(&at)?.names.get(name).filter(|_| depth < 8);
            let through = handed_on.and_then(|path| self.home(&at, &[path, &rest[1..]].concat(), depth + 1));
            return Some(through.unwrap_or(at));
        }
        Some(at)
    }
}

/// The paths in a file's text.
fn paths(text: &str) -> Paths {
    let text = code(text);
    let mut paths = Paths::default();
    let mut rest = &*text;
    while let Some(place) = find_word(rest, "use") {
        add_paths_of_code(&rest[..place], &mut paths);
        let statement = &rest[place + 3..];
        let end = statement.find(';').unwrap_or(statement.len());
        add_tree(&statement[..end], &[], &mut paths);
        rest = statement.get(end + 1..).unwrap_or_default();
    }
    add_paths_of_code(rest, &mut paths);
    paths
}

/// The text without comments, strings and the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let without = |line: &str| {
        let mut parts = line.split('"');
        // Where quotes are left open, a string goes on over lines; what it holds is no path of ours.
        let outside: String = parts.by_ref().step_by(2).collect::<Vec<_>>().join(" ");
        outside.split("//").next().unwrap_or_default().to_owned()
    };
    text.lines().map(without).collect::<Vec<_>>().join("\n")
}

/// Where `word` stands by itself.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '#';
    let alone = |place: &usize| !text[..*place].ends_with(is_part) && !text[place + word.len()..].starts_with(is_part);
    text.match_indices(word).map(|(place, _)| place).find(alone)
}

/// Adds what a tree such as `a::{self, b::C as D}` names.
fn add_tree(tree: &str, prefix: &[String], paths: &mut Paths) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let prefix = [prefix, &segments(head)].concat();
        for part in split_group(group.trim_end().trim_end_matches('}')) {
            add_tree(part, &prefix, paths);
        }
        return;
    }
    let (path, name) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name.trim())));
    let mut path = [prefix, &segments(path)].concat();
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if let Some(last) = path.last() {
        paths.names.insert(name.unwrap_or(last).to_owned(), path.clone());
        paths.all.push(path);
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

/// The parts of a group, split at the commas that are in no group of their own.
fn split_group(group: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}

/// Adds the paths in code that begin with `crate`, `super` or `self`.
fn add_paths_of_code(code: &str, paths: &mut Paths) {
    for start in ["crate", "super", "self"] {
        let mut rest = code;
        while let Some(place) = find_word(rest, start) {
            let is_path = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
            let word = &rest[place..];
            let end = word.find(|letter| !is_path(letter)).unwrap_or(word.len());
            let is_whole = !rest[..place].ends_with("::");
            rest = &word[end.max(start.len())..];
            let path = segments(&word[..end]);
            if is_whole && path.len() > 1 {
                paths.all.push(path);
            }
        }
    }
}
