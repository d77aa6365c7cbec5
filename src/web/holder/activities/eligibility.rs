//! What a holder is told who can report nothing, in the place of the form and of the buttons that lead to it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::NaiveDate;

use crate::domain::activities::eligibility::{NothingToReport, may_report};
use crate::domain::ids::ActivityId;
use crate::domain::ledger::HolderFile;
use crate::web::http::auth::AsHolder;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// The page.
#[derive(Template)]
#[template(path = "holder/activities/nothing.html")]
struct NothingPage {
    page: Layout,
    why: String,
    /// What can be done instead: address and words of a link, and what follows it.
    instead: Vec<(&'static str, &'static str, &'static str)>,
    /// The draft or the report that was to be opened.
    own: Option<ActivityId>,
}

/// The page that stands where the form would.
pub fn told(person: &AsHolder, why: NothingToReport, own: Option<ActivityId>) -> HttpResponse {
    let page = NothingPage {
        page: person.layout("There is nothing to report now"),
        why: why.to_string(),
        instead: instead(why),
        own,
    };
    render(StatusCode::OK, &page)
}

/// Why this holder can report nothing today, in words; empty for everybody else. It stands in the place of the buttons that lead to the form.
#[must_use]
pub fn no_report(file: &HolderFile, today: NaiveDate) -> String {
    may_report(file, today).err().map(|why| why.to_string()).unwrap_or_default()
}

fn instead(why: NothingToReport) -> Vec<(&'static str, &'static str, &'static str)> {
    let missing = ("/advice/new", "Ask for advice", " if you hold a certificate that is missing here.");
    let rules = ("/guide", "Read the rules", " to see what counts, and how much.");
    match why {
        NothingToReport::NoCertificate => vec![missing, rules],
        NothingToReport::OnlyFoundation => {
            vec![("/dashboard", "See your certificates", " and use your badge."), missing]
        }
        NothingToReport::NoneInForce => vec![
            ("/dashboard", "See your certificates", ", why they ended, and whether you can appeal."),
            ("/activities", "Read what you reported", ": all of it is kept."),
            ("/advice/new", "Ask for advice", " if you think that this is wrong, or something has changed."),
        ],
        NothingToReport::UntilNextYear(_) => vec![
            ("/advice/question", "Ask us beforehand", " whether something that you plan would count."),
            ("/dashboard", "See your certificates", " and when their years begin and end."),
        ],
    }
}
