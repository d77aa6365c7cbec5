//! Pages for reviewers and administrators.

pub mod activities;
pub mod counting;
pub mod figures;
pub mod review;

use crate::web::route::routes;

routes! {
    GET "/staff/activities/{id}" [reviewer] => activities::show;
    POST "/staff/activities/{id}/review" [reviewer] => activities::decide;
    GET "/staff/review" [reviewer] => review::index;
    POST "/staff/review" [reviewer] => review::approve;
}
