//! The catalogue: fields, their neighbours (G8), certifications. Only administrators change it.

use crate::actions::ActionError;
use crate::actions::badges::signing;
use crate::actions::text::one_line;
use crate::domain::certification::catalogue::Level;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{CertificationId, FieldId};
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::certification::catalogue;
use crate::store::records::history::{self, Event};
use crate::store::{Conn, StoreError};

/// Most characters of a title.
const LONGEST_TITLE: usize = 120;

/// Adds a field.
///
/// # Errors
/// `ActionError::Invalid` for the fields `code` and `title`; `NotFound` for anybody but an administrator.
pub fn add_field(
    portal: &Portal,
    by: Administrator,
    code: &str,
    title: &str,
) -> Result<FieldId, ActionError> {
    let mut problems = Vec::new();
    let code = code.trim().to_lowercase().replace([' ', '-'], "_");
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if code.is_empty() || code.len() > 40 || !code.chars().all(fits) {
        let words = "Enter a short word of plain letters, such as cloud_security. Import files use it.";
        problems.push(("code", words.to_owned()));
    }
    let title = checked_title(title, &mut problems);
    change(portal, by, problems, HistoryEvent::FieldAdded, &format!("{code}: {title}"), |conn| {
        catalogue::add_field(conn, &code, &title)
    })
}

/// Gives a field another title and exactly these neighbours.
///
/// # Errors
/// `ActionError::Invalid` for the field `title`; `NotFound` for an unknown field and for anybody but an administrator.
pub fn edit_field(
    portal: &Portal,
    by: Administrator,
    id: FieldId,
    title: &str,
    neighbours: &[FieldId],
) -> Result<(), ActionError> {
    let mut problems = Vec::new();
    let title = checked_title(title, &mut problems);
    let fields = portal.store.read(catalogue::fields)?;
    let field = fields.iter().find(|field| field.id == id).ok_or(ActionError::NotFound)?;
    let known: Vec<_> = fields.iter().filter(|f| neighbours.contains(&f.id) && f.id != id).collect();
    let names: Vec<&str> = known.iter().map(|f| f.code.as_str()).collect();
    let detail = format!("{}: {title}; neighbours: {}", field.code, names.join(", "));
    change(portal, by, problems, HistoryEvent::FieldChanged, &detail, |conn| {
        catalogue::retitle_field(conn, id, &title)?;
        catalogue::set_neighbours(conn, id, &known.iter().map(|f| f.id).collect::<Vec<_>>())
    })
}

/// Adds a certification.
///
/// # Errors
/// `ActionError::Invalid` for the fields `code`, `title`, `field` and `level`; `NotFound` for anybody but an administrator.
pub fn add_certification(
    portal: &Portal,
    by: Administrator,
    code: &str,
    title: &str,
    field: Option<FieldId>,
    level: Option<Level>,
) -> Result<CertificationId, ActionError> {
    let mut problems = Vec::new();
    let code = code.trim().to_uppercase();
    if code.is_empty() || code.len() > 12 || !code.chars().all(|c| c.is_ascii_alphanumeric()) {
        problems.push(("code", "Enter a short code of letters and digits, such as ISP.".to_owned()));
    }
    let title = checked_title(title, &mut problems);
    let known = portal.store.read(catalogue::fields)?;
    let field = field.filter(|id| known.iter().any(|field| field.id == *id));
    if field.is_none() {
        problems.push(("field", "Choose a field.".to_owned()));
    }
    if level.is_none() {
        problems.push(("level", "Choose a level.".to_owned()));
    }
    let (Some(field), Some(level)) = (field, level) else { return Err(ActionError::Invalid(problems)) };
    change(
        portal,
        by,
        problems,
        HistoryEvent::CertificationAdded,
        &format!("{code}: {title}, {}", level.label()),
        |conn| catalogue::add_certification(conn, &code, &title, field, level),
    )
}

/// Gives a certification another title.
///
/// # Errors
/// `ActionError::Invalid` for the field `title`; `NotFound` for anybody but an administrator.
pub fn retitle_certification(
    portal: &Portal,
    by: Administrator,
    id: CertificationId,
    title: &str,
) -> Result<(), ActionError> {
    let mut problems = Vec::new();
    let title = checked_title(title, &mut problems);
    let all = portal.store.read(catalogue::certifications)?;
    let found = all.into_iter().find(|c| c.id == id).ok_or(ActionError::NotFound)?;
    change(
        portal,
        by,
        problems,
        HistoryEvent::CertificationChanged,
        &format!("{}: {title}", found.code),
        |conn| {
            catalogue::retitle_certification(conn, id, &title)?;
            signing::outdate(conn, id)
        },
    )
}

fn checked_title(title: &str, problems: &mut Vec<(&'static str, String)>) -> String {
    match one_line("The title", title, LONGEST_TITLE) {
        Ok(title) => {
            if title.is_empty() {
                problems.push(("title", "Enter a title.".to_owned()));
            }
            title
        }
        Err(message) => {
            problems.push(("title", message));
            String::new()
        }
    }
}

fn change<T>(
    portal: &Portal,
    by: Administrator,
    problems: Vec<(&'static str, String)>,
    event: HistoryEvent,
    detail: &str,
    write: impl FnOnce(&mut Conn<'_>) -> Result<T, StoreError>,
) -> Result<T, ActionError> {
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let done = write(conn).map_err(|error| match error {
            StoreError::Constraint(_) => ActionError::invalid("code", "This code is already in use."),
            other => ActionError::Store(other),
        })?;
        let event = Event { actor: Some(by.id), detail: detail.to_owned(), ..Event::of(event) };
        history::record(conn, &event, now)?;
        Ok(done)
    })
}
