//! Granting certificates, and keeping rows for their years ahead of time.

use chrono::{NaiveDate, NaiveDateTime};

use crate::actions::ActionError;
use crate::actions::badges::signing;
use crate::actions::impartiality::check_impartial;
use crate::actions::reviews::queue;
use crate::actions::text::one_line;
use crate::domain::certification::catalogue::Certification;
use crate::domain::certification::certificate::{Certificate, CertificationYear};
use crate::domain::certification::policy::Policies;
use crate::domain::certification::standing::badge_valid_until;
use crate::domain::dates::{DayProblem, certain_day, long_date};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{CertificateId, HolderId};
use crate::domain::ledger::{CertificateFile, years_taken_over};
use crate::domain::roles::{Administrator, not_their_own};
use crate::portal::Portal;
use crate::store::certification::{certificate_corrections, certificates, years};
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, accounts, badges};

/// Longest certificate number, in characters.
pub(in crate::actions) const LONGEST_NUMBER: usize = 60;

/// A certificate to be granted, or taken over from another system.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    /// Whose it becomes.
    pub holder: HolderId,
    /// The programme.
    pub certification: &'a Certification,
    /// The number printed on it.
    pub number: &'a str,
    /// The day it was granted; years count from it.
    pub granted_on: NaiveDate,
    /// Who grants it; `None` for a command on the machine.
    pub by: Option<Administrator>,
    /// That somebody was asked, and means it, when the holder has a certificate of this certification already.
    pub twin: bool,
    /// The same, when the holder's account is closed.
    pub closed: bool,
}

/// The form field that says that a second certificate of one certification is meant.
pub const TWIN: &str = "twin";
/// The form field that says that a grant on a closed account is meant.
pub const CLOSED: &str = "closed";

/// What is said about a second certificate of one certification.
pub(in crate::actions) fn twin_words(number: &str) -> String {
    format!(
        "This holder already has a certificate of this certification: {number}. Tick the box if a second one is meant."
    )
}

/// A grant that is nearly always a mistake is asked about first: a second certificate of one certification, or one for a closed account.
fn check_meant(conn: &mut Conn<'_>, grant: &Grant<'_>) -> Result<(), ActionError> {
    let mut problems = Vec::new();
    if !grant.twin
        && let Some(number) = certificate_corrections::twin(conn, grant.holder, grant.certification.id, None)?
    {
        problems.push((TWIN, twin_words(&number)));
    }
    if !grant.closed && accounts::is_closed(conn, grant.holder)? {
        let words = "The account of this holder is closed, and nothing is emailed to it. Tick the box if the certificate is meant for it.";
        problems.push((CLOSED, words.to_owned()));
    }
    if problems.is_empty() { Ok(()) } else { Err(ActionError::Invalid(problems)) }
}

