//! The decisions about a certification year, and the reinstatement: a page that says what will happen, and the decision itself.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::CertificateCase;
use super::figures::YearFigures;
use crate::actions::ActionError;
use crate::actions::certification::decisions::command::{Deciding, SeenVersion};
use crate::actions::certification::decisions::{decide, reason_problem};
use crate::actions::conversations::flag_answer;
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::decision::{
    DecisionKind, DecisionRefusal, LONGEST_EXTENSION_DAYS, check_extension, check_reinstatement, check_waiver,
};
use crate::domain::dates::{certain_day, long_date, plus_days};
use crate::domain::ids::CertificateId;
use crate::domain::ledger::CertificateFile;
use crate::domain::ledger::derivation::Reader;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::notices::delivery::{Delivery, Reach};
use crate::domain::roles::Actor;
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::conversations::{self, Conversation};
use crate::store::mail::year_notices::{self, YearMail};
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::{AsAdministrator, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::mail::reach::notice;
use crate::web::staff::review::verdict::seen;
use crate::web::view::conversation::ConversationLine;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Layout;
use crate::web::view::notice_log::{delivery_tag, held_words};
use crate::web::view::page::render;
use crate::web::view::tags::Tag;

#[derive(Template)]
#[template(path = "staff/certificates/decision.html")]
struct DecisionPage {
    page: Layout,
    errors: FieldErrors,
    form: DecisionForm,
    id: i64,
    action: &'static str,
    number: String,
    certification: String,
    holder_name: String,
    year: Option<YearFigures>,
    consequences: Vec<String>,
    /// Why it cannot be decided now; then there is no form.
    refused: Option<String>,
    verb: &'static str,
    danger: bool,
    extends: bool,
    latest: String,
    /// The mail about the flag, before a decertification.
    told: Option<FlagTold>,
    /// What the holder wrote to the flag and nobody has closed.
    answers: Vec<ConversationLine>,
}

/// What is known about the mail about a flag.
struct FlagTold {
    /// The mail; none when there is no record of one.
    mail: Option<i64>,
    words: String,
    tag: Tag,
    /// Why it is held, and what ends that; empty when it is not.
    held: &'static str,
    /// What has to be acknowledged; empty when it was delivered.
    doubt: &'static str,
}

/// A decision as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DecisionForm {
    year: String,
    reason: String,
    until: String,
    version: String,
    acknowledged: String,
    /// That exactly this certificate is meant, before a decertification.
    confirmed: String,
    /// The answers to the flag that the page showed.
    answers: String,
}

/// The kind of decision is the last part of the address.
fn kind(request: &HttpRequest) -> Result<DecisionKind, WebError> {
    request.path().rsplit('/').next().and_then(DecisionKind::from_code).ok_or(WebError::NotFound)
}

/// GET /staff/certificates/{id}/decertification, …/waiver, …/extension, …/reinstatement `?year=`
///
/// # Errors
/// `WebError::NotFound`.
pub async fn new(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let form = DecisionForm { year: query.one("year").to_owned(), ..DecisionForm::default() };
    page(&staff, &portal, CertificateId(*id), kind(&request)?, form, None).await
}

/// POST to the same address.
///
/// # Errors
/// `WebError`; 409 when somebody was first.
pub async fn create(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<DecisionForm>,
) -> Result<HttpResponse, WebError> {
    let (id, kind, actor, given) = (CertificateId(*id), kind(&request)?, staff.actor(), form.clone());
    let decided = blocking(&portal, move |portal| {
        let deciding = read(kind, &given)?;
        let looked_at = SeenVersion { version: seen(&given.version), answers: Some(&given.answers) };
        decide(portal, actor, id, looked_at, deciding, &given.reason)?;
        let case = portal.store.read(|conn| CertificateCase::find(conn, id, portal.clock.today()))?;
        Ok((case.holder.id, case.reach))
    })
    .await
    .or_corrections()?;
    match decided {
        Ok((holder, reach)) => {
            let mut flash = notice(&staff, holder, reach, (done(kind), "The holder is told."));
            if kind != DecisionKind::Reinstatement {
                flash = flash.with_link("/staff/flagged", "Back to the flagged years");
            }
            Ok(see_other_with(format!("/staff/certificates/{id}"), flash))
        }
        Err(errors) => page(&staff, &portal, id, kind, form, Some(errors)).await,
    }
}

