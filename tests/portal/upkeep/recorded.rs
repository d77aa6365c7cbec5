//! The nightly check: its result is kept, shown to administrators, and told in the log.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Days;
use cpe_portal::jobs::health::{Condition, vitals};
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::store::operations::invariant_results;
use cpe_portal::upkeep::check::{Checked, check_of_the_night, record};
use cpe_portal::upkeep::rotation::WeekPart;

use super::{check, to_the_end};
use crate::support::{TestPortal, day};
use crate::timetable::body::behind_its_back;

#[actix_web::test]
async fn what_the_nightly_check_found_is_kept_and_shown_until_a_later_one_finds_nothing() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "A conference", "2026-10-01", 2);
    let admin = portal.browser(&people.administrator).await;
    assert!(admin.get("/admin/check").await.expect(200).words().contains("No check yet"));
    assert_eq!(portal.store.read(invariant_results::last).unwrap(), None);

    let job = TIMETABLE.iter().find(|job| job.name.code() == "check").unwrap();
    let Tick::Ran(done) = tick(&portal, job, &|| false).unwrap() else { panic!("not due") };
    assert!(done.complete && done.summary.contains("invariants hold"), "{done:?}");
    assert!(portal.store.read(invariant_results::last).unwrap().unwrap().ok());
    assert!(admin.get("/admin/check").await.expect(200).words().contains("Everything holds"));

    behind_its_back(&portal, "CREATE TABLE aside AS SELECT * FROM bare_numbers");
    behind_its_back(&portal, "DELETE FROM bare_numbers WHERE certificate_id = 1");
    admin.get("/admin/check").await.expect(200);
    admin.post("/admin/check", &[]).await.expect(303);
    let page = admin.get("/admin/check").await.expect(200);
    assert!(page.words().contains("The data is not sound"), "{}", page.words());
    assert!(page.words().contains("Every certificate is found by its number"), "{}", page.words());
    assert_eq!(page.texts("section.bad li"), ["ISP-1001"]);
    let last = portal.store.read(invariant_results::last).unwrap().unwrap();
    assert!(!last.ok());

    behind_its_back(&portal, "INSERT INTO bare_numbers SELECT * FROM aside WHERE certificate_id = 1");
    admin.post("/admin/check", &[]).await.expect(303);
    let page = admin.get("/admin/check").await.expect(200);
    assert!(
        page.words().contains("Everything holds") && page.words().contains("1 did not hold"),
        "{}",
        page.words()
    );
}

/// Evidence that is named by a row of its own; gives its hash and its place.
fn evidence(portal: &TestPortal, content: &str) -> (String, PathBuf) {
    let stored = portal.files.store(content.as_bytes()).unwrap();
    behind_its_back(
        portal,
        &format!(
            "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
             SELECT id, '{}', 'x.pdf', 'application/pdf', {}, '2026-11-23 09:00:00' FROM accounts \
             WHERE email = 'owner@people.test'",
            stored.sha256, stored.size
        ),
    );
    let folder = portal.config.data.join("evidence");
    let place = folder.join(&stored.sha256[..2]).join(&stored.sha256[2..]);
    (stored.sha256, place)
}

/// What the check of a night so many days after the first found of evidence.
fn found_on(portal: &TestPortal, after: u64) -> Vec<String> {
    portal.clock.set_local(day("2026-11-23") + Days::new(after), 5);
    let job = TIMETABLE.iter().find(|job| job.name.code() == "check").unwrap();
    assert!(matches!(tick(portal, job, &|| false).unwrap(), Tick::Ran(_)));
    portal.texts(
        "SELECT found AS text FROM data_check_findings WHERE check_id = (SELECT MAX(id) FROM data_checks) \
         AND invariant LIKE 'Every evidence file%' ORDER BY place",
    )
}

fn altered(place: &Path) -> Vec<u8> {
    let whole = fs::read(place).unwrap();
    fs::write(place, whole.iter().map(|byte| byte ^ 0x55).collect::<Vec<_>>()).unwrap();
    whole
}

