//! The deadline run: reminders with catch-up, the table at year end, what a second run and a dry run do.

use chrono::Days;
use cpe_portal::actions::deadlines::{RunOptions, run};
use cpe_portal::domain::ids::CertificateId;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::badges;
use cpe_portal::store::certification::years;

use super::body::{
    announced, approved, assert_same, behind_its_back, crowd, date, dry_on, dump, kinds_of, numbers, pending,
    practitioner, publication, run_on, stages, texts,
};
use crate::support::TestPortal;

// granted on 15 March 2026: year 1 ends on 14 March 2027; its stages are due from 14 December (90), 13 January (60),
// 12 February (30), 28 February (14), 7 March (7) and 13 March (1)
const GRANTED: &str = "2026-03-15";

#[test]
fn g13_each_stage_is_sent_from_its_day_on_and_once() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Ann", GRANTED);
    assert!(run_on(&portal, "2026-12-13").reminders.is_empty());
    let mut seen = Vec::new();
    for (day, stage) in [
        ("2026-12-14", "90 sent"),
        ("2027-01-13", "60 sent"),
        ("2027-02-12", "30 sent"),
        ("2027-02-28", "14 sent"),
        ("2027-03-07", "7 sent"),
        ("2027-03-13", "1 sent"),
    ] {
        let eve = date(day).checked_sub_days(Days::new(1)).unwrap().to_string();
        assert!(run_on(&portal, &eve).reminders.is_empty(), "{eve}");
        assert_eq!(stages(&run_on(&portal, day)), [stage], "{day}");
        assert!(run_on(&portal, day).reminders.is_empty(), "{day} again");
        seen.push("reminder".to_owned());
        assert_eq!(kinds_of(&portal, holder.id), seen);
    }
    assert!(run_on(&portal, "2027-03-14").reminders.is_empty());
    let after = run_on(&portal, "2027-03-15");
    assert!(after.reminders.is_empty());
    assert_eq!(numbers(&after.flagged), ["ISP-Ann"]);
}

#[test]
fn g13_of_missed_stages_only_the_latest_is_sent_and_the_older_ones_are_superseded() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Ann", GRANTED);
    let report = run_on(&portal, "2027-03-01");
    assert_eq!(stages(&report), ["90 superseded", "60 superseded", "30 superseded", "14 sent"]);
    assert_eq!(kinds_of(&portal, holder.id), ["reminder"]);
    assert_eq!(stages(&run_on(&portal, "2027-03-14")), ["7 superseded", "1 sent"]);
    assert_eq!(
        texts(
            &portal,
            "SELECT stage || ' ' || outcome AS text FROM notices_about_years WHERE stage IS NOT NULL ORDER BY stage DESC"
        ),
        ["90 superseded", "60 superseded", "30 superseded", "14 sent", "7 superseded", "1 sent"]
    );
}

#[test]
fn g13_a_met_or_covered_stage_is_recorded_and_nothing_is_sent() {
    let portal = TestPortal::new();
    let (met, _) = practitioner(&portal, "Met", GRANTED);
    approved(&portal, &met, "2026-10-01", 20);
    let (covered, _) = practitioner(&portal, "Covered", GRANTED);
    approved(&portal, &covered, "2026-10-01", 12);
    pending(&portal, &covered, "2026-10-02", 8);
    let (short, _) = practitioner(&portal, "Short", GRANTED);
    approved(&portal, &short, "2026-10-01", 12);
    pending(&portal, &short, "2026-10-02", 7);
    let report = run_on(&portal, "2026-12-14");
    assert_eq!(stages(&report), ["90 covered", "90 met", "90 sent"]);
    assert!(kinds_of(&portal, met.id).is_empty());
    assert!(kinds_of(&portal, covered.id).is_empty());
    assert_eq!(kinds_of(&portal, short.id), ["reminder"]);
    // what is recorded stays recorded, also when the report is rejected later
    behind_its_back(
        &portal,
        "UPDATE activities SET status = 'rejected', queue_rank = NULL, queue_deadline = NULL WHERE status = 'submitted'",
    );
    assert!(run_on(&portal, "2026-12-14").reminders.is_empty());
    assert_eq!(stages(&run_on(&portal, "2027-01-13")), ["60 sent", "60 met", "60 sent"]);
}

