//! Which known name somebody most likely meant.

/// The end of a sentence that refuses `name`: the nearest of the names `known`, or all of them where none is near.
pub fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = |candidate: &&&str| strsim::damerau_levenshtein(name, candidate) <= 1 + name.chars().count() / 4;
    let nearest = known.iter().filter(near).min_by_key(|candidate| strsim::damerau_levenshtein(name, candidate));
    match nearest {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("there are: {}", known.join(", ")),
    }
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
