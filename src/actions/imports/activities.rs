//! Activities that were reported, or already approved, elsewhere: the rules of the report form, except that a far field is accepted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};

use super::{RowOutcome, not_a_day, shown};
use crate::actions::one_line::one_line;
use crate::actions::report_form::LONGEST_LINE;
use crate::actions::{ActionError, queue};
use crate::domain::activity::{ActivityStatus, Facts, Report};
use crate::domain::calendar::{long_date, parse_day};
use crate::domain::category::Category;
use crate::domain::eligibility::{Unusable, usable_years};
use crate::domain::ids::{AccountId, FieldId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::policy::Policies;
use crate::domain::publication::fold_title;
use crate::domain::quantity::Quantity;
use crate::store::accounts::{self, normal_email};
use crate::store::activities::{self, NewActivity};
use crate::store::history::{self, Event};
use crate::store::imports::{self, import_key};
use crate::store::{Conn, catalogue, files, policies};

/// A row as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityRow {
    /// The holder's address.
    pub email: String,
    /// A category word, such as attending.
    pub category: String,
    /// What it was.
    pub title: String,
    /// Who held, published or ran it; may be empty.
    pub organiser: String,
    /// A field's code, such as `it_security`.
    pub field: String,
    /// First day; empty means the last one.
    pub started_on: String,
    /// Last day.
    pub completed_on: String,
    /// Hours ("2.5", "2,5", "2:30") or pages.
    pub quantity: String,
    /// The publication, for writing.
    pub publication: String,
    /// Submitted or approved.
    pub status: String,
    /// What a reviewer awarded instead of the reported quantity, where a file says so.
    pub awarded: String,
}

/// A row whose cells are good, each on its own.
struct Parsed {
    email: String,
    facts: Facts,
    category: Category,
    reported: Quantity,
    completed_on: NaiveDate,
    status: ActivityStatus,
    awarded: Option<Quantity>,
}

/// What the rows of one holder are judged by.
struct HolderState {
    file: HolderFile,
    /// Keys of everything reported already.
    keys: BTreeSet<String>,
    touched: bool,
}

/// An import of activities in progress.
pub struct ActivityImport {
    fields: BTreeMap<String, FieldId>,
    policies: Policies,
    today: NaiveDate,
    now: NaiveDateTime,
    by: Option<AccountId>,
    dry_run: bool,
    /// What a dry run would have brought by now, as the database does not know it.
    would_know: BTreeMap<HolderId, BTreeSet<String>>,
}

impl ActivityImport {
    /// Begins an import. `by` is the administrator who runs it; a command has none.
    ///
    /// # Errors
    /// `ActionError::Store`.
    pub fn begin(
        conn: &mut Conn<'_>,
        by: Option<AccountId>,
        dry_run: bool,
        today: NaiveDate,
        now: NaiveDateTime,
    ) -> Result<Self, ActionError> {
        Ok(ActivityImport {
            fields: catalogue::fields(conn)?.into_iter().map(|field| (field.code, field.id)).collect(),
            policies: policies::all(conn)?,
            today,
            now,
            by,
            dry_run,
            would_know: BTreeMap::new(),
        })
    }

    /// Brings rows in, each with its line in the file. A dry run only says what would become of them. Each holder's file is read
    /// once for all rows given together.
    ///
    /// # Errors
    /// `ActionError` when the database refuses; what is wrong with a row is no error.
    pub fn rows(
        &mut self,
        conn: &mut Conn<'_>,
        rows: &[(u64, ActivityRow)],
    ) -> Result<Vec<RowOutcome>, ActionError> {
        let parsed: Vec<Result<Parsed, String>> =
            rows.iter().map(|(_, row)| parse(row, &self.fields, self.today)).collect();
        let emails: BTreeSet<String> = parsed.iter().flatten().map(|row| normal_email(&row.email)).collect();
        let holders = accounts::ids_of_emails(conn, &emails.into_iter().collect::<Vec<_>>())?;
        let mut states = self.states(conn, &holders)?;
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in parsed {
            let outcome = match row {
                Ok(row) => match holders.get(&normal_email(&row.email)) {
                    Some(holder) => self.row(conn, *holder, &row, &mut states)?,
                    None => {
                        RowOutcome::Refused(format!("Nobody here has the address {}.", shown(&row.email)))
                    }
                },
                Err(reason) => RowOutcome::Refused(reason),
            };
            outcomes.push(outcome);
        }
        for state in states.values_mut().filter(|state| state.touched) {
            state.file.reports.sort_unstable_by_key(Report::order);
            queue::refresh(conn, &state.file, &self.policies)?;
        }
        Ok(outcomes)
    }

