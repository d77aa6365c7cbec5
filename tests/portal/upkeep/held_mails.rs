//! What is held stays true until it leaves: the notice period of a flag, the address, what was said about a report.

use std::ops::ControlFlow;

use chrono::TimeDelta;
use cpe_portal::actions::ActionError;
use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::actions::certification::decisions::decide;
use cpe_portal::actions::holders::{GivenCertificate, correct, grant_certificate};
use cpe_portal::actions::mail::going_live::{go_live, hold, holder_mails};
use cpe_portal::actions::reviews::reversal::take_verdict_back;
use cpe_portal::actions::reviews::{GivenVerdict, review};
use cpe_portal::domain::activities::review::ReviewDecision;
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::codes::Stored;
use cpe_portal::domain::notices::notice_kind::NoticeKind;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::jobs::health::{Condition, vitals};
use cpe_portal::store::StoreError;

use crate::support::{Rights, TestPortal, day};
use crate::timetable::body::{behind_its_back, practitioner, run_on, texts};
use crate::timetable::delivery::write;

fn held() -> TestPortal {
    let portal = TestPortal::new();
    hold(&portal, None).unwrap();
    portal
}

fn sent(portal: &TestPortal) -> usize {
    deliver(portal, &mut || ControlFlow::Continue(())).unwrap().sent
}

fn live(portal: &TestPortal) {
    let seen = holder_mails(portal).unwrap().seen;
    go_live(portal, None, &[], Some(seen)).unwrap();
}

#[test]
fn a_flag_that_its_holder_could_not_hear_of_counts_from_the_day_on_which_they_can() {
    let portal = held();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    let flagged = "SELECT flagged_on AS text FROM certification_years WHERE flagged_on IS NOT NULL";
    assert_eq!(texts(&portal, flagged), ["2027-01-01"]);
    // the whole notice period goes by before the portal is live
    portal.clock.set_local(day("2027-02-01"), 10);
    live(&portal);
    assert_eq!(texts(&portal, flagged), ["2027-02-01"]);
    assert_eq!(sent(&portal), 1);
    let mail = portal.delivered().pop().unwrap();
    assert_eq!((mail.kind.as_str(), mail.to_address.as_str()), ("flagged", flora.email.as_str()));
    assert!(mail.text.contains("You can answer until: 15 February 2027"), "{}", mail.text);
    let admin = portal.account("admin@portal.test", "Ada", Role::Administrator);
    let decertify = || {
        let deciding = Deciding::Decertify { year: 1, acknowledged: true };
        decide(&portal, admin.as_administrator(), certificate, SeenVersion::default(), deciding, "Too few.")
    };
    portal.clock.set_local(day("2027-02-15"), 10);
    assert!(decertify().unwrap_err().to_string().contains("16 February 2027"));
    portal.clock.set_local(day("2027-02-16"), 10);
    decertify().unwrap();
    let told = texts(&portal, "SELECT detail AS text FROM history WHERE event = 'flag counts from now'");
    assert_eq!(told, ["year 1: flagged on 1 January 2027, and the email about it was held until now"]);
}

#[test]
fn what_is_held_goes_to_the_address_that_its_holder_has_when_it_leaves() {
    let portal = held();
    let (ann, _) = practitioner(&portal, "Ann", "2026-03-20");
    write(&portal, &ann, &["approved", "reply"]);
    let admin = portal.account("admin@portal.test", "Ada", Role::Administrator);
    correct(&portal, admin.as_administrator(), ann.id, None, "Ann", "ann@new.test").unwrap();
    live(&portal);
    sent(&portal);
    let went: Vec<(String, String)> =
        portal.delivered().into_iter().map(|mail| (mail.kind, mail.to_address)).collect();
    let expected = [
        ("approved", "ann@new.test"),
        ("reply", "ann@new.test"),
        ("account-changed", "ann@people.test"),
        ("account-changed", "ann@new.test"),
    ];
    assert_eq!(went, expected.map(|(kind, to)| (kind.to_owned(), to.to_owned())));
}

#[test]
fn what_was_taken_back_while_it_was_held_is_not_told_however_long_that_was() {
    let portal = held();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "A long course", "2026-05-02", 24);
    let approve = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
    review(&portal, people.reviewer.as_reviewer(), report, None, &approve).unwrap();
    let waiting = "SELECT kind AS text FROM mails WHERE state = 'pending' ORDER BY id";
    assert_eq!(texts(&portal, waiting), ["approved", "minimum-reached"]);
    portal.clock.advance(TimeDelta::days(3));
    let version =
        texts(&portal, &format!("SELECT version || '' AS text FROM activities WHERE id = {report}"));
    let version = version[0].parse().ok();
    take_verdict_back(&portal, people.reviewer.as_reviewer(), report, version, "I misread the day.").unwrap();
    assert_eq!(texts(&portal, waiting), [""; 0], "nobody heard of it, so there is nothing to tell");
    live(&portal);
    assert_eq!(sent(&portal), 0);
}

