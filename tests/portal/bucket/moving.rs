use std::process::Command;

use super::*;
use crate::support::object_store::Fault;
use crate::support::process::command;

/// A data folder with proofs in it, and a bucket beside it.
struct Move {
    _folder: tempfile::TempDir,
    data: std::path::PathBuf,
    bucket: Bucket,
    hashes: Vec<String>,
}

impl Move {
    fn of(proofs: usize) -> Move {
        let portal = TestPortal::new();
        let people = portal.people();
        let activity = portal.submitted(&people.owner, "With proofs", "2026-10-05", 2);
        let now = portal.clock.now();
        let mut hashes = Vec::new();
        for number in 0..proofs {
            let stored = portal.files.store(&proof(&format!("moved {number}"))).unwrap();
            let add = |conn: &mut cpe_portal::store::Conn<'_>| {
                let bytes = i64::try_from(stored.size).unwrap();
                let new = evidence::NewEvidence {
                    holder: people.owner.id,
                    activity: Some(activity),
                    name: "proof.pdf",
                    media_type: "application/pdf",
                    bytes,
                    sha256: &stored.sha256,
                };
                evidence::add(conn, &new, now)
            };
            portal.store.write(add).unwrap();
            hashes.push(stored.sha256);
        }
        hashes.sort();
        let TestPortal { portal, folder, .. } = portal;
        let data = portal.config.data.clone();
        drop(portal);
        Move { _folder: folder, data, bucket: Bucket::new(), hashes }
    }

    fn run(&self, arguments: &[&str]) -> Command {
        let mut run = command(&self.data, arguments);
        self.bucket.environment(&mut run);
        run.env("CPE_PORTAL_EVIDENCE", "folder").stderr(std::process::Stdio::piped());
        run
    }

    fn in_the_folder(&self) -> usize {
        let there =
            |sha256: &&String| self.data.join("evidence").join(&sha256[..2]).join(&sha256[2..]).is_file();
        self.hashes.iter().filter(there).count()
    }

    fn in_the_bucket(&self) -> usize {
        self.hashes.iter().filter(|sha256| self.bucket.holds(sha256).is_some()).count()
    }
}

