//! Everybody who can sign in: adding and inviting people, their roles, closing and opening accounts.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::ActionError;
use crate::actions::accounts::account_closing;
use crate::actions::accounts::account_closing::{Closing, InHand};
use crate::actions::accounts::{self, INVITATION_DAYS, NewAccount};
use crate::domain::certification::ending::EndingKind;
use crate::domain::dates::long_date;
use crate::domain::ids::AccountId;
use crate::domain::roles::Role;
use crate::portal::Portal;
use crate::store::accounts::{Account, AccountPlace};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsAdministrator, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// What the address of the list says: search, role, and where the page begins (a name and an id).
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    role: String,
    after: String,
    id: String,
}

#[derive(Template)]
#[template(path = "admin/accounts/index.html")]
struct ListPage {
    page: Layout,
    q: String,
    role: String,
    roles: Vec<Choice>,
    accounts: Vec<Account>,
    older: Option<String>,
    newer: Option<String>,
}

impl ListPage {
    fn role_of(&self, account: &Account) -> &'static str {
        role_label(account.role)
    }
}

fn role_label(role: Role) -> &'static str {
    match role {
        Role::Holder => "Holder",
        Role::Reviewer => "Reviewer",
        Role::Administrator => "Administrator",
    }
}

fn role_choices() -> Vec<Choice> {
    vec![
        Choice::new(Role::Holder.code(), "Holder").hint("Reports activities for their own certificates."),
        Choice::new(Role::Reviewer.code(), "Reviewer").hint("Reviews reports; sees every holder."),
        Choice::new(Role::Administrator.code(), "Administrator")
            .hint("Also decides about certificates, and looks after accounts and rules."),
    ]
}

/// `GET /admin/accounts`
pub async fn index(
    person: AsAdministrator,
    portal: web::Data<Portal>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, WebError> {
    let query = query.into_inner();
    let asked = query.clone();
    let (found, next) = blocking(&portal, move |portal| {
        let place = asked.id.parse().ok().map(|id| AccountPlace { name: asked.after, id });
        accounts::list(portal, &asked.q, Role::from_code(&asked.role), place.as_ref())
    })
    .await?;
    let address = |place: Option<&AccountPlace>| {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.append_pair("q", &query.q).append_pair("role", &query.role);
        if let Some(place) = place {
            text.append_pair("after", &place.name).append_pair("id", &place.id.to_string());
        }
        format!("/admin/accounts?{}", text.finish())
    };
    let page = ListPage {
        page: person.layout("Accounts"),
        older: next.as_ref().map(|place| address(Some(place))),
        newer: (!query.id.is_empty()).then(|| address(None)),
        roles: Role::ALL.into_iter().map(|role| Choice::new(role.code(), role_label(role))).collect(),
        q: query.q,
        role: query.role,
        accounts: found,
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the form for a new account sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AccountForm {
    name: String,
    email: String,
    role: String,
}

#[derive(Template)]
#[template(path = "admin/accounts/new.html")]
struct NewPage {
    page: Layout,
    errors: FieldErrors,
    form: AccountForm,
    roles: Vec<Choice>,
    days: i64,
}

fn new_page(person: &Person, status: StatusCode, form: AccountForm, errors: FieldErrors) -> HttpResponse {
    let page = NewPage {
        page: person.layout("Add a person"),
        errors,
        form,
        roles: role_choices(),
        days: INVITATION_DAYS,
    };
    render(status, &page)
}

/// `GET /admin/accounts/new`
pub async fn new(person: AsAdministrator) -> HttpResponse {
    new_page(&person, StatusCode::OK, AccountForm::default(), FieldErrors::new())
}

/// `POST /admin/accounts`
pub async fn create(
    person: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    form: CheckedForm<AccountForm>,
) -> Result<HttpResponse, WebError> {
    let CheckedForm(form) = form;
    let (typed, by) = (form.clone(), person.actor());
    let done = once(&request, &portal, move |portal| {
        let person = accounts::checked_person(&typed.name, &typed.email);
        let (_, role) = ActionError::both(person, chosen(&typed.role))?;
        accounts::add_and_invite(portal, &NewAccount { email: &typed.email, name: &typed.name, role }, by)
    })
    .await;
    Ok(match done.or_corrections()? {
        Ok(id) => {
            let text = format!("{} has been invited.", form.name.trim());
            see_other_with(format!("/admin/accounts/{id}"), Flash::success(text))
        }
        Err(errors) => new_page(&person, StatusCode::UNPROCESSABLE_ENTITY, form, errors),
    })
}

fn chosen(role: &str) -> Result<Role, ActionError> {
    Role::from_code(role).ok_or_else(|| ActionError::invalid("role", "Choose what the account is for."))
}

#[derive(Template)]
#[template(path = "admin/accounts/show.html")]
struct ShowPage {
    page: Layout,
    errors: FieldErrors,
    account: Account,
    added: String,
    invited: bool,
    own: bool,
    role: String,
    roles: Vec<Choice>,
    /// What its closing is asked about.
    in_hand: InHand,
    closing: ClosingForm,
    endings: Vec<Choice>,
    colleagues: Vec<Choice>,
}

impl ShowPage {
    fn role_label(&self) -> &'static str {
        role_label(self.account.role)
    }
}

async fn show_page(
    person: &Person,
    portal: &web::Data<Portal>,
    id: AccountId,
    role: Option<String>,
    closing: Option<ClosingForm>,
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    let ((account, invited), in_hand) = blocking(portal, move |portal| {
        Ok((accounts::show(portal, id)?, account_closing::in_hand(portal, id)?))
    })
    .await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ShowPage {
        page: person.layout(account.name.clone()),
        errors,
        added: long_date(portal.clock.day_of(account.created_at)),
        invited,
        own: account.id == person.account.id,
        role: role.unwrap_or_else(|| account.role.code().to_owned()),
        roles: role_choices(),
        account,
        closing: closing
            .unwrap_or_else(|| ClosingForm { certificates: "stay".to_owned(), ..ClosingForm::default() }),
        endings: ending_choices(),
        colleagues: in_hand
            .colleagues
            .iter()
            .map(|colleague| Choice::new(colleague.id.to_string(), colleague.name.clone()))
            .collect(),
        in_hand,
    };
    Ok(render(status, &page))
}

fn ending_choices() -> Vec<Choice> {
    vec![
        Choice::new("stay", "They stay in force").hint(
            "Nobody is reminded or flagged while the account is closed; once it is open again, the next run makes up for that.",
        ),
        Choice::new(EndingKind::Death.code(), "They end: the holder has died")
            .hint("Badges are withdrawn; everybody reads “no longer held”."),
        Choice::new(EndingKind::Wish.code(), "They end: the holder wants it")
            .hint("Badges are withdrawn; everybody reads “no longer held”."),
    ]
}

/// `GET /admin/accounts/{id}`
pub async fn show(
    person: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    show_page(&person, &portal, AccountId(id.into_inner()), None, None, FieldErrors::new()).await
}

/// What the forms of one account send.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChangeForm {
    role: String,
    version: String,
}

impl ChangeForm {
    /// What was shown when the form was sent; anything else counts as changed meanwhile.
    fn version(&self) -> i64 {
        self.version.parse().unwrap_or_default()
    }
}

/// `POST /admin/accounts/{id}/role`
pub async fn change_role(
    person: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    form: CheckedForm<ChangeForm>,
) -> Result<HttpResponse, WebError> {
    let CheckedForm(form) = form;
    let (id, by, version, typed) =
        (AccountId(id.into_inner()), person.actor(), form.version(), form.role.clone());
    let done =
        blocking(&portal, move |portal| accounts::change_role(portal, id, version, chosen(&typed)?, by))
            .await;
    finish(&person, &portal, id, (Some(form.role), None), done, "The role has been changed.").await
}

/// `POST /admin/accounts/{id}/invitation`
pub async fn invite(
    person: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, by) = (AccountId(id.into_inner()), person.actor().into());
    let done = once(&request, &portal, move |portal| accounts::invite_again(portal, id, by)).await;
    finish(&person, &portal, id, (None, None), done, "The invitation is on its way.").await
}

