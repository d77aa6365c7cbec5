//! What is worked out for a day of the past is what stood on it: snapshots of every day of a life, taken when the day was over, against
//! the statement that is made of it at the end.

mod chance;
mod demonstration;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use cpe_portal::actions::overview::past_record;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::policy::Policies;
use cpe_portal::domain::ids::{AccountId, HolderId};
use cpe_portal::domain::ledger::HolderFile;
use cpe_portal::domain::ledger::holder_ledger::HolderLedger;
use cpe_portal::domain::ledger::past_record::{PastDay, PastRecord};
use cpe_portal::portal::Portal;
use cpe_portal::store::StoreError;
use cpe_portal::store::certification::policies;
use cpe_portal::store::records::holder_records;

use crate::support::TestPortal;
use crate::timetable::body::behind_its_back;
use crate::transfer::support::ask;

/// What stood for each holder at the end of each day, as lines.
#[derive(Default)]
pub struct Snapshots(BTreeMap<NaiveDate, Snapshot>);

/// What stood at the end of one day.
struct Snapshot {
    of: BTreeMap<HolderId, Vec<String>>,
    /// The last row that the history had then.
    last_event: i64,
}

impl Snapshot {
    /// Whether something about a holder was written into this day after it was over: by a clock that had gone back.
    fn is_overtaken(&self, path: &Path, holder: HolderId, until: NaiveDateTime) -> bool {
        let later = format!(
            "SELECT id || '' AS line FROM history WHERE holder_id = {holder} AND id > {} AND at < '{until}'",
            self.last_event
        );
        !ask(path, &later).is_empty()
    }
}

/// What the ledger says of a record on a day: certificates, the years that had begun, and what each report counted in them. The figures of
/// a void year are nobody's: no page shows them.
fn of_record(file: &HolderFile, policies: &Policies, day: NaiveDate) -> Vec<String> {
    let ledger = HolderLedger::new(file, policies, day);
    let mut lines = Vec::new();
    for own in &file.certificates {
        lines.push(format!("{:?}", own.certificate));
        for found in ledger.years_of(own).filter(|found| found.year.starts_on <= day) {
            let year = found.year;
            let void = year.settlement.is_some_and(|settled| settled.outcome == YearOutcome::Void);
            let counted: Vec<String> = found
                .lines
                .iter()
                .map(|line| format!("{} {}", line.report.id, line.counts.exact()))
                .collect();
            lines.push(format!(
                "{} year {} {} to {}, deadline {}, flag {:?}, {:?}, {:?}, settled {:?}, {counted:?}",
                own.certificate.number,
                year.number,
                year.starts_on,
                year.ends_on,
                year.deadline,
                year.flagged_on,
                found.status(),
                (!void).then_some(found.sums),
                year.settlement.map(|settled| (settled.outcome, settled.settled_on)),
            ));
        }
    }
    lines.extend(file.reports.iter().map(|report| format!("{report:?}")));
    lines
}

/// A report as its row says it.
const ROWS: &str = "SELECT holder_id || ' report ' || id || ': ' || status || ', ' || coalesce(awarded, '-') || ' of ' || quantity \
    || ' ' || category || ' on ' || completed_on || ', reported ' || reported_at || ', ' || title AS line \
    FROM activities WHERE reported_at IS NOT NULL ORDER BY id";

fn of_past(record: &PastRecord) -> Vec<String> {
    let mut reports: Vec<_> = record.reports.iter().collect();
    reports.sort_by_key(|past| past.id);
    let line = |past: &cpe_portal::domain::activities::past_reports::PastReport| {
        let facts = past.facts.as_ref().unwrap();
        format!(
            "report {}: {}, {} of {} {} on {}, reported {}, {}",
            past.id,
            past.status.code(),
            past.awarded.map_or_else(|| "-".to_owned(), |awarded| awarded.amount().to_string()),
            facts.quantity.unwrap().amount(),
            facts.category.unwrap().code(),
            facts.completed_on.unwrap(),
            past.reported_at,
            facts.title
        )
    };
    reports.into_iter().map(line).collect()
}

