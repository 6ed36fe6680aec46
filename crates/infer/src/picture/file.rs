//! The bytes of an image file.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use files::Identity;

use super::{MAX_FILE_BYTES, PictureError};

/// What may be read.
#[derive(Debug, Default)]
pub(super) struct Access {
    /// Whether pipes are refused even where they are open already, as `/dev/fd/63` is.
    pub only_files: bool,
    /// Files that the run writes.
    pub outputs: Vec<Identity>,
}

impl Access {
    /// Reads a file into `bytes`, at most [`MAX_FILE_BYTES`]. Nothing is opened that could be waited for for ever.
    pub fn read(&self, path: &Path, bytes: &mut Vec<u8>) -> Result<(), PictureError> {
        self.check(path, &std::fs::metadata(path).map_err(unreadable)?)?;
        let mut file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.len() > MAX_FILE_BYTES {
            return Err(PictureError::TooManyBytes);
        }
        if !self.outputs.is_empty() && Identity::of_open(&metadata).is_some_and(|file| self.outputs.contains(&file)) {
            return Err(PictureError::Output);
        }
        bytes.clear();
        match metadata.len() as usize {
            // A pipe, whose length nobody knows before its end.
            0 => file.take(MAX_FILE_BYTES + 1).read_to_end(bytes).map(drop),
            length => {
                bytes.resize(length, 0);
                read_stated(&mut file, bytes)
            }
        }
        .map_err(unreadable)?;
        match bytes.len() as u64 {
            0 => Err(PictureError::Empty),
            length if length > MAX_FILE_BYTES => Err(PictureError::TooManyBytes),
            _ => Ok(()),
        }
    }

    fn check(&self, path: &Path, metadata: &Metadata) -> Result<(), PictureError> {
        match files::special_kind(metadata.file_type()) {
            None if metadata.is_dir() => Err(PictureError::Folder),
            None => Ok(()),
            // A pipe that was opened for this process has a writer; any other may never get one.
            Some("pipe") if !self.only_files && files::is_descriptor(path) => Ok(()),
            Some(what) => Err(PictureError::NotAFile(what)),
        }
    }
}

fn unreadable(error: io::Error) -> PictureError {
    match error.kind() {
        io::ErrorKind::NotFound => PictureError::Missing,
        io::ErrorKind::IsADirectory => PictureError::Folder,
        _ => PictureError::Unreadable(error),
    }
}

/// Fills `bytes`, the file's stated length, without asking again whether more follows; shortens them if less does.
fn read_stated(file: &mut File, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => bytes.truncate(filled),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
