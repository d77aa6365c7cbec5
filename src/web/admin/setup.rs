//! The first steps of a new portal: what is in force, whether mail arrives, the first colleague, the holders.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::overview::setup::{fetch_back, put_away, test_mail};
use crate::domain::ids::AccountId;
use crate::domain::job::JobName;
use crate::domain::notices::delivery::MailState;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::jobs::TIMETABLE;
use crate::jobs::manual_run::run_now;
use crate::portal::Portal;
use crate::store::engine::paging::Place;
use crate::store::mail::holder_holds;
use crate::store::mail::mail_log;
use crate::store::mail::mail_log::{LoggedMail, Which};
use crate::store::operations::setup::{self, Beginnings};
use crate::store::{Conn, StoreError};
use crate::web::forms::plain::CheckedFields;
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsAdministrator, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::tags::Tag;

/// Mails to oneself among which the test is looked for.
const RECENT: i64 = 50;

#[derive(Template)]
#[template(path = "admin/setup.html")]
struct SetupPage {
    page: Layout,
    body: String,
    contact: String,
    time_zone: String,
    address: String,
    to_folder: bool,
    email: String,
    test: Option<TestShown>,
    mail: Tag,
    colleague: Tag,
    holders: Tag,
    policy: Tag,
    /// Whether mails to holders leave.
    live: bool,
    dismissed: bool,
    done: bool,
}

struct TestShown {
    id: i64,
    at: String,
    words: String,
}

/// What a portal that begins has, and the test mail that this administrator sent last.
pub fn progress(conn: &mut Conn<'_>, me: AccountId) -> Result<(Beginnings, Option<LoggedMail>), StoreError> {
    let mails = mail_log::list(conn, Which::To(me), &Place::Start, RECENT)?;
    Ok((setup::beginnings(conn, me)?, mails.rows.into_iter().find(|mail| mail.kind.is(NoticeKind::MailTest))))
}

const fn tag(done: bool) -> Tag {
    if done { Tag { kind: "good", label: "Done" } } else { Tag { kind: "info", label: "Open" } }
}

/// GET /admin/setup
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let me = staff.account.id;
    let read =
        blocking(&portal, move |portal| Ok(portal.store.read(|conn| SetupPageData::load(conn, me))?));
    let page = SetupPage::new(&staff, &portal, read.await?);
    Ok(render(StatusCode::OK, &page))
}

/// What the page needs, read together.
struct SetupPageData {
    beginnings: Beginnings,
    /// The test mail that this administrator sent last.
    test: Option<LoggedMail>,
    /// Whether mails to holders leave.
    live: bool,
}

impl SetupPageData {
    fn load(conn: &mut Conn<'_>, me: AccountId) -> Result<Self, StoreError> {
        let (beginnings, test) = progress(conn, me)?;
        Ok(Self { beginnings, test, live: !holder_holds::is_held(conn)? })
    }
}

impl SetupPage {
    fn new(staff: &Person, portal: &Portal, data: SetupPageData) -> SetupPage {
        let SetupPageData { beginnings: there, test, live } = data;
        let config = &portal.config;
        // a file in a folder reaches nobody
        let to_folder = config.smtp.is_none();
        let delivered = !to_folder && test.as_ref().is_some_and(|mail| mail.state == MailState::Sent);
        SetupPage {
            page: staff.layout("Set up the portal"),
            body: config.body.clone(),
            contact: config.contact.clone(),
            time_zone: config.time_zone.to_string(),
            address: config.url.clone(),
            to_folder,
            email: staff.account.email.clone(),
            mail: match test.as_ref().map(|mail| mail.state) {
                Some(MailState::Failed) => Tag { kind: "bad", label: "Did not arrive" },
                Some(MailState::Uncertain) => Tag { kind: "action", label: "Uncertain" },
                Some(MailState::Pending | MailState::Claimed | MailState::Committing) => {
                    Tag { kind: "wait", label: "On its way" }
                }
                Some(MailState::Sent) | None => tag(delivered),
            },
            test: test.map(|mail| TestShown::new(&mail, to_folder, portal)),
            colleague: tag(there.colleague),
            holders: tag(there.holder),
            policy: tag(there.policy || there.holder),
            dismissed: there.dismissed,
            live,
            done: delivered && there.colleague && there.holder && live,
        }
    }
}

impl TestShown {
    fn new(mail: &LoggedMail, to_folder: bool, portal: &Portal) -> TestShown {
        TestShown {
            id: mail.id.0,
            at: instant(&portal.clock, mail.sent_at.unwrap_or(mail.created_at)),
            words: match mail.state {
                MailState::Sent if to_folder => "It is a file in the folder".to_owned(),
                MailState::Sent => "The mail server has accepted it".to_owned(),
                MailState::Failed => format!("It failed: {}", mail.last_error),
                MailState::Uncertain => format!(
                    "It may or may not have arrived; look in your mailbox, then say on its page what is true. The line broke: {}",
                    mail.last_error
                ),
                MailState::Pending | MailState::Claimed | MailState::Committing
                    if mail.last_error.is_empty() =>
                {
                    "It is in the outbox".to_owned()
                }
                MailState::Pending | MailState::Claimed | MailState::Committing => {
                    format!("It will be tried again. The last try: {}", mail.last_error)
                }
            },
        }
    }
}

/// POST /admin/setup/mail: a test mail to the administrator's own address, through the outbox, delivered at once.
///
/// # Errors
/// `WebError`; what the mail server says stands on the page.
pub async fn mail(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let by = staff.actor();
    once(&request, &portal, move |portal| {
        test_mail(portal, by)?;
        let deliver = TIMETABLE.iter().find(|job| job.name == JobName::Mail);
        // a delivery that is under way already takes this mail along; what goes wrong stands with the mail
        if let Some(Err(error)) = deliver.map(|job| run_now(portal, job)) {
            tracing::info!(%error, "the test mail was left to the timetable");
        }
        Ok(())
    })
    .await?;
    Ok(see_other_with(
        "/admin/setup#mail",
        Flash::info("The test email has been sent. See below what became of it."),
    ))
}

/// POST /admin/setup/dismissal: puts the page away, or fetches it back.
pub async fn dismiss(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (by, back) = (staff.actor(), form.0.has("back"));
    blocking(&portal, move |portal| if back { fetch_back(portal, by) } else { put_away(portal, by) }).await?;
    if back {
        return Ok(see_other_with("/admin/setup", Flash::success("The steps are shown again.")));
    }
    Ok(see_other_with(
        "/staff",
        Flash::success("The steps have been put away. You will find them under Administration."),
    ))
}
