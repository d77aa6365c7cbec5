//! Activities that were reported, or already approved, elsewhere: the rules of the report form, except that a far field is accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDate;

use super::activity_row::{ActivityRow, Parsed, Read, read};
use super::{Effect, ImportTerms, Note, RowOutcome, shown};
use crate::actions::ActionError;
use crate::actions::activities::submission::{self, NewReport, ReportOrigin};
use crate::actions::reviews::queue;
use crate::domain::activities::activity::{ActivityStatus, Facts};
use crate::domain::activities::category::Category;
use crate::domain::activities::eligibility::Unusable;
use crate::domain::activities::plausibility::{Hint, hints, more_than_its_days};
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::same_event::alike;
use crate::domain::activities::submission::{Leniency, Objection, SubmissionFacts, objections};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::long_date;
use crate::domain::ids::{FieldId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::plural::counted;
use crate::domain::roles::{Acquainted, not_their_own};
use crate::store::Conn;
use crate::store::accounts::{self, acquaintances};
use crate::store::activities::import_keys::{self, Reported, Wanted, import_key};
use crate::store::activities::review_queue;
use crate::store::certification::{catalogue, policies};
use crate::store::records::holder_records;

/// What the rows of one holder are judged by.
struct HolderState {
    /// Without reports.
    file: HolderFile,
    /// Keys of what was reported already, as far as one of the rows can have the same.
    keys: BTreeSet<String>,
    /// What counts or may count, and took place on one of the rows' days.
    reported: Vec<Facts>,
}

impl HolderState {
    fn know(&mut self, reported: Reported) {
        if reported.counts {
            self.reported.push(reported.facts);
        }
        self.keys.insert(reported.key);
    }
}

/// A row that may go in.
struct Accepted {
    holder: HolderId,
    row: Parsed,
}

/// What a rehearsal would have brought: as little of it as later rows are judged by, because a file can have millions.
struct WouldBe {
    category: Category,
    quantity: Quantity,
    started_on: NaiveDate,
    completed_on: NaiveDate,
    title: Box<str>,
    organiser: Box<str>,
}

impl WouldBe {
    fn reported(&self) -> Reported {
        let facts = Facts {
            category: Some(self.category),
            title: self.title.to_string(),
            organiser: self.organiser.to_string(),
            started_on: Some(self.started_on),
            completed_on: Some(self.completed_on),
            quantity: Some(self.quantity),
            ..Facts::default()
        };
        Reported { key: import_key(&facts), facts, counts: true }
    }
}

/// Reads rows of activities; what that takes needs no database, and can be done ahead on another processor.
pub struct ActivityReader {
    fields: BTreeMap<String, FieldId>,
    terms: ImportTerms,
}

/// Rows as far as they could be read.
pub struct ReadActivities(Vec<Read>);

impl ActivityReader {
    /// Reads rows, each with its line in the file.
    #[must_use]
    pub fn read(&self, rows: &[(u64, ActivityRow)]) -> ReadActivities {
        ReadActivities(rows.iter().map(|(_, row)| read(row, &self.fields, &self.terms)).collect())
    }
}

/// An import of activities in progress.
pub struct ActivityImport {
    reader: Arc<ActivityReader>,
    policies: Policies,
    /// What a dry run would have brought by now, as the database does not know it.
    would_know: BTreeMap<HolderId, Vec<WouldBe>>,
    /// Holders whom whoever imports knows.
    acquaintances: BTreeSet<HolderId>,
}

impl ActivityImport {
    /// Begins an import.
    ///
    /// # Errors
    /// `ActionError::Store`.
    pub fn begin(conn: &mut Conn<'_>, terms: ImportTerms) -> Result<Self, ActionError> {
        let fields = catalogue::fields(conn)?.into_iter().map(|field| (field.code, field.id)).collect();
        let acquaintances = match terms.by_id() {
            Some(by) => acquaintances::known_to(conn, by)?,
            None => BTreeSet::new(),
        };
        Ok(ActivityImport {
            acquaintances,
            reader: Arc::new(ActivityReader { fields, terms }),
            policies: policies::all(conn)?,
            would_know: BTreeMap::new(),
        })
    }

    /// What reads its rows.
    #[must_use]
    pub fn reader(&self) -> Arc<ActivityReader> {
        Arc::clone(&self.reader)
    }

    /// Brings rows in that were read. A dry run only says what would become of them. What they are judged by is
    /// read once for all rows given together.
    ///
    /// # Errors
    /// `ActionError` when the database refuses; what is wrong with a row is no error.
    pub fn rows(
        &mut self,
        conn: &mut Conn<'_>,
        ReadActivities(rows): ReadActivities,
    ) -> Result<Vec<RowOutcome>, ActionError> {
        let emails: BTreeSet<String> =
            rows.iter().map(|row| row.email_norm.clone()).filter(|email| !email.is_empty()).collect();
        let holders = accounts::ids_of_emails(conn, &emails.into_iter().collect::<Vec<_>>())?;
        let mut states = self.states(conn, &holders, &rows)?;
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut accepted = Vec::with_capacity(rows.len());
        for row in rows {
            let holder = holders.get(&row.email_norm).copied();
            outcomes.push((holder, self.row(holder, row, &mut states, &mut accepted)));
        }
        if !self.reader.terms.dry_run {
            self.enter(conn, &accepted)?;
        }
        named(conn, outcomes)
    }

    fn states(
        &self,
        conn: &mut Conn<'_>,
        holders: &BTreeMap<String, HolderId>,
        rows: &[Read],
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
            .map(|&id| (id, HolderState { file: empty(id), keys: BTreeSet::new(), reported: Vec::new() }))
            .collect();
        for file in holder_records::without_reports(conn, &ids, self.reader.terms.today)? {
            if let Some(state) = states.get_mut(&file.holder) {
                state.file = file;
            }
        }
        let wanted = rows
            .iter()
            .filter_map(|row| wanted(*holders.get(&row.email_norm)?, row.parsed.as_ref()?))
            .collect::<Vec<_>>();
        for (holder, days) in all_days(&wanted) {
            let would_be = self.would_know.get(&holder).into_iter().flatten();
            let near =
                would_be.filter(|one| one.started_on <= *days.end() && one.completed_on >= *days.start());
            if let Some(state) = states.get_mut(&holder) {
                near.for_each(|one| state.know(one.reported()));
            }
        }
        for (holder, reported) in import_keys::reported(conn, &wanted)? {
            if let Some(state) = states.get_mut(&holder) {
                state.know(reported);
            }
        }
        Ok(states)
    }

    fn row(
        &mut self,
        holder: Option<HolderId>,
        row: Read,
        states: &mut BTreeMap<HolderId, HolderState>,
        accepted: &mut Vec<Accepted>,
    ) -> RowOutcome {
        let mut faults = row.faults;
        let Some((holder, state)) = holder.and_then(|id| Some((id, states.get_mut(&id)?))) else {
            if !row.email.is_empty() {
                faults.insert(0, format!("Nobody here has the address {}.", shown(&row.email)));
            }
            return RowOutcome::refused("", faults);
        };
        if let Err(own) = not_their_own(self.reader.terms.by_id(), holder) {
            faults.insert(0, own.to_string());
        }
        // what waits for review is a colleague's to decide; what is approved by the file would be decided here
        let approved = row.parsed.as_ref().is_some_and(|row| row.status == ActivityStatus::Approved);
        if approved && self.acquaintances.contains(&holder) {
            faults.insert(0, Acquainted.to_string());
        }
        let claim = SubmissionFacts { day: row.completed_on, ..SubmissionFacts::default() };
        let objections = objections(&state.file, &claim, self.reader.terms.today, Leniency::FarFields);
        faults.extend(objections.into_iter().map(said_to_staff));
        let mut notes = Vec::new();
        if let Some(parsed) = &row.parsed {
            self.compare(state, parsed, &mut faults, &mut notes);
        }
        match row.parsed {
            Some(parsed) if faults.is_empty() => {
                self.know(holder, &parsed, state);
                accepted.push(Accepted { holder, row: parsed });
                RowOutcome { holder: String::new(), result: Ok(Effect::Added), notes }
            }
            _ => RowOutcome::refused("", faults),
        }
    }

    /// What is wrong with a row, or unlikely, beside everything else that its holder reports.
    fn compare(&self, state: &HolderState, row: &Parsed, faults: &mut Vec<String>, notes: &mut Vec<Note>) {
        let facts = &row.facts;
        for (name, quantity) in [("quantity", Some(row.reported)), ("awarded quantity", row.awarded)] {
            if let Some((quantity, hours)) =
                quantity.and_then(|quantity| Some((quantity, more_than_its_days(facts, quantity)?)))
            {
                faults.push(format!(
                    "The {name}, {quantity}, is more than its days have: {}.",
                    counted(hours, "hour", "hours")
                ));
            }
        }
        if state.keys.contains(&row.key) {
            faults.push(
                "This activity is there already: same holder, category, title, last day and quantity."
                    .to_owned(),
            );
            return;
        }
        let similar = state.reported.iter().find(|other| alike(facts, other));
        if let Some(other) = similar {
            let words = format!(
                "It looks like “{}”, which is there already: same holder, organiser, last day and quantity.",
                other.title
            );
            if row.status == ActivityStatus::Approved && !self.reader.terms.accept_similar {
                faults.push(format!("{words} If both took place, accept similar rows (--accept-similar)."));
            } else {
                notes.push(Note::Doubt(words));
            }
        }
        for hint in hints(facts, &state.reported, self.reader.terms.today) {
            let told = match hint {
                // what was decided elsewhere may lie back as long as it likes
                Hint::LongAgo(_) => row.status == ActivityStatus::Submitted,
                Hint::SameTitle(_) | Hint::TwoAtOnce(..) => similar.is_none(),
                Hint::LongDay(..) | Hint::Pace(..) => true,
            };
            if told {
                notes.push(Note::Doubt(hint.about_a_row()));
            }
        }
    }

    /// Lets later rows be judged by one that goes in.
    fn know(&mut self, holder: HolderId, row: &Parsed, state: &mut HolderState) {
        if self.reader.terms.dry_run {
            self.would_know.entry(holder).or_default().push(WouldBe {
                category: row.category,
                quantity: row.reported,
                started_on: row.facts.started_on.unwrap_or(row.completed_on),
                completed_on: row.completed_on,
                title: row.facts.title.as_str().into(),
                organiser: row.facts.organiser.as_str().into(),
            });
        }
        state.know(Reported { key: row.key.clone(), facts: row.facts.clone(), counts: true });
    }

    /// Enters the rows that may go in, and gives their holders' queues their order.
    fn enter(&self, conn: &mut Conn<'_>, rows: &[Accepted]) -> Result<(), ActionError> {
        let ImportTerms { by, now, today, .. } = self.reader.terms;
        let new: Vec<NewReport<'_>> = rows
            .iter()
            .map(|Accepted { holder, row }| NewReport {
                holder: *holder,
                facts: &row.facts,
                status: row.status,
                origin: ReportOrigin::Import { by, key: &row.key, awarded: row.awarded },
            })
            .collect();
        submission::enter_all(conn, &new, now)?;
        let touched: BTreeSet<HolderId> = rows.iter().map(|row| row.holder).collect();
        let waiting = review_queue::with_waiting(conn, &touched.into_iter().collect::<Vec<_>>())?;
        if !waiting.is_empty() {
            for file in holder_records::of_holders(conn, &waiting, today)? {
                queue::refresh(conn, &file, &self.policies, today)?;
            }
        }
        Ok(())
    }
}

/// From the first to the last day of all rows of each holder.
fn all_days(rows: &[Wanted]) -> BTreeMap<HolderId, RangeInclusive<NaiveDate>> {
    let mut days: BTreeMap<HolderId, RangeInclusive<NaiveDate>> = BTreeMap::new();
    for row in rows {
        let all = days.entry(row.holder).or_insert(row.first..=row.last);
        *all = *all.start().min(&row.first)..=*all.end().max(&row.last);
    }
    days
}

/// By which reports a row is judged.
fn wanted(holder: HolderId, row: &Parsed) -> Option<Wanted> {
    let last = row.facts.completed_on?;
    let first = row.facts.started_on.unwrap_or(last).min(last);
    Some(Wanted { holder, first, last, key: row.key.clone() })
}

/// The outcomes with the names of their holders, where somebody will read them.
fn named(
    conn: &mut Conn<'_>,
    outcomes: Vec<(Option<HolderId>, RowOutcome)>,
) -> Result<Vec<RowOutcome>, ActionError> {
    let told = |outcome: &RowOutcome| outcome.result.is_err() || !outcome.notes.is_empty();
    let ids: BTreeSet<HolderId> =
        outcomes.iter().filter(|(_, outcome)| told(outcome)).filter_map(|(holder, _)| *holder).collect();
    let names: BTreeMap<HolderId, String> =
        accounts::find_several(conn, &ids.into_iter().collect::<Vec<_>>())?
            .into_iter()
            .map(|account| (account.id, account.name))
            .collect();
    Ok(outcomes
        .into_iter()
        .map(|(holder, mut outcome)| {
            if told(&outcome) {
                outcome.holder = holder.and_then(|id| names.get(&id)).cloned().unwrap_or_default();
            }
            outcome
        })
        .collect())
}

/// Why a report cannot be taken, in words for whoever imports.
fn said_to_staff(objection: Objection) -> String {
    let unusable = match objection {
        Objection::Unusable(unusable) => unusable,
        Objection::FarField => {
            return "The field is neither the holder's own nor a neighbouring one.".to_owned();
        }
    };
    let day = long_date(unusable.day);
    match unusable.why {
        Unusable::Future => format!("{day} is in the future (completed_on)."),
        Unusable::NothingNeedsCpe => "The holder has no certificate that needs CPE credits.".to_owned(),
        Unusable::BeforeGrant(granted_on) => format!(
            "{day} is before the holder's first certificate that needs credits was granted, on {}.",
            long_date(granted_on)
        ),
        Unusable::NotActive => {
            format!("No certificate of the holder that needs credits was active on {day}.")
        }
        Unusable::Settled(on) => format!(
            "The certification year that contains {day} was settled on {}, so it can no longer count anything.",
            long_date(on)
        ),
        Unusable::BeforeTakeover => format!(
            "The certification year that contains {day} was over before the portal took the certificate over, so it can no longer count \
             anything."
        ),
    }
}
