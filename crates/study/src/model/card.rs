//! The model card beside a model file: facts, accuracy, and how to rebuild it.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use nets::export::Provenance;
use nets::onnx::Storage;
use nets::training::TrainingConfig;

use super::record::ModelFigure;
use crate::experiment::{Experiment, declares};

/// Whether a page is a card, so that a newer one may replace it.
pub fn is_card(page: &str) -> bool {
    page.starts_with("# ") && page.contains("\n| what | value |\n| --- | --- |\n| experiment |")
}

/// The card of an exported model.
#[derive(Debug, Clone, Copy)]
pub struct Card<'a>(pub &'a Provenance);

impl Card<'_> {
    /// The card as Markdown for the model file at `path` with contents `bytes`. `rows` are its measurements, also
    /// written to `record` if given.
    ///
    /// # Errors
    /// If a description cannot be written as JSON.
    pub fn page(&self, path: &Path, bytes: &[u8], rows: &[ModelFigure], record: Option<&Path>) -> Result<String> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut page = format!("# {name}\n\n");
        self.facts(&mut page, bytes)?;
        figures(&mut page, rows)?;
        writeln!(page, "{}", if self.0.is_of_mnist() { LIMITS } else { LIMITS_OF_OTHER_DATA })?;
        writeln!(page, "{}", if self.0.config.network.no_digit { TELLS_NON_DIGITS } else { KNOWS_DIGITS_ONLY })?;
        if self.0.is_of_mnist() && rows.iter().any(|row| row.what.starts_with("drawn/")) {
            writeln!(page, "{DRAWN}")?;
        }
        writeln!(page, "## Rebuild it\n")?;
        if !declares(&self.0.config) {
            let text = Experiment::of(&self.0.config).text(true)?;
            writeln!(page, "`{}.toml` is\n\n```toml\n{text}```\n", self.0.config.name)?;
        }
        writeln!(page, "```sh\n{}\n```\n", self.commands(&name, record))?;
        let data = self.data();
        writeln!(
            page,
            "`trainer export --check models/{name}.onnx{data}` trains it again and compares every byte \
                         (its accuracy, where the machine rounds otherwise).\n"
        )?;
        let recipe = serde_json::to_string_pretty(&self.0.config.recipe)?;
        let network = serde_json::to_string_pretty(&self.0.config.network)?;
        writeln!(page, "## Recipe\n\n```json\n{recipe}\n```\n\n## Network\n\n```json\n{network}\n```")?;
        Ok(page)
    }

    fn facts(&self, page: &mut String, bytes: &[u8]) -> Result<()> {
        let config = &self.0.config;
        let sum = files::sha256(bytes);
        let mut row = |what: &str, value: &str| writeln!(page, "| {what} | {value} |");
        row("what", "value")?;
        row("---", "---")?;
        row("experiment", &config.name)?;
        row("protocol", &format!("{}: {} training pairs, seed {}", config.protocol.name(), config.pairs, config.seed))?;
        row("parameters", &self.0.parameters.to_string())?;
        row("file", &format!("{} bytes, SHA-256 `{sum}`", bytes.len()))?;
        if self.0.storage == Storage::Uint8 {
            row("weights", "stored in 8 bits with a scale for each output channel, computed with in float32")?;
        }
        if self.0.temperature != 1.0 {
            row("temperature", &format!("{}, fitted on pairs held out of its own training pairs", self.0.temperature))?;
        }
        if self.0.no_digit_shift != 0.0 {
            row("no digit", &format!("{} added to its logit, chosen on held-out digits", self.0.no_digit_shift))?;
        }
        row("trained at revision", &format!("`{}`, with {}", self.0.revision, self.0.instructions))?;
        let summed = if self.0.is_trained_on_mnist() { "training images" } else { "training data" };
        row(summed, &format!("SHA-256 `{}`", self.0.data_sha256))?;
        row("data", &self.0.data_author())?;
        row("licence", self.0.license())?;
        Ok(())
    }

    /// The option that names the folder of the data, where they are not MNIST's.
    fn data(&self) -> String {
        let folder = self.0.data_folder.as_ref().filter(|_| !self.0.is_of_mnist());
        folder.map_or(String::new(), |folder| format!(" --data {}", terminal::quoted(folder)))
    }

    /// The commands that rebuild the file and, with `record`, repeat its measurements.
    pub fn commands(&self, name: &str, record: Option<&Path>) -> String {
        let TrainingConfig { name: experiment, protocol, seed, recipe, .. } = &self.0.config;
        let (protocol, epochs) = (protocol.name(), recipe.epochs);
        let temperature = match self.0.temperature {
            1.0 => String::new(),
            temperature => format!(" --temperature {temperature}"),
        };
        let shift = match self.0.no_digit_shift {
            0.0 => String::new(),
            shift => format!(" --no-digit-shift {shift}"),
        };
        let weights = if self.0.storage == Storage::Uint8 { " --weights uint8" } else { "" };
        let record = record.map_or(String::new(), |record| format!(" --record {}", record.display()));
        let data = self.data();
        let experiment = if declares(&self.0.config) { experiment.clone() } else { format!("{experiment}.toml") };
        format!(
            "trainer train {experiment} --protocol {protocol} --epochs {epochs} --seed {seed}{data} --out runs/{name}\n\
             trainer export runs/{name}/checkpoint.safetensors --out models/{name}.onnx{temperature}{shift}{weights}{data}{record}"
        )
    }
}

