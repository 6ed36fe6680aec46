//! Which models the page has.

use anyhow::{Context, Result};
use serde::Deserialize;
use setup::Project;

/// The list in `web-demo/models.json`, by the names of their files in `models/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Models {
    /// The one that answers.
    pub default: String,
    /// Those that are shown side by side.
    pub ablation: Vec<String>,
    /// Others to choose from. They are fetched when they are chosen, and only then.
    pub chosen: Vec<String>,
}

impl Models {
    /// Reads the project's list.
    ///
    /// # Errors
    /// Names the file if it cannot be read or is no such list.
    pub fn of(project: &Project) -> Result<Self> {
        let path = &project.root.join("web-demo/models.json");
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no list of models", path.display()))
    }

    /// All of them, each once.
    pub fn names(&self) -> Vec<&String> {
        let mut names: Vec<&String> =
            std::iter::once(&self.default).chain(&self.ablation).chain(&self.chosen).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Whether the file called `name` is a model that only those download who choose it.
    pub fn is_only_chosen(&self, name: &str) -> bool {
        let is = |model: &String| name.strip_suffix(".onnx") == Some(model.as_str());
        self.chosen.iter().any(is) && !is(&self.default) && !self.ablation.iter().any(is)
    }
}
