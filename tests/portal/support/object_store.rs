//! A real store that speaks S3 (moto), and a line to it that can be broken.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use cpe_portal::config::{EvidenceSettings, Settings};

/// The store asks only that somebody signs, whatever that is.
const WHO: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261130/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n";
pub const SECRET: &str = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY";

/// The folder with the store's programs.
pub fn tools() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/moto");
    let given = std::env::var_os("CPE_PORTAL_MOTO").map(PathBuf::from);
    let tools = given.unwrap_or(installed);
    assert!(
        tools.join("bin/python").is_file(),
        "these tests need moto in {} (bash tests/run puts it there)",
        tools.display()
    );
    tools
}

struct Server {
    address: SocketAddr,
    // the shell ends the store when this process, however it ends, closes its standard input
    _child: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static BUCKETS: AtomicUsize = AtomicUsize::new(0);

/// One store for the whole run; each test has a bucket of its own.
fn server() -> &'static Server {
    SERVER.get_or_init(|| {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let serve =
            "\"$0\" -m moto.server -H 127.0.0.1 -p \"$1\" & store=$!; cat >/dev/null; kill $store; wait";
        let child = Command::new("sh")
            .args(["-c", serve])
            .arg(tools().join("bin/python"))
            .arg(address.port().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < patience, "the store does not start");
            thread::sleep(Duration::from_millis(50));
        }
        Server { address, _child: child }
    })
}

/// What happens to a request on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The line is closed before anything is answered.
    Refuses,
    /// Nothing is ever answered.
    Stalls,
    /// Half of the answer comes.
    BreaksOff,
    /// Half of what is sent arrives.
    CutsWhatIsSent,
    /// The answer comes after so many milliseconds.
    Late(u64),
    /// The store answers this, and does nothing.
    Answers(u16),
    /// What is fetched has another byte in it.
    Alters,
    /// What is looked at is said to be two days old.
    Ages,
    /// It says nothing about when anything was put there.
    TellsNoAge,
    /// A list is no list of what was asked for.
    Lists(StrangeList),
}

/// What a list has that no store lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrangeList {
    /// A key of another prefix.
    Elsewhere,
    /// Keys that begin with something else.
    OtherBeginning,
    /// More than a thousand keys at once.
    TooLong,
    /// The same page each time, with more to come.
    Circle,
    /// No keys, and more to come.
    NothingAndMore,
    /// Pages without end, each with another key.
    Endless,
}

impl StrangeList {
    /// The page that is given for a list of keys with this prefix, after this key.
    fn page(self, prefix: &str, after: Option<&str>) -> String {
        let hash = |number: usize| format!("{prefix}0/{number:062x}");
        let at = after.and_then(|after| usize::from_str_radix(after.rsplit('/').next()?, 16).ok());
        let first = at.map_or(0, |at| at + 1);
        let keys: Vec<String> = match self {
            StrangeList::Elsewhere => vec![format!("else{}", hash(1))],
            StrangeList::OtherBeginning => vec![format!("body/x{}", hash(1))],
            StrangeList::TooLong => (0..1001).map(hash).collect(),
            StrangeList::Circle => vec![hash(1)],
            StrangeList::NothingAndMore => Vec::new(),
            StrangeList::Endless => vec![hash(first)],
        };
        let more =
            !matches!(self, StrangeList::Elsewhere | StrangeList::OtherBeginning | StrangeList::TooLong);
        let entry = |key: &String| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>");
        let entries: String = keys.iter().map(entry).collect();
        format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>{entries}</ListBucketResult>")
    }
}

/// A request as it came from the portal.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
}