/// Grants a certificate, in good standing on `today`: the certification year that contains it is open, earlier ones are recorded as
/// settled before the takeover. A badge is issued with it.
///
/// # Errors
/// `ActionError::Own` for a certificate of one's own, `Invalid` for an empty or used number (field `number`), for a grant after today (field
/// `granted_on`), and for one that nobody said they mean (fields `twin` and `closed`).
pub fn grant(
    conn: &mut Conn<'_>,
    portal: &Portal,
    grant: &Grant<'_>,
    policies: &Policies,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<CertificateId, ActionError> {
    let file = write(conn, grant, policies, today, now)?;
    let badge = uuid::Uuid::new_v4().to_string();
    badges::issue(conn, &badge, file.certificate.id, today, badge_valid_until(&file, today))?;
    signing::sign(conn, portal, &badge)?;
    look_at_reports(conn, grant.holder, policies, today)?;
    Ok(file.certificate.id)
}

/// Reports that wait already may count for the new certificate too.
pub(super) fn look_at_reports(
    conn: &mut Conn<'_>,
    holder: HolderId,
    policies: &Policies,
    today: NaiveDate,
) -> Result<(), ActionError> {
    let holder = holder_records::of_holder(conn, holder, today)?;
    queue::refresh(conn, &holder, policies, today)
}

/// The number and the day of grant as somebody typed them; what is wrong with either is added to `problems`. The years of a certificate
/// count from that day, so nobody is to guess it.
pub(in crate::actions) fn read_facts(
    number: &str,
    granted_on: &str,
    today: NaiveDate,
    problems: &mut Vec<(&'static str, String)>,
) -> Option<(String, NaiveDate)> {
    let number = match one_line("The certificate number", number, LONGEST_NUMBER) {
        Ok(number) if number.is_empty() => Err("Enter the certificate number.".to_owned()),
        other => other,
    };
    let granted_on = match certain_day(granted_on) {
        Err(DayProblem::Missing) => Err("Enter the day it was granted, such as 14 March 2026.".to_owned()),
        Err(problem) => Err(problem.to_string()),
        Ok(day) if day > today => {
            Err(format!("{} is in the future. Enter the day the certificate was granted.", long_date(day)))
        }
        Ok(day) => Ok(day),
    };
    problems.extend(number.as_ref().err().map(|problem| ("number", problem.clone())));
    problems.extend(granted_on.as_ref().err().map(|problem| ("granted_on", problem.clone())));
    Some((number.ok()?, granted_on.ok()?))
}

/// Writes the certificate, its years and what the history says about it.
pub(super) fn write(
    conn: &mut Conn<'_>,
    grant: &Grant<'_>,
    policies: &Policies,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<CertificateFile, ActionError> {
    not_their_own(grant.by.map(|by| by.id), grant.holder)?;
    check_impartial(conn, grant.by.map(|by| by.id), grant.holder)?;
    let number = one_line("The certificate number", grant.number, LONGEST_NUMBER)
        .map_err(|message| ActionError::invalid("number", message))?;
    if number.is_empty() {
        return Err(ActionError::invalid("number", "Enter the certificate number."));
    }
    if grant.granted_on > today {
        let message = format!(
            "{} is in the future. Enter the day the certificate was granted.",
            long_date(grant.granted_on)
        );
        return Err(ActionError::invalid("granted_on", message));
    }
    check_meant(conn, grant)?;
    let taken = |error| match error {
        StoreError::Constraint(_) => {
            ActionError::invalid("number", "Another certificate already has this number.")
        }
        other => ActionError::Store(other),
    };
    let id = certificates::add(conn, &number, grant.holder, grant.certification.id, grant.granted_on, now)
        .map_err(taken)?;
    let event = Event {
        actor: grant.by.map(|by| by.id),
        holder: Some(grant.holder),
        certificate: Some(id),
        detail: format!(
            "{} {}, granted on {}",
            grant.certification.code,
            number,
            long_date(grant.granted_on)
        ),
        ..Event::of(HistoryEvent::CertificateGranted)
    };
    history::record(conn, &event, now)?;
    let certificate = Certificate {
        id,
        number,
        holder: grant.holder,
        certification: grant.certification.clone(),
        granted_on: grant.granted_on,
        endings: Vec::new(),
    };
    let years = years_taken_over(&certificate, policies, today);
    years::add(conn, &years, policies.widest_stage())?;
    Ok(CertificateFile { certificate, years })
}

/// Adds the rows of years that the calendar has reached: through the year after the one that contains `today`.
///
/// # Errors
/// `ActionError::Store`.
pub(in crate::actions) fn add_missing_years(
    conn: &mut Conn<'_>,
    file: &CertificateFile,
    policies: &Policies,
) -> Result<(), ActionError> {
    let recorded = years::last_number(conn, file.certificate.id)?;
    let missing: Vec<CertificationYear> =
        file.years.iter().filter(|year| year.number > recorded).cloned().collect();
    Ok(years::add(conn, &missing, policies.widest_stage())?)
}
