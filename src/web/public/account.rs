//! One's own account: who I am here, my password, where I am signed in.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::accounts::list_density::choose;
use crate::actions::accounts::passwords::{NewPassword, change};
use crate::actions::accounts::sessions;
use crate::clock::Clock;
use crate::domain::dates::long_date;
use crate::domain::roles::Role;
use crate::portal::Portal;
use crate::secrets::SHORTEST_PASSWORD;
use crate::store::StoreError;
use crate::store::accounts::Account;
use crate::store::accounts::calendar_feeds;
use crate::store::accounts::list_density::ListDensity;
use crate::store::accounts::sessions::{KEPT_DAYS, ListedSession};
use crate::store::mail::bounces;
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::http::auth::{AsAnyone, AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::client::browser_words;
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::notice_log::returned_address;
use crate::web::view::page::render;

/// What the form for another password sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    current_password: String,
    password: String,
    password_again: String,
}

struct SessionLine {
    id: i64,
    device: String,
    began: String,
    seen: String,
    /// The day until which it is kept on its device; empty for an ordinary one.
    kept_until: String,
    current: bool,
}

impl SessionLine {
    fn new(session: ListedSession, current: i64, clock: &Clock) -> Self {
        let moment = |at| {
            let local = clock.to_local(at);
            format!("{}, {}", long_date(local.date()), local.format("%H:%M"))
        };
        Self {
            id: session.id,
            device: browser_words(&session.browser),
            began: moment(session.created_at),
            seen: moment(session.seen_at),
            kept_until: session.kept_until.map(|at| long_date(clock.day_of(at))).unwrap_or_default(),
            current: session.id == current,
        }
    }
}

#[derive(Template)]
#[template(path = "public/account.html")]
struct AccountPage {
    page: Layout,
    account: Account,
    errors: FieldErrors,
    sessions: Vec<SessionLine>,
    /// How close rows of lists stand, as the form says it; none for who is not on staff.
    density: Option<String>,
    densities: Vec<Choice>,
    /// Whether this person can stay signed in on a device, and for how many days.
    keeps: bool,
    days: i64,
    shortest: usize,
    /// Since when there is a calendar address; empty without one.
    calendar_since: String,
    /// The address, the one time that it is shown.
    calendar: String,
    /// The same, so that a calendar program opens it.
    subscription: String,
    /// The address that mail came back from, while nobody has looked after it; empty otherwise.
    came_back: String,
}

impl AccountPage {
    fn role(&self) -> &'static str {
        match self.account.role {
            Role::Holder => "Holder of a certificate",
            Role::Reviewer => "Reviewer",
            Role::Administrator => "Administrator",
        }
    }
}

async fn page(
    person: &Person,
    portal: &web::Data<Portal>,
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    page_with(person, portal, errors, String::new()).await
}

/// The page with a calendar address that was just made: the one time that it is shown.
pub(super) async fn with_calendar(
    person: &Person,
    portal: &web::Data<Portal>,
    address: String,
) -> Result<HttpResponse, WebError> {
    page_with(person, portal, FieldErrors::new(), address).await
}

async fn page_with(
    person: &Person,
    portal: &web::Data<Portal>,
    errors: FieldErrors,
    calendar: String,
) -> Result<HttpResponse, WebError> {
    let (account, current) = (person.account.id, person.session_id);
    let (listed, (made_at, bounce)) = blocking(portal, move |portal| {
        let kept = portal.store.read(|conn| {
            Ok::<_, StoreError>((calendar_feeds::made_at(conn, account)?, bounces::open_of(conn, account)?))
        })?;
        Ok((sessions::list(portal, account)?, kept))
    })
    .await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AccountPage {
        page: person.layout("Your account"),
        account: person.account.clone(),
        errors,
        sessions: listed
            .into_iter()
            .map(|session| SessionLine::new(session, current, &portal.clock))
            .collect(),
        density: person.reviews().then(|| person.density().code().to_owned()),
        densities: densities(),
        keeps: person.account.role == Role::Holder,
        days: KEPT_DAYS,
        shortest: SHORTEST_PASSWORD,
        calendar_since: made_at.map(|at| long_date(portal.clock.day_of(at))).unwrap_or_default(),
        subscription: calendar
            .split_once("://")
            .map(|(_, rest)| format!("webcal://{rest}"))
            .unwrap_or_default(),
        calendar,
        came_back: returned_address(bounce),
    };
    Ok(render(status, &page))
}

fn densities() -> Vec<Choice> {
    let label = |density| match density {
        ListDensity::Dense => "One line each, as many as fit",
        ListDensity::Comfortable => "Comfortable: with more room and with explanations",
    };
    ListDensity::ALL.iter().map(|density| Choice::new(density.code(), label(*density))).collect()
}

/// `POST /account/lists`
pub async fn set_lists(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (actor, density) = (staff.actor(), fields.one("density").to_owned());
    match blocking(&portal, move |portal| choose(portal, actor, &density)).await.or_corrections()? {
        Ok(ListDensity::Dense) => {
            Ok(see_other_with("/account#lists", Flash::success("Lists show one line for each row.")))
        }
        Ok(ListDensity::Comfortable) => {
            Ok(see_other_with("/account#lists", Flash::success("Rows of lists have more room.")))
        }
        Err(errors) => page(&staff, &portal, errors).await,
    }
}

/// `GET /account`
pub async fn show(person: AsAnyone, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    page(&person, &portal, FieldErrors::new()).await
}

/// `POST /account/password`
pub async fn change_password(
    person: AsAnyone,
    portal: web::Data<Portal>,
    form: CheckedForm<PasswordForm>,
) -> Result<HttpResponse, WebError> {
    let (by, session) = (person.actor(), person.session_id);
    let done = blocking(&portal, move |portal| {
        let CheckedForm(form) = form;
        let new = NewPassword { password: &form.password, password_again: &form.password_again };
        change(portal, by, session, &form.current_password, new)
    })
    .await;
    match done.or_corrections()? {
        Ok(()) => {
            let text = "Your new password has been set. You are signed out everywhere else.";
            Ok(see_other_with("/account", Flash::success(text)))
        }
        Err(errors) => page(&person, &portal, errors).await,
    }
}

/// `POST /account/sessions/{id}/removal`
pub async fn end_session(
    person: AsAnyone,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (by, id) = (person.actor(), id.into_inner());
    blocking(&portal, move |portal| sessions::end(portal, by, id)).await?;
    Ok(see_other_with("/account", Flash::success("That device is signed out.")))
}

/// `POST /account/sessions/removal`
pub async fn end_other_sessions(
    person: AsAnyone,
    portal: web::Data<Portal>,
    _: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (by, session) = (person.actor(), person.session_id);
    let ended = blocking(&portal, move |portal| sessions::end_others(portal, by, session)).await?;
    let text = match ended {
        0 => "You were signed in nowhere else.",
        _ => "You are signed out everywhere else.",
    };
    Ok(see_other_with("/account", Flash::success(text)))
}
