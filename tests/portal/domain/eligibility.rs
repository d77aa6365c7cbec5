//! Which year an activity counts for, and which activities no year can use.

use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::eligibility::{
    NothingToReport, Unusable, UnusableDay, UsableYear, may_report, usable_years,
};
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::ledger::CertificateFile;

use super::sample::{
    approved, certificate, credits, day, ended, extend, flag, holder, practitioner, report, settle, sums,
    version_1, with_years,
};

const TODAY: &str = "2026-11-23";

fn because(on: &str, why: Unusable) -> UnusableDay {
    UnusableDay { day: day(on), why }
}

fn usable(certificates: Vec<CertificateFile>, on: &str) -> Result<Vec<(i64, i64)>, UnusableDay> {
    usable_years(&holder(certificates, vec![]), day(on), day(TODAY))
        .map(|years| years.iter().map(|UsableYear { certificate, year }| (certificate.0, *year)).collect())
}

#[test]
fn an_activity_counts_for_the_year_that_contains_its_last_day() {
    let file = || vec![practitioner("2025-03-15", TODAY)];
    assert_eq!(usable(file(), "2025-03-15"), Ok(vec![(1, 1)]));
    assert_eq!(usable(file(), "2026-03-14"), Ok(vec![(1, 1)]));
    assert_eq!(usable(file(), "2026-03-15"), Ok(vec![(1, 2)]));
    assert_eq!(usable(file(), TODAY), Ok(vec![(1, 2)]));
}

#[test]
fn g10_one_report_counts_whole_and_once_for_every_certificate_that_needs_cpe() {
    let certificates = vec![
        with_years(certificate(1, Level::Practitioner, "2025-03-15"), TODAY),
        with_years(certificate(2, Level::Expert, "2026-01-01"), TODAY),
        with_years(certificate(3, Level::Foundation, "2020-01-01"), TODAY),
        with_years(certificate(4, Level::CertifiedOfficer, "2026-10-02"), TODAY),
        with_years(ended(certificate(5, Level::Expert, "2024-06-01"), "2026-07-01", None), TODAY),
    ];
    assert_eq!(usable(certificates.clone(), "2026-10-01"), Ok(vec![(1, 2), (2, 1)]));
    assert_eq!(usable(certificates.clone(), "2026-10-02"), Ok(vec![(1, 2), (2, 1), (4, 1)]));
    assert_eq!(usable(certificates.clone(), "2026-06-30"), Ok(vec![(1, 2), (2, 1), (5, 3)]));
    let file = holder(certificates, vec![approved(report(1, Category::Attending, "2026-10-01", "7:30"))]);
    let policies = version_1();
    assert_eq!(sums(&file, 0, 2, &policies).approved, credits("7.5"));
    assert_eq!(sums(&file, 1, 1, &policies).approved, credits("7.5"));
    assert_eq!(sums(&file, 3, 1, &policies).approved, credits("0"), "granted the day after");
    assert_eq!(sums(&file, 4, 3, &policies).approved, credits("0"), "not active any more");
    assert_eq!(sums(&file, 0, 1, &policies).approved, credits("0"), "and in no other year");
}

#[test]
fn an_activity_in_the_future_is_refused_with_its_date() {
    let refused = usable(vec![practitioner("2025-03-15", TODAY)], "2026-11-24").unwrap_err();
    assert_eq!(refused, because("2026-11-24", Unusable::Future));
    assert!(refused.to_string().contains("24 November 2026"), "{refused}");
}

#[test]
fn an_activity_that_no_unsettled_year_could_use_is_refused_with_reason_and_date() {
    let foundation = vec![with_years(certificate(1, Level::Foundation, "2020-01-01"), TODAY)];
    assert_eq!(usable(foundation, "2026-10-01"), Err(because("2026-10-01", Unusable::NothingNeedsCpe)));
    assert_eq!(usable(vec![], "2026-10-01"), Err(because("2026-10-01", Unusable::NothingNeedsCpe)));

    let early = usable(vec![practitioner("2025-03-15", TODAY)], "2025-03-14").unwrap_err();
    assert_eq!(early, because("2025-03-14", Unusable::BeforeGrant(day("2025-03-15"))));
    assert!(
        early.to_string().contains("14 March 2025") && early.to_string().contains("15 March 2025"),
        "{early}"
    );

    let mut settled = practitioner("2025-03-15", TODAY);
    settle(&mut settled, 1, YearOutcome::Recertified, "2026-03-16", "20");
    let late = usable(vec![settled.clone()], "2026-03-14").unwrap_err();
    assert_eq!(late, because("2026-03-14", Unusable::Settled(day("2026-03-16"))));
    assert!(late.to_string().contains("16 March 2026"), "{late}");
    assert_eq!(usable(vec![settled.clone()], "2026-03-15"), Ok(vec![(1, 2)]));

    // nobody settled it here: the day of the takeover is not told as one on which somebody did
    let mut taken_over = practitioner("2025-03-15", TODAY);
    settle(&mut taken_over, 1, YearOutcome::BeforeTakeover, "2026-11-20", "0");
    let before = usable(vec![taken_over.clone()], "2026-03-14").unwrap_err();
    assert_eq!(before, because("2026-03-14", Unusable::BeforeTakeover));
    assert!(
        !before.to_string().contains("2026-11-20") && !before.to_string().contains("November"),
        "{before}"
    );
    let both = usable(vec![settled, taken_over], "2026-03-14");
    assert_eq!(both, Err(because("2026-03-14", Unusable::Settled(day("2026-03-16")))));

    let mut back = with_years(
        ended(certificate(1, Level::Practitioner, "2025-01-01"), "2026-02-01", Some("2026-05-10")),
        TODAY,
    );
    settle(&mut back, 1, YearOutcome::Waived, "2026-02-01", "3");
    assert_eq!(usable(vec![back.clone()], "2026-03-01"), Err(because("2026-03-01", Unusable::NotActive)));
    assert_eq!(usable(vec![back], "2026-05-10"), Ok(vec![(1, 2)]));
}

