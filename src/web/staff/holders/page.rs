//! One holder: certificates, reports, everything that happened; correcting, inviting, granting.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::choices;
use super::timeline::{PAGE, Timeline, asked, timeline};
use crate::actions::ActionError;
use crate::actions::accounts::invite_again;
use crate::actions::certification::grant::TWIN;
use crate::actions::holders::{GivenCertificate, correct, grant_certificate};
use crate::actions::staff_notes::NoteAbout;
use crate::badges::glyphs::unprintable;
use crate::domain::activities::activity::Activity;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::long_date;
use crate::domain::ids::{AccountId, HolderId};
use crate::domain::ledger::derivation::Reader;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::{CertificateFile, HolderFile};
use crate::domain::roles::Role;
use crate::portal::Portal;
use crate::store::accounts::{self, Account};
use crate::store::certification::{catalogue, policies};
use crate::store::conversations::Conversation;
use crate::store::engine::paging::Place;
use crate::store::mail::bounces;
use crate::store::mail::bounces::Bounce;
use crate::store::records::holder_records;
use crate::store::records::staff_notes::{self, StaffNote};
use crate::store::records::timeline::{Part, Reached, TimelineEntry, of_holder};
use crate::store::{Conn, conversations};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsAdministrator, AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::{YearFigures, certificate_tag};
use crate::web::staff::review::verdict::seen;
use crate::web::view::acquaintances::{AcquaintanceData, AcquaintanceShown};
use crate::web::view::conversation::ConversationLine;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::staff_notes::{NotesPlace, NotesShown, READ, notes_before};
use crate::web::view::tags::{Tag, staff_tag};

/// Reports on the page.
const REPORTS: usize = 100;

#[derive(Template)]
#[template(path = "staff/holders/show.html")]
struct HolderPage {
    page: Layout,
    errors: FieldErrors,
    form: ColleagueForm,
    id: i64,
    email: String,
    /// The words of the name that no bundled font can print.
    unprintable: String,
    state: Tag,
    can_invite: bool,
    administers: bool,
    is_holder: bool,
    certificates: Vec<CertificateCard>,
    reports: Vec<ReportRow>,
    more_reports: bool,
    timeline: Timeline,
    own: bool,
    conversations: Vec<ConversationLine>,
    /// A mail that came back, which nobody has looked after.
    came_back: Option<i64>,
    /// Notes that only staff read, those about reports and conversations among them.
    notes: Option<NotesShown>,
    /// Whether the reader knows the holder, and who else does.
    acquaintance: Option<AcquaintanceShown>,
    /// Whose word about that the reader can take back.
    endable: Vec<Choice>,
}

/// What is for colleagues, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct ColleagueForm {
    /// A note for staff.
    pub note: String,
    /// What the reader says about knowing the holder.
    pub known_reason: String,
    /// The colleague whose word about that is taken back.
    pub colleague: String,
    /// Why it is.
    pub ended_reason: String,
    /// Not empty when it is the reader's own.
    pub alone: String,
}

struct CertificateCard {
    id: i64,
    title: String,
    number: String,
    granted: String,
    tag: Tag,
    years: Vec<YearFigures>,
}

struct ReportRow {
    id: i64,
    title: String,
    completed: String,
    quantity: String,
    tag: Tag,
}

#[derive(Template)]
#[template(path = "staff/holders/edit.html")]
struct EditPage {
    page: Layout,
    errors: FieldErrors,
    form: HolderForm,
    id: i64,
    back: String,
}

/// A correction as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HolderForm {
    name: String,
    email: String,
    version: String,
}

#[derive(Template)]
#[template(path = "staff/holders/grant.html")]
struct GrantPage {
    page: Layout,
    errors: FieldErrors,
    form: GrantForm,
    id: i64,
    back: String,
    unprintable: String,
    certifications: Vec<Choice>,
    /// Whether it has to be said that a second certificate of one certification is meant.
    asks_twin: bool,
    /// Whether the account is closed, so that it has to be said that the certificate is meant for it.
    asks_closed: bool,
}

/// A certificate as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct GrantForm {
    certification: String,
    number: String,
    granted_on: String,
    tell: String,
    /// That a second certificate of one certification is meant.
    twin: String,
    /// That a certificate for a closed account is meant.
    closed: String,
}

/// GET /staff/holders/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    page(&staff, &request, &portal, AccountId(*id), None).await
}

