//! Backups in two parts: the database each night, evidence copied once; and what becomes of the copies.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use cpe_portal::config::EvidencePlace;
use cpe_portal::files::EvidenceCondition;
use cpe_portal::files::copies::EvidenceCopies;
use cpe_portal::upkeep::backup::{BackupError, KeptBackup};
use cpe_portal::upkeep::nightly_backup::{Nightly, nightly, place};
use cpe_portal::upkeep::restore::restore;
use cpe_portal::upkeep::rotation::WeekPart;

use super::backup::{body, names, put_back};
use super::{check, to_the_end};
use crate::transfer::support::{TestData, day, open};

const MONDAY: &str = "2026-11-23";

/// The backup of a night so many days after that Monday.
pub fn night(data: &TestData, after: u64) -> Nightly {
    try_night(data, after).unwrap()
}

fn try_night(data: &TestData, after: u64) -> Result<Nightly, BackupError> {
    let portal = open(data.folder.path(), &on(after).to_string());
    nightly(&portal, &mut to_the_end)
}

fn on(after: u64) -> NaiveDate {
    day(MONDAY) + Days::new(after)
}

pub fn backups(data: &TestData) -> PathBuf {
    data.folder.path().join("backups")
}

pub fn zip_of(data: &TestData, after: u64) -> PathBuf {
    place(&backups(data), on(after))
}

fn in_folder(folder: &Path, sha256: &str) -> PathBuf {
    folder.join("evidence").join(&sha256[..2]).join(&sha256[2..])
}

fn original(data: &TestData, sha256: &str) -> PathBuf {
    in_folder(data.folder.path(), sha256)
}

pub fn copy(data: &TestData, sha256: &str) -> PathBuf {
    in_folder(&backups(data), sha256)
}

pub fn hashes(data: &TestData) -> Vec<String> {
    data.ask("SELECT sha256 AS line FROM evidence WHERE removed_at IS NULL ORDER BY sha256")
}

/// One more piece of evidence; gives its hash.
fn more(data: &TestData, content: &str) -> String {
    let stored = data.portal.files.store(content.as_bytes()).unwrap();
    data.damage(&format!(
        "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
         VALUES (1, '{}', 'more.pdf', 'application/pdf', {}, '2026-11-23 10:00:00')",
        stored.sha256, stored.size
    ));
    stored.sha256
}

/// What is in the zip file, by name.
fn parts(zip: &Path) -> Vec<String> {
    let zip = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    let mut names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort();
    names
}

/// As many other bytes.
fn altered(place: &Path) {
    let bytes = fs::read(place).unwrap();
    fs::write(place, bytes.iter().map(|byte| byte ^ 0x55).collect::<Vec<_>>()).unwrap();
}

pub fn restored(zip: &Path, evidence: Option<&Path>, target: &Path) -> Result<KeptBackup, BackupError> {
    restore(
        zip,
        evidence,
        target,
        &EvidencePlace::Folder,
        "2026-11-23T12:00:00".parse().unwrap(),
        &mut to_the_end,
    )
}

