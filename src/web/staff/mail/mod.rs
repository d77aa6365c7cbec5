//! The mail log, and what staff do about a mail that is stuck.

pub mod friendly_reminders;
pub mod going_live;
pub mod hold;
mod pauses;
pub mod reach;

use self::pauses::PausesShown;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use chrono::NaiveDateTime;
use serde::Deserialize;

use crate::actions::ActionError;
use crate::actions::mail::bounce;
use crate::actions::mail::stuck_mails::{mark_delivered, send_again};
use crate::clock::Clock;
use crate::domain::dates::long_date;
use crate::domain::ids::{AccountId, MailId};
use crate::domain::notices::delivery::{Delivery, MailState};
use crate::domain::plural::counted;
use crate::portal::Portal;
use crate::store::engine::paging::{Page, Place};
use crate::store::mail::bounces::{self, Bounce};
use crate::store::mail::holder_holds;
use crate::store::mail::mail_log::{self, LoggedMail, Which};
use crate::store::mail::mail_pauses::{self, MailPause};
use crate::store::mail::year_notices::{self, MailCause};
use crate::store::records::search::{self, FoundHolder};
use crate::store::{Conn, StoreError, accounts};
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::notice_log::{delivery_tag, sent_tag};
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::Tag;

/// Mails on one page.
const PAGE: i64 = 50;
/// People to choose from when a search fits several.
const PEOPLE: i64 = 20;

#[derive(Template)]
#[template(path = "staff/mail/index.html")]
struct MailPage {
    page: Layout,
    stuck: bool,
    /// Of the stuck ones, those that came back.
    returned: bool,
    rows: Vec<MailRow>,
    pager: Pager,
    /// Whose mail was looked for, as it was typed.
    who: String,
    /// Whose mail it is: number and name; none for everybody's.
    whose: Option<(i64, String)>,
    /// The people that fit, when several do: number, name, address.
    people: Vec<(i64, String, String)>,
    errors: FieldErrors,
    held: Held,
    /// Who takes no mail for now, the mail server first.
    pauses: PausesShown,
}

/// Held mails to holders.
struct Held {
    /// How many, in words; empty when none is.
    mails: String,
    /// Whether that is because the portal is not live; otherwise they wait for invitations.
    not_live: bool,
}

impl Held {
    fn load(conn: &mut Conn<'_>) -> Result<Held, StoreError> {
        let (held, not_live) =
            (holder_holds::held_up_to(conn, holder_holds::MOST_COUNTED)?, holder_holds::is_held(conn)?);
        let mails = if held > 0 || not_live { counted(held, "email", "emails") } else { String::new() };
        Ok(Held { mails, not_live })
    }

    const fn title(&self) -> &'static str {
        if self.not_live { "Emails to holders are held" } else { "Some emails are waiting for an invitation" }
    }
}

/// A mail in a list.
pub struct MailRow {
    /// Its identity.
    pub id: i64,
    /// When it was written.
    pub written: String,
    /// The notice's kind, in words: "flag lifted".
    pub kind: String,
    /// To whom.
    pub account: i64,
    /// Their name.
    pub to_name: String,
    /// The subject.
    pub subject: String,
    /// Where it stands.
    pub tag: Tag,
}

#[derive(Template)]
#[template(path = "staff/mail/show.html")]
struct OneMailPage {
    page: Layout,
    row: MailRow,
    to_address: String,
    attempts: i64,
    sent: String,
    /// Emails become files, because no mail server is set.
    to_folder: bool,
    next: String,
    error: String,
    /// The text; none for a mail with a secret link.
    text: Option<String>,
    /// Whether it still has one; that of an old mail is removed.
    has_text: bool,
    uncertain: bool,
    failed: bool,
    /// The mail server refused it.
    refused: bool,
    /// What holds it, in words, and where that is ended.
    held: Option<HeldShown>,
    /// Somebody decided that it is not sent.
    discarded: bool,
    /// What it was about.
    causes: Vec<Cause>,
    /// The last time that it came back; none when it never did.
    bounce: Option<BounceShown>,
    /// Whether it can be noted that it came back.
    may_bounce: bool,
    /// Who corrects an address: only administrators can.
    administers: bool,
    /// Whether its recipient still has the address that it went to.
    same_address: bool,
    errors: FieldErrors,
    words: String,
}

