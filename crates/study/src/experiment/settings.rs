//! Settings as files and `--set` write them: laid over others, and refused where nothing would come of them.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::keys;
use crate::suggestion::{nearest, suggestion};

/// Settings by key, some of them tables.
pub(crate) type Settings = serde_json::Map<String, Value>;

/// A setting that is refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SettingError {
    message: String,
    /// The key or value that is refused, as it is written.
    pub(crate) word: Option<String>,
    /// Where in the file's text it is looked for.
    pub(crate) offset: usize,
}

impl SettingError {
    pub(crate) fn new(message: String) -> Self {
        Self { message, word: None, offset: 0 }
    }

    /// The same of a word that stands in the file.
    pub(crate) fn of(word: &str, message: String) -> Self {
        Self { message, word: Some(word.to_owned()), offset: 0 }
    }
}

impl SettingError {
    /// The same, said of what begins at this byte of the file's text.
    pub(crate) fn at(self, offset: usize) -> Self {
        Self { offset, ..self }
    }

    /// The line of `text` that it is about, from 1.
    pub(crate) fn line(&self, text: &str) -> usize {
        line_of(text, self.offset, self.word.as_deref())
    }
}

/// Lays `changes` over `base`: tables key by key, everything else whole. Inside, a network of another family and another
/// kind of schedule, head or activation take the place of what there was.
pub(crate) fn lay_over(base: &mut Settings, changes: Settings) {
    for (key, change) in changes {
        replace_or_lay_over(base.entry(key).or_insert(Value::Null), change);
    }
}

fn replace_or_lay_over(base: &mut Value, change: Value) {
    match (base, change) {
        (Value::Object(base), Value::Object(changes)) if !is_another_kind(base, &changes) => lay_over(base, changes),
        (base, change) => *base = change,
    }
}

/// Whether `changes` is another variant of an enum than `base`: by its tag `family`, or by its only key.
fn is_another_kind(base: &Settings, changes: &Settings) -> bool {
    if let Some(family) = changes.get(FAMILY) {
        return base.get(FAMILY) != Some(family);
    }
    let (mut before, mut after) = (base.keys(), changes.keys());
    match (before.next(), before.next(), after.next(), after.next()) {
        (Some(before), None, Some(after), None) => before != after && before != FAMILY,
        _ => false,
    }
}

const FAMILY: &str = "family";

/// Sets `key`, its parts separated by dots, in `settings`; entries of lists are named by their index.
pub(super) fn set(settings: &mut Value, key: &str, value: Value) -> Result<(), SettingError> {
    let mut place = settings;
    let parts: Vec<&str> = key.split('.').collect();
    for (depth, part) in parts.iter().enumerate() {
        if let Value::Array(entries) = place {
            let count = entries.len();
            let entry = part.parse().ok().and_then(|index: usize| entries.get_mut(index));
            let list = parts[..depth].join(".");
            place = entry.ok_or_else(|| {
                SettingError::new(format!("{list} has no entry {part}; there are {count}, counted from 0"))
            })?;
        } else if place.get(*part).is_some_and(|inner| inner.is_object() || inner.is_array()) {
            place = &mut place[*part];
        } else {
            let nested = parts[depth..]
                .iter()
                .rev()
                .fold(value, |inner, part| Value::Object(Settings::from_iter([((*part).to_owned(), inner)])));
            replace_or_lay_over(place, nested);
            return Ok(());
        }
    }
    replace_or_lay_over(place, value);
    Ok(())
}

