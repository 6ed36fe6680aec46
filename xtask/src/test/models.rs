//! The step `models`: every file in `models/` is the one its checksum says, and a right ONNX file; those that take less than a minute to
//! train are trained again, and every byte compared.

use std::path::Path;

use anyhow::{Context, Result, bail};
use setup::run::{cargo, program, run};
use setup::{Project, Tally, checksum};

use crate::models::quickly_trained;

/// Verifies the checksums, runs onnx's own checker over every model, and trains the quick ones again.
pub fn check(project: &Project) -> Result<Tally> {
    let folder = project.root.join("models");
    let models = verified_models(&folder)?;
    let mut checker = program(project, setup::checker_python(project));
    checker.arg("xtask/check_models.py").args(models.iter().map(|name| folder.join(name)));
    run(project, &mut checker)?;
    let mut tally = Tally::PASSED;
    // As the tests have built it.
    run(project, &mut cargo(project, &["build", "--workspace", "--bins", "--locked"]))?;
    let trainer = project.target_dir().join("debug").join("trainer");
    for name in quickly_trained() {
        let model = format!("models/{name}.onnx");
        run(project, program(project, &trainer).args(["export", "--check", &model]))?;
        tally += Tally::PASSED;
    }
    Ok(tally)
}

/// The names of the models in `folder`, all of them listed in its `SHA256SUMS`, and as listed.
fn verified_models(folder: &Path) -> Result<Vec<String>> {
    let listed = checksum::verify(&folder.join("SHA256SUMS"))?;
    let mut models = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".onnx") {
            if !listed.contains(&name) {
                bail!("{} is not listed in SHA256SUMS; list it there", folder.join(&name).display());
            }
            models.push(name);
        }
    }
    if models.is_empty() {
        bail!("{} holds no model", folder.display());
    }
    models.sort();
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_are_listed_are_returned_in_order_and_one_that_is_not_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name| folder.path().join(name);
        let mut list = String::new();
        for name in ["b.onnx", "a.onnx", "a.md"] {
            std::fs::write(file(name), name).unwrap();
            list += &format!("{}  {name}\n", checksum::of_file(&file(name)).unwrap());
        }
        std::fs::write(file("SHA256SUMS"), list).unwrap();
        assert_eq!(verified_models(folder.path()).unwrap(), ["a.onnx", "b.onnx"]);

        std::fs::write(file("c.onnx"), "new").unwrap();
        let refused = verified_models(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("c.onnx is not listed in SHA256SUMS"), "{refused}");
    }

    #[test]
    fn a_folder_without_models_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("SHA256SUMS"), "").unwrap();
        assert!(verified_models(folder.path()).unwrap_err().to_string().ends_with("holds no model"));
    }
}
