//! The metadata of the repository's results is a sound RO-Crate, and names files that are there.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn metadata() -> Value {
    let path = repository().join("results/ro-crate-metadata.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn entity(id: &str) -> Value {
    let document = metadata();
    document["@graph"].as_array().unwrap().iter().find(|entity| entity["@id"] == id).unwrap().clone()
}

#[test]
fn every_name_is_defined_once() {
    assert_eq!(faults(&metadata()), Vec::<String>::new());
    let broken = json!({ "@graph": [{ "@id": "a", "of": { "@id": "b" } }, { "@id": "a" }] });
    assert_eq!(faults(&broken), ["an entity has no @id, or another's", "b is named and not defined"]);
}

#[test]
fn the_root_has_what_the_form_demands() {
    let descriptor = entity("ro-crate-metadata.json");
    assert_eq!(descriptor["conformsTo"]["@id"], "https://w3id.org/ro/crate/1.1");
    assert_eq!(descriptor["about"]["@id"], "./");
    let root = entity("./");
    assert_eq!(root["@type"], "Dataset");
    for property in ["name", "description", "datePublished", "license"] {
        assert!(!root[property].is_null(), "{property}");
    }
    let citation = std::fs::read_to_string(repository().join("CITATION.cff")).unwrap();
    assert!(citation.contains(&format!("date-released: {}", root["datePublished"].as_str().unwrap())));
}

#[test]
fn every_file_is_there_with_every_journal() {
    let root = entity("./");
    let parts: Vec<&str> = root["hasPart"].as_array().unwrap().iter().filter_map(|part| part["@id"].as_str()).collect();
    let results = repository().join("results");
    for part in &parts {
        assert!(results.join(part).is_file(), "{part}");
    }
    for entry in std::fs::read_dir(&results).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let journal = format!("{name}/journal.jsonl");
        assert!(!results.join(&journal).exists() || parts.contains(&journal.as_str()), "{journal}");
    }
}

/// What the metadata lacks, a line each: `@id`s that nothing defines or two things do.
fn faults(document: &Value) -> Vec<String> {
    let graph = document["@graph"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<&str> = graph.iter().filter_map(|entity| entity["@id"].as_str()).collect();
    let defined: BTreeSet<&str> = ids.iter().copied().collect();
    let mut faults = Vec::new();
    if defined.len() != ids.len() || ids.len() != graph.len() {
        faults.push("an entity has no @id, or another's".to_owned());
    }
    let mut wanted = BTreeSet::new();
    graph.iter().for_each(|entity| references(entity, true, &mut wanted));
    let outside = |id: &&String| !defined.contains(id.as_str()) && !id.starts_with("https://w3id.org/ro/crate/");
    faults.extend(wanted.iter().filter(outside).map(|id| format!("{id} is named and not defined")));
    faults
}

/// The `@id`s of objects that refer to others.
fn references(value: &Value, is_entity: bool, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let (false, Some(id)) = (is_entity, fields.get("@id").and_then(Value::as_str)) {
                found.insert(id.to_owned());
            }
            fields.values().for_each(|field| references(field, false, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, false, found)),
        _ => {}
    }
}
