//! Whose a bucket is: one portal clears away there what its database does not name; a copy of it, or somebody else's, clears nothing.

use chrono::TimeDelta;
use cpe_portal::actions::mail::hold;
use cpe_portal::clock::Clock;
use cpe_portal::config::PasswordCost;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::health::{Condition, Vital, vitals};
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::portal::Portal;
use cpe_portal::store::mail::mail_holds;
use cpe_portal::upkeep::backup::backup;
use cpe_portal::upkeep::bucket_owner::Claimant;
use cpe_portal::upkeep::restore::restore;

use super::*;
use crate::support::Rights;
use crate::support::object_store::Fault;
use crate::support::process::{command, started};
use crate::timetable::delivery::write;
use crate::upkeep::{check, to_the_end};

/// What the housekeeping of the next night says of itself.
fn housekeeping(portal: &TestPortal) -> String {
    let job = TIMETABLE.iter().find(|job| job.name.code() == "housekeeping").unwrap();
    portal.clock.advance(TimeDelta::days(1));
    let Tick::Ran(report) = tick(portal, job, &|| false).unwrap() else { panic!("not due") };
    report.summary
}

fn evidence_vital(portal: &Portal) -> Vital {
    vitals(portal).into_iter().find(|vital| vital.name == "evidence").unwrap()
}

/// Whose the bucket says that it is.
fn owner_in(bucket: &Bucket) -> Option<String> {
    let (status, name) = bucket.directly("GET", "/body/owner", b"");
    (status == 200).then(|| String::from_utf8(name).unwrap())
}

/// The portal, put back beside itself from a backup of now, with the same place of proofs.
fn put_back(live: &TestPortal) -> TestPortal {
    let folder = tempfile::tempdir().unwrap();
    let (saved, data) = (folder.path().join("saved.zip"), folder.path().join("data"));
    backup(live, &saved, &mut to_the_end).unwrap();
    let mut config = (*live.config).clone();
    let now = live.clock.now();
    restore(&saved, None, &data, &config.evidence, now, &mut to_the_end).unwrap();
    config.data.clone_from(&data);
    config.backups = data.join("backups");
    config.password_cost = PasswordCost::Cheap;
    let clock = Clock::manual(config.time_zone, now);
    TestPortal { portal: Portal::open(config, clock).unwrap(), folder, database: None }
}

/// An administrator says what becomes of the mail that is held.
fn end_hold(portal: &TestPortal) {
    let ada = portal.account("ada@back.test", "Ada", Role::Administrator);
    let seen = portal.store.read(mail_holds::last_written).unwrap();
    hold::release(portal, ada.as_administrator(), &[], Some(seen)).unwrap();
}

#[actix_web::test]
async fn neither_a_portal_that_was_put_back_nor_a_second_one_removes_what_the_live_one_keeps() {
    let live = Kept::new();
    live.bucket.keeps_versions();
    let (_, before) = reported(&live, &proof("before the backup")).await;
    assert!(!housekeeping(&live.portal).contains("removed files"));
    let owner = owner_in(&live.bucket).unwrap();
    let copy = put_back(&live.portal);
    let (_, after) = reported(&live, &proof("after the backup")).await;
    let all_there = || {
        for file in [&before, &after] {
            assert!(live.bucket.holds(&file.sha256).is_some());
        }
        assert_eq!(owner_in(&live.bucket).as_ref(), Some(&owner));
    };
    // everything is old enough to be cleared
    live.bucket.breaks(None, Fault::Ages);
    let place = live.bucket.place();
    let told = format!("No removed files are cleared from {place}: it belongs to another portal ({owner}).");
    let said = housekeeping(&copy);
    assert!(said.contains(&told) && said.contains("cpe-portal evidence claim"), "{said}");
    all_there();
    let vital = evidence_vital(&copy);
    assert_eq!(vital.condition, Condition::Attention, "{vital:?}");
    // also when its mail leaves, until a person says that it is the one that goes on
    end_hold(&copy);
    assert!(housekeeping(&copy).contains(&told));
    all_there();
    let vital = evidence_vital(&copy);
    assert!(vital.condition == Condition::Bad && vital.words.contains(&owner), "{vital:?}");
    assert!(vital.words.contains("cpe-portal evidence claim"), "{vital:?}");
    let second = TestPortal::with(|settings| live.bucket.keeps(settings));
    assert!(housekeeping(&second).contains(&told));
    all_there();
    assert_eq!(evidence_vital(&second).condition, Condition::Bad);
    // the live one clears what its own people took away, and nothing else
    let thrown = live.portal.files.store(&proof("thrown away")).unwrap().sha256;
    assert!(housekeeping(&live.portal).contains("removed files 1"), "{thrown}");
    assert!(live.bucket.holds(&thrown).is_none());
    all_there();
    assert_eq!(evidence_vital(&live.portal).condition, Condition::Good);
}

