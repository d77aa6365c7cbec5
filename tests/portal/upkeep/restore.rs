//! What `restore` refuses, and what it leaves when it is cut off.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use cpe_portal::config::EvidencePlace;
use cpe_portal::portal::{FolderUse, Portal, StartError};
use cpe_portal::upkeep::backup::BackupError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::backup::{backed_up, body, names, put_back};
use crate::transfer::support::{TODAY, open};

/// What becomes of an entry: its new content, or none when it is left out.
pub type Change<'a> = &'a dyn Fn(&str, Vec<u8>) -> Option<Vec<u8>>;

/// A backup whose parts are changed by `change` (`None` leaves a part out), with what `more` adds.
pub fn rewritten(source: &Path, target: &Path, change: Change<'_>, more: &[(&str, Vec<u8>)]) {
    let mut old = ZipArchive::new(fs::File::open(source).unwrap()).unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for part in 0..old.len() {
        let mut part = old.by_index(part).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
        let name = part.name().unwrap().into_owned();
        if let Some(bytes) = change(&name, bytes) {
            new.start_file(&name, packed).unwrap();
            new.write_all(&bytes).unwrap();
        }
    }
    for (name, bytes) in more {
        new.start_file(*name, packed).unwrap();
        new.write_all(bytes).unwrap();
    }
    fs::write(target, new.finish().unwrap().into_inner()).unwrap();
}

fn try_open(folder: &Path) -> Result<Portal, StartError> {
    use cpe_portal::clock::Clock;
    use cpe_portal::config::{Config, Settings};
    let settings = Settings { data: Some(folder.to_owned()), ..Settings::default() };
    let config = Config::check(&settings).unwrap();
    let clock = Clock::on_day(config.time_zone, TODAY.parse().unwrap());
    Portal::open(config, clock)
}

#[test]
fn paths_that_lead_elsewhere_bombs_and_lists_that_do_not_fit_are_refused() {
    let data = body();
    let file = backed_up(&data);
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("source.zip"), folder.path().join("target"));
    let same = |_: &str, bytes: Vec<u8>| Some(bytes);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let refused = |words: &str, make: &dyn Fn(&Path)| {
        make(&source);
        let error = put_back(&source, &target).unwrap_err();
        assert!(matches!(error, BackupError::NotWhole(_)), "{words}: {error:?}");
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert_eq!(names(folder.path()), ["source.zip"], "{words}");
    };
    for path in ["../outside.txt", "evidence/../../outside.txt", "/etc/outside.txt", "evidence/notes.txt"] {
        refused("is no part of a backup", &|to| rewritten(&file, to, &same, &[(path, b"mine".to_vec())]));
    }
    // hashes that are paths
    refused("names what is no evidence", &|to| {
        let change = |name: &str, bytes: Vec<u8>| {
            let first = data.ask("SELECT MIN(sha256) AS line FROM evidence").remove(0);
            Some(match name {
                "cpe-portal-backup.json" => text(bytes).replace(&first, "../../outside").into_bytes(),
                _ => bytes,
            })
        };
        rewritten(&file, to, &change, &[]);
    });
    // a part that grows a thousand times
    refused("would grow to", &|to| {
        let bomb = |name: &str, bytes: Vec<u8>| {
            Some(if name == "portal.sqlite" { vec![0; 64 << 20] } else { bytes })
        };
        rewritten(&file, to, &bomb, &[]);
    });
    refused("would grow to", &|to| {
        let bomb = |name: &str, bytes: Vec<u8>| {
            Some(if name == "cpe-portal-backup.json" { vec![b' '; 64 << 20] } else { bytes })
        };
        rewritten(&file, to, &bomb, &[]);
    });
    // the list is held in memory: it may not even grow a hundred times
    refused("would grow to", &|to| {
        let swollen = |name: &str, bytes: Vec<u8>| {
            let mut list = Vec::new();
            for nth in 0..(4_u64 << 10) {
                let word = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                list.extend(format!("{word:016x}{}", " ".repeat(1_000)).into_bytes());
            }
            Some(if name == "cpe-portal-backup.json" { list } else { bytes })
        };
        rewritten(&file, to, &swollen, &[]);
    });
    // the database names evidence that the list leaves out
    refused("names evidence that is not in it", &|to| {
        let first = data.ask("SELECT MIN(sha256) AS line FROM evidence").remove(0);
        let change = |name: &str, bytes: Vec<u8>| match name {
            name if name.ends_with(&first) => None,
            "cpe-portal-backup.json" => {
                let mut list: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                list["evidence"].as_array_mut().unwrap().retain(|sha256| sha256 != &first);
                Some(list.to_string().into_bytes())
            }
            _ => Some(bytes),
        };
        rewritten(&file, to, &change, &[]);
    });
}

