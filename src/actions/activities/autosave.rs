//! A report form that is kept by itself while it is typed: a draft, changed every few seconds, with the files that are chosen meanwhile.

use chrono::NaiveDateTime;

use super::evidence::{Proofs, settle};
use super::form::{ParsedForm, Typed, parse};
use super::submission::{FormOrigin, NewReport, ReportOrigin, enter};
use crate::actions::ActionError;
use crate::actions::conversations::inquiry;
use crate::domain::activities::activity::{Activity, ActivityStatus, Facts};
use crate::domain::activities::eligibility::may_report;
use crate::domain::dates::Lean;
use crate::domain::ids::ActivityId;
use crate::domain::roles::Holder;
use crate::domain::text::was_cut;
use crate::portal::Portal;
use crate::store::activities::evidence::{self, Evidence};
use crate::store::activities::{self, draft_texts, form_keys};
use crate::store::certification::catalogue;
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError};

/// What the script has kept of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDraft {
    /// The draft.
    pub id: ActivityId,
    /// Fields that cannot be read yet. They are kept as they were typed.
    pub unread: Vec<&'static str>,
    /// Whether they were kept; what is far longer than any field takes is not.
    pub whole: bool,
}

/// The draft that a form is, with its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFiles {
    /// The draft.
    pub id: ActivityId,
    /// All its files, in the order they were brought.
    pub files: Vec<Evidence>,
}

/// Most bytes of a draft's text: every field at its longest, with room for what cannot be read.
const LARGEST_TEXT: usize = 32 * 1024;

/// Keeps as a draft a form that is still being typed: what can be read of it, and beside that the text while some of it cannot. `None`
/// when there is nothing worth keeping yet, or when it is reported already.
///
/// # Errors
/// `ActionError::NothingToReport`; `StoreError::Changed` when the draft was changed elsewhere since this form was opened.
pub fn keep_while_typing(
    portal: &Portal,
    holder: Holder,
    origin: &FormOrigin<'_>,
    typed: &Typed,
) -> Result<Option<KeptDraft>, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let Some(key) = origin.usable_key() else { return Ok(None) };
    let (fields, file) = portal.store.read(|conn| {
        Ok::<_, StoreError>((catalogue::fields(conn)?, holder_records::of_holder(conn, holder.id, today)?))
    })?;
    may_report(&file, today)?;
    let parsed = parse(typed, &fields, today, Lean::Back);
    let unread = unread(&parsed);
    portal.store.write(|conn| {
        let facts = &parsed.facts;
        let became = form_keys::find(conn, holder.id, key)?;
        let Some((id, version)) = became.or(origin.id.map(|id| (id, origin.version))) else {
            if !facts.worth_keeping() && unread.is_empty() {
                return Ok(None);
            }
            let id = begin(conn, holder, key, (facts, typed), now)?;
            let whole = keep_text(conn, id, typed, &unread)?;
            return Ok(Some(KeptDraft { id, unread, whole }));
        };
        let before = activities::find_of_holder(conn, holder.id, id)?.ok_or(ActionError::NotFound)?;
        if before.status != ActivityStatus::Draft {
            return Ok(None);
        }
        let same = before.facts == *facts;
        // a page that is loaded again may be overtaken by what it sent when it was left: the same words overwrite nothing
        if before.version != version && !(same && has_text(conn, id, typed, &unread)?) {
            return Err(StoreError::Changed.into());
        }
        let version = if same { before.version } else { overwrite(conn, &before, facts, now)? };
        form_keys::record(conn, holder.id, key, (id, version), now)?;
        let whole = keep_text(conn, id, typed, &unread)?;
        Ok(Some(KeptDraft { id, unread, whole }))
    })
}

