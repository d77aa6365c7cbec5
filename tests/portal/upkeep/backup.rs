use std::fs;
use std::path::{Path, PathBuf};

use cpe_portal::config::EvidencePlace;
use cpe_portal::upkeep::backup::{BackupError, KeptBackup, backup};

use super::to_the_end;
use crate::transfer::support::{TestData, dump, open};

/// The noon of the test's day.
pub fn put_back(source: &Path, data: &Path) -> Result<KeptBackup, BackupError> {
    let now = "2026-11-23T12:00:00".parse().unwrap();
    cpe_portal::upkeep::restore::restore(source, None, data, &EvidencePlace::Folder, now, &mut to_the_end)
}

pub fn body() -> TestData {
    let data = TestData::new();
    data.holders(
        "email,name,certification,certificate_number,granted_on\nanna@example.org,Zoë,ISP,A,2024-03-01\n",
    );
    for (name, content) in [("one.pdf", "first"), ("two.pdf", "second")] {
        let stored = data.portal.files.store(content.as_bytes()).unwrap();
        data.damage(&format!(
            "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
             VALUES (1, '{}', '{name}', 'application/pdf', {}, '2026-11-23 10:00:00')",
            stored.sha256, stored.size
        ));
    }
    // bytes that nothing names do not go into a backup
    data.portal.files.store(b"nobody names this").unwrap();
    data
}

pub fn backed_up(data: &TestData) -> PathBuf {
    let target = data.folder.path().join("backup.zip");
    let kept = backup(&data.portal, &target, &mut to_the_end).unwrap();
    assert_eq!((kept.evidence, kept.missing.len()), (2, 0));
    target
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_made_while_serving_comes_back_whole_into_an_empty_folder() {
    let data = body();
    let file = backed_up(&data);
    let before = data.dump();
    assert_eq!(names(data.folder.path()).iter().filter(|n| n.contains("unfinished")).count(), 0);

    let folder = tempfile::tempdir().unwrap();
    for target in [folder.path().join("new/folder"), folder.path().join("empty")] {
        if target.ends_with("empty") {
            fs::create_dir(&target).unwrap();
        }
        let kept = put_back(&file, &target).unwrap();
        assert_eq!((kept.evidence, kept.made_at.len()), (2, "2026-11-23T10:00:00Z".len()));
        assert_eq!(names(&target), ["evidence", "portal.sqlite"]);
        let restored = open(&target, "2026-11-23");
        // its mail is held, and it has a name of its own, so that no log of the first one is taken for one of it
        let same = |row: &String| !row.starts_with("mail_holds: ") && !row.starts_with("database_marks: ");
        let after = dump(&restored);
        let name = |rows: &[String]| rows.iter().find(|row| row.starts_with("database_marks: ")).cloned();
        assert_ne!(name(&after), name(&before));
        let kept = |rows: &[String]| rows.iter().filter(|row| same(row)).cloned().collect::<Vec<_>>();
        assert_eq!(kept(&after), kept(&before));
        assert_eq!(restored.files.list().unwrap().len(), 2);
        for sha256 in data.ask("SELECT sha256 AS line FROM evidence") {
            assert_eq!(restored.files.verify(&sha256).unwrap(), cpe_portal::files::EvidenceCondition::Intact);
        }
    }
}

#[test]
fn evidence_that_is_missing_or_altered_is_named_and_the_rest_is_kept() {
    let data = body();
    let hashes = data.ask("SELECT sha256 AS line FROM evidence ORDER BY sha256");
    let place = data.folder.path().join("evidence").join(&hashes[0][..2]).join(&hashes[0][2..]);
    fs::write(place, "altered").unwrap();
    let target = data.folder.path().join("backup.zip");
    let kept = backup(&data.portal, &target, &mut to_the_end).unwrap();
    assert_eq!((kept.evidence, &kept.missing), (1, &hashes[..1].to_vec()));
}

#[test]
fn a_folder_that_is_not_empty_is_refused_and_stays_as_it_was() {
    let data = body();
    let file = backed_up(&data);
    let before = data.dump();
    assert!(matches!(put_back(&file, data.folder.path()), Err(BackupError::InUse(_))));
    assert_eq!(data.dump(), before);

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    assert!(matches!(put_back(&file, folder.path()), Err(BackupError::NotEmpty(_))));
    assert!(put_back(&file, &folder.path().join("notes.txt")).is_err());
    assert_eq!(names(folder.path()), ["notes.txt"]);
}

#[test]
fn truncated_altered_and_foreign_files_are_refused_and_the_target_stays_untouched() {
    let data = body();
    let whole = fs::read(backed_up(&data)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    let target = folder.path().join("target");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let mut files: Vec<Vec<u8>> = vec![Vec::new(), b"hello".to_vec(), vec![b'P'; 5000]];
    // cut off everywhere
    files.extend((1..=20).map(|part| whole[..whole.len() * part / 21].to_vec()));
    files.push(whole[..whole.len() - 1].to_vec());
    // some bytes wrong, in the middle of what it keeps; more than one, because a single bit can be one that nothing reads
    for at in [whole.len() / 4, whole.len() / 2, whole.len() * 3 / 4] {
        let mut altered = whole.clone();
        altered[at..at + 64].iter_mut().for_each(|byte| *byte ^= 0xff);
        files.push(altered);
    }
    // a zip file of somebody else's
    let mut other = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    other.start_file("portal.sqlite", zip::write::SimpleFileOptions::default()).unwrap();
    files.push(other.finish().unwrap().into_inner());
    for (number, file) in files.iter().enumerate() {
        fs::write(&source, file).unwrap();
        let refused = put_back(&source, &target);
        assert!(matches!(refused, Err(BackupError::NotWhole(_))), "file {number}: {refused:?}");
        assert!(!target.exists(), "file {number}");
        assert!(put_back(&source, &empty).is_err());
        assert_eq!(names(&empty).len(), 0, "file {number}");
    }
    assert!(matches!(put_back(&folder.path().join("nowhere"), &target), Err(BackupError::Disk(_))));
}

#[test]
fn what_an_interrupted_restore_left_is_cleared_away() {
    let data = body();
    let file = backed_up(&data);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".restoring")).unwrap();
    fs::write(folder.path().join(".restoring/portal.sqlite"), "half").unwrap();
    put_back(&file, folder.path()).unwrap();
    assert_eq!(names(folder.path()), ["evidence", "portal.sqlite"]);
}

