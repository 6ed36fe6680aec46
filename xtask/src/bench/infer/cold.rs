//! Files that are not in the system's cache.

use std::path::Path;

use anyhow::{Context, Result};

/// Takes all files in `folder` and in its folders out of the system's cache: what is read next comes from the disk. File names
/// and sizes stay in it.
///
/// # Errors
/// Names the file that cannot be opened, or a system that does not know how.
pub fn drop_files(folder: &Path) -> Result<()> {
    // What was not written to the disk yet stays in the cache.
    sync();
    for entry in entries(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            for file in entries(&path)? {
                drop_file(&file?.path())?;
            }
        } else {
            drop_file(&path)?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<std::fs::ReadDir> {
    std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))
}

#[cfg(target_os = "linux")]
fn sync() {
    rustix::fs::sync();
}

#[cfg(target_os = "linux")]
fn drop_file(path: &Path) -> Result<()> {
    use rustix::fs::{Advice, fadvise};
    let fault = || format!("cannot take {} out of the system's cache", path.display());
    let file = std::fs::File::open(path).with_context(fault)?;
    fadvise(&file, 0, None, Advice::DontNeed).with_context(fault)
}

#[cfg(not(target_os = "linux"))]
fn sync() {}

#[cfg(not(target_os = "linux"))]
fn drop_file(path: &Path) -> Result<()> {
    anyhow::bail!("cannot take {} out of the system's cache; this benchmark runs on Linux only", path.display())
}

/// Bytes that this process and its children that have ended read from disks, where the system counts them.
pub fn read_from_disk() -> Option<u64> {
    read_bytes(&std::fs::read_to_string("/proc/self/io").ok()?)
}

/// From `/proc/self/io`, as proc(5) describes it.
fn read_bytes(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("read_bytes:"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_from_disks_are_read_as_the_manual_describes_them() {
        let text =
            "rchar: 1948\nwchar: 0\nsyscr: 7\nsyscw: 0\nread_bytes: 4096\nwrite_bytes: 0\ncancelled_write_bytes: 0\n";
        assert_eq!(read_bytes(text), Some(4096));
        assert_eq!(read_bytes("rchar: 1948\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_that_are_dropped_are_read_again_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("00")).unwrap();
        for name in ["list.csv", "00/a.png"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        drop_files(folder.path()).unwrap();
        for name in ["list.csv", "00/a.png"] {
            assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), name);
        }
        let refused = drop_files(&folder.path().join("absent")).unwrap_err().to_string();
        assert!(refused.starts_with("cannot read ") && refused.ends_with("absent"), "{refused}");
    }
}
