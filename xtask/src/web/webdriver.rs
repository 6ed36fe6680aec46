//! As much of the WebDriver protocol as the checks need, over plain HTTP to ChromeDriver on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::setup::Browser;

/// How long a condition in the page may take to come true.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same for one answer of ChromeDriver, starting a browser and long scripts included.
const DRIVER_PATIENCE: Duration = Duration::from_secs(180);
/// What ChromeDriver says once it listens.
const STARTED: &str = "was started successfully on port ";

/// A running ChromeDriver; it ends when this is dropped.
pub struct Driver {
    process: Child,
    port: u16,
    browser: String,
}

impl Driver {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When it cannot be started, or does not say where it listens.
    pub fn start(browser: &Browser) -> Result<Self> {
        let mut command = Command::new(browser.driver);
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
            Some(port) => Ok(Self { process, port, browser }),
            None => {
                let _ended = process.kill();
                bail!("ChromeDriver did not say where it listens")
            }
        }
    }

    /// Opens a browser of its own: new profile, no window. It keeps logs of its console and of its network.
    ///
    /// # Errors
    /// What ChromeDriver said.
    pub fn session(&self) -> Result<Session> {
        self.open_browser(&json!({ "browser": "ALL", "performance": "ALL" }))
    }

    /// The same without logs, which cost a browser time with every request.
    ///
    /// # Errors
    /// What ChromeDriver said.
    pub fn session_without_logs(&self) -> Result<Session> {
        self.open_browser(&json!({}))
    }

    fn open_browser(&self, logs: &Value) -> Result<Session> {
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
        Ok(Session { port: self.port, path: format!("/session/{id}") })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// One browser; it closes when this is dropped.
pub struct Session {
    port: u16,
    path: String,
}

impl Drop for Session {
    fn drop(&mut self) {
        let _closed = request(self.port, "DELETE", &self.path, &Value::Null);
    }
}

impl Session {
    fn post(&self, command: &str, body: &Value) -> Result<Value> {
        request(self.port, "POST", &format!("{}/{command}", self.path), body)
    }

    /// Goes to an address and waits until it is loaded.
    pub fn open(&self, address: &str) -> Result<()> {
        self.post("url", &json!({ "url": address })).map(drop)
    }

    /// Goes to an address without waiting for anything.
    pub fn start_opening(&self, address: &str) -> Result<()> {
        self.run(&format!("setTimeout(() => location.assign({}), 0); return true", json!(address))).map(drop)
    }

    /// Works inside the page's first frame from now on.
    pub fn enter_frame(&self) -> Result<()> {
        self.post("frame", &json!({ "id": 0 })).map(drop)
    }

    /// The window that is worked in.
    pub fn window(&self) -> Result<String> {
        let handle = request(self.port, "GET", &format!("{}/window", self.path), &Value::Null)?;
        Ok(handle.as_str().context("a window has a handle")?.to_owned())
    }

    /// Opens a tab and gives its handle.
    pub fn new_window(&self) -> Result<String> {
        let window = self.post("window/new", &json!({ "type": "tab" }))?;
        Ok(window["handle"].as_str().context("a window has a handle")?.to_owned())
    }

    /// Works in another window from now on.
    pub fn switch_to(&self, window: &str) -> Result<()> {
        self.post("window", &json!({ "handle": window })).map(drop)
    }

    /// Loads the page again.
    pub fn reload(&self) -> Result<()> {
        self.post("refresh", &json!({})).map(drop)
    }

    /// Runs a function body in the page and gives what it returns.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs the body of an async function in the page and gives what it returns; `argument` is there as `argument`.
    pub fn run_async(&self, script: &str, argument: &Value) -> Result<Value> {
        let script = format!(
            "const done = arguments[1], argument = arguments[0]; \
             (async () => {{ {script} }})().then((value) => done({{ value }}), (fault) => done({{ fault: String(fault) }}));"
        );
        self.post("timeouts", &json!({ "script": 150_000 }))?;
        let answer = self.post("execute/async", &json!({ "script": script, "args": [argument] }))?;
        match answer.get("fault") {
            Some(fault) => bail!("the script failed: {fault}"),
            None => Ok(answer["value"].clone()),
        }
    }

    /// The text of the element that a selector finds.
    pub fn text(&self, selector: &str) -> Result<String> {
        let text = self.run(&format!("return document.querySelector({}).textContent", json!(selector)))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks, as a person would, on the element that a selector finds.
    pub fn click(&self, selector: &str) -> Result<()> {
        let found = self.post("element", &json!({ "using": "css selector", "value": selector }))?;
        let id = found.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
        let id = id.with_context(|| format!("there is no {selector}"))?;
        self.post(&format!("element/{id}/click"), &json!({})).map(drop)
    }

    /// Performs pointer or key actions.
    pub fn perform(&self, sources: &Value) -> Result<()> {
        self.post("actions", &json!({ "actions": sources })).map(drop)
    }

    /// Waits until a function body returns something true.
    ///
    /// # Errors
    /// What was waited for, when it does not come.
    pub fn wait_for(&self, what: &str, condition: &str) -> Result<()> {
        let start = Instant::now();
        loop {
            let value = self.run(condition);
            if value.as_ref().is_ok_and(|value| *value == json!(true)) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                let shown = self.text("#notice-text").unwrap_or_default();
                bail!("waited in vain for {what} (notice: {shown:?}, last: {value:?})");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The messages of one of ChromeDriver's logs since it was last asked for: `browser` or `performance`.
    pub fn log(&self, kind: &str) -> Result<Vec<String>> {
        let entries = self.post("se/log", &json!({ "type": kind }))?;
        let message = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        Ok(entries.as_array().context("a log is a list")?.iter().map(message).collect())
    }

    /// Sends a command of the DevTools protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What is on the screen, or the whole page, as a PNG.
    pub fn picture(&self, whole: bool) -> Result<Vec<u8>> {
        let answer = self.devtools("Page.captureScreenshot", &json!({ "captureBeyondViewport": whole }))?;
        Ok(STANDARD.decode(answer["data"].as_str().context("a picture is text")?)?)
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
