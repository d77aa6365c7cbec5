//! The page of the report form: how it stands when it is opened, and when it is shown again.

use std::cmp::Reverse;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::derivation::OutlookView;
use super::evidence::FileLine;
use super::field_choices::FieldChoices;
use crate::actions::ActionError;
use crate::actions::activities::evidence::keep;
use crate::actions::activities::form::{ParsedForm, Typed};
use crate::actions::activities::preview::{Outlook, look_ahead};
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::category::Category;
use crate::domain::dates::{long_date, plus_days};
use crate::domain::ids::{ActivityId, HolderId};
use crate::portal::Portal;
use crate::store::activities::evidence::Evidence;
use crate::store::activities::{self, activity_versions, draft_texts, evidence, reviews, submission_notes};
use crate::store::conversations::inquiries;
use crate::store::{Conn, StoreError};
use crate::web::forms::errors::{Choice, ChoiceGroup, FieldErrors};
use crate::web::forms::evidence::Files;
use crate::web::holder::reference::title_or_nameless;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Drafts that a new form tells of.
const DRAFTS: usize = 3;

/// The form.
#[derive(Template)]
#[template(path = "holder/activities/form.html")]
pub struct FormPage {
    page: Layout,
    /// Where it is sent.
    action: String,
    /// Where "Cancel" leads.
    cancel: String,
    form: Typed,
    errors: FieldErrors,
    categories: Vec<Choice>,
    fields: Vec<ChoiceGroup>,
    /// When words about the relevance are needed.
    relevance_note: &'static str,
    /// Whether the field that is chosen needs them.
    far: bool,
    /// Today and yesterday, as they are typed by a button.
    today: String,
    yesterday: String,
    /// The activity that is changed; 0 for a new one.
    id: i64,
    version: i64,
    /// What the main button says.
    send: &'static str,
    /// Whether it can be kept as a draft.
    may_stay_draft: bool,
    /// The reviewer's question.
    question: String,
    /// Files that the activity has.
    existing: Vec<FileLine>,
    /// Those of them that are to go.
    removed: Vec<i64>,
    /// Files that came with an earlier try.
    kept: Vec<FileLine>,
    outlook: Option<OutlookView>,
    /// Whether the look ahead was asked for.
    looked_ahead: bool,
    /// The same form, sent twice, has the same key.
    key: String,
    /// What looks unlikely, told before it is sent.
    hints: Vec<String>,
    /// What the holder says to that.
    explanation: String,
    /// What was asked beforehand and can be reported: number and title.
    asked: Vec<(i64, String)>,
    /// The holder's drafts, for a new form: number, title, when they were changed last.
    drafts: Vec<(i64, String, String)>,
}

/// What the form needs to know beside what was typed.
#[derive(Default)]
pub struct Around {
    fields: FieldChoices,
    /// The day in the body's time zone.
    today: NaiveDate,
    /// The activity that is changed: id, version, status, title.
    pub changing: Option<(ActivityId, i64, ActivityStatus, String)>,
    question: String,
    existing: Vec<FileLine>,
    /// What the holder said to hints before.
    pub explanation: String,
    asked: Vec<(i64, String)>,
    drafts: Vec<(i64, String, String)>,
}

