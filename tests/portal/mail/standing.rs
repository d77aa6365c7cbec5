//! Where a holder stands, as the mails that the portal writes say it: the ledger's own figures of that moment.

use cpe_portal::actions::accounts::{self, passwords};
use cpe_portal::actions::certification::decisions::command::Deciding;
use cpe_portal::actions::certification::decisions::decide_within;
use cpe_portal::actions::conversations::{ConversationOpening, write_to};
use cpe_portal::actions::holders;
use cpe_portal::actions::overview::setup;
use cpe_portal::actions::reviews::{GivenVerdict, review};
use cpe_portal::domain::activities::review::{ReasonCode, ReviewDecision};
use cpe_portal::domain::conversations::conversation::{About, ConversationKind};
use cpe_portal::domain::ids::ActivityId;
use cpe_portal::domain::roles::Role;

use crate::support::{Rights, TestPortal, day};
use crate::timetable::body::{approved, behind_its_back, pending, practitioner, publication, run_on, texts};

const GRANTED: &str = "2026-03-15";

/// The lines of the newest mail to somebody that say where they stand, without title and number.
fn stands(portal: &TestPortal, kind: &str) -> Vec<String> {
    let sql = format!("SELECT body_text AS text FROM mails WHERE kind = '{kind}' ORDER BY id DESC LIMIT 1");
    let text = texts(portal, &sql).pop().unwrap_or_else(|| panic!("no {kind}"));
    let lines = text.lines().skip_while(|line| !line.starts_with("Now, on ")).skip(1);
    let lines = lines.take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned());
    lines
        .map(|line| line.split_once(", certificate ").map_or(line.clone(), |(_, rest)| rest.to_owned()))
        .collect()
}

#[test]
fn a_verdict_says_what_counts_now_and_what_still_waits() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    pending(&portal, &people.owner, "2026-06-02", 2);
    let given = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
    review(&portal, people.reviewer.as_reviewer(), report, None, &given).unwrap();
    let expected =
        ["ISP-1001: 3 of 20 credits count, 2 are waiting for review, 15 missing, until 14 March 2027"];
    assert_eq!(stands(&portal, "approved"), expected);
    // a rejection takes them away again
    let other: ActivityId =
        texts(&portal, "SELECT id || '' AS text FROM activities WHERE status = 'submitted'")
            .pop()
            .and_then(|id| id.parse().ok())
            .unwrap();
    let given = GivenVerdict {
        decision: Some(ReviewDecision::Reject),
        reason_code: Some(ReasonCode::NoEvidence),
        reason: "A word.",
        ..GivenVerdict::default()
    };
    review(&portal, people.reviewer.as_reviewer(), other, None, &given).unwrap();
    assert_eq!(
        stands(&portal, "rejected"),
        ["ISP-1001: 3 of 20 credits count, 17 missing, until 14 March 2027"]
    );
}

#[test]
fn the_mail_about_a_capped_report_says_what_the_limit_took() {
    let portal = TestPortal::new();
    let people = portal.people();
    publication(&portal, people.owner.id.0, "2026-05-02", 9);
    behind_its_back(
        &portal,
        "UPDATE activities SET status = 'submitted', decided_at = NULL, queue_rank = 0, queue_deadline = '2027-03-14'",
    );
    let report = texts(&portal, "SELECT id || '' AS text FROM activities").pop().unwrap().parse().unwrap();
    let given = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
    review(&portal, people.reviewer.as_reviewer(), report, None, &given).unwrap();
    let mail = texts(&portal, "SELECT subject || char(10) || body_text AS text FROM mails").pop().unwrap();
    assert!(mail.lines().next().unwrap().ends_with(", 5 credits"), "{mail}");
    assert!(
        mail.contains(
            "4 credits are over the limit of one publication and do not count: it earns at most 5 credits over its whole life."
        ),
        "{mail}"
    );
    assert_eq!(
        stands(&portal, "approved"),
        ["ISP-1001: 5 of 20 credits count, 15 missing, until 14 March 2027"]
    );
}