impl Snapshots {
    /// Takes one of the day that is just over.
    pub fn take(&mut self, portal: &Portal) {
        let day = portal.clock.today();
        let path = portal.store.file().unwrap();
        let holders: Vec<HolderId> = ask(path, "SELECT id || '' AS line FROM accounts ORDER BY id")
            .iter()
            .map(|id| AccountId(id.parse().unwrap()))
            .collect();
        let (files, policies) = portal
            .store
            .read(|conn| {
                Ok::<_, StoreError>((holder_records::of_holders(conn, &holders, day)?, policies::all(conn)?))
            })
            .unwrap();
        let mut taken: BTreeMap<HolderId, Vec<String>> =
            files.iter().map(|file| (file.holder, of_record(file, &policies, day))).collect();
        for row in ask(path, ROWS) {
            let (holder, row) = row.split_once(' ').unwrap();
            taken.entry(AccountId(holder.parse().unwrap())).or_default().push(row.to_owned());
        }
        let last = ask(path, "SELECT coalesce(MAX(id), 0) || '' AS line FROM history");
        self.0.insert(day, Snapshot { of: taken, last_event: last[0].parse().unwrap() });
    }

    pub fn days(&self) -> usize {
        self.0.len()
    }

    /// Lines of all snapshots.
    pub fn lines(&self) -> usize {
        self.0.values().flat_map(|taken| taken.of.values()).map(Vec::len).sum()
    }

    /// What a statement says otherwise, at most one line for each holder and day; and on how many days that is because something was
    /// written into them later.
    pub fn differences(&self, portal: &Portal) -> (Vec<String>, usize) {
        let holders: BTreeSet<HolderId> =
            self.0.values().flat_map(|taken| taken.of.keys().copied()).collect();
        let policies = portal.store.read(policies::all).unwrap();
        let (mut differences, mut overtaken) = (Vec::new(), 0);
        for holder in holders {
            let kept = portal.store.read(|conn| past_record::of_holder(conn, &portal.clock, holder)).unwrap();
            for (day, taken) in &self.0 {
                let until = portal.clock.start_of(day.succ_opt().unwrap());
                let record = kept.as_on(PastDay { day: *day, until }, &policies);
                assert_eq!(record.doubts, [], "{holder} on {day}");
                assert!(record.reports.iter().all(|past| past.known), "{holder} on {day}");
                let mut told = of_record(&record.file, &policies, *day);
                told.extend(of_past(&record));
                let stood = taken.of.get(&holder).map(Vec::as_slice).unwrap_or_default();
                if told == stood {
                    continue;
                }
                if taken.is_overtaken(portal.store.file().unwrap(), holder, until) {
                    overtaken += 1;
                } else {
                    let gone: Vec<_> = stood.iter().filter(|line| !told.contains(line)).collect();
                    let new: Vec<_> = told.iter().filter(|line| !stood.contains(line)).collect();
                    differences.push(format!("holder {holder} on {day}: stood {gone:#?}, told {new:#?}"));
                }
            }
        }
        (differences, overtaken)
    }

    /// Fails with the first differences; tells on how many days something was written later.
    pub fn assert_told(&self, portal: &Portal) -> usize {
        let (differences, overtaken) = self.differences(portal);
        let first: Vec<&String> = differences.iter().take(3).collect();
        assert!(differences.is_empty(), "{} differences: {first:#?}", differences.len());
        overtaken
    }
}

#[test]
fn what_changes_without_its_history_is_noticed() {
    for (planted, noticed) in [
        (
            "UPDATE activities SET status = 'approved', queue_rank = NULL, queue_deadline = NULL WHERE title = 'Planted'",
            true,
        ),
        ("UPDATE activities SET quantity = 999 WHERE title = 'Planted'", true),
        ("UPDATE activities SET completed_on = '2026-10-06' WHERE title = 'Planted'", true),
        ("UPDATE certification_years SET flagged_on = '2027-03-20' WHERE number = 1", true),
        ("UPDATE certification_years SET deadline = '2027-06-01' WHERE number = 1", true),
        ("UPDATE accounts SET name = 'Somebody' WHERE role = 'holder'", false),
    ] {
        let portal = TestPortal::new();
        let people = portal.people();
        portal.submitted(&people.owner, "Planted", "2026-10-05", 3);
        let mut snapshots = Snapshots::default();
        snapshots.take(&portal);
        assert_eq!(snapshots.differences(&portal), (Vec::new(), 0));
        portal.clock.set_local(crate::support::day("2026-11-25"), 10);
        behind_its_back(&portal, planted);
        snapshots.take(&portal);
        let (found, _) = snapshots.differences(&portal);
        assert_eq!(!found.is_empty(), noticed, "{planted}: {found:?}");
    }
}
