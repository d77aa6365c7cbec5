//! G4: a publication earns at most five credits, over its whole life, however many reports name it.

use cpe_portal::domain::activities::activity::Report;
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::activities::publication::{PublicationClaim, allot, fold_title};
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;

use super::sample::{
    approved, awarded, certificate, counted, credits, day, earned, holder, practitioner, report, settle,
    sums, version_1, with_version_2, with_years, written,
};

const TODAY: &str = "2026-11-23";

/// What each report earns, by id.
fn check(reports: Vec<Report>, expected: &[(i64, &str)]) {
    let file = holder(vec![practitioner("2024-01-01", TODAY)], reports);
    let expected: Vec<(i64, String)> = expected.iter().map(|(id, c)| (*id, (*c).to_owned())).collect();
    assert_eq!(earned(&file, &version_1()), expected);
}

#[test]
fn g4_a_publication_never_earns_more_than_five_credits() {
    check(vec![approved(written(1, "2026-02-01", "12", "a"))], &[(1, "5.00")]);
    check(vec![approved(written(1, "2026-02-01", "5", "a"))], &[(1, "5.00")]);
    check(vec![approved(written(1, "2026-02-01", "4", "a"))], &[(1, "4.00")]);
    check(
        vec![
            approved(written(1, "2026-02-01", "3", "a")),
            approved(written(2, "2026-03-01", "3", "a")),
            approved(written(3, "2026-04-01", "3", "a")),
            approved(written(4, "2026-04-01", "3", "b")),
        ],
        &[(1, "3.00"), (2, "2.00"), (3, "0.00"), (4, "3.00")],
    );
}

#[test]
fn g4_the_cap_goes_to_approved_reports_first_and_then_to_undecided_ones() {
    check(
        vec![
            written(1, "2026-02-01", "4", "a"),
            approved(written(2, "2026-03-01", "3", "a")),
            written(3, "2026-04-01", "4", "a"),
        ],
        &[(1, "2.00"), (2, "3.00"), (3, "0.00")],
    );
}

#[test]
fn g4_the_cap_is_served_by_completed_on_then_reported_at_then_id() {
    let at = |mut r: Report, hour| {
        r.reported_at = day("2026-06-01").and_hms_opt(hour, 0, 0).unwrap();
        approved(r)
    };
    // same day: 2 was reported before 1; 3 and 4 at the same moment
    check(
        vec![
            at(written(1, "2026-05-01", "2", "a"), 12),
            at(written(2, "2026-05-01", "2", "a"), 9),
            at(written(4, "2026-05-01", "2", "a"), 14),
            at(written(3, "2026-05-01", "2", "a"), 14),
            at(written(5, "2026-04-01", "1", "a"), 20),
        ],
        &[(1, "2.00"), (2, "2.00"), (3, "0.00"), (4, "0.00"), (5, "1.00")],
    );
}

#[test]
fn g4_when_an_earlier_report_is_rejected_or_withdrawn_later_ones_get_their_share_back() {
    let first = approved(written(1, "2026-02-01", "4", "a"));
    let second = approved(written(2, "2026-03-01", "4", "a"));
    check(vec![first, second.clone()], &[(1, "4.00"), (2, "1.00")]);
    // rejected and withdrawn reports do not reach the ledger at all
    check(vec![second], &[(2, "4.00")]);
}

#[test]
fn g4_an_awarded_quantity_is_what_claims_the_cap() {
    check(
        vec![awarded(written(1, "2026-02-01", "4", "a"), "1"), approved(written(2, "2026-03-01", "9", "a"))],
        &[(1, "1.00"), (2, "4.00")],
    );
}

