//! Pages for holders, about what is theirs.

pub mod conversations;

pub mod activities;
pub mod certificates;
pub mod dashboard;
pub mod recent_history;
mod reference;

use crate::web::http::routes::routes;

routes! {
    GET "/dashboard" [holder] => dashboard::show;
    GET "/activities" [holder] => activities::index;
    GET "/activities/new" [holder] => activities::form::new;
    POST "/activities" [holder] takes PROOFS => activities::form::create;
    POST "/activities/preview" [holder] on "/activities/new" => activities::form::preview;
    POST "/activities/drafts" [holder] on "/activities/new" => activities::form::keep_draft;
    POST "/activities/drafts/evidence" [holder] takes PROOFS on "/activities/new" => activities::uploads::to_draft;
    GET "/activities/{id}" [holder] => activities::page::show;
    POST "/activities/{id}" [holder] takes PROOFS => activities::form::update;
    GET "/activities/{id}/edit" [holder] => activities::form::edit;
    POST "/activities/{id}/submission" [holder] => activities::form::submit;
    GET "/activities/{id}/receipt" [holder] => activities::receipt::show;
    POST "/activities/{id}/answer" [holder] takes PROOFS => activities::answer::create;
    GET "/activities/{id}/correction" [holder] => activities::correction::new;
    POST "/activities/{id}/correction" [holder] => activities::correction::create;
    GET "/activities/{id}/versions" [holder] => crate::web::view::versions::of_holder;
    GET "/activities/{id}/withdrawal" [holder] => activities::withdrawal::show;
    POST "/activities/{id}/withdrawal" [holder] => activities::withdrawal::create;
    POST "/evidence" [holder] takes PROOFS on "/activities/new" => activities::uploads::to_wait;
    GET "/evidence/{id}" [holder, reviewer] => activities::evidence::show;
    GET "/evidence/{id}/view" [holder, reviewer] => activities::evidence::view;
    POST "/evidence/{id}/removal" [holder] on "/activities" => activities::evidence::remove;
    GET "/certificates/{id}" [holder] => certificates::show;
    GET "/certificates/{id}/certificate.pdf" [holder] => crate::web::view::certificate_pdf::of_holder;
    GET "/certificates/{id}/statement" [holder] => crate::web::view::statement::of_own;
    POST "/certificates/{id}/sharing" [holder] => certificates::badge::share;
    GET "/transcript" [holder] => certificates::transcript::show;
    GET "/transcript.csv" [holder] => certificates::transcript::download;
    GET "/advice" [holder] => conversations::inbox::index;
    POST "/advice" [holder] takes PROOFS => conversations::create;
    GET "/advice/new" [holder] => conversations::new;
    GET "/advice/question" [holder] => conversations::inquiry::new;
    POST "/advice/question" [holder] => conversations::inquiry::create;
    GET "/advice/{id}" [holder] => conversations::show;
    POST "/advice/{id}/messages" [holder] takes PROOFS => conversations::reply;
    POST "/advice/{id}/closing" [holder] => conversations::close;
}