/// Reads what the form needs, and what stands in it.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's; `StoreError::Changed` when it is decided.
pub fn around(
    conn: &mut Conn<'_>,
    portal: &Portal,
    holder: HolderId,
    id: Option<ActivityId>,
) -> Result<(Around, Typed), ActionError> {
    let today = portal.clock.today();
    let fields = FieldChoices::load(conn, holder, today)?;
    let Some(id) = id else { return new_form(conn, portal, holder, fields) };
    let activity = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
    if !activity.status.editable() {
        return Err(StoreError::Changed.into());
    }
    let kept = draft_texts::find(conn, id)?.filter(|_| activity.status == ActivityStatus::Draft);
    let mut typed = match kept {
        Some(kept) => Typed::kept(&kept),
        None => Typed::of(&activity.facts, fields.fields()),
    };
    // what an import brought was confirmed by nobody yet
    typed.not_regular_job &= !activity_versions::is_import_only(conn, id)?;
    let question = match activity.status {
        ActivityStatus::Returned => {
            reviews::of_activity(conn, id)?.pop().map(|review| review.reason).unwrap_or_default()
        }
        _ => String::new(),
    };
    let existing = evidence::of_activity(conn, id)?.into_iter().map(FileLine::from).collect();
    // a question wants an answer of its own, not what was explained before it
    let explanation = match activity.status {
        ActivityStatus::Returned => String::new(),
        _ => submission_notes::of_activity(conn, id)?.pop().map(|last| last.explanation).unwrap_or_default(),
    };
    let changing = Some((id, activity.version, activity.status, activity.facts.title));
    let around = Around { fields, today, changing, question, existing, explanation, ..Around::default() };
    Ok((around, typed))
}

/// What a new form needs: what it could begin with, and the field that is proposed.
fn new_form(
    conn: &mut Conn<'_>,
    portal: &Portal,
    holder: HolderId,
    fields: FieldChoices,
) -> Result<(Around, Typed), ActionError> {
    let asked = inquiries::answered_for(conn, holder, 5)?;
    let asked = asked.into_iter().map(|(id, title, _)| (id.0, title)).collect();
    let mut own = activities::of_holder(conn, holder)?;
    own.sort_by_key(|activity| Reverse(activity.updated_at));
    let counts = [ActivityStatus::Submitted, ActivityStatus::Returned, ActivityStatus::Approved];
    let reported = own.iter().filter(|activity| counts.contains(&activity.status));
    let last = reported.max_by_key(|activity| (activity.reported_at, activity.id));
    let field = fields.usual(last.and_then(|report| report.facts.field)).to_owned();
    let drafts = own.into_iter().filter(|activity| activity.status == ActivityStatus::Draft).take(DRAFTS);
    let drafts = drafts.map(|draft| {
        let changed = instant(&portal.clock, draft.updated_at);
        (draft.id.0, title_or_nameless(draft.facts.title), changed)
    });
    let drafts = drafts.collect();
    let around = Around { fields, today: portal.clock.today(), asked, drafts, ..Around::default() };
    Ok((around, Typed { field, ..Typed::default() }))
}

impl FormPage {
    /// Files that are there already are listed above the field.
    fn evidence_label(&self) -> &'static str {
        if self.existing.is_empty() && self.kept.is_empty() { "Evidence" } else { "More evidence" }
    }

    /// Where the script uploads files as soon as they are chosen: into the draft, or to wait until the form is sent.
    fn upload_address(&self) -> &'static str {
        if self.may_stay_draft { "/activities/drafts/evidence" } else { "/evidence" }
    }

    /// The form as it is opened.
    pub fn new(person: &AsHolder, around: Around, form: Typed) -> FormPage {
        let (title, action, cancel, send) = match &around.changing {
            None => (
                "Report an activity".to_owned(),
                "/activities".to_owned(),
                "/activities".to_owned(),
                "Send for review",
            ),
            Some((id, _, status, title)) => {
                let send = match status {
                    ActivityStatus::Draft => "Send for review",
                    ActivityStatus::Returned => "Send it again",
                    _ => "Save the changes",
                };
                let path = format!("/activities/{id}");
                let heading = match title.as_str() {
                    "" => "Finish your draft".to_owned(),
                    title => format!("Change “{title}”"),
                };
                (heading, path.clone(), path, send)
            }
        };
        let changing = around.changing.as_ref();
        FormPage {
            page: person.layout(title),
            action,
            cancel,
            errors: FieldErrors::new(),
            categories: Category::ALL
                .into_iter()
                .map(|category| Choice::new(category.code(), category.label()).hint(category.explanation()))
                .collect(),
            relevance_note: around.fields.note(&form.field),
            far: around.fields.is_far(&form.field) == Some(true),
            today: long_date(around.today),
            yesterday: long_date(plus_days(around.today, -1)),
            fields: around.fields.groups(),
            form,
            id: changing.map_or(0, |(id, ..)| id.0),
            version: changing.map_or(0, |(_, version, ..)| *version),
            send,
            may_stay_draft: changing.is_none_or(|(_, _, status, _)| *status == ActivityStatus::Draft),
            question: around.question,
            existing: around.existing,
            removed: Vec::new(),
            kept: Vec::new(),
            outlook: None,
            looked_ahead: false,
            key: uuid::Uuid::new_v4().simple().to_string(),
            hints: Vec::new(),
            explanation: around.explanation,
            asked: around.asked,
            drafts: around.drafts,
        }
    }

    /// With files that came with an earlier try.
    #[must_use]
    pub fn with_files(mut self, kept: Vec<FileLine>) -> FormPage {
        self.kept = kept;
        self
    }
}

