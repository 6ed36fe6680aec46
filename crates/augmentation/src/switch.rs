//! Parts of a recipe that are on or off: their settings, or `true`, `false` or a name in their place.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Settings that a word can stand for.
pub trait Switchable: Sized {
    /// What is written for it, for error messages.
    const EXPECTED: &'static str = "true, false, or a table of settings";
    /// Words that stand for settings or, like `none`, for their absence.
    const WORDS: &'static [&'static str] = &[];

    /// What `true` stands for.
    fn on() -> Self;

    /// What one of the words stands for.
    fn named(_word: &str) -> Option<Self> {
        None
    }
}

/// Reads a table of settings, `true` for the usual ones, `false` (or null) for none, or a word.
///
/// # Errors
/// A word that stands for nothing, and what the settings' own form refuses.
pub fn on_or_off<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Switchable + Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Switch(PhantomData))
}

/// Whether a setting is what holds where it is left out, so that it need not be written.
pub fn is_default<T: Default + PartialEq>(setting: &T) -> bool {
    *setting == T::default()
}

struct Switch<T>(PhantomData<T>);

impl<'de, T: Switchable + Deserialize<'de>> Visitor<'de> for Switch<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(T::EXPECTED)
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<Self::Value, E> {
        Ok(on.then(T::on))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        on_or_off(deserializer)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
        if T::WORDS.is_empty() {
            return Err(E::invalid_type(serde::de::Unexpected::Str(word), &self));
        }
        if T::WORDS.contains(&word) { Ok(T::named(word)) } else { Err(E::unknown_variant(word, T::WORDS)) }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}
