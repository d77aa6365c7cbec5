//! What the nights do where proofs are in a bucket: the database is backed up and nothing is copied; a seventh is read again.

use chrono::TimeDelta;
use cpe_portal::config::EvidencePlace;
use cpe_portal::files::room;
use cpe_portal::jobs::health::vitals;
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::upkeep::BackupError;
use cpe_portal::upkeep::check::{check_of_the_night, record};
use cpe_portal::upkeep::nightly_backup::{newest, place};
use cpe_portal::upkeep::restore::restore;
use cpe_portal::upkeep::rotation::WeekPart;
use sha2::{Digest, Sha256};

use super::*;
use crate::support::object_store::Fault;
use crate::upkeep::restore::rewritten;
use crate::upkeep::to_the_end;
use crate::upkeep::two_parts::{copy, hashes, night};

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
    let today = kept.portal.clock.today();
    let turn = WeekPart::since(today.pred_opt(), today);
    let checked = check_of_the_night(&kept.portal, &mut to_the_end).unwrap();
    record(&kept.portal, kept.portal.clock.now() - TimeDelta::days(1), &checked).unwrap();
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

#[test]
fn evidence_that_goes_on_into_a_bucket_needs_no_room_on_the_disk_but_for_one_file_at_a_time() {
    let data = crate::upkeep::backup::body();
    let made = night(&data, 0);
    // one that is larger than the disk, by its size
    let large = hashes(&data).remove(0);
    let size = room(data.folder.path()).unwrap() + (1 << 30);
    std::fs::File::options().write(true).open(copy(&data, &large)).unwrap().set_len(size).unwrap();
    let list: String = made
        .evidence
        .there
        .iter()
        .map(|(sha256, bytes)| format!("{sha256} {}\n", if *sha256 == large { size } else { *bytes }))
        .collect();
    let backup = data.folder.path().join("backups/large.zip");
    let with_list = |name: &str, bytes: Vec<u8>| match name {
        "evidence.txt" => Some(list.clone().into_bytes()),
        "cpe-portal-backup.json" => {
            let mut contents: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            contents["beside"]["list"] = hex::encode(Sha256::digest(&list)).into();
            Some(contents.to_string().into_bytes())
        }
        _ => Some(bytes),
    };
    rewritten(&made.file, &backup, &with_list, &[]);
    let folder = tempfile::tempdir().unwrap();
    let bucket = Bucket::new().settings().check().unwrap();
    let refused = |place: &EvidencePlace| {
        let now = data.portal.clock.now();
        restore(&backup, None, &folder.path().join("data"), place, now, &mut to_the_end).unwrap_err()
    };
    let into_a_folder = refused(&EvidencePlace::Folder);
    assert!(matches!(into_a_folder, BackupError::NoRoom { .. }), "{into_a_folder:?}");
    // there it is what the file is that is in the way, when its turn has come
    let into_a_bucket = refused(&bucket);
    assert!(into_a_bucket.to_string().contains("larger than"), "{into_a_bucket:?}");
}

#[actix_web::test]
async fn a_store_that_is_away_keeps_none_of_the_housekeeping_on_the_disk_from_being_done() {
    let kept = Kept::new();
    let portal = &kept.portal;
    let incoming = portal.config.data.join("evidence/incoming");
    let abandoned = incoming.join("0123456789abcdef0123456789abcdef");
    std::fs::write(&abandoned, "half").unwrap();
    let two_days_ago = portal.clock.machine_now() - TimeDelta::days(2);
    let file = std::fs::File::options().write(true).open(&abandoned).unwrap();
    file.set_modified(two_days_ago.and_utc().into()).unwrap();
    kept.bucket.breaks(None, Fault::Answers(503));
    let job = TIMETABLE.iter().find(|job| job.name.code() == "housekeeping").unwrap();
    let Tick::Ran(report) = tick(portal, job, &|| false).unwrap() else { panic!("not due") };
    assert!(
        !report.complete && report.summary.contains("unfinished uploads 1. The database is tidied."),
        "{report:?}"
    );
    assert!(report.summary.contains("Not all files could be cleared away: "), "{report:?}");
    assert!(!abandoned.exists());
    // and the store's turn comes when it is back
    kept.bucket.is_whole_again();
    kept.wait_for_the_store().await;
    portal.clock.advance(TimeDelta::minutes(6));
    let Tick::Ran(report) = tick(portal, job, &|| false).unwrap() else { panic!("not due") };
    assert!(report.complete, "{report:?}");
}
