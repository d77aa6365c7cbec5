//! G8: own field, neighbouring field, or a written explanation. G9: the regular job earns nothing.

use cpe_portal::domain::activities::eligibility::relevance_on;
use cpe_portal::domain::activities::relevance::{Relevance, relevance};
use cpe_portal::domain::activities::review::ReasonCode;
use cpe_portal::domain::certification::catalogue::{Level, Neighbours};
use cpe_portal::domain::ids::FieldId;

use super::sample::{certificate, day, ended, holder, with_years};

const INFORMATION: FieldId = FieldId(1);
const IT: FieldId = FieldId(2);
const PRIVACY: FieldId = FieldId(3);
const CRISIS: FieldId = FieldId(5);

fn neighbours() -> Neighbours {
    Neighbours::new(vec![(INFORMATION, IT), (PRIVACY, INFORMATION)])
}

#[test]
fn g8_the_own_field_and_its_neighbours_both_ways_are_relevant_and_others_need_an_explanation() {
    for (activity, own, expected) in [
        (INFORMATION, vec![INFORMATION], Relevance::OwnField),
        (IT, vec![INFORMATION], Relevance::NeighbouringField),
        (PRIVACY, vec![INFORMATION], Relevance::NeighbouringField),
        (INFORMATION, vec![PRIVACY], Relevance::NeighbouringField),
        (INFORMATION, vec![IT], Relevance::NeighbouringField),
        (PRIVACY, vec![IT], Relevance::NeedsExplanation), // a neighbour's neighbour
        (CRISIS, vec![INFORMATION], Relevance::NeedsExplanation),
        (CRISIS, vec![INFORMATION, CRISIS], Relevance::OwnField),
        (IT, vec![CRISIS, INFORMATION], Relevance::NeighbouringField),
        (INFORMATION, vec![], Relevance::NeedsExplanation),
    ] {
        assert_eq!(relevance(activity, &own, &neighbours()), expected, "{activity} for {own:?}");
    }
    assert!(!neighbours().adjoin(INFORMATION, INFORMATION));
}

#[test]
fn g8_only_certificates_active_on_the_day_make_a_field_relevant() {
    let mut crisis = ended(certificate(2, Level::Expert, "2025-01-01"), "2026-05-01", None);
    crisis.certification.field = CRISIS;
    let file = holder(
        vec![
            with_years(certificate(1, Level::Foundation, "2026-03-01"), "2026-11-23"),
            with_years(crisis, "2026-11-23"),
        ],
        vec![],
    );
    for (field, on, expected) in [
        (CRISIS, "2026-04-30", Relevance::OwnField),
        (CRISIS, "2026-05-01", Relevance::NeedsExplanation),
        (INFORMATION, "2026-02-28", Relevance::NeedsExplanation),
        (INFORMATION, "2026-03-01", Relevance::OwnField), // Foundation is active too
        (PRIVACY, "2026-03-01", Relevance::NeighbouringField),
    ] {
        assert_eq!(relevance_on(&file, field, day(on), &neighbours()), expected, "{field} on {on}");
    }
}

#[test]
fn g9_a_reviewer_can_reject_for_the_regular_job_and_for_relevance() {
    assert_eq!(ReasonCode::from_code("regular_job"), Some(ReasonCode::RegularJob));
    let codes: Vec<&str> = ReasonCode::ALL.iter().map(|code| code.code()).collect();
    let expected = [
        "not_relevant",
        "regular_job",
        "no_evidence",
        "cannot_open",
        "wrong_quantity",
        "duplicate",
        "wrong_date",
        "other",
    ];
    assert_eq!(codes, expected);
    assert_eq!(ReasonCode::from_code("boring"), None);
}