#[actix_web::test]
async fn a_portal_whose_mail_is_held_neither_clears_nor_takes_a_bucket_that_is_nobodys() {
    let live = Kept::new();
    live.bucket.keeps_versions();
    reported(&live, &proof("named")).await;
    let copy = put_back(&live.portal);
    let (_, after) = reported(&live, &proof("not named by the copy")).await;
    live.bucket.breaks(None, Fault::Ages);
    let said = housekeeping(&copy);
    assert!(said.contains("Removed files stay while mail is held after a restore or a takeover"), "{said}");
    assert_eq!(owner_in(&live.bucket), None);
    assert!(live.bucket.holds(&after.sha256).is_some());
}

#[test]
fn nor_does_it_clear_its_own_folder_which_may_be_the_live_one_that_its_database_is_behind() {
    let copy = put_back(&TestPortal::new());
    let sha256 = copy.files.store(&proof("not named by the copy")).unwrap().sha256;
    let place = copy.config.data.join("evidence").join(&sha256[..2]).join(&sha256[2..]);
    let long_ago = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(&place).unwrap().set_modified(long_ago).unwrap();
    let said = housekeeping(&copy);
    assert!(said.contains("Removed files stay while mail is held") && place.exists(), "{said}");
    end_hold(&copy);
    assert!(housekeeping(&copy).contains("removed files 1") && !place.exists());
}

#[actix_web::test]
async fn the_command_makes_a_bucket_this_portals_own_once_its_mail_leaves_and_a_day_later_it_clears() {
    let live = Kept::new();
    live.bucket.keeps_versions();
    let (_, named) = reported(&live, &proof("named by both")).await;
    housekeeping(&live.portal);
    let owner = owner_in(&live.bucket).unwrap();
    let copy = put_back(&live.portal);
    let (_, lost) = reported(&live, &proof("named by the lost one")).await;
    let claim = || {
        let mut run = command(&copy.config.data, &["evidence", "claim"]);
        live.bucket.environment(&mut run);
        let said = run.stderr(std::process::Stdio::piped()).output().unwrap();
        let words = [said.stdout, said.stderr].map(|words| String::from_utf8(words).unwrap()).concat();
        (said.status.code(), words)
    };
    let (code, words) = claim();
    assert!(code == Some(1) && words.contains("Mail is held"), "{code:?} {words}");
    assert_eq!(owner_in(&live.bucket).as_ref(), Some(&owner));
    end_hold(&copy);
    let (code, words) = claim();
    assert!(code == Some(0) && words.contains(&owner) && words.contains("own"), "{code:?} {words}");
    let mine = owner_in(&live.bucket).unwrap();
    assert_ne!(mine, owner);
    let (code, words) = claim();
    assert!(code == Some(0) && words.contains("already"), "{code:?} {words}");
    // whoever else keeps proofs there has a day to say so
    assert_eq!(evidence_vital(&copy).condition, Condition::Good);
    live.bucket.breaks(Some("HEAD"), Fault::Ages);
    let said = housekeeping(&copy);
    assert!(!said.contains("removed files") && !said.contains("belongs to another portal"), "{said}");
    assert!(housekeeping(&live.portal).contains("belongs to another portal"));
    assert!(live.bucket.holds(&lost.sha256).is_some());
    live.bucket.breaks(None, Fault::Ages);
    assert!(housekeeping(&copy).contains("removed files 1"));
    assert!(live.bucket.holds(&lost.sha256).is_none() && live.bucket.holds(&named.sha256).is_some());
}

/// A portal on a copy of another one's database without the note beside it, taken over after so many hours.
fn copied(portal: &TestPortal, hours: i64) -> TestPortal {
    let folder = tempfile::tempdir().unwrap();
    portal.store.copy_to(&folder.path().join("portal.sqlite")).unwrap();
    let mut config = (*portal.config).clone();
    config.data = folder.path().to_owned();
    let clock = Clock::manual(config.time_zone, portal.clock.now() + TimeDelta::hours(hours));
    TestPortal { portal: Portal::open(config, clock).unwrap(), folder, database: None }
}

#[actix_web::test]
async fn two_copies_of_one_portal_are_two() {
    let live = Kept::new();
    write(&live.portal, &live.people.owner, &["reminder"]);
    let name = |portal: &TestPortal| Claimant::of(&portal.store).unwrap().name;
    let (one, other) = (copied(&live.portal, 1), copied(&live.portal, 2));
    assert!(
        name(&one) != name(&other) && name(&one) != name(&live.portal),
        "{} {}",
        name(&one),
        name(&other)
    );
    // also of a portal whose mail is held still
    let again = copied(&one, 1);
    assert!(again.store.read(mail_holds::in_force).unwrap().is_some());
    assert_ne!(name(&again), name(&one));
    // and each keeps its name
    let before = name(&one);
    end_hold(&one);
    assert_eq!(name(&one), before);
}

#[actix_web::test]
async fn a_copied_disk_is_not_the_portal_that_owns_the_bucket() {
    let live = Kept::new();
    write(&live.portal, &live.people.owner, &["reminder"]);
    reported(&live, &proof("of the live one")).await;
    housekeeping(&live.portal);
    let owner = owner_in(&live.bucket).unwrap();
    let copy = copied(&live.portal, 0);
    assert!(copy.store.read(mail_holds::in_force).unwrap().is_some());
    end_hold(&copy);
    let said = housekeeping(&copy);
    assert!(said.contains(&format!("belongs to another portal ({owner})")), "{said}");
}

