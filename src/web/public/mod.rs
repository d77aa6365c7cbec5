//! Pages for everybody: the first page, signing in, invitations, verification, and what machines ask.

pub mod health;

use crate::web::assets;
use crate::web::route::routes;

routes! {
    GET "/healthz" [public] => health::alive;
    GET "/readyz" [public] => health::ready;
    GET "/static/{name}" [public] => assets::show;
}
