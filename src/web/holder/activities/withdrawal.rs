//! Taking an activity back: the question, and the deed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::ActionError;
use crate::actions::activities::withdraw as withdraw_activity;
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::store::records::holder_records;
use crate::store::{StoreError, activities};
use crate::web::forms::plain::CheckedForm;
use crate::web::holder::reference::activity_id;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// The question before an activity is taken back.
#[derive(Template)]
#[template(path = "holder/activities/withdrawal.html")]
struct WithdrawalPage {
    page: Layout,
    /// Where the activity is.
    activity: String,
    /// Where this form is sent.
    address: String,
    version: i64,
    /// In quotation marks, or the words that there is none.
    title: String,
    draft: bool,
    verb: &'static str,
    /// What stops counting as pending, when something does.
    pending: String,
}

/// GET /activities/{id}/withdrawal
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a conflict when it is decided.
pub async fn show(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let (person, id) = (holder.holder(), activity_id(&id)?);
    let today = portal.clock.today();
    let (activity, file, policies) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let activity = activities::find_of_holder(conn, person, id)?.ok_or(ActionError::NotFound)?;
            Ok((activity, holder_records::of_holder(conn, person, today)?, policies::all(conn)?))
        })
    })
    .await?;
    if !activity.status.editable() {
        return Err(WebError::from(StoreError::Changed));
    }
    let draft = activity.status == ActivityStatus::Draft;
    let line = HolderLedger::new(&file, &policies, today).line(id);
    let page = WithdrawalPage {
        page: holder.layout(if draft { "Delete this draft?" } else { "Take this report back?" }),
        activity: format!("/activities/{id}"),
        address: format!("/activities/{id}/withdrawal"),
        version: activity.version,
        title: match activity.facts.title.as_str() {
            "" => "It has no title yet.".to_owned(),
            title => format!("“{title}”"),
        },
        draft,
        verb: if draft { "Delete the draft" } else { "Take the report back" },
        pending: line.map(|line| line.share.credits.counted()).unwrap_or_default(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// The version of the activity that the person saw.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeenForm {
    /// As sent by the form; what is no number is no version.
    pub version: String,
}

impl SeenForm {
    /// The version, or one that no activity has.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.version.parse().unwrap_or(-1)
    }
}

/// POST /activities/{id}/withdrawal
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a conflict when it changed since it was shown.
pub async fn create(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    form: CheckedForm<SeenForm>,
) -> Result<HttpResponse, WebError> {
    let (person, id, version) = (holder.actor(), activity_id(&id)?, form.0.number());
    let reported = blocking(&portal, move |portal| withdraw_activity(portal, person, id, version)).await?;
    let words = if reported {
        "It has been taken back. None of it counts any more."
    } else {
        "The draft has been deleted."
    };
    Ok(see_other_with("/activities", Flash::success(words)))
}