#[derive(Default)]
struct State {
    /// Which requests it happens to (all where there is no method), what, and how often it still does.
    fault: Option<(Option<&'static str>, Fault, usize)>,
    asked: Vec<Asked>,
}

/// A bucket of the real store, and the line to it.
pub struct Bucket {
    pub name: String,
    pub line: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Bucket {
    pub fn new() -> Bucket {
        let store = server().address;
        let name = format!("proofs-{}-{}", std::process::id(), BUCKETS.fetch_add(1, Ordering::SeqCst));
        let made = raw(
            store,
            &format!(
                "PUT /{name} HTTP/1.1\r\nHost: {store}\r\n{WHO}Content-Length: 0\r\nConnection: close\r\n\r\n"
            ),
            b"",
        );
        assert!(made.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&made));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = listener.local_addr().unwrap();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                thread::spawn(move || carry(&stream, store, &state));
            }
        });
        Bucket { name, line, state }
    }

    /// From now on this happens to every request with this method, or to every one.
    pub fn breaks(&self, method: Option<&'static str>, fault: Fault) {
        self.breaks_times(method, fault, usize::MAX);
    }

    pub fn breaks_times(&self, method: Option<&'static str>, fault: Fault, times: usize) {
        self.state.lock().unwrap().fault = Some((method, fault, times));
    }

    pub fn is_whole_again(&self) {
        self.state.lock().unwrap().fault = None;
    }

    /// What was asked since the last time that somebody wanted to know.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    pub fn methods(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.method).collect()
    }

    pub fn place(&self) -> String {
        format!("s3://{}/body", self.name)
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.line)
    }

    pub fn settings(&self) -> EvidenceSettings {
        EvidenceSettings {
            place: Some(self.place()),
            endpoint: Some(self.endpoint()),
            key: Some("AKIDEXAMPLE".parse().unwrap()),
            secret: Some(SECRET.parse().unwrap()),
            ..EvidenceSettings::default()
        }
    }

    /// Lets a portal keep its proofs here.
    pub fn keeps(&self, settings: &mut Settings) {
        settings.evidence = self.settings();
    }

    /// The same for the real binary.
    pub fn environment(&self, command: &mut Command) {
        command
            .env("CPE_PORTAL_EVIDENCE", self.place())
            .env("CPE_PORTAL_S3_ENDPOINT", self.endpoint())
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET);
    }

    /// Asks the store itself, past the line.
    pub fn directly(&self, method: &str, target: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let store = server().address;
        let length = body.len();
        let head = format!(
            "{method} /{}{target} HTTP/1.1\r\nHost: {store}\r\nContent-Length: {length}\r\nContent-Type: application/octet-stream\r\n{WHO}Connection: close\r\n\r\n",
            self.name
        );
        let answer = raw(store, &head, body);
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let status = String::from_utf8_lossy(&answer[9..12]).parse().unwrap();
        (status, answer[end..].to_vec())
    }

    /// Where a proof lies, behind the bucket's name.
    pub fn key(sha256: &str) -> String {
        format!("/body/{}/{}", &sha256[..2], &sha256[2..])
    }

    pub fn holds(&self, sha256: &str) -> Option<Vec<u8>> {
        let (status, body) = self.directly("GET", &Self::key(sha256), b"");
        (status == 200).then_some(body)
    }

    pub fn keeps_versions(&self) {
        let wanted = b"<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>";
        assert_eq!(self.directly("PUT", "?versioning", wanted).0, 200);
    }
}

fn raw(store: SocketAddr, head: &str, body: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(store).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// A request: its head, line by line, and its body.
fn request(stream: &TcpStream) -> Option<(Vec<String>, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let length =
        lines.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some((lines, body))
}

/// Carries one request and its answer; then the connection is closed.
fn carry(mut stream: &TcpStream, store: SocketAddr, state: &Mutex<State>) {
    let Some((lines, body)) = request(stream) else { return };
    let mut first = lines[0].split(' ');
    let (method, target) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let headers: BTreeMap<String, String> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let fault = {
        let mut state = state.lock().unwrap();
        state.asked.push(Asked { method: method.clone(), target: target.clone(), headers });
        match &mut state.fault {
            Some((wanted, fault, times)) if *times > 0 && wanted.is_none_or(|wanted| wanted == method) => {
                *times = times.saturating_sub(1);
                Some(fault.clone())
            }
            _ => None,
        }
    };
    match fault {
        Some(Fault::Refuses) => return,
        Some(Fault::Stalls) => {
            // until the other side has had enough
            let _ = stream.read(&mut [0]);
            return;
        }
        Some(Fault::Answers(status)) => {
            let _ = stream.write_all(
                format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .as_bytes(),
            );
            return;
        }
        Some(Fault::Lists(strange)) if target.contains("list-type=2") => {
            let value = |name: &str| {
                let query = target.split_once('?').unwrap().1;
                let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
                Some(pair.replace("%2F", "/"))
            };
            let page = strange.page(&value("prefix").unwrap(), value("start-after").as_deref());
            let length = page.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(page.as_bytes());
            return;
        }
        Some(Fault::Late(milliseconds)) => thread::sleep(Duration::from_millis(milliseconds)),
        _ => {}
    }
    let mut head: String = lines
        .iter()
        .filter(|line| !line.to_lowercase().starts_with("connection:"))
        .map(|line| format!("{line}\r\n"))
        .collect();
    head.push_str("Connection: close\r\n\r\n");
    if fault == Some(Fault::CutsWhatIsSent) {
        let mut there = TcpStream::connect(store).unwrap();
        let _ = there.write_all(head.as_bytes());
        let _ = there.write_all(&body[..body.len() / 2]);
        return;
    }
    let mut answer = raw(store, &head, &body);
    match fault {
        Some(Fault::BreaksOff) => answer.truncate(answer.len() - (answer.len() / 2).min(40)),
        Some(Fault::Alters) => {
            let last = answer.len() - 3;
            answer[last] ^= 1;
        }
        Some(Fault::Ages) => answer = aged(&answer, true),
        Some(Fault::TellsNoAge) => answer = aged(&answer, false),
        _ => {}
    }
    let _ = stream.write_all(&answer);
}

/// An answer whose thing was put there two days ago, or says nothing of that.
fn aged(answer: &[u8], tells: bool) -> Vec<u8> {
    let then = (chrono::Utc::now() - chrono::TimeDelta::hours(48)).format("%a, %d %b %Y %H:%M:%S GMT");
    let text = String::from_utf8(answer.to_vec()).unwrap();
    let lines: Vec<String> = text
        .split("\r\n")
        .map(|line| match (line.to_lowercase().starts_with("last-modified:"), tells) {
            (true, true) => format!("Last-Modified: {then}"),
            (true, false) => "X-Nothing: at all".to_owned(),
            (false, _) => line.to_owned(),
        })
        .collect();
    lines.join("\r\n").into_bytes()
}
