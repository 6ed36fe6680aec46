//! The page's files in memory, as a host would send them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::offline::is_loaded;

/// A file and how it is sent.
#[derive(Debug, Clone)]
pub struct File {
    /// As it is.
    pub contents: Vec<u8>,
    /// Packed with gzip at its best.
    pub packed: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

impl File {
    /// A file whose media type follows from its name.
    pub fn new(name: &str, contents: Vec<u8>) -> Self {
        let packed = packed(&contents);
        Self { contents, packed, media_type: media_type(name) }
    }
}

/// All files of a page by their paths in its folder.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The files.
    pub files: BTreeMap<String, File>,
}

impl Site {
    /// Reads a folder with everything in it.
    ///
    /// # Errors
    /// Names the file that cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut site = Self::default();
        site.add(folder, "")?;
        Ok(site)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let unreadable = |path: &Path| format!("cannot read {}", path.display());
        for entry in std::fs::read_dir(folder).with_context(|| unreadable(folder))? {
            let path = entry?.path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                self.add(&path, &format!("{name}/"))?;
            } else {
                let contents = std::fs::read(&path).with_context(|| unreadable(&path))?;
                self.files.insert(name.clone(), File::new(&name, contents));
            }
        }
        Ok(())
    }

    /// The path of the versioned file called `name`.
    ///
    /// # Errors
    /// When there is none.
    pub fn asset(&self, name: &str) -> Result<&str> {
        let ends = |path: &&String| path.rsplit('/').next() == Some(name);
        self.files.keys().find(ends).map(String::as_str).with_context(|| format!("the page has no {name}"))
    }

    /// What a first visit downloads: path, bytes, and bytes with gzip. That is what `index.html` names, and the service worker;
    /// what is asked for later, like the models that are only compared with, is no part of it.
    pub fn downloads(&self) -> impl Iterator<Item = (&String, usize, usize)> {
        let is_first =
            |path: &str| matches!(path, "index.html" | "sw.js") || (is_loaded(path) && self.index_names(path));
        let loaded = self.files.iter().filter(move |(path, _)| is_first(path));
        loaded.map(|(path, file)| (path, file.contents.len(), file.packed.len().min(file.contents.len())))
    }

    /// Bytes of a first visit, without gzip and with.
    pub fn first_visit(&self) -> (usize, usize) {
        self.downloads().fold((0, 0), |sum, (_, plain, packed)| (sum.0 + plain, sum.1 + packed))
    }

    /// The same file by file, as a table for people.
    pub fn size_table(&self) -> String {
        let mut text = format!("{:>9} {:>9}  first visit\n", "bytes", "gzip");
        for (path, plain, packed) in self.downloads() {
            text += &format!("{plain:>9} {packed:>9}  {path}\n");
        }
        let (plain, packed) = self.first_visit();
        text + &format!("{plain:>9} {packed:>9}  together\n")
    }

    fn index_names(&self, path: &str) -> bool {
        self.files.get("index.html").is_some_and(|index| String::from_utf8_lossy(&index.contents).contains(path))
    }
}

fn packed(contents: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail; were it to, nothing packed is sent instead.
    encoder.write_all(contents).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_with_its_folders_and_media_types() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("v-1")).unwrap();
        std::fs::write(folder.path().join("index.html"), "v-1/a.onnx v-1/a.wasm preview.png").unwrap();
        std::fs::write(folder.path().join("preview.png"), "x").unwrap();
        for name in ["a.wasm", "a.onnx", "b.onnx"] {
            std::fs::write(folder.path().join("v-1").join(name), "x").unwrap();
        }
        let site = Site::read(folder.path()).unwrap();
        assert_eq!(site.files["v-1/a.wasm"].media_type, "application/wasm");
        assert_eq!(site.asset("a.wasm").unwrap(), "v-1/a.wasm");
        let table = site.size_table();
        assert!(table.contains("index.html") && table.contains("v-1/a.onnx"), "{table}");
        assert!(!table.contains("v-1/b.onnx") && !table.contains("preview.png"), "{table}");
    }
}
