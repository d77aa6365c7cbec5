//! Pages for holders, about what is theirs.

pub mod activities;
pub mod activity;
pub mod advice;
pub mod badge;
pub mod certificates;
pub mod conversation;
pub mod corrections;
pub mod counting;
pub mod dashboard;
pub mod evidence;
pub mod field_choices;
pub mod form_page;
pub mod period;
pub mod question;
pub mod report_form;
pub mod talks;
pub mod transcript;
pub mod uploads;
pub mod withdrawal;
pub mod year_card;
pub mod year_picture;
pub mod year_words;

use crate::domain::ids::ActivityId;
use crate::web::error::WebError;
use crate::web::route::routes;

routes! {
    GET "/dashboard" [holder] => dashboard::show;
    GET "/activities" [holder] => activities::index;
    GET "/activities/new" [holder] => report_form::new;
    POST "/activities" [holder] takes PROOFS => report_form::create;
    POST "/activities/preview" [holder] => report_form::preview;
    POST "/activities/drafts" [holder] => report_form::keep_draft;
    GET "/activities/{id}" [holder] => activity::show;
    POST "/activities/{id}" [holder] takes PROOFS => report_form::update;
    GET "/activities/{id}/edit" [holder] => report_form::edit;
    POST "/activities/{id}/submission" [holder] => report_form::submit;
    GET "/activities/{id}/correction" [holder] => corrections::new;
    POST "/activities/{id}/correction" [holder] => corrections::create;
    GET "/activities/{id}/versions" [holder] => crate::web::versions::of_holder;
    GET "/activities/{id}/withdrawal" [holder] => withdrawal::show;
    POST "/activities/{id}/withdrawal" [holder] => withdrawal::create;
    GET "/evidence/{id}" [holder, reviewer] => evidence::show;
    GET "/evidence/{id}/view" [holder, reviewer] => evidence::view;
    POST "/evidence/{id}/removal" [holder] => evidence::remove;
    GET "/certificates/{id}" [holder] => certificates::show;
    GET "/certificates/{id}/certificate.pdf" [holder] => crate::web::paper::of_holder;
    POST "/certificates/{id}/sharing" [holder] => badge::share;
    GET "/transcript" [holder] => transcript::show;
    GET "/transcript.csv" [holder] => transcript::download;
    GET "/advice" [holder] => advice::index;
    POST "/advice" [holder] takes PROOFS => conversation::create;
    GET "/advice/new" [holder] => conversation::new;
    GET "/advice/question" [holder] => question::new;
    POST "/advice/question" [holder] => question::create;
    GET "/advice/{id}" [holder] => conversation::show;
    POST "/advice/{id}/messages" [holder] takes PROOFS => conversation::reply;
    POST "/advice/{id}/closing" [holder] => conversation::close;
}

/// What a list calls an activity; a draft can be without a title.
fn title_or_nameless(title: String) -> String {
    if title.is_empty() { "Draft without a title".to_owned() } else { title }
}

/// The activity that an address names.
fn activity_id(text: &str) -> Result<ActivityId, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}