/// Why a mail is held.
struct HeldShown {
    words: &'static str,
    /// The page where that is ended, and what it is called.
    cure: (String, &'static str),
}

/// Why a mail was written.
struct Cause {
    certificate: i64,
    words: String,
}

/// A mail that came back.
struct BounceShown {
    title: &'static str,
    /// When it was noted, by whom, from which address.
    noted: String,
    words: String,
    /// When its recipient said that the address is right; empty when they did not.
    confirmed: String,
    /// Nobody has looked after it yet.
    open: bool,
    /// Whether its text is still there to be sent again.
    again: bool,
}

/// What a form about a mail says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReturnForm {
    words: String,
}

/// GET /staff/mail `?which=stuck`, `?which=returned`, `?to=ACCOUNT`, `?who=` a name, an address or a certificate's number
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let returned = query.one("which") == "returned";
    let stuck = query.one("which") == "stuck" || returned;
    let to = query.one("to").parse().ok().map(AccountId);
    let who = query.one("who").trim().to_owned();
    let place = place(&query, |key| key.parse().ok().map(MailId));
    let sought = who.clone();
    let list = match (returned, stuck) {
        (true, _) => Some(Which::Returned),
        (false, true) => Some(Which::Stuck),
        (false, false) => None,
    };
    let now = portal.clock.now();
    let read = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| MailPageData::load(conn, list, to, &sought, &place, now))?)
    });
    let data = read.await?;
    let person = data.whose.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default();
    let kept = [("which", if stuck { query.one("which") } else { "" }), ("to", person.as_str())];
    let pager = Pager::new("/staff/mail", &kept, &data.page, |mail| mail.id.to_string());
    let page = MailPage {
        page: staff.layout("Mail"),
        stuck,
        returned,
        rows: data.page.rows.iter().map(|mail| mail_row(mail, &portal)).collect(),
        pager,
        errors: data.problems(&who),
        who,
        people: data.people(),
        whose: data.whose.map(|(id, name)| (id.0, name)),
        held: data.held,
        pauses: PausesShown::new(data.pauses, &portal.clock),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the list needs, read together.
struct MailPageData {
    page: Page<LoggedMail>,
    /// Whose mail is listed; none for everybody's.
    whose: Option<(AccountId, String)>,
    /// Who fits what was looked for.
    found: Vec<FoundHolder>,
    held: Held,
    pauses: Vec<MailPause>,
}

impl MailPageData {
    /// `list`: stuck or returned mails; without it those of one person, or all. `who`: what was looked for.
    fn load(
        conn: &mut Conn<'_>,
        list: Option<Which>,
        to: Option<AccountId>,
        who: &str,
        place: &Place<MailId>,
        now: NaiveDateTime,
    ) -> Result<Self, StoreError> {
        let found = if who.is_empty() { Vec::new() } else { search::recipients(conn, who, PEOPLE)? };
        let to = match found.as_slice() {
            [only] => Some(only.account.id),
            _ => to,
        };
        let whose = match to {
            Some(id) => accounts::find(conn, id)?.map(|account| (account.id, account.name)),
            None => None,
        };
        let of_person = || whose.as_ref().map_or(Which::All, |(account, _)| Which::To(*account));
        let which = list.unwrap_or_else(of_person);
        let page = mail_log::list(conn, which, place, PAGE)?;
        Ok(Self { page, found, whose, held: Held::load(conn)?, pauses: mail_pauses::in_force(conn, now)? })
    }

    fn problems(&self, who: &str) -> FieldErrors {
        if who.is_empty() || !self.found.is_empty() {
            return FieldErrors::new();
        }
        let words = "Nobody has this name, address or certificate number. Type the beginning of a name as it is written.";
        FieldErrors::of("who", words)
    }

    /// Whom to choose from, when several people fit.
    fn people(&self) -> Vec<(i64, String, String)> {
        if self.found.len() < 2 || self.whose.is_some() {
            return Vec::new();
        }
        let accounts = self.found.iter().map(|found| &found.account);
        accounts.map(|account| (account.id.0, account.name.clone(), account.email.clone())).collect()
    }
}

/// A mail as lists show it.
pub fn mail_row(mail: &LoggedMail, portal: &Portal) -> MailRow {
    MailRow {
        id: mail.id.0,
        written: instant(&portal.clock, mail.created_at),
        kind: mail.kind.code().replace('-', " "),
        account: mail.account.0,
        to_name: mail.to_name.clone(),
        subject: mail.subject.clone(),
        tag: match mail.state {
            MailState::Sent if mail.came_back => delivery_tag(Delivery::CameBack),
            MailState::Sent => sent_tag(portal.config.smtp.is_none()),
            MailState::Failed if mail.discarded => Tag { kind: "info", label: "Not sent" },
            MailState::Failed => Tag { kind: "bad", label: "Failed" },
            MailState::Uncertain => Tag { kind: "action", label: "Uncertain" },
            MailState::Pending if mail.held.is_some() => Tag { kind: "wait", label: "Held" },
            MailState::Pending if mail.attempts > 0 => Tag { kind: "wait", label: "Will be tried again" },
            MailState::Pending => Tag { kind: "wait", label: "In the outbox" },
            MailState::Claimed | MailState::Committing => Tag { kind: "wait", label: "Being delivered" },
        },
    }
}

/// GET /staff/mail/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    page(&staff, &portal, MailId(*id), String::new(), FieldErrors::new()).await
}