/// `POST /admin/accounts/{id}/deactivation`
pub async fn deactivate(
    person: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    form: CheckedForm<ClosingForm>,
) -> Result<HttpResponse, WebError> {
    let CheckedForm(form) = form;
    let (id, by, given) = (AccountId(id.into_inner()), person.actor(), form.clone());
    let done = blocking(&portal, move |portal| {
        let closing = Closing {
            certificates: &given.certificates,
            reason: &given.reason,
            conversations: &given.conversations,
        };
        accounts::deactivate(portal, id, given.version.parse().unwrap_or_default(), by, &closing)
    })
    .await;
    let said = "The account is closed. Nobody can sign in to it, and nothing is emailed to it.";
    finish(&person, &portal, id, (None, Some(form)), done, said).await
}

/// What the form that closes an account sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ClosingForm {
    version: String,
    /// What becomes of its certificates.
    certificates: String,
    reason: String,
    /// Who looks after its conversations.
    conversations: String,
}

/// `POST /admin/accounts/{id}/reactivation`
pub async fn reactivate(
    person: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    form: CheckedForm<ChangeForm>,
) -> Result<HttpResponse, WebError> {
    let (id, by, version) = (AccountId(id.into_inner()), person.actor(), form.0.version());
    let done = blocking(&portal, move |portal| accounts::reactivate(portal, id, version, by)).await;
    finish(&person, &portal, id, (None, None), done, "The account is open again.").await
}

/// Back to the account, with what was done or with what is wrong.
async fn finish(
    person: &Person,
    portal: &web::Data<Portal>,
    id: AccountId,
    (role, closing): (Option<String>, Option<ClosingForm>),
    done: Result<(), WebError>,
    said: &str,
) -> Result<HttpResponse, WebError> {
    match done.or_corrections()? {
        Ok(()) if id == person.account.id => Ok(see_other_with("/", Flash::success(said))),
        Ok(()) => Ok(see_other_with(format!("/admin/accounts/{id}"), Flash::success(said))),
        Err(errors) => show_page(person, portal, id, role, closing, errors).await,
    }
}
