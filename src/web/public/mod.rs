//! Pages for everybody: the first page, signing in, invitations, verification, one's own account, and what machines ask.

pub mod badge_intake;

pub mod account;
pub mod achievements;
pub mod badge_check;
pub mod badge_documents;
pub mod badge_form;
pub mod calendar;
pub mod guide;
pub mod health;
pub mod home;
pub mod invitation;
pub mod my_mail;
pub mod new_password;
pub mod password_reset;
pub mod precedents;
pub mod sign_in;
pub mod verify;

use crate::web::http::assets;
use crate::web::http::routes::routes;

routes! {
    GET "/" [public] => home::show;
    GET "/sign-in" [public] => sign_in::new;
    POST "/sign-in" [public] => sign_in::create;
    POST "/sign-out" [holder, reviewer] => sign_in::delete;
    GET "/password-reset" [public] => password_reset::new;
    POST "/password-reset" [public] => password_reset::create;
    GET "/password-reset/{token}" [public] => password_reset::edit;
    POST "/password-reset/{token}" [public] => password_reset::update;
    GET "/invitation/{token}" [public] => invitation::show;
    POST "/invitation/{token}" [public] => invitation::update;
    GET "/account" [holder, reviewer] => account::show;
    GET "/account/mail" [holder, reviewer] => my_mail::index;
    POST "/account/address" [holder, reviewer] => my_mail::confirm;
    POST "/account/lists" [reviewer] => account::set_lists;
    POST "/account/password" [holder, reviewer] => account::change_password;
    POST "/account/sessions/removal" [holder, reviewer] => account::end_other_sessions;
    POST "/account/sessions/{id}/removal" [holder, reviewer] => account::end_session;
    POST "/account/calendar" [holder, reviewer] => calendar::create;
    POST "/account/calendar/removal" [holder, reviewer] => calendar::delete;
    GET "/calendar/{token}.ics" [public] => calendar::show;
    GET "/guide" [public] => guide::show;
    GET "/precedents" [holder, reviewer] => precedents::index;
    GET "/precedents/nearest" [holder, reviewer] => precedents::alike;
    GET "/verify" [public] => verify::show;
    POST "/verify" [public] => badge_check::create;
    GET "/badges/{id}.json" [public] => badge_documents::json;
    GET "/badges/{id}.png" [public] => badge_documents::png;
    GET "/badges/{id}.svg" [public] => badge_documents::svg;
    GET "/badges/{id}/qr.svg" [public] => badge_documents::qr;
    GET "/badges/{id}" [public] => badge_documents::show;
    GET "/status/{number}" [public] => badge_documents::status_list;
    GET "/.well-known/did.json" [public] => badge_documents::issuer;
    GET "/achievements/{code}" [public] => achievements::show;
    GET "/achievements/{code}/image.png" [public] => achievements::image;
    GET "/ob2/issuer" [public] => achievements::issuer;
    GET "/ob2/badges/{code}" [public] => achievements::class;
    GET "/ob2/assertions/{id}" [public] => achievements::assertion;
    GET "/healthz" [public] => health::alive;
    GET "/readyz" [public] => health::ready;
    GET "/static/{name}" [public] => assets::show;
}
