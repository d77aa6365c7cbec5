//! Holders: the list with its search, and adding one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::figures::{Book, counted};
use crate::actions::holders::{GivenCertificate, GivenHolder, add, invite_all};
use crate::domain::calendar::long_date;
use crate::domain::ids::AccountId;
use crate::domain::ledger::{HolderFile, shares};
use crate::domain::policy::Policies;
use crate::portal::Portal;
use crate::store::accounts::Account;
use crate::store::holders::{Column, Filter, State};
use crate::store::{catalogue, files, holders, policies};
use crate::web::blocking::{OrCorrections, blocking};
use crate::web::checked::{CheckedFields, CheckedForm, Fields};
use crate::web::error::WebError;
use crate::web::flash::see_other_with;
use crate::web::form::{Choice, FieldErrors};
use crate::web::layout::{Flash, Layout};
use crate::web::once::once;
use crate::web::page::render;
use crate::web::paging::{Pager, place};
use crate::web::session::{AsAdministrator, AsReviewer, Person};
use crate::web::state::Tag;

/// Holders on one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "staff/holders/index.html")]
struct HoldersPage {
    page: Layout,
    search: String,
    state: String,
    certification: String,
    states: Vec<Choice>,
    certifications: Vec<Choice>,
    columns: Vec<HolderColumn>,
    /// The column and direction, as the address says it; empty for the usual one.
    sort: String,
    /// Where letters in the middle of a word are looked for, too.
    anywhere: Option<String>,
    filtered: bool,
    rows: Vec<HolderRow>,
    pager: Pager,
    administers: bool,
}

/// The head of a column that sorts.
struct HolderColumn {
    label: &'static str,
    href: String,
    /// `ascending`, `descending` or empty, for `aria-sort`.
    sorted: &'static str,
}

struct HolderRow {
    id: i64,
    name: String,
    email: String,
    invited: bool,
    closed: bool,
    added: String,
    certificates: Vec<CertificateShown>,
}

struct CertificateShown {
    id: i64,
    number: String,
    code: String,
    tag: Tag,
}

#[derive(Template)]
#[template(path = "staff/holders/new.html")]
struct NewHolderPage {
    page: Layout,
    errors: FieldErrors,
    form: NewHolder,
    certifications: Vec<Choice>,
}

/// A holder as the form gives it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewHolder {
    name: String,
    email: String,
    invite: String,
    certification: String,
    number: String,
    granted_on: String,
    tell: String,
}