const LIMITS: &str = "
## Limits

It knows MNIST's digits: one handwritten digit an image, prepared as the tools of this project do. Pairs are judged by the
two images alone.";
const LIMITS_OF_OTHER_DATA: &str = "
## Limits

It knows the images that it was trained on, 28x28 pixels each, prepared as the tools of this project do. Pairs are judged by
the two images alone.";
const KNOWS_DIGITS_ONLY: &str = "\
What is no digit gets an answer all the same.
";
const TELLS_NON_DIGITS: &str = "\
It says \"no digit\" of what it takes for none, by an output of its own. It learned that on drawings by programs; the figures
are of other drawings by the same programs, and of kinds that training left out. Letters that are written like digits (O, l,
S, Z, B, q) are taken for digits.
";
const DRAWN: &str = "\
The rows \"drawn\" are MNIST's test digits changed by a program; what other people, pens and cameras do beyond that is not
measured.
";

fn figures(page: &mut String, rows: &[ModelFigure]) -> Result<()> {
    writeln!(
        page,
        "\n## What it gets right\n\n| on | value | 95 % interval | standard deviation | n |\n|---|---:|---:|---:|---:|"
    )?;
    for row in rows {
        let interval = row.interval.map_or(String::new(), |[low, high]| format!("{low:.2} to {high:.2}"));
        let standard_deviation =
            row.standard_deviation.map_or(String::new(), |standard_deviation| format!("{standard_deviation:.2}"));
        writeln!(
            page,
            "| {} | {:.2} {} | {interval} | {standard_deviation} | {} |",
            row.words, row.value, row.unit, row.n
        )?;
    }
    if let Some(row) = rows.iter().find(|row| !row.bins.is_empty()) {
        writeln!(page, "\n## Reliability\n\nOver all permutations of the row \"{}\".\n", row.what)?;
        writeln!(page, "| p_leq | pairs | mean p_leq | share of pairs that are <= |\n|---|---:|---:|---:|")?;
        for bin in &row.bins {
            let [low, high] = bin.range;
            let (pairs, mean, share) = (bin.pairs, bin.mean_probability, bin.share_leq);
            writeln!(page, "| {low:.2} to {high:.2} | {pairs} | {mean:.3} | {share:.3} |")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_card;

    #[test]
    fn a_card_is_told_from_other_pages() {
        let card = include_str!("../../../../models/leq.md");
        assert!(is_card(card) && !is_card("my notes\n") && !is_card("# notes\n\n| what | value |\n"));
    }
}
