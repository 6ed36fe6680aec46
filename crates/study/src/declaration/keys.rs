//! The keys of studies' files.

use super::study_file::Declaration;
use crate::experiment::keys::{Key, Section, of};

/// The keys of a study's file, a section for what all of it shares and one for each of its lists.
pub fn sections() -> Vec<Section> {
    let keys = of::<Declaration>();
    let below = |list: &str| -> Vec<Key> {
        let prefix = format!("{list}.");
        keys.iter().filter(|key| key.path.starts_with(&prefix)).cloned().collect()
    };
    let own = keys.iter().filter(|key| !key.path.contains('.')).cloned().collect();
    let lists = keys.iter().filter(|key| !key.path.contains('.')).map(|key| (key, below(&key.path)));
    let section = |(list, keys): (&Key, Vec<Key>)| Section {
        title: format!("Studies: {}", list.path),
        about: list.meaning.clone(),
        keys,
    };
    let whole = Section { title: "Studies".to_owned(), about: STUDIES.to_owned(), keys: own };
    std::iter::once(whole).chain(lists.filter(|(_, keys)| !keys.is_empty()).map(section)).collect()
}

const STUDIES: &str = "\
`experiments/NAME.toml` declares a study: cells, each trained for several rounds. `trainer study run NAME` trains them.";
