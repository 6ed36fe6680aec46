//! What is measured of each network, for the page to show: its reliability on test pairs, from `results/models/NAME.json`.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// For each network its expected calibration error in points, and its bins as `[mean p_leq, share of pairs that are <=]`.
///
/// # Errors
/// Names the file that cannot be read, or has no row of reliability.
pub fn of(folder: &Path, names: &[String]) -> Result<Value> {
    let record = |name: &String| -> Result<(String, Value)> {
        let path = folder.join(format!("{name}.json"));
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let record = reliability(&text).with_context(|| format!("{} has no row \"ece\" with bins", path.display()))?;
        Ok((name.clone(), record))
    };
    let records: serde_json::Map<_, _> = names.iter().map(record).collect::<Result<_>>()?;
    Ok(Value::from(records))
}

fn reliability(text: &str) -> Option<Value> {
    let rows: Vec<Value> = serde_json::from_str(text).ok()?;
    let row = rows.iter().find(|row| row["what"] == "ece")?;
    let rounded = |value: &Value, steps: f64| Some((value.as_f64()? * steps).round() / steps);
    let bin = |bin: &Value| Some([rounded(&bin["mean_probability"], 1000.0)?, rounded(&bin["share_leq"], 1000.0)?]);
    let bins = row["bins"].as_array()?.iter().map(bin).collect::<Option<Vec<_>>>()?;
    Some(json!({ "ece": rounded(&row["value"], 10.0)?, "bins": bins }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_its_error_and_its_bins() {
        let text = r#"[{"what": "pairs"}, {"what": "ece", "value": 8.7049, "bins":
            [{"pairs": 4, "mean_probability": 0.03333, "share_leq": 0.25}]}]"#;
        assert_eq!(reliability(text), Some(json!({ "ece": 8.7, "bins": [[0.033, 0.25]] })));
        assert_eq!(reliability("[]"), None);
    }
}
