//! Which known name somebody most likely meant.

/// A name that stands for nothing.
///
/// ```
/// let unknown = study::declaration::Unknown::new("study", "headlin", ["headline", "search"]);
/// assert!(unknown.to_string().contains("headline"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} called {name}; {suggestion}")]
pub struct Unknown {
    kind: &'static str,
    name: String,
    suggestion: String,
}

impl Unknown {
    /// A `kind` of thing called `name`, where there are only those `known`.
    pub fn new<'a>(kind: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { kind, name: name.to_owned(), suggestion: suggestion(name, known) }
    }
}

/// The end of a sentence that refuses `name`: the nearest of the names `known`, or all of them where none is near.
pub(crate) fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("there are: {}", known.join(", ")),
    }
}

/// The name nearest to `name`, if one is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate: &str| strsim::damerau_levenshtein(name, candidate);
    let near = |candidate: &&str| distance(candidate) <= 1 + name.chars().count() / 4;
    known.filter(near).min_by_key(|candidate| distance(candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        assert_eq!(suggestion("wieght_sharing", ["dropout", "weight_sharing"]), "did you mean `weight_sharing`?");
    }

    #[test]
    fn a_name_near_to_none_gets_the_whole_list() {
        assert_eq!(suggestion("benchmark", ["headline", "a1-search"]), "there are: headline, a1-search");
    }
}
