//! `check`: the invariants of the whole data, each by name, with what breaks it. Everything is read piece by piece, so that a large body
//! needs no more memory than a small one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use chrono::{Days, NaiveDate};
use serde_json::Value;

use super::Progress;
use super::rotation::WeekPart;
use crate::badges::status_list;
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::{year_end, year_start};
use crate::domain::ids::AccountId;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::{CertificateFile, Counted, HolderFile, Line, required};
use crate::files::{EvidenceCondition, EvidenceFiles, FilesError, is_hash};
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::badges::status_lists;
use crate::store::certification::policies;
use crate::store::operations::invariant_results::{self, Finding};
use crate::store::operations::invariants::{self, INVARIANTS, MOST_FINDINGS};
use crate::store::records::{exports, holder_records};

const HOLDERS_AT_ONCE: i64 = 500;
const FILES_AT_ONCE: i64 = 1000;
/// A deadline may be moved so many days behind the end of its year, and no further.
const MOST_EXTENDED: Days = Days::new(365);
/// Findings of one invariant that are kept with a recorded check.
const KEPT_FINDINGS: usize = 50;

/// One invariant, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What holds, in one sentence.
    pub name: &'static str,
    /// What breaks it, up to [`MOST_FINDINGS`] and one line that says when there is more; empty is good.
    pub problems: Vec<String>,
}

/// Somebody told the check to stop before its end, so that it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the check was stopped before its end")]
pub struct Stopped;

const ONE_YEAR: &str =
    "Every standing certificate that needs credits has exactly one year that contains today";
const CALENDAR: &str = "Certification years follow each other from the grant, as the calendar says";
const CAP: &str = "No publication earns more than its cap";
const EARNED: &str = "No settled year counted more of a report than it earns";
const RECOUNT: &str = "No settled year changes: recounted today it has the same minimum and counts the same";
const BALANCE: &str = "What a year shows is the sum of its reports, recounted one by one";
const ONCE: &str = "No day counts twice for one certificate, settled or not";
const WHOLE: &str = "The database file is whole";
const NAMED: &str = "Every row that names another one finds it";
const NO_GAP: &str = "Every certificate has rows for its years without a gap";
const LISTS: &str = "Every status list says which badges are revoked, and no others";
const FILES: &str = "Every evidence file is there, byte for byte";
const BY_HOLDER: [&str; 7] = [ONE_YEAR, CALENDAR, CAP, EARNED, RECOUNT, BALANCE, ONCE];

/// What is checked, in one sentence each, in the order in which it is.
pub fn names() -> impl Iterator<Item = &'static str> {
    let by_statement = INVARIANTS.iter().map(|invariant| invariant.name);
    [WHOLE, NAMED, NO_GAP].into_iter().chain(by_statement).chain(BY_HOLDER).chain([LISTS, FILES])
}

/// Which evidence is read byte by byte. Of the rest only the sizes are asked.
enum Depth {
    /// All.
    All,
    /// That whose turn it is, and what the last check found damaged: a finding stays until it is mended, whatever night that was.
    Tonight { turn: WeekPart, again: BTreeSet<String> },
}

impl Depth {
    /// For the check of the night, since the last one that was recorded. Where that does not name everything that it found, all is read.
    fn tonight(portal: &Portal) -> Depth {
        let last = portal.store.read(|conn| match invariant_results::last(conn)? {
            Some(last) => Ok((Some(last.started_at), invariant_results::findings_of(conn, last.id)?)),
            None => Ok::<_, StoreError>((None, Vec::new())),
        });
        let Ok((last, found)) = last else { return Depth::All };
        let damaged: Vec<Finding> = found.into_iter().filter(|found| found.invariant == FILES).collect();
        let hashes = damaged.iter().filter_map(|finding| finding.found.split(':').next());
        let again: BTreeSet<String> = hashes.filter(|hash| is_hash(hash)).map(str::to_owned).collect();
        // as many as are kept may be more; and what could not be checked names nothing
        if again.len() >= KEPT_FINDINGS || again.len() < damaged.len() {
            return Depth::All;
        }
        let last = last.map(|began| portal.clock.day_of(began));
        Depth::Tonight { turn: WeekPart::since(last, portal.clock.today()), again }
    }

    fn reads(&self, sha256: &str) -> bool {
        match self {
            Depth::All => true,
            Depth::Tonight { turn, again } => turn.includes(sha256) || again.contains(sha256),
        }
    }
}

/// Checks everything. `progress` hears how many invariants are done, and how many there are; the same numbers several times during
/// those that take long.
///
/// # Errors
/// [`Stopped`] when `progress` said so.
pub fn check(portal: &Portal, progress: Progress<'_>) -> Result<Vec<Checked>, Stopped> {
    check_to(&Depth::All, portal, progress)
}

