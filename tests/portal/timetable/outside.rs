//! The portal as those see it who watch it: how it fares, figures, the log, and how it stops.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use cpe_portal::jobs::health::{Condition, Vital, vitals};
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::portal::Portal;

use super::body::behind_its_back;
use crate::support::process::command;
use crate::support::{TestPortal, day};

fn vital(portal: &Portal, name: &str) -> Vital {
    vitals(portal).into_iter().find(|vital| vital.name == name).unwrap()
}

fn condition(portal: &Portal, name: &str) -> Condition {
    vital(portal, name).condition
}

fn runs(portal: &Portal, name: &str) {
    let job = TIMETABLE.iter().find(|job| job.name.code() == name).unwrap();
    assert!(matches!(tick(portal, job, &|| false).unwrap(), Tick::Ran(_)), "{name}");
}

#[actix_web::test]
async fn whoever_watches_is_told_what_has_to_be_mended_and_when_it_is_well_again() {
    use Condition::{Attention, Bad, Good};
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.visitor().await;
    for name in ["check", "backup", "deadlines", "housekeeping"] {
        assert_eq!(condition(&portal, name), Attention, "{name} was not due yet, which is no alarm");
    }
    browser.get("/readyz").await.expect(200);
    for job in &TIMETABLE {
        if !["mail", "bounces", "search"].contains(&job.name.code()) {
            runs(&portal, job.name.code());
        }
    }
    assert!(vitals(&portal).iter().all(|vital| vital.condition == Good), "{:?}", vitals(&portal));

    // two nights without a run
    portal.clock.set_local(day("2026-11-25"), 13);
    for name in ["check", "backup", "deadlines", "housekeeping", "figures", "badges"] {
        assert_eq!(condition(&portal, name), Bad, "{name}");
    }
    let page = browser.get("/readyz").await.expect(503);
    assert!(page.html().starts_with("not ready\n"), "{}", page.html());
    assert!(page.html().contains("BAD  backup: the newest is of 2026-11-23"), "{}", page.html());
    for job in &TIMETABLE {
        if !["mail", "bounces", "search"].contains(&job.name.code()) {
            runs(&portal, job.name.code());
        }
    }
    assert!(browser.get("/readyz").await.expect(200).html().starts_with("ready\n"));

    // a mail that nobody takes
    behind_its_back(
        &portal,
        "INSERT INTO mails (account_id, kind, to_name, to_address, subject, body_text, body_html, message_id, state, attempts, \
         next_attempt_at, created_at, updated_at) VALUES (1, 'reminder', 'A', 'a@people.test', 's', 't', 'h', 'm@portal.test', \
         'pending', 3, '2026-11-25 12:00:00', '2026-11-25 11:30:00', '2026-11-25 11:30:00')",
    );
    assert_eq!(condition(&portal, "mail"), Good, "half an hour is nothing");
    portal.clock.set_local(day("2026-11-25"), 14);
    assert_eq!(condition(&portal, "mail"), Attention);
    portal.clock.set_local(day("2026-11-26"), 14);
    assert_eq!(condition(&portal, "mail"), Bad);
    behind_its_back(&portal, "UPDATE mails SET state = 'sent' WHERE state = 'pending'");
    assert_eq!(condition(&portal, "mail"), Good);

    // data that is not sound
    behind_its_back(&portal, "CREATE TABLE aside AS SELECT * FROM bare_numbers");
    behind_its_back(&portal, "DELETE FROM bare_numbers WHERE certificate_id = 1");
    runs(&portal, "check");
    assert!(vital(&portal, "check").words.ends_with("of 45 invariants do not hold"));
    assert_eq!(condition(&portal, "check"), Bad);
    let said = browser.get("/readyz").await.expect(503).html();
    for person in [&people.owner, &people.stranger] {
        assert!(!said.contains(&person.name) && !said.contains(&person.email), "{said}");
    }
}

