//! Requests for corrections: the queue, one request, and the answer.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::ActionError;
use crate::actions::activities::correction::{CorrectionAnswer, answer};
use crate::domain::activities::activity::Activity;
use crate::domain::activities::correction::{CorrectionDecision, CorrectionState};
use crate::domain::certification::catalogue::Field;
use crate::domain::dates::{days_between, long_date};
use crate::domain::ids::AccountId;
use crate::portal::Portal;
use crate::store::accounts::acquaintances;
use crate::store::activities::corrections::{self, Correction};
use crate::store::certification::catalogue;
use crate::store::{Conn, activities};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::mail::reach::told;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::versions::lines;

/// Most requests on one page.
const MOST: i64 = 100;
/// Answers that are shown below them.
const ANSWERED: i64 = 20;

#[derive(Template)]
#[template(path = "staff/corrections/index.html")]
struct IndexPage {
    page: Layout,
    waiting: Vec<Row>,
    answered: Vec<Row>,
}

struct Row {
    id: i64,
    title: String,
    holder: String,
    since: String,
    days: i64,
    state: &'static str,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "staff/corrections/show.html")]
struct ShowPage {
    page: Layout,
    errors: FieldErrors,
    form: CorrectionAnswerForm,
    id: i64,
    activity: i64,
    holder: i64,
    holder_name: String,
    asked: String,
    reason: String,
    /// Label, what the report says, what it should say.
    rows: Vec<(&'static str, String, String)>,
    open: bool,
    own: bool,
    /// Whether the reader knows the holder.
    known: bool,
    state: &'static str,
    kind: &'static str,
    answer: String,
    decisions: Vec<Choice>,
}

/// The answer as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CorrectionAnswerForm {
    decision: String,
    answer: String,
}

const fn state(state: CorrectionState) -> (&'static str, &'static str) {
    match state {
        CorrectionState::Asked => ("Asked", "wait"),
        CorrectionState::Accepted => ("Accepted", "good"),
        CorrectionState::Declined => ("Declined", "off"),
    }
}

/// GET /staff/corrections
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(staff: AsReviewer, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let read = blocking(&portal, |portal| {
        portal.store.read(|conn| {
            Ok::<_, ActionError>((corrections::waiting(conn, MOST)?, corrections::answered(conn, ANSWERED)?))
        })
    });
    let (waiting, answered) = read.await?;
    let row = |one: Correction| {
        let since = portal.clock.day_of(one.answered_at.unwrap_or(one.asked_at));
        let (state, kind) = state(one.state);
        Row {
            id: one.id,
            title: one.title,
            holder: one.holder_name,
            days: days_between(since, portal.clock.today()),
            since: long_date(since),
            state,
            kind,
        }
    };
    let page = IndexPage {
        page: staff.layout("Corrections"),
        waiting: waiting.into_iter().map(row).collect(),
        answered: answered.into_iter().map(row).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// GET /staff/corrections/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    page(&staff, &portal, *id, None).await
}

async fn page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: i64,
    typed: Option<(CorrectionAnswerForm, FieldErrors)>,
) -> Result<HttpResponse, WebError> {
    let read = blocking(portal, move |portal| portal.store.read(|conn| CorrectionPageData::load(conn, id)));
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (form, errors) = typed.unwrap_or_default();
    Ok(render(status, &ShowPage { form, errors, ..ShowPage::new(staff, portal, read.await?) }))
}

/// What the page of one request needs, read together.
struct CorrectionPageData {
    asked: Correction,
    /// The report as it stands.
    activity: Activity,
    fields: Vec<Field>,
    /// Who knows the holder.
    known_by: Vec<AccountId>,
}

impl CorrectionPageData {
    fn load(conn: &mut Conn<'_>, id: i64) -> Result<Self, ActionError> {
        let asked = corrections::find(conn, id)?.ok_or(ActionError::NotFound)?;
        let activity = activities::find(conn, asked.activity)?.ok_or(ActionError::NotFound)?;
        let known_by = acquaintances::known_by(conn, asked.holder)?;
        Ok(Self { asked, activity, fields: catalogue::fields(conn)?, known_by })
    }

    /// Label, what the report says, what it should say.
    fn rows(&self) -> Vec<(&'static str, String, String)> {
        let before = lines(&self.activity.facts, &self.fields);
        let after = lines(&self.asked.facts, &self.fields);
        let of = |side: &[(&'static str, String)], label: &str| {
            side.iter().find(|(name, _)| *name == label).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let mut labels: Vec<&'static str> = before.iter().map(|(label, _)| *label).collect();
        labels.extend(after.iter().map(|(label, _)| *label).filter(|label| of(&before, label).is_empty()));
        labels.into_iter().map(|label| (label, of(&before, label), of(&after, label))).collect()
    }
}

impl ShowPage {
    /// The page before anything is typed.
    fn new(staff: &Person, portal: &Portal, data: CorrectionPageData) -> ShowPage {
        let rows = data.rows();
        let asked = data.asked;
        let (state, kind) = state(asked.state);
        ShowPage {
            page: staff.layout(format!("A correction of “{}”", asked.title)),
            errors: FieldErrors::new(),
            form: CorrectionAnswerForm::default(),
            id: asked.id,
            activity: asked.activity.0,
            holder: asked.holder.0,
            asked: instant(&portal.clock, asked.asked_at),
            rows,
            open: asked.state == CorrectionState::Asked,
            own: asked.holder == staff.account.id,
            known: data.known_by.contains(&staff.account.id),
            state,
            kind,
            answer: asked.answer,
            reason: asked.reason,
            holder_name: asked.holder_name,
            decisions: vec![
                Choice::new(CorrectionDecision::Accept.code(), "Accept")
                    .hint("The report says this from now on, and is reviewed again."),
                Choice::new(CorrectionDecision::Decline.code(), "Decline").hint("The report stays as it is."),
            ],
        }
    }
}

/// POST /staff/corrections/{id}
///
/// # Errors
/// `WebError::NotFound`; a conflict when a colleague was first.
pub async fn update(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    form: CheckedForm<CorrectionAnswerForm>,
) -> Result<HttpResponse, WebError> {
    let (actor, id) = (staff.actor(), *id);
    let given = form.0.clone();
    let done = blocking(&portal, move |portal| {
        let decision = CorrectionDecision::from_code(&given.decision);
        let accepted = answer(portal, actor, id, &CorrectionAnswer { decision, words: &given.answer })?;
        let asked = portal.store.read(|conn| corrections::find(conn, id))?.ok_or(ActionError::NotFound)?;
        Ok((accepted, asked.holder))
    });
    match done.await.or_corrections()? {
        Ok((accepted, holder)) => {
            let words = match accepted {
                true => ("Accepted. The report is waiting for review again.", "The holder is told."),
                false => ("Declined.", "The holder is told, with your words."),
            };
            Ok(see_other_with("/staff/corrections", told(&staff, &portal, holder, words).await?))
        }
        Err(errors) => page(&staff, &portal, id, Some((form.0, errors))).await,
    }
}