/// A form that is shown again.
#[derive(Default)]
pub struct Again {
    /// What was typed.
    pub typed: Typed,
    /// The files that came with it.
    pub files: Files,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// The activity that it changes.
    pub id: Option<ActivityId>,
    /// The version that the person began to change, not the newest one: a change in between must still be noticed.
    pub version: i64,
    /// Whether the look ahead was asked for.
    pub looked_ahead: bool,
    /// Its key; a new one when it is empty.
    pub key: String,
    /// What looks unlikely.
    pub hints: Vec<String>,
    /// What the holder says to that.
    pub explanation: String,
    /// Whether it was overtaken by another change.
    pub overtaken: bool,
}

/// The form again, with everything that was typed and every file that could be taken.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn shown_again(
    person: &AsHolder,
    portal: &web::Data<Portal>,
    again: Again,
) -> Result<HttpResponse, WebError> {
    let (holder, id) = (person.holder(), again.id);
    let (text, proofs) = (again.typed.clone(), again.files.clone());
    let read = blocking(portal, move |portal| {
        let (around, _) = portal.store.read(|conn| around(conn, portal, holder, id))?;
        let kept = keep(portal, holder, &proofs.proofs())?;
        let (parsed, outlook) = look_ahead(portal, holder, &text, id)?;
        Ok(AgainData { around, kept, parsed, outlook })
    });
    let data = read.await?;
    let errors = again.problems(&data.parsed);
    let status = match errors.is_empty() {
        _ if again.overtaken => StatusCode::CONFLICT,
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(render(status, &FormPage::again(person, data, again, errors)))
}

/// What a form that is shown again needs to know beside what was typed.
struct AgainData {
    around: Around,
    kept: Vec<Evidence>,
    parsed: ParsedForm,
    outlook: Outlook,
}

impl Again {
    /// What is wrong with it; a look ahead says everything that could be read.
    fn problems(&self, parsed: &ParsedForm) -> FieldErrors {
        let mut errors = self.errors.clone();
        if self.looked_ahead {
            for (field, message) in parsed.draft_problems() {
                errors.push(field, message);
            }
            for message in &self.files.refused {
                errors.push("evidence", message.clone());
            }
        }
        errors
    }
}

impl FormPage {
    fn again(person: &AsHolder, data: AgainData, again: Again, errors: FieldErrors) -> FormPage {
        let mut outlook = OutlookView::new(data.outlook, &data.parsed.facts);
        if !errors.is_empty() {
            // it stands beside the fields already
            outlook.unread.clear();
        }
        let mut page = FormPage::new(person, data.around, again.typed);
        page.errors = errors;
        if again.id.is_some() {
            page.version = again.version;
        }
        if !again.key.is_empty() {
            page.key = again.key;
        }
        page.kept = data.kept.into_iter().map(FileLine::from).collect();
        page.removed = again.files.removed.iter().map(|id| id.0).collect();
        page.outlook = Some(outlook);
        page.looked_ahead = again.looked_ahead;
        page.hints = again.hints;
        page.explanation = again.explanation;
        page
    }
}
