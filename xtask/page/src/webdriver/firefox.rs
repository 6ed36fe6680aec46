//! Firefox, by Marionette: the protocol in which geckodriver speaks to it. Debian has Firefox and no geckodriver, and what
//! geckodriver adds is HTTP. A message is its length, a colon and JSON: `[0, id, command, parameters]` to Firefox,
//! `[1, id, error, result]` back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::DRIVER_PATIENCE;

/// The file in a profile in which Firefox says where it listens.
const PORT_FILE: &str = "MarionetteActivePort";
/// Settings of a profile. Firefox adds those that tests need in general when it is driven.
const PREFERENCES: &str =
    "user_pref(\"marionette.port\", 0);\nuser_pref(\"datareporting.policy.dataSubmissionEnabled\", false);\n";
/// Each command of WebDriver with its name here. `element/ID/click` is the only one whose path has a variable.
const COMMANDS: [(&str, &str); 11] = [
    ("url", "Navigate"),
    ("frame", "SwitchToFrame"),
    ("window", "SwitchToWindow"),
    ("window/handle", "GetWindowHandle"),
    ("window/new", "NewWindow"),
    ("execute/sync", "ExecuteScript"),
    ("execute/async", "ExecuteAsyncScript"),
    ("timeouts", "SetTimeouts"),
    ("element", "FindElement"),
    ("actions", "PerformActions"),
    ("click", "ElementClick"),
];

static PROFILES: AtomicU32 = AtomicU32::new(0);

/// A running Firefox with a profile of its own; both go when this is dropped.
pub struct Firefox {
    process: Child,
    profile: PathBuf,
    stream: BufReader<TcpStream>,
    commands: u32,
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
        let _removed = std::fs::remove_dir_all(&self.profile);
    }
}

impl Firefox {
    /// Starts it without a window.
    ///
    /// # Errors
    /// When it cannot be started, or does not answer.
    pub fn start(program: &str, folder: &Path) -> Result<Self> {
        let number = PROFILES.fetch_add(1, Ordering::Relaxed);
        let profile = folder.join(format!("firefox-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&profile).with_context(|| format!("cannot make the folder {}", profile.display()))?;
        std::fs::write(profile.join("user.js"), PREFERENCES)?;
        let mut command = Command::new(program);
        command.args(["--marionette", "--headless", "--no-remote", "--profile"]).arg(&profile);
        command.env("MOZ_HEADLESS_WIDTH", "1280").env("MOZ_HEADLESS_HEIGHT", "1400");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = command.spawn().with_context(|| format!("cannot run {program}"))?;
        let connected = connect(&profile, &mut process);
        if connected.is_err() {
            let _ended = process.kill();
            let _reaped = process.wait();
        }
        let mut firefox = Self { process, profile, stream: BufReader::new(connected?), commands: 0 };
        firefox.receive().context("Firefox does not greet")?;
        firefox.send("NewSession", &json!({}))?;
        Ok(firefox)
    }

    /// Sends a command of WebDriver, by its path, and gives its value.
    pub fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        let mut body = body.clone();
        let mut path = path;
        if let Some(id) = path.strip_prefix("element/").and_then(|rest| rest.strip_suffix("/click")) {
            body = json!({ "id": id });
            path = "click";
        }
        let command = COMMANDS.iter().find(|(name, _)| *name == path).map(|(_, command)| *command);
        let mut result = self.send(command.with_context(|| format!("Firefox is not asked for {path}"))?, &body)?;
        Ok(match result.get_mut("value") {
            Some(value) => value.take(),
            None => result,
        })
    }

    fn send(&mut self, command: &str, body: &Value) -> Result<Value> {
        self.commands += 1;
        let message = json!([0, self.commands, format!("WebDriver:{command}"), body]).to_string();
        write!(self.stream.get_mut(), "{}:{message}", message.len())?;
        let mut answer = self.receive()?;
        ensure!(answer[1] == json!(self.commands), "Firefox answers out of turn");
        if let Some(error) = answer[2].get("error").and_then(Value::as_str) {
            let message = answer[2]["message"].as_str().unwrap_or_default();
            bail!("{error}: {}", message.lines().next().unwrap_or_default());
        }
        Ok(answer[3].take())
    }

    fn receive(&mut self) -> Result<Value> {
        let mut length = Vec::new();
        self.stream.read_until(b':', &mut length)?;
        let length = std::str::from_utf8(&length)?.trim_end_matches(':').parse().context("Firefox is gone")?;
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message)?;
        serde_json::from_slice(&message).context("Firefox's answer is not JSON")
    }
}

/// Waits until Firefox says where it listens.
fn connect(profile: &Path, process: &mut Child) -> Result<TcpStream> {
    let start = Instant::now();
    while start.elapsed() < DRIVER_PATIENCE {
        if let Some(status) = process.try_wait()? {
            bail!("Firefox ended at its start ({status})");
        }
        let port = std::fs::read_to_string(profile.join(PORT_FILE)).ok().and_then(|text| text.trim().parse().ok());
        if let Some(port) = port {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("Firefox does not listen")?;
            stream.set_read_timeout(Some(DRIVER_PATIENCE))?;
            return Ok(stream);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("Firefox does not say where it listens")
}
