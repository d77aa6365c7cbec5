//! What happens on which day, and living through it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use super::error::DemoError;
use super::evidence;
use super::observer::{DemoSignIn, Watching};
use super::people::{ADMINISTRATOR, DOMAIN, Person, REVIEWER, password};
use super::reports::Deed;
use crate::actions::ActionError;
use crate::actions::accounts::{NewAccount, add_by_command};
use crate::actions::activities::evidence::{EvidenceUpload, Proofs};
use crate::actions::activities::form::Typed;
use crate::actions::activities::submission::{Form, edit, report};
use crate::actions::activities::withdraw;
use crate::actions::certification::decisions::command::{Deciding, SeenVersion};
use crate::actions::certification::decisions::decide;
use crate::actions::certification::grant::{Grant, grant};
use crate::actions::deadlines::{RunOptions, run, to_the_end};
use crate::actions::imports::{
    ActivityImport, ActivityRow, HolderImport, HolderRow, ImportTerms, RowOutcome,
};
use crate::actions::mail::friendly_reminder::{Whom, days_ahead, send};
use crate::actions::overview::risk::chunk;
use crate::actions::reviews::{GivenVerdict, review};
use crate::domain::activities::submission::Intent;
use crate::domain::dates::plus_days;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::roles::{Administrator, Holder, Reviewer, Role};
use crate::files::FilesError;
use crate::portal::Portal;
use crate::store::accounts::find_by_email;
use crate::store::certification::{catalogue, certificates, policies};
use crate::store::{Conn, activities};

