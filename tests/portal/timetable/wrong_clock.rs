//! What a clock that was wrong for a while leaves behind: rows from the future bind nobody.

use std::ops::ControlFlow;
use std::time::Duration;

use chrono::TimeDelta;
use cpe_portal::actions::deadlines::{RunOptions, run, to_the_end};
use cpe_portal::domain::job::LeaseName;
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::store::engine::leases::{Lease, Term};

use super::body::{date, practitioner, texts};
use super::delivery::{with_server, write};
use super::server::Step;
use crate::support::TestPortal;

fn deadlines_ran(portal: &TestPortal) -> bool {
    let job = TIMETABLE.iter().find(|job| job.name.code() == "deadlines").unwrap();
    matches!(tick(portal, job, &|| false).unwrap(), Tick::Ran(_))
}

#[test]
fn a_run_of_a_day_that_never_came_does_not_stand_for_todays() {
    let portal = TestPortal::new();
    practitioner(&portal, "Ann", "2026-03-15");
    portal.clock.set_local(date("2027-12-28"), 10);
    assert!(deadlines_ran(&portal));
    portal.clock.set_local(date("2026-12-14"), 10);
    assert!(deadlines_ran(&portal), "the clock is right again");
    assert!(!deadlines_ran(&portal), "once an hour");
}

#[test]
fn a_lease_from_a_year_ahead_binds_nobody_and_an_honest_one_does() {
    // all who share a server have its clock
    let portal = TestPortal::of_a_file();
    let now = portal.clock.now();
    let minute = TimeDelta::seconds(60);
    let take = |name, lasts, at| {
        let term = Term { lasts, renew_after: Duration::ZERO };
        portal.store.write(|conn| Lease::take(conn, name, term, at)).unwrap()
    };
    let thing = LeaseName::CheckJob;
    let ahead = now + TimeDelta::days(400);
    let of_the_dead = take(thing, minute, ahead).expect("it is free");
    let one = take(thing, minute, now).expect("a year ahead of the clock");
    assert!(!portal.store.write(|conn| of_the_dead.renew(conn, now)).unwrap(), "it went to another");
    assert!(take(thing, minute, now).is_none());
    assert!(take(thing, minute / 10, now).is_none(), "a short one does not take the place of a longer one");
    assert!(take(thing, minute, now - TimeDelta::seconds(2)).is_none(), "a moment is no mistake");
    assert!(take(LeaseName::BackupJob, minute, now).is_some(), "another thing is free");
    assert!(portal.store.write(|conn| one.renew(conn, now + minute)).unwrap(), "nobody came meanwhile");
    assert!(take(thing, minute, now + minute).is_none());
    let two = take(thing, minute, now + minute * 2).expect("it has ended");
    portal.store.write(|conn| one.give_back(conn)).unwrap();
    assert!(take(thing, minute, now + minute * 2).is_none(), "nobody gives back what another one holds");
    portal.store.write(|conn| two.give_back(conn)).unwrap();
    assert!(take(thing, minute, now + minute * 2).is_some());

    take(LeaseName::DeadlineRun, minute, ahead).expect("it is free");
    run(&portal, RunOptions::today(&portal), &mut to_the_end).unwrap();
}

#[test]
fn a_mail_that_waits_for_a_day_that_never_came_is_tried_now() {
    let (portal, ann, _server) = with_server(vec![Step::Recipient(450)]);
    write(&portal, &ann, &["reminder"]);
    let today = portal.clock.now();
    portal.clock.advance(TimeDelta::days(400));
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    assert_eq!(texts(&portal, "SELECT state AS text FROM mails"), ["pending"]);
    portal.clock.set(today);
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    assert_eq!(texts(&portal, "SELECT state AS text FROM mails"), ["sent"]);
}
