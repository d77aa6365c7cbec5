//! The real binary: filled data folders, a served port, and what /proc says about it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The release binary that `cargo bench` built.
pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_cpe-portal"))
}

/// Where the portal is for the world, in all benchmarks.
const URL: &str = "http://bench.test";

/// A served portal; stopped when dropped.
pub struct Server {
    pub addr: SocketAddr,
    /// From the start of the process to its first answer.
    pub first_answer: Duration,
    child: Child,
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port")
}

fn answers(addr: SocketAddr) -> bool {
    TcpStream::connect(addr).is_ok()
        && crate::client::Client::connect(addr)
            .and_then(|mut c| c.send(&crate::client::get("/healthz", "")))
            .is_ok_and(|answer| answer.status == 200)
}

impl Server {
    pub fn start(data: &Path) -> Server {
        let addr = free_port();
        let started = Instant::now();
        let child = Command::new(binary())
            .args([
                "--data",
                &data.to_string_lossy(),
                "--listen",
                &addr.to_string(),
                "--log",
                "warn",
                "serve",
            ])
            .env("CPE_PORTAL_URL", URL)
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        while !answers(addr) {
            assert!(started.elapsed() < Duration::from_secs(60), "the server answers");
            std::thread::sleep(Duration::from_millis(2));
        }
        Server { addr, first_answer: started.elapsed(), child }
    }

    /// Resident memory now, in kB.
    pub fn resident(&self) -> u64 {
        memory(self.child.id(), "VmRSS:")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn memory(pid: u32, line: &str) -> u64 {
    std::fs::read_to_string(format!("/proc/{pid}/status"))
        .unwrap_or_default()
        .lines()
        .find_map(|l| l.strip_prefix(line))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// A finished command: how long it took, its peak memory in kB, and what it printed.
pub struct Finished {
    pub took: Duration,
    pub peak: u64,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end, watching its memory.
pub fn run(command: &mut Command) -> Finished {
    let started = Instant::now();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str| std::fs::File::create(folder.path().join(name)).expect("a temporary file");
    let mut child = command.stdout(file("out")).stderr(file("err")).spawn().expect("the command starts");
    let mut peak = 0;
    while child.try_wait().expect("a child can be waited for").is_none() {
        peak = peak.max(memory(child.id(), "VmHWM:"));
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = started.elapsed();
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    Finished { took, peak, out: text("out"), err: text("err") }
}

/// A data folder with a demonstration body of so many holders; made once, kept under `target`.
pub fn filled(holders: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{holders}"));
    let done = folder.join("filled");
    if done.exists() {
        up_to_date(&folder);
        return folder;
    }
    let _ = std::fs::remove_dir_all(&folder);
    eprintln!("filling a portal with {holders} holders (once) …");
    let addr = free_port();
    let started = Instant::now();
    let mut child = Command::new(binary())
        .args(["--data", &folder.to_string_lossy(), "--listen", &addr.to_string(), "--log", "warn"])
        .args(["demo", "--holders", &holders.to_string()])
        .env("CPE_PORTAL_URL", URL)
        .spawn()
        .expect("the binary starts");
    while !answers(addr) {
        assert!(child.try_wait().expect("a child can be waited for").is_none(), "demo fills and serves");
        std::thread::sleep(Duration::from_millis(200));
    }
    eprintln!("filled in {:.0} s", started.elapsed().as_secs_f64());
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    let _ = child.wait();
    std::fs::write(done, "").expect("the folder is writable");
    up_to_date(&folder);
    folder
}

/// Lets today's timetable do what it has to do, backup and check included, so that a server that starts has nothing else to do than
/// to answer.
fn up_to_date(folder: &Path) {
    // the address that badges are signed for is this one's; later servers have the same
    for command in [&["deadlines", "--confirm-mass-flag"][..], &["mail"], &["badges", "resign"]] {
        let mut command_line = Command::new(binary());
        run(command_line
            .args(["--data", &folder.to_string_lossy(), "--log", "warn"])
            .args(command)
            .env("CPE_PORTAL_URL", URL));
    }
    let waits = "SELECT (SELECT COUNT(*) FROM job_runs WHERE outcome = 'running' AND started_at > datetime('now', '-1 hour')) + \
                 (SELECT 2 - COUNT(DISTINCT job) FROM job_runs WHERE job IN ('backup', 'check') AND outcome = 'done' \
                  AND started_at > datetime('now', '-20 hour'));";
    let done = || crate::visitors::sqlite(folder, waits).trim() == "0";
    if done() {
        return;
    }
    eprintln!("waiting for today's backup and check …");
    let server = Server::start(folder);
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(1800), "the timetable comes to rest");
        std::thread::sleep(Duration::from_secs(1));
    }
    drop(server);
    eprintln!("at rest after {:.0} s", started.elapsed().as_secs_f64());
}