#[test]
fn a_backup_replaces_an_older_one_only_when_it_is_whole() {
    let data = body();
    let file = backed_up(&data);
    let before = fs::read(&file).unwrap();
    // whatever the log still holds would be read from there
    let log = data.portal.store.file().unwrap().with_file_name("portal.sqlite-wal");
    loop {
        data.portal.store.tidy().unwrap();
        if fs::metadata(&log).map_or(0, |log| log.len()) == 0 {
            break;
        }
    }
    // the page on which the people stand
    let page: usize = data
        .ask("SELECT CAST(rootpage AS TEXT) AS line FROM sqlite_schema WHERE name = 'accounts'")[0]
        .parse()
        .unwrap();
    let database = data.portal.store.file().unwrap();
    let mut bytes = fs::read(database).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(0xff);
    fs::write(database, bytes).unwrap();
    let damaged = open(data.folder.path(), "2026-11-23");
    assert!(backup(&damaged, &file, &mut to_the_end).is_err());
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn two_backups_to_one_name_do_not_get_into_each_others_way() {
    let data = body();
    let target = backed_up(&data);
    let before = fs::read(&target).unwrap();
    let part = data.folder.path().join("backup.zip.unfinished");
    // another process has begun one
    let other = fs::File::create(&part).unwrap();
    other.lock().unwrap();
    std::io::Write::write_all(&mut &other, b"half a backup").unwrap();
    let refused = backup(&data.portal, &target, &mut to_the_end);
    assert!(
        matches!(&refused, Err(BackupError::UnderWay(name)) if name.ends_with("backup.zip")),
        "{refused:?}"
    );
    assert_eq!(fs::read(&part).unwrap(), b"half a backup");
    assert_eq!(fs::read(&target).unwrap(), before);
    // it was killed: what it left is written over
    drop(other);
    backup(&data.portal, &target, &mut to_the_end).unwrap();
    assert!(!part.exists());
    put_back(&target, &data.folder.path().join("again")).unwrap();
}