#[test]
fn evidence_is_copied_once_and_the_next_night_copies_only_what_is_new() {
    let data = body();
    let first = night(&data, 0);
    assert_eq!((first.evidence.new, first.evidence.there.len(), first.evidence.missing.len()), (2, 2, 0));
    assert_eq!(parts(&first.file), ["cpe-portal-backup.json", "evidence.txt", "portal.sqlite"]);
    let before: Vec<u64> =
        hashes(&data).iter().map(|sha256| fs::metadata(copy(&data, sha256)).unwrap().ino()).collect();
    for sha256 in hashes(&data) {
        let (copied, living) = (copy(&data, &sha256), original(&data, &sha256));
        assert_eq!(fs::read(&copied).unwrap(), fs::read(&living).unwrap());
        // a file of its own: what befalls the one does not befall the other
        assert_ne!(fs::metadata(&copied).unwrap().ino(), fs::metadata(&living).unwrap().ino());
        assert_eq!(fs::metadata(&copied).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(copied.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }
    assert_eq!(fs::metadata(backups(&data).join("evidence")).unwrap().permissions().mode() & 0o777, 0o700);

    let old = hashes(&data);
    let new = more(&data, "a third one");
    let second = night(&data, 1);
    assert_eq!((second.evidence.new, second.evidence.new_bytes), (1, 11));
    assert_eq!(second.evidence.there.len(), 3);
    assert_eq!(fs::read(copy(&data, &new)).unwrap(), b"a third one");
    let after: Vec<u64> = old.iter().map(|sha256| fs::metadata(copy(&data, sha256)).unwrap().ino()).collect();
    assert_eq!(after, before);
    assert!(names(&backups(&data).join("evidence/incoming")).is_empty());
}

#[test]
fn a_night_comes_back_with_the_evidence_beside_it_or_in_a_folder_that_is_named() {
    let data = body();
    night(&data, 0);
    more(&data, "a third one");
    night(&data, 1);
    let folder = tempfile::tempdir().unwrap();
    for (after, evidence) in [(0, 2), (1, 3)] {
        let target = folder.path().join(format!("beside-{after}"));
        let kept = put_back(&zip_of(&data, after), &target).unwrap();
        assert_eq!((kept.evidence, kept.missing.len()), (evidence, 0));
        assert_eq!(names(&target), ["evidence", "portal.sqlite"]);
        let portal = open(&target, MONDAY);
        assert_eq!(portal.files.list().unwrap().len(), evidence);
        assert!(check(&portal).iter().all(|invariant| invariant.problems.is_empty()));
    }
    // the database alone was carried away; the evidence is where it always was, or is the data folder's own
    let carried = folder.path().join("carried.zip");
    fs::copy(zip_of(&data, 1), &carried).unwrap();
    let target = folder.path().join("named");
    let lacking = put_back(&carried, &target).unwrap_err();
    assert!(matches!(lacking, BackupError::EvidenceLacking { lacking: 3, all: 3, .. }), "{lacking:?}");
    assert!(!target.exists());
    for (nth, named) in [backups(&data), data.folder.path().to_owned()].iter().enumerate() {
        let target = folder.path().join(format!("named-{nth}"));
        restored(&carried, Some(&named.join("evidence")), &target).unwrap();
        assert_eq!(open(&target, MONDAY).files.list().unwrap().len(), 3);
    }
}

#[test]
fn a_night_whose_evidence_is_missing_cut_off_or_altered_is_refused_with_its_number_and_leaves_nothing() {
    let data = body();
    for nth in 0..8 {
        more(&data, &format!("number {nth}"));
    }
    night(&data, 0);
    let hashes = hashes(&data);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    let refused = |lacking: usize| {
        let error = put_back(&zip_of(&data, 0), &target).unwrap_err();
        let words = format!(", {lacking} of 10; name the folder");
        assert!(error.to_string().contains(&words), "{error}");
        assert!(error.to_string().contains("--evidence"), "{error}");
        assert_eq!(names(folder.path()), Vec::<String>::new());
    };
    // of the same size: found only when all of them are read, and all are told
    altered(&copy(&data, &hashes[1]));
    altered(&copy(&data, &hashes[7]));
    refused(2);
    fs::remove_file(copy(&data, &hashes[3])).unwrap();
    refused(1);
    fs::write(copy(&data, &hashes[4]), "short").unwrap();
    refused(2);
    // what a link leads to is not taken
    symlink(original(&data, &hashes[3]), copy(&data, &hashes[3])).unwrap();
    refused(2);
}

#[test]
fn a_copy_that_rots_is_found_within_a_week_and_mended_and_a_cut_off_one_in_the_same_night() {
    let data = body();
    night(&data, 0);
    let hashes = hashes(&data);
    altered(&copy(&data, &hashes[0]));
    let mended: Vec<usize> = (1..=7).map(|after| night(&data, after).evidence.mended).collect();
    assert_eq!(mended.iter().sum::<usize>(), 1, "{mended:?}");
    assert_eq!(fs::read(copy(&data, &hashes[0])).unwrap(), fs::read(original(&data, &hashes[0])).unwrap());
    fs::write(copy(&data, &hashes[1]), "f").unwrap();
    assert_eq!(night(&data, 8).evidence.mended, 1);
    assert_eq!(fs::read(copy(&data, &hashes[1])).unwrap(), fs::read(original(&data, &hashes[1])).unwrap());
}

#[test]
fn a_copy_that_rots_is_found_also_where_the_machine_is_off_on_the_same_day_of_every_week() {
    let data = body();
    let hash = more(&data, "its day is one of the seven");
    let turn = (0..7).find(|after| WeekPart::since(Some(on(*after)), on(*after)).includes(&hash)).unwrap();
    night(&data, turn + 1);
    altered(&copy(&data, &hash));
    let mended: Vec<usize> = (turn + 2..turn + 14)
        .filter(|after| after % 7 != turn)
        .map(|after| night(&data, after).evidence.mended)
        .collect();
    assert_eq!(mended.iter().sum::<usize>(), 1, "{mended:?}");
    // a machine that was off for long reads everything
    let all = hashes(&data).len();
    assert_eq!(night(&data, turn + 30).evidence.read_again, all);
}

#[test]
fn evidence_that_is_lost_or_altered_stays_in_the_backup_and_is_told() {
    let data = body();
    night(&data, 0);
    let hashes = hashes(&data);
    let first = fs::read(copy(&data, &hashes[0])).unwrap();
    fs::remove_file(original(&data, &hashes[0])).unwrap();
    fs::write(original(&data, &hashes[1]), "another size").unwrap();
    let made = night(&data, 1);
    assert_eq!((made.evidence.only_here, made.evidence.missing.len()), (2, 0));
    assert_eq!(fs::read(copy(&data, &hashes[0])).unwrap(), first);
    let folder = tempfile::tempdir().unwrap();
    put_back(&zip_of(&data, 1), &folder.path().join("target")).unwrap();
    // neither is whole any more: it is told as missing, and nothing is thrown away
    altered(&copy(&data, &hashes[1]));
    let made = night(&data, 2);
    assert_eq!(made.evidence.missing, [hashes[1].clone()]);
    assert!(copy(&data, &hashes[1]).exists());
    let kept = put_back(&zip_of(&data, 2), &folder.path().join("without")).unwrap();
    assert_eq!((kept.evidence, kept.missing), (1, vec![hashes[1].clone()]));
    // what was never whole is not copied
    let third = more(&data, "a third one");
    altered(&original(&data, &third));
    assert!(night(&data, 3).evidence.missing.contains(&third));
    assert!(!copy(&data, &third).exists());
}

#[test]
fn a_copy_goes_with_the_last_backup_that_names_it_and_never_before() {
    let data = body();
    night(&data, 0);
    let hashes = hashes(&data);
    let gone = copy(&data, &hashes[0]);
    data.damage(&format!(
        "UPDATE evidence SET removed_at = '2026-11-23 11:00:00' WHERE sha256 = '{}'",
        hashes[0]
    ));
    for after in 1..7 {
        assert_eq!(night(&data, after).clearing.cleared, 0);
        assert!(gone.exists(), "night {after}");
    }
    put_back(&zip_of(&data, 0), &tempfile::tempdir().unwrap().path().join("target")).unwrap();
    // somebody keeps that backup under another name; and one of the nights cannot be read
    let kept = backups(&data).join("before the move.ZIP");
    fs::copy(zip_of(&data, 0), &kept).unwrap();
    fs::write(backups(&data).join("pictures.zip"), "somebody's own").unwrap();
    let made = night(&data, 7);
    assert_eq!((made.cleared, made.clearing.cleared), (1, 0));
    assert!(gone.exists());
    fs::remove_file(kept).unwrap();
    let whole = fs::read(zip_of(&data, 6)).unwrap();
    fs::write(zip_of(&data, 6), &whole[..whole.len() / 2]).unwrap();
    let made = night(&data, 8);
    assert_eq!((made.clearing.cleared, made.clearing.unreadable.len()), (0, 1));
    assert!(gone.exists());
    fs::write(zip_of(&data, 6), whole).unwrap();
    assert_eq!(night(&data, 9).clearing.cleared, 1);
    assert!(!gone.exists() && copy(&data, &hashes[1]).exists());
}

#[test]
fn backups_of_earlier_versions_with_their_evidence_inside_stay_good_beside_the_new_ones() {
    let data = body();
    let old = zip_of(&data, 0);
    fs::create_dir_all(backups(&data)).unwrap();
    cpe_portal::upkeep::backup::backup(&data.portal, &old, &mut to_the_end).unwrap();
    assert!(parts(&old).iter().any(|name| name.starts_with("evidence/")));
    assert_eq!(night(&data, 1).evidence.new, 2);
    let folder = tempfile::tempdir().unwrap();
    for after in [0, 1] {
        let target = folder.path().join(after.to_string());
        assert_eq!(put_back(&zip_of(&data, after), &target).unwrap().evidence, 2);
    }
}

#[test]
fn what_is_none_of_ours_among_the_copies_is_told_and_neither_followed_nor_removed() {
    let data = body();
    night(&data, 0);
    let hashes = hashes(&data);
    let copies = backups(&data).join("evidence");
    let outside = tempfile::tempdir().unwrap();
    let theirs = outside.path().join("theirs");
    fs::write(&theirs, "theirs").unwrap();
    // a link in the place of a copy, a folder in that of another, and a shelf that leads elsewhere
    fs::remove_file(copy(&data, &hashes[0])).unwrap();
    symlink(&theirs, copy(&data, &hashes[0])).unwrap();
    fs::remove_file(copy(&data, &hashes[1])).unwrap();
    fs::create_dir(copy(&data, &hashes[1])).unwrap();
    let third =
        (0..).map(|nth| more_unnamed(&data, nth)).find(|sha256| !copies.join(&sha256[..2]).exists()).unwrap();
    name(&data, &third);
    let elsewhere = outside.path().join("shelf");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join(&third[2..]), "theirs").unwrap();
    symlink(&elsewhere, copies.join(&third[..2])).unwrap();
    for path in ["notes.txt", "incoming/notes.txt"] {
        fs::write(copies.join(path), "theirs").unwrap();
    }
    fs::write(copies.join(&hashes[0][..2]).join("README"), "theirs").unwrap();

    let made = night(&data, 1);
    let mut missing = vec![hashes[0].clone(), hashes[1].clone(), third.clone()];
    missing.sort();
    assert_eq!(made.evidence.missing, missing);
    // the link, the folder, the shelf and two files; the one in the folder of what is unfinished is no matter
    assert_eq!((made.clearing.foreign, made.clearing.cleared), (5, 0));
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
    assert_eq!(fs::read_to_string(elsewhere.join(&third[2..])).unwrap(), "theirs");
    assert!(copy(&data, &hashes[0]).is_symlink() && copy(&data, &hashes[1]).is_dir());
    assert!(copies.join("notes.txt").exists() && copies.join("incoming/notes.txt").exists());
}

/// Bytes that nothing names yet.
fn more_unnamed(data: &TestData, nth: usize) -> String {
    data.portal.files.store(format!("unnamed {nth}").as_bytes()).unwrap().sha256
}

fn name(data: &TestData, sha256: &str) {
    let bytes = fs::metadata(original(data, sha256)).unwrap().len();
    data.damage(&format!(
        "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
         VALUES (1, '{sha256}', 'more.pdf', 'application/pdf', {bytes}, '2026-11-23 10:00:00')"
    ));
}

#[test]
fn copies_are_never_the_evidence_itself_whatever_leads_to_it() {
    let data = body();
    let unnamed = more_unnamed(&data, 1);
    let mut config = cpe_portal::config::Config::clone(&data.portal.config);
    config.backups = data.folder.path().to_owned();
    let mut portal = data.portal.clone();
    portal.config = std::sync::Arc::new(config);
    let refused = nightly(&portal, &mut to_the_end).unwrap_err();
    assert!(refused.to_string().contains("CPE_PORTAL_BACKUPS has to name another folder"), "{refused}");
    // by a link
    fs::create_dir_all(backups(&data)).unwrap();
    symlink(data.folder.path().join("evidence"), backups(&data).join("evidence")).unwrap();
    let refused = try_night(&data, 0).unwrap_err();
    assert!(refused.to_string().contains("is no folder of the portal's"), "{refused}");
    for sha256 in hashes(&data).iter().chain([&unnamed]) {
        assert_eq!(data.portal.files.verify(sha256).unwrap(), EvidenceCondition::Intact);
    }
}

#[test]
fn of_two_at_once_the_second_waits_for_another_time_and_one_that_was_cut_off_is_gone_on_with() {
    let data = body();
    fs::create_dir_all(backups(&data)).unwrap();
    let first = EvidenceCopies::alone(&backups(&data), &data.portal.files).unwrap().unwrap();
    assert!(matches!(try_night(&data, 0), Err(BackupError::UnderWay(_))));
    drop(first);
    // stopped after each step there is: what was copied stays, no file has a backup's name, and nothing lies about
    for steps in 1..=5 {
        let mut left = steps;
        let stopped = nightly(&data.portal, &mut |_, _| {
            left -= 1;
            if left == 0 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        });
        assert!(matches!(stopped, Err(BackupError::Stopped)), "{steps}: {stopped:?}");
        assert_eq!(names(&backups(&data)), ["evidence"], "{steps}");
    }
    let left = backups(&data).join("evidence/incoming/0123456789abcdef0123456789abcdef");
    fs::write(&left, "half").unwrap();
    let made = night(&data, 0);
    assert_eq!((made.evidence.new, made.evidence.there.len()), (0, 2));
    assert!(!left.exists());
}

#[test]
fn room_is_asked_only_for_what_is_not_copied_yet() {
    let data = body();
    night(&data, 0);
    // more than any disk has, but it is there
    data.damage("UPDATE evidence SET bytes = 4000000000000000");
    night(&data, 1);
    fs::remove_file(copy(&data, &hashes(&data)[0])).unwrap();
    let short = try_night(&data, 2).unwrap_err();
    assert!(matches!(short, BackupError::NoRoom { .. }), "{short:?}");
    assert!(!zip_of(&data, 2).exists() && zip_of(&data, 1).exists());
}
