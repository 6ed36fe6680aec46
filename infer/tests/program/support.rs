//! Running the program, and files for it to read.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use image::{GrayImage, ImageBuffer};
use tempfile::TempDir;

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Asserts an exit code, an empty stdout, and a message that holds every one of `parts`.
    pub fn fails(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in {self:?}");
        }
        // `main` keeps a panic's message and place in this line.
        assert!(!self.stderr.contains("internal error") && !self.stderr.contains("panicked"), "{self:?}");
    }

    /// Asserts success and silence on stderr; gives stdout.
    pub fn succeeds(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self:?}");
        self.stdout
    }
}

/// The program, told where ONNX Runtime is: `ORT_DYLIB_PATH` of the caller, or where set-up puts it.
pub fn infer() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_infer"));
    command.env("ORT_DYLIB_PATH", runtime());
    command
}

/// ONNX Runtime's library.
pub fn runtime() -> PathBuf {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.setup/onnxruntime");
    let path = std::env::var_os("ORT_DYLIB_PATH")
        .map_or_else(|| set_up.join(infer::engine::library::file_name()), PathBuf::from);
    assert!(path.is_file(), "{}: ONNX Runtime is missing; run `cargo xtask setup`", path.display());
    path
}

pub fn run(command: &mut Command) -> Ran {
    let output = loop {
        match command.output() {
            // A process that another test has just started holds a copied program open until it runs its own.
            Err(fault) if fault.kind() == ErrorKind::ExecutableFileBusy => sleep(Duration::from_millis(10)),
            output => break output.unwrap(),
        }
    };
    Ran {
        code: output.status.code().expect("the program was killed"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// As [`run`], for a command that would wait for ever if it opened a pipe: it is ended after two minutes.
pub fn run_briefly(command: &mut Command) -> Ran {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(120) {
            child.kill().unwrap();
        }
        sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().expect("it waited and was ended"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Makes a program heed Ctrl-C. These tests may run in the background of a script, where it is ignored.
#[cfg(unix)]
pub fn interruptible(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    let heed = || {
        // SAFETY: signal(2) may be called between fork and exec, and the default handler is none of our code.
        unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
        Ok(())
    };
    // SAFETY: `heed` allocates nothing and takes no lock.
    unsafe { command.pre_exec(heed) }
}

/// Sends a signal, such as `INT`.
#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Makes a pipe that nobody writes to.
#[cfg(unix)]
pub fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// `infer compare` of two files.
pub fn compare(first: impl AsRef<OsStr>, second: impl AsRef<OsStr>) -> Ran {
    run(infer().arg("compare").args([first.as_ref(), second.as_ref()]))
}

/// A folder with two digits of MNIST's test split, `seven.png` and `two.png`, its first and second.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        digit(0).save(folder.path("seven.png")).unwrap();
        digit(1).save(folder.path("two.png")).unwrap();
        folder
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and gives its path.
    pub fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes the first `count` digits of MNIST's test split as a test split: with `--data`, a run on few digits starts at
    /// once.
    pub fn write_test_split(&self, count: usize) {
        let images: Vec<u8> = TEST_SPLIT.images[..count].iter().flatten().copied().collect();
        let header = [0x0803_u32, count as u32, 28, 28].map(u32::to_be_bytes).concat();
        self.write("t10k-images-idx3-ubyte", [header, images].concat());
        let header = [0x0801_u32, count as u32].map(u32::to_be_bytes).concat();
        self.write("t10k-labels-idx1-ubyte", [&header[..], &TEST_SPLIT.labels[..count]].concat());
    }
}

static TEST_SPLIT: LazyLock<mnist::Split> = LazyLock::new(|| infer::test_pairs::load(None).unwrap().test);

/// A digit of MNIST's test split, 28x28, white on black.
pub fn digit(number: usize) -> GrayImage {
    ImageBuffer::from_raw(28, 28, TEST_SPLIT.images[number].to_vec()).unwrap()
}
