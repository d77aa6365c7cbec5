//! Activities that were reported, or already approved, elsewhere: the rules of the report form, except that a far field is accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::activity_row::{ActivityRow, Parsed, Read, read};
use super::{Effect, ImportTerms, Note, RowOutcome, shown};
use crate::actions::ActionError;
use crate::actions::activities::submission::{self, NewReport, ReportOrigin};
use crate::actions::reviews::queue;
use crate::domain::activities::activity::{ActivityStatus, Facts, Report};
use crate::domain::activities::category::Category;
use crate::domain::activities::eligibility::Unusable;
use crate::domain::activities::plausibility::{Hint, hints, more_than_its_days};
use crate::domain::activities::publication::fold_title;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::same_event::alike;
use crate::domain::activities::submission::{Leniency, Objection, SubmissionFacts, objections};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::long_date;
use crate::domain::ids::{FieldId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::roles::not_their_own;
use crate::store::Conn;
use crate::store::accounts::{self, normal_email};
use crate::store::activities::import_keys::{self, Reported, import_key};
use crate::store::certification::{catalogue, policies};
use crate::store::records::holder_records;

/// What the rows of one holder are judged by.
struct HolderState {
    file: HolderFile,
    /// Keys of everything reported already.
    keys: BTreeSet<String>,
    /// Everything that counts or may count.
    reported: Vec<Facts>,
    touched: bool,
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
    key: String,
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
}

impl ActivityImport {
    /// Begins an import.
    ///
    /// # Errors
    /// `ActionError::Store`.
    pub fn begin(conn: &mut Conn<'_>, terms: ImportTerms) -> Result<Self, ActionError> {
        let fields = catalogue::fields(conn)?.into_iter().map(|field| (field.code, field.id)).collect();
        Ok(ActivityImport {
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

    /// Brings rows in that were read. A dry run only says what would become of them. Each holder's file is read
    /// once for all rows given together.
    ///
    /// # Errors
    /// `ActionError` when the database refuses; what is wrong with a row is no error.
    pub fn rows(
        &mut self,
        conn: &mut Conn<'_>,
        ReadActivities(rows): ReadActivities,
    ) -> Result<Vec<RowOutcome>, ActionError> {
        let emails: BTreeSet<String> =
            rows.iter().map(|row| normal_email(&row.email)).filter(|email| !email.is_empty()).collect();
        let holders = accounts::ids_of_emails(conn, &emails.into_iter().collect::<Vec<_>>())?;
        let mut states = self.states(conn, &holders)?;
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut accepted = Vec::with_capacity(rows.len());
        for row in rows {
            let holder = holders.get(&normal_email(&row.email)).copied();
            outcomes.push((holder, self.row(holder, row, &mut states, &mut accepted)));
        }
        if !self.reader.terms.dry_run {
            self.enter(conn, &accepted, &mut states)?;
        }
        named(conn, outcomes)
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
                let (keys, reported) = (BTreeSet::new(), Vec::new());
                let mut state = HolderState { file: empty(id), keys, reported, touched: false };
                for would_be in self.would_know.get(&id).into_iter().flatten() {
                    state.know(would_be.reported());
                }
                (id, state)
            })
            .collect();
        for file in holder_records::of_holders(conn, &ids, self.reader.terms.today)? {
            if let Some(state) = states.get_mut(&file.holder) {
                state.file = file;
            }
        }
        for (holder, reported) in import_keys::reported(conn, &ids)? {
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
        let claim = SubmissionFacts { day: row.completed_on, ..SubmissionFacts::default() };
        let objections = objections(&state.file, &claim, self.reader.terms.today, Leniency::FarFields);
        faults.extend(objections.into_iter().map(said_to_staff));
        let mut notes = Vec::new();
        let key = row.parsed.as_ref().map(|parsed| import_key(&parsed.facts)).unwrap_or_default();
        if let Some(parsed) = &row.parsed {
            self.compare(state, parsed, &key, &mut faults, &mut notes);
        }
        match row.parsed {
            Some(parsed) if faults.is_empty() => {
                self.know(holder, &parsed, &key, state);
                accepted.push(Accepted { holder, row: parsed, key });
                RowOutcome { holder: String::new(), result: Ok(Effect::Added), notes }
            }
            _ => RowOutcome::refused("", faults),
        }
    }

    /// What is wrong with a row, or unlikely, beside everything else that its holder reports.
    fn compare(
        &self,
        state: &HolderState,
        row: &Parsed,
        key: &str,
        faults: &mut Vec<String>,
        notes: &mut Vec<Note>,
    ) {
        let facts = &row.facts;
        for (name, quantity) in [("quantity", Some(row.reported)), ("awarded quantity", row.awarded)] {
            if let Some((quantity, hours)) =
                quantity.and_then(|quantity| Some((quantity, more_than_its_days(facts, quantity)?)))
            {
                faults.push(format!("The {name}, {quantity}, is more than its days have: {hours} hours."));
            }
        }
        if state.keys.contains(key) {
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
                // told above
                Hint::MoreThanADay(..) => false,
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
    fn know(&mut self, holder: HolderId, row: &Parsed, key: &str, state: &mut HolderState) {
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
        state.know(Reported { key: key.to_owned(), facts: row.facts.clone(), counts: true });
    }

    /// Enters the rows that may go in, and gives their holders' queues their order.
    fn enter(
        &self,
        conn: &mut Conn<'_>,
        rows: &[Accepted],
        states: &mut BTreeMap<HolderId, HolderState>,
    ) -> Result<(), ActionError> {
        let ImportTerms { by, now, today, .. } = self.reader.terms;
        let new: Vec<NewReport<'_>> = rows
            .iter()
            .map(|Accepted { holder, row, key }| NewReport {
                holder: *holder,
                facts: &row.facts,
                status: row.status,
                origin: ReportOrigin::Import { by, key, awarded: row.awarded },
            })
            .collect();
        let ids = submission::enter_all(conn, &new, now)?;
        for (id, Accepted { holder, row, .. }) in ids.into_iter().zip(rows) {
            let Some(state) = states.get_mut(holder) else { continue };
            state.touched = true;
            state.file.reports.push(Report {
                id,
                status: row.status,
                category: row.category,
                completed_on: row.completed_on,
                reported_at: now,
                reported: row.reported,
                awarded: row.awarded,
                publication: (row.category == Category::Writing).then(|| fold_title(&row.facts.publication)),
            });
        }
        for state in states.values_mut().filter(|state| state.touched) {
            state.file.reports.sort_unstable_by_key(Report::order);
            queue::refresh(conn, &state.file, &self.policies, today)?;
        }
        Ok(())
    }
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