#[test]
fn g4_what_settled_years_have_counted_comes_first_in_any_certificate_and_never_changes() {
    let mut first = with_years(certificate(1, Level::Practitioner, "2025-01-01"), TODAY);
    settle(&mut first, 1, YearOutcome::Recertified, "2026-01-01", "23");
    let second = with_years(certificate(2, Level::Expert, "2025-06-01"), TODAY);
    let mut file = holder(
        vec![first, second],
        vec![
            // a report approved only after year 1 was settled, with an earlier day than the one that counted
            approved(written(1, "2025-07-01", "4", "a")),
            approved(written(2, "2025-11-01", "3", "a")),
            approved(written(3, "2026-07-01", "3", "a")),
        ],
    );
    file.counted = vec![counted(1, 1, 2, "3")];
    let policies = version_1();
    let expected = [(1, "2.00".to_owned()), (2, "3.00".to_owned()), (3, "0.00".to_owned())];
    assert_eq!(earned(&file, &policies), expected);
    // the settled year keeps its figures; the other certificate's year counts 2 + 3
    assert_eq!(sums(&file, 0, 1, &policies).approved, credits("23"));
    assert_eq!(sums(&file, 1, 1, &policies).approved, credits("5"));
    // settled for both certificates, the report still claims the cap once
    file.counted.push(counted(2, 1, 2, "3"));
    assert_eq!(earned(&file, &policies), expected);
}

#[test]
fn g4_titles_are_compared_trimmed_without_case_and_with_inner_spaces_as_one() {
    for (one, other) in [
        ("Zero Trust in Practice", "  zero trust   IN practice "),
        ("Zero\tTrust", "zero trust"),
        ("Zero\u{a0}Trust", "ZERO TRUST"),
        ("ÉTUDE de cas", "étude DE CAS"),
        // the capital with both marks has no composed form, the small letter has
        ("\u{3aa}\u{301} in Athens", "\u{390} in Athens"),
    ] {
        assert_eq!(fold_title(one), fold_title(other), "{one:?} and {other:?}");
    }
    for (one, other) in [("Zero Trust", "ZeroTrust"), ("Zero Trust", "Zero Trust 2"), ("Café", "Cafe")] {
        assert_ne!(fold_title(one), fold_title(other), "{one:?} and {other:?}");
    }
}

#[test]
fn g4_a_publication_named_in_another_category_is_ignored() {
    let mut reading = approved(report(2, Category::Reading, "2026-02-02", "1500"));
    reading.publication = Some("a".to_owned());
    let mut teaching = approved(report(3, Category::Teaching, "2026-02-03", "8"));
    teaching.publication = Some("a".to_owned());
    check(
        vec![approved(written(1, "2026-03-01", "4", "a")), reading, teaching],
        &[(1, "4.00"), (2, "10.00"), (3, "8.00")],
    );
}

#[test]
fn g4_the_cap_holds_over_several_certification_years() {
    let file = holder(
        vec![practitioner("2024-01-01", TODAY)],
        vec![
            approved(written(1, "2024-05-01", "3", "a")),
            approved(written(2, "2025-05-01", "3", "a")),
            approved(written(3, "2026-05-01", "3", "a")),
        ],
    );
    let by_year = [1, 2, 3].map(|number| sums(&file, 0, number, &version_1()).approved);
    assert_eq!(by_year, [credits("3"), credits("2"), Credits::ZERO]);
}

#[test]
fn g4_each_report_is_held_to_the_cap_in_force_on_its_own_day() {
    let policies = with_version_2("2026-06-01", |policy| policy.publication_cap = credits("8"));
    let file = holder(
        vec![practitioner("2026-01-01", TODAY)],
        vec![
            approved(written(1, "2026-05-31", "6", "a")),
            approved(written(2, "2026-06-01", "6", "a")),
            approved(written(3, "2026-06-02", "6", "a")),
        ],
    );
    let expected = [(1, "5.00".to_owned()), (2, "3.00".to_owned()), (3, "0.00".to_owned())];
    assert_eq!(earned(&file, &policies), expected);
}

#[test]
fn g4_the_share_says_what_others_had_taken_before() {
    let claim = |raw, settled, approved| PublicationClaim {
        raw: credits(raw),
        settled: credits(settled),
        cap: credits("5"),
        approved,
    };
    let allotted = allot(&[claim("4", "0", false), claim("3", "0", true), claim("2", "1", true)]);
    let told: Vec<(String, String)> =
        allotted.iter().map(|a| (a.share.to_string(), a.taken_before.to_string())).collect();
    // settled 1 of the third; then the second takes 3 of 4, the third 1 more; nothing is left for the first
    let expected = [("0.00", "5.00"), ("3.00", "1.00"), ("2.00", "3.00")]
        .map(|(share, taken)| (share.to_owned(), taken.to_owned()));
    assert_eq!(told, expected);
}