/// The same for every night: a seventh of the evidence is read byte by byte, so that a week reads all of it, with the sevenths of the nights
/// that were missed, and with what the last recorded check found damaged. Whether the rest is there, and of its size, is asked each time.
///
/// # Errors
/// As [`check`].
pub fn check_of_the_night(portal: &Portal, progress: Progress<'_>) -> Result<Vec<Checked>, Stopped> {
    check_to(&Depth::tonight(portal), portal, progress)
}

fn check_to(depth: &Depth, portal: &Portal, progress: Progress<'_>) -> Result<Vec<Checked>, Stopped> {
    let total = names().count();
    let mut run = Run { done: Vec::with_capacity(total), total, progress };
    run.add(WHOLE, portal.store.read(invariants::damage))?;
    run.add(NAMED, portal.store.read(invariants::loose_ends))?;
    run.add(NO_GAP, portal.store.read(invariants::gaps_in_years))?;
    for invariant in &INVARIANTS {
        run.add(invariant.name, portal.store.read(|conn| invariants::breaking(conn, invariant)))?;
    }
    match by_holder(portal, &mut run)? {
        Ok(mut found) => {
            for name in BY_HOLDER {
                run.add(name, Ok(found.0.remove(name).unwrap_or_default()))?;
            }
        }
        Err(error) => {
            for name in BY_HOLDER {
                run.add(name, Err(StoreError::database("", error.to_string())))?;
            }
        }
    }
    run.add(LISTS, status_lists(portal))?;
    let evidence = evidence(portal, depth, &mut run)?;
    run.add(FILES, evidence)?;
    Ok(run.done)
}

/// Records a check that came to its end, so that pages and machines know of it.
///
/// # Errors
/// The store's.
pub fn record(
    portal: &Portal,
    started_at: chrono::NaiveDateTime,
    checked: &[Checked],
) -> Result<(), StoreError> {
    let broken = checked.iter().filter(|invariant| !invariant.problems.is_empty());
    let findings: Vec<Finding> = broken
        .clone()
        .flat_map(|invariant| {
            invariant
                .problems
                .iter()
                .take(KEPT_FINDINGS)
                .map(|found| Finding { invariant: invariant.name.to_owned(), found: found.clone() })
        })
        .collect();
    let counts = (checked.len(), broken.count());
    let now = portal.clock.now();
    portal.store.write(|conn| invariant_results::record(conn, started_at, now, counts, &findings))
}

/// A check under way.
struct Run<'a> {
    done: Vec<Checked>,
    total: usize,
    progress: Progress<'a>,
}

impl Run<'_> {
    fn add(&mut self, name: &'static str, found: Result<Vec<String>, StoreError>) -> Result<(), Stopped> {
        let mut problems = found.unwrap_or_else(|error| vec![format!("could not be checked: {error}")]);
        if problems.len() > MOST_FINDINGS {
            problems.truncate(MOST_FINDINGS);
            problems.push("and more".to_owned());
        }
        self.done.push(Checked { name, problems });
        self.go_on()
    }

    fn go_on(&mut self) -> Result<(), Stopped> {
        match (self.progress)(self.done.len(), self.total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stopped),
        }
    }
}

fn status_lists(portal: &Portal) -> Result<Vec<String>, StoreError> {
    portal.store.read(|conn| {
        let mut problems = Vec::new();
        for list in status_lists::list(conn)? {
            let mut should: Vec<usize> = status_lists::revoked(conn, list.number)?
                .into_iter()
                .filter_map(|position| usize::try_from(position).ok())
                .collect();
            should.sort_unstable();
            let says = serde_json::from_str::<Value>(&list.document).ok().and_then(|document| {
                status_list::revoked(document.pointer("/credentialSubject/encodedList")?.as_str()?).ok()
            });
            match says {
                Some(says) if says == should => {}
                Some(_) => problems
                    .push(format!("status list {} says something else than the register", list.number)),
                None => problems.push(format!("status list {} cannot be read", list.number)),
            }
        }
        Ok(problems)
    })
}

