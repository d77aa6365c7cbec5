//! `kill -9` while everything is signed anew after a key was stolen: no badge is lost, moved or signed by halves, and the next run
//! goes on with what is left.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{Days, Utc};
use cpe_portal::badges::keys::Keys;
use cpe_portal::badges::origin::Origin;
use cpe_portal::badges::proof;
use cpe_portal::domain::plural::grouped;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

use super::reports::assert_whole;
use super::trials;
use crate::support::process::command;

/// Four portions of a signing run.
const BADGES: usize = 2_000;
/// Every so many-th signature is verified after a round; all of them at the end.
const SAMPLE: usize = 50;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    badge_id: String,
    #[diesel(sql_type = BigInt)]
    list: i64,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    document: String,
    #[diesel(sql_type = Text)]
    signed_with: String,
}

fn signed(data: &Path) -> BTreeMap<String, Row> {
    let path = data.join("portal.sqlite");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let rows: Vec<Row> =
        diesel::sql_query("SELECT badge_id, list_number AS list, list_position AS position, document, signed_with FROM signed_badges")
            .load(&mut conn)
            .unwrap();
    rows.into_iter().map(|row| (row.badge_id.clone(), row)).collect()
}

fn places(rows: &BTreeMap<String, Row>) -> BTreeMap<String, (i64, i64)> {
    rows.iter().map(|(badge, row)| (badge.clone(), (row.list, row.position))).collect()
}

/// Every `step`-th badge carries a proof by the key that its row names; by one that no longer stands, it must fail.
fn assert_signed(data: &Path, rows: &BTreeMap<String, Row>, step: usize) {
    let keys = Keys::read(&data.join("keys").join("badges.json")).unwrap();
    let origin = Origin::of("http://portal.test").unwrap();
    for row in rows.values().step_by(step) {
        let document = serde_json::from_str(&row.document).unwrap();
        let name = row.signed_with.rsplit('#').next().unwrap();
        match proof::verify(&document, &keys, &origin) {
            Ok(by) => assert_eq!(by, name, "{}", row.badge_id),
            Err(_) => assert!(keys.standing(name).is_none(), "{} does not verify", row.badge_id),
        }
    }
}

fn current_key(data: &Path) -> String {
    let keys = Keys::read(&data.join("keys").join("badges.json")).unwrap();
    keys.current().unwrap().name.clone()
}

fn import(folder: &Path, holders: usize) -> PathBuf {
    let data = folder.join("data");
    let granted_on = Utc::now().date_naive() - Days::new(100);
    let mut rows = "email,name,certification,certificate_number,granted_on\n".to_owned();
    for holder in 0..holders {
        rows.push_str(&format!("h{holder}@people.test,Holder {holder},ISP,ISP-{holder},{granted_on}\n"));
    }
    let file = folder.join("holders.csv");
    std::fs::write(&file, rows).unwrap();
    let imported = command(&data, &["import", "holders", file.to_str().unwrap()]).output().unwrap();
    assert!(imported.status.success(), "{imported:?}");
    data
}

#[test]
fn while_somebody_else_signs_the_command_says_so_and_waits() {
    let folder = tempfile::tempdir().unwrap();
    let data = import(folder.path(), 3);
    let mut conn = SqliteConnection::establish(data.join("portal.sqlite").to_str().unwrap()).unwrap();
    // a portal that took the lease of its job a moment ago; the command's own would reach less far
    let until = (Utc::now() + Duration::from_secs(110)).naive_utc();
    diesel::sql_query("INSERT INTO leases (name, owner, until) VALUES ('job badges', 'a portal', ?)")
        .bind::<Timestamp, _>(until)
        .execute(&mut conn)
        .unwrap();
    let mut run = command(&data, &["badges", "compromised", &current_key(&data)])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(run.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.starts_with("Somebody else is signing"), "{said}");
    thread::sleep(Duration::from_secs(2));
    assert!(run.try_wait().unwrap().is_none(), "it waits");
    let key = current_key(&data);
    assert!(
        signed(&data).values().all(|row| !row.signed_with.ends_with(&format!("#{key}"))),
        "and signs nothing"
    );

    diesel::sql_query("DELETE FROM leases").execute(&mut conn).unwrap();
    assert!(run.wait().unwrap().success());
    assert!(signed(&data).values().all(|row| row.signed_with.ends_with(&format!("#{key}"))));
}

#[test]
fn after_kill_9_while_badges_are_signed_anew_none_is_lost_and_the_next_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = import(folder.path(), BADGES);
    let first = signed(&data);
    assert_eq!(first.len(), BADGES);
    assert_signed(&data, &first, SAMPLE);

    // how long a whole run takes here, to be cut at other places of it in each round
    let begun = Instant::now();
    let whole = command(&data, &["badges", "compromised", &current_key(&data)]).output().unwrap();
    assert!(whole.status.success(), "{whole:?}");
    let length = begun.elapsed();

    let rounds = trials(5, 60);
    let mut in_the_middle = 0;
    for round in 0..rounds {
        let stolen = current_key(&data);
        let mut run = command(&data, &["badges", "compromised", &stolen]).spawn().unwrap();
        thread::sleep(length.mul_f64((round as f64 + 0.5) / rounds as f64) + Duration::from_millis(1));
        run.kill().unwrap();
        run.wait().unwrap();

        let after = signed(&data);
        assert_eq!(places(&after), places(&first), "round {round}: same badges in the same places");
        assert_signed(&data, &after, SAMPLE);
        let key = current_key(&data);
        let left = after.values().filter(|row| !row.signed_with.ends_with(&format!("#{key}"))).count();
        if key != stolen && left > 0 && left < BADGES {
            in_the_middle += 1;
        }

        let rest = command(&data, &["badges", "resign"]).stderr(Stdio::piped()).output().unwrap();
        assert!(rest.status.success(), "round {round}: {rest:?}");
        let said = String::from_utf8(rest.stdout).unwrap();
        let figures = format!("looked at: {}; signed: {}.", grouped(BADGES), grouped(left));
        assert!(said.contains(&figures), "round {round}: {said}");
        let done = signed(&data);
        assert!(done.values().all(|row| row.signed_with.ends_with(&format!("#{key}"))), "round {round}");
        assert_signed(&data, &done, if round + 1 == rounds { 1 } else { SAMPLE });
    }
    assert!(in_the_middle > 0, "no run was cut in its middle, so nothing was shown");
    assert_whole(&data, rounds);
}
