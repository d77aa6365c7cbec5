//! The portal flags; people decide: who may decide what, and from which day on.

use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::{Certificate, YearOutcome};
use cpe_portal::domain::certification::decision::{
    DecisionRefusal, check_decertification, check_extension, check_reinstatement, check_waiver,
};
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::certification::notice_period::NoticePeriod;
use cpe_portal::domain::ids::AccountId;
use cpe_portal::domain::ledger::{CertificateFile, Sums};
use cpe_portal::domain::roles::{Actor, Role};

use super::sample::{
    HOLDER, certificate, credits, day, ended, extend, flag, practitioner, settle, version_1, year,
};

const ADMINISTRATOR: Actor = Actor { id: AccountId(9), role: Role::Administrator };

/// A first year from 1 January to 31 December 2026, flagged on 1 January 2027.
fn flagged() -> CertificateFile {
    let mut file = practitioner("2026-01-01", "2027-01-20");
    flag(&mut file, 1, "2027-01-01");
    file
}

fn figures(approved: &str, pending: &str) -> Sums {
    Sums {
        approved: credits(approved),
        pending: credits(pending),
        required: credits("20"),
        carried: Credits::ZERO,
    }
}

fn decertify(file: &CertificateFile, sums: &Sums, today: &str) -> Result<(), DecisionRefusal> {
    let year = year(file, 1);
    check_decertification(
        ADMINISTRATOR,
        &file.certificate,
        year,
        sums,
        &version_1(),
        day(today),
        "Too few credits.",
    )
}

#[test]
fn g12_flagged_on_1_january_with_14_days_notice_it_can_be_confirmed_from_16_january() {
    let none = figures("0", "0");
    let notice = NoticePeriod::of(day("2026-01-01"), day("2027-01-01"), &version_1());
    assert_eq!((notice.days, notice.answer_until), (14, day("2027-01-15")));
    assert_eq!(notice.decide_from, day("2027-01-16"));
    for today in ["2027-01-01", "2027-01-14", "2027-01-15"] {
        assert_eq!(
            decertify(&flagged(), &none, today),
            Err(DecisionRefusal::NoticeRunning(day("2027-01-16"))),
            "{today}"
        );
    }
    for today in ["2027-01-16", "2027-01-17", "2029-01-01"] {
        assert_eq!(decertify(&flagged(), &none, today), Ok(()), "{today}");
    }
    let refusal = DecisionRefusal::NoticeRunning(day("2027-01-16")).to_string();
    assert!(refusal.contains("16 January 2027"), "{refusal}");
}

#[test]
fn g12_a_flag_is_not_confirmed_while_undecided_reports_could_still_meet_the_minimum() {
    for (approved, pending, expected) in [
        ("0", "0", Ok(())),
        ("10", "9.99", Ok(())),
        ("10", "10", Err(DecisionRefusal::PendingCouldMeet)),
        ("0", "45", Err(DecisionRefusal::PendingCouldMeet)),
        ("20", "0", Err(DecisionRefusal::MinimumMet)),
    ] {
        assert_eq!(
            decertify(&flagged(), &figures(approved, pending), "2027-01-16"),
            expected,
            "{approved} + {pending}"
        );
    }
}

#[test]
fn g12_only_a_flagged_unsettled_year_of_a_standing_certificate_can_cost_it() {
    let none = figures("0", "0");
    let open = practitioner("2026-01-01", "2027-01-20");
    assert_eq!(decertify(&open, &none, "2027-01-20"), Err(DecisionRefusal::NotFlagged));
    let mut settled = flagged();
    settle(&mut settled, 1, YearOutcome::Waived, "2027-01-10", "0");
    assert_eq!(decertify(&settled, &none, "2027-01-20"), Err(DecisionRefusal::Settled));
    let mut gone = flagged();
    gone.certificate = ended(gone.certificate, "2027-01-17", None);
    assert_eq!(decertify(&gone, &none, "2027-01-20"), Err(DecisionRefusal::Ended(EndingKind::Credits)));
}

/// All four decisions by `actor` about this certificate, with `reason`; each would be granted to an administrator.
fn all_four(actor: Actor, reason: &str) -> [Result<(), DecisionRefusal>; 4] {
    let file = flagged();
    let gone: Certificate = ended(file.certificate.clone(), "2027-01-16", None);
    let today = day("2027-01-20");
    let year = year(&file, 1);
    [
        check_decertification(
            actor,
            &file.certificate,
            year,
            &figures("0", "0"),
            &version_1(),
            today,
            reason,
        ),
        check_waiver(actor, &file.certificate, year, reason),
        check_extension(actor, &file.certificate, year, day("2027-03-01"), today, reason),
        check_reinstatement(actor, &gone, reason),
    ]
}

