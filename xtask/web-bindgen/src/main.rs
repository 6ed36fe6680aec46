//! `web-bindgen INPUT.wasm FOLDER` writes the page's JavaScript glue and the WebAssembly that it loads into a folder.
//!
//! It is what the program `wasm-bindgen` does, by the same library, and then puts the functions in an order that packs
//! well. Being a crate of the workspace, its version is pinned beside `wasm-bindgen`'s, which has to be the same, and
//! nothing has to be installed.

mod order;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [input, folder] = arguments.as_slice() else {
        eprintln!("error: wants two arguments, the compiled .wasm file and the folder to write into");
        return ExitCode::from(2);
    };
    match write_glue(&PathBuf::from(input), &PathBuf::from(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::from(3)
        }
    }
}

/// Writes `NAME.js`, an ES module, and `NAME_bg.wasm`, for an input called `NAME.wasm`.
fn write_glue(input: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).typescript(false).remove_name_section(true).remove_producers_section(true);
    bindgen.web(true).context("wasm-bindgen cannot write for browsers")?;
    bindgen.generate(folder).with_context(|| format!("cannot make the page's glue of {}", input.display()))?;
    let name = input.file_stem().unwrap_or_default().to_string_lossy();
    let wasm = folder.join(format!("{name}_bg.wasm"));
    let unordered = std::fs::read(&wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    std::fs::write(&wasm, order::reorder(&unordered)?).with_context(|| format!("cannot write {}", wasm.display()))
}