#[test]
fn the_table_at_year_end_recertifies_waits_or_flags() {
    let portal = TestPortal::new();
    let (met, met_certificate) = practitioner(&portal, "Met", GRANTED);
    approved(&portal, &met, "2027-03-14", 20);
    let (covered, _) = practitioner(&portal, "Covered", GRANTED);
    pending(&portal, &covered, "2027-03-14", 20);
    let (short, short_certificate) = practitioner(&portal, "Short", GRANTED);
    approved(&portal, &short, "2027-03-14", 19);
    // an activity of the day after the deadline is of the next year
    approved(&portal, &short, "2027-03-15", 5);
    let report = run_on(&portal, "2027-03-15");
    assert_eq!(numbers(&report.recertified), ["ISP-Met"]);
    assert_eq!(numbers(&report.awaiting_review), ["ISP-Covered"]);
    assert_eq!(numbers(&report.flagged), ["ISP-Short"]);
    assert_eq!(report.flagged[0].approved.to_string(), "19.00");
    assert_eq!(kinds_of(&portal, met.id), ["recertified"]);
    assert!(kinds_of(&portal, covered.id).is_empty());
    assert_eq!(kinds_of(&portal, short.id), ["flagged"]);
    let settled = year(&portal, met_certificate, 1).settlement.unwrap();
    assert_eq!((settled.settled_on, settled.approved.to_string()), (date("2027-03-15"), "20.00".into()));
    assert_eq!(year(&portal, short_certificate, 1).flagged_on, Some(date("2027-03-15")));
    // 90 days after the deadline of year 2
    let badge = portal.store.read(|conn| badges::of_certificate(conn, met_certificate)).unwrap();
    assert_eq!(badge[0].valid_until, Some(date("2028-06-12")));
    // a year that waits stands so after every run, and nothing is said about it
    let again = run_on(&portal, "2027-03-20");
    assert_eq!(numbers(&again.awaiting_review), ["ISP-Covered"]);
    assert!(again.flagged.is_empty() && again.recertified.is_empty());
    assert!(kinds_of(&portal, covered.id).is_empty());
}

#[test]
fn a_flag_stays_while_reports_wait_and_is_lifted_by_one_mail_when_they_are_approved() {
    let portal = TestPortal::new();
    let (holder, certificate) = practitioner(&portal, "Ann", GRANTED);
    assert_eq!(numbers(&run_on(&portal, "2027-03-15").flagged), ["ISP-Ann"]);
    pending(&portal, &holder, "2027-03-01", 20);
    let waiting = run_on(&portal, "2027-03-16");
    assert!(waiting.lifted.is_empty() && waiting.flagged.is_empty() && waiting.awaiting_review.is_empty());
    assert!(year(&portal, certificate, 1).flagged_on.is_some());
    behind_its_back(
        &portal,
        "UPDATE activities SET status = 'approved', queue_rank = NULL, queue_deadline = NULL",
    );
    let lifted = run_on(&portal, "2027-03-17");
    assert_eq!(numbers(&lifted.lifted), ["ISP-Ann"]);
    assert!(lifted.recertified.is_empty());
    assert_eq!(kinds_of(&portal, holder.id), ["flagged", "flag-lifted"]);
    assert!(year(&portal, certificate, 1).flagged_on.is_none());
    assert!(year(&portal, certificate, 1).settlement.is_some());
}

#[test]
fn a_holder_gets_at_most_one_mail_of_a_kind_from_one_run() {
    let portal = TestPortal::new();
    let holder = portal.holder("many@people.test", "Many");
    for (certification, number) in [("ISP", "M-1"), ("DPP", "M-2"), ("BCP", "M-3")] {
        portal.certificate(&holder, certification, number, GRANTED);
    }
    let report = run_on(&portal, "2026-12-14");
    assert_eq!(report.reminders.iter().filter(|line| line.sent).count(), 3);
    assert_eq!(report.counts.mails, 1);
    assert_eq!(kinds_of(&portal, holder.id), ["reminder"]);
    let mail = texts(&portal, "SELECT body_text AS text FROM mails").remove(0);
    for number in ["M-1", "M-2", "M-3"] {
        assert!(mail.contains(number), "{number} is missing in:\n{mail}");
    }
    run_on(&portal, "2027-03-15");
    assert_eq!(kinds_of(&portal, holder.id), ["reminder", "flagged"]);
}

#[test]
fn g10_one_report_counts_for_every_certificate_in_the_run() {
    let portal = TestPortal::new();
    let holder = portal.holder("two@people.test", "Two");
    portal.certificate(&holder, "ISP", "T-1", GRANTED);
    portal.certificate(&holder, "ISME", "T-2", GRANTED);
    approved(&portal, &holder, "2026-09-01", 30);
    let report = run_on(&portal, "2027-03-15");
    // 30 is enough for 20 and not for 40
    assert_eq!(numbers(&report.recertified), ["T-1"]);
    assert_eq!(numbers(&report.flagged), ["T-2"]);
    assert_eq!(kinds_of(&portal, holder.id), ["recertified", "flagged"]);
}

