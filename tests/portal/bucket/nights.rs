//! What the nights do where proofs are in a bucket: the database is backed up and nothing is copied; a seventh is read again.

use cpe_portal::config::EvidencePlace;
use cpe_portal::jobs::health::vitals;
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::upkeep::BackupError;
use cpe_portal::upkeep::check::check_of_the_night;
use cpe_portal::upkeep::nightly_backup::{newest, place};
use cpe_portal::upkeep::restore::restore;
use cpe_portal::upkeep::rotation::WeekPart;
use sha2::{Digest, Sha256};

use super::*;
use crate::support::object_store::Fault;
use crate::upkeep::to_the_end;

#[actix_web::test]
async fn the_backup_of_a_night_holds_the_database_only_says_so_and_is_put_back_beside_a_bucket() {
    let kept = Kept::new();
    let (_, file) = reported(&kept, &proof("of a night")).await;
    kept.bucket.asked();
    // the store may even be away
    kept.bucket.breaks(None, Fault::Answers(503));
    let job = TIMETABLE.iter().find(|job| job.name.code() == "backup").unwrap();
    let Tick::Ran(report) = tick(&kept.portal, job, &|| false).unwrap() else { panic!("not due") };
    assert!(report.complete, "{report:?}");
    let words = format!("Evidence is in {} and is the bucket's own to keep", kept.bucket.place());
    assert!(report.summary.contains(&words) && report.summary.contains("versioning"), "{report:?}");
    assert_eq!(kept.bucket.methods(), Vec::<String>::new(), "nothing is asked of the store");
    kept.bucket.is_whole_again();
    let backups = &kept.portal.config.backups;
    let copies = backups.join("evidence");
    assert!(!copies.join(&file.sha256[..2]).exists(), "nothing is copied");
    let told: Vec<String> = vitals(&kept.portal).into_iter().map(|vital| vital.words).collect();
    assert!(told.iter().any(|words| words.contains("the bucket's own to keep")), "{told:?}");

    let saved = place(backups, kept.portal.clock.today());
    assert_eq!(newest(backups).unwrap().unwrap().file, saved);
    let folder = tempfile::tempdir().unwrap();
    let (data, now) = (folder.path().join("data"), kept.portal.clock.now());
    // a folder would have none of it
    let refused = restore(&saved, None, &data, &EvidencePlace::Folder, now, &mut to_the_end).unwrap_err();
    assert!(matches!(&refused, BackupError::EvidenceInBucket(_)), "{refused}");
    assert!(refused.to_string().contains(&kept.bucket.place()), "{refused}");
    assert!(!data.exists());
    let bucket = kept.bucket.settings().check().unwrap();
    let back = restore(&saved, None, &data, &bucket, now, &mut to_the_end).unwrap();
    assert_eq!((back.evidence, back.bucket), (0, Some(kept.bucket.place())));
    assert!(data.join("portal.sqlite").is_file());
}

#[actix_web::test]
async fn the_check_of_a_night_lists_every_proof_and_fetches_a_seventh() {
    let kept = Kept::new();
    let turn = WeekPart::of(kept.portal.clock.today(), |_| true);
    let of_turn = |wanted: bool| {
        (0..)
            .map(|nth| proof(&format!("night {wanted} {nth}")))
            .find(|bytes| turn.includes(&hex::encode(Sha256::digest(bytes))) == wanted)
            .unwrap()
    };
    let (_, tonight) = reported(&kept, &of_turn(true)).await;
    let (_, another) = reported(&kept, &of_turn(false)).await;
    let found = || -> Vec<String> {
        let checked = check_of_the_night(&kept.portal, &mut to_the_end).unwrap();
        checked.into_iter().flat_map(|checked| checked.problems).collect()
    };
    kept.bucket.asked();
    assert_eq!(found(), Vec::<String>::new());
    let asked = kept.bucket.asked();
    let about = |sha256: &str| -> Vec<&str> {
        let those = asked.iter().filter(|asked| asked.target.ends_with(&sha256[2..]));
        those.map(|asked| asked.method.as_str()).collect()
    };
    assert_eq!(about(&tonight.sha256), ["GET"]);
    assert_eq!(about(&another.sha256), [""; 0], "its size stands in the list");
    assert!(asked.len() <= 3, "a list of each digit, and one proof: {asked:?}");
    // what is gone is found in any night, and what has another size, too
    kept.bucket.directly("PUT", &Bucket::key(&another.sha256), b"short");
    assert_eq!(found(), [format!("{}: altered", another.sha256)]);
    kept.bucket.directly("DELETE", &Bucket::key(&another.sha256), b"");
    assert_eq!(found(), [format!("{}: missing", another.sha256)]);
    kept.bucket.breaks(None, Fault::Answers(503));
    let away = found();
    assert!(away.len() == 1 && away[0].contains("cannot be asked"), "{away:?}");
}
