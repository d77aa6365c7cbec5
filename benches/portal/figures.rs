//! The figures, each with its baseline measured in the same run.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::client::{Answer, Client, get, post_report};
use crate::load::{Measured, load};
use crate::server::{self, Server};
use crate::visitors::{self, Visitor};

const CONNECTIONS: usize = 16;
const LENGTH: Duration = Duration::from_secs(4);
const ROUNDS: usize = 3;

/// Rows for the table of `benches/README.md`.
#[derive(Default)]
pub struct Table(Vec<[String; 4]>);

impl Table {
    pub fn row(&mut self, what: &str, figure: String, baseline: String, ratio: String) {
        eprintln!("{what}: {figure} | {baseline} | {ratio}");
        self.0.push([what.to_owned(), figure, baseline, ratio]);
    }

    pub fn print(&self) {
        println!("| what | figure | baseline, same run | ratio (demand) |\n|---|---|---|---|");
        for [what, figure, baseline, ratio] in &self.0 {
            println!("| {what} | {figure} | {baseline} | {ratio} |");
        }
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// (a) The deadline run: a dry run against the same sums in one bare statement; a real run beside people who report.
pub fn deadlines(table: &mut Table, data: &Path) {
    // a day on which a month's stages and deadlines have come together
    let day = visitors::sqlite(data, "SELECT date('now', '+30 day');").trim().to_owned();
    let sums = include_str!("sums.sql").replace("?1", &format!("'{day}'"));
    let (mut dry, mut bare, mut peak) = (Vec::new(), Vec::new(), 0);
    let mut looked_at = String::new();
    for _ in 0..ROUNDS {
        let run = server::run(Command::new(server::binary()).args([
            "--data",
            &data.to_string_lossy(),
            "--log",
            "warn",
            "deadlines",
            "--as-of",
            &day,
            "--dry-run",
            "--format",
            "json",
        ]));
        assert!(run.out.starts_with('{'), "the dry run prints its report: {}", run.err);
        peak = peak.max(run.peak);
        dry.push(run.took.as_secs_f64());
        let started = Instant::now();
        looked_at = visitors::sqlite(data, &sums).trim().to_owned();
        bare.push(started.elapsed().as_secs_f64());
    }
    let (dry, bare) = (median(dry), median(bare));
    table.row(
        "deadline run, dry, 100 000 holders",
        format!("{dry:.2} s, peak {} MB", peak / 1024),
        format!(
            "{bare:.2} s, one statement in sqlite3 over {} years",
            looked_at.split('|').next().unwrap_or("?")
        ),
        format!("{:.2} (≤ 2, peak < 150 MB)", dry / bare),
    );

    let people = visitors::sign_in(data, &reporters(5_000));
    let server = Server::start(data);
    // what was missed is made up at the start of the server; let it pass
    std::thread::sleep(Duration::from_secs(1));
    let sent = AtomicUsize::new(0);
    let idle = reports_load(&server, &people, &sent, 4, LENGTH);
    let (busy, run) = std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            server::run(Command::new(server::binary()).args([
                "--data",
                &data.to_string_lossy(),
                "deadlines",
                "--as-of",
                &day,
                "--format",
                "json",
                "--confirm-mass-flag",
            ]))
        });
        std::thread::sleep(Duration::from_millis(300));
        let busy = reports_load(&server, &people, &sent, 4, LENGTH);
        (busy, run.join().expect("the run ends"))
    });
    let longest = run
        .err
        .lines()
        .find_map(|line| line.split("longest write ").nth(1).map(|rest| rest.trim_end_matches('.')))
        .unwrap_or("?")
        .to_owned();
    table.row(
        "deadline run, real, while people report",
        format!(
            "{:.1} s; longest write {longest}; report p99 {:.1} ms",
            run.took.as_secs_f64(),
            ms(busy.p99)
        ),
        format!("report p99 {:.1} ms when idle", ms(idle.p99)),
        format!("{:.1} (≤ 3; longest write ≤ 250 ms)", busy.p99.as_secs_f64() / idle.p99.as_secs_f64()),
    );
}

/// (b) Pages against a plain answer of the same server; (d) the start and the memory at rest.
pub fn pages(table: &mut Table, data: &Path, small: &Path) {
    let holders = visitors::sign_in(data, &reporters(400));
    let few = visitors::sign_in(small, &reporters(400));
    let staff = "SELECT id FROM accounts WHERE role = 'reviewer' LIMIT 1;";
    let (reviewer, other) = (visitors::sign_in(data, staff), visitors::sign_in(small, staff));
    let server = Server::start(data);
    let resident = server.resident();
    table.row(
        "start to first answer, 100 000 holders",
        format!("{:.0} ms", ms(server.first_answer)),
        "–".to_owned(),
        "(< 200 ms)".to_owned(),
    );
    table.row(
        "resident memory at rest",
        format!("{} MB", resident / 1024),
        "–".to_owned(),
        "(< 40 MB)".to_owned(),
    );
    let small = Server::start(small);
    std::thread::sleep(Duration::from_secs(3));
    let deep = page_of_queue(&server, &reviewer[0].cookie, 200);
    let first = "/staff/review".to_owned();
    let mut hello = Vec::new();
    let mut figures: [Vec<Measured>; 5] = Default::default();
    let pick =
        |people: &[Visitor], c: usize, n: usize| people[(c * 131 + n * 17) % people.len()].cookie.clone();
    for _ in 0..ROUNDS {
        hello.push(pages_load(&server, |_, _| get("/healthz", "")).per_second);
        figures[0].push(pages_load(&server, |c, n| get("/dashboard", &pick(&holders, c, n))));
        figures[1].push(pages_load(&small, |c, n| get("/dashboard", &pick(&few, c, n))));
        figures[2].push(pages_load(&server, |_, _| get(&first, &reviewer[0].cookie)));
        figures[3].push(pages_load(&server, |_, _| get(&deep, &reviewer[0].cookie)));
        figures[4].push(pages_load(&small, |_, _| get(&first, &other[0].cookie)));
    }
    let hello = median(hello);
    let rate = |all: &[Measured]| median(all.iter().map(|m| m.per_second).collect());
    let [dashboard, small_dashboard, queue, deep_queue, small_queue] =
        figures.each_ref().map(|all| rate(all));
    let mut page = |what: &str, rate: f64, demand: f64, small: f64, all: &[Measured]| {
        let p99 = median(all.iter().map(|m| ms(m.p99)).collect());
        table.row(
            what,
            format!("{rate:.0}/s, p99 {p99:.1} ms; {:.2} × the cost at 1 000 holders", small / rate),
            format!("plain answer {hello:.0}/s"),
            format!("{:.3} (≥ {demand}; ≤ 1.3 ×)", rate / hello),
        );
    };
    page("dashboard", dashboard, 0.05, small_dashboard, &figures[0]);
    page("review queue, first page", queue, 0.04, small_queue, &figures[2]);
    page("review queue, 200th page", deep_queue, 0.04, small_queue, &figures[3]);
}