async fn page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: MailId,
    words: String,
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    let read = blocking(portal, move |portal| portal.store.read(|conn| OneMailPageData::load(conn, id)));
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(render(status, &OneMailPage { errors, words, ..OneMailPage::new(staff, portal, read.await?) }))
}

/// What the page of a mail needs, read together.
struct OneMailPageData {
    mail: LoggedMail,
    /// None for a kind that carries a secret link.
    text: Option<String>,
    causes: Vec<MailCause>,
    bounce: Option<Bounce>,
    /// The address that its recipient has now.
    present: Option<String>,
}

impl OneMailPageData {
    fn load(conn: &mut Conn<'_>, id: MailId) -> Result<Self, ActionError> {
        let (mail, text) = mail_log::find(conn, id)?.ok_or(ActionError::NotFound)?;
        Ok(Self {
            bounce: bounces::latest(conn, id)?,
            causes: year_notices::causes(conn, id)?,
            present: accounts::find(conn, mail.account)?.map(|account| account.email),
            mail,
            text,
        })
    }
}

impl OneMailPage {
    /// The page before anything is typed.
    fn new(staff: &Person, portal: &Portal, data: OneMailPageData) -> OneMailPage {
        let OneMailPageData { mail, text, causes, bounce, present } = data;
        let clock = &portal.clock;
        let again = text.as_ref().is_some_and(|text| !text.is_empty());
        let waits = mail.state == MailState::Pending && mail.held.is_none();
        let shown = bounce.as_ref().filter(|bounce| mail.came_back || bounce.noted_by.is_none());
        OneMailPage {
            page: staff.layout(mail.subject.clone()),
            row: mail_row(&mail, portal),
            causes: causes.iter().map(cause).collect(),
            may_bounce: mail.state == MailState::Sent && !mail.came_back,
            bounce: shown.map(|bounce| bounce_shown(bounce, again, clock)),
            errors: FieldErrors::new(),
            words: String::new(),
            administers: staff.account.role.administers(),
            same_address: present.is_some_and(|present| present == mail.to_address),
            to_folder: portal.config.smtp.is_none(),
            sent: mail.sent_at.map(|at| instant(clock, at)).unwrap_or_default(),
            next: if waits { instant(clock, mail.next_attempt_at) } else { String::new() },
            uncertain: mail.state == MailState::Uncertain,
            failed: mail.state == MailState::Failed
                && bounce.as_ref().is_none_or(|bounce| bounce.resolved_at.is_some()),
            refused: mail.state == MailState::Failed,
            held: mail.held.map(|by| HeldShown { words: by.words(), cure: reach::cure(by, mail.account) }),
            discarded: mail.discarded,
            to_address: mail.to_address,
            attempts: mail.attempts,
            error: mail.last_error,
            has_text: mail.has_text,
            text,
        }
    }
}

