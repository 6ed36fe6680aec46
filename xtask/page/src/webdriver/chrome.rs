//! ChromeDriver, over plain HTTP on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use setup::Browser;
use tempfile::TempDir;

use super::DRIVER_PATIENCE;

/// What ChromeDriver says once it listens.
const STARTED: &str = "was started successfully on port ";

/// A running ChromeDriver; it ends when this is dropped.
pub struct ChromeDriver {
    process: Child,
    port: u16,
    browser: String,
    /// Where it and its browsers put their temporary files, some of which they never remove.
    _temporary: TempDir,
}

impl ChromeDriver {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When it cannot be started, or does not say where it listens.
    pub fn start(browser: &Browser) -> Result<Self> {
        let temporary = TempDir::new().context("cannot make a temporary folder")?;
        let mut command = Command::new(browser.driver);
        command.env("TMPDIR", temporary.path());
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().with_context(|| format!("cannot run {}", browser.driver))?;
        let output = process.stdout.take().context("a piped child has a standard output")?;
        let mut lines = BufReader::new(output).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once(STARTED)?;
            port.trim_end_matches('.').parse().ok()
        });
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let path = std::env::var("PATH").unwrap_or_default();
        let browser = path.split(':').map(|folder| format!("{folder}/{}", browser.program));
        let browser = browser.into_iter().find(|path| std::path::Path::new(path).is_file()).unwrap_or_default();
        match port {
            Some(port) => Ok(Self { process, port, browser, _temporary: temporary }),
            None => {
                let _ended = process.kill();
                bail!("ChromeDriver did not say where it listens")
            }
        }
    }

    /// Opens a browser of its own: new profile, no window; `logs` are those that it keeps.
    ///
    /// # Errors
    /// What ChromeDriver said.
    pub fn open_browser(&self, logs: &Value) -> Result<Chrome> {
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1280,1400",
        ];
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": self.browser, "args": arguments },
            "goog:loggingPrefs": logs,
        });
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let answer = request(self.port, "POST", "/session", &body)?;
        let id = answer["sessionId"].as_str().context("a new session has an id")?;
        Ok(Chrome { port: self.port, path: format!("/session/{id}") })
    }
}

impl Drop for ChromeDriver {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// One of its browsers.
pub struct Chrome {
    port: u16,
    path: String,
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let _closed = request(self.port, "DELETE", &self.path, &Value::Null);
    }
}

impl Chrome {
    /// Sends a command with its parameters.
    pub fn post(&self, command: &str, body: &Value) -> Result<Value> {
        request(self.port, "POST", &format!("{}/{command}", self.path), body)
    }

    /// Asks for something.
    pub fn get(&self, what: &str) -> Result<Value> {
        request(self.port, "GET", &format!("{}/{what}", self.path), &Value::Null)
    }
}

/// Sends one request to ChromeDriver and gives the `value` of its answer.
fn request(port: u16, method: &str, path: &str, body: &Value) -> Result<Value> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("ChromeDriver is not there")?;
    stream.set_read_timeout(Some(DRIVER_PATIENCE))?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let answer: Value = serde_json::from_slice(&read_body(stream)?).context("ChromeDriver's answer is not JSON")?;
    let mut answer = answer;
    let value = answer["value"].take();
    match value.get("error").and_then(Value::as_str) {
        Some(error) => {
            let message = value["message"].as_str().unwrap_or_default();
            bail!("{error}: {}", message.lines().next().unwrap_or_default())
        }
        None => Ok(value),
    }
}

fn read_body(stream: TcpStream) -> Result<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().context("ChromeDriver sent a length that is no number")?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}
