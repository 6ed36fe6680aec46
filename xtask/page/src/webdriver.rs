//! As much of the WebDriver protocol as the checks need: over HTTP to ChromeDriver, or to Firefox itself.

mod chrome;
mod firefox;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use setup::Browser;

use chrome::{Chrome, ChromeDriver};
use firefox::Firefox;

/// How long a condition in the page may take to come true.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same for one answer of the driver, starting a browser and long scripts included.
const DRIVER_PATIENCE: Duration = Duration::from_secs(180);

/// What opens browsers.
pub enum Driver {
    /// Chromium, by a running ChromeDriver.
    Chrome(ChromeDriver),
    /// Firefox by its program, with the folder in which its profiles are made.
    Firefox(&'static str, PathBuf),
}

impl Driver {
    /// Starts ChromeDriver on a free port.
    ///
    /// # Errors
    /// When it cannot be started, or does not say where it listens.
    pub fn start(browser: &Browser) -> Result<Self> {
        Ok(Self::Chrome(ChromeDriver::start(browser)?))
    }

    /// Has Firefox opened; its profiles lie in `folder` while it runs.
    pub fn of_firefox(program: &'static str, folder: &Path) -> Self {
        Self::Firefox(program, folder.to_owned())
    }

    /// Opens a browser of its own: new profile, no window. Chromium keeps logs of its console and of its network.
    ///
    /// # Errors
    /// What the driver said.
    pub fn session(&self) -> Result<Session> {
        self.open_browser(&json!({ "browser": "ALL", "performance": "ALL" }))
    }

    /// The same without logs, which cost a browser time with every request.
    ///
    /// # Errors
    /// What the driver said.
    pub fn session_without_logs(&self) -> Result<Session> {
        self.open_browser(&json!({}))
    }

    fn open_browser(&self, logs: &Value) -> Result<Session> {
        Ok(Session(match self {
            Self::Chrome(driver) => Link::Chrome(driver.open_browser(logs)?),
            Self::Firefox(program, folder) => Link::Firefox(RefCell::new(Firefox::start(program, folder)?)),
        }))
    }
}

/// One browser; it closes when this is dropped.
pub struct Session(Link);

enum Link {
    Chrome(Chrome),
    Firefox(RefCell<Firefox>),
}

impl Session {
    fn post(&self, command: &str, body: &Value) -> Result<Value> {
        match &self.0 {
            Link::Chrome(chrome) => chrome.post(command, body),
            Link::Firefox(firefox) => firefox.borrow_mut().post(command, body),
        }
    }

    fn chrome(&self, what: &str) -> Result<&Chrome> {
        match &self.0 {
            Link::Chrome(chrome) => Ok(chrome),
            Link::Firefox(_) => bail!("Firefox gives no {what}"),
        }
    }

    /// Goes to an address and waits until it is loaded.
    ///
    /// # Errors
    /// What the driver said.
    pub fn open(&self, address: &str) -> Result<()> {
        self.post("url", &json!({ "url": address })).map(drop)
    }

    /// Goes to an address without waiting for anything.
    ///
    /// # Errors
    /// What the driver said.
    pub fn start_opening(&self, address: &str) -> Result<()> {
        self.run(&format!("setTimeout(() => location.assign({}), 0); return true", json!(address))).map(drop)
    }

    /// Works inside the page's first frame from now on.
    ///
    /// # Errors
    /// What the driver said.
    pub fn enter_frame(&self) -> Result<()> {
        self.post("frame", &json!({ "id": 0 })).map(drop)
    }

    /// The window that is worked in.
    ///
    /// # Errors
    /// What the driver said.
    pub fn window(&self) -> Result<String> {
        let handle = match &self.0 {
            Link::Chrome(chrome) => chrome.get("window")?,
            Link::Firefox(firefox) => firefox.borrow_mut().post("window/handle", &json!({}))?,
        };
        Ok(handle.as_str().context("a window has a handle")?.to_owned())
    }

    /// Opens a tab and gives its handle.
    ///
    /// # Errors
    /// What the driver said.
    pub fn new_window(&self) -> Result<String> {
        let window = self.post("window/new", &json!({ "type": "tab" }))?;
        Ok(window["handle"].as_str().context("a window has a handle")?.to_owned())
    }

    /// Works in another window from now on.
    ///
    /// # Errors
    /// What the driver said.
    pub fn switch_to(&self, window: &str) -> Result<()> {
        self.post("window", &json!({ "handle": window })).map(drop)
    }

    /// Loads the page again.
    ///
    /// # Errors
    /// What the driver said, or that the page was not loaded again in time.
    pub fn reload(&self) -> Result<()> {
        match &self.0 {
            Link::Chrome(chrome) => chrome.post("refresh", &json!({})).map(drop),
            // Firefox's own command goes past service workers, which its button does not.
            Link::Firefox(_) => {
                self.run("window.isLeft = true; setTimeout(() => location.reload(), 0); return true")?;
                let is_loaded = "return window.isLeft === undefined && document.readyState === 'complete'";
                self.wait_for("the page to be loaded again", is_loaded)
            }
        }
    }

    /// Runs a function body in the page and gives what it returns.
    ///
    /// # Errors
    /// What the driver said.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs the body of an async function in the page and gives what it returns; `argument` is there as `argument`.
    ///
    /// # Errors
    /// What the script threw, or what the driver said.
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
    ///
    /// # Errors
    /// When there is no such element.
    pub fn text(&self, selector: &str) -> Result<String> {
        let text = self.run(&format!("return document.querySelector({}).textContent", json!(selector)))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks, as a person would, on the element that a selector finds.
    ///
    /// # Errors
    /// When there is no such element, or it cannot be clicked; what a notice says then is part of the error.
    pub fn click(&self, selector: &str) -> Result<()> {
        let found = self.post("element", &json!({ "using": "css selector", "value": selector }))?;
        let id = found.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
        let id = id.with_context(|| format!("there is no {selector}"))?;
        let refused = match self.post(&format!("element/{id}/click"), &json!({})) {
            Ok(_) => return Ok(()),
            Err(refused) => refused,
        };
        let said = self.run("return document.getElementById('notice-text')?.textContent ?? ''")?;
        Err(refused.context(format!("a click on {selector} was refused while the notice said {said}")))
    }

    /// Performs pointer or key actions.
    ///
    /// # Errors
    /// What the driver said.
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
    ///
    /// # Errors
    /// In Firefox, which gives no logs, or what the driver said.
    pub fn log(&self, kind: &str) -> Result<Vec<String>> {
        let entries = self.chrome("logs")?.post("se/log", &json!({ "type": kind }))?;
        let message = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        Ok(entries.as_array().context("a log is a list")?.iter().map(message).collect())
    }

    /// Sends a command of the DevTools protocol.
    ///
    /// # Errors
    /// In Firefox, or what the driver said.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.chrome("DevTools")?.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What is on the screen, or the whole page, as a PNG.
    ///
    /// # Errors
    /// In Firefox, or what the driver said.
    pub fn picture(&self, whole: bool) -> Result<Vec<u8>> {
        let answer = self.devtools("Page.captureScreenshot", &json!({ "captureBeyondViewport": whole }))?;
        Ok(STANDARD.decode(answer["data"].as_str().context("a picture is text")?)?)
    }
}
