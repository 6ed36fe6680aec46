//! A web server for this machine only: files from memory, to loopback.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;

use crate::site::{File, Site};

/// Most bytes of a request's head that are read.
const MOST_HEAD: u64 = 16 << 10;
/// Keeps the page apart from all others, for which browsers let it tell the time to 5 microseconds instead of 100.
const ISOLATION: &str = "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n";
/// How long a client may take over its next request, or over taking the answer.
const PATIENCE: Duration = Duration::from_secs(10);

type Files = BTreeMap<String, Arc<File>>;

/// What is served, and whether pages are kept apart from all others.
struct Shelf {
    files: RwLock<Files>,
    isolates: bool,
}

/// A running server; it stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    shelf: Arc<Shelf>,
    stopping: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a port of loopback; on any free one for port 0.
    ///
    /// # Errors
    /// The system's, when the port is taken.
    pub fn start(port: u16) -> Result<Self> {
        Self::listen(port, true)
    }

    /// The same for pages that show those of others in frames, as most hosts serve them.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_without_isolation(port: u16) -> Result<Self> {
        Self::listen(port, false)
    }

    fn listen(port: u16, isolates: bool) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let shelf = Arc::new(Shelf { files: RwLock::default(), isolates });
        let stopping = Arc::new(AtomicBool::new(false));
        let accepting = std::thread::spawn({
            let (shelf, stopping) = (Arc::clone(&shelf), Arc::clone(&stopping));
            move || accept(&listener, &shelf, &stopping)
        });
        Ok(Self { address, shelf, stopping, accepting: Some(accepting) })
    }

    /// `http://` with address and port, without a slash at the end.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves a page below `prefix`, which begins and ends with a slash.
    pub fn mount(&self, prefix: &str, site: &Site) {
        for (path, file) in &site.files {
            self.add(&format!("{prefix}{path}"), file.clone());
        }
    }

    /// Serves nothing below `prefix` any more.
    pub fn unmount(&self, prefix: &str) {
        if let Ok(mut files) = self.shelf.files.write() {
            files.retain(|path, _| !path.starts_with(prefix));
        }
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves one file, from now on.
    pub fn add(&self, path: &str, file: File) {
        if let Ok(mut files) = self.shelf.files.write() {
            files.insert(path.to_owned(), Arc::new(file));
        }
    }

    /// Serves until the program is ended.
    pub fn wait(mut self) {
        if let Some(accepting) = self.accepting.take() {
            let _ended = accepting.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // The accepting thread sees that it is to stop when somebody comes.
        let _refused = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ended = accepting.join();
        }
    }
}

fn accept(listener: &TcpListener, shelf: &Arc<Shelf>, stopping: &Arc<AtomicBool>) {
    for stream in listener.incoming() {
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        if let Ok(stream) = stream {
            let (shelf, stopping) = (Arc::clone(shelf), Arc::clone(stopping));
            // A client that goes away in the middle is nobody's fault.
            std::thread::spawn(move || converse(&stream, &shelf, &stopping));
        }
    }
}

/// Answers one request after the other until the client goes, wants no more, or asks for what cannot be understood.
fn converse(mut stream: &TcpStream, shelf: &Shelf, stopping: &AtomicBool) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.take(MOST_HEAD));
    loop {
        reader.get_mut().set_limit(MOST_HEAD);
        let request = Request::read(&mut reader)?;
        if request.first.is_empty() || stopping.load(Ordering::SeqCst) {
            return Ok(());
        }
        stream.write_all(&answer(&request, shelf))?;
        if !request.is_kept() {
            return Ok(());
        }
    }
}

/// What of a request's head counts.
struct Request {
    first: String,
    takes_gzip: bool,
    closes: bool,
}

impl Request {
    fn read(reader: &mut impl BufRead) -> std::io::Result<Self> {
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let closes = first.trim_end().ends_with("HTTP/1.0");
        let mut request = Self { first, takes_gzip: false, closes };
        for line in reader.lines() {
            let line = line?.to_ascii_lowercase();
            if line.is_empty() {
                return Ok(request);
            }
            request.takes_gzip |= line.starts_with("accept-encoding:") && line.contains("gzip");
            request.closes |= line.starts_with("connection:") && line.contains("close");
        }
        // The client went, or its head is longer than any browser's.
        Ok(Self { closes: true, ..request })
    }

    /// Whether another request may follow. What was not understood may have a body, which nobody reads.
    fn is_kept(&self) -> bool {
        !self.closes && requested(&self.first).is_some()
    }
}

