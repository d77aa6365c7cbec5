//! Pages for reviewers and administrators.

pub mod activities;
pub mod advice;
pub mod case_shown;
pub mod certificates;
pub mod claims;
pub mod counting;
pub mod deadlines;
pub mod decisions;
pub mod figures;
pub mod flagged;
pub mod history;
pub mod holder;
pub mod holders;
pub mod mail;
pub mod overview;
pub mod prepared_words;
pub mod queue_filter;
pub mod review;
pub mod same_event;
pub mod verdicts;
pub mod viewer;
pub mod year_list;

use crate::web::route::routes;

routes! {
    GET "/staff" [reviewer] => overview::show;
    GET "/staff/advice" [reviewer] => advice::show;
    GET "/staff/activities/{id}" [reviewer] => activities::show;
    POST "/staff/activities/{id}/claim" [reviewer] => claims::create;
    GET "/staff/activities/{id}/next" [reviewer] => claims::next;
    GET "/staff/activities/{id}/previous" [reviewer] => claims::previous;
    POST "/staff/activities/{id}/release" [reviewer] => claims::delete;
    POST "/staff/activities/{id}/review" [reviewer] => verdicts::decide;
    GET "/staff/activities/{id}/same-event" [reviewer] => same_event::index;
    POST "/staff/activities/{id}/same-event" [reviewer] => same_event::approve;
    GET "/staff/certificates/{id}" [reviewer] => certificates::show;
    GET "/staff/certificates/{id}/decertification" [administrator] => decisions::new;
    POST "/staff/certificates/{id}/decertification" [administrator] => decisions::create;
    GET "/staff/certificates/{id}/extension" [administrator] => decisions::new;
    POST "/staff/certificates/{id}/extension" [administrator] => decisions::create;
    GET "/staff/certificates/{id}/reinstatement" [administrator] => decisions::new;
    POST "/staff/certificates/{id}/reinstatement" [administrator] => decisions::create;
    GET "/staff/certificates/{id}/waiver" [administrator] => decisions::new;
    POST "/staff/certificates/{id}/waiver" [administrator] => decisions::create;
    GET "/staff/deadlines" [reviewer] => deadlines::index;
    GET "/staff/flagged" [reviewer] => flagged::index;
    GET "/staff/history" [reviewer] => history::index;
    GET "/staff/holders" [reviewer] => holders::index;
    POST "/staff/holders" [administrator] => holders::create;
    GET "/staff/holders/new" [administrator] => holders::new;
    POST "/staff/holders/invitations" [administrator] => holders::invite_everybody;
    GET "/staff/holders/{id}" [reviewer] => holder::show;
    POST "/staff/holders/{id}" [administrator] => holder::update;
    GET "/staff/holders/{id}/edit" [administrator] => holder::edit;
    GET "/staff/holders/{id}/certificates" [administrator] => holder::new_certificate;
    POST "/staff/holders/{id}/certificates" [administrator] => holder::grant;
    POST "/staff/holders/{id}/invitation" [reviewer] => holder::invite;
    GET "/staff/mail" [reviewer] => mail::index;
    GET "/staff/mail/{id}" [reviewer] => mail::show;
    POST "/staff/mail/{id}/arrival" [reviewer] => mail::arrival;
    POST "/staff/mail/{id}/dispatch" [reviewer] => mail::dispatch;
    GET "/staff/prepared-words" [reviewer] => prepared_words::index;
    POST "/staff/prepared-words" [reviewer] => prepared_words::update;
    GET "/staff/review" [reviewer] => review::index;
    POST "/staff/review" [reviewer] => review::approve;
}
