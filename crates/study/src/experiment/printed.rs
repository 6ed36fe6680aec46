//! An experiment as the text of its file.

use toml::Value;

use super::{Experiment, ExperimentFile};
use nets::network::Family;

impl Experiment {
    /// The text of a file that trains the same and is like no other experiment; with the network layer by layer where
    /// `layers` asks for it.
    ///
    /// # Errors
    /// Numbers that TOML cannot write, such as a seed above its largest.
    pub fn text(&self, layers: bool) -> Result<String, toml::ser::Error> {
        let mut file = self.file.clone();
        if layers {
            file.network = Family::Layers(self.config().network);
        }
        let ExperimentFile { about, seed, network, recipe, data, .. } = file;
        let mut text = format!("about = {}\nseed = {seed}\n", Value::String(about));
        for (name, table) in [
            ("network", toml::Table::try_from(network)?),
            ("recipe", toml::Table::try_from(recipe)?),
            ("data", toml::Table::try_from(data)?),
        ] {
            text += &format!("\n[{name}]\n");
            for (key, value) in &table {
                text += &format!("{key} = {}\n", written(value));
            }
        }
        Ok(text)
    }
}

/// A value as it stands in a table: tables on their line, lists of tables with a line for each.
fn written(value: &Value) -> String {
    match value {
        Value::Table(table) if table.is_empty() => "{}".to_owned(),
        Value::Table(table) => {
            let keys: Vec<String> = table.iter().map(|(key, value)| format!("{key} = {}", written(value))).collect();
            format!("{{ {} }}", keys.join(", "))
        }
        Value::Array(entries) if entries.iter().any(Value::is_table) => {
            let lines: Vec<String> = entries.iter().map(|entry| format!("    {},\n", written(entry))).collect();
            format!("[\n{}]", lines.concat())
        }
        Value::Array(entries) => format!("[{}]", entries.iter().map(written).collect::<Vec<_>>().join(", ")),
        // A setting of 32 bits, in its own digits.
        Value::Float(number) if f64::from(*number as f32) == *number => format!("{:?}", *number as f32),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::all;

    #[test]
    fn an_experiment_printed_is_the_same_experiment() {
        for experiment in all().unwrap() {
            for layers in [false, true] {
                let text = experiment.text(layers).unwrap();
                let file: ExperimentFile = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
                let again = Experiment { name: experiment.name.clone(), file };
                assert_eq!(again.config(), experiment.config(), "{text}");
            }
        }
    }
}
