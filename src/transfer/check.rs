//! `check`: the invariants of the whole data, each by name, with what breaks it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use crate::badges::status_list;
use crate::domain::calendar::{year_end, year_start};
use crate::domain::category::Category;
use crate::domain::credits::Credits;
use crate::domain::ids::AccountId;
use crate::domain::ledger::{HolderFile, shares};
use crate::domain::policy::Policies;
use crate::files::{Condition, FilesError};
use crate::portal::Portal;
use crate::store::checks::{self, INVARIANTS};
use crate::store::{StoreError, exports, files, policies, status_lists};

const HOLDERS_AT_ONCE: i64 = 500;

/// One invariant, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What holds, in one sentence.
    pub name: &'static str,
    /// Everything that breaks it; empty is good.
    pub problems: Vec<String>,
}

const ONE_YEAR: &str =
    "Every standing certificate that needs credits has exactly one year that contains today";
const CALENDAR: &str = "Certification years follow each other from the grant, as the calendar says";
const CAP: &str = "No publication earns more than its cap";
const EARNED: &str = "No settled year counted more of a report than it earns";

/// Checks everything. `progress` hears how many invariants are done, and how many there are.
pub fn check(portal: &Portal, progress: &mut dyn FnMut(usize, usize)) -> Vec<Checked> {
    // damage, loose ends, gaps, four by holder, status lists, evidence
    let total = INVARIANTS.len() + 9;
    let mut done: Vec<Checked> = Vec::with_capacity(total);
    let mut add = |name: &'static str, found: Result<Vec<String>, StoreError>| {
        let problems = found.unwrap_or_else(|error| vec![format!("could not be checked: {error}")]);
        done.push(Checked { name, problems });
        progress(done.len(), total);
    };
    add("The database file is whole", portal.store.read(checks::damage));
    add("Every row that names another one finds it", portal.store.read(checks::loose_ends));
    add("Every certificate has rows for its years without a gap", portal.store.read(checks::gaps_in_years));
    for invariant in &INVARIANTS {
        add(invariant.name, portal.store.read(|conn| checks::breaking(conn, invariant)));
    }
    match by_holder(portal) {
        Ok(found) => {
            add(ONE_YEAR, Ok(found.one_year));
            add(CALENDAR, Ok(found.calendar));
            add(CAP, Ok(found.cap));
            add(EARNED, Ok(found.earned));
        }
        Err(error) => {
            for name in [ONE_YEAR, CALENDAR, CAP, EARNED] {
                add(name, Err(StoreError::Database(error.to_string())));
            }
        }
    }
    add("Every status list says which badges are revoked, and no others", status_lists(portal));
    add("Every evidence file is there, byte for byte", evidence(portal));
    done
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

/// What is found by reading holder after holder.
#[derive(Default)]
struct ByHolder {
    one_year: Vec<String>,
    calendar: Vec<String>,
    cap: Vec<String>,
    earned: Vec<String>,
}

fn by_holder(portal: &Portal) -> Result<ByHolder, StoreError> {
    let today = portal.clock.today();
    let mut found = ByHolder::default();
    portal.store.read(|conn| {
        let policies = policies::all(conn)?;
        let mut after = AccountId(0);
        loop {
            let holders = exports::holders_after(conn, after, HOLDERS_AT_ONCE)?;
            let Some(last) = holders.last() else { return Ok::<_, StoreError>(()) };
            after = *last;
            for file in files::of_holders(conn, &holders, today)? {
                found.years(&file, today);
                found.credits(&file, &policies);
            }
        }
    })?;
    Ok(found)
}

impl ByHolder {
    fn years(&mut self, file: &HolderFile, today: NaiveDate) {
        for held in file.certificates.iter().filter(|held| held.certificate.needs_cpe()) {
            let certificate = &held.certificate;
            let containing = held.years.iter().filter(|year| year.contains(today)).count();
            if certificate.stands() && certificate.granted_on <= today && containing != 1 {
                self.one_year.push(format!("{}: {containing} years", certificate.number));
            }
            for year in &held.years {
                let right = year.starts_on == year_start(certificate.granted_on, year.number)
                    && year.ends_on == year_end(certificate.granted_on, year.number)
                    && year.deadline >= year.ends_on;
                if !right {
                    self.calendar.push(format!("{}, year {}", certificate.number, year.number));
                }
            }
        }
    }

    fn credits(&mut self, file: &HolderFile, policies: &Policies) {
        let shares = shares(file, policies);
        let mut publications: BTreeMap<&str, (Credits, Credits)> = BTreeMap::new();
        for (report, share) in file.reports.iter().zip(&shares) {
            let counted = file.counted.iter().filter(|counted| counted.activity == report.id);
            if counted.map(|counted| counted.credits).max().is_some_and(|most| most > share.raw) {
                self.earned.push(format!("report {}", report.id));
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
            self.cap.push(format!("holder {}, “{title}”: {earned} of {most} credits", file.holder));
        }
    }
}

fn evidence(portal: &Portal) -> Result<Vec<String>, StoreError> {
    let mut problems = Vec::new();
    for (sha256, bytes) in portal.store.read(checks::evidence_named)? {
        let size = portal.files.open(&sha256).and_then(|file| {
            file.metadata().map_err(|source| FilesError::Disk { doing: "looking at evidence", source })
        });
        match portal.files.verify(&sha256) {
            Ok(Condition::Intact) => {
                let recorded = u64::try_from(bytes).ok();
                if size.is_ok_and(|size| Some(size.len()) != recorded) {
                    problems.push(format!("{sha256}: recorded with another size"));
                }
            }
            Ok(Condition::Missing) => problems.push(format!("{sha256}: missing")),
            Ok(Condition::Altered) => problems.push(format!("{sha256}: altered")),
            Err(error) => problems.push(format!("{sha256}: {error}")),
        }
    }
    Ok(problems)
}
