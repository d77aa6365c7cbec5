//! The holder's pages, through the real router.

mod advice;
mod answers;
mod corrections;
mod dashboard;
mod drafts;
mod evidence;
mod fields;
mod form;
mod guide;
mod imported;
mod nothing;
mod precedents;
mod preview;
mod receipts;
mod report;
mod sending;
mod several;
mod transcript;
mod turns;
mod uploads;
mod visits;

use crate::support::{Browser, Page, People, Rights, TestPortal, while_somebody_writes};
use cpe_portal::actions::reviews::{GivenVerdict, review};
use cpe_portal::domain::activities::activity::Activity;
use cpe_portal::domain::activities::review::{ReasonCode, ReviewDecision};
use cpe_portal::domain::ids::ActivityId;
use cpe_portal::store::activities;

/// A small PDF.
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
/// A small PNG.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

/// A whole report; the day is in the owner's open year.
pub const WHOLE: [(&str, &str); 9] = [
    ("category", "attending"),
    ("title", "Zero trust in practice"),
    ("organiser", "Nordic Security Days"),
    ("field", "information_security"),
    ("completed_on", "2026-10-05"),
    ("hours", "2"),
    ("minutes", "30"),
    ("not_regular_job", "1"),
    ("intent", "submit"),
];

/// The whole report with some answers replaced or added.
pub fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> =
        WHOLE.into_iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name)).collect();
    fields.extend_from_slice(changes);
    fields
}

/// The owner's browser, with the form open.
pub async fn at_the_form(portal: &TestPortal, people: &People) -> Browser {
    let browser = portal.browser(&people.owner).await;
    browser.get("/activities/new").await.expect(200);
    browser
}

/// The activity that an answer leads to.
#[track_caller]
pub fn led_to(page: &Page) -> ActivityId {
    assert_eq!(page.status.as_u16(), 303, "{}", page.words());
    let address = page.location().unwrap();
    // a report that is new leads to its receipt
    let address = address.strip_suffix("/receipt").unwrap_or(&address);
    address.strip_prefix("/activities/").unwrap().parse().unwrap()
}

pub fn kept(portal: &TestPortal, id: ActivityId) -> Activity {
    portal.store.read(|conn| activities::find(conn, id)).unwrap().unwrap()
}

pub fn decide(portal: &TestPortal, people: &People, id: ActivityId, given: &GivenVerdict<'_>) {
    let reviewer = people.reviewer.as_reviewer();
    review(portal, reviewer, id, Some(kept(portal, id).version), given).unwrap();
}

pub const APPROVE: GivenVerdict<'static> = GivenVerdict {
    decision: Some(ReviewDecision::Approve),
    quantity: "",
    reason_code: None,
    reason: "",
    more: false,
    take_over: None,
};
pub const RETURN: GivenVerdict<'static> = GivenVerdict {
    decision: Some(ReviewDecision::Return),
    quantity: "",
    reason_code: Some(ReasonCode::NoEvidence),
    reason: "Please add the certificate of attendance.",
    more: false,
    take_over: None,
};
pub const REJECT: GivenVerdict<'static> = GivenVerdict {
    decision: Some(ReviewDecision::Reject),
    quantity: "",
    reason_code: Some(ReasonCode::NotRelevant),
    reason: "Gardening is not security.",
    more: false,
    take_over: None,
};