/// What was typed, with everything that is wrong at once.
fn read(kind: DecisionKind, form: &DecisionForm) -> Result<Deciding, ActionError> {
    let mut problems = Vec::new();
    let year = form.year.trim().parse().ok();
    if year.is_none() && kind != DecisionKind::Reinstatement {
        problems.push(("year", "Say which certification year is meant.".to_owned()));
    }
    let until = match kind {
        // a deadline is never moved back, so nobody is to guess it
        DecisionKind::Extension => {
            certain_day(&form.until).map_err(|problem| problems.push(("until", problem.to_string()))).ok()
        }
        DecisionKind::Decertification
        | DecisionKind::Waiver
        | DecisionKind::Reinstatement
        | DecisionKind::Ending
        | DecisionKind::Correction => None,
    };
    // the gravest step is taken by somebody who says what it is about, not by a click too many
    let unconfirmed = kind == DecisionKind::Decertification && form.confirmed.is_empty();
    // that the reason alone is wrong is for the rules to say, after who may not decide at all
    if unconfirmed || !problems.is_empty() {
        problems.extend(reason_problem(&form.reason));
    }
    if unconfirmed {
        let problem = "Tick this when it is the certificate and the holder you mean.";
        problems.push(("confirmed", problem.to_owned()));
    }
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    let deciding = match (kind, year, until) {
        (DecisionKind::Decertification, Some(year), _) => {
            Some(Deciding::Decertify { year, acknowledged: !form.acknowledged.is_empty() })
        }
        (DecisionKind::Waiver, Some(year), _) => Some(Deciding::Waive { year }),
        (DecisionKind::Extension, Some(year), Some(until)) => Some(Deciding::Extend { year, until }),
        (DecisionKind::Reinstatement, ..) => Some(Deciding::Reinstate),
        // an ending and a correction have pages of their own
        _ => None,
    };
    deciding.ok_or(ActionError::NotFound)
}

async fn page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: CertificateId,
    kind: DecisionKind,
    form: DecisionForm,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let (today, typed) = (portal.clock.today(), form.year.clone());
    let data = blocking(portal, move |portal| {
        portal.store.read(|conn| DecisionPageData::load(conn, id, kind, &typed, today))
    });
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut page = DecisionPage::new(staff, portal, kind, data.await?, form)?;
    page.errors = errors.unwrap_or_default();
    Ok(render(status, &page))
}

impl DecisionPage {
    fn new(
        staff: &Person,
        portal: &Portal,
        kind: DecisionKind,
        data: DecisionPageData,
        mut form: DecisionForm,
    ) -> Result<DecisionPage, WebError> {
        let (case, today) = (&data.case, portal.clock.today());
        let certificate = case.certificate()?;
        let holds = &certificate.certificate;
        let year = data.index.and_then(|index| certificate.years.get(index));
        if let Some(year) = year {
            form.year = year.number.to_string();
        }
        if form.version.trim().is_empty() {
            form.version = case.version.to_string();
        }
        form.answers = flag_answer::as_read(&data.answers);
        let ledger = HolderLedger::new(&case.file, &case.policies, today);
        let found = data.index.and_then(|index| ledger.year_at(certificate, index));
        let refused = refusal(kind, case, staff.actor(), certificate, found.as_ref(), today);
        let latest = year.map(|year| long_date(plus_days(year.ends_on, LONGEST_EXTENSION_DAYS)));
        let (title, verb) = words(kind);
        let mut consequences = consequences(kind, &case.holder.name, case.reach);
        if kind == DecisionKind::Reinstatement && case.holder.deactivated {
            let account = "The account of the holder is closed: nothing is emailed to it. Open it first if the holder should hear of this.";
            consequences.push(account.to_owned());
        }
        let answers = data.answers.iter();
        Ok(DecisionPage {
            page: staff.layout(title),
            errors: FieldErrors::new(),
            form,
            id: holds.id.0,
            action: kind.code(),
            number: holds.number.clone(),
            certification: holds.certification.title.clone(),
            holder_name: case.holder.name.clone(),
            year: found.map(|found| YearFigures::new(&found, today)),
            consequences,
            refused: case.partial(staff.actor()).or(refused.map(|refusal| refusal.to_string())),
            verb,
            danger: kind == DecisionKind::Decertification,
            extends: kind == DecisionKind::Extension,
            latest: latest.unwrap_or_default(),
            told: data.flag_notice.map(|notice| flag_told(portal, notice)),
            answers: answers.map(|row| ConversationLine::new(row, Reader::Staff, portal)).collect(),
        })
    }
}

