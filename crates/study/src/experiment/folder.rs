//! Finding experiments, and what each of them is like.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nets::training::TrainingConfig;
use serde_json::Value;

use super::settings::{SettingError, Settings, lay_over, read};
use super::{Experiment, ExperimentFile};
use crate::suggestion::Unknown;

/// The folder of experiments inside that of the studies.
const TRAININGS: &str = "trainings";
/// What the files' names end in.
const ENDING: &str = "toml";
/// The key that names another experiment.
const LIKE: &str = "like";
const RECIPE: &str = "recipe";
/// Largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 24;

/// The nearest folder `experiments` at or above the working folder, else the repository's.
pub fn default_folder() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let nearest = here.ancestors().map(|folder| folder.join("experiments")).find(|folder| folder.is_dir());
    nearest.unwrap_or_else(repository)
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments")
}

/// The experiment called `name`, among the nearest.
///
/// # Errors
/// As [`Experiments::find`].
pub fn named(name: &str) -> Result<TrainingConfig> {
    Ok(Experiments::nearest().find(name)?.config())
}

/// All of the nearest experiments, by name.
///
/// # Errors
/// As [`Experiments::find`].
pub fn all() -> Result<Vec<Experiment>> {
    Experiments::nearest().all()
}

/// Where experiments are found: those of a folder, then the repository's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiments {
    files: BTreeMap<String, PathBuf>,
}

/// The files that were read on the way to an experiment.
#[derive(Debug, Default)]
struct Trail {
    /// All of them.
    read: Vec<PathBuf>,
    /// Those of which each is like the next.
    open: Vec<PathBuf>,
}

impl Experiments {
    /// Those of the folder `trainings` in `experiments`, and those of the repository that are not called like one of them.
    pub fn in_folder(experiments: &Path) -> Self {
        let folders = [repository(), experiments.to_owned()].map(|folder| folder.join(TRAININGS));
        let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let paths = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == ENDING));
        Self { files: paths.map(|path| (name_of(&path), path)).collect() }
    }

    /// Those of the [default folder](default_folder).
    pub fn nearest() -> Self {
        Self::in_folder(&default_folder())
    }

    /// What they are called.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// All experiments, by name.
    ///
    /// # Errors
    /// As [`Experiments::find`].
    pub fn all(&self) -> Result<Vec<Experiment>> {
        self.files.values().map(|path| self.read(path, &mut Trail::default())).collect()
    }

    /// The experiment with this name or, where that ends in `.toml`, in this file.
    ///
    /// # Errors
    /// [`Unknown`] where there is none, with the name that was most likely meant; a file that cannot be read or is no
    /// experiment, with its line and the key that was most likely meant; and files that are like each other.
    pub fn find(&self, name: &str) -> Result<Experiment> {
        self.find_from(name, Path::new(""), &mut Trail::default())
    }

    /// As [`Experiments::find`], with the files that it is read from: its own and those that it is like.
    ///
    /// # Errors
    /// As [`Experiments::find`].
    pub fn find_with_files(&self, name: &str) -> Result<(Experiment, Vec<PathBuf>)> {
        let mut trail = Trail::default();
        let experiment = self.find_from(name, Path::new(""), &mut trail)?;
        Ok((experiment, trail.read))
    }

    /// As [`Experiments::find`], seen from `folder`, on the way that `trail` has come.
    fn find_from(&self, name: &str, folder: &Path, trail: &mut Trail) -> Result<Experiment> {
        if Path::new(name).extension().is_some_and(|ending| ending == ENDING) {
            return self.read(&folder.join(name), trail);
        }
        match self.files.get(name) {
            Some(path) => self.read(path, trail),
            None => Err(Unknown::new("experiment", name, self.names()).into()),
        }
    }

    fn read(&self, path: &Path, trail: &mut Trail) -> Result<Experiment> {
        let text = files::read_text(path, MAX_FILE_BYTES).with_context(|| format!("cannot read {}", path.display()))?;
        let file = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if trail.open.contains(&file) {
            let circle: Vec<_> = trail.open.iter().chain([&file]).map(|file| file.display().to_string()).collect();
            bail!("experiments refer to each other in a circle: {}", circle.join(", "));
        }
        let in_its_line =
            |refusal: SettingError| anyhow::anyhow!("{}: line {}: {refusal}", path.display(), refusal.line(&text));
        let settings: Settings = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let offset = error.span().map_or(0, |span| span.start);
            in_its_line(SettingError::new(error.message().to_owned()).at(offset))
        })?;
        trail.read.push(path.to_owned());
        trail.open.push(file);
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut base = self.base(&settings, folder, trail).with_context(|| path.display().to_string())?;
        trail.open.pop();
        base.remove("about");
        lay_over(&mut base, without_likes(settings));
        let file: ExperimentFile = read(Value::Object(base)).map_err(in_its_line)?;
        Ok(Experiment { name: name_of(path), file })
    }

    /// What `settings`, which stand in a file of `folder`, are like: everything of the experiment named by `like`, and the
    /// recipe of the one named by `recipe.like`.
    ///
    /// # Errors
    /// As [`Experiments::find`].
    pub(crate) fn like(&self, settings: &Settings, folder: &Path) -> Result<Settings> {
        self.base(settings, folder, &mut Trail::default())
    }

    fn base(&self, settings: &Settings, folder: &Path, trail: &mut Trail) -> Result<Settings> {
        let mut base = match settings.get(LIKE) {
            Some(name) => self.written_out(name, folder, trail)?,
            None => Settings::new(),
        };
        if let Some(name) = settings.get(RECIPE).and_then(|recipe| recipe.get(LIKE)) {
            base.extend(self.written_out(name, folder, trail)?.remove_entry(RECIPE));
        }
        Ok(base)
    }

    fn written_out(&self, name: &Value, folder: &Path, trail: &mut Trail) -> Result<Settings> {
        let name = name.as_str().with_context(|| format!("`like` is {name}, but it must name an experiment"))?;
        match serde_json::to_value(self.find_from(name, folder, trail)?.file)? {
            Value::Object(settings) => Ok(settings),
            _ => bail!("{name} is no table"),
        }
    }
}