fn cause(cause: &MailCause) -> Cause {
    let words = match cause.stage {
        Some((1, deadline)) => {
            format!("{}: the reminder 1 day before {}", cause.number, long_date(deadline))
        }
        Some((days, deadline)) => {
            format!("{}: the reminder {days} days before {}", cause.number, long_date(deadline))
        }
        None => format!("{}, year {}", cause.number, cause.year),
    };
    Cause { certificate: cause.certificate.0, words }
}

fn bounce_shown(bounce: &Bounce, again: bool, clock: &Clock) -> BounceShown {
    BounceShown {
        title: match bounce.noted_by.is_some() || bounce.reported {
            true => "It came back",
            false => "It could not be delivered",
        },
        noted: match &bounce.noted_by {
            Some(name) => format!(
                "Noted by {name} on {}; it had gone to {}.",
                instant(clock, bounce.noted_at),
                bounce.address
            ),
            None if bounce.reported => format!(
                "A mail server reported on {} that it could not be delivered to {}.",
                instant(clock, bounce.noted_at),
                bounce.address
            ),
            None => format!(
                "The mail server refused it on {} because of the address {}.",
                instant(clock, bounce.noted_at),
                bounce.address
            ),
        },
        words: bounce.words.clone(),
        confirmed: bounce.confirmed_at.map(|at| instant(clock, at)).unwrap_or_default(),
        open: bounce.resolved_at.is_none(),
        again,
    }
}

/// POST /staff/mail/{id}/return: a delivered mail came back.
///
/// # Errors
/// `WebError`; 409 when it was not delivered, or this is noted already.
pub async fn note_return(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<ReturnForm>,
) -> Result<HttpResponse, WebError> {
    let (id, by, words) = (MailId(*id), staff.actor(), form.words.clone());
    let noted =
        once(&request, &portal, move |portal| bounce::note(portal, by, id, &words)).await.or_corrections()?;
    match noted {
        Ok(()) => {
            let text = "Noted. Its recipient will be asked whether the address is right, and the overview keeps track of it.";
            Ok(see_other_with(format!("/staff/mail/{id}"), Flash::success(text)))
        }
        Err(errors) => page(&staff, &portal, id, form.words, errors).await,
    }
}

/// POST /staff/mail/{id}/return/removal: nothing is to be done about a mail that came back.
///
/// # Errors
/// `WebError`; 409 when somebody looked after it already.
pub async fn put_away(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, by) = (MailId(*id), staff.actor());
    blocking(&portal, move |portal| bounce::put_away(portal, by, id)).await?;
    Ok(see_other_with(format!("/staff/mail/{id}"), Flash::success("It is off the list of things to do.")))
}

/// POST /staff/mail/{id}/dispatch: sends a stuck mail again.
///
/// # Errors
/// `WebError`; 409 when it is not stuck any more.
pub async fn dispatch(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, by) = (MailId(*id), staff.actor());
    blocking(&portal, move |portal| send_again(portal, by, id)).await?;
    Ok(see_other_with(format!("/staff/mail/{id}"), Flash::success("The email is in the outbox again.")))
}

/// POST /staff/mail/{id}/arrival: an uncertain mail did arrive.
///
/// # Errors
/// `WebError`; 409 when it is not uncertain any more.
pub async fn arrival(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, by) = (MailId(*id), staff.actor());
    blocking(&portal, move |portal| mark_delivered(portal, by, id)).await?;
    Ok(see_other_with(format!("/staff/mail/{id}"), Flash::success("The email counts as delivered.")))
}