/// What the page about a decision needs, read together: what is decided about is what was read.
struct DecisionPageData {
    case: CertificateCase,
    /// The year that is meant, as its place among the certificate's years.
    index: Option<usize>,
    /// What the holder wrote to the flag and nobody has closed.
    answers: Vec<Conversation>,
    /// The mail about the flag, or that there is no record of one; before a decertification.
    flag_notice: Option<Option<YearMail>>,
}

impl DecisionPageData {
    fn load(
        conn: &mut Conn<'_>,
        id: CertificateId,
        kind: DecisionKind,
        typed: &str,
        today: NaiveDate,
    ) -> Result<Self, ActionError> {
        let case = CertificateCase::find(conn, id, today)?;
        let certificate = case.file.certificate(id).ok_or(ActionError::NotFound)?;
        let index = match kind {
            DecisionKind::Reinstatement => None,
            DecisionKind::Decertification
            | DecisionKind::Waiver
            | DecisionKind::Extension
            | DecisionKind::Ending
            | DecisionKind::Correction => year_meant(certificate, typed, today),
        };
        let number = index.and_then(|index| certificate.years.get(index)).map(|year| year.number);
        let answers = match number {
            Some(number) => conversations::open_flag_answers(conn, id, number)?,
            None => Vec::new(),
        };
        let flag_notice = match number.filter(|_| kind == DecisionKind::Decertification) {
            Some(number) => Some(year_notices::flag_notice(conn, id, number)?),
            None => None,
        };
        Ok(Self { case, index, answers, flag_notice })
    }
}

fn flag_told(portal: &Portal, notice: Option<YearMail>) -> FlagTold {
    let delivery = notice.as_ref().map(|mail| mail.delivery);
    let words = match &notice {
        Some(mail) => {
            let clock = &portal.clock;
            let delivered = mail.sent_at.filter(|_| delivery == Some(Delivery::Delivered));
            let delivered = delivered.map(|at| format!(", delivered on {}", instant(clock, at)));
            let delivered = delivered.unwrap_or_default();
            let verb =
                if matches!(mail.delivery, Delivery::Held(_)) { "Held; written on" } else { "Written on" };
            format!("{verb} {} to {}{delivered}", instant(clock, mail.created_at), mail.to_address)
        }
        None => "No email is on record".to_owned(),
    };
    FlagTold {
        mail: notice.map(|mail| mail.mail.0),
        words,
        tag: delivery.map_or(Tag { kind: "bad", label: "No record" }, delivery_tag),
        held: delivery.map_or("", held_words),
        doubt: Delivery::doubt(delivery).unwrap_or_default(),
    }
}

/// The year that was asked for; without a number the flagged one, else the earliest unsettled one that has begun.
fn year_meant(certificate: &CertificateFile, number: &str, today: NaiveDate) -> Option<usize> {
    if let Ok(number) = number.trim().parse() {
        return certificate.index_of(number);
    }
    let begun = |year: &CertificationYear| year.settlement.is_none() && year.starts_on <= today;
    let years = &certificate.years;
    years.iter().position(|year| year.flagged_on.is_some()).or_else(|| years.iter().position(begun))
}

/// Why this person cannot decide this today, whatever reason and day would be typed.
fn refusal(
    kind: DecisionKind,
    case: &CertificateCase,
    actor: Actor,
    certificate: &CertificateFile,
    found: Option<&LedgerYear<'_>>,
    today: NaiveDate,
) -> Option<DecisionRefusal> {
    let holds = &certificate.certificate;
    let reason = "a reason";
    let Some(found) = found else {
        return match (kind, holds.ending()) {
            (DecisionKind::Reinstatement, _) => check_reinstatement(actor, holds, reason).err(),
            (_, Some(ending)) => Some(DecisionRefusal::Ended(ending.kind)),
            (_, None) => Some(DecisionRefusal::NoSuchYear),
        };
    };
    let year = found.year;
    match kind {
        DecisionKind::Decertification => case.not_now(actor, found, today),
        DecisionKind::Waiver => check_waiver(actor, holds, year, reason).err(),
        DecisionKind::Extension => {
            let latest = plus_days(year.ends_on, LONGEST_EXTENSION_DAYS);
            check_extension(actor, holds, year, latest, today, reason).err()
        }
        DecisionKind::Reinstatement | DecisionKind::Ending | DecisionKind::Correction => None,
    }
}

