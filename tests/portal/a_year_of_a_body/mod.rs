//! A year of a body with 2 000 certificates, day by day, with missed and repeated days. Everything that the portal says, keeps and
//! mails is compared with an independent recomputation: fractions, an own calendar, plain facts, no code shared with the rules.

mod administration;
mod calendar;
mod comparison;
mod decisions;
mod facts;
mod reports;
mod timetable;
pub mod world;

use cpe_portal::actions::deadlines::{RunOptions, RunReport, run, to_the_end};
use cpe_portal::domain::certification::deadlines::StageOutcome;

use crate::support::day;
use crate::timetable::body::assert_same;
use crate::upkeep::check;
use calendar::{Day, anniversary, iso, number_of, of_iso};
use comparison::{assert_lines, assert_said, lines_of};
use facts::Level;
use world::{Plan, World};

const FIRST: &str = "2027-01-04";
const LAST: &str = "2028-04-05";
const CERTIFICATES: usize = 2_000;
/// Granted while the year goes on; the others are taken over on the first day.
const LATER: usize = 150;

#[test]
fn a_year_of_a_body_with_2_000_certificates_equals_an_independent_recomputation() {
    let (first, last) = (of_iso(FIRST), of_iso(LAST));
    let mut world = World::new(first, 2027);
    found_the_body(&mut world, first);
    let mut missed = 0;
    for today in first..=last {
        live(&mut world, today);
        if is_missed(&mut world, today) {
            missed += 1;
            continue;
        }
        a_run(&mut world, today);
        if (today - first) % 45 == 44 {
            world.assert_tables(today);
        }
    }
    world.assert_tables(last);
    assert!(last - first > 400 && missed > 40, "{missed} days were missed");
    assert_eq!(world.body.certs.len(), CERTIFICATES);
    for checked in check(&world.portal) {
        assert_eq!(checked.problems, Vec::<String>::new(), "{}", checked.name);
    }
    everything_happened(&world);
}

/// So that the comparison cannot pass because nothing was there to compare.
fn everything_happened(world: &World) {
    for (what, least) in [
        ("reports", 4000),
        ("reports refused", 100),
        ("approved", 3000),
        ("rejected", 100),
        ("returned", 100),
        ("answered", 50),
        ("withdrawn", 30),
        ("minimums reached", 500),
        ("waived", 20),
        ("flags extended", 20),
        ("open years extended", 50),
        ("decertified", 50),
        ("decertifications refused", 20),
        ("reinstated", 20),
        ("sent", 1000),
        ("superseded", 200),
        ("met", 200),
        ("covered", 50),
        ("recertified", 500),
        ("flagged", 200),
        ("lifted", 20),
        ("awaiting", 200),
        ("runs with held flags", 5),
        ("confirmations of held flags", 1),
        ("mass flags confirmed by a run", 1),
        ("repeated runs", 50),
        ("dry runs", 50),
        ("runs on an earlier day", 10),
    ] {
        let found = world.tally.get(what).copied().unwrap_or_default();
        assert!(found >= least, "{what}: {found} of at least {least}; {:#?}", world.tally);
    }
    let leap_days = world.body.certs.iter().filter(|cert| iso(cert.granted).ends_with("-02-29"));
    assert!(leap_days.count() > 30);
    let counted_less = world.body.counted.iter().filter(|((_, _, id), amount)| {
        let told = &world.body.reports[id];
        told.publication.is_some() && amount.to_integer() < told.awarded.unwrap_or(told.amount)
    });
    assert!(counted_less.count() > 50, "the publication cap was felt");
}

/// The people and their certificates on the first day.
fn found_the_body(world: &mut World, today: Day) {
    let mut wanted = Vec::new();
    while wanted.len() < CERTIFICATES - LATER {
        let person = new_person(world);
        let several = world.dice.weighed(&[(50, 1), (30, 2), (15, 3), (5, 5)]);
        for _ in 0..several {
            let granted = some_grant(world, today);
            wanted.push((person, some_level(world), granted));
        }
    }
    wanted.truncate(CERTIFICATES - LATER);
    // one class that passed its examination on one day and then forgot about it: the guard will notice
    for (person, level, granted) in wanted.iter_mut().skip(300).take(70) {
        (*level, *granted) = (Level::Practitioner, number_of(2024, 6, 15));
        world.pace[*person] = world.dice.throw(2);
    }
    world.grant(wanted, today);
    let backlog: Vec<(usize, Day)> = (0..world.body.people)
        .flat_map(|person| {
            let reports = world.pace[person] * world.dice.between(20, 70) / 100;
            (0..reports).map(|_| (person, today - world.dice.between(1, 330))).collect::<Vec<_>>()
        })
        .collect();
    let wishes = backlog.into_iter().map(|(person, done)| world.wish(person, done, today, 8)).collect();
    world.report(wishes, today);
}

