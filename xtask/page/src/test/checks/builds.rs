//! One commit gives one version, wherever it is built.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use setup::run::{cargo, run};

use crate::modules::Modules;
use crate::remap::{self, TRIPLE};
use crate::test::Stage;

/// A crate in a folder of its own, as dependencies are, whose panic messages name its file; and one that calls it.
const FILES: [(&str, &str); 4] = [
    ("part/Cargo.toml", "[package]\nname = \"part\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
    ("part/src/lib.rs", "pub fn fail() {\n    panic!(\"{}\", file!())\n}\n"),
    (
        "page/Cargo.toml",
        "[package]\nname = \"two-folders\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
         [dependencies]\npart = { path = \"../part\" }\n[workspace]\n[profile.release]\npanic = \"abort\"\nstrip = true\n",
    ),
    ("page/src/lib.rs", "#[unsafe(no_mangle)]\npub extern \"C\" fn fail() {\n    part::fail()\n}\n"),
];

/// Nothing in the WebAssembly tells where it was built.
pub fn no_paths(stage: &Stage<'_>) -> Result<()> {
    let folders = remap::folders(&stage.project.root, &stage.project.target_dir())?;
    let wasm = &stage.site.files[stage.site.asset("web_demo_bg.wasm")?].contents;
    let found = remap::found_in(wasm, &folders);
    ensure!(found.is_none(), "the WebAssembly holds the builder's path {}", found.unwrap_or(Path::new("")).display());
    Ok(())
}

/// The same source in two folders is compiled to the same bytes, with the flags that the page is compiled with. A small
/// crate stands for the page, which takes minutes. Its modules are bundled to the same files.
pub fn two_folders(stage: &Stage<'_>) -> Result<()> {
    let build = |name: &str, remaps: bool| -> Result<Vec<u8>> {
        let root = &stage.project.target_dir().join("web-parts/two-folders").join(name);
        for (path, contents) in FILES {
            std::fs::create_dir_all(root.join(path).parent().unwrap_or(root))?;
            std::fs::write(root.join(path), contents)?;
        }
        let target = root.join("target");
        let mut command = cargo(stage.project, &["build", "--quiet", "--offline", "--release", "--target", TRIPLE]);
        command.current_dir(root.join("page")).env("CARGO_TARGET_DIR", &target);
        if remaps {
            command.args(["--config", &remap::setting(&remap::folders(root, &target)?)]);
        }
        run(stage.project, &mut command)?;
        std::fs::read(target.join(TRIPLE).join("release/two_folders.wasm")).context("the crate gives WebAssembly")
    };
    ensure!(build("here", true)? == build("there-and-further", true)?, "two folders give two versions");
    ensure!(build("here", false)? != build("there-and-further", false)?, "the check would see no difference");
    ensure!(bundle(stage, "here")? == bundle(stage, "there-and-further")?, "two folders give two bundles");
    Ok(())
}

/// The bundle of the page's modules, from copies of them in the folder `name`.
fn bundle(stage: &Stage<'_>, name: &str) -> Result<Modules> {
    let target = stage.project.target_dir();
    let root = target.join("web-parts/two-folders").join(name);
    let copied = |from: &Path, to: &str| -> Result<PathBuf> {
        let to = root.join(to);
        std::fs::create_dir_all(&to)?;
        for entry in std::fs::read_dir(from)? {
            let path = entry?.path();
            if path.extension() == Some("js".as_ref()) {
                std::fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
            }
        }
        Ok(to)
    };
    let page = copied(&stage.project.root.join("web-demo/www"), "www")?;
    let glue = copied(&target.join("web-parts"), "glue")?;
    Modules::bundle(stage.project, [&page, &glue])
}