pub(in crate::web::staff) const fn words(kind: DecisionKind) -> (&'static str, &'static str) {
    match kind {
        DecisionKind::Decertification => ("Decertify", "Decertify now"),
        DecisionKind::Waiver => ("Waive a year", "Waive the year"),
        DecisionKind::Extension => ("Extend a deadline", "Extend the deadline"),
        DecisionKind::Reinstatement => ("Reinstate a certificate", "Reinstate"),
        DecisionKind::Ending => ("End a certificate", "End the certificate"),
        DecisionKind::Correction => ("Correct a certificate", "Correct the certificate"),
    }
}

pub(in crate::web::staff) const fn done(kind: DecisionKind) -> &'static str {
    match kind {
        DecisionKind::Decertification => "The certificate has been decertified and its badge withdrawn.",
        DecisionKind::Waiver => "The year counts as met, without credits.",
        DecisionKind::Extension => "The deadline has moved.",
        DecisionKind::Reinstatement => "The certificate is in force again, with a new badge.",
        DecisionKind::Ending => "The certificate has ended, and its badge with it.",
        DecisionKind::Correction => "The certificate has been corrected and its badge signed again.",
    }
}

pub(in crate::web::staff) fn consequences(kind: DecisionKind, holder: &str, reach: Reach) -> Vec<String> {
    let told = match reach {
        Reach::Leaves => format!("{holder} gets an email with the reason that you write here."),
        Reach::Held(by) => {
            format!(
                "{holder} can read the reason that you write here, but gets no email yet: {}.",
                by.cause()
            )
        }
        Reach::Closed => format!("{holder} gets no email: the account is closed."),
    };
    let mut all: Vec<&str> = match kind {
        DecisionKind::Decertification => vec![
            "The certificate ends today, and its title may no longer be used.",
            "The badge is withdrawn: the public page says so from this moment on.",
            "Years of this certificate that are not settled become void. Other certificates of the holder stay as they are.",
            "It can be undone only by a reinstatement, which is recorded too.",
        ],
        DecisionKind::Waiver => vec![
            "The year counts as met, without any credits. The flag ends and the certificate stays in force.",
            "What was reported for this year counts for no other year.",
            "The badge is renewed, until 90 days after the deadline of the year in progress.",
        ],
        DecisionKind::Extension => vec![
            "The deadline of this year moves to the day that you choose. A flag ends.",
            "Everything completed up to that day counts for this year, and not for the next one.",
            "Reminders follow the new deadline. When it passes, the year is judged again.",
            "The badge is renewed, until 90 days after the deadline of the year in progress, or after the new one when that is later.",
        ],
        DecisionKind::Reinstatement => vec![
            "The certificate is in force again from today.",
            "A year that cost it counts as waived, and so does every year that is over since.",
            "The year that contains today is open, with its usual deadline.",
            "A new badge is issued; the old one stays withdrawn.",
        ],
        DecisionKind::Ending => vec![
            "The certificate ends today, and its title may no longer be used.",
            "The badge is withdrawn. The public page says so from this moment on, and never why.",
            "Years of this certificate that are not settled become void; nobody is reminded of them or flagged. Other certificates of the holder stay as they are, except after a death.",
            "It can be undone only by a reinstatement, which is recorded too.",
        ],
        DecisionKind::Correction => vec![
            "The certificate shows the new details from this moment on, here and on its public page. The old ones stay in the records.",
            "Years that are not settled are worked out again from the day of grant: their deadlines, minimums and reminders follow, and a flag of a deadline that moves ends.",
            "The badge keeps its address and is signed again.",
        ],
    };
    // nothing is written to the dead, and the page says so where that is chosen; of a closed account a reinstatement says more
    if kind != DecisionKind::Ending && (kind, reach) != (DecisionKind::Reinstatement, Reach::Closed) {
        all.push(&told);
    }
    all.into_iter().map(str::to_owned).collect()
}