#[test]
fn whoever_can_report_nothing_whatever_the_day_is_told_why_and_until_when() {
    let told = |certificates| may_report(&holder(certificates, vec![]), day(TODAY));
    assert_eq!(told(vec![]), Err(NothingToReport::NoCertificate));
    let foundation = || with_years(certificate(9, Level::Foundation, "2020-01-01"), TODAY);
    assert_eq!(told(vec![foundation()]), Err(NothingToReport::OnlyFoundation));
    assert_eq!(told(vec![foundation(), practitioner("2026-11-23", TODAY)]), Ok(()), "granted today");
    let ahead = told(vec![practitioner("2026-11-24", TODAY)]).unwrap_err();
    assert_eq!(ahead, NothingToReport::UntilNextYear(day("2026-11-24")));

    // a certificate that was withdrawn: the year that cost it is settled, and every other one is void
    let mut withdrawn =
        with_years(ended(certificate(1, Level::Practitioner, "2025-03-15"), "2026-04-20", None), TODAY);
    settle(&mut withdrawn, 1, YearOutcome::Decertified, "2026-04-20", "3");
    for number in 2..=i64::try_from(withdrawn.years.len()).unwrap() {
        settle(&mut withdrawn, number, YearOutcome::Void, "2026-04-20", "0");
    }
    assert_eq!(told(vec![withdrawn.clone(), foundation()]), Err(NothingToReport::NoneInForce));
    assert_eq!(told(vec![withdrawn, practitioner("2026-01-01", TODAY)]), Ok(()), "another one can use it");

    let mut waived = practitioner("2026-03-15", TODAY);
    settle(&mut waived, 1, YearOutcome::Waived, TODAY, "0");
    let why = told(vec![waived.clone()]).unwrap_err();
    assert_eq!(why, NothingToReport::UntilNextYear(day("2027-03-15")));
    assert!(why.to_string().contains("until 15 March 2027"), "{why}");
    assert_eq!(told(vec![waived, practitioner("2025-03-15", TODAY)]), Ok(()));
}

#[test]
fn a_flagged_year_can_still_be_reported_for_what_was_completed_inside_it() {
    let mut file = practitioner("2025-11-01", TODAY);
    flag(&mut file, 1, "2026-11-01");
    assert_eq!(usable(vec![file.clone()], "2026-10-31"), Ok(vec![(1, 1)]));
    assert_eq!(usable(vec![file], "2026-11-01"), Ok(vec![(1, 2)]));
}

#[test]
fn an_extension_takes_every_activity_up_to_the_new_deadline_for_the_old_year_and_not_for_the_next() {
    let mut file = practitioner("2025-03-15", TODAY);
    extend(&mut file, 1, "2026-06-30");
    for (on, number) in
        [("2026-03-14", 1), ("2026-03-15", 1), ("2026-06-30", 1), ("2026-07-01", 2), ("2026-11-01", 2)]
    {
        assert_eq!(usable(vec![file.clone()], on), Ok(vec![(1, number)]), "{on}");
    }
    let reports = vec![
        approved(report(1, Category::Attending, "2026-03-14", "19")),
        approved(report(2, Category::Attending, "2026-06-30", "10")),
        approved(report(3, Category::Attending, "2026-07-01", "4")),
    ];
    let file = holder(vec![file], reports);
    let policies = version_1();
    // what the old year does not need is not moved: 29, not 20 and 9
    assert_eq!(sums(&file, 0, 1, &policies).approved, credits("29"));
    assert_eq!(sums(&file, 0, 2, &policies).approved, credits("4"));
}

#[test]
fn an_extension_over_the_whole_next_year_leaves_it_nothing_and_the_one_after_untouched() {
    // year 1: 15 March 2024 – 14 March 2025, extended by 365 days to the last day of year 2
    let mut file = practitioner("2024-03-15", TODAY);
    extend(&mut file, 1, "2026-03-14");
    for (on, number) in [("2025-03-15", 1), ("2026-03-14", 1), ("2026-03-15", 3)] {
        assert_eq!(usable(vec![file.clone()], on), Ok(vec![(1, number)]), "{on}");
    }
    // the next year extended as well begins after the first one's deadline
    extend(&mut file, 2, "2026-05-31");
    for (on, number) in [("2026-03-14", 1), ("2026-03-15", 2), ("2026-05-31", 2), ("2026-06-01", 3)] {
        assert_eq!(usable(vec![file.clone()], on), Ok(vec![(1, number)]), "{on}");
    }
}

#[test]
fn the_days_of_an_extended_year_stay_its_own_when_it_is_settled() {
    let mut file = practitioner("2025-03-15", TODAY);
    extend(&mut file, 1, "2026-06-30");
    settle(&mut file, 1, YearOutcome::Recertified, "2026-07-01", "20");
    assert_eq!(
        usable(vec![file.clone()], "2026-05-01"),
        Err(because("2026-05-01", Unusable::Settled(day("2026-07-01"))))
    );
    assert_eq!(usable(vec![file], "2026-07-01"), Ok(vec![(1, 2)]));
}

#[test]
fn another_certificates_extension_changes_nothing_for_this_one() {
    let mut first = with_years(certificate(1, Level::Practitioner, "2025-03-15"), TODAY);
    extend(&mut first, 1, "2026-06-30");
    let second = with_years(certificate(2, Level::Practitioner, "2025-03-15"), TODAY);
    assert_eq!(usable(vec![first, second], "2026-05-01"), Ok(vec![(1, 1), (2, 2)]));
}