fn new_person(world: &mut World) -> usize {
    let pace = world.dice.weighed(&[(38, 6), (25, 4), (17, 3), (12, 1), (8, 0)]);
    world.add_person(pace)
}

fn some_level(world: &mut World) -> Level {
    world.dice.weighed(&[(10, Level::Foundation), (65, Level::Practitioner), (25, Level::Above)])
}

fn some_grant(world: &mut World, today: Day) -> Day {
    match world.dice.throw(100) {
        0..2 => number_of(2024, 2, 29),
        2..4 => number_of(2020, 2, 29),
        4..8 => number_of(2023, 2, 27) + world.dice.throw(3),
        8..10 => anniversary(today, -world.dice.between(1, 6)) + world.dice.throw(2),
        _ => today - world.dice.between(0, 3600),
    }
}

/// Days on which the portal was down.
fn is_missed(world: &mut World, today: Day) -> bool {
    let outages = [("2027-03-09", "2027-03-17"), ("2027-08-02", "2027-08-26"), ("2028-02-28", "2028-02-28")];
    let down = outages.iter().any(|(from, to)| (of_iso(from)..=of_iso(to)).contains(&today));
    down || world.dice.in_a_thousand(70)
}

/// What people do on a day, before the run.
fn live(world: &mut World, today: Day) {
    let before = world.last_mail();
    world.portal.clock.set_local(day(&iso(today)), 9);
    if iso(today) == "2027-05-20" {
        world.enter_version_2(of_iso("2027-07-01"));
    }
    let left = CERTIFICATES - world.body.certs.len();
    if left > 0 && world.dice.in_a_thousand(400) {
        let person = if world.dice.in_a_thousand(300) {
            new_person(world)
        } else {
            usize::try_from(world.dice.throw(i64::try_from(world.body.people).unwrap())).unwrap()
        };
        let granted = today - world.dice.weighed(&[(80, 0), (15, 20), (5, 700)]);
        let level = some_level(world);
        world.grant(vec![(person, level, granted)], today);
    }
    let mut wishes = Vec::new();
    for person in 0..world.body.people {
        if world.pace[person] > 0 && world.dice.throw(365) < world.pace[person] {
            let ago = world.dice.weighed(&[(70, 15), (20, 60), (10, 420)]);
            let done = today - world.dice.between(0, ago);
            let hour = 9;
            wishes.push(world.wish(person, done, today, hour));
        }
    }
    let mut reviews = Vec::new();
    for plan in world.plans.remove(&today).unwrap_or_default() {
        match plan {
            Plan::Review { report } => reviews.push(report),
            Plan::Answer { report } => world.answer(report, today),
            Plan::Withdraw { report } => world.withdraw(report),
            Plan::Decide { cert, year } => world.answer_flag(cert, year, today),
            Plan::Reinstate { cert } => world.reinstate(cert, today),
            Plan::LateReport { cert, year } => {
                let known = &world.body.certs[cert];
                let (person, done) = (known.person, known.end(year) - world.dice.between(0, 200));
                for _ in 0..3 {
                    wishes.push(world.wish(person, done, today, 9));
                }
            }
        }
    }
    world.report(wishes, today);
    reviews.sort_unstable();
    reviews.dedup();
    world.review(reviews, today);
    if world.dice.in_a_thousand(700) {
        world.extend_somebody(today);
    }
    let expected = std::mem::take(&mut world.mails);
    world.assert_mails(before, &expected, &format!("what people did on {}", iso(today)));
}

fn portal_runs(world: &World, today: Day, change: impl FnOnce(RunOptions) -> RunOptions) -> RunReport {
    world.portal.clock.set_local(day(&iso(today)), 10);
    run(&world.portal, change(RunOptions::today(&world.portal)), &mut to_the_end).unwrap()
}