#[test]
fn years_that_passed_during_a_long_downtime_are_all_judged_in_one_run() {
    let portal = TestPortal::new();
    let (holder, certificate) = practitioner(&portal, "Ann", GRANTED);
    approved(&portal, &holder, "2026-12-01", 20);
    approved(&portal, &holder, "2027-12-01", 20);
    approved(&portal, &holder, "2028-12-01", 20);
    let dry = dry_on(&portal, "2030-01-14");
    let report = run_on(&portal, "2030-01-14");
    assert_eq!(report.recertified.len(), 3);
    assert_eq!(stages(&report), ["90 superseded", "60 sent"]);
    assert_eq!(kinds_of(&portal, holder.id), ["reminder", "recertified"]);
    assert_eq!(announced(&dry), announced(&report));
    // rows reach through the year after the one in progress (year 4)
    let last = portal.store.read(|conn| years::last_number(conn, certificate)).unwrap();
    assert_eq!(last, 5);
    let before = dump(&portal);
    run_on(&portal, "2030-01-14");
    assert_same(&before, &dump(&portal), "again");
}

#[test]
fn a_run_on_an_earlier_day_than_one_before_does_no_harm() {
    let portal = TestPortal::new();
    crowd(&portal, 12);
    run_on(&portal, "2027-02-20");
    run_on(&portal, "2027-03-20");
    let before = dump(&portal);
    for earlier in ["2026-12-01", "2026-12-20", "2027-01-20", "2027-02-28", "2027-03-14", "2027-03-16"] {
        run_on(&portal, earlier);
        assert_same(&before, &dump(&portal), earlier);
    }
}

#[test]
fn a_second_run_on_the_same_day_changes_nothing() {
    let portal = TestPortal::new();
    crowd(&portal, 40);
    for day in
        ["2026-12-14", "2027-01-20", "2027-02-28", "2027-03-14", "2027-03-15", "2027-06-01", "2028-03-15"]
    {
        run_on(&portal, day);
        let before = dump(&portal);
        let again = run_on(&portal, day);
        assert!(again.reminders.is_empty() && again.recertified.is_empty(), "{day}");
        assert!(again.flagged.is_empty() && again.lifted.is_empty(), "{day}");
        assert_same(&before, &dump(&portal), day);
    }
}

#[test]
fn a_dry_run_changes_nothing_and_announces_what_the_real_run_does() {
    let portal = TestPortal::new();
    crowd(&portal, 60);
    for day in
        ["2026-12-20", "2027-03-10", "2027-03-15", "2027-04-01", "2028-01-01", "2028-03-15", "2031-07-01"]
    {
        let before = dump(&portal);
        let dry = dry_on(&portal, day);
        assert_same(&before, &dump(&portal), day);
        let real = run_on(&portal, day);
        assert_eq!(announced(&dry), announced(&real), "{day}");
        assert_eq!(dry.counts, real.counts, "{day}");
        let written = texts(
            &portal,
            &format!("SELECT CAST(COUNT(*) AS TEXT) AS text FROM mails WHERE date(created_at) = '{day}'"),
        );
        assert_eq!(written, [real.counts.mails.to_string()], "{day}");
    }
}

#[test]
fn the_report_as_json_has_the_promised_shape() {
    let portal = TestPortal::new();
    let (ann, _) = practitioner(&portal, "Ann", GRANTED);
    approved(&portal, &ann, "2026-10-01", 12);
    pending(&portal, &ann, "2026-10-02", 1);
    let report = dry_on(&portal, "2026-12-20");
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        serde_json::json!({
            "as_of": "2026-12-20", "dry_run": true,
            "reminders": [{
                "holder": "ann@people.test", "certificate": "ISP-Ann", "year_ends_on": "2027-03-14",
                "deadline": "2027-03-14", "stage": 90, "approved": "12.00", "pending": "1.00",
                "required": "20.00", "sent": true, "reason": ""
            }],
            "recertified": [], "flagged": [], "lifted": [], "held": [], "awaiting_review": []
        })
    );
    let report = run_on(&portal, "2027-03-15");
    assert_eq!(
        serde_json::to_value(&report.flagged).unwrap(),
        serde_json::json!([{
            "certificate": "ISP-Ann", "holder": "ann@people.test", "year_ends_on": "2027-03-14",
            "deadline": "2027-03-14", "approved": "12.00", "pending": "1.00", "required": "20.00"
        }])
    );
}