/// GET /staff/holders `?q=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let search: String = query.one("q").trim().chars().take(100).collect();
    let state = STATES.iter().find(|(word, ..)| *word == query.one("state"));
    let sort = query.one("sort").to_owned();
    let (descending, column) = sort.strip_prefix('-').map_or((false, sort.as_str()), |column| (true, column));
    let column = COLUMNS.iter().find(|(word, ..)| *word == column);
    let filter = Filter {
        search: search.clone(),
        anywhere: query.has("anywhere"),
        state: state.map(|(_, _, state)| *state).unwrap_or_default(),
        certification: query.one("certification").parse().ok(),
        column: column.map(|(_, _, column)| *column).unwrap_or_default(),
        descending: descending && column.is_some(),
    };
    let place = place(&query, |key| key.parse().ok().map(AccountId));
    let (today, wanted) = (portal.clock.today(), filter.clone());
    let (page, read, policies, certifications) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let page = holders::list(conn, &wanted, &place, PAGE)?;
            let ids: Vec<_> = page.rows.iter().map(|account| account.id).collect();
            let read = files::of_holders(conn, &ids, today)?;
            Ok((page, read, policies::all(conn)?, catalogue::certifications(conn)?))
        })
    })
    .await?;
    let certification = filter.certification.map(|id| id.to_string()).unwrap_or_default();
    let state = state.map(|(word, ..)| *word).unwrap_or_default();
    let anywhere = if filter.anywhere { "1" } else { "" };
    let kept = [
        ("q", search.as_str()),
        ("anywhere", anywhere),
        ("state", state),
        ("certification", &certification),
        ("sort", &sort),
    ];
    let pager = Pager::new("/staff/holders", &kept, &page, |account| account.id.to_string());
    let rows = page
        .rows
        .into_iter()
        .map(|account| {
            let file = read.iter().find(|file| file.holder == account.id);
            row(account, file, &policies, today)
        })
        .collect();
    let page = HoldersPage {
        page: staff.layout("Holders"),
        states: STATES.iter().map(|(word, label, _)| Choice::new(*word, *label)).collect(),
        certifications: choices(&certifications),
        columns: COLUMNS.iter().map(|column| head(column, &filter, &kept)).collect(),
        anywhere: (!search.is_empty() && !filter.anywhere).then(|| {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("q", &search).finish();
            format!("/staff/holders?{query}&anywhere=1")
        }),
        filtered: !search.is_empty() || !state.is_empty() || !certification.is_empty(),
        state: state.to_owned(),
        certification,
        sort,
        search,
        rows,
        pager,
        administers: staff.administers(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// The columns that sort: the word in the address, the label, the column.
const COLUMNS: [(&str, &str, Column); 3] = [
    ("name", "Name", Column::Name),
    ("address", "Address", Column::Address),
    ("added", "Added", Column::Added),
];

/// The states that the list can be cut down to: the word in the address, the label, the state.
const STATES: [(&str, &str, State); 2] =
    [("new", "Have not signed in yet", State::NotSignedIn), ("closed", "Closed accounts", State::Closed)];

/// The head of a column: a link that sorts by it, and the other way round when it is sorted by it already.
fn head(
    (word, label, column): &(&'static str, &'static str, Column),
    filter: &Filter,
    kept: &[(&str, &str)],
) -> HolderColumn {
    let current = filter.column == *column;
    let sort = if current && !filter.descending { format!("-{word}") } else { (*word).to_owned() };
    let others = kept.iter().filter(|(name, value)| *name != "sort" && !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("sort", &sort)
        .finish();
    HolderColumn {
        label,
        href: format!("/staff/holders?{query}"),
        sorted: match (current, filter.descending) {
            (true, false) => "ascending",
            (true, true) => "descending",
            (false, _) => "",
        },
    }
}

fn row(
    account: Account,
    file: Option<&HolderFile>,
    policies: &Policies,
    today: chrono::NaiveDate,
) -> HolderRow {
    let mut certificates = Vec::new();
    if let Some(file) = file {
        let shares = shares(file, policies);
        let book = Book { file, shares: &shares, policies, today };
        for certificate in &file.certificates {
            certificates.push(CertificateShown {
                id: certificate.certificate.id.0,
                number: certificate.certificate.number.clone(),
                code: certificate.certificate.certification.code.clone(),
                tag: book.certificate_tag(certificate),
            });
        }
    }
    HolderRow {
        id: account.id.0,
        name: account.name,
        email: account.email,
        invited: account.has_password,
        closed: account.deactivated,
        added: long_date(account.created_at.date()),
        certificates,
    }
}

/// GET /staff/holders/new
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn new(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let form = NewHolder { invite: "1".to_owned(), tell: "1".to_owned(), ..NewHolder::default() };
    form_page(&staff, &portal, form, None).await
}

/// POST /staff/holders
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn create(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedForm(form): CheckedForm<NewHolder>,
) -> Result<HttpResponse, WebError> {
    let (actor, given) = (staff.actor(), form.clone());
    let added = once(&request, &portal, move |portal| {
        let certificate = GivenCertificate {
            certification: &given.certification,
            number: &given.number,
            granted_on: &given.granted_on,
            tell: !given.tell.is_empty(),
        };
        let holder = GivenHolder {
            name: &given.name,
            email: &given.email,
            invite: !given.invite.is_empty(),
            certificate,
        };
        add(portal, actor, &holder)
    })
    .await
    .or_corrections()?;
    match added {
        Ok(id) => {
            let words = format!("{} is added.", form.name.trim());
            Ok(see_other_with(format!("/staff/holders/{id}"), Flash::success(words)))
        }
        Err(errors) => form_page(&staff, &portal, form, Some(errors)).await,
    }
}

/// The certifications to choose from.
pub fn choices(certifications: &[crate::domain::catalogue::Certification]) -> Vec<Choice> {
    certifications
        .iter()
        .map(|c| Choice::new(c.id.to_string(), format!("{} · {}", c.code, c.title)))
        .collect()
}

async fn form_page(
    staff: &Person,
    portal: &web::Data<Portal>,
    form: NewHolder,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let certifications = blocking(portal, |portal| Ok(portal.store.read(catalogue::certifications)?)).await?;
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = NewHolderPage {
        page: staff.layout("Add a holder"),
        errors: errors.unwrap_or_default(),
        form,
        certifications: choices(&certifications),
    };
    Ok(render(status, &page))
}

/// POST /staff/holders/invitations: invites everybody who holds a certificate and cannot sign in yet.
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn invite_everybody(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let actor = staff.actor();
    let invited = once(&request, &portal, move |portal| invite_all(portal, actor)).await?;
    let flash = match i64::try_from(invited).unwrap_or(i64::MAX) {
        0 => Flash::info("Everybody who holds a certificate can sign in already."),
        many => {
            Flash::success(format!("{} in the outbox.", counted(many, "invitation is", "invitations are")))
        }
    };
    Ok(see_other_with("/staff/holders", flash))
}