#[actix_web::test]
async fn each_job_has_a_page_with_its_runs_and_can_be_run_now() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    for job in &TIMETABLE {
        let path = format!("/admin/jobs/{}", job.name.code());
        let page = administrator.get(&path).await.expect(200);
        assert!(
            page.words().contains(job.purpose) && page.words().contains("nothing to do so far"),
            "{path}"
        );
        let answer = administrator.post(&path, &[]).await.expect(303);
        let page = administrator.follow(answer).await.expect(200);
        assert_eq!(page.texts("tbody tr").len(), 1, "{path}: {}", page.words());
        assert!(page.words().contains("Done"), "{path}: {}", page.words());
    }
    administrator.get("/admin/jobs/nothing").await.expect(404);
    administrator.post("/admin/jobs/nothing", &[]).await.expect(404);
}

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut line = TcpStream::connect(address).unwrap();
    line.write_all(
        format!("GET {path} HTTP/1.1\r\nHost: portal.test\r\nConnection: close\r\n\r\n").as_bytes(),
    )
    .unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn figures_are_given_on_an_address_of_their_own_and_the_log_can_be_json() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let serve = ["serve", "--metrics", "127.0.0.1:0", "--log-format", "json", "--log", "info"];
    let mut child = Served(command(&data, &serve).stderr(Stdio::piped()).spawn().unwrap());
    let mut said = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
    let pages = said.trim_end().rsplit(' ').next().unwrap().trim_end_matches(')').to_owned();
    let mut log = BufReader::new(child.0.stderr.take().unwrap()).lines();
    let figures = log
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| {
            Some(line.strip_prefix("Figures are at http://")?.strip_suffix("/metrics")?.to_owned())
        })
        .unwrap();

    assert!(get(&pages, "/metrics").starts_with("HTTP/1.1 404"), "not where the pages are");
    assert!(get(&figures, "/guide").starts_with("HTTP/1.1 404"), "and no pages where the figures are");
    assert!(get(&pages, "/guide").starts_with("HTTP/1.1 200"));
    let text = get(&figures, "/metrics");
    for line in [
        "cpe_portal_http_answers_total{route=\"/guide\",method=\"GET\",status=\"200\"} 1",
        "cpe_portal_http_answer_seconds_count 2",
        "cpe_portal_condition{name=\"database\"} 0",
        "cpe_portal_mails_waiting 0",
        "cpe_portal_years_flagged 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("cpe_portal_disk_free_bytes "), "{text}");

    let request = log.map(Result::unwrap).find(|line| line.contains("/guide")).unwrap();
    let line: serde_json::Value = serde_json::from_str(&request).unwrap();
    assert_eq!(
        (&line["level"], &line["route"], &line["status"]),
        (&"INFO".into(), &"/guide".into(), &200.into())
    );
}

#[test]
fn a_portal_that_is_told_to_stop_ends_in_ten_seconds_though_somebody_sends_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut child = Served(command(&data, &["serve"]).spawn().unwrap());
    let mut said = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
    let address = said.trim_end().rsplit(' ').next().unwrap().trim_end_matches(')').to_owned();
    let mut slow = TcpStream::connect(&address).unwrap();
    slow.write_all(
        b"POST /sign-in HTTP/1.1\r\nHost: portal.test\r\nContent-Type: application/x-www-form-urlencoded\r\n\
          Content-Length: 1000\r\n\r\nemail=",
    )
    .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let told = Instant::now();
    let pid = i32::try_from(child.0.id()).unwrap();
    assert!(std::process::Command::new("kill").arg(pid.to_string()).status().unwrap().success());
    let status = child.0.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(told.elapsed() < Duration::from_secs(10), "{:?}", told.elapsed());
}

#[actix_web::test]
async fn a_replica_that_stops_following_is_told() {
    use Condition::{Attention, Bad, Good};
    let portal = TestPortal::new();
    assert!(vitals(&portal).iter().all(|vital| vital.name != "replica"), "there is none");
    // what Litestream keeps beside a database; its times are what counts
    let taken = portal.config.data.join(".portal.sqlite-litestream/ltx/0");
    std::fs::create_dir_all(&taken).unwrap();
    let written = std::time::SystemTime::now();
    for name in ["portal.sqlite", "portal.sqlite-wal"] {
        let file = std::fs::File::options().write(true).open(portal.config.data.join(name));
        file.map(|file| file.set_modified(written).unwrap()).unwrap_or_default();
    }
    let behind = |seconds| {
        let folder = std::fs::File::open(&taken).unwrap();
        folder.set_modified(written - std::time::Duration::from_secs(seconds)).unwrap();
        let vitals = vitals(&portal);
        let replica = vitals.iter().find(|vital| vital.name == "replica").unwrap();
        (replica.condition, replica.words.clone(), replica.figure)
    };
    assert_eq!(behind(0), (Good, "follows".to_owned(), Some(0)));
    assert_eq!(behind(59), (Good, "follows".to_owned(), Some(59)));
    assert_eq!(behind(60), (Attention, "60 seconds behind".to_owned(), Some(60)));
    assert_eq!(behind(660), (Bad, "11 minutes behind: Litestream has stopped".to_owned(), Some(660)));
    let page = portal.visitor().await.get("/readyz").await.expect(503);
    assert!(page.html().contains("BAD  replica: 11 minutes behind"), "{}", page.html());
}
