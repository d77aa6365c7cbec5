//! A disk that fails to write or to sync: libfiu between the portal and the operating system, told when to fail.

use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::super::backup::{OLDER, more_evidence, night, not_made_yet, of_today, put_back};
use super::super::trials;
use super::{Body, CANNOT_NOW, Served, checked, there};
use crate::support::process::command;
use crate::transfer::support::ask;

const PRELOAD: [&str; 2] = ["/usr/lib/fiu/fiu_run_preload.so", "/usr/lib/fiu/fiu_posix_preload.so"];
/// What the operating system says when a disk fails, and when it is full.
const EIO: u32 = 5;
const ENOSPC: u32 = 28;

struct Failing {
    portal: Served,
    control: PathBuf,
}

impl Failing {
    fn start(body: &Body) -> Failing {
        for library in PRELOAD {
            assert!(
                std::path::Path::new(library).is_file(),
                "this proof needs libfiu (on Debian: apt-get install fiu-utils; bash tests/run does it)"
            );
        }
        let control = body.folder.path().join("fiu");
        let mut serving = command(&body.data, &["serve"]);
        serving.env("LD_PRELOAD", PRELOAD.join(":")).env("FIU_CTRL_FIFO", &control);
        let portal = Served::start(serving, &body.data, &body.folder.path().join("log"));
        Failing { portal, control }
    }

    fn tell(&self, what: &str) {
        let told = Command::new("fiu-ctrl")
            .arg("-f")
            .arg(&self.control)
            .args(["-c", what])
            .arg(self.portal.child.id().to_string())
            .output()
            .unwrap();
        assert!(told.status.success(), "{told:?}");
    }
}

#[test]
fn a_disk_that_fails_to_write_or_sync_never_gives_an_acknowledgement_and_no_restart_is_needed() {
    let body = Body::new();
    let mut failing = Failing::start(&body);
    let mut visitor = failing.portal.visitor(0);
    let token = failing.portal.token(&mut visitor);
    let mut outcomes = Vec::new();
    let mut nth = 0;
    for round in 0..trials(2, 20) {
        for (fault, certain) in [
            ("posix/io/rw/pwrite", true),
            ("posix/io/sync/fsync", true),
            ("posix/io/sync/fdatasync", true),
            ("posix/io/sync/*", true),
            ("posix/io/rw/pwrite", false),
            ("posix/io/sync/*", false),
            ("posix/io/rw/ftruncate", true),
            ("posix/io/dir/rename", true),
        ] {
            let how = match certain {
                true => format!("enable name={fault},failinfo={EIO}"),
                false => format!("enable_random name={fault},probability=0.2,failinfo={EIO}"),
            };
            failing.tell(&how);
            let mut refused = 0;
            for _ in 0..6 {
                let title = format!("Round {round}, {fault}, report {nth}");
                let status = failing.portal.report(&mut visitor, &token, &title, nth);
                refused += usize::from(status != 303);
                outcomes.push((title, status));
                nth += 1;
            }
            if certain && fault.ends_with("pwrite") {
                assert_eq!(refused, 6, "{fault}: nothing can be kept");
            }
            let dashboard = visitor.get(&failing.portal.address, "/dashboard").unwrap();
            assert!(dashboard.status == 200 || CANNOT_NOW.contains(&dashboard.status), "{}", dashboard.text);
            failing.tell(&format!("disable name={fault}"));
            // it works again at once, without a restart
            let patience = Instant::now() + Duration::from_secs(10);
            loop {
                let title = format!("Round {round}, after {fault}, report {nth}");
                let status = failing.portal.report(&mut visitor, &token, &title, nth);
                outcomes.push((title, status));
                nth += 1;
                if status == 303 {
                    break;
                }
                assert!(Instant::now() < patience, "{fault}: {}", failing.portal.logged());
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
    failing.portal.is_alive();
    let refused = outcomes.iter().filter(|(_, status)| *status != 303).count();
    assert!(refused >= 12, "only {refused} reports met a fault");
    failing.portal.kill();
    for (title, status) in &outcomes {
        if *status == 303 {
            assert_eq!(there(&body.data, title), 1, "{title}");
        } else {
            assert_eq!(there(&body.data, title), 0, "{title} was refused");
        }
    }
    checked(&body.data);
}

#[test]
fn a_disk_that_fills_up_in_the_middle_of_a_night_costs_no_older_backup_and_the_next_try_completes_it() {
    let body = Body::new();
    let data = &body.data;
    more_evidence(data, 0, 10);
    let older = data.join("backups").join(format!("cpe-portal-{OLDER}.zip"));
    std::fs::rename(night(data, None).expect("the portal makes its backup"), &older).unwrap();
    more_evidence(data, 100, 30);
    not_made_yet(data);
    let mut serving = command(data, &["serve"]);
    let full = format!("enable_random name=posix/io/dir/rename,probability=0.2,failinfo={ENOSPC}");
    serving.env("LD_PRELOAD", PRELOAD.join(":")).env("FIU_ENABLE", full);
    let portal = Served::start(serving, data, &body.folder.path().join("log"));
    let told = "SELECT report AS line FROM job_runs WHERE job = 'backup' AND finished_at IS NOT NULL";
    let patience = Instant::now() + Duration::from_secs(60);
    let report = loop {
        if let Some(report) = ask(&data.join("portal.sqlite"), told).pop() {
            break report;
        }
        assert!(Instant::now() < patience, "{}", portal.logged());
        thread::sleep(Duration::from_millis(50));
    };
    portal.kill();
    let words = "There is no new backup: no room on the disk while copying evidence";
    assert!(report.starts_with(words), "{report}");
    assert_eq!(of_today(data), None);
    assert!(std::fs::read_dir(data.join("backups/evidence/incoming")).unwrap().next().is_none());
    let restored = |file: &std::path::Path, evidence: usize| {
        let target = body.folder.path().join(format!("restored-{evidence}"));
        let done = put_back(file, &target);
        assert!(done.status.success(), "{done:?}");
        checked(&target);
        let there = ask(&target.join("portal.sqlite"), "SELECT sha256 AS line FROM evidence");
        assert_eq!(there.len(), evidence);
    };
    restored(&older, 10);
    restored(&night(data, None).expect("with room again it is made"), 40);
}