#[test]
fn a_reminder_says_where_every_certificate_stands_with_credits_that_its_run_does_not_look_at() {
    let portal = TestPortal::new();
    let people = portal.people();
    let holder = portal.holder("two@people.test", "Two");
    let older = portal.certificate(&holder, "ISP", "T-1", GRANTED);
    portal.certificate(&holder, "DPP", "T-2", "2026-07-01");
    approved(&portal, &holder, "2026-05-01", 10);
    approved(&portal, &holder, "2026-08-01", 4);
    portal.clock.set_local(day("2027-03-01"), 10);
    let (today, now) = portal.clock.today_and_now();
    portal
        .store
        .write(|conn| {
            let more_time = Deciding::Extend { year: 1, until: day("2027-12-01") };
            let ada = people.administrator.as_administrator();
            decide_within(conn, &portal, ada, older, more_time, "Leave.", today, now)
        })
        .unwrap();
    assert_eq!(
        stands(&portal, "extended"),
        [
            "T-2: 4 of 20 credits count, 16 missing, until 30 June 2027",
            "T-1: 14 of 20 credits count, 6 missing, until 1 December 2027"
        ]
    );
    // 90 days before 30 June the run looks at T-2 alone, and at no report from before its year
    run_on(&portal, "2027-04-01");
    assert_eq!(
        stands(&portal, "reminder"),
        [
            "T-2: 4 of 20 credits count, 16 missing, until 30 June 2027",
            "T-1: 14 of 20 credits count, 6 missing, until 1 December 2027",
            "T-1: 0 of 20 credits count, 20 missing, until 14 March 2028"
        ]
    );
}

#[test]
fn who_is_recertified_reads_what_the_next_year_has_already() {
    let portal = TestPortal::new();
    let (ann, _) = practitioner(&portal, "Ann", GRANTED);
    approved(&portal, &ann, "2026-10-01", 20);
    approved(&portal, &ann, "2027-03-15", 5);
    run_on(&portal, "2027-03-15");
    assert_eq!(
        stands(&portal, "recertified"),
        ["ISP-Ann: 5 of 20 credits count, 15 missing, until 14 March 2028"]
    );
}

#[test]
fn who_is_flagged_reads_both_years_the_one_that_asks_first() {
    let portal = TestPortal::new();
    let (ann, _) = practitioner(&portal, "Ann", GRANTED);
    approved(&portal, &ann, "2026-10-01", 19);
    run_on(&portal, "2027-03-15");
    assert_eq!(
        stands(&portal, "flagged"),
        [
            "ISP-Ann: 19 of 20 credits count, 1 missing; the deadline was 14 March 2027",
            "ISP-Ann: 0 of 20 credits count, 20 missing, until 14 March 2028"
        ]
    );
}

#[test]
fn a_message_says_where_its_reader_stands_and_foundation_stands_nowhere() {
    let portal = TestPortal::new();
    let people = portal.people();
    let written = |to: &cpe_portal::store::accounts::Account| {
        let opening = ConversationOpening {
            kind: ConversationKind::Question,
            about: About::default(),
            subject: "Your plans",
            words: "How is it going?",
        };
        write_to(&portal, people.reviewer.as_reviewer(), to.id, &opening, true).unwrap();
    };
    written(&people.owner);
    assert_eq!(
        stands(&portal, "reply"),
        ["ISP-1001: 0 of 20 credits count, 20 missing, until 14 March 2027"]
    );
    let foundation = portal.account("f@people.test", "Fay", Role::Holder);
    portal.certificate(&foundation, "ISF", "F-1", GRANTED);
    written(&foundation);
    assert_eq!(stands(&portal, "reply"), [""; 0]);
}

#[test]
fn who_reaches_the_minimum_after_the_deadline_reads_that_year_before_the_one_in_progress() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 20);
    run_on(&portal, "2027-03-20");
    let given = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
    review(&portal, people.reviewer.as_reviewer(), report, None, &given).unwrap();
    assert_eq!(
        stands(&portal, "minimum-reached"),
        [
            "ISP-1001: 20 of 20 credits count, nothing is missing; the deadline was 14 March 2027",
            "ISP-1001: 0 of 20 credits count, 20 missing, until 14 March 2028"
        ]
    );
}

#[test]
fn a_mail_about_an_account_says_nothing_of_credits() {
    let portal = TestPortal::new();
    let people = portal.people();
    let ada = people.administrator.as_administrator();
    let owner = &people.owner;
    accounts::invite_again(&portal, owner.id, people.reviewer.as_reviewer()).unwrap();
    let version = Some(owner.version);
    holders::correct(&portal, ada, owner.id, version, "Olga Owner", "new@people.test").unwrap();
    portal.set_password(owner, "a long pass phrase for a test");
    passwords::request_reset(&portal, "new@people.test").unwrap();
    setup::test_mail(&portal, ada).unwrap();
    let kinds = texts(&portal, "SELECT DISTINCT kind AS text FROM mails ORDER BY kind");
    assert_eq!(kinds, ["account-changed", "invitation", "password-reset", "test"]);
    let saying = texts(
        &portal,
        "SELECT kind AS text FROM mails WHERE body_text LIKE '%Now, on%' OR body_html LIKE '%Now, on%'",
    );
    assert_eq!(saying, [""; 0]);
}