/// The run of a day: sometimes rehearsed before, sometimes repeated after, sometimes followed by one on an earlier day.
fn a_run(world: &mut World, today: Day) {
    let held_since = world.body.held.values().filter(|(_, confirmed)| !confirmed).map(|(on, _)| *on).min();
    let mut confirm_all = false;
    if held_since.is_some_and(|since| today - since > 5) {
        confirm_all = world.dice.in_a_thousand(400);
        if !confirm_all {
            world.confirm_held_flags();
        } else {
            world.count("mass flags confirmed by a run");
        }
    }
    let rare = world.dice.in_a_thousand(30);
    if world.dice.in_a_thousand(350) {
        rehearse(world, today, confirm_all, rare);
    }
    let before = world.last_mail();
    let expected = world.body.run(today, confirm_all, true);
    let report =
        portal_runs(world, today, |options| RunOptions { confirm_mass_flag: confirm_all, ..options });
    let what = format!("the run of {}", iso(today));
    assert_said(&expected, &report, &what);
    world.assert_mails(before, &expected.mails, &what);
    remember(world, &report, today);
    if world.dice.in_a_thousand(250) {
        repeat(world, today, rare);
    }
    if world.dice.in_a_thousand(60) {
        let earlier = today - world.dice.between(1, 9);
        let before = world.last_mail();
        let expected = world.body.run(earlier, false, true);
        let report = portal_runs(world, earlier, |options| options);
        let what = format!("a run on {} after one on {}", iso(earlier), iso(today));
        assert_said(&expected, &report, &what);
        assert!(expected.reminders.is_empty() && expected.flagged.is_empty(), "{what}");
        world.assert_mails(before, &expected.mails, &what);
        world.count("runs on an earlier day");
        world.portal.clock.set_local(day(&iso(today)), 10);
    }
}

/// A dry run changes nothing and announces exactly what the real run then does.
fn rehearse(world: &mut World, today: Day, confirm_all: bool, look_at_everything: bool) {
    let what = format!("the rehearsal of {}", iso(today));
    let (mails, rows) = (world.last_mail(), if look_at_everything { world.everything() } else { Vec::new() });
    let expected = world.body.run(today, confirm_all, false);
    let confirming = |options: RunOptions| RunOptions { confirm_mass_flag: confirm_all, ..options.dry() };
    let report = portal_runs(world, today, confirming);
    assert!(report.dry_run);
    assert_said(&expected, &report, &what);
    assert_eq!(world.last_mail(), mails, "{what}");
    if look_at_everything {
        assert_same(&rows, &world.everything(), &what);
    }
    world.count("dry runs");
}

/// A second run on the same day sends and changes nothing; it only tells again what stands.
fn repeat(world: &mut World, today: Day, look_at_everything: bool) {
    let what = format!("the second run of {}", iso(today));
    let (mails, rows) = (world.last_mail(), if look_at_everything { world.everything() } else { Vec::new() });
    let expected = world.body.run(today, false, true);
    let report = portal_runs(world, today, |options| options);
    assert_said(&expected, &report, &what);
    let said = lines_of(&report);
    for list in [&said.reminders, &said.recertified, &said.flagged, &said.lifted] {
        assert_lines(&[], list, &what);
    }
    assert_eq!(world.last_mail(), mails, "{what}");
    if look_at_everything {
        assert_same(&rows, &world.everything(), &what);
    }
    world.count("repeated runs");
}

/// Counts what happened, and lets people think about what they were told.
fn remember(world: &mut World, report: &RunReport, today: Day) {
    for line in &report.reminders {
        world.count(line.reason.map_or("sent", StageOutcome::code));
    }
    for (what, list) in [
        ("recertified", &report.recertified),
        ("flagged", &report.flagged),
        ("lifted", &report.lifted),
        ("awaiting", &report.awaiting_review),
    ] {
        *world.tally.entry(what).or_default() += list.len();
    }
    if !report.held.is_empty() {
        world.count("runs with held flags");
    }
    let flagged: Vec<(usize, i64)> = world
        .body
        .certs
        .iter()
        .enumerate()
        .flat_map(|(index, cert)| {
            let today = Some(today);
            cert.years
                .iter()
                .filter(move |(_, facts)| facts.flagged == today)
                .map(move |(year, _)| (index, *year))
        })
        .collect();
    for (cert, year) in flagged {
        if world.dice.in_a_thousand(450) {
            let wait = world.dice.between(1, 12);
            world.plan(today + wait, Plan::LateReport { cert, year });
        }
        let wait = world.dice.weighed(&[(20, 10), (80, 40)]);
        let wait = world.dice.between(2, wait);
        world.plan(today + wait, Plan::Decide { cert, year });
    }
}