#[test]
fn evidence_that_is_altered_inside_a_backup_is_named_with_the_way_by_hand() {
    let data = body();
    let file = backed_up(&data);
    let first = data.ask("SELECT MIN(sha256) AS line FROM evidence").remove(0);
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.zip");
    let rot =
        |name: &str, bytes: Vec<u8>| Some(if name.ends_with(&first) { b"rotten".to_vec() } else { bytes });
    rewritten(&file, &source, &rot, &[]);
    let refused = put_back(&source, &folder.path().join("target")).unwrap_err();
    let words = format!("evidence/{first} is altered; take another backup, or to go on without that file");
    assert!(matches!(refused, BackupError::NotWhole(_)) && refused.to_string().contains(&words), "{refused}");
    assert_eq!(names(folder.path()), ["source.zip"]);
}

#[test]
fn a_folder_in_use_is_refused_whoever_uses_it_and_nobody_begins_while_a_backup_is_put_back() {
    let data = body();
    let file = backed_up(&data);
    let error = put_back(&file, data.folder.path()).unwrap_err();
    assert!(matches!(error, BackupError::InUse(_)), "{error:?}");

    let folder = tempfile::tempdir().unwrap();
    let restoring = FolderUse::alone(folder.path()).unwrap().unwrap();
    assert!(matches!(try_open(folder.path()), Err(StartError::Restoring(_))));
    assert_eq!(names(folder.path()), Vec::<String>::new());
    drop(restoring);
    let first = try_open(folder.path()).unwrap();
    let second = try_open(folder.path()).unwrap();
    drop(first);
    assert!(matches!(put_back(&file, folder.path()), Err(BackupError::InUse(_))));
    drop(second);
    // nobody uses it now, but there is a portal in it
    assert!(matches!(put_back(&file, folder.path()), Err(BackupError::NotEmpty(_))));
}

#[test]
fn wherever_a_restore_is_cut_off_no_portal_begins_before_it_was_done_again() {
    let data = body();
    let file = backed_up(&data);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    // cut off while unpacking; and between the two moves
    for moved in [false, true] {
        fs::create_dir_all(target.join(".restoring/evidence/incoming")).unwrap();
        fs::write(target.join(".restoring/portal.sqlite"), "half").unwrap();
        if moved {
            fs::rename(target.join(".restoring/evidence"), target.join("evidence")).unwrap();
        }
        fs::create_dir_all(target.join("keys")).unwrap();
        let refused = try_open(&target).err().unwrap();
        assert!(refused.to_string().contains("put it back again"), "{refused}");
        assert!(!target.join("portal.sqlite").exists());
        put_back(&file, &target).unwrap();
        assert_eq!(names(&target), ["evidence", "keys", "portal.sqlite"]);
        // cut off after the last move
        fs::create_dir(target.join(".restoring")).unwrap();
        let portal = open(&target, TODAY);
        assert_eq!(portal.files.list().unwrap().len(), 2);
        assert!(!target.join(".restoring").exists());
        drop(portal);
        fs::remove_dir_all(&target).unwrap();
    }
}

#[test]
fn a_restore_that_is_stopped_leaves_nothing() {
    let data = body();
    let file = backed_up(&data);
    let folder = tempfile::tempdir().unwrap();
    let now = "2026-11-23T12:00:00".parse().unwrap();
    for steps in 1..4 {
        let mut left = steps;
        let stopped = cpe_portal::upkeep::restore::restore(
            &file,
            None,
            &folder.path().join("target"),
            &EvidencePlace::Folder,
            now,
            &mut |_, _| {
                left -= 1;
                if left == 0 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
            },
        );
        assert!(matches!(stopped, Err(BackupError::Stopped)), "{steps}: {stopped:?}");
        assert_eq!(names(folder.path()), Vec::<String>::new(), "{steps}");
    }
}
