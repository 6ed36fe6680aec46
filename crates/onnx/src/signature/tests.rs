//! Signatures that keep the contract, and changes that break it.

use super::*;

fn sound(heads: Heads) -> Signature {
    let version = if heads.tells_no_digit() { "2" } else { "1" };
    let metadata = BTreeMap::from([("leq_contract".to_owned(), version.to_owned())]);
    Signature { inputs: vec![input()], outputs: outputs(heads), metadata }
}

#[test]
fn models_with_and_without_digit_heads_keep_the_contract() {
    for heads in [Heads::Comparison, Heads::ComparisonAndDigits, Heads::ComparisonDigitsAndNoDigit] {
        assert_eq!(sound(heads).check(), Ok(heads));
    }
}

#[test]
fn the_output_no_digit_belongs_to_version_2_alone() {
    for (version, heads) in [("1", Heads::ComparisonDigitsAndNoDigit), ("2", Heads::ComparisonAndDigits)] {
        let mut signature = sound(heads);
        signature.metadata.insert("leq_contract".to_owned(), version.to_owned());
        assert!(matches!(signature.check(), Err(Breach::Names { which: "outputs", .. })), "{version}");
    }
    let mut signature = sound(Heads::Comparison);
    signature.metadata.insert("leq_contract".to_owned(), "3".to_owned());
    assert!(signature.check().unwrap_err().to_string().contains("this program reads versions 1 and 2"));
}

#[test]
fn the_order_of_outputs_and_the_name_of_the_batch_do_not_matter() {
    let mut signature = sound(Heads::ComparisonAndDigits);
    signature.outputs.reverse();
    signature.inputs[0].shape[0] = Dimension::Dynamic("N".to_owned());
    assert_eq!(signature.check(), Ok(Heads::ComparisonAndDigits));
}

#[test]
fn digit_probabilities_without_their_logits_break_the_contract() {
    let mut signature = sound(Heads::ComparisonAndDigits);
    signature.outputs.pop();
    let breach = signature.check().unwrap_err().to_string();
    assert!(breach.contains(r#"its outputs are "p_leq", "leq_logit", "digit_probs";"#), "{breach}");
}

#[test]
fn a_fixed_batch_breaks_the_contract() {
    let mut signature = sound(Heads::Comparison);
    signature.inputs[0].shape[0] = Dimension::Fixed(1);
    assert_eq!(
        signature.check().unwrap_err().to_string(),
        "breaks the contract: \"pair\" of float32 [1, 2, 14, 14] is not what the contract wants, \"pair\" of float32 \
         [batch, 2, 14, 14]"
    );
}

#[test]
fn a_dimension_is_known_for_a_number_of_pairs() {
    let of = |dimension: Dimension| (dimension.at(5), dimension.to_string());
    assert_eq!(of(Dimension::Fixed(3)), (3, "3".to_owned()));
    assert_eq!(of(Dimension::Fixed(-1)), (0, "-1".to_owned()));
    assert_eq!(of(Dimension::Dynamic("N".to_owned())), (5, "N".to_owned()));
    assert_eq!(of(Dimension::Dynamic(String::new())), (5, "?".to_owned()));
}

#[test]
fn every_breach_is_named_at_once() {
    let mut signature = sound(Heads::ComparisonAndDigits);
    signature.metadata.clear();
    signature.inputs[0].element = "int64".to_owned();
    signature.outputs[0].shape.push(Dimension::Fixed(1));
    let breaches = signature.breaches();
    let kinds: Vec<&str> = breaches
        .iter()
        .map(|breach| match breach {
            Breach::NoVersion => "version",
            Breach::Type { found, .. } => found.name.as_str(),
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["version", "pair", "p_leq"]);
}

#[test]
fn without_a_version_outputs_are_held_against_the_version_they_resemble() {
    for heads in [Heads::Comparison, Heads::ComparisonAndDigits, Heads::ComparisonDigitsAndNoDigit] {
        let mut signature = sound(heads);
        signature.metadata.clear();
        assert_eq!(signature.breaches(), [Breach::NoVersion], "{heads:?}");
        signature.outputs.clear();
        let names = "its outputs are none; the contract wants \"p_leq\", \"leq_logit\"";
        assert!(signature.breaches()[1].to_string().ends_with(names));
    }
}

#[test]
fn ports_of_other_names_sizes_or_kinds_break_the_contract() {
    let changes: [fn(&mut Signature); 4] = [
        |it| it.outputs[0].name = "q_leq".to_owned(),
        |it| it.outputs[1] = it.outputs[0].clone(),
        |it| it.inputs.push(it.inputs[0].clone()),
        |it| it.inputs[0].shape[3] = Dimension::Fixed(28),
    ];
    for change in changes {
        let mut signature = sound(Heads::Comparison);
        change(&mut signature);
        assert_eq!(signature.breaches().len(), 1);
        assert!(signature.check().is_err());
    }
}