/// A value as a file writes it, or else a word.
pub(super) fn parse(text: &str) -> Value {
    let parsed = toml::from_str::<Settings>(&format!("value = {text}"));
    let value = parsed.ok().filter(|table| table.len() == 1).and_then(|mut table| table.remove("value"));
    value.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Reads settings into their type.
///
/// # Errors
/// The first key that there is not, or whose value is of another kind.
pub(crate) fn read<T: DeserializeOwned>(settings: Value) -> Result<T, SettingError> {
    serde_path_to_error::deserialize(settings).map_err(|error| {
        let path = error.path().to_string();
        let refusal = explain(&error.inner().to_string());
        // An unknown key is named in the message; the path leads to its table.
        let path = match &refusal.word {
            Some(word) if path == *word => String::new(),
            Some(word) => path.strip_suffix(&format!(".{word}")).unwrap_or(&path).to_owned(),
            None => path,
        };
        if path.is_empty() || path == "." {
            refusal
        } else {
            SettingError { message: format!("{path}: {refusal}"), ..refusal }
        }
    })
}

/// What serde says, with the key or value that was most likely meant.
pub(crate) fn explain(message: &str) -> SettingError {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let is_key = message.starts_with("unknown field");
    if !is_key && !message.starts_with("unknown variant") {
        return SettingError::new(message.trim_end().to_owned());
    }
    let found = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    let elsewhere =
        if is_key && nearest(found, known.iter().copied()).is_none() { keys::called(found) } else { Vec::new() };
    let meant = match elsewhere.is_empty() {
        true => suggestion(found, known),
        false => {
            let elsewhere: Vec<String> = elsewhere.into_iter().map(|key| format!("`{key}`")).collect();
            format!("did you mean {}?", elsewhere.join(" or "))
        }
    };
    let what = if is_key { "key" } else { "value" };
    SettingError::of(found, format!("there is no {what} `{found}`, {meant}"))
}

/// The line, from 1, on which `word` first stands by itself at or after `offset`; that of `offset` where it does not.
fn line_of(text: &str, offset: usize, word: Option<&str>) -> usize {
    let offset = offset.min(text.len());
    let is_part = |character: char| character.is_alphanumeric() || "_-".contains(character);
    let by_itself = |&(at, word): &(usize, &str)| {
        let (before, after) = (&text[..offset + at], &text[offset + at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    };
    let found = word.and_then(|word| text[offset..].match_indices(word).find(by_itself));
    1 + text[..offset + found.map_or(0, |(at, _)| at)].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(base: &str, changes: &str) -> Value {
        let mut base = serde_json::json!({ "key": serde_json::from_str::<Value>(base).unwrap() });
        let changes = serde_json::json!({ "key": serde_json::from_str::<Value>(changes).unwrap() });
        lay_over(base.as_object_mut().unwrap(), changes.as_object().unwrap().clone());
        base["key"].take()
    }

    #[test]
    fn tables_are_laid_over_key_by_key() {
        let both = laid(r#"{"a": {"b": 1, "c": 2}, "d": [1, 2]}"#, r#"{"a": {"b": 3}, "d": [4]}"#);
        assert_eq!(both, serde_json::json!({"a": {"b": 3, "c": 2}, "d": [4]}));
    }

    #[test]
    fn another_variant_takes_the_place_of_the_one_before() {
        let cosine = laid(r#"{"plateau": {"factor": 0.2}}"#, r#"{"cosine": {"end": 0.0}}"#);
        assert_eq!(cosine, serde_json::json!({"cosine": {"end": 0.0}}));
        let same = laid(r#"{"cosine": {"end": 0.0, "start": 1.0}}"#, r#"{"cosine": {"end": 0.1}}"#);
        assert_eq!(same, serde_json::json!({"cosine": {"end": 0.1, "start": 1.0}}));
        let family = laid(r#"{"family": "a", "hidden": 3}"#, r#"{"family": "b"}"#);
        assert_eq!(family, serde_json::json!({"family": "b"}));
    }

    #[test]
    fn values_are_read_as_in_a_file_and_words_as_words() {
        assert_eq!(parse("60"), 60);
        assert_eq!(parse("1e-3"), 1e-3);
        assert_eq!(parse("[1, 2]"), serde_json::json!([1, 2]));
        assert_eq!(parse("{ cosine = { end = 0.0 } }")["cosine"]["end"], 0.0);
        assert_eq!(parse("each_epoch"), "each_epoch");
        assert_eq!(parse("1\nother = 2"), "1\nother = 2");
    }

    #[test]
    fn a_line_is_that_of_the_word_by_itself() {
        assert_eq!(line_of("epochs = 1\nepoch = 2\n", 0, Some("epoch")), 2);
        assert_eq!(line_of("a = 1\nb = 2\n", 6, None), 2);
    }
}
