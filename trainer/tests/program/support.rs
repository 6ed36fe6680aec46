//! Running the program, and digits for it to read.

use std::path::Path;
#[cfg(unix)]
use std::process::Child;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use mnist::Mnist;
use tempfile::TempDir;

/// The program with these arguments, and nothing on its stdin.
pub fn trainer(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
    command.args(arguments).stdin(Stdio::null());
    command
}

pub fn run(arguments: &[&str]) -> Output {
    trainer(arguments).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// Writes the first `count` digits of both splits of MNIST, labelled otherwise by `label`; a run on few digits starts at once.
/// Gives the folder as an argument.
pub fn write_digits(folder: &Path, count: usize, label: impl Fn(u8) -> u8) -> String {
    static MNIST: LazyLock<Mnist> = LazyLock::new(|| Mnist::load(&mnist::default_folder()).unwrap());
    std::fs::create_dir_all(folder).unwrap();
    for (prefix, split) in [("train", &MNIST.training), ("t10k", &MNIST.test)] {
        let mut images = [0x0803_u32, count as u32, 28, 28].map(u32::to_be_bytes).concat();
        split.images[..count].iter().for_each(|image| images.extend(image.iter()));
        let mut labels = [0x0801_u32, count as u32].map(u32::to_be_bytes).concat();
        labels.extend(split.labels[..count].iter().map(|&digit| label(digit)));
        std::fs::write(folder.join(format!("{prefix}-images-idx3-ubyte")), images).unwrap();
        std::fs::write(folder.join(format!("{prefix}-labels-idx1-ubyte")), labels).unwrap();
    }
    folder.display().to_string()
}

/// Lets a command be stopped by Ctrl-C also where this test runs in the background of a shell, which ignores it.
#[cfg(unix)]
pub fn interruptible(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    // SAFETY: between fork and exec, the one call is among those that are safe there.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            Ok(())
        })
    }
}

/// Starts a program that goes on no faster than the lines of its stderr are read: few fit in between, so that a signal that is
/// sent after one of them comes long before the end. The lines end when the program does.
#[cfg(unix)]
pub fn start_held_back(mut command: Command) -> (Child, impl Iterator<Item = String>) {
    use std::io::{BufRead, BufReader};
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::os::unix::net::UnixStream;
    let (ours, theirs) = UnixStream::pair().unwrap();
    // In bytes; systems take their least where that is more.
    let buffer: libc::c_int = 1024;
    let (value, length) = (std::ptr::from_ref(&buffer).cast(), size_of::<libc::c_int>() as libc::socklen_t);
    // SAFETY: the socket is open, and the option's value is an integer of this length that outlives the call.
    let set = unsafe { libc::setsockopt(theirs.as_raw_fd(), libc::SOL_SOCKET, libc::SO_SNDBUF, value, length) };
    assert_eq!(set, 0);
    let child = command.stdout(Stdio::null()).stderr(OwnedFd::from(theirs)).spawn().unwrap();
    (child, BufReader::new(ours).lines().map(Result::unwrap))
}