#[actix_web::test]
async fn evidence_that_is_altered_is_found_within_a_week_and_told_every_night_until_it_is_mended() {
    let portal = TestPortal::new();
    let people = portal.people();
    let files: Vec<_> = (0..20).map(|nth| evidence(&portal, &format!("file {nth}"))).collect();
    assert_eq!(found_on(&portal, 0), Vec::<String>::new());
    let (sha256, place) = &files[7];
    let whole = altered(place);
    let nights: Vec<Vec<String>> = (1..=14).map(|after| found_on(&portal, after)).collect();
    let first = nights.iter().position(|found| !found.is_empty()).expect("it is found");
    assert!(first < 7, "{nights:?}");
    // once found it does not vanish with the night, neither here nor for whoever watches
    assert!(nights[first..].iter().all(|found| *found == [format!("{sha256}: altered")]), "{nights:?}");
    let check = || vitals(&portal).into_iter().find(|vital| vital.name == "check").unwrap();
    assert_eq!(check().condition, Condition::Bad);
    let admin = portal.browser(&people.administrator).await;
    assert!(admin.get("/admin/check").await.expect(200).words().contains(sha256.as_str()));
    // mended: an administrator need not wait for its day of the week
    fs::write(place, whole).unwrap();
    admin.post("/admin/check", &[]).await.expect(303);
    assert!(admin.get("/admin/check").await.expect(200).words().contains("Everything holds"));
    assert_eq!(check().condition, Condition::Good);
}

#[test]
fn evidence_whose_day_is_one_on_which_the_machine_is_always_off_is_read_on_the_next_one() {
    let portal = TestPortal::new();
    portal.people();
    let (sha256, place) = evidence(&portal, "its day is one of the seven");
    let of_day = |after| day("2026-11-23") + Days::new(after);
    let turn = (0..7).find(|after| WeekPart::since(Some(of_day(*after)), of_day(*after)).includes(&sha256));
    let turn = turn.unwrap();
    assert_eq!(found_on(&portal, turn + 1), Vec::<String>::new());
    altered(&place);
    let nights = (turn + 2..turn + 14).filter(|after| after % 7 != turn);
    let found: Vec<(u64, Vec<String>)> = nights.map(|after| (after, found_on(&portal, after))).collect();
    let first = found.iter().find(|(_, found)| !found.is_empty());
    assert_eq!(first, Some(&(turn + 8, vec![format!("{sha256}: altered")])), "{found:?}");
}

#[test]
fn evidence_that_is_missing_or_of_another_size_is_found_in_the_next_night() {
    let portal = TestPortal::new();
    portal.people();
    let files: Vec<_> = (0..14).map(|nth| evidence(&portal, &format!("file {nth}"))).collect();
    for (after, (sha256, place)) in (0..).zip(&files) {
        let whole = fs::read(place).unwrap();
        match after % 2 {
            0 => fs::remove_file(place).unwrap(),
            _ => fs::write(place, "of another size").unwrap(),
        }
        let kind = if after % 2 == 0 { "missing" } else { "altered" };
        assert_eq!(found_on(&portal, after), [format!("{sha256}: {kind}")]);
        fs::write(place, whole).unwrap();
    }
}

#[test]
fn where_the_last_check_does_not_name_everything_that_it_found_all_evidence_is_read() {
    let portal = TestPortal::new();
    portal.people();
    let files: Vec<_> = (0..70).map(|nth| evidence(&portal, &format!("file {nth}"))).collect();
    for (_, place) in &files {
        altered(place);
    }
    // more than are kept
    let checked = check(&portal);
    record(&portal, portal.clock.now(), &checked).unwrap();
    let told = |checked: &[Checked]| checked.last().unwrap().problems.len();
    assert_eq!(told(&checked), 70);
    assert_eq!(told(&check_of_the_night(&portal, &mut to_the_end).unwrap()), 70);
    // and one that could not read the names
    let names = checked.last().unwrap().name;
    let unknown = Checked { name: names, problems: vec!["could not be checked: a busy database".to_owned()] };
    record(&portal, portal.clock.now(), &[unknown]).unwrap();
    assert_eq!(told(&check_of_the_night(&portal, &mut to_the_end).unwrap()), 70);
    // one that named everything: a seventh, and no more
    record(&portal, portal.clock.now(), &[Checked { name: names, problems: Vec::new() }]).unwrap();
    let found = told(&check_of_the_night(&portal, &mut to_the_end).unwrap());
    assert!((1..40).contains(&found), "{found}");
}
