//! How fast mail leaves the house: beside Postfix's `smtp-source` with as many connections into the same sink, and to a relay far away over
//! one session and over several.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::figures::{Table, median};
use crate::server::binary;

const MAILS: usize = 5_000;
const ROUNDS: usize = 5;
/// Mails to the relay far away, and how long an answer of it takes to come.
const MAILS_FAR: usize = 240;
const FAR: Duration = Duration::from_millis(20);
/// Sessions with it, beside one.
const SESSIONS: usize = 4;

/// (c) Delivery of a full outbox, one connection, against `smtp-source` with one connection and messages of the same length.
pub fn mail(table: &mut Table) {
    let Some(source) = source() else {
        eprintln!(
            "mail: left out, because smtp-source is missing. It is part of the Debian package postfix, of which nothing has to run: \
             apt-get download postfix && dpkg-deb -x postfix_*.deb DIR, then \
             CPE_PORTAL_SMTP_SOURCE=DIR/usr/sbin/smtp-source LD_LIBRARY_PATH=DIR/usr/lib/postfix cargo bench -- mail"
        );
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let full = full_outbox(folder.path(), MAILS);
    let sink = Sink::start(Duration::ZERO);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let data = folder.path().join(format!("round-{round}"));
        copy(&full, &data);
        let mut command = Command::new(binary());
        command.args(["--data", &data.to_string_lossy(), "--log", "error", "mail"]);
        command.env("CPE_PORTAL_SMTP", format!("smtp://127.0.0.1:{}", sink.port));
        command.env("CPE_PORTAL_MAIL_SESSIONS", "1");
        run(&mut command);
        let (rate, bytes) = sink.rate(MAILS);
        ours.push(rate);
        let mut command = Command::new(&source);
        let (length, mails) = ((bytes / MAILS).to_string(), MAILS.to_string());
        command.args(["-d", "-s", "1", "-m", &mails, "-l", &length]);
        command.args([
            "-f",
            "from@example.test",
            "-t",
            "to@example.test",
            &format!("127.0.0.1:{}", sink.port),
        ]);
        run(&mut command);
        theirs.push(sink.rate(MAILS).0);
        eprintln!("  ours {:.0}/s, smtp-source {:.0}/s, {length} bytes each", ours[round], theirs[round]);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    table.row(
        "mails delivered, one connection",
        format!("{ours:.0}/s, each recorded durably"),
        format!("{theirs:.0}/s smtp-source, one connection kept"),
        format!("{:.2} (≥ 0.5)", ours / theirs),
    );
}

/// (d) Delivery to a relay whose answers take 20 ms to come, over one session and over four by turns.
pub fn far_mail(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let full = full_outbox(folder.path(), MAILS_FAR);
    let sink = Sink::start(FAR);
    let (mut one, mut several) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for (sessions, rates) in [(1, &mut one), (SESSIONS, &mut several)] {
            let data = folder.path().join(format!("far-{round}-{sessions}"));
            copy(&full, &data);
            let mut command = Command::new(binary());
            command.args(["--data", &data.to_string_lossy(), "--log", "error", "mail"]);
            command.env("CPE_PORTAL_SMTP", format!("smtp://127.0.0.1:{}", sink.port));
            command.env("CPE_PORTAL_MAIL_SESSIONS", sessions.to_string());
            run(&mut command);
            rates.push(sink.rate(MAILS_FAR).0);
        }
        eprintln!("  one session {:.0}/s, {SESSIONS} sessions {:.0}/s", one[round], several[round]);
    }
    let (one, several) = (median(one), median(several));
    table.row(
        "mails delivered to a relay 20 ms away, four sessions",
        format!("{several:.0}/s, each recorded durably (≥ 60/s)"),
        format!("{one:.0}/s over one session"),
        format!("{:.1}", several / one),
    );
}

fn source() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("CPE_PORTAL_SMTP_SOURCE") {
        return Some(PathBuf::from(given));
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join("smtp-source")).find(|path| path.is_file())
}

fn run(command: &mut Command) {
    let done = command.stdout(Stdio::null()).status().expect("the command starts");
    assert!(done.success(), "{command:?}: {done}");
}