#[test]
fn administrators_decide_and_nobody_else() {
    assert_eq!(all_four(ADMINISTRATOR, "Because."), [const { Ok(()) }; 4]);
    for role in [Role::Holder, Role::Reviewer] {
        let actor = Actor { id: AccountId(9), role };
        assert_eq!(
            all_four(actor, "Because."),
            [const { Err(DecisionRefusal::NotAdministrator) }; 4],
            "{role:?}"
        );
    }
}

#[test]
fn nobody_decides_about_their_own_certificate() {
    let own = Actor { id: HOLDER, role: Role::Administrator };
    assert_eq!(all_four(own, "Because."), [const { Err(DecisionRefusal::OwnCertificate) }; 4]);
}

#[test]
fn every_decision_needs_a_reason() {
    for reason in ["", "   ", "\n\t"] {
        assert_eq!(
            all_four(ADMINISTRATOR, reason),
            [const { Err(DecisionRefusal::ReasonMissing) }; 4],
            "{reason:?}"
        );
    }
}

#[test]
fn a_waiver_answers_a_flag() {
    let open = practitioner("2026-01-01", "2027-01-20");
    assert_eq!(
        check_waiver(ADMINISTRATOR, &open.certificate, year(&open, 1), "Illness."),
        Err(DecisionRefusal::NotFlagged)
    );
    let file = flagged();
    assert_eq!(check_waiver(ADMINISTRATOR, &file.certificate, year(&file, 1), "Illness."), Ok(()));
}

fn extension(file: &CertificateFile, number: i64, until: &str, today: &str) -> Result<(), DecisionRefusal> {
    check_extension(ADMINISTRATOR, &file.certificate, year(file, number), day(until), day(today), "Illness.")
}

#[test]
fn an_extension_reaches_a_day_after_today_and_at_most_365_days_after_the_years_end() {
    let file = flagged();
    for (until, expected) in [
        ("2027-01-19", Err(DecisionRefusal::NotAfterToday)),
        ("2027-01-20", Err(DecisionRefusal::NotAfterToday)),
        ("2027-01-21", Ok(())),
        ("2027-12-31", Ok(())), // 365 days after 31 December 2026
        ("2028-01-01", Err(DecisionRefusal::TooFar(day("2027-12-31")))),
    ] {
        assert_eq!(extension(&file, 1, until, "2027-01-20"), expected, "{until}");
    }
    // over the leap day of 2028, 365 days after 31 December 2027 is 30 December 2028
    assert_eq!(extension(&file, 2, "2028-12-30", "2027-01-20"), Ok(()));
    assert_eq!(
        extension(&file, 2, "2028-12-31", "2027-01-20"),
        Err(DecisionRefusal::TooFar(day("2028-12-30")))
    );
}

#[test]
fn an_extension_can_be_given_for_any_unsettled_year_also_more_than_once() {
    let mut file = practitioner("2026-01-01", "2026-11-23");
    assert_eq!(extension(&file, 1, "2027-01-31", "2026-11-23"), Ok(()));
    extend(&mut file, 1, "2027-01-31");
    assert_eq!(extension(&file, 1, "2027-02-28", "2027-02-01"), Ok(()));
    // a day that moves nothing, or backwards, is no extension
    for until in ["2027-01-31", "2027-01-15"] {
        assert_eq!(
            extension(&file, 1, until, "2026-11-23"),
            Err(DecisionRefusal::NotAfterDeadline(day("2027-01-31"))),
            "{until}"
        );
    }
    settle(&mut file, 1, YearOutcome::Recertified, "2027-02-01", "20");
    assert_eq!(extension(&file, 1, "2027-03-31", "2027-02-02"), Err(DecisionRefusal::Settled));
}

#[test]
fn only_a_decertified_certificate_is_reinstated() {
    let stands = certificate(1, Level::Expert, "2026-01-01");
    assert_eq!(check_reinstatement(ADMINISTRATOR, &stands, "A mistake."), Err(DecisionRefusal::Stands));
    let gone = ended(stands, "2027-02-01", None);
    assert_eq!(check_reinstatement(ADMINISTRATOR, &gone, "A mistake."), Ok(()));
    let back = ended(certificate(1, Level::Expert, "2026-01-01"), "2027-02-01", Some("2027-03-01"));
    assert_eq!(check_reinstatement(ADMINISTRATOR, &back, "A mistake."), Err(DecisionRefusal::Stands));
}