#[test]
fn proofs_move_to_a_bucket_and_back_however_often_that_is_cut_off_and_none_is_lost() {
    let moved = Move::of(30);
    let place = moved.bucket.place();
    for _ in 0..3 {
        let mut child = moved.run(&["evidence", "move", "--to", &place]).spawn().unwrap();
        let before = moved.in_the_bucket();
        let patience = std::time::Instant::now() + Duration::from_secs(20);
        while moved.in_the_bucket() < before + 3 && std::time::Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(10));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    moved.bucket.asked();
    let there = moved.in_the_bucket();
    let said = moved.run(&["evidence", "move", "--to", &place]).output().unwrap();
    let words = String::from_utf8(said.stdout).unwrap();
    assert!(said.status.success(), "{words}");
    assert!(words.contains(&format!("{there} there already")), "{words}");
    let puts = moved.bucket.methods().iter().filter(|method| *method == "PUT").count();
    assert_eq!(puts, 30 - there, "only the rest");
    assert_eq!((moved.in_the_folder(), moved.in_the_bucket()), (30, 30), "nothing is removed by itself");
    let said = moved.run(&["evidence", "move", "--to", &place, "--remove"]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert_eq!((moved.in_the_folder(), moved.in_the_bucket()), (0, 30));
    // the portal finds them there
    let mut checking = command(&moved.data, &["check"]);
    moved.bucket.environment(&mut checking);
    let said = checking.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    assert!(!moved.run(&["check"]).output().unwrap().status.success(), "the folder has none");
    let said =
        moved.run(&["evidence", "move", "--from", &place, "--to", "folder", "--remove"]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert_eq!((moved.in_the_folder(), moved.in_the_bucket()), (30, 0));
    assert!(moved.run(&["check"]).output().unwrap().status.success());
}

#[test]
fn nothing_is_removed_while_a_portal_serves_or_when_the_new_place_has_something_else() {
    let moved = Move::of(4);
    let place = moved.bucket.place();
    let (mut portal, _) = crate::support::process::started(&mut moved.run(&["serve"]));
    let said = moved.run(&["evidence", "move", "--to", &place, "--remove"]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.code() == Some(2) && words.contains("Stop it first"), "{words}");
    // beside it they are copied, and the person is told what to do next
    let said = moved.run(&["evidence", "move", "--to", &place]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.success() && words.contains("run this once more"), "{words}");
    portal.kill().unwrap();
    portal.wait().unwrap();
    // of the same size, so that only reading it again shows
    let mut altered = moved.bucket.holds(&moved.hashes[0]).unwrap();
    altered[3] ^= 1;
    moved.bucket.directly("PUT", &Bucket::key(&moved.hashes[0]), &altered);
    let said = moved.run(&["evidence", "move", "--to", &place, "--remove"]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.code() == Some(1) && words.contains(&moved.hashes[0]), "{words}");
    assert_eq!(moved.in_the_folder(), 4);
    moved.bucket.breaks(None, Fault::Answers(403));
    let said = moved.run(&["evidence", "move", "--to", &place, "--remove"]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.code() == Some(1) && words.contains("Nothing was lost"), "{words}");
    assert_eq!(moved.in_the_folder(), 4);
}

#[test]
fn a_proof_that_cannot_be_read_is_told_and_the_others_are_moved() {
    let moved = Move::of(5);
    let place = moved.bucket.place();
    let path = |nth: usize| {
        let sha256 = &moved.hashes[nth];
        moved.data.join("evidence").join(&sha256[..2]).join(&sha256[2..])
    };
    // a folder opens, and no byte of it can be read
    std::fs::remove_file(path(1)).unwrap();
    std::fs::create_dir(path(1)).unwrap();
    std::fs::remove_file(path(3)).unwrap();
    let said = moved.run(&["evidence", "move", "--to", &place]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert_eq!((said.status.code(), moved.in_the_bucket()), (Some(1), 3), "{words}");
    assert!(words.contains(&format!("Evidence {} cannot be read:", moved.hashes[1])), "{words}");
    assert!(words.contains(&format!("Evidence {} is missing or altered.", moved.hashes[3])), "{words}");
    let said = moved.run(&["evidence", "move", "--to", &place, "--remove"]).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    assert_eq!(moved.in_the_folder(), 3, "nothing is removed");
}

#[test]
fn what_lies_in_the_folder_with_the_right_size_and_other_bytes_is_brought_again() {
    let moved = Move::of(3);
    let place = moved.bucket.place();
    assert!(moved.run(&["evidence", "move", "--to", &place]).status().unwrap().success());
    let sha256 = &moved.hashes[1];
    let path = moved.data.join("evidence").join(&sha256[..2]).join(&sha256[2..]);
    let whole = std::fs::read(&path).unwrap();
    let mut altered = whole.clone();
    altered[3] ^= 1;
    std::fs::write(&path, altered).unwrap();
    let said = moved.run(&["evidence", "move", "--from", &place, "--to", "folder"]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.status.success() && words.contains("1 proof brought to folder, 2 there already"), "{words}");
    assert_eq!(std::fs::read(&path).unwrap(), whole);
}

#[test]
fn a_bucket_of_another_portal_is_not_emptied_by_a_move() {
    let moved = Move::of(3);
    let place = moved.bucket.place();
    assert!(moved.run(&["evidence", "move", "--to", &place]).status().unwrap().success());
    moved.bucket.directly("PUT", "/body/owner", b"0123456789abcdef-0");
    let empty = ["evidence", "move", "--from", &place, "--to", "folder", "--remove"];
    let said = moved.run(&empty).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(
        said.status.code() == Some(2) && words.contains("belongs to another portal (0123456789abcdef-0)"),
        "{words}"
    );
    assert_eq!(moved.in_the_bucket(), 3);
    // bringing proofs there harms nobody, and is told
    let said = moved.run(&["evidence", "move", "--to", &place]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.success() && words.contains("belongs to another portal"), "{words}");
    let mut claim = command(&moved.data, &["evidence", "claim"]);
    moved.bucket.environment(&mut claim);
    assert!(claim.status().unwrap().success());
    assert!(moved.run(&empty).status().unwrap().success());
    assert_eq!((moved.in_the_folder(), moved.in_the_bucket()), (3, 0));
}