/// Adds files to the draft that a form is as soon as they are chosen, and takes others away from it. A form that is no draft yet becomes
/// one, with what was typed so far; what a draft says already stays as it is. `None` when there is neither a draft nor a file.
///
/// # Errors
/// `ActionError::NothingToReport` for whoever adds a file and can report nothing; `Invalid` at `evidence` for more than ten files; `NotFound`
/// for somebody else's; `StoreError::Changed` when it is no draft any more.
pub fn keep_files(
    portal: &Portal,
    holder: Holder,
    origin: &FormOrigin<'_>,
    typed: &Typed,
    proofs: &Proofs<'_>,
) -> Result<Option<DraftFiles>, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let key = origin.usable_key();
    let (fields, file) = portal.store.read(|conn| {
        Ok::<_, StoreError>((catalogue::fields(conn)?, holder_records::of_holder(conn, holder.id, today)?))
    })?;
    if !proofs.uploads.is_empty() {
        may_report(&file, today)?;
    }
    let parsed = parse(typed, &fields, today, Lean::Back);
    let unread = unread(&parsed);
    portal.store.write(|conn| {
        let became = match key {
            Some(key) => form_keys::find(conn, holder.id, key)?.map(|(id, _)| id),
            None => None,
        };
        let id = match (became.or(origin.id), key) {
            (Some(id), _) => {
                let draft = activities::find_of_holder(conn, holder.id, id)?.ok_or(ActionError::NotFound)?;
                if draft.status != ActivityStatus::Draft {
                    return Err(StoreError::Changed.into());
                }
                id
            }
            (None, Some(key)) if !proofs.uploads.is_empty() => {
                let id = begin(conn, holder, key, (&parsed.facts, typed), now)?;
                keep_text(conn, id, typed, &unread)?;
                id
            }
            _ => return Ok(None),
        };
        settle(conn, holder.id, id, proofs, now)?;
        Ok(Some(DraftFiles { id, files: evidence::of_activity(conn, id)? }))
    })
}

/// The fields that cannot be read yet.
fn unread(parsed: &ParsedForm) -> Vec<&'static str> {
    let mut unread: Vec<&'static str> = parsed.draft_problems().iter().map(|(field, _)| *field).collect();
    unread.dedup();
    unread
}

/// Makes the draft that the form with this key is from now on: what could be read of it, and what it was asked about beforehand.
fn begin(
    conn: &mut Conn<'_>,
    holder: Holder,
    key: &str,
    (facts, typed): (&Facts, &Typed),
    now: NaiveDateTime,
) -> Result<ActivityId, ActionError> {
    let (holder, status) = (holder.id, ActivityStatus::Draft);
    let id = enter(conn, &NewReport { holder, facts, status, origin: ReportOrigin::Form }, now)?;
    form_keys::record(conn, holder, key, (id, 1), now)?;
    inquiry::attach(conn, holder, id, &typed.question)?;
    Ok(id)
}

/// Whether a draft keeps exactly what was typed, too.
fn has_text(
    conn: &mut Conn<'_>,
    draft: ActivityId,
    typed: &Typed,
    unread: &[&str],
) -> Result<bool, StoreError> {
    let kept = draft_texts::find(conn, draft)?;
    Ok(kept.as_ref().map(|kept| Typed::kept(kept))
        == (!unread.is_empty()).then(|| Typed { question: String::new(), ..typed.clone() }))
}

/// Keeps what was typed as long as the facts do not say all of it; says whether all of it is kept now.
fn keep_text(
    conn: &mut Conn<'_>,
    draft: ActivityId,
    typed: &Typed,
    unread: &[&str],
) -> Result<bool, StoreError> {
    let fields = typed.fields();
    // of a longer value only the beginning was read, and half a text is not what was typed
    let whole = !fields.iter().any(|(_, value)| was_cut(value));
    let fits = whole && fields.iter().map(|(_, value)| value.len()).sum::<usize>() <= LARGEST_TEXT;
    match (unread, fits) {
        ([], _) => draft_texts::forget(conn, draft).map(|()| true),
        (_, true) => draft_texts::keep(conn, draft, &fields).map(|()| true),
        (_, false) => draft_texts::forget(conn, draft).map(|()| false),
    }
}

/// Changes a draft without a version to read later: it is nobody's business but the holder's, and changes every few seconds.
fn overwrite(
    conn: &mut Conn<'_>,
    before: &Activity,
    facts: &Facts,
    now: NaiveDateTime,
) -> Result<i64, StoreError> {
    let change = activities::ActivityChange {
        before,
        status: ActivityStatus::Draft,
        facts,
        awarded: None,
        reported_at: None,
        decided_at: None,
    };
    activities::change(conn, &change, now)?;
    Ok(before.version.saturating_add(1))
}