#[test]
fn closed_accounts_get_no_mail_and_decertified_certificates_none() {
    let portal = TestPortal::new();
    let (gone, _) = practitioner(&portal, "Gone", GRANTED);
    behind_its_back(&portal, "UPDATE accounts SET deactivated_at = '2026-12-01 00:00:00'");
    let (ended, certificate) = practitioner(&portal, "Ended", GRANTED);
    let admin = portal.account("ada@people.test", "Ada", Role::Administrator);
    behind_its_back(
        &portal,
        &format!(
            "INSERT INTO decisions (certificate_id, year, kind, reason, decided_by, decided_on, decided_at) VALUES \
             ({certificate}, 1, 'decertification', 'a test', {}, '2026-12-01', '2026-12-01 10:00:00')",
            admin.id
        ),
    );
    behind_its_back(
        &portal,
        &format!(
            "UPDATE certificates SET decertified_on = '2026-12-01', times_decertified = 1 WHERE id = {certificate}"
        ),
    );
    run_on(&portal, "2026-12-20");
    assert!(kinds_of(&portal, gone.id).is_empty());
    assert!(kinds_of(&portal, ended.id).is_empty());
    run_on(&portal, "2027-03-20");
    assert!(
        texts(&portal, "SELECT 'x' AS text FROM certification_years WHERE flagged_on IS NOT NULL").is_empty()
    );
    behind_its_back(&portal, &format!("UPDATE accounts SET deactivated_at = NULL WHERE id = {}", gone.id));
    run_on(&portal, "2027-03-20");
    assert_eq!(kinds_of(&portal, gone.id), ["flagged"], "what was missed is made up once it is open again");
}

#[test]
fn a_badge_with_fewer_than_30_days_left_is_signed_again_while_the_certificate_stands() {
    let portal = TestPortal::new();
    let (_, certificate) = practitioner(&portal, "Ann", GRANTED);
    let valid_until = |portal: &TestPortal| {
        portal.store.read(|conn| badges::of_certificate(conn, certificate)).unwrap()[0].valid_until
    };
    // 90 days after 14 March 2027
    assert_eq!(valid_until(&portal), Some(date("2027-06-12")));
    run_on(&portal, "2027-03-15");
    assert_eq!(run_on(&portal, "2027-05-13").counts.badges_renewed, 0);
    assert_eq!(valid_until(&portal), Some(date("2027-06-12")));
    assert_eq!(dry_on(&portal, "2027-05-14").counts.badges_renewed, 1);
    assert_eq!(run_on(&portal, "2027-05-14").counts.badges_renewed, 1);
    assert_eq!(valid_until(&portal), Some(date("2028-06-12")));
    assert_eq!(run_on(&portal, "2027-05-14").counts.badges_renewed, 0);
}

#[test]
fn an_extended_year_gets_its_reminders_anew_and_is_judged_again_after_the_new_deadline() {
    let portal = TestPortal::new();
    let (holder, certificate) = practitioner(&portal, "Ann", GRANTED);
    run_on(&portal, "2027-03-15");
    assert_eq!(kinds_of(&portal, holder.id), ["flagged"]);
    let flagged = year(&portal, certificate, 1);
    portal.store.write(|conn| years::extend(conn, &flagged, date("2027-05-01"), date("2027-03-20"))).unwrap();
    // on the day of the extension 90, 60 are due already: one reminder
    assert_eq!(stages(&run_on(&portal, "2027-03-20")), ["90 superseded", "60 sent"]);
    assert_eq!(stages(&run_on(&portal, "2027-04-01")), ["30 sent"]);
    approved(&portal, &holder, "2027-04-20", 19);
    let again = run_on(&portal, "2027-05-02");
    assert_eq!(numbers(&again.flagged), ["ISP-Ann"]);
    assert_eq!(again.flagged[0].deadline, date("2027-05-01"));
    assert_eq!(again.flagged[0].approved.to_string(), "19.00");
    assert_eq!(year(&portal, certificate, 1).flagged_on, Some(date("2027-05-02")));
    assert_eq!(kinds_of(&portal, holder.id), ["flagged", "reminder", "reminder", "flagged"]);
}