    fn states(
        &self,
        conn: &mut Conn<'_>,
        holders: &BTreeMap<String, HolderId>,
    ) -> Result<BTreeMap<HolderId, HolderState>, ActionError> {
        let ids: Vec<HolderId> = holders.values().copied().collect();
        let empty = |holder| HolderFile {
            holder,
            certificates: Vec::new(),
            reports: Vec::new(),
            counted: Vec::new(),
        };
        let mut states: BTreeMap<HolderId, HolderState> = ids
            .iter()
            .map(|&id| {
                let keys = self.would_know.get(&id).cloned().unwrap_or_default();
                (id, HolderState { file: empty(id), keys, touched: false })
            })
            .collect();
        for file in files::of_holders(conn, &ids, self.today)? {
            if let Some(state) = states.get_mut(&file.holder) {
                state.file = file;
            }
        }
        for (holder, key) in imports::reported_keys(conn, &ids)? {
            if let Some(state) = states.get_mut(&holder) {
                state.keys.insert(key);
            }
        }
        Ok(states)
    }

    fn row(
        &mut self,
        conn: &mut Conn<'_>,
        holder: HolderId,
        row: &Parsed,
        states: &mut BTreeMap<HolderId, HolderState>,
    ) -> Result<RowOutcome, ActionError> {
        let state = states.get_mut(&holder).ok_or(ActionError::NotFound)?;
        if let Err(unusable) = usable_years(&state.file, row.completed_on, self.today) {
            return Ok(RowOutcome::Refused(said_to_staff(&unusable)));
        }
        let key = import_key(&row.facts);
        if !state.keys.insert(key.clone()) {
            return Ok(RowOutcome::Refused(
                "This activity is there already: same holder, category, title, last day and quantity."
                    .to_owned(),
            ));
        }
        if self.dry_run {
            self.would_know.entry(holder).or_default().insert(key);
            return Ok(RowOutcome::Added);
        }
        let new = NewActivity {
            holder,
            status: row.status,
            facts: &row.facts,
            reported_at: Some(self.now),
            decided_at: (row.status == ActivityStatus::Approved).then_some(self.now),
            import_key: Some(key),
        };
        let id = activities::add(conn, &new, self.now)?;
        if let Some(awarded) = row.awarded {
            imports::award(conn, id, awarded)?;
        }
        let event = Event {
            actor: self.by,
            event: "activity imported",
            holder: Some(holder),
            activity: Some(id),
            detail: row.status.code().to_owned(),
            ..Event::default()
        };
        history::record(conn, &event, self.now)?;
        state.touched = true;
        state.file.reports.push(Report {
            id,
            status: row.status,
            category: row.category,
            completed_on: row.completed_on,
            reported_at: self.now,
            reported: row.reported,
            awarded: row.awarded,
            publication: (row.category == Category::Writing).then(|| fold_title(&row.facts.publication)),
        });
        Ok(RowOutcome::Added)
    }
}