/// The page of a holder, with what was typed when there is something to mend.
///
/// # Errors
/// As [`show`].
pub(in crate::web::staff) async fn page(
    staff: &Person,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: HolderId,
    typed: Option<(ColleagueForm, FieldErrors)>,
) -> Result<HttpResponse, WebError> {
    let today = portal.clock.today();
    let query = Fields::parse(request.query_string().as_bytes());
    let ((part, reached), notes) = (asked(&query), notes_before(&query));
    let me = staff.account.id;
    let read = blocking(portal, move |portal| {
        portal.store.read(|conn| HolderPageData::load(conn, (id, me), (part, reached), notes, today))
    });
    let page = HolderPage::new(staff, portal, read.await?, (part, reached));
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (form, errors) = typed.unwrap_or_default();
    Ok(render(status, &HolderPage { form, errors, ..page }))
}

/// What the page needs, read together.
struct HolderPageData {
    account: Account,
    file: HolderFile,
    policies: Policies,
    activities: Vec<Activity>,
    /// A page of what happened, and where older things follow.
    entries: (Vec<TimelineEntry>, Option<Reached>),
    /// The latest ones.
    conversations: Vec<Conversation>,
    bounce: Option<Bounce>,
    notes: Vec<StaffNote>,
    /// The note before which they were asked for.
    notes_before: Option<i64>,
    /// Who knows the holder.
    known: AcquaintanceData,
}

impl HolderPageData {
    fn load(
        conn: &mut Conn<'_>,
        (id, me): (HolderId, AccountId),
        (part, reached): (Part, Reached),
        notes_before: Option<i64>,
        today: NaiveDate,
    ) -> Result<Self, ActionError> {
        let account = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
        let (file, activities) = holder_records::with_activities(conn, id, today)?;
        Ok(Self {
            account,
            file,
            activities,
            policies: policies::all(conn)?,
            entries: of_holder(conn, (id, me), part, reached, PAGE)?,
            conversations: conversations::of_holder(conn, id, &Place::Start, 10)?.rows,
            bounce: bounces::open_of(conn, id)?,
            notes: staff_notes::of_holder(conn, id, notes_before, READ)?,
            notes_before,
            known: AcquaintanceData::load(conn, id, me)?,
        })
    }
}

impl HolderPage {
    fn new(staff: &Person, portal: &Portal, data: HolderPageData, shown: (Part, Reached)) -> HolderPage {
        let (account, today) = (data.account, portal.clock.today());
        let ledger = HolderLedger::new(&data.file, &data.policies, today);
        let cards = data.file.certificates.iter();
        let reported = data.activities.iter().filter(|activity| activity.reported_at.is_some());
        let mut reports: Vec<ReportRow> = reported.map(report_row).collect();
        let more_reports = reports.len() > REPORTS;
        reports.truncate(REPORTS);
        let lines = data.conversations.iter();
        let (id, me) = (account.id, staff.account.id);
        let holder = (id, account.name.as_str());
        let here = format!("/staff/holders/{id}");
        let about = NoteAbout::Holder(id);
        let notes = NotesPlace { about, suffix: "", here: &here, before: data.notes_before };
        let acquaintance = AcquaintanceShown::of(&data.known, holder, staff, String::new(), portal);
        HolderPage {
            errors: FieldErrors::new(),
            endable: acquaintance.as_ref().map(|shown| shown.endable.clone()).unwrap_or_default(),
            form: ColleagueForm::default(),
            notes: NotesShown::of(data.notes, &notes, id == me, staff, portal),
            acquaintance,
            unprintable: unprintable(&account.name),
            page: staff.layout(account.name.clone()),
            id: account.id.0,
            state: state(&account),
            can_invite: !account.has_password && !account.deactivated,
            administers: staff.administers(),
            is_holder: account.role == Role::Holder,
            email: account.email,
            certificates: cards.map(|own| CertificateCard::new(&ledger, own, today)).collect(),
            reports,
            more_reports,
            timeline: timeline(&format!("/staff/holders/{}", account.id), shown, data.entries, portal),
            own: account.id == staff.account.id,
            conversations: lines.map(|row| ConversationLine::new(row, Reader::Staff, portal)).collect(),
            came_back: data.bounce.map(|bounce| bounce.mail.0),
        }
    }
}

impl CertificateCard {
    fn new(ledger: &HolderLedger<'_>, own: &CertificateFile, today: NaiveDate) -> CertificateCard {
        let holds = &own.certificate;
        CertificateCard {
            id: holds.id.0,
            title: holds.certification.title.clone(),
            number: holds.number.clone(),
            granted: long_date(holds.granted_on),
            tag: certificate_tag(ledger, own),
            years: if holds.stands() {
                ledger.years_that_matter(own).map(|year| YearFigures::new(&year, today)).collect()
            } else {
                Vec::new()
            },
        }
    }
}

