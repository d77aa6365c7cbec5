//! Holders: the list with its search, and adding one.

pub mod page;
pub mod timeline;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::certificates::figures::{certificate_tag, counted};
use super::overview::search::LONGEST_SEARCH;
use crate::actions::holders::{
    GivenCertificate, GivenHolder, Invited, MOST_COUNTED, WAVE, Wave, add, invite_wave, to_invite,
};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::long_date;
use crate::domain::ids::AccountId;
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::portal::Portal;
use crate::store::accounts::Account;
use crate::store::certification::{catalogue, policies};
use crate::store::records::holders::{HolderFilter, SortColumn, State};
use crate::store::records::{holder_records, holders};
use crate::web::forms::fields::{Choice, FieldErrors};
use crate::web::forms::receipt::once;
use crate::web::forms::token::{CheckedFields, CheckedForm, Fields};
use crate::web::http::auth::{AsAdministrator, AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::Tag;

/// Holders on one page.
const PAGE: i64 = 50;
/// More people than can be ticked on one page.
const MOST_TICKED: usize = 200;

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
    /// Whom of the list to invite; none when there is nobody, or the reader cannot.
    invite: Option<InviteShown>,
}

/// Holders of the list who cannot sign in yet.
struct InviteShown {
    /// How many were not invited within the last day, in words.
    people: String,
    /// Whether there are any.
    anybody: bool,
    /// How many were.
    lately: i64,
    /// How many one press invites, when that is not all of them; else 0.
    wave: usize,
    anywhere: bool,
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

impl HolderRow {
    /// Whether there is somebody to invite.
    fn invitable(&self) -> bool {
        !self.invited && !self.closed && !self.certificates.is_empty()
    }
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
    let state = STATES.iter().find(|(word, ..)| *word == query.one("state"));
    let sort = query.one("sort").to_owned();
    let filter = filter_of(&query);
    let search = filter.search.clone();
    let place = place(&query, |key| key.parse().ok().map(AccountId));
    let (today, wanted) = (portal.clock.today(), filter.clone());
    let administers = staff.administers();
    let (page, read, policies, certifications, (to_invite, lately)) = blocking(&portal, move |portal| {
        let to_invite = if administers { to_invite(portal, &wanted)? } else { (0, 0) };
        portal.store.read(|conn| {
            let page = holders::list(conn, &wanted, &place, PAGE)?;
            let ids: Vec<_> = page.rows.iter().map(|account| account.id).collect();
            let read = holder_records::of_holders(conn, &ids, today)?;
            Ok((page, read, policies::all(conn)?, catalogue::certifications(conn)?, to_invite))
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
        invite: (to_invite + lately > 0).then(|| InviteShown {
            people: up_to(to_invite),
            anybody: to_invite > 0,
            lately,
            wave: if to_invite > i64::try_from(WAVE).unwrap_or(i64::MAX) { WAVE } else { 0 },
            anywhere: filter.anywhere,
        }),
        rows,
        pager,
        administers,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The filter that an address, or the form for invitations, says.
fn filter_of(fields: &Fields) -> HolderFilter {
    let state = STATES.iter().find(|(word, ..)| *word == fields.one("state"));
    let sort = fields.one("sort");
    let (descending, column) = sort.strip_prefix('-').map_or((false, sort), |column| (true, column));
    let column = COLUMNS.iter().find(|(word, ..)| *word == column);
    HolderFilter {
        search: fields.one("q").trim().chars().take(LONGEST_SEARCH).collect(),
        anywhere: fields.has("anywhere"),
        state: state.map(|(_, _, state)| *state).unwrap_or_default(),
        certification: fields.one("certification").parse().ok(),
        column: column.map(|(_, _, column)| *column).unwrap_or_default(),
        descending: descending && column.is_some(),
    }
}

/// "203 people"; beyond what is counted, how many at least.
fn up_to(people: i64) -> String {
    match people {
        MOST_COUNTED.. => format!("{MOST_COUNTED} or more people"),
        _ => counted(people, "person", "people"),
    }
}

/// The columns that sort: the word in the address, the label, the column.
const COLUMNS: [(&str, &str, SortColumn); 3] = [
    ("name", "Name", SortColumn::Name),
    ("address", "Address", SortColumn::Address),
    ("added", "Added", SortColumn::Added),
];

/// The states that the list can be cut down to: the word in the address, the label, the state.
const STATES: [(&str, &str, State); 2] =
    [("new", "Have not signed in yet", State::NotSignedIn), ("closed", "Closed accounts", State::Closed)];

/// The head of a column: a link that sorts by it, and the other way round when it is sorted by it already.
fn head(
    (word, label, column): &(&'static str, &'static str, SortColumn),
    filter: &HolderFilter,
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
        let ledger = HolderLedger::new(file, policies, today);
        for certificate in &file.certificates {
            certificates.push(CertificateShown {
                id: certificate.certificate.id.0,
                number: certificate.certificate.number.clone(),
                code: certificate.certificate.certification.code.clone(),
                tag: certificate_tag(&ledger, certificate),
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
            ..GivenCertificate::default()
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
            let words = format!("{} has been added.", form.name.trim());
            Ok(see_other_with(format!("/staff/holders/{id}"), Flash::success(words)))
        }
        Err(errors) => form_page(&staff, &portal, form, Some(errors)).await,
    }
}

/// The certifications to choose from.
pub fn choices(certifications: &[crate::domain::certification::catalogue::Certification]) -> Vec<Choice> {
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

/// POST /staff/holders/invitations: invites those of the list who hold a certificate and cannot sign in yet, or those of them who are
/// ticked (`only=ticked`); who was invited within the last day only with `again`.
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn invite(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let actor = staff.actor();
    let ticked = (fields.one("only") == "ticked").then(|| {
        fields.all("holder").filter_map(|id| id.parse().ok().map(AccountId)).take(MOST_TICKED).collect()
    });
    let nobody = ticked.as_ref().is_some_and(Vec::is_empty);
    let wave = Wave { filter: filter_of(&fields), ticked, again: fields.has("again") };
    let invited = if nobody {
        Invited::default()
    } else {
        once(&request, &portal, move |portal| invite_wave(portal, actor, &wave)).await?
    };
    let flash = match (invited, i64::try_from(invited.invited).unwrap_or(i64::MAX)) {
        _ if nobody => Flash::info("Nobody was ticked. Tick the people to invite in the list."),
        (_, 0) => {
            Flash::info("Nobody was invited: they can sign in already, or were invited within the last day.")
        }
        (Invited { left: 0, .. }, many) => {
            Flash::success(format!("{} in the outbox.", counted(many, "invitation is", "invitations are")))
        }
        (Invited { left, .. }, many) => Flash::success(format!(
            "{} in the outbox. {} left: invite the next wave when these are on the way.",
            counted(many, "invitation is", "invitations are"),
            if left == 1 { "1 person is".to_owned() } else { format!("{} are", up_to(left)) }
        )),
    };
    let kept = ["q", "anywhere", "state", "certification", "sort"];
    let kept = kept.iter().map(|name| (*name, fields.one(name))).filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    let separator = if query.is_empty() { "" } else { "?" };
    Ok(see_other_with(format!("/staff/holders{separator}{query}"), flash))
}
