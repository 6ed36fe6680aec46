//! The file that an output is while it is being written, and what it belongs to.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use files::Lock;
use serde::{Deserialize, Serialize};

use super::SinkError;
use crate::batch::record::head;
use crate::batch::source::Format;

/// The name of a file while it is being written: beside its final place, so that a rename suffices.
pub fn partial(path: &Path) -> PathBuf {
    let target = files::target(path).unwrap_or_else(|_| path.to_owned());
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".partial");
    target.with_file_name(name)
}

/// What is done with the partial file of an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// It is kept, and nothing is written.
    Keep,
    /// It is removed.
    Overwrite,
}

/// What must not change for an interrupted run to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// SHA-256 of the model.
    pub model_sha256: String,
    /// The engine's name.
    pub engine: String,
    /// The format's name.
    pub format: String,
    /// The shard, as `2/4`; empty where all rows are answered.
    #[serde(default)]
    pub shard: String,
}

/// Makes the partial file, which must not be there: so nothing is opened through a link. It gets the mode of the file
/// that it will replace.
pub(super) fn create_new(part: &Path, path: &Path) -> io::Result<File> {
    let file = File::options().read(true).write(true).create_new(true).open(part)?;
    if let Ok(replaced) = std::fs::metadata(path) {
        file.set_permissions(replaced.permissions())?;
    }
    Ok(file)
}

/// Opens an earlier run's partial file: an ordinary file, not a link to one.
pub(super) fn open_unfinished(part: &Path, path: &Path) -> Result<File, SinkError> {
    let fault = |error| SinkError::Io(part.to_owned(), error);
    let file = File::options().read(true).write(true).open(part).map_err(fault)?;
    let named = std::fs::symlink_metadata(part).map_err(fault)?;
    let opened = file.metadata().map_err(fault)?;
    if named.is_file() && files::Identity::of_open(&named) == files::Identity::of_open(&opened) {
        return Ok(file);
    }
    let why = format!("{} is a link, not a file of an earlier run", part.display());
    Err(SinkError::Io(path.to_owned(), io::Error::other(why)))
}

/// Largest file of an identity that is read, in bytes.
const LONGEST_IDENTITY: u64 = 1 << 20;

/// How every identity begins.
const IDENTITY_BEGINS: &[u8] = b"{\"model_sha256\":";

/// Refuses to go on where the file of the identity is something else than an identity or the beginning of one.
pub(super) fn refuse_foreign(file: &Path) -> Result<(), SinkError> {
    // A link is removed and not what it leads to.
    if !std::fs::symlink_metadata(file).is_ok_and(|named| named.is_file()) {
        return Ok(());
    }
    let fault = |error| SinkError::Io(file.to_owned(), error);
    let bytes = files::read(file, LONGEST_IDENTITY).map_err(fault)?;
    if bytes.starts_with(IDENTITY_BEGINS) || IDENTITY_BEGINS.starts_with(&bytes) {
        return Ok(());
    }
    Err(fault(io::Error::other("it is not of an earlier run; move it away, or name another output")))
}

/// Removes an earlier run's partial file if it may be removed, or holds no record.
pub(super) fn drop_unfinished(part: &Path, path: &Path, format: Format, earlier: Earlier) -> Result<(), SinkError> {
    let Ok(named) = std::fs::symlink_metadata(part) else { return Ok(()) };
    let is_link = !named.is_file();
    if !is_link && Lock::file(&open_unfinished(part, path)?).is_ok_and(|lock| lock.is_none()) {
        return Err(SinkError::Busy(path.to_owned()));
    }
    let is_part_of_header = || {
        let header = head(format);
        files::read(part, header.len() as u64).is_ok_and(|bytes| header.starts_with(&bytes))
    };
    if earlier == Earlier::Keep && (is_link || !is_part_of_header()) {
        return Err(SinkError::Unfinished(part.to_owned()));
    }
    std::fs::remove_file(part).map_err(|error| SinkError::Io(part.to_owned(), error))
}

/// Writes the identity into a new file, whatever was there before.
pub(super) fn write_identity(path: &Path, identity: &Identity) -> io::Result<()> {
    let file = identity_file(path);
    match std::fs::remove_file(&file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options().write(true).create_new(true).open(&file)?;
    file.write_all(&serde_json::to_vec(identity)?)?;
    file.sync_all()
}

/// The name of the file that tells what an unfinished output belongs to.
pub fn identity_file(path: &Path) -> PathBuf {
    let mut name = partial(path).into_os_string();
    name.push(".json");
    name.into()
}

/// Whether what an earlier run left of `path` was begun under this very identity.
pub fn is_begun(path: &Path, identity: &Identity) -> bool {
    let begun = files::read(&identity_file(path), LONGEST_IDENTITY).ok();
    let begun: Option<Identity> = begun.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    begun.as_ref() == Some(identity)
}

/// Compares the identity of an unfinished output with that of this run.
pub(super) fn compare(part: &Path, path: &Path, identity: &Identity) -> Result<(), SinkError> {
    let file = identity_file(path);
    let begun = files::read(&file, LONGEST_IDENTITY).map_err(|error| SinkError::Io(file, error))?;
    let begun: Option<Identity> = serde_json::from_slice(&begun).ok();
    let differs = |of: fn(&Identity) -> &String| begun.as_ref().is_none_or(|begun| of(begun) != of(identity));
    let what = match () {
        () if differs(|it| &it.model_sha256) => "model",
        () if differs(|it| &it.engine) => "engine",
        () if differs(|it| &it.format) => "output format",
        () if differs(|it| &it.shard) => "shard",
        () => return Ok(()),
    };
    Err(SinkError::Other(part.to_owned(), what))
}