fn parse(row: &ActivityRow, fields: &BTreeMap<String, FieldId>, today: NaiveDate) -> Result<Parsed, String> {
    let email = row.email.trim().to_owned();
    if email.is_empty() {
        return Err("The email is missing.".to_owned());
    }
    let word = row.category.trim().to_lowercase();
    let category = Category::from_code(&word).ok_or_else(|| {
        let words: Vec<&str> = Category::ALL.iter().map(|category| category.code()).collect();
        said_missing_or("category", &row.category, &format!("is no category. Use {}.", words.join(", ")))
    })?;
    let title = one_line("The title", &row.title, LONGEST_LINE)?;
    if title.is_empty() {
        return Err("The title is missing.".to_owned());
    }
    let organiser = one_line("The organiser", &row.organiser, LONGEST_LINE)?;
    let field = *fields.get(&row.field.trim().to_lowercase()).ok_or_else(|| {
        let words: Vec<&str> = fields.keys().map(String::as_str).collect();
        said_missing_or("field", &row.field, &format!("is no field. Use {}.", words.join(", ")))
    })?;
    let completed_on = parse_day(&row.completed_on).ok_or_else(|| {
        if row.completed_on.trim().is_empty() {
            "The day of completion (completed_on) is missing.".to_owned()
        } else {
            not_a_day(&row.completed_on, "completed_on")
        }
    })?;
    let started_on = if row.started_on.trim().is_empty() {
        completed_on
    } else {
        parse_day(&row.started_on).ok_or_else(|| not_a_day(&row.started_on, "started_on"))?
    };
    if completed_on > today {
        return Err(format!("{} is in the future (completed_on).", long_date(completed_on)));
    }
    if started_on > completed_on {
        return Err(format!(
            "It starts on {}, after it was completed on {}.",
            long_date(started_on),
            long_date(completed_on)
        ));
    }
    let quantity = |name: &str, cell: &str| {
        Quantity::parse(category, cell).map_err(|problem| match cell.trim() {
            "" => format!("The {name} is missing."),
            _ => format!("{} is no {name} for {}: {problem}", shown(cell), category.code()),
        })
    };
    let reported = quantity("quantity", &row.quantity)?;
    let publication = one_line("The publication", &row.publication, LONGEST_LINE)?;
    if category == Category::Writing && publication.is_empty() {
        return Err("The publication is missing; writing needs its title.".to_owned());
    }
    let status = match row.status.trim().to_lowercase().as_str() {
        "submitted" => ActivityStatus::Submitted,
        "approved" => ActivityStatus::Approved,
        _ => {
            return Err(said_missing_or(
                "status",
                &row.status,
                "is no status for an import. Use submitted or approved.",
            ));
        }
    };
    let awarded = match row.awarded.trim() {
        "" => None,
        _ if status != ActivityStatus::Approved => {
            return Err("Only an approved activity can have an awarded quantity.".to_owned());
        }
        cell => Some(quantity("awarded quantity", cell)?).filter(|awarded| *awarded != reported),
    };
    let facts = Facts {
        category: Some(category),
        title,
        organiser,
        field: Some(field),
        started_on: Some(started_on),
        completed_on: Some(completed_on),
        quantity: Some(reported),
        // a publication named in another category is ignored (G4)
        publication: if category == Category::Writing { publication } else { String::new() },
        relevance: String::new(),
        not_regular_job: true,
    };
    Ok(Parsed { email, facts, category, reported, completed_on, status, awarded })
}

fn said_missing_or(name: &str, cell: &str, otherwise: &str) -> String {
    if cell.trim().is_empty() {
        format!("The {name} is missing.")
    } else {
        format!("{} {otherwise}", shown(cell))
    }
}

/// Why no year can use the activity, in words for whoever imports.
fn said_to_staff(unusable: &Unusable) -> String {
    match unusable {
        Unusable::Future(day) => format!("{} is in the future (completed_on).", long_date(*day)),
        Unusable::NothingNeedsCpe => "The holder has no certificate that needs CPE credits.".to_owned(),
        Unusable::BeforeGrant(day, granted_on) => format!(
            "{} is before the holder's first certificate that needs credits was granted, on {}.",
            long_date(*day),
            long_date(*granted_on)
        ),
        Unusable::NotActive(day) => {
            format!("No certificate of the holder that needs credits was active on {}.", long_date(*day))
        }
        Unusable::Settled(day, settled_on) => format!(
            "The certification year that contains {} was settled on {}, so it can no longer count anything.",
            long_date(*day),
            long_date(*settled_on)
        ),
        Unusable::BeforeTakeover(day) => format!(
            "The certification year that contains {} was over before the portal took the certificate over, so it can no longer count \
             anything.",
            long_date(*day)
        ),
    }
}