#[test]
fn a_run_that_is_stopped_leaves_the_rest_to_the_next() {
    let portal = TestPortal::new();
    crowd(&portal, 120);
    portal.clock.set_local(date("2027-03-01"), 10);
    let mut calls = 0;
    let options = RunOptions::today(&portal);
    let stopped = run(&portal, options, &mut |_, _| {
        calls += 1;
        if calls > 2 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    })
    .unwrap();
    assert!(stopped.counts.stopped);
    let rest = run_on(&portal, "2027-03-01");
    assert!(!rest.counts.stopped);
    assert!(!stopped.reminders.is_empty() && !rest.reminders.is_empty());
    let twice = texts(
        &portal,
        "SELECT account_id || '' AS text FROM mails GROUP BY account_id, kind HAVING COUNT(*) > 1",
    );
    assert_eq!(twice, [""; 0]);
}

#[test]
fn two_runs_at_once_send_nothing_twice() {
    let portal = TestPortal::new();
    crowd(&portal, 150);
    portal.clock.set_local(date("2027-03-01"), 10);
    let options = RunOptions::today(&portal);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                // the lease is another run's for a while: this one comes again
                while run(&portal, options, &mut cpe_portal::actions::deadlines::to_the_end).is_err() {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
            });
        }
    });
    let twice = texts(
        &portal,
        "SELECT account_id || '' AS text FROM mails GROUP BY account_id, kind HAVING COUNT(*) > 1",
    );
    assert_eq!(twice, [""; 0]);
    assert!(run_on(&portal, "2027-03-01").reminders.is_empty());
}

#[test]
fn g4_a_publication_in_a_settled_year_takes_its_part_of_the_cap_in_later_runs() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Ann", GRANTED);
    approved(&portal, &holder, "2026-10-01", 16);
    publication(&portal, holder.id.0, "2026-10-02", 4);
    assert_eq!(numbers(&run_on(&portal, "2027-03-15").recertified), ["ISP-Ann"]);
    // four of five are taken for good: of four more pages one counts
    approved(&portal, &holder, "2027-10-01", 16);
    publication(&portal, holder.id.0, "2027-10-02", 4);
    let report = dry_on(&portal, "2028-03-15");
    assert_eq!(report.flagged[0].approved.to_string(), "17.00");
    approved(&portal, &holder, "2027-10-03", 3);
    assert_eq!(numbers(&run_on(&portal, "2028-03-15").recertified), ["ISP-Ann"]);
    assert_eq!(
        texts(
            &portal,
            "SELECT year || ' ' || SUM(credits) AS text FROM year_counts GROUP BY year ORDER BY year"
        ),
        [format!("1 {}", 20 * 36_000), format!("2 {}", 20 * 36_000)]
    );
}

#[test]
fn g1_foundation_certificates_are_never_looked_at() {
    let portal = TestPortal::new();
    let holder = portal.holder("f@people.test", "Foundation");
    portal.certificate(&holder, "ISF", "F-1", "2020-01-01");
    for day in ["2026-12-31", "2027-01-01", "2035-01-01"] {
        let report = run_on(&portal, day);
        assert_eq!(report.counts.looked_at, 0);
    }
    assert_eq!(kinds_of(&portal, holder.id), [""; 0]);
}

#[test]
fn a_broken_holder_never_stops_the_rest() {
    let portal = TestPortal::new();
    crowd(&portal, 30);
    // the row of a stage that somebody planted under another deadline's figures makes the record fail for one holder
    behind_its_back(
        &portal,
        "CREATE TRIGGER broken BEFORE INSERT ON mails WHEN NEW.to_address = 'c09@people.test' \
         BEGIN SELECT RAISE(ABORT, 'broken'); END",
    );
    let broken = run_on(&portal, "2027-02-12");
    assert_eq!(broken.counts.failed, 1);
    behind_its_back(&portal, "DROP TRIGGER broken");
    let rest = run_on(&portal, "2027-02-12");
    assert_eq!(rest.counts.failed, 0);
    assert!(rest.reminders.iter().all(|line| line.holder == "c09@people.test"));
    assert_eq!(rest.reminders_sent(), 1);
}

fn year(
    portal: &TestPortal,
    certificate: CertificateId,
    number: i64,
) -> cpe_portal::domain::certification::certificate::CertificationYear {
    let holder = portal
        .store
        .read(|conn| cpe_portal::store::certification::certificates::find(conn, certificate))
        .unwrap()
        .unwrap()
        .holder;
    let years = portal.store.read(|conn| years::of_holders(conn, &[holder])).unwrap();
    years.into_iter().find(|year| year.certificate == certificate && year.number == number).unwrap()
}
