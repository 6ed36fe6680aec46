//! Circles among modules that import each other.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::Import;

/// Modules of one folder that import each other, each with all that is below it.
pub struct Circle {
    /// In alphabetical order.
    pub members: Vec<Vec<String>>,
    /// The imports that close it, in words.
    pub reasons: Vec<String>,
}

type Graph = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// Every circle. In each folder, what a module below one of its modules imports from below another counts as an import of the
/// one from the other; a module and what is below it are one thing.
pub fn circles(imports: &[Import]) -> Vec<Circle> {
    let mut graph = Graph::new();
    for import in imports {
        if let Some((from, to)) = siblings(import) {
            graph.entry(from).or_default().insert(to);
        }
    }
    let reach: BTreeMap<_, _> = graph.keys().map(|module| (module.clone(), reachable(&graph, module))).collect();
    let reaches = |from: &Vec<String>, to: &Vec<String>| reach.get(from).is_some_and(|them| them.contains(to));
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for module in graph.keys() {
        if !reaches(module, module) || seen.contains(module) {
            continue;
        }
        let members: Vec<_> =
            graph.keys().filter(|other| reaches(module, other) && reaches(other, module)).cloned().collect();
        seen.extend(members.iter().cloned());
        let closes = |import: &&Import| {
            siblings(import).is_some_and(|(from, to)| members.contains(&from) && members.contains(&to))
        };
        let reasons = imports.iter().filter(closes).map(Import::in_words).collect();
        circles.push(Circle { members, reasons });
    }
    circles
}

/// The two modules of one folder that stand for an import; none where one is below the other.
fn siblings(import: &Import) -> Option<(Vec<String>, Vec<String>)> {
    let Import { from, to, .. } = import;
    let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    (common < from.len() && common < to.len()).then(|| (from[..=common].to_vec(), to[..=common].to_vec()))
}

fn reachable(graph: &Graph, start: &Vec<String>) -> BTreeSet<Vec<String>> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(module) = open.pop() {
        for next in graph.get(module).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}
