//! The files that a command reads and writes, and `-` for stdin and stdout.

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

use files::{PlaceError, Places};
use infer::picture::{self, MAX_FILE_BYTES, PictureError, PreparedPicture, Reader};

use crate::exit::{self, Exit};

/// Whether `path` stands for stdin or stdout.
pub fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}

/// Refuses outputs that are inputs and outputs that cannot be written, before anything is done.
///
/// # Errors
/// The exit code, after what is wrong was told.
pub fn check(places: &Places) -> Result<(), Exit> {
    places.check().map_err(|error| {
        let code = if matches!(error, PlaceError::Unwritable(_)) { Exit::CannotWork } else { Exit::WrongUsage };
        exit::complain(code, &error)
    })
}

/// Adds all files of a folder of data, or of the folder that this project has, to what a command reads.
pub fn add_data(places: &mut Places, folder: Option<&Path>) {
    let folder = folder.map_or_else(mnist::default_folder, Path::to_owned);
    mnist::files_in(&folder).iter().for_each(|file| places.reads("the data", file));
}

/// Writes a whole file, or bytes to stdout for `-`.
///
/// # Errors
/// What the system said.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_dash(path) {
        let mut stdout = io::stdout().lock();
        return stdout.write_all(bytes).and_then(|()| stdout.flush());
    }
    files::write(path, bytes).map_err(|error| error.source)
}

/// The bytes of an image file, or of stdin for `-`.
///
/// # Errors
/// As [`picture::read_bytes`].
pub fn picture_bytes(path: &Path) -> Result<Vec<u8>, PictureError> {
    if !is_dash(path) {
        return picture::read_bytes(path);
    }
    if io::stdin().is_terminal() {
        return Err(PictureError::NotAFile("terminal"));
    }
    let mut bytes = Vec::new();
    io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(PictureError::Unreadable)?;
    match bytes.len() as u64 {
        0 => Err(PictureError::Empty),
        length if length > MAX_FILE_BYTES => Err(PictureError::TooManyBytes),
        _ => Ok(bytes),
    }
}

/// Reads and prepares the picture of a file, or of stdin for `-`.
///
/// # Errors
/// As [`Reader::prepare`].
pub fn picture(path: &Path) -> Result<PreparedPicture, PictureError> {
    Reader::default().prepare(&picture_bytes(path)?.as_slice().into())
}