const fn state(account: &Account) -> Tag {
    if account.deactivated {
        Tag { kind: "off", label: "Account closed" }
    } else if account.has_password {
        Tag { kind: "good", label: "Can sign in" }
    } else {
        Tag { kind: "info", label: "Has not signed in yet" }
    }
}

fn report_row(activity: &Activity) -> ReportRow {
    let facts = &activity.facts;
    ReportRow {
        id: activity.id.0,
        title: facts.title.clone(),
        completed: facts.completed_on.map(long_date).unwrap_or_default(),
        quantity: activity
            .awarded
            .or(facts.quantity)
            .map(|quantity| quantity.to_string())
            .unwrap_or_default(),
        tag: staff_tag(activity.status),
    }
}

/// POST /staff/holders/{id}/invitation
pub async fn invite(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, by) = (AccountId(*id), staff.actor());
    let invited =
        once(&request, &portal, move |portal| invite_again(portal, id, by)).await.or_corrections()?;
    let flash = match invited {
        Ok(()) => Flash::success("The invitation is in the outbox. Its link works for 14 days."),
        Err(errors) => {
            Flash::warning(errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" "))
        }
    };
    Ok(see_other_with(format!("/staff/holders/{id}"), flash))
}

/// GET /staff/holders/{id}/edit
///
/// # Errors
/// `WebError::NotFound`.
pub async fn edit(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let account = account(&portal, AccountId(*id)).await?;
    let form = HolderForm {
        name: account.name.clone(),
        email: account.email.clone(),
        version: account.version.to_string(),
    };
    Ok(edit_page(&staff, &account, form, None))
}

fn edit_page(
    staff: &Person,
    account: &Account,
    form: HolderForm,
    errors: Option<FieldErrors>,
) -> HttpResponse {
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = EditPage {
        page: staff.layout("Correct name or address"),
        errors: errors.unwrap_or_default(),
        form,
        id: account.id.0,
        back: account.name.clone(),
    };
    render(status, &page)
}

/// POST /staff/holders/{id}
///
/// # Errors
/// `WebError`; 409 when somebody was first.
pub async fn update(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<HolderForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (AccountId(*id), staff.actor(), form.clone());
    let corrected = blocking(&portal, move |portal| {
        correct(portal, actor, id, seen(&given.version), &given.name, &given.email)
    })
    .await
    .or_corrections()?;
    match corrected {
        Ok(()) => Ok(see_other_with(format!("/staff/holders/{id}"), Flash::success("Saved."))),
        Err(errors) => Ok(edit_page(&staff, &account(&portal, id).await?, form, Some(errors))),
    }
}

/// GET /staff/holders/{id}/certificates: the form that grants one.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn new_certificate(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let form = GrantForm { tell: "1".to_owned(), ..GrantForm::default() };
    grant_page(&staff, &portal, AccountId(*id), form, None).await
}

/// POST /staff/holders/{id}/certificates
pub async fn grant(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<GrantForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (AccountId(*id), staff.actor(), form.clone());
    let granted = once(&request, &portal, move |portal| {
        let certificate = GivenCertificate {
            certification: &given.certification,
            number: &given.number,
            granted_on: &given.granted_on,
            tell: !given.tell.is_empty(),
            twin: !given.twin.is_empty(),
            closed: !given.closed.is_empty(),
        };
        grant_certificate(portal, actor, id, &certificate)
    })
    .await
    .or_corrections()?;
    match granted {
        Ok(certificate) => {
            let flash = Flash::success("The certificate has been granted, with its badge.");
            Ok(see_other_with(format!("/staff/certificates/{certificate}"), flash))
        }
        Err(errors) => grant_page(&staff, &portal, id, form, Some(errors)).await,
    }
}

async fn grant_page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: HolderId,
    form: GrantForm,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let read = blocking(portal, move |portal| {
        portal.store.read(|conn| {
            let account = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
            Ok::<_, ActionError>((account, catalogue::certifications(conn)?))
        })
    });
    let (account, certifications) = read.await?;
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let errors = errors.unwrap_or_default();
    let page = GrantPage {
        page: staff.layout("Grant a certificate"),
        asks_twin: errors.has(TWIN) || !form.twin.is_empty(),
        asks_closed: account.deactivated,
        errors,
        form,
        id: id.0,
        unprintable: unprintable(&account.name),
        back: account.name,
        certifications: choices(&certifications),
    };
    Ok(render(status, &page))
}

async fn account(portal: &web::Data<Portal>, id: HolderId) -> Result<Account, WebError> {
    blocking(portal, move |portal| {
        portal.store.read(|conn| accounts::find(conn, id))?.ok_or(ActionError::NotFound)
    })
    .await
}
