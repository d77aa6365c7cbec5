//! The private calendar of an account: deadlines and days to answer for holders, review and decision days for staff. No title names
//! anybody, and no certificate.

use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::domain::certification::notice_period::NoticePeriod;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::days_between;
use crate::domain::history_event::HistoryEvent;
use crate::domain::icalendar::{CalendarEntry, written};
use crate::domain::ids::AccountId;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::roles::Actor;
use crate::portal::Portal;
use crate::secrets::Token;
use crate::store::Conn;
use crate::store::accounts::{self, calendar_feeds};
use crate::store::activities::review_queue;
use crate::store::certification::{policies, year_lists};
use crate::store::engine::paging::Place;
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;

/// Flagged years that are looked at.
const MOST_FLAGGED: i64 = 500;
/// Reminders of one deadline, the nearest ones: a policy may have a stage for each day of a year.
const MOST_ALARMS: usize = 12;

/// Makes a new address, and gives its token: the only time that anybody sees it. An address from before stops working.
///
/// # Errors
/// `ActionError::Secrets`, `ActionError::Store`.
pub fn make(portal: &Portal, by: Actor) -> Result<Token, ActionError> {
    let token = Token::random()?;
    let now = portal.clock.now();
    portal.store.write(|conn| {
        calendar_feeds::make(conn, by.id, &token.hash(), now)?;
        note(conn, portal, by.id, HistoryEvent::CalendarAddressMade)
    })?;
    Ok(token)
}

/// Takes the address away.
///
/// # Errors
/// `ActionError::Store`.
pub fn revoke(portal: &Portal, by: Actor) -> Result<(), ActionError> {
    portal.store.write(|conn| {
        calendar_feeds::revoke(conn, by.id)?;
        note(conn, portal, by.id, HistoryEvent::CalendarAddressRemoved)
    })
}

fn note(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: AccountId,
    event: HistoryEvent,
) -> Result<(), ActionError> {
    let event = Event { actor: Some(account), holder: Some(account), ..Event::of(event) };
    Ok(history::record(conn, &event, portal.clock.now())?)
}

/// The calendar behind an address.
///
/// # Errors
/// `ActionError::NotFound` for an address that does not work.
pub fn read(portal: &Portal, token: &Token) -> Result<String, ActionError> {
    let (today, hash) = (portal.clock.today(), token.hash());
    let entries = portal.store.read(|conn| {
        let id = calendar_feeds::account_of(conn, &hash)?.ok_or(ActionError::NotFound)?;
        let account = accounts::find(conn, id)?.filter(|account| !account.deactivated);
        let account = account.ok_or(ActionError::NotFound)?;
        let policies = policies::all(conn)?;
        let mut entries = own_days(conn, portal, id, &policies, today)?;
        if account.role.reviews() {
            entries.extend(staff_days(conn, portal, &policies, today)?);
        }
        Ok::<_, ActionError>(entries)
    })?;
    Ok(written("CPE", &entries, portal.clock.start_of(today)))
}

fn entry(
    portal: &Portal,
    key: &str,
    day: NaiveDate,
    title: String,
    words: &str,
    path: &str,
) -> CalendarEntry {
    let url = &portal.config.url;
    let host = url.split_once("://").map_or(url.as_str(), |(_, host)| host);
    CalendarEntry {
        uid: format!("{key}@{host}"),
        day,
        title,
        words: words.to_owned(),
        url: format!("{url}{path}"),
        alarms: Vec::new(),
    }
}

/// The days before its deadline on which a year's reminders would go out. Like those, they are for a year that is short even when everything
/// that waits is approved.
fn alarms(year: &LedgerYear<'_>, policies: &Policies, today: NaiveDate) -> Vec<i64> {
    if year.year.flagged_on.is_some() || year.year.deadline < today || year.sums.covered() {
        return Vec::new();
    }
    // the nearest stand last
    let stages = &policies.in_force_on(year.year.starts_on).stages;
    stages.iter().copied().skip(stages.len().saturating_sub(MOST_ALARMS)).collect()
}

fn own_days(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: AccountId,
    policies: &Policies,
    today: NaiveDate,
) -> Result<Vec<CalendarEntry>, ActionError> {
    let file = holder_records::of_holder(conn, account, today)?;
    let mut entries = Vec::new();
    for found in HolderLedger::new(&file, policies, today).unsettled() {
        if !found.certificate.certificate.stands() {
            continue;
        }
        let year = found.year;
        let key = format!("{}-{}", year.certificate, year.number);
        let deadline = entry(
            portal,
            &format!("deadline-{key}"),
            year.deadline,
            "CPE deadline".to_owned(),
            "What was completed up to this day counts. The portal says what is missing.",
            "/dashboard",
        );
        entries.push(CalendarEntry { alarms: alarms(&found, policies, today), ..deadline });
        if let Some(on) = year.flagged_on {
            entries.push(entry(
                portal,
                &format!("answer-{key}"),
                NoticePeriod::of(year.starts_on, on, policies).answer_until,
                "CPE: last day to answer".to_owned(),
                "The portal says what is asked.",
                "/dashboard",
            ));
        }
    }
    Ok(entries)
}

fn staff_days(
    conn: &mut Conn<'_>,
    portal: &Portal,
    policies: &Policies,
    today: NaiveDate,
) -> Result<Vec<CalendarEntry>, ActionError> {
    let mut entries = Vec::new();
    if let Some(oldest) = review_queue::oldest(conn)? {
        let title = match days_between(portal.clock.day_of(oldest), today) {
            ..=0 => "Review: reports waiting since today".to_owned(),
            1 => "Review: the oldest report has been waiting for 1 day".to_owned(),
            days => format!("Review: the oldest report has been waiting for {days} days"),
        };
        entries.push(entry(portal, "review", today, title, "", "/staff/review"));
    }
    let mut days: std::collections::BTreeMap<NaiveDate, usize> = std::collections::BTreeMap::new();
    for year in year_lists::flagged(conn, &Place::Start, MOST_FLAGGED)?.rows {
        let Some(on) = year.flagged_on else { continue };
        *days.entry(NoticePeriod::of(year.starts_on, on, policies).decide_from).or_default() += 1;
    }
    for (day, years) in days {
        let title = match years {
            1 => "1 flagged year can be decided from today".to_owned(),
            years => format!("{years} flagged years can be decided from today"),
        };
        entries.push(entry(portal, &format!("decide-{day}"), day, title, "", "/staff/flagged"));
    }
    Ok(entries)
}