#[test]
fn nothing_is_cleared_but_what_is_old_and_can_be_brought_back_from_a_bucket_that_has_been_ours_for_a_day() {
    let kept = Kept::new();
    let wanted = kept.portal.files.store(&proof("wanted")).unwrap().sha256;
    let (mut first, mut unwanted) = ('0', String::new());
    // of the same digit as the wanted one, so that one run sees both
    for number in 0.. {
        unwanted = kept.portal.files.store(&proof(&format!("unwanted {number}"))).unwrap().sha256;
        first = unwanted.chars().next().unwrap();
        if wanted.starts_with(first) {
            break;
        }
    }
    let clear = |owner: &str| {
        let wanted = std::iter::once(wanted.clone()).collect();
        let now = kept.portal.clock.machine_now() + TimeDelta::days(30);
        kept.portal.files.clear_unwanted(first, &wanted, owner, now).unwrap()
    };
    kept.bucket.breaks(None, Fault::Ages);
    kept.bucket.keeps_versions();
    assert_eq!(clear("ours"), 0, "it is nobody's");
    kept.portal.files.own("ours").unwrap();
    assert_eq!(clear("somebody-elses"), 0);
    kept.bucket.is_whole_again();
    assert_eq!(clear("ours"), 0, "all of it is young, whatever our clock says");
    kept.bucket.breaks(Some("HEAD"), Fault::Ages);
    assert_eq!(clear("ours"), 0, "it has not been ours for a day");
    kept.bucket.breaks(Some("GET"), Fault::Ages);
    assert_eq!(clear("ours"), 0, "what is unwanted is young");
    kept.bucket.breaks(None, Fault::TellsNoAge);
    assert_eq!(clear("ours"), 0, "nobody knows how old it is");
    kept.bucket.breaks(None, Fault::Ages);
    assert_eq!(clear("ours"), 1);
    assert!(kept.bucket.holds(&unwanted).is_none() && kept.bucket.holds(&wanted).is_some());
    let (_, versions) = kept.bucket.directly("GET", "?versions", b"");
    assert!(String::from_utf8(versions).unwrap().contains(&unwanted[2..]), "it can be brought back");
    // what stands there may be anything
    for strange in ["", "<b>ours</b>", "ours\nours", &"o".repeat(5000)] {
        kept.bucket.directly("PUT", "/body/owner", strange.as_bytes());
        assert_eq!(kept.portal.files.owner().unwrap().unwrap().name, "unreadable", "{strange}");
    }
}

#[test]
fn nothing_is_cleared_from_a_bucket_that_keeps_no_versions() {
    let kept = Kept::new();
    let unwanted = kept.portal.files.store(&proof("unwanted")).unwrap().sha256;
    kept.portal.files.own("ours").unwrap();
    kept.bucket.breaks(None, Fault::Ages);
    let clear = || {
        let (first, now) = (unwanted.chars().next().unwrap(), kept.portal.clock.machine_now());
        kept.portal.files.clear_unwanted(first, &Default::default(), "ours", now).unwrap()
    };
    assert_eq!(clear(), 0, "it could not be brought back");
    kept.bucket.keeps_versions();
    assert_eq!(clear(), 1);
}

#[actix_web::test]
async fn whose_a_bucket_is_counts_as_no_proof() {
    let kept = Kept::new();
    let (_, file) = reported(&kept, &proof("a proof")).await;
    housekeeping(&kept.portal);
    assert!(owner_in(&kept.bucket).is_some());
    assert_eq!(kept.portal.files.list().unwrap(), [file.sha256]);
    assert!(check(&kept.portal).iter().all(|checked| checked.problems.is_empty()));
}

#[test]
fn a_portal_that_starts_takes_a_bucket_that_is_nobodys_and_says_whose_another_one_is() {
    let (bucket, folder) = (Bucket::new(), tempfile::tempdir().unwrap());
    let serve = |name: &str, until: &dyn Fn(&str) -> bool| {
        let (data, log) = (folder.path().join(name), folder.path().join(format!("{name}.log")));
        let mut serving = command(&data, &["serve"]);
        bucket.environment(&mut serving);
        serving.stderr(std::fs::File::create(&log).unwrap());
        let (mut portal, _) = started(&mut serving);
        let (patience, said) =
            (Instant::now() + Duration::from_secs(20), || std::fs::read_to_string(&log).unwrap());
        while !until(&said()) {
            assert!(Instant::now() < patience, "{}", said());
            std::thread::sleep(Duration::from_millis(50));
        }
        portal.kill().unwrap();
        portal.wait().unwrap();
    };
    serve("first", &|_| owner_in(&bucket).is_some());
    let owner = owner_in(&bucket).unwrap();
    let told = |said: &str| said.contains("belongs to another portal") && said.contains(&owner);
    serve("second", &told);
    assert_eq!(owner_in(&bucket).as_ref(), Some(&owner));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(!read("first.log").contains("belongs to another portal"));
}
