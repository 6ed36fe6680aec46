//! Files read whole, within a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::target::{is_descriptor, special_kind};

/// The bytes of a file, at most `limit` of them. A pipe, a socket or a device is refused before it is opened, because reading
/// it may never end, unless it is open already, as `/dev/stdin` is.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.txt");
/// std::fs::write(&path, "seven")?;
/// assert_eq!(files::read(&path, 5)?, b"seven");
/// assert_eq!(files::read(&path, 4).unwrap_err().to_string(), "it is larger than 4 bytes, the most that is read of it");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// The system's. Besides [`io::ErrorKind::IsADirectory`], [`io::ErrorKind::InvalidInput`] for a pipe, a socket or a device,
/// and [`io::ErrorKind::FileTooLarge`]. None names the path.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if let (Some(what), false) = (special_kind(metadata.file_type()), is_descriptor(path)) {
        let fault = format!("it is a {what}, not a file; copy its contents to a file and name that");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, fault));
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(limit) as usize);
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let fault = format!("it is larger than {}, the most that is read of it", size(limit));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, fault));
    }
    Ok(bytes)
}

/// As [`read`], for text in UTF-8.
///
/// # Errors
/// As [`read`], and [`io::ErrorKind::InvalidData`] for other bytes.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text in UTF-8"))
}

/// A number of bytes, in MiB where it is a whole number of them.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    if bytes >= MIB && bytes.is_multiple_of(MIB) { format!("{} MiB", bytes / MIB) } else { format!("{bytes} bytes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_limit_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "ten bytes!").unwrap();
        assert_eq!(read_text(&path, 10).unwrap(), "ten bytes!");
        for limit in [0, 9] {
            assert_eq!(read(&path, limit).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        }
        std::fs::write(&path, b"caf\xE9").unwrap();
        assert_eq!(read_text(&path, 10).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(read(folder.path(), 10).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(read(&folder.path().join("absent"), 10).unwrap_err().kind(), io::ErrorKind::NotFound);
        let sizes = [1 << 20, 3 << 20, (1 << 20) + 1, 1000, 0].map(size);
        assert_eq!(sizes, ["1 MiB", "3 MiB", "1048577 bytes", "1000 bytes", "0 bytes"]);
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, link] = ["pipe", "link"].map(|name| folder.path().join(name));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink("pipe", &link).unwrap();
        for (path, what) in [(pipe.as_path(), "a pipe"), (&link, "a pipe"), (Path::new("/dev/zero"), "a device")] {
            let refused = read(path, 10).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
            assert!(refused.to_string().starts_with(&format!("it is {what}, not a file")), "{refused}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_that_is_open_already_is_read() {
        let (reader, mut writer) = io::pipe().unwrap();
        io::Write::write_all(&mut writer, b"seven").unwrap();
        drop(writer);
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        assert_eq!(read(Path::new(&path), 10).unwrap(), b"seven");
    }
}
