//! Both pages on one server, visited with new browsers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use page::{Driver, File, Models, Server, Session, Site, build, write_mnist_file};
use serde_json::{Value, json};
use setup::{ONNXRUNTIME_WEB, Project};

use super::Visits;
use super::frames::{self, numbers};

const OURS_AT: &str = "/leq/";
const THEIRS_AT: &str = "/peer/";
const BEFORE_AT: &str = "/before/";
const EMPTY_AT: &str = "/empty/";
/// Bytes of a digit of MNIST.
const DIGIT: usize = 28 * 28;
/// How long a new browser works at its own start, which is no part of any page's.
const REST: Duration = Duration::from_secs(1);
/// Most that two evaluations of `p_leq` may differ by.
const TOLERANCE: f64 = 1e-4;

/// The server with all pages, and the driver.
pub struct Stage {
    server: Server,
    driver: Driver,
    ours: Site,
    theirs: Site,
    /// An earlier build of ours.
    before: Option<Site>,
    /// The pair of the first answer: two digits of MNIST.
    first: Vec<u8>,
}

impl Stage {
    /// Builds our page and puts theirs beside it, with the same model and pairs; and the one in the folder `before`.
    pub fn set_up(project: &Project, before: Option<&Path>) -> Result<Self> {
        let before = before.map(Site::read).transpose()?;
        let ours = Site::read(&build(project)?)?;
        let model = Models::of(project)?.default;
        let reference = project.target_dir().join("web-parts/reference.bin");
        write_mnist_file(project, "reference", &model, &reference)?;
        let pairs = std::fs::read(&reference).with_context(|| format!("cannot read {}", reference.display()))?;
        let first = pairs.get(4..4 + 2 * DIGIT).context("the reference begins with a pair")?.to_vec();
        let theirs = peer_page(project, &model, &first)?;
        let server = Server::start(0).context("cannot listen on loopback")?;
        server.mount(OURS_AT, &ours);
        server.mount(THEIRS_AT, &theirs);
        server.mount(EMPTY_AT, &empty_page(project)?);
        if let Some(before) = &before {
            server.mount(BEFORE_AT, before);
        }
        for prefix in [OURS_AT, THEIRS_AT, BEFORE_AT] {
            server.add(&format!("{prefix}test/reference.bin"), File::new("reference.bin", pairs.clone()));
        }
        Ok(Self { server, driver: Driver::start(&setup::browser(project)?)?, ours, theirs, before, first })
    }

    /// Ours before any visit.
    pub fn files_of_ours(&self) -> Visits {
        Visits {
            files: self.ours.downloads().map(|(path, _, packed)| (path.clone(), packed)).collect(),
            ..Default::default()
        }
    }

    /// Whether there is an earlier build.
    pub fn has_before(&self) -> bool {
        self.before.is_some()
    }

    /// Theirs before any visit.
    pub fn files_of_theirs(&self) -> Visits {
        let packed = |(path, file): (&String, &File)| (path.clone(), file.packed.len().min(file.contents.len()));
        Visits { files: self.theirs.files.iter().map(packed).collect(), ..Default::default() }
    }

    /// Opens a link to two digits with our page, compares all pairs, then draws.
    pub fn visit_ours(&self, measured: &mut Visits) -> Result<()> {
        let browser = self.visit(&self.link(OURS_AT), COMPARE_OURS, measured)?;
        measured.frames.extend(frames::measure(&browser)?);
        Ok(())
    }

    /// Opens the same link with the earlier build, and compares all pairs.
    pub fn visit_before(&self, measured: &mut Visits) -> Result<()> {
        self.visit(&self.link(BEFORE_AT), COMPARE_OURS, measured).map(drop)
    }

    /// A link to two digits.
    fn link(&self, at: &str) -> String {
        let digit = |side: usize| URL_SAFE_NO_PAD.encode(&self.first[side * DIGIT..(side + 1) * DIGIT]);
        format!("{}{at}#1.m{}.m{}", self.server.origin(), digit(0), digit(1))
    }

    /// Opens their page, which answers about the same two digits, then compares all pairs.
    pub fn visit_theirs(&self, measured: &mut Visits) -> Result<()> {
        self.visit(&format!("{}{THEIRS_AT}", self.server.origin()), COMPARE_THEIRS, measured).map(drop)
    }

