//! The bytes of an image file.

use std::fs::{File, Metadata, OpenOptions};
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

/// A file that may be read.
#[derive(Debug)]
pub(super) struct Opened {
    pub file: File,
    /// The bytes that it states; 0 for a pipe.
    pub length: u64,
}

impl Access {
    /// Reads a file into `bytes`, at most [`MAX_FILE_BYTES`]. Nothing is opened that could be waited for for ever.
    pub fn read(&self, path: &Path, bytes: &mut Vec<u8>) -> Result<(), PictureError> {
        let mut opened = self.open(path)?;
        bytes.clear();
        match opened.length as usize {
            // A pipe, whose length nobody knows before its end.
            0 => opened.file.take(MAX_FILE_BYTES + 1).read_to_end(bytes).map(drop),
            length => {
                bytes.resize(length, 0);
                opened.fill(bytes).map(|filled| bytes.truncate(filled))
            }
        }
        .map_err(unreadable)?;
        match bytes.len() as u64 {
            0 => Err(PictureError::Empty),
            length if length > MAX_FILE_BYTES => Err(PictureError::TooManyBytes),
            _ => Ok(()),
        }
    }

    /// Opens a file that may be read. It is looked up once, to open it: to ask what it is before took a third of the time that opening
    /// and reading a small picture does.
    pub fn open(&self, path: &Path) -> Result<Opened, PictureError> {
        let file = match open_at_once(path) {
            Ok(file) => file,
            // What cannot be opened may be nothing to open.
            Err(error) => {
                std::fs::metadata(path).ok().map_or(Ok(()), |metadata| self.check(path, &metadata))?;
                return Err(unreadable(error));
            }
        };
        let metadata = file.metadata().map_err(unreadable)?;
        self.check(path, &metadata)?;
        let length = metadata.len();
        if length > MAX_FILE_BYTES {
            return Err(PictureError::TooManyBytes);
        }
        if !self.outputs.is_empty() && Identity::of_open(&metadata).is_some_and(|file| self.outputs.contains(&file)) {
            return Err(PictureError::Output);
        }
        // A pipe is waited for.
        let file = if metadata.is_file() { file } else { File::open(path).map_err(unreadable)? };
        Ok(Opened { file, length })
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

/// Opens a file without waiting: neither for the writer of a pipe nor for a device, and no terminal becomes that of this process.
fn open_at_once(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    options.read(true).open(path)
}

fn unreadable(error: io::Error) -> PictureError {
    match error.kind() {
        io::ErrorKind::NotFound => PictureError::Missing,
        io::ErrorKind::IsADirectory => PictureError::Folder,
        _ => PictureError::Unreadable(error),
    }
}

impl Opened {
    /// Fills `bytes`, as many as the file states, without asking again whether more follows. Gives how many there were.
    pub fn fill(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.file.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(access: &Access, path: &Path) -> Result<Vec<u8>, PictureError> {
        let mut bytes = b"of the picture before".to_vec();
        access.read(path, &mut bytes).map(|()| bytes)
    }

    #[test]
    fn a_file_is_read_whole_and_anything_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let [file, empty, large, absent] = ["file", "empty", "large", "absent"].map(|name| folder.path().join(name));
        std::fs::write(&file, "seven").unwrap();
        std::fs::write(&empty, "").unwrap();
        File::create(&large).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
        let any = Access::default();
        assert_eq!(read(&any, &file).unwrap(), b"seven");
        assert!(matches!(read(&any, &empty), Err(PictureError::Empty)));
        assert!(matches!(read(&any, &large), Err(PictureError::TooManyBytes)));
        assert!(matches!(read(&any, &absent), Err(PictureError::Missing)));
        assert!(matches!(read(&any, folder.path()), Err(PictureError::Folder)));
        assert!(matches!(read(&any, &file.join("inside")), Err(PictureError::Unreadable(_) | PictureError::Missing)));
        let kinds = [io::ErrorKind::NotFound, io::ErrorKind::IsADirectory, io::ErrorKind::PermissionDenied];
        let [missing, a_folder, refused] = kinds.map(|kind| unreadable(kind.into()));
        assert!(matches!((missing, a_folder), (PictureError::Missing, PictureError::Folder)));
        assert!(matches!(refused, PictureError::Unreadable(error) if error.kind() == io::ErrorKind::PermissionDenied));
    }

    #[test]
    fn a_file_that_has_become_shorter_is_what_is_left_of_it() {
        let mut opened = Opened { file: tempfile::tempfile().unwrap(), length: 9 };
        io::Write::write_all(&mut opened.file, b"seven").unwrap();
        for (length, expected) in [(3, "sev"), (5, "seven"), (9, "seven----")] {
            io::Seek::rewind(&mut opened.file).unwrap();
            let mut bytes = vec![b'-'; length];
            assert_eq!(opened.fill(&mut bytes).unwrap(), length.min(5));
            assert_eq!(bytes, expected.as_bytes());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_the_run_writes_is_no_picture_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let [output, other] = ["output", "other"].map(|name| folder.path().join(name));
        [&output, &other].into_iter().for_each(|path| std::fs::write(path, "seven").unwrap());
        let access = Access { only_files: true, outputs: vec![Identity::of(&output).unwrap()] };
        assert!(matches!(read(&access, &output), Err(PictureError::Output)));
        assert_eq!(read(&access, &other).unwrap(), b"seven");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_only_where_it_is_open_already_and_never_for_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let (any, files) = (Access::default(), Access { only_files: true, outputs: Vec::new() });
        for access in [&any, &files] {
            assert!(matches!(read(access, &pipe), Err(PictureError::NotAFile("pipe"))));
            assert!(matches!(read(access, Path::new("/dev/zero")), Err(PictureError::NotAFile("device"))));
        }
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(matches!(read(&any, &socket), Err(PictureError::NotAFile("socket"))));
        if cfg!(target_os = "linux") {
            let (reader, mut writer) = io::pipe().unwrap();
            io::Write::write_all(&mut writer, b"seven").unwrap();
            drop(writer);
            let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
            assert!(matches!(read(&files, Path::new(&path)), Err(PictureError::NotAFile("pipe"))));
            assert_eq!(read(&any, Path::new(&path)).unwrap(), b"seven");
            // The writer of an open pipe is waited for.
            let (reader, mut writer) = io::pipe().unwrap();
            let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
            let late = std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(50));
                io::Write::write_all(&mut writer, b"seven")
            });
            assert_eq!(read(&any, Path::new(&path)).unwrap(), b"seven");
            late.join().unwrap().unwrap();
        }
    }
}
