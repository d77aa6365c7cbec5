//! Pages for administrators.

pub mod accounts;
pub mod certifications;
pub mod check;
pub mod export;
pub mod import;
pub mod job;
pub mod jobs;
pub mod policies;
pub mod setup;

use crate::web::http::routes::routes;

routes! {
    GET "/admin/setup" [administrator] => setup::show;
    POST "/admin/setup/mail" [administrator] => setup::mail;
    POST "/admin/setup/dismissal" [administrator] => setup::dismiss;
    GET "/admin/accounts" [administrator] => accounts::index;
    POST "/admin/accounts" [administrator] => accounts::create;
    GET "/admin/accounts/new" [administrator] => accounts::new;
    GET "/admin/accounts/{id}" [administrator] => accounts::show;
    POST "/admin/accounts/{id}/role" [administrator] => accounts::change_role;
    POST "/admin/accounts/{id}/invitation" [administrator] => accounts::invite;
    POST "/admin/accounts/{id}/deactivation" [administrator] => accounts::deactivate;
    POST "/admin/accounts/{id}/reactivation" [administrator] => accounts::reactivate;
    GET "/admin/certifications" [administrator] => certifications::index;
    POST "/admin/certifications" [administrator] => certifications::create;
    GET "/admin/certifications/new" [administrator] => certifications::new;
    GET "/admin/certifications/{id}" [administrator] => certifications::edit;
    POST "/admin/certifications/{id}" [administrator] => certifications::update;
    POST "/admin/fields" [administrator] on "/admin/certifications" => certifications::create_field;
    GET "/admin/fields/new" [administrator] => certifications::new_field;
    GET "/admin/fields/{id}" [administrator] => certifications::show_field;
    POST "/admin/fields/{id}" [administrator] => certifications::update_field;
    GET "/admin/check" [administrator] => check::show;
    POST "/admin/check" [administrator] => check::run;
    GET "/admin/export" [administrator] => export::index;
    GET "/admin/export/{file}" [administrator] => export::download;
    GET "/admin/import" [administrator] => import::new;
    POST "/admin/import" [administrator] takes TABLE => import::create;
    GET "/admin/import/problems.csv" [administrator] => import::problems;
    GET "/admin/held-flags" [administrator] => jobs::held;
    POST "/admin/held-flags/confirmation" [administrator] => jobs::confirm;
    GET "/admin/jobs" [administrator] => jobs::index;
    GET "/admin/jobs/deadlines/rehearsal" [administrator] => jobs::rehearse;
    GET "/admin/jobs/{name}" [administrator] => job::show;
    POST "/admin/jobs/{name}" [administrator] => job::run;
    GET "/admin/policies" [administrator] => policies::index;
    POST "/admin/policies" [administrator] => policies::create;
    GET "/admin/policies/new" [administrator] => policies::new;
    POST "/admin/policies/{id}/removal" [administrator] => policies::remove;
}