/// What somebody does on a day.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Staff grant a certificate.
    Grant { person: Person, certification: &'static str, number: String },
    /// The holder reports something, with proof.
    Report { key: usize, person: Person, deed: Deed, proof: Proof, intent: Intent },
    /// The holder answers a returned report.
    Answer { key: usize, person: Person, deed: Deed, proof: Proof },
    /// The holder takes a report back.
    Withdraw { key: usize, person: Person },
    /// The reviewer decides about a report.
    Review { key: usize, verdict: GivenVerdict<'static> },
    /// The administrator decides about a certificate.
    Decide { number: String, deciding: Deciding, reason: &'static str },
}

/// What comes with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Nothing,
    Pdf,
    Picture,
}

/// Everything that is going to happen.
pub(super) struct Agenda {
    pub first_day: NaiveDate,
    pub today: NaiveDate,
    /// Taken over on the first day.
    pub holders: Vec<HolderRow>,
    /// Approved before the portal was there; brought in on the first day.
    pub brought: Vec<ActivityRow>,
    /// Who can sign in, and why one would.
    pub sign_ins: Vec<(Person, &'static str)>,
    steps: BTreeMap<(NaiveDate, usize), Step>,
    keys: usize,
}

impl Agenda {
    pub(super) fn new(first_day: NaiveDate, today: NaiveDate) -> Self {
        Agenda {
            first_day,
            today,
            holders: Vec::new(),
            brought: Vec::new(),
            sign_ins: Vec::new(),
            steps: BTreeMap::new(),
            keys: 0,
        }
    }

    /// Puts a step on a day: after the first day, before today.
    pub(super) fn put(&mut self, day: NaiveDate, step: Step) {
        let latest = self.today.pred_opt().unwrap_or(self.today);
        let number = self.steps.len();
        self.steps.insert((day.clamp(self.first_day, latest), number), step);
    }

    /// A name for a report that later steps are about.
    pub(super) fn key(&mut self) -> usize {
        self.keys += 1;
        self.keys
    }

    /// Lives through all of it. `now` is the portal on the real clock.
    pub(super) fn live(
        self,
        past: &Portal,
        now: &Portal,
        watching: &mut Watching<'_>,
        more_to_do: usize,
    ) -> Result<Vec<DemoSignIn>, DemoError> {
        past.clock.set_local(self.first_day, 9);
        let mut life = Life { portal: past, staff: None, reports: BTreeMap::new() };
        let mut sign_ins = life.staff()?;
        life.take_over(&self.holders, &self.brought)?;
        let names: BTreeMap<&str, &str> =
            self.holders.iter().map(|row| (row.email.as_str(), row.name.as_str())).collect();
        let mut day = self.first_day;
        let all = usize::try_from(self.today.signed_duration_since(day).num_days()).unwrap_or(0);
        for done in 0..=all {
            (watching.progress)(done, all + more_to_do);
            let last = day >= self.today;
            if last {
                past.clock.set(now.clock.now());
            } else {
                past.clock.set_local(day, 6);
            }
            look_at_deadlines(past, last)?;
            if last {
                break;
            }
            past.clock.set_local(day, 9);
            for step in self.steps.range((day, 0)..=(day, usize::MAX)).map(|(_, step)| step) {
                past.clock.advance(TimeDelta::minutes(3));
                life.step(step).map_err(|error| match error {
                    DemoError::Action(error) => DemoError::Step(day, format!("{step:?}"), error),
                    other => other,
                })?;
            }
            if day == plus_days(self.today, -3) {
                life.write_friendly_words()?;
            }
            past.clock.set_local(day, 20);
            (watching.deliver)(past)?;
            day = day.succ_opt().unwrap_or(self.today);
        }
        past.clock.set(now.clock.now());
        for (person, situation) in &self.sign_ins {
            let email = address(person);
            // somebody whose certificate was granted later has no row
            let name = names.get(email.as_str()).copied().unwrap_or(person.0);
            sign_ins.push(sign_in(past, name, &email, Role::Holder, situation)?);
        }
        Ok(sign_ins)
    }
}

/// Runs the deadlines. On most days nothing is due, and nothing is written then.
fn look_at_deadlines(past: &Portal, in_any_case: bool) -> Result<(), ActionError> {
    let options = RunOptions::today(past);
    let due = run(past, options.dry(), &mut to_the_end)?;
    let lists = [&due.recertified, &due.flagged, &due.lifted];
    let anything = !due.reminders.is_empty() || lists.iter().any(|list| !list.is_empty());
    if in_any_case || anything || due.counts.badges_renewed > 0 {
        run(past, options, &mut to_the_end)?;
    }
    Ok(())
}

pub(super) fn address(person: &Person) -> String {
    format!("{}@{DOMAIN}", person.1)
}

/// One of the holders, if they are there by now.
pub(super) fn holder(conn: &mut Conn<'_>, person: &Person) -> Result<Option<Holder>, ActionError> {
    let account = find_by_email(conn, &address(person))?;
    Ok(account.and_then(|account| Holder::of(account.actor(), true)))
}

/// Whoever reviews.
pub(super) fn reviewer(conn: &mut Conn<'_>) -> Result<Reviewer, ActionError> {
    let account = find_by_email(conn, &address(&REVIEWER))?;
    account.and_then(|account| Reviewer::of(account.actor())).ok_or(ActionError::NotFound)
}

/// Whoever decides.
pub(super) fn administrator(conn: &mut Conn<'_>) -> Result<Administrator, ActionError> {
    let account = find_by_email(conn, &address(&ADMINISTRATOR))?;
    account.and_then(|account| Administrator::of(account.actor())).ok_or(ActionError::NotFound)
}

fn sign_in(
    portal: &Portal,
    name: &str,
    email: &str,
    role: Role,
    situation: &'static str,
) -> Result<DemoSignIn, DemoError> {
    // chance may choose words that are too easy to guess together
    for _ in 0..20 {
        let password = password()?;
        match add_by_command(portal, &NewAccount { email, name, role }, Some(&password)) {
            Ok(_) => {
                let (name, email) = (name.to_owned(), email.to_owned());
                return Ok(DemoSignIn { role, email, password, name, situation });
            }
            Err(ActionError::Invalid(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(ActionError::invalid("password", "no password was accepted").into())
}

/// The portal while it is lived in.
struct Life<'a> {
    portal: &'a Portal,
    staff: Option<(Administrator, Reviewer)>,
    reports: BTreeMap<usize, ActivityId>,
}

impl Life<'_> {
    fn staff(&mut self) -> Result<Vec<DemoSignIn>, DemoError> {
        let staff = [
            (ADMINISTRATOR, Role::Administrator, "decides about flagged years"),
            (REVIEWER, Role::Reviewer, "reviews reports, and holds a certificate"),
        ];
        let mut sign_ins = Vec::new();
        for (person, role, situation) in staff {
            let sign_in = sign_in(self.portal, person.0, &address(&person), role, situation)?;
            sign_ins.push(sign_in);
        }
        self.staff = Some(
            self.portal.store.read(|conn| Ok::<_, ActionError>((administrator(conn)?, reviewer(conn)?)))?,
        );
        Ok(sign_ins)
    }

    /// The reviewer writes to the two whose deadline is nearest and whose credits are missing.
    fn write_friendly_words(&mut self) -> Result<(), DemoError> {
        let today = self.portal.clock.today();
        let (years, _) = self.portal.store.read(|conn| {
            let policies = policies::all(conn)?;
            chunk(conn, days_ahead(today), None, &policies, today)
        })?;
        let missing = years.iter().filter(|year| year.outlook.needs_a_word());
        let nearest = missing.map(|year| (year.listed.certificate, year.listed.number)).take(2).collect();
        let words = "If a certificate of attendance is hard to get, an email that confirms your registration is enough.";
        send(self.portal, self.reviewer()?, &Whom::Years(nearest), words)?;
        Ok(())
    }

    fn administrator(&self) -> Result<Administrator, ActionError> {
        self.staff.map(|(administrator, _)| administrator).ok_or(ActionError::NotFound)
    }

    fn reviewer(&self) -> Result<Reviewer, ActionError> {
        self.staff.map(|(_, reviewer)| reviewer).ok_or(ActionError::NotFound)
    }

    fn holder(&self, person: &Person) -> Result<Holder, ActionError> {
        self.portal.store.read(|conn| holder(conn, person))?.ok_or(ActionError::NotFound)
    }

    fn take_over(&self, holders: &[HolderRow], brought: &[ActivityRow]) -> Result<(), DemoError> {
        let portal = self.portal;
        let (today, now) = portal.clock.today_and_now();
        let terms = ImportTerms { by: Some(self.administrator()?), ..ImportTerms::plain(today, now) };
        let mut people = portal.store.read(|conn| HolderImport::begin(portal, conn, terms.clone()))?;
        let rows: Vec<(u64, HolderRow)> = (2..).zip(holders.iter().cloned()).collect();
        all_in(portal.store.write(|conn| people.rows(conn, &rows, Vec::new()))?)?;
        let mut deeds = portal.store.read(|conn| ActivityImport::begin(conn, terms))?;
        let rows: Vec<(u64, ActivityRow)> = (2..).zip(brought.iter().cloned()).collect();
        let read = deeds.reader().read(&rows);
        all_in(portal.store.write(|conn| deeds.rows(conn, read))?)
    }

    fn step(&mut self, step: &Step) -> Result<(), DemoError> {
        let portal = self.portal;
        match step {
            Step::Grant { person, certification, number } => self.grant(person, certification, number)?,
            Step::Report { key, person, deed, proof, intent } => {
                let holder = self.holder(person)?;
                let uploads = self.uploads(person, deed, *proof)?;
                let proofs = Proofs { uploads: &uploads, ..Proofs::default() };
                let form = Form { typed: &deed.typed(), proofs: &proofs, intent: *intent };
                let id = report(portal, holder, &form)?;
                self.reports.insert(*key, id);
            }
            Step::Answer { key, person, deed, proof } => {
                let (id, version) = self.current(*key)?;
                let uploads = self.uploads(person, deed, *proof)?;
                let proofs = Proofs { uploads: &uploads, ..Proofs::default() };
                let typed: Typed = deed.typed();
                let form = Form { typed: &typed, proofs: &proofs, intent: Intent::Submit };
                edit(portal, self.holder(person)?, id, version, &form)?;
            }
            Step::Withdraw { key, person } => {
                let (id, version) = self.current(*key)?;
                withdraw(portal, self.holder(person)?, id, version)?;
            }
            Step::Review { key, verdict } => {
                let (id, version) = self.current(*key)?;
                review(portal, self.reviewer()?, id, Some(version), verdict)?;
            }
            Step::Decide { number, deciding, reason } => {
                let (id, version) = portal.store.read(|conn| {
                    let found = certificates::find_by_number(conn, number)?.ok_or(ActionError::NotFound)?;
                    let version = certificates::version(conn, found.id)?.ok_or(ActionError::NotFound)?;
                    Ok::<_, ActionError>((found.id, version))
                })?;
                let seen = SeenVersion { version: Some(version), answers: None };
                decide(portal, self.administrator()?, id, seen, *deciding, reason)?;
            }
        }
        Ok(())
    }

    fn grant(&self, person: &Person, certification: &str, number: &str) -> Result<(), DemoError> {
        let portal = self.portal;
        let (today, now) = portal.clock.today_and_now();
        let by = self.administrator()?;
        let new = NewAccount { email: &address(person), name: person.0, role: Role::Holder };
        Ok(portal.store.write(|conn| {
            let holder: HolderId = match find_by_email(conn, new.email)? {
                Some(account) => account.id,
                None => crate::actions::accounts::add(conn, &new, Some(by), now)?.id,
            };
            let certification = catalogue::certification_by_code(conn, certification)?;
            let certification = certification.ok_or(ActionError::NotFound)?;
            let policies = policies::all(conn)?;
            let certificate = Grant {
                holder,
                certification: &certification,
                number,
                granted_on: today,
                by: Some(by),
                twin: false,
                closed: false,
            };
            grant(conn, portal, &certificate, &policies, today, now).map(|_| ())
        })?)
    }

    fn current(&self, key: usize) -> Result<(ActivityId, i64), ActionError> {
        let id = *self.reports.get(&key).ok_or(ActionError::NotFound)?;
        let found = self.portal.store.read(|conn| activities::find(conn, id))?;
        Ok((id, found.ok_or(ActionError::NotFound)?.version))
    }

    fn uploads(&self, person: &Person, deed: &Deed, proof: Proof) -> Result<Vec<EvidenceUpload>, FilesError> {
        let (bytes, name) = match proof {
            Proof::Nothing => return Ok(Vec::new()),
            Proof::Pdf => {
                let date = deed.completed_on.to_string();
                let lines = ["Confirmation of participation", &deed.title, deed.organiser, &date, person.1];
                (evidence::pdf(&lines), "confirmation.pdf")
            }
            Proof::Picture => (evidence::png(deed.title.as_bytes()), "badge photo.png"),
        };
        let mut incoming = self.portal.files.incoming()?;
        incoming.write_chunk(&bytes)?;
        let Ok(media_type) = incoming.recognise()? else { return Ok(Vec::new()) };
        Ok(vec![EvidenceUpload { name: name.to_owned(), file: incoming.finish()?, media_type }])
    }
}

/// Every row has to go in: the demonstration keeps to the rules.
pub(super) fn all_in(outcomes: Vec<RowOutcome>) -> Result<(), DemoError> {
    match outcomes.into_iter().find_map(|outcome| outcome.result.err()) {
        Some(faults) => Err(ActionError::invalid("row", faults.join(" ")).into()),
        None => Ok(()),
    }
}