/// Head and body in one piece, so that neither waits for the other.
fn answer(request: &Request, shelf: &Shelf) -> Vec<u8> {
    let (head, body) = match requested(&request.first) {
        Some((_, path)) => match find(&shelf.files, path) {
            Some(file) => found(path, &file, request.takes_gzip, if shelf.isolates { ISOLATION } else { "" }),
            None => failure("404 Not Found"),
        },
        None => failure("405 Method Not Allowed"),
    };
    let kept = if request.is_kept() { "keep-alive" } else { "close" };
    let mut answer = format!("{head}Content-Length: {}\r\nConnection: {kept}\r\n\r\n", body.len()).into_bytes();
    if requested(&request.first).is_some_and(|(method, _)| method == "GET") {
        answer.extend_from_slice(&body);
    }
    answer
}

/// Method and path, without what follows a question mark.
fn requested(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let path = target.split(['?', '#']).next()?;
    ["GET", "HEAD"].contains(&method).then_some((method, path))
}

fn find(files: &RwLock<Files>, path: &str) -> Option<Arc<File>> {
    let name = if path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    files.read().ok()?.get(&name).cloned()
}

/// The part of a head that depends on the file, and the body.
fn found(path: &str, file: &File, takes_gzip: bool, isolation: &str) -> (String, Vec<u8>) {
    let is_packed = takes_gzip && file.packed.len() < file.contents.len();
    let (body, encoding) = if is_packed { (&file.packed, "Content-Encoding: gzip\r\n") } else { (&file.contents, "") };
    let keep = if path.contains("/v-") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n{encoding}Cache-Control: {keep}\r\nVary: Accept-Encoding\r\n\
         X-Content-Type-Options: nosniff\r\n{isolation}",
        file.media_type,
    );
    (head, body.clone())
}

fn failure(status: &str) -> (String, Vec<u8>) {
    (format!("HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"), status.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers to everything that is sent over one connection, the last of which says that it is.
    fn ask(server: &Server, requests: &str) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(requests.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn server() -> Server {
        let server = Server::start(0).unwrap();
        server.add("/leq/index.html", File::new("index.html", b"the page".to_vec()));
        server.add("/leq/v-1/a.wasm", File::new("a.wasm", vec![0; 1000]));
        server
    }

    #[test]
    fn a_folder_answers_with_its_index_and_a_versioned_file_may_be_kept() {
        let server = server();
        let page = ask(&server, "GET /leq/?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assert!(page.starts_with("HTTP/1.1 200 OK") && page.ends_with("\r\n\r\nthe page"), "{page}");
        assert!(page.contains("no-cache") && page.contains("text/html"), "{page}");
        let wasm = ask(&server, "GET /leq/v-1/a.wasm HTTP/1.0\r\nAccept-Encoding: br, gzip\r\n\r\n");
        assert!(wasm.contains("application/wasm") && wasm.contains("immutable"), "{wasm}");
        assert!(wasm.contains("Content-Encoding: gzip"), "{wasm}");
    }

    #[test]
    fn what_is_not_there_or_not_asked_for_properly_is_refused() {
        let server = server();
        assert!(ask(&server, "GET /leq/../Cargo.toml HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404"));
        assert!(ask(&server, "POST /leq/ HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
        assert!(ask(&server, "\r\n\r\n").starts_with("HTTP/1.1 405"));
        assert!(ask(&server, "HEAD /leq/ HTTP/1.0\r\n\r\n").ends_with("\r\n\r\n"));
    }

    #[test]
    fn a_connection_serves_one_request_after_the_other_until_the_server_is_dropped() {
        let server = server();
        let head = "HEAD /leq/v-1/b.wasm HTTP/1.1\r\n\r\n";
        let answers = ask(&server, &format!("{head}{head}GET /leq/ HTTP/1.1\r\nConnection: close\r\n\r\n"));
        assert_eq!(answers.matches("HTTP/1.1 404").count(), 2, "{answers}");
        assert!(answers.contains("Connection: keep-alive") && answers.ends_with("close\r\n\r\nthe page"), "{answers}");
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        assert!(stream.read(&mut [0; 1000]).unwrap() > 0);
        drop(server);
        let _broken = stream.write_all(head.as_bytes());
        assert!(!matches!(stream.read(&mut [0; 1000]), Ok(1..)));
    }

    #[test]
    fn a_server_that_is_dropped_answers_no_more() {
        let server = server();
        let address = server.address;
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
