//! Verdicts: who may give them, on what, and with which reasons (G8, G9).

use cpe_portal::domain::activities::activity::{ActivityStatus, Facts};
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::activities::review::{ReasonCode, Verdict, VerdictError, checked_verdict};
use cpe_portal::domain::ids::AccountId;
use cpe_portal::domain::roles::{Actor, Role};

const HOLDER: AccountId = AccountId(1);

fn hours(typed: &str) -> Quantity {
    Quantity::parse(Category::Attending, typed).unwrap()
}

fn eight_hours() -> Facts {
    Facts { category: Some(Category::Attending), quantity: Some(hours("8")), ..Facts::default() }
}

fn by(role: Role) -> Actor {
    Actor { id: AccountId(7), role }
}

fn check(verdict: Verdict) -> Result<Verdict, VerdictError> {
    checked_verdict(verdict, by(Role::Reviewer), HOLDER, ActivityStatus::Submitted, &eight_hours())
}

fn approve(awarded: Option<&str>, reason: &str) -> Verdict {
    Verdict::Approve { awarded: awarded.map(hours), reason: reason.to_owned() }
}

#[test]
fn reviewers_and_administrators_review_and_holders_do_not() {
    for (role, expected) in
        [(Role::Holder, Err(VerdictError::NotStaff)), (Role::Reviewer, Ok(())), (Role::Administrator, Ok(()))]
    {
        let found =
            checked_verdict(approve(None, ""), by(role), HOLDER, ActivityStatus::Submitted, &eight_hours());
        assert_eq!(found.map(|_| ()), expected, "{role:?}");
    }
}

#[test]
fn nobody_reviews_their_own_report() {
    for role in [Role::Reviewer, Role::Administrator] {
        let own = Actor { id: HOLDER, role };
        let found =
            checked_verdict(approve(None, ""), own, HOLDER, ActivityStatus::Submitted, &eight_hours());
        assert_eq!(found, Err(VerdictError::OwnReport), "{role:?}");
    }
}

#[test]
fn only_a_report_that_waits_for_review_can_be_decided() {
    for status in ActivityStatus::ALL {
        let found = checked_verdict(approve(None, ""), by(Role::Reviewer), HOLDER, status, &eight_hours());
        let expected =
            if status == ActivityStatus::Submitted { Ok(()) } else { Err(VerdictError::NotWaiting) };
        assert_eq!(found.map(|_| ()), expected, "{status:?}");
    }
}

#[test]
fn awarding_other_than_reported_needs_a_reason_and_awarding_the_same_is_no_award() {
    assert_eq!(check(approve(Some("6"), "")), Err(VerdictError::AwardNeedsReason));
    assert_eq!(check(approve(Some("6"), " \t ")), Err(VerdictError::AwardNeedsReason));
    assert_eq!(check(approve(Some("9"), "")), Err(VerdictError::AwardNeedsReason));
    assert_eq!(
        check(approve(Some("6"), "Two hours were lunch.")),
        Ok(approve(Some("6"), "Two hours were lunch."))
    );
    assert_eq!(check(approve(Some("8:00"), "")), Ok(approve(None, "")));
    assert_eq!(check(approve(None, "")), Ok(approve(None, "")));
}

#[test]
fn g8_g9_returning_and_rejecting_need_words() {
    for code in ReasonCode::ALL {
        for reason in ["", "  ", "\n"] {
            let returned = Verdict::Return { code, reason: reason.to_owned() };
            let rejected = Verdict::Reject { code, reason: reason.to_owned() };
            assert_eq!(check(returned), Err(VerdictError::ReasonMissing), "{code:?}");
            assert_eq!(check(rejected), Err(VerdictError::ReasonMissing), "{code:?}");
        }
        let rejected = Verdict::Reject { code, reason: "This was your job.".to_owned() };
        assert_eq!(check(rejected.clone()), Ok(rejected), "{code:?}");
    }
}

#[test]
fn a_verdict_leads_to_its_status_and_a_returned_report_stays_undecided() {
    let because = || "Because.".to_owned();
    for (verdict, status, word, undecided) in [
        (approve(None, ""), ActivityStatus::Approved, "approve", false),
        (
            Verdict::Return { code: ReasonCode::NoEvidence, reason: because() },
            ActivityStatus::Returned,
            "return",
            true,
        ),
        (
            Verdict::Reject { code: ReasonCode::Duplicate, reason: because() },
            ActivityStatus::Rejected,
            "reject",
            false,
        ),
    ] {
        assert_eq!((verdict.status(), verdict.decision().code()), (status, word));
        assert_eq!(verdict.status().undecided(), undecided);
    }
}