/// (c) Durable reports through the whole form path, against bare durable commits on the same file.
pub fn reports(table: &mut Table, data: &Path) {
    let people = visitors::sign_in(data, &reporters(5_000));
    let (mut through, mut bare, mut p99) = (Vec::new(), Vec::new(), Vec::new());
    let sent = AtomicUsize::new(0);
    for _ in 0..ROUNDS {
        bare.push(bare_commits(data));
        let server = Server::start(data);
        std::thread::sleep(Duration::from_secs(1));
        let measured = reports_load(&server, &people, &sent, CONNECTIONS, LENGTH);
        through.push(measured.per_second);
        p99.push(ms(measured.p99));
    }
    let (through, bare) = (median(through), median(bare));
    table.row(
        "durable reports through the form",
        format!("{through:.0}/s, p99 {:.1} ms", median(p99)),
        format!("{bare:.0}/s bare BEGIN IMMEDIATE … COMMIT, synchronous=FULL"),
        format!("{:.2} (≥ 0.35)", through / bare),
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Accounts whose certificate stands and needs credits, spread over the whole body.
fn reporters(count: usize) -> String {
    format!(
        "SELECT DISTINCT c.holder_id FROM certificates c JOIN certification_years y ON y.certificate_id = c.id \
         WHERE c.decertified_on IS NULL AND y.outcome IS NULL AND date('now') BETWEEN y.starts_on AND y.ends_on \
         AND c.granted_on < date('now', '-30 day') ORDER BY (c.holder_id * 7919) % 10007 LIMIT {count};"
    )
}

pub fn pages_load(server: &Server, request: impl Fn(usize, usize) -> Vec<u8> + Sync) -> Measured {
    let measured = load(server.addr, CONNECTIONS, LENGTH, request, |answer: &Answer| answer.status == 200);
    assert_eq!(measured.wrong, 0, "every page answers 200");
    measured
}

fn reports_load(
    server: &Server,
    people: &[Visitor],
    sent: &AtomicUsize,
    connections: usize,
    length: Duration,
) -> Measured {
    let today = chrono::Local::now().date_naive().to_string();
    let request = |_: usize, _: usize| {
        let n = sent.fetch_add(1, Ordering::Relaxed);
        let person = &people[n % people.len()];
        let title = format!("Conference on resilience, part {n}");
        post_report(
            &person.cookie,
            &person.csrf,
            &[
                ("category", "attending"),
                ("title", &title),
                ("organiser", "A society"),
                ("field", "information_security"),
                ("started_on", ""),
                ("completed_on", &today),
                ("hours", "2"),
                ("minutes", "30"),
                ("relevance", "It is about the continuity of what my team runs."),
                ("not_regular_job", "1"),
                ("intent", "submit"),
            ],
        )
    };
    let measured = load(server.addr, connections, length, request, |answer| answer.status == 303);
    assert_eq!(measured.wrong, 0, "every report is acknowledged");
    measured
}

/// Follows the queue's own links to its n-th page.
fn page_of_queue(server: &Server, cookie: &str, page: usize) -> String {
    let mut client = Client::connect(server.addr).expect("the server accepts connections");
    let mut path = "/staff/review".to_owned();
    for reached in 1..page {
        let text = client.send(&get(&path, cookie)).expect("the queue answers").text();
        let next = text.match_indices("href=\"/staff/review?").filter_map(|(at, _)| {
            let rest = &text[at + 6..];
            let end = rest.find('"')?;
            let href = rest[..end].replace("&#38;", "&").replace("&amp;", "&");
            href.contains("after=").then_some(href)
        });
        match next.last() {
            Some(next) => path = next,
            None => {
                eprintln!("the queue ends at page {reached}");
                break;
            }
        }
    }
    path
}

/// One row after another in one connection, each in its own durable transaction.
fn bare_commits(data: &Path) -> f64 {
    const COMMITS: usize = 3000;
    let mut sql = String::from(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, text TEXT);\n",
    );
    for n in 0..COMMITS {
        sql.push_str(&format!(
            "BEGIN IMMEDIATE; INSERT INTO bare (text) VALUES ('Conference on resilience, part {n}'); COMMIT;\n"
        ));
    }
    sql.push_str("DROP TABLE bare;\n");
    let started = Instant::now();
    visitors::sqlite(data, &sql);
    COMMITS as f64 / started.elapsed().as_secs_f64()
}
