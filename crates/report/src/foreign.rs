//! Somebody else's files in the place of generated ones.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{MAX_FILE_BYTES, Page, judgements, overview, ro_crate};

/// How every figure's file begins.
const FIGURE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" ";

/// The first file in `folder` that stands where a page over all studies would be written, and is none. The pages of studies
/// lie in folders that hold a journal.
pub fn foreign(pages: &[Page], folder: &Path) -> Option<PathBuf> {
    let over_all_studies = pages.iter().filter(|page| page.path.components().count() == 1);
    let mut paths = over_all_studies.map(|page| folder.join(&page.path));
    paths.find(|path| match files::read_text(path, MAX_FILE_BYTES) {
        Ok(text) => !is_page(path, &text),
        Err(error) => error.kind() != ErrorKind::NotFound,
    })
}

/// Whether a file with this name and this text was generated, by what its kind begins with or holds.
fn is_page(path: &Path, text: &str) -> bool {
    match path.file_name().unwrap_or_default().to_str().unwrap_or_default() {
        "README.md" => text.starts_with(&format!("# {}\n", overview::TITLE)),
        "index.html" => text.contains(&format!("<title>{}</title>", overview::TITLE)),
        judgements::FILE => text.starts_with(judgements::BEGINNING),
        ro_crate::FILE => text.contains(ro_crate::TITLE),
        _ => text.starts_with(FIGURE),
    }
}

/// Whether a file is one of our figures.
pub(super) fn is_figure(path: &Path) -> bool {
    files::read_text(path, MAX_FILE_BYTES).is_ok_and(|text| text.starts_with(FIGURE))
}