#[test]
fn congratulations_on_a_certificate_that_has_ended_since_are_not_sent() {
    let portal = held();
    let admin = portal.account("admin@portal.test", "Ada", Role::Administrator);
    let ann = portal.holder("ann@people.test", "Ann");
    let certifications =
        portal.store.read(cpe_portal::store::certification::catalogue::certifications).unwrap();
    let isp = certifications.iter().find(|one| one.code == "ISP").unwrap().id.to_string();
    for (number, ends) in [("ISP-1", true), ("ISP-2", false)] {
        let given = GivenCertificate {
            certification: &isp,
            number,
            granted_on: "14 March 2026",
            tell: true,
            twin: true,
            ..GivenCertificate::default()
        };
        let id = grant_certificate(&portal, admin.as_administrator(), ann.id, &given).unwrap();
        if ends {
            let deciding = Deciding::End { kind: EndingKind::Mistake, replaced_by: None };
            decide(&portal, admin.as_administrator(), id, SeenVersion::default(), deciding, "Granted twice.")
                .unwrap();
        }
    }
    live(&portal);
    sent(&portal);
    let kinds: Vec<String> = portal.delivered().into_iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, ["ended", "granted"]);
}

#[test]
fn going_live_twice_does_not_touch_what_waits_for_the_mail_server() {
    let portal = TestPortal::new();
    practitioner(&portal, "Ann", "2025-12-20");
    for today in ["2026-09-25", "2026-11-25"] {
        run_on(&portal, today);
    }
    let mails =
        "SELECT id || ' ' || state || ' ' || subject || ' ' || created_at AS text FROM mails ORDER BY id";
    let before = texts(&portal, mails);
    assert!(before.len() > 1, "{before:?}");
    let seen = holder_mails(&portal).unwrap().seen;
    let twice = go_live(&portal, None, &[], Some(seen));
    assert!(matches!(twice, Err(ActionError::Store(StoreError::Changed))), "{twice:?}");
    assert_eq!(texts(&portal, mails), before);
}

#[test]
fn a_backlog_is_late_from_going_live_on_and_not_from_the_day_it_was_written() {
    let portal = held();
    let (ann, _) = practitioner(&portal, "Ann", "2026-03-20");
    write(&portal, &ann, &["approved"]);
    let mail = |portal: &TestPortal| {
        let vital = vitals(portal).into_iter().find(|vital| vital.name == "mail").unwrap();
        (vital.condition, vital.figure)
    };
    portal.clock.advance(TimeDelta::days(5));
    live(&portal);
    portal.clock.advance(TimeDelta::minutes(10));
    assert_eq!(mail(&portal), (Condition::Good, Some(600)));
    portal.clock.advance(TimeDelta::hours(25));
    assert_eq!(mail(&portal).0, Condition::Bad);
}

#[test]
fn a_mail_of_somebody_who_was_invited_late_is_not_late() {
    let portal = TestPortal::new();
    let (ann, _) = practitioner(&portal, "Ann", "2026-03-20");
    behind_its_back(&portal, "UPDATE accounts SET invited_at = NULL, password_hash = NULL");
    write(&portal, &ann, &["approved"]);
    portal.clock.advance(TimeDelta::days(5));
    let admin = portal.account("admin@portal.test", "Ada", Role::Administrator);
    cpe_portal::actions::accounts::invite_again(&portal, ann.id, admin.as_reviewer()).unwrap();
    let vital = vitals(&portal).into_iter().find(|vital| vital.name == "mail").unwrap();
    assert_eq!((vital.condition, vital.figure), (Condition::Good, Some(0)), "{}", vital.words);
}

#[test]
fn what_a_stopped_try_to_go_live_has_put_aside_is_counted_by_the_next_one() {
    let portal = held();
    let (ann, _) = practitioner(&portal, "Ann", "2026-03-20");
    write(&portal, &ann, &["reply", "approved", "reply"]);
    // the first try was killed after this step
    let reason = "Not sent: it was held.";
    portal
        .store
        .write(|conn| {
            let held = cpe_portal::store::mail::holder_holds::of_kind(
                conn,
                &Stored::Known(NoticeKind::Reply),
                cpe_portal::domain::ids::MailId(99),
            )?;
            for mail in held {
                cpe_portal::store::mail::holder_holds::discard(conn, mail, reason, portal.clock.now())?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    live(&portal);
    let told =
        "SELECT detail AS text FROM history WHERE event = 'mails to holders leave' ORDER BY id DESC LIMIT 1";
    assert_eq!(texts(&portal, told), ["1 on the way, 2 not sent"]);
}