/// What is found by reading holder after holder: the invariants that are broken, with what breaks them.
#[derive(Default)]
struct ByHolder(BTreeMap<&'static str, Vec<String>>);

fn by_holder(portal: &Portal, run: &mut Run<'_>) -> Result<Result<ByHolder, StoreError>, Stopped> {
    let today = portal.clock.today();
    let mut found = ByHolder::default();
    let policies = match portal.store.read(policies::all) {
        Ok(policies) => policies,
        Err(error) => return Ok(Err(error)),
    };
    let mut after = AccountId(0);
    loop {
        // a read of its own for each piece, so that the log of the database does not grow meanwhile
        let files = portal.store.read(|conn| {
            let holders = exports::holders_after(conn, after, HOLDERS_AT_ONCE)?;
            let Some(last) = holders.last() else { return Ok(Vec::new()) };
            after = *last;
            holder_records::of_holders(conn, &holders, today)
        });
        match files {
            Ok(files) if files.is_empty() => return Ok(Ok(found)),
            Ok(files) => {
                for file in files {
                    found.look_at(&file, &policies, today);
                }
            }
            Err(error) => return Ok(Err(error)),
        }
        run.go_on()?;
    }
}

impl ByHolder {
    fn broken(&mut self, name: &'static str, found: String) {
        let problems = self.0.entry(name).or_default();
        if problems.len() <= MOST_FINDINGS {
            problems.push(found);
        }
    }

    fn look_at(&mut self, file: &HolderFile, policies: &Policies, today: NaiveDate) {
        let ledger = HolderLedger::new(file, policies, today);
        for held in file.certificates.iter().filter(|held| held.certificate.needs_cpe()) {
            self.years(held, today);
            self.settled(file, held, policies);
            self.shown(&ledger, held);
        }
        self.credits(&ledger);
    }

    fn years(&mut self, held: &CertificateFile, today: NaiveDate) {
        let certificate = &held.certificate;
        let containing = held.years.iter().filter(|year| year.contains(today)).count();
        if certificate.stands() && certificate.granted_on <= today && containing != 1 {
            self.broken(ONE_YEAR, format!("{}: {containing} years", certificate.number));
        }
        for year in &held.years {
            let latest = year.ends_on.checked_add_days(MOST_EXTENDED).unwrap_or(year.ends_on);
            let right = year.starts_on == year_start(certificate.granted_on, year.number)
                && year.ends_on == year_end(certificate.granted_on, year.number)
                && (year.ends_on..=latest).contains(&year.deadline);
            if !right {
                self.broken(CALENDAR, format!("{}, year {}", certificate.number, year.number));
            }
        }
    }

    /// A settled year asked again: the minimum of its first day's policy, and what its reports earn.
    fn settled(&mut self, file: &HolderFile, held: &CertificateFile, policies: &Policies) {
        for year in &held.years {
            let Some(settlement) = year.settlement else { continue };
            let judged = matches!(
                settlement.outcome,
                YearOutcome::Recertified | YearOutcome::Waived | YearOutcome::Decertified
            );
            let place = || format!("{}, year {}", held.certificate.number, year.number);
            if judged && settlement.required != required(held, year, policies) {
                self.broken(RECOUNT, format!("{}: another minimum", place()));
            }
            let counted = file
                .counted
                .iter()
                .filter(|counted| counted.certificate == held.certificate.id && counted.year == year.number);
            for counted in counted {
                let report = file.report(counted.activity);
                let earns = report.map(|report| {
                    let rate = policies.in_force_on(report.completed_on).rate(report.category);
                    (rate.credits(report.quantity()), report.category == Category::Writing)
                });
                // a publication may count less, down to nothing: its cap is looked at for its whole life
                let same = earns.is_some_and(|(earns, capped)| capped || earns == counted.credits);
                if !same {
                    self.broken(RECOUNT, format!("{}, report {}", place(), counted.activity));
                }
            }
        }
    }

    /// What pages show of each year, against a plain sum over all reports; and each report in one year at most.
    fn shown(&mut self, book: &HolderLedger<'_>, held: &CertificateFile) {
        let mut times: BTreeMap<_, usize> = BTreeMap::new();
        let settled = |counted: &&Counted| counted.certificate == held.certificate.id;
        for counted in book.record().counted.iter().filter(settled) {
            *times.entry(counted.activity).or_default() += 1;
        }
        let mut ends_before: Option<NaiveDate> = None;
        for found in book.years_of(held) {
            let (year, sums) = (found.year, found.sums);
            for line in found.lines.iter().filter(|_| year.settlement.is_none()) {
                *times.entry(line.report.id).or_default() += 1;
            }
            let (mut approved, mut pending) = (sums.carried, Credits::ZERO);
            for line in book.lines() {
                let day = line.report.completed_on;
                let inside = year.starts_on <= day
                    && day <= year.deadline
                    && ends_before.is_none_or(|end| day > end)
                    && held.certificate.active_on(day);
                match line.report.status {
                    _ if !inside => {}
                    ActivityStatus::Approved => approved = approved + line.share.credits,
                    _ => pending = pending + line.share.credits,
                }
            }
            ends_before = Some(year.deadline);
            let agrees = year.settlement.is_some() || (sums.approved, sums.pending) == (approved, pending);
            if !agrees {
                let place = format!("{}, year {}", held.certificate.number, year.number);
                self.broken(BALANCE, format!("{place}: {} shown, {approved} recounted", sums.approved));
            }
        }
        for (report, _) in times.into_iter().filter(|(_, times)| *times > 1) {
            self.broken(ONCE, format!("{}, report {report}", held.certificate.number));
        }
    }

    fn credits(&mut self, ledger: &HolderLedger<'_>) {
        let file = ledger.record();
        let mut publications: BTreeMap<&str, (Credits, Credits)> = BTreeMap::new();
        for Line { report, share, .. } in ledger.lines() {
            let counted = file.counted.iter().filter(|counted| counted.activity == report.id);
            if counted.map(|counted| counted.credits).max().is_some_and(|most| most > share.raw) {
                self.broken(EARNED, format!("report {}", report.id));
            }
            if let (Category::Writing, Some(title), Some((cap, _))) =
                (report.category, &report.publication, share.cap)
            {
                let (earned, most) = publications.entry(title).or_default();
                *earned = *earned + share.credits;
                *most = cap.max(*most);
            }
        }
        for (title, (earned, most)) in publications.into_iter().filter(|(_, (earned, most))| earned > most) {
            self.broken(CAP, format!("holder {}, “{title}”: {earned} of {}", file.holder, most.counted()));
        }
    }
}

fn evidence(
    portal: &Portal,
    depth: &Depth,
    run: &mut Run<'_>,
) -> Result<Result<Vec<String>, StoreError>, Stopped> {
    let (mut problems, mut after) = (Vec::new(), String::new());
    let files = portal.files.patient();
    let mut sizes = EvidenceSizes { files: &files, digit: None, listed: BTreeMap::new() };
    loop {
        let named = match portal.store.read(|conn| invariants::evidence_named(conn, &after, FILES_AT_ONCE)) {
            Ok(named) => named,
            Err(error) => return Ok(Err(error)),
        };
        let Some((last, ..)) = named.last() else { return Ok(Ok(problems)) };
        after.clone_from(last);
        for (sha256, least, most) in named {
            if problems.len() <= MOST_FINDINGS {
                match file_problem(&mut sizes, &sha256, [least, most], depth.reads(&sha256)) {
                    Ok(problem) => problems.extend(problem),
                    // what is not asked for is neither there nor missing: one line for all of them
                    Err(problem) => {
                        problems.push(problem);
                        return Ok(Ok(problems));
                    }
                }
            }
            run.go_on()?;
        }
    }
}

/// How large evidence is. A bucket is asked for its lists, a thousand files at once: asked for each file alone it would take hours.
struct EvidenceSizes<'a> {
    files: &'a EvidenceFiles,
    digit: Option<char>,
    listed: BTreeMap<String, u64>,
}

