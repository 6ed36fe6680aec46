//! Parts of a recipe are switched on and off by words, or are tables of settings.

use augmentation::Augmentation;
use nets::training::{EarlyStopping, MuonSettings, Recipe};

fn recipe(rest: &str) -> Result<Recipe, String> {
    let text = format!(r#"{{"epochs": 1, "batch_size": 1, "shuffle": "once", {rest}}}"#);
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

#[test]
fn a_part_is_switched_on_and_off_by_a_word() {
    assert_eq!(recipe(r#""muon": true"#).unwrap().muon, Some(MuonSettings::default()));
    assert_eq!(recipe(r#""muon": false"#).unwrap().muon, None);
    assert_eq!(recipe(r#""early_stopping": null"#).unwrap().early_stopping, None);
    assert_eq!(recipe(r#""early_stopping": true"#).unwrap().early_stopping, Some(EarlyStopping::default()));
    assert_eq!(recipe(r#""augmentation": "drawings""#).unwrap().augmentation, Some(Augmentation::DRAWINGS));
    assert_eq!(recipe(r#""augmentation": "none""#).unwrap().augmentation, None);
}

#[test]
fn settings_that_are_left_out_are_the_usual_ones() {
    let muon = recipe(r#""muon": {"momentum": 0.5}"#).unwrap().muon;
    assert_eq!(muon, Some(MuonSettings { momentum: 0.5, ..MuonSettings::default() }));
    let augmentation = recipe(r#""augmentation": {"rotation": 5.0}"#).unwrap().augmentation;
    assert_eq!(augmentation, Some(Augmentation { rotation: 5.0, ..Augmentation::NONE }));
}

#[test]
fn a_word_that_stands_for_nothing_is_refused() {
    assert!(recipe(r#""augmentation": "drawing""#).unwrap_err().contains("`drawings`"));
    assert!(recipe(r#""muon": "none""#).unwrap_err().contains("true, false, or a table of settings"));
    assert!(recipe(r#""muon": {"momentun": 0.5}"#).unwrap_err().contains("`momentun`"));
}