/// A data folder with a reminder for each of many holders in the outbox.
fn full_outbox(folder: &Path, mails: usize) -> PathBuf {
    let data = folder.join("full");
    // the year began 300 days ago, so 65 days are left: the stage of 90 days is due
    let granted_on = chrono::Utc::now().date_naive() - chrono::Days::new(300);
    let mut rows = "email,name,certification,certificate_number,granted_on\n".to_owned();
    for holder in 0..mails {
        rows.push_str(&format!(
            "h{holder}@people.test,Holder Number {holder},ISP,ISP-{holder},{granted_on}\n"
        ));
    }
    let file = folder.join("holders.csv");
    std::fs::write(&file, rows).expect("the folder is writable");
    let portal = |arguments: &[&str]| {
        run(Command::new(binary())
            .args(["--data", &data.to_string_lossy(), "--log", "error"])
            .args(arguments));
    };
    portal(&["import", "holders", &file.to_string_lossy()]);
    portal(&["live", "on"]);
    // nothing leaves to whoever was never invited
    run(Command::new("sqlite3")
        .arg(data.join("portal.sqlite"))
        .arg("UPDATE accounts SET invited_at = created_at"));
    portal(&["deadlines"]);
    data
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is writable");
    for file in ["portal.sqlite", "portal.sqlite-wal"] {
        if from.join(file).exists() {
            std::fs::copy(from.join(file), to.join(file)).expect("the database can be copied");
            let copied = std::fs::File::open(to.join(file)).expect("the copy is there");
            copied.sync_all().expect("the copy can be written");
        }
    }
}

#[derive(Default)]
struct Seen {
    mails: usize,
    bytes: usize,
    first: Option<Instant>,
    last: Option<Instant>,
}

/// A mail server that takes everything as fast as it can, but for the time that an answer takes to come.
struct Sink {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Sink {
    fn start(far: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let there = Arc::clone(&seen);
        std::thread::spawn(move || {
            for line in listener.incoming().flatten() {
                let seen = Arc::clone(&there);
                std::thread::spawn(move || converse(&line, &seen, far));
            }
        });
        Self { port, seen }
    }

    /// Mails a second from the first connection to the last mail, and the bytes of all; forgets them.
    fn rate(&self, mails: usize) -> (f64, usize) {
        std::thread::sleep(Duration::from_millis(50));
        let seen = std::mem::take(&mut *self.seen.lock().expect("no panic"));
        assert_eq!(seen.mails, mails, "every mail arrives");
        let took = seen.last.zip(seen.first).map(|(last, first)| last - first).expect("mails came");
        (seen.mails as f64 / took.as_secs_f64(), seen.bytes)
    }
}

fn converse(line: &TcpStream, seen: &Mutex<Seen>, far: Duration) -> std::io::Result<()> {
    line.set_nodelay(true)?;
    let mut out = line;
    let mut lines = BufReader::with_capacity(64 * 1024, line);
    seen.lock().expect("no panic").first.get_or_insert_with(Instant::now);
    out.write_all(b"220 sink.test ESMTP\r\n")?;
    let mut text = Vec::new();
    loop {
        text.clear();
        // what was sent in one piece is answered after one such time
        if lines.buffer().is_empty() {
            lines.fill_buf()?;
            std::thread::sleep(far);
        }
        if lines.read_until(b'\n', &mut text)? == 0 {
            return Ok(());
        }
        if text.starts_with(b"DATA") {
            out.write_all(b"354 go on\r\n")?;
            let mut bytes = 0;
            lines.fill_buf()?;
            std::thread::sleep(far);
            loop {
                text.clear();
                bytes += lines.read_until(b'\n', &mut text)?;
                if text == b".\r\n" || text.is_empty() {
                    break;
                }
            }
            let mut seen = seen.lock().expect("no panic");
            seen.mails += 1;
            seen.bytes += bytes;
            seen.last = Some(Instant::now());
            drop(seen);
        } else if text.starts_with(b"QUIT") {
            return out.write_all(b"221 bye\r\n");
        } else if text.starts_with(b"EHLO") {
            // as Postfix, Exim and the rest do
            out.write_all(b"250-sink.test\r\n250-PIPELINING\r\n")?;
        }
        out.write_all(b"250 ok\r\n")?;
    }
}