    /// Opens a page without anything on it; milliseconds from navigation to its first frame, before which no page can be laid out.
    pub fn visit_empty(&self) -> Result<f64> {
        first_answer(&self.open(&format!("{}{EMPTY_AT}", self.server.origin()))?)
    }

    /// A new browser at an address.
    fn open(&self, address: &str) -> Result<Session> {
        let browser = self.driver.session_without_logs()?;
        std::thread::sleep(REST);
        browser.open(address)?;
        Ok(browser)
    }

    fn visit(&self, address: &str, compare: &str, measured: &mut Visits) -> Result<Session> {
        let browser = self.open(address)?;
        measured.first_answers.push(first_answer(&browser)?);
        let found = browser.run_async(compare, &Value::Null)?;
        measured.comparisons.extend(numbers(&found["times"])?);
        measured.answers = numbers(&found["answers"])?;
        Ok(browser)
    }

    /// The browser's name and version.
    pub fn browser_version(&self) -> Result<String> {
        let version = self.driver.session()?.devtools("Browser.getVersion", &json!({}))?;
        Ok(version["product"].as_str().context("a browser has a version")?.replace('/', " "))
    }
}

/// Their page's files.
fn peer_page(project: &Project, model: &str, first: &[u8]) -> Result<Site> {
    let mut paths: Vec<_> = ONNXRUNTIME_WEB.paths(project).collect();
    paths.extend(["index.html", "peer.js"].map(|name| project.root.join("bench/web").join(name)));
    let mut files = BTreeMap::new();
    for path in paths {
        let contents = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name.clone(), File::new(&name, contents));
    }
    let path = project.root.join("models").join(format!("{model}.onnx"));
    let contents = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    files.insert("model.onnx".to_owned(), File::new("model.onnx", contents));
    files.insert("first.bin".to_owned(), File::new("first.bin", first.to_vec()));
    Ok(Site { files })
}

/// A page without anything on it.
fn empty_page(project: &Project) -> Result<Site> {
    let path = project.root.join("bench/web/empty.html");
    let contents = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Site { files: BTreeMap::from([("index.html".to_owned(), File::new("index.html", contents))]) })
}

/// Waits for the first answer; milliseconds from navigation to it.
fn first_answer(browser: &Session) -> Result<f64> {
    let mark = "performance.getEntriesByName('first-answer')";
    browser.wait_for("the first answer", &format!("return {mark}.length > 0"))?;
    browser.run(&format!("return {mark}[0].startTime"))?.as_f64().context("a mark has a time")
}

/// Checks that both sides decide all pairs alike.
pub fn agree(ours: &[f64], theirs: &[f64]) -> Result<()> {
    ensure!(ours.len() == theirs.len() && !ours.is_empty(), "{} answers beside {}", ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        let is_same = (ours - theirs).abs() <= TOLERANCE;
        ensure!(is_same, "ours says {ours}, onnxruntime-web {theirs}: they do not compute the same");
    }
    Ok(())
}

const COMPARE_OURS: &str = "
    const folder = new URL(document.querySelector('script[src*=page]').src);
    const { Digit, loadNetwork } = await import(new URL('engine.js', folder));
    const { defaultModel } = await import(new URL('assets.js', folder));
    const network = await loadNetwork(defaultModel);
    const bytes = new Uint8Array(await (await fetch('test/reference.bin')).arrayBuffer());
    const count = new DataView(bytes.buffer).getUint32(0, true);
    const digit = (number) => {
        const rgba = new Uint8Array(4 * 784).fill(255);
        bytes.subarray(4 + number * 784, 4 + (number + 1) * 784).forEach((ink, at) => rgba.fill(ink, 4 * at, 4 * at + 3));
        return Digit.prepare(28, 28, rgba);
    };
    const pairs = Array.from({ length: count }, (_, number) => [digit(2 * number), digit(2 * number + 1)]);
    const compare = ([first, second]) => {
        const answer = network.compare(first, second);
        const { pLeq } = answer;
        answer.free();
        return pLeq;
    };
    pairs.slice(0, 100).forEach(compare);
    const [times, answers] = [[], []];
    for (const pair of pairs) {
        const start = performance.now();
        const answer = compare(pair);
        times.push(performance.now() - start);
        answers.push(answer);
    }
    return { times, answers };";

const COMPARE_THEIRS: &str = "
    const { compareAll } = await import(document.querySelector('script[type=module]').src);
    return compareAll('test/reference.bin');";
