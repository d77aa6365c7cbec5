//! Holders: the list with its search, and adding one.

pub mod page;
pub mod timeline;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::certificates::figures::{certificate_tag, counted};
use super::overview::search::LONGEST_SEARCH;
use crate::actions::ActionError;
use crate::actions::holders::{
    GivenCertificate, GivenHolder, Invited, MOST_COUNTED, WAVE, Wave, add, invite_wave, to_invite,
};
use crate::clock::Clock;
use crate::domain::certification::catalogue::Certification;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::{long_date, short_date};
use crate::domain::ids::AccountId;
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::portal::Portal;
use crate::store::accounts::Account;
use crate::store::certification::{catalogue, policies};
use crate::store::engine::paging::{Page, Place};
use crate::store::records::holders::{HolderFilter, SortColumn, State};
use crate::store::records::{holder_records, holders};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::receipt::once;
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
    signs_in: bool,
    closed: bool,
    added: String,
    /// The same, short.
    added_short: String,
    certificates: Vec<CertificateShown>,
}

impl HolderRow {
    /// Whether there is somebody to invite.
    fn invitable(&self) -> bool {
        !self.signs_in && !self.closed && !self.certificates.is_empty()
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
    let filter = filter_of(&query);
    let place = place(&query, |key| key.parse().ok().map(AccountId));
    let (administers, wanted) = (staff.administers(), filter.clone());
    let read = blocking(&portal, move |portal| HoldersPageData::load(portal, &wanted, &place, administers));
    let page = HoldersPage::new(&staff, read.await?, &query, &filter, &portal.clock);
    Ok(render(StatusCode::OK, &page))
}

/// What the list needs.
struct HoldersPageData {
    page: Page<Account>,
    /// What is known about those of them who have certificates or reports.
    files: Vec<HolderFile>,
    policies: Policies,
    certifications: Vec<Certification>,
    /// How many of the list can be invited now.
    to_invite: i64,
    /// How many were invited within the last day.
    lately: i64,
}

impl HoldersPageData {
    fn load(
        portal: &Portal,
        filter: &HolderFilter,
        place: &Place<AccountId>,
        administers: bool,
    ) -> Result<Self, ActionError> {
        let (to_invite, lately) = if administers { to_invite(portal, filter)? } else { (0, 0) };
        portal.store.read(|conn| {
            let page = holders::list(conn, filter, place, PAGE)?;
            let ids: Vec<_> = page.rows.iter().map(|account| account.id).collect();
            Ok(Self {
                page,
                files: holder_records::of_holders(conn, &ids, portal.clock.today())?,
                policies: policies::all(conn)?,
                certifications: catalogue::certifications(conn)?,
                to_invite,
                lately,
            })
        })
    }
}

impl HoldersPage {
    fn new(
        staff: &Person,
        data: HoldersPageData,
        query: &Fields,
        filter: &HolderFilter,
        clock: &Clock,
    ) -> HoldersPage {
        let state = STATES.iter().find(|(word, ..)| *word == query.one("state"));
        let state = state.map(|(word, ..)| *word).unwrap_or_default();
        let certification = filter.certification.map(|id| id.to_string()).unwrap_or_default();
        let (search, sort) = (&filter.search, query.one("sort"));
        let kept = [
            ("q", search.as_str()),
            ("anywhere", if filter.anywhere { "1" } else { "" }),
            ("state", state),
            ("certification", &certification),
            ("sort", sort),
        ];
        let row = |account: &Account| {
            let file = data.files.iter().find(|file| file.holder == account.id);
            row(account, file, &data.policies, clock)
        };
        HoldersPage {
            page: staff.layout("Holders"),
            pager: Pager::new("/staff/holders", &kept, &data.page, |account| account.id.to_string()),
            rows: data.page.rows.iter().map(row).collect(),
            states: STATES.iter().map(|(word, label, _)| Choice::new(*word, *label)).collect(),
            certifications: choices(&data.certifications),
            columns: COLUMNS.iter().map(|column| head(column, filter, &kept)).collect(),
            anywhere: (!search.is_empty() && !filter.anywhere).then(|| {
                let query =
                    url::form_urlencoded::Serializer::new(String::new()).append_pair("q", search).finish();
                format!("/staff/holders?{query}&anywhere=1")
            }),
            filtered: !search.is_empty() || !state.is_empty() || !certification.is_empty(),
            invite: InviteShown::new(&data, filter),
            state: state.to_owned(),
            sort: sort.to_owned(),
            search: search.clone(),
            administers: staff.administers(),
            certification,
        }
    }
}

impl InviteShown {
    fn new(data: &HoldersPageData, filter: &HolderFilter) -> Option<InviteShown> {
        let (to_invite, lately) = (data.to_invite, data.lately);
        (to_invite + lately > 0).then(|| InviteShown {
            people: up_to(to_invite),
            anybody: to_invite > 0,
            lately,
            wave: if to_invite > i64::try_from(WAVE).unwrap_or(i64::MAX) { WAVE } else { 0 },
            anywhere: filter.anywhere,
        })
    }
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

fn row(account: &Account, file: Option<&HolderFile>, policies: &Policies, clock: &Clock) -> HolderRow {
    let mut certificates = Vec::new();
    if let Some(file) = file {
        let ledger = HolderLedger::new(file, policies, clock.today());
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
        name: account.name.clone(),
        email: account.email.clone(),
        signs_in: account.has_password,
        closed: account.deactivated,
        added: long_date(clock.day_of(account.created_at)),
        added_short: short_date(clock.day_of(account.created_at), clock.today()),
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
pub fn choices(certifications: &[Certification]) -> Vec<Choice> {
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
