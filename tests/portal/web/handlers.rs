//! The table of routes and the signatures of the handlers are one value: a handler that does not begin with the extractor of its line does
//! not compile. That it would not is planted here.

use std::marker::PhantomData;

use actix_web::{Handler, HttpRequest, HttpResponse, web};
use cpe_portal::portal::Portal;
use cpe_portal::web::http::access::{Access, Everybody, Serves, Who};
use cpe_portal::web::http::auth::{AsAdministrator, AsAnyone, AsHolder, AsReviewer, Visitor};

/// A handler behind a line of the table that names the extractor `E`.
struct Line<E, Args, H>(PhantomData<(E, Args)>, #[allow(dead_code)] H);

fn line<E, Args, H: Handler<Args>>(handler: H) -> Line<E, Args, H> {
    Line(PhantomData, handler)
}

/// What the compiler accepts. It looks here first.
trait Accepted {
    fn compiles(&self) -> bool {
        true
    }
}

impl<E, Args, H: Serves<E, Args>> Accepted for Line<E, Args, H> {}

/// Everything else.
trait Refused {
    fn compiles(&self) -> bool {
        false
    }
}

impl<E, Args, H> Refused for &Line<E, Args, H> {}

macro_rules! compiles {
    ($extractor:ty => $handler:path) => {
        (&line::<$extractor, _, _>($handler)).compiles()
    };
}

async fn open() -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn of_visitors(_: Visitor, _: HttpRequest, _: web::Path<String>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn of_anyone(_: AsAnyone, _: web::Data<Portal>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn of_holders(_: AsHolder, _: web::Data<Portal>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn of_reviewers(_: AsReviewer, _: web::Data<Portal>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn of_administrators(_: AsAdministrator, _: web::Data<Portal>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn asks_late(_: web::Data<Portal>, _: AsReviewer) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn asks_twice(_: AsReviewer, _: AsAdministrator) -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[test]
fn a_handler_compiles_behind_a_line_for_the_same_people() {
    assert!(compiles!(Everybody => open));
    assert!(compiles!(Everybody => of_visitors));
    assert!(compiles!(AsAnyone => of_anyone));
    assert!(compiles!(AsHolder => of_holders));
    assert!(compiles!(AsReviewer => of_reviewers));
    assert!(compiles!(AsAdministrator => of_administrators));
}

#[test]
fn planted_handlers_for_other_people_than_their_line_do_not_compile() {
    assert!(!compiles!(AsReviewer => open), "a line that the handler does not guard");
    assert!(!compiles!(AsReviewer => of_visitors));
    assert!(!compiles!(AsReviewer => of_anyone));
    assert!(!compiles!(AsAdministrator => of_reviewers), "the handler is for more people than the line");
    assert!(!compiles!(AsReviewer => of_administrators), "the handler is for fewer people than the line");
    assert!(!compiles!(AsHolder => of_anyone));
    assert!(!compiles!(AsAnyone => of_holders));
    assert!(!compiles!(Everybody => of_holders), "a line that says public, and a handler that is not");
    assert!(!compiles!(AsReviewer => asks_late), "whoever is refused is refused first");
    assert!(!compiles!(AsReviewer => asks_twice));
    assert!(!compiles!(Everybody => asks_late));
}

#[test]
fn an_extractor_says_whom_its_lines_are_for() {
    assert_eq!(Everybody::WHO, [Who::Public]);
    assert_eq!(AsAnyone::WHO, [Who::Holder, Who::Reviewer]);
    assert_eq!(AsHolder::WHO, [Who::Holder]);
    assert_eq!(AsReviewer::WHO, [Who::Reviewer]);
    assert_eq!(AsAdministrator::WHO, [Who::Administrator]);
}
