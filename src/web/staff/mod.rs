//! Pages for reviewers and administrators.

pub mod activities;
pub mod certificates;
pub mod counting;
pub mod deadlines;
pub mod decisions;
pub mod figures;
pub mod flagged;
pub mod history;
pub mod review;
pub mod year_list;

use crate::web::route::routes;

routes! {
    GET "/staff/activities/{id}" [reviewer] => activities::show;
    POST "/staff/activities/{id}/review" [reviewer] => activities::decide;
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
    GET "/staff/review" [reviewer] => review::index;
    POST "/staff/review" [reviewer] => review::approve;
}
