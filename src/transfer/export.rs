//! Exports: everything the portal keeps about a subject in one file. The columns of the matching import stand first, so that an export can be
//! imported again; further columns follow.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};

use super::sheet::{Format, Sheet, SheetError};
use super::{activities, holders};
use crate::domain::activity::Activity;
use crate::domain::category::Category;
use crate::domain::ids::{AccountId, ActivityId, FieldId};
use crate::domain::ledger::{CertificateFile, HolderFile, Share, shares, year_ledger};
use crate::domain::policy::Policies;
use crate::domain::quantity::Quantity;
use crate::domain::standing::year_standing;
use crate::portal::Portal;
use crate::store::accounts::Account;
use crate::store::badges::Badge;
use crate::store::history::is_of_draft;
use crate::store::{Conn, StoreError, catalogue, exports, files, policies};

/// What to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Holders: a row for each certificate, as holders are imported.
    Holders,
    /// Certificates with the year in progress, its sums and the badge.
    Certificates,
    /// Everything that was ever reported.
    Activities,
    /// Who did what, when.
    History,
}

impl Subject {
    /// The subject of a word such as holders, if there is one.
    pub fn from_code(code: &str) -> Option<Subject> {
        match code {
            "holders" => Some(Subject::Holders),
            "certificates" => Some(Subject::Certificates),
            "activities" => Some(Subject::Activities),
            "history" => Some(Subject::History),
            _ => None,
        }
    }
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The file.
    #[error("the file cannot be written: {0}")]
    Sheet(#[from] SheetError),
}

impl From<std::io::Error> for ExportError {
    fn from(error: std::io::Error) -> Self {
        ExportError::Sheet(SheetError::Disk(error))
    }
}

const HOLDERS_AT_ONCE: i64 = 300;
const ROWS_AT_ONCE: i64 = 2000;

const MORE_OF_HOLDERS: [&str; 4] = ["level", "decertified_on", "role", "has_password"];
const MORE_OF_CERTIFICATES: [&str; 14] = [
    "title",
    "level",
    "decertified_on",
    "year",
    "year_starts_on",
    "year_ends_on",
    "deadline",
    "standing",
    "approved",
    "pending",
    "required",
    "missing",
    "badge",
    "badge_valid_until",
];
const MORE_OF_ACTIVITIES: [&str; 6] =
    ["awarded", "name", "relevance", "reported_at", "decided_at", "activity"];
const OF_HISTORY: [&str; 7] = ["at", "actor", "event", "holder", "certificate", "activity", "detail"];

/// Exports to a file. It appears, or replaces what was there, when it is whole. Gives the number of rows; `progress` hears it on the way.
///
/// # Errors
/// `ExportError`; then the file is as it was.
pub fn export_file(
    portal: &Portal,
    subject: Subject,
    format: Format,
    target: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, ExportError> {
    let part = crate::upkeep::unfinished(target);
    let written = File::create(&part).map_err(ExportError::from).and_then(|file| {
        let rows = export(portal, subject, format, BufWriter::new(&file), progress)?;
        file.sync_all()?;
        std::fs::rename(&part, target)?;
        Ok(rows)
    });
    if written.is_err() {
        // nothing more can be done about a part that the disk keeps
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// Exports to a writer, all of it as of one moment. Gives the number of rows.
///
/// # Errors
/// `ExportError`.
pub fn export(
    portal: &Portal,
    subject: Subject,
    format: Format,
    out: impl Write + Seek + Send,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, ExportError> {
    let header: Vec<&str> = match subject {
        Subject::Holders => [&holders::COLUMNS[..], &MORE_OF_HOLDERS].concat(),
        Subject::Certificates => [&holders::COLUMNS[..], &MORE_OF_CERTIFICATES].concat(),
        Subject::Activities => [&activities::COLUMNS[..], &MORE_OF_ACTIVITIES].concat(),
        Subject::History => OF_HISTORY.to_vec(),
    };
    let mut sheet = Sheet::begin(format, out, &header)?;
    let mut rows = 0;
    let today = portal.clock.today();
    portal.store.read(|conn| {
        let mut pages = Pages::begin(conn, subject, today)?;
        loop {
            let page = pages.next(conn)?;
            if page.is_empty() {
                return Ok::<_, ExportError>(());
            }
            for row in &page {
                sheet.row(row)?;
                rows += 1;
            }
            progress(rows);
        }
    })?;
    sheet.finish()?;
    Ok(rows)
}

/// Pages of rows, each after the one before.
struct Pages {
    subject: Subject,
    after: i64,
    today: NaiveDate,
    policies: Policies,
    fields: Vec<(FieldId, String)>,
}

type Row = Vec<String>;

impl Pages {
    fn begin(conn: &mut Conn<'_>, subject: Subject, today: NaiveDate) -> Result<Self, StoreError> {
        let policies = policies::all(conn)?;
        let fields = catalogue::fields(conn)?.into_iter().map(|field| (field.id, field.code)).collect();
        Ok(Pages { subject, after: 0, today, policies, fields })
    }

    fn next(&mut self, conn: &mut Conn<'_>) -> Result<Vec<Row>, StoreError> {
        match self.subject {
            Subject::Holders | Subject::Certificates => self.next_holders(conn),
            Subject::Activities => {
                let page = exports::reported_after(conn, ActivityId(self.after), ROWS_AT_ONCE)?;
                self.after = page.last().map_or(self.after, |(_, _, activity)| activity.id.0);
                Ok(page.iter().map(|(email, name, activity)| self.activity(email, name, activity)).collect())
            }
            Subject::History => {
                let page = exports::history_after(conn, self.after, ROWS_AT_ONCE)?;
                self.after = page.last().map_or(self.after, |line| line.id);
                Ok(page.into_iter().map(history_row).collect())
            }
        }
    }

    fn next_holders(&mut self, conn: &mut Conn<'_>) -> Result<Vec<Row>, StoreError> {
        let ids = exports::holders_after(conn, AccountId(self.after), HOLDERS_AT_ONCE)?;
        self.after = ids.last().map_or(self.after, |id| id.0);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let accounts = exports::accounts_of(conn, &ids)?;
        let badges = exports::live_badges_of_holders(conn, &ids)?;
        let mut rows = Vec::new();
        for file in files::of_holders(conn, &ids, self.today)? {
            let account =
                accounts.get(&file.holder).ok_or(StoreError::Unreadable("certificates.holder_id"))?;
            let shares = shares(&file, &self.policies);
            for certificate in &file.certificates {
                let mut row = holder_cells(account, certificate);
                match self.subject {
                    Subject::Holders => row.extend(more_of_holder(account, certificate)),
                    _ => {
                        let badge = badges.get(&certificate.certificate.id);
                        row.extend(self.more_of_certificate(&file, &shares, certificate, badge));
                    }
                }
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn more_of_certificate(
        &self,
        file: &HolderFile,
        shares: &[Share],
        held: &CertificateFile,
        badge: Option<&Badge>,
    ) -> [String; 14] {
        let certification = &held.certificate.certification;
        let ended = held.certificate.decertified_on();
        // a decertified certificate has no year in progress
        let index = held.years.iter().position(|year| ended.is_none() && year.contains(self.today));
        let year = index.and_then(|index| held.years.get(index));
        let sums = index.map(|index| year_ledger(file, shares, held, index, &self.policies).sums);
        let standing = match (year, sums) {
            _ if ended.is_some() => "Decertified",
            (Some(year), Some(sums)) => year_standing(year, &sums, &self.policies, self.today).label(),
            _ => "",
        };
        let credits = |amount: Option<String>| amount.unwrap_or_default();
        [
            certification.title.clone(),
            certification.level.code().to_owned(),
            day(ended),
            year.map(|year| year.number.to_string()).unwrap_or_default(),
            day(year.map(|year| year.starts_on)),
            day(year.map(|year| year.ends_on)),
            day(year.map(|year| year.deadline)),
            standing.to_owned(),
            credits(sums.map(|sums| sums.approved.to_string())),
            credits(sums.map(|sums| sums.pending.to_string())),
            credits(sums.map(|sums| sums.required.to_string())),
            credits(sums.map(|sums| sums.missing().rounded_up())),
            badge.map(|badge| badge.id.clone()).unwrap_or_default(),
            day(badge.and_then(|badge| badge.valid_until)),
        ]
    }

    fn activity(&self, email: &str, name: &str, activity: &Activity) -> Row {
        let facts = &activity.facts;
        let field = self.fields.iter().find(|(id, _)| Some(*id) == facts.field);
        let typed = |quantity: Option<Quantity>| quantity.map(Quantity::typed).unwrap_or_default();
        vec![
            email.to_owned(),
            facts.category.map_or("", Category::code).to_owned(),
            facts.title.clone(),
            facts.organiser.clone(),
            field.map(|(_, code)| code.clone()).unwrap_or_default(),
            day(facts.started_on),
            day(facts.completed_on),
            typed(facts.quantity),
            facts.publication.clone(),
            activity.status.code().to_owned(),
            typed(activity.awarded),
            name.to_owned(),
            facts.relevance.clone(),
            instant(activity.reported_at),
            instant(activity.decided_at),
            activity.id.to_string(),
        ]
    }
}

fn holder_cells(account: &Account, held: &CertificateFile) -> Row {
    vec![
        account.email.clone(),
        account.name.clone(),
        held.certificate.certification.code.clone(),
        held.certificate.number.clone(),
        held.certificate.granted_on.to_string(),
    ]
}

fn more_of_holder(account: &Account, held: &CertificateFile) -> [String; 4] {
    [
        held.certificate.certification.level.code().to_owned(),
        day(held.certificate.decertified_on()),
        account.role.code().to_owned(),
        if account.has_password { "yes" } else { "no" }.to_owned(),
    ]
}

fn history_row(line: exports::HistoryLine) -> Row {
    let draft = is_of_draft(&line.event);
    vec![
        instant(Some(line.at)),
        line.actor.unwrap_or_default(),
        line.event,
        line.holder.unwrap_or_default(),
        line.certificate.unwrap_or_default(),
        line.activity.map(|id| id.to_string()).unwrap_or_default(),
        if draft { String::new() } else { line.detail },
    ]
}

fn day(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// An instant in UTC, as files tell it.
fn instant(at: Option<NaiveDateTime>) -> String {
    at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}
