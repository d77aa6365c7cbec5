//! How an area lists its routes: a line names the people, and so the extractor with which its handler begins.

/// Lists the routes of an area: `GET "/activities/{id}" [holder] => activities::show;`, and `POST "/advice" [holder] takes PROOFS => …`
/// where a form brings files, `POST "/admin/fields" [administrator] on "/admin/certifications" => …` where it stands on a page that its path
/// does not begin with. Gives a constant `ROUTES` and a function `entries()`.
macro_rules! routes {
    ($($method:ident $path:literal [$($who:ident),+] $(takes $takes:ident)? $(on $page:literal)? => $handler:path;)*) => {
        /// The routes of this area.
        pub const ROUTES: &[$crate::web::http::route::Route] = &[$($crate::web::http::route::Route {
            method: stringify!($method),
            path: $path,
            who: <$crate::web::http::routes::extractor!($($who),+) as $crate::web::http::access::Access>::WHO,
            takes: $crate::web::http::routes::takes!($($takes)?),
            page: $crate::web::http::routes::page!($($page)?),
        }),*];

        /// The routes of this area with the handlers that answer them.
        pub fn entries() -> Vec<$crate::web::http::route::RouteEntry> {
            let handlers: Vec<actix_web::Route> =
                vec![$($crate::web::http::routes::method!($method).to(
                    $crate::web::http::access::serving::<$crate::web::http::routes::extractor!($($who),+), _, _>($handler)
                )),*];
            ROUTES
                .iter()
                .zip(handlers)
                .map(|(route, handler)| $crate::web::http::route::RouteEntry { route: *route, handler })
                .collect()
        }
    };
}

/// The extractor with which the handlers of a line begin.
macro_rules! extractor {
    (public) => {
        $crate::web::http::access::Everybody
    };
    (holder) => {
        $crate::web::http::auth::AsHolder
    };
    (reviewer) => {
        $crate::web::http::auth::AsReviewer
    };
    (administrator) => {
        $crate::web::http::auth::AsAdministrator
    };
    (holder, reviewer) => {
        $crate::web::http::auth::AsAnyone
    };
}

macro_rules! takes {
    () => {
        $crate::web::http::bounds::Bounds::PLAIN
    };
    ($bounds:ident) => {
        $crate::web::http::bounds::Bounds::$bounds
    };
}

macro_rules! page {
    () => {
        None
    };
    ($page:literal) => {
        Some($page)
    };
}

macro_rules! method {
    (GET) => {
        actix_web::web::route().guard($crate::web::http::route::get_or_head())
    };
    (POST) => {
        actix_web::web::post()
    };
}

pub(in crate::web) use {extractor, method, page, routes, takes};
