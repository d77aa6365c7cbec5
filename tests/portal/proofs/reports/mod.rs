//! `kill -9` of the real binary while people report: whatever was acknowledged is there afterwards, once, and the data is whole.

pub mod line;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::trials;
use crate::support::process::{command, serve};
use line::{Answer, Visitor, part};

pub const HOLDERS: usize = 6;
pub const PASSWORD: &str = "violet harbour tractor moon";
/// In the round's way of ending: the shortest and the longest time that people have to report, and the step between rounds.
const SHORTEST: Duration = Duration::from_millis(60);
const STEP: Duration = Duration::from_millis(17);

fn email(holder: usize) -> String {
    format!("h{holder}@people.test")
}

/// Holders of one certificate each, who can sign in.
pub fn people(folder: &Path, data: &Path, granted_on: NaiveDate) {
    let mut rows = "email,name,certification,certificate_number,granted_on\n".to_owned();
    for holder in 0..HOLDERS {
        rows.push_str(&format!("{},Holder {holder},ISP,ISP-{holder},{granted_on}\n", email(holder)));
    }
    let file = folder.join("holders.csv");
    std::fs::write(&file, rows).unwrap();
    let imported = command(data, &["import", "holders", file.to_str().unwrap()]).output().unwrap();
    assert!(imported.status.success(), "{imported:?}");
    for holder in 0..HOLDERS {
        let (email, name) = (email(holder), format!("Holder {holder}"));
        let add =
            ["account", "add", "--email", &email, "--name", &name, "--role", "holder", "--password-stdin"];
        let mut child = command(data, &add).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(child.wait_with_output().unwrap().status.success());
    }
}

pub fn signed_in(address: &str, holder: usize) -> Visitor {
    let mut visitor = Visitor::default();
    let page = visitor.get(address, "/sign-in").unwrap();
    let (email, token) = (email(holder), page.token());
    let fields = [("csrf_token", token.as_str()), ("email", &email), ("password", PASSWORD)];
    let answer = visitor.post_plain(address, "/sign-in", &fields).unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text);
    visitor
}

/// Sends a report, every other one with a proof.
pub fn report(
    visitor: &mut Visitor,
    address: &str,
    token: &str,
    title: &str,
    day: NaiveDate,
    nth: usize,
) -> Option<Answer> {
    let mut body = Vec::new();
    let completed_on = day.to_string();
    for (name, value) in [
        ("csrf_token", token),
        ("category", "attending"),
        ("title", title),
        ("field", "information_security"),
        ("completed_on", &completed_on),
        ("hours", "1:30"),
        ("not_regular_job", "1"),
        ("intent", "submit"),
    ] {
        body.extend(part(&format!("name=\"{name}\""), value.as_bytes()));
    }
    if nth.is_multiple_of(2) {
        let proof = format!("%PDF-1.4\n% {title}\n%%EOF\n");
        let disposition = "name=\"evidence\"; filename=\"proof.pdf\"\r\nContent-Type: application/pdf";
        body.extend(part(disposition, proof.as_bytes()));
    }
    visitor.post_parts(address, "/activities", body)
}

pub fn titles(data: &Path) -> BTreeMap<String, usize> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        title: String,
    }
    let path = data.join("portal.sqlite");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let lines: Vec<Line> =
        diesel::sql_query("SELECT title FROM activities WHERE status = 'submitted'").load(&mut conn).unwrap();
    let mut titles = BTreeMap::new();
    for line in lines {
        *titles.entry(line.title).or_default() += 1;
    }
    titles
}

pub fn assert_whole(data: &Path, round: usize) {
    let checked = command(data, &["check"]).output().unwrap();
    assert!(checked.status.success(), "round {round}: {}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn after_kill_9_during_concurrent_reports_every_acknowledged_report_is_there_and_the_data_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let today = Utc::now().date_naive();
    people(folder.path(), &data, today - Days::new(100));
    let completed_on = today - Days::new(30);
    let rounds = trials(30, 300);
    let mut visitors: Vec<Visitor> = Vec::new();
    let acknowledged: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let rounds_cut_short = AtomicU32::new(0);
    for round in 0..rounds {
        let (mut portal, address) = serve(&data);
        if visitors.is_empty() {
            visitors = (0..HOLDERS).map(|holder| signed_in(&address, holder)).collect();
        }
        thread::scope(|scope| {
            for (holder, visitor) in visitors.iter_mut().enumerate() {
                let (address, acknowledged, cut_short) = (&address, &acknowledged, &rounds_cut_short);
                scope.spawn(move || {
                    // a session outlives a crash, so nobody has to sign in again
                    let Some(page) = visitor.get(address, "/activities/new") else { return };
                    let token = page.token();
                    for nth in 0.. {
                        let title = format!("Round {round}, holder {holder}, report {nth}");
                        let Some(answer) = report(visitor, address, &token, &title, completed_on, nth) else {
                            cut_short.fetch_add(1, Ordering::Relaxed);
                            return;
                        };
                        assert_eq!(answer.status, 303, "{}", answer.text);
                        acknowledged.lock().unwrap().push(title);
                    }
                });
            }
            // the first reports are under way; then the power goes, a little later in each round
            let begun = acknowledged.lock().unwrap().len();
            let patience = Instant::now() + Duration::from_secs(20);
            while acknowledged.lock().unwrap().len() < begun + HOLDERS && Instant::now() < patience {
                thread::sleep(Duration::from_millis(2));
            }
            thread::sleep(SHORTEST + STEP * u32::try_from(round % 10).unwrap());
            portal.kill().unwrap();
            portal.wait().unwrap();
        });
        let there = titles(&data);
        for title in acknowledged.lock().unwrap().iter() {
            assert_eq!(there.get(title), Some(&1), "round {round}: {title}");
        }
        assert_whole(&data, round);
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    let there = titles(&data);
    // one report of each holder can have been on its way when the portal died: kept, but the answer never arrived
    assert!(
        there.len() - acknowledged.len() <= rounds * HOLDERS,
        "{} of {}",
        acknowledged.len(),
        there.len()
    );
    assert!(there.values().all(|times| *times == 1));
    assert!(
        acknowledged.len() >= rounds * HOLDERS,
        "{} reports are too few to prove anything",
        acknowledged.len()
    );
    let cut_short = rounds_cut_short.into_inner();
    assert!(cut_short > 100, "only {cut_short} conversations were cut short");
}
