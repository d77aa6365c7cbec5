//! Pages for administrators.

pub mod accounts;

use crate::web::route::routes;

routes! {
    GET "/admin/accounts" [administrator] => accounts::index;
    POST "/admin/accounts" [administrator] => accounts::create;
    GET "/admin/accounts/new" [administrator] => accounts::new;
    GET "/admin/accounts/{id}" [administrator] => accounts::show;
    POST "/admin/accounts/{id}/role" [administrator] => accounts::change_role;
    POST "/admin/accounts/{id}/invitation" [administrator] => accounts::invite;
    POST "/admin/accounts/{id}/deactivation" [administrator] => accounts::deactivate;
    POST "/admin/accounts/{id}/reactivation" [administrator] => accounts::reactivate;
}