/// The settings themselves, without the names of what they are like.
pub(crate) fn without_likes(mut settings: Settings) -> Settings {
    settings.remove(LIKE);
    if let Some(Value::Object(recipe)) = settings.get_mut(RECIPE) {
        recipe.remove(LIKE);
    }
    settings
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn experiments(files: &[(&str, &str)]) -> (tempfile::TempDir, Experiments) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(TRAININGS)).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(TRAININGS).join(format!("{name}.toml")), text).unwrap();
        }
        let experiments = Experiments::in_folder(folder.path());
        (folder, experiments)
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_one_that_was_meant() {
        let error = named("report-a-headlin").unwrap_err().to_string();
        assert_eq!(error, "there is no experiment called report-a-headlin; did you mean `report-a-headline`?");
    }

    #[test]
    fn an_experiment_is_like_another_but_for_what_it_says() {
        let text = "about = \"longer\"\nlike = \"report-a-headline\"\nrecipe = { epochs = 60 }\n";
        let (_folder, experiments) = experiments(&[("longer", text)]);
        let mut expected = named("report-a-headline").unwrap();
        (expected.name, expected.recipe.epochs) = ("longer".to_owned(), 60);
        assert_eq!(experiments.find("longer").unwrap().config(), expected);
    }

    #[test]
    fn a_recipe_is_like_another_experiments_with_a_network_of_its_own() {
        let text = "about = \"b\"\nlike = \"report-b\"\nrecipe = { like = \"report-a-headline\", batch_size = 50 }\n";
        let (_folder, experiments) = experiments(&[("mixed", text)]);
        let config = experiments.find("mixed").unwrap().config();
        let recipe = named("report-a-headline").unwrap().recipe;
        assert_eq!(config.recipe, nets::training::Recipe { batch_size: 50, ..recipe });
        assert_eq!(config.network, named("report-b").unwrap().network);
    }

    #[test]
    fn an_experiment_is_like_a_file_that_stands_beside_it() {
        let base = "about = \"base\"\nlike = \"report-a-mlp\"\nseed = 3\n";
        let text = "about = \"own\"\nlike = \"base.toml\"\n";
        let (folder, experiments) = experiments(&[("base", base), ("own", text)]);
        assert_eq!(experiments.find("own").unwrap().file.seed, 3);
        let path = folder.path().join(TRAININGS).join("own.toml").display().to_string();
        let (own, files) = experiments.find_with_files(&path).unwrap();
        assert_eq!(own.name, "own");
        let names: Vec<&str> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
        assert_eq!(names, ["own.toml", "base.toml", "report-a-mlp.toml", "report-a-convnet.toml"]);
    }

    #[test]
    fn experiments_that_are_like_each_other_are_refused() {
        let text = |other: &str| format!("about = \"x\"\nlike = \"{other}\"\n");
        let itself = text(&format!("../{TRAININGS}/itself.toml"));
        let files = [("first", text("second")), ("second", text("first")), ("itself", itself)];
        let (_folder, experiments) = experiments(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
        for name in ["first", "itself"] {
            let error = format!("{:#}", experiments.find(name).unwrap_err());
            assert!(error.contains("in a circle"), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_in_a_file_is_named_with_its_line() {
        let wrong = |rest: &str| {
            let text = format!("about = \"x\"\nlike = \"leq-1000\"\n{rest}\n");
            let (_folder, experiments) = experiments(&[("wrong", &text)]);
            format!("{:#}", experiments.find("wrong").unwrap_err())
        };
        let cases = [
            ("recipe = { epoch = 3 }", "line 3: recipe: there is no key `epoch`, did you mean `epochs`?"),
            ("epochs = 3", "line 3: there is no key `epochs`, did you mean `recipe.epochs`?"),
            (
                "[network]\nfamily = \"report-a-mpl\"",
                "line 4: network.family: there is no value `report-a-mpl`, did you mean `report-a-mlp`?",
            ),
            ("recipe = { epochs = \"3\" }", "recipe.epochs: invalid type: string \"3\", expected u32"),
            ("recipe = {", "line 3: "),
            ("like = \"other\"", "line 3: duplicate key"),
        ];
        for (rest, message) in cases {
            let error = wrong(rest);
            assert!(error.contains("wrong.toml: ") && error.contains(message), "{error}\nlacks: {message}");
        }
    }
}
