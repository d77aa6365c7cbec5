//! Exports: everything the portal keeps about a subject in one file. Holders and activities begin with the columns of the matching import;
//! further columns follow.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use chrono::NaiveDate;

use super::activity_export::{self, Worths};
use super::cell::Cell;
use super::sheet::{Format, Sheet, SheetError};
use super::{activities, holders};
use crate::domain::certification::certificate_status::CertificateStatus;
use crate::domain::certification::policy::Policies;
use crate::domain::codes::codes;
use crate::domain::ids::{AccountId, FieldId, HolderId};
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::{CertificateFile, HolderFile};
use crate::portal::Portal;
use crate::store::accounts::Account;
use crate::store::badges::Badge;
use crate::store::certification::{catalogue, policies};
use crate::store::records::staff_notes;
use crate::store::records::staff_notes::NoteLine;
use crate::store::records::{exports, holder_records};
use crate::store::{Conn, StoreError};

codes! {
    /// What to export.
    pub enum Subject {
        /// Holders: a row for each certificate, as holders are imported.
        Holders = "holders",
        /// Certificates, each with the year that presses most, its sums and the badge.
        Certificates = "certificates",
        /// Everything that was ever reported.
        Activities = "activities",
        /// Who did what, when.
        History = "history",
        /// What staff noted about holders: it belongs to what is told to a holder who asks what is kept about them.
        Notes = "notes",
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
const OF_NOTES: [&str; 7] = ["at", "author", "holder", "activity", "conversation", "about", "note"];
const OF_HISTORY: [&str; 7] = ["at", "actor", "event", "holder", "certificate", "activity", "detail"];

/// Exports to a file. It appears, or replaces what was there, when it is whole. Gives the number of rows; `progress` hears it on the way. What
/// colleagues keep among themselves about the `reader`, if it is for somebody of the staff, is left out.
///
/// # Errors
/// `ExportError`; then the file is as it was.
pub fn export_file(
    portal: &Portal,
    (subject, format): (Subject, Format),
    reader: Option<AccountId>,
    target: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, ExportError> {
    let part = crate::upkeep::unfinished(target);
    let written = File::create(&part).map_err(ExportError::from).and_then(|file| {
        let rows = export(portal, (subject, format), reader, BufWriter::new(&file), progress)?;
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

/// Exports to a writer, all of it as of one moment, for a reader as [`export_file`] does. Gives the number of rows.
///
/// # Errors
/// `ExportError`.
pub fn export(
    portal: &Portal,
    (subject, format): (Subject, Format),
    reader: Option<AccountId>,
    out: impl Write + Seek + Send,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, ExportError> {
    let header: Vec<&str> = match subject {
        Subject::Holders => [&holders::COLUMNS[..], &MORE_OF_HOLDERS].concat(),
        Subject::Certificates => [&holders::COLUMNS[..], &MORE_OF_CERTIFICATES].concat(),
        Subject::Activities => [&activities::COLUMNS[..], &activity_export::MORE].concat(),
        Subject::History => OF_HISTORY.to_vec(),
        Subject::Notes => OF_NOTES.to_vec(),
    };
    let mut sheet = Sheet::begin(format, out, &header)?;
    let mut rows = 0;
    let today = portal.clock.today();
    portal.store.read(|conn| {
        let mut pages = Pages::begin(conn, subject, reader, today)?;
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
    /// Who reads it, if it is somebody.
    reader: Option<AccountId>,
    after: i64,
    today: NaiveDate,
    policies: Policies,
    fields: Vec<(FieldId, String)>,
}

type Row = Vec<Cell>;

impl Pages {
    fn begin(
        conn: &mut Conn<'_>,
        subject: Subject,
        reader: Option<AccountId>,
        today: NaiveDate,
    ) -> Result<Self, StoreError> {
        let policies = policies::all(conn)?;
        let fields = catalogue::fields(conn)?.into_iter().map(|field| (field.id, field.code)).collect();
        Ok(Pages { subject, reader, after: 0, today, policies, fields })
    }

    fn next(&mut self, conn: &mut Conn<'_>) -> Result<Vec<Row>, StoreError> {
        match self.subject {
            Subject::Holders | Subject::Certificates => self.next_holders(conn),
            Subject::Activities => self.next_activities(conn),
            Subject::History => {
                let page = exports::history_after(conn, self.reader, self.after, ROWS_AT_ONCE)?;
                self.after = page.last().map_or(self.after, |line| line.id);
                Ok(page.into_iter().map(history_row).collect())
            }
            Subject::Notes => {
                let page = staff_notes::lines_after(conn, self.reader, self.after, ROWS_AT_ONCE)?;
                self.after = page.last().map_or(self.after, |line| line.note.id);
                Ok(page.into_iter().map(note_row).collect())
            }
        }
    }

    /// Activities come holder by holder, so that each holder's file is read once.
    fn next_activities(&mut self, conn: &mut Conn<'_>) -> Result<Vec<Row>, StoreError> {
        let ids = exports::reporters_after(conn, AccountId(self.after), HOLDERS_AT_ONCE)?;
        self.after = ids.last().map_or(self.after, |id| id.0);
        let accounts = exports::accounts_of(conn, &ids)?;
        let files = holder_records::of_holders(conn, &ids, self.today)?;
        let worths: BTreeMap<HolderId, Worths> =
            files.iter().map(|file| (file.holder, Worths::of(&self.ledger(file)))).collect();
        let reported = exports::reported_of(conn, &ids)?;
        let rows = reported.iter().filter_map(|activity| {
            let account = accounts.get(&activity.holder)?;
            Some(activity_export::row(account, activity, &self.fields, worths.get(&activity.holder)))
        });
        Ok(rows.collect())
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
        for file in holder_records::of_holders(conn, &ids, self.today)? {
            let account =
                accounts.get(&file.holder).ok_or(StoreError::Unreadable("certificates.holder_id"))?;
            let ledger = self.ledger(&file);
            for certificate in &file.certificates {
                let mut row = holder_cells(account, certificate);
                match self.subject {
                    Subject::Holders => row.extend(more_of_holder(account, certificate)),
                    _ => {
                        let badge = badges.get(&certificate.certificate.id);
                        row.extend(self.more_of_certificate(&ledger, certificate, badge));
                    }
                }
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn ledger<'a>(&'a self, file: &'a HolderFile) -> HolderLedger<'a> {
        HolderLedger::new(file, &self.policies, self.today)
    }

    fn more_of_certificate(
        &self,
        ledger: &HolderLedger<'_>,
        held: &CertificateFile,
        badge: Option<&Badge>,
    ) -> [Cell; 14] {
        let certification = &held.certificate.certification;
        let status = CertificateStatus::of(ledger, held);
        let (year, sums) = match status {
            CertificateStatus::Year(index, _, sums) => (held.years.get(index), Some(sums)),
            _ => (None, None),
        };
        [
            Cell::text(&certification.title),
            Cell::text(certification.level.code()),
            Cell::Day(held.certificate.ending().map(|ending| ending.ended_on)),
            Cell::Number(year.map(|year| year.number)),
            Cell::Day(year.map(|year| year.starts_on)),
            Cell::Day(year.map(|year| year.ends_on)),
            Cell::Day(year.map(|year| year.deadline)),
            Cell::text(status.label()),
            Cell::Credits(sums.map(|sums| sums.approved)),
            Cell::Credits(sums.map(|sums| sums.pending)),
            Cell::Credits(sums.map(|sums| sums.required)),
            Cell::Credits(sums.map(|sums| sums.missing())),
            Cell::text(badge.map(|badge| badge.id.clone()).unwrap_or_default()),
            Cell::Day(badge.and_then(|badge| badge.valid_until)),
        ]
    }
}

fn holder_cells(account: &Account, held: &CertificateFile) -> Row {
    vec![
        Cell::text(&account.email),
        Cell::text(&account.name),
        Cell::text(&held.certificate.certification.code),
        Cell::text(&held.certificate.number),
        Cell::Day(Some(held.certificate.granted_on)),
    ]
}

fn more_of_holder(account: &Account, held: &CertificateFile) -> [Cell; 4] {
    [
        Cell::text(held.certificate.certification.level.code()),
        Cell::Day(held.certificate.ending().map(|ending| ending.ended_on)),
        Cell::text(account.role.code()),
        Cell::text(if account.has_password { "yes" } else { "no" }),
    ]
}

fn note_row(NoteLine { note, holder }: NoteLine) -> Row {
    vec![
        Cell::Moment(Some(note.written_at)),
        Cell::text(note.author_name),
        Cell::text(holder),
        Cell::Number(note.subject.activity.map(|id| id.0)),
        Cell::Number(note.subject.conversation.map(|id| id.0)),
        Cell::text(note.title.unwrap_or_default()),
        Cell::text(note.words),
    ]
}

fn history_row(line: exports::HistoryLine) -> Row {
    let draft = line.event.is_of_draft();
    vec![
        Cell::Moment(Some(line.at)),
        Cell::text(line.actor.unwrap_or_default()),
        Cell::text(line.event.for_export()),
        Cell::text(line.holder.unwrap_or_default()),
        Cell::text(line.certificate.unwrap_or_default()),
        Cell::Number(line.activity),
        Cell::text(if draft { String::new() } else { line.detail }),
    ]
}