impl EvidenceSizes<'_> {
    /// The size of a file, which should be what was `recorded`.
    fn of(&mut self, sha256: &str, recorded: &dyn Fn(u64) -> bool) -> Result<Option<u64>, FilesError> {
        if self.files.bucket_name().is_some() {
            let digit = sha256.chars().next();
            if let Some(first) = digit.filter(|_| self.digit != digit) {
                (self.digit, self.listed) = (digit, self.files.sizes(first)?);
            }
            if let Some(size) = self.listed.get(sha256).filter(|size| recorded(**size)) {
                return Ok(Some(*size));
            }
        }
        // what the list does not have may have come since
        self.files.size(sha256)
    }
}

/// What is wrong with a file; the error is a store that does not answer, for this file and the next ones.
fn file_problem(
    sizes: &mut EvidenceSizes<'_>,
    sha256: &str,
    recorded: [i64; 2],
    reads: bool,
) -> Result<Option<String>, String> {
    let silent = |error: FilesError| format!("the store of proofs cannot be asked from {sha256} on: {error}");
    let as_recorded = |size: u64| recorded.iter().all(|bytes| u64::try_from(*bytes).ok() == Some(size));
    let size = match sizes.of(sha256, &as_recorded) {
        Err(error @ FilesError::Unreachable { .. }) => return Err(silent(error)),
        size => size,
    };
    let looks_whole = matches!(size, Ok(Some(size)) if as_recorded(size));
    if looks_whole && !reads {
        return Ok(None);
    }
    Ok(match sizes.files.verify(sha256) {
        Ok(EvidenceCondition::Intact) => {
            (!looks_whole).then(|| format!("{sha256}: recorded with another size"))
        }
        Ok(EvidenceCondition::Missing) => Some(format!("{sha256}: missing")),
        Ok(EvidenceCondition::Altered) => Some(format!("{sha256}: altered")),
        Err(error @ FilesError::Unreachable { .. }) => return Err(silent(error)),
        Err(error) => Some(format!("{sha256}: {error}")),
    })
}
