//! Signing badges: with its certificate's life, in the same transaction, and everything anew in a long run.

use std::ops::ControlFlow;
use std::thread;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use crate::actions::ActionError;
use crate::badges::BadgeError;
use crate::badges::credential::{self, Achievement, CredentialFacts};
use crate::badges::keys::Keys;
use crate::badges::{proof, status_list};
use crate::domain::certification::catalogue::Level;
use crate::domain::ids::{CertificateId, CertificationId, HolderId};
use crate::portal::Portal;
use crate::store::badges::signed_badges;
use crate::store::badges::signed_badges::{BadgePlace, Case, Signed};
use crate::store::badges::status_lists::{self, StatusList};
use crate::store::{Conn, StoreError, badges};

/// Draws before a list counts as full: at two thirds one in eleven lists is left with free places, which costs nothing.
pub(in crate::actions) const DRAWS: usize = 6;
/// Badges signed between two commits of a long run.
const AT_ONCE: usize = 500;
/// Hours after which a status list is signed anew though nothing changed in it.
const LIST_HOURS: i64 = 20;
/// Days after which a list that was not signed anew is an alarm.
const OLD_AFTER_DAYS: i64 = 2;

/// Signs what was just issued or renewed.
///
/// # Errors
/// `ActionError::Badge`, `Store`.
pub(in crate::actions) fn sign(conn: &mut Conn<'_>, portal: &Portal, badge: &str) -> Result<(), ActionError> {
    let case = signed_badges::find(conn, badge)?.ok_or(ActionError::NotFound)?;
    sign_case(conn, portal, &portal.badge_keys()?, &case)
}

/// Signs the live badge of a certificate anew, if it has one.
///
/// # Errors
/// As [`sign`].
pub(in crate::actions) fn sign_certificate(
    conn: &mut Conn<'_>,
    portal: &Portal,
    certificate: CertificateId,
) -> Result<(), ActionError> {
    match signed_badges::live_of_certificate(conn, certificate)? {
        Some(case) => sign_case(conn, portal, &portal.badge_keys()?, &case),
        None => Ok(()),
    }
}

/// Signs every live badge of a holder anew: the name was corrected.
///
/// # Errors
/// As [`sign`].
pub(in crate::actions) fn sign_holder(
    conn: &mut Conn<'_>,
    portal: &Portal,
    holder: HolderId,
) -> Result<(), ActionError> {
    let keys = portal.badge_keys()?;
    for case in signed_badges::live_of_holder(conn, holder)? {
        sign_case(conn, portal, &keys, &case)?;
    }
    Ok(())
}

/// Notes that the badges of a certification say something old; the job `badges` signs them anew within minutes.
pub(in crate::actions) fn outdate(
    conn: &mut Conn<'_>,
    certification: CertificationId,
) -> Result<(), StoreError> {
    signed_badges::outdate(conn, certification)
}

/// Revokes the live badge of a certificate and signs its status list anew, in the same transaction: it fails from the next look on.
///
/// # Errors
/// `StoreError::Changed` when there is none.
pub(in crate::actions) fn revoke(
    conn: &mut Conn<'_>,
    portal: &Portal,
    certificate: CertificateId,
    on: NaiveDate,
) -> Result<(), ActionError> {
    let keys = portal.badge_keys()?;
    if let Some(case) = signed_badges::live_of_certificate(conn, certificate)?
        && case.signed.is_none()
    {
        // one from before badges were signed: it gets its place now, so that its copy on a page can say "revoked"
        sign_case(conn, portal, &keys, &case)?;
    }
    let place = signed_badges::live_of_certificate(conn, certificate)?.and_then(|case| case.signed);
    badges::revoke(conn, certificate, on)?;
    match place {
        Some(signed) => sign_list(conn, portal, &keys, signed.place.list),
        None => Ok(()),
    }
}

fn sign_case(conn: &mut Conn<'_>, portal: &Portal, keys: &Keys, case: &Case) -> Result<(), ActionError> {
    let now = portal.clock.now();
    let place = match &case.signed {
        Some(signed) => signed.place,
        None => draw(conn)?,
    };
    let (document, signed_with) = signature(portal, keys, case, place, now)?;
    match &case.signed {
        Some(signed) => {
            if !signed_badges::replace(conn, &case.badge, signed.version, &document, &signed_with, now)? {
                return Err(StoreError::Changed.into());
            }
        }
        None => signed_badges::add(conn, &case.badge, place, &document, &signed_with, now)?,
    }
    // a badge whose list cannot be found fails everywhere
    if !status_lists::exists(conn, place.list)? {
        sign_list(conn, portal, keys, place.list)?;
    }
    Ok(())
}

/// A place that no badge has: drawn at random, so that neighbours in a list tell nothing about each other.
fn draw(conn: &mut Conn<'_>) -> Result<BadgePlace, ActionError> {
    let mut list = signed_badges::newest_list(conn)?;
    for attempt in 0.. {
        if attempt == DRAWS {
            list = list.saturating_add(1);
        }
        let place = BadgePlace { list, position: random_position()? };
        if !signed_badges::is_taken(conn, place)? {
            return Ok(place);
        }
    }
    Err(BadgeError::List.into())
}

/// A position in a list, by chance.
pub(in crate::actions) fn random_position() -> Result<i64, BadgeError> {
    let mut bytes = [0_u8; 4];
    getrandom::fill(&mut bytes).map_err(|_| BadgeError::List)?;
    let drawn = usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| BadgeError::List)?;
    i64::try_from(drawn % status_list::BITS).map_err(|_| BadgeError::List)
}

/// Signs the list of a place when there is none yet: a badge whose list cannot be found fails everywhere.
pub(in crate::actions) fn sign_missing_list(
    conn: &mut Conn<'_>,
    portal: &Portal,
    number: i64,
) -> Result<(), ActionError> {
    if status_lists::exists(conn, number)? {
        return Ok(());
    }
    sign_list(conn, portal, &portal.badge_keys()?, number)
}

fn sign_list(conn: &mut Conn<'_>, portal: &Portal, keys: &Keys, number: i64) -> Result<(), ActionError> {
    let now = portal.clock.now();
    let revoked = status_lists::revoked(conn, number)?
        .into_iter()
        .map(|position| usize::try_from(position).map_err(|_| BadgeError::List))
        .collect::<Result<Vec<_>, _>>()?;
    let origin = &portal.origin;
    let key = keys.current()?;
    let unsigned = status_list::document(origin, number, &revoked, now.and_utc())?;
    let document = proof::sign(&unsigned, key, origin, now.and_utc())?.to_string();
    let list = StatusList { number, document, signed_with: key.address(origin), signed_at: now };
    Ok(status_lists::keep(conn, &list)?)
}

/// The signed text and the address of its key.
pub(in crate::actions) fn signature(
    portal: &Portal,
    keys: &Keys,
    case: &Case,
    place: BadgePlace,
    now: NaiveDateTime,
) -> Result<(String, String), BadgeError> {
    let (origin, key) = (&portal.origin, keys.current()?);
    let unsigned = credential::document(&facts(portal, case, place)?, origin)?;
    let signed = proof::sign(&unsigned, key, origin, now.and_utc())?;
    Ok((signed.to_string(), key.address(origin)))
}

/// From when until when a badge is valid: whole days in the body's time zone.
#[must_use]
pub fn span(portal: &Portal, case: &Case) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
    let last = |day: NaiveDate| {
        let next = day.succ_opt().unwrap_or(day);
        portal.clock.start_of(next).and_utc() - chrono::TimeDelta::seconds(1)
    };
    (portal.clock.start_of(case.renewed_on).and_utc(), case.valid_until.map(last))
}

fn facts(portal: &Portal, case: &Case, place: BadgePlace) -> Result<CredentialFacts, BadgeError> {
    let (valid_from, valid_until) = span(portal, case);
    Ok(CredentialFacts {
        badge: case.badge.clone(),
        body: portal.config.body.clone(),
        achievement: achievement(&case.code, &case.title, case.level, &case.field_title),
        holder: case.holder.clone(),
        number: case.number.clone(),
        awarded_at: portal.clock.start_of(case.granted_on).and_utc(),
        valid_from,
        valid_until,
        list: place.list,
        position: usize::try_from(place.position).map_err(|_| BadgeError::List)?,
    })
}

/// A certification as badges describe it.
#[must_use]
pub fn achievement(code: &str, title: &str, level: Level, field: &str) -> Achievement {
    let criteria = if level.needs_cpe() {
        "Passed the examination of this certification, and reports continuing professional education each certification year; \
         a year below the minimum can end the certificate."
    } else {
        "Passed the examination of this certification. At this level the certificate does not expire."
    };
    Achievement {
        code: code.to_owned(),
        title: title.to_owned(),
        description: format!(
            "{title}: a certification in {} at the level {}.",
            lower_first(field),
            level.label()
        ),
        criteria: criteria.to_owned(),
    }
}

fn lower_first(text: &str) -> String {
    let mut signs = text.chars();
    // an abbreviation such as "IT security" stays as it is
    match (signs.next(), signs.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(signs).collect(),
        _ => text.to_owned(),
    }
}

/// What a long run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signings {
    /// Badges that were looked at.
    pub seen: usize,
    /// Badges signed.
    pub badges: usize,
    /// Status lists signed.
    pub lists: usize,
    /// Badges that could not be signed; each is in the log.
    pub failed: usize,
    /// Whether somebody stopped it before its end.
    pub stopped: bool,
}

/// Signs every badge whose signature is missing, outdated, or made with a key that no longer stands (or for another origin), and every
/// status list that is due. Works in portions, each its own transaction: interrupted, the next run goes on with what is left.
///
/// # Errors
/// `ActionError` when the keys or the database cannot be used. `tell` hears how far it is and may end it between two portions.
pub fn sign_due(
    portal: &Portal,
    tell: &mut dyn FnMut(&Signings) -> ControlFlow<()>,
) -> Result<Signings, ActionError> {
    if list_is_old(portal)? {
        tracing::error!("the status list of badges was not signed for two days");
    }
    // the lists first: one that is too old makes every badge fail
    let mut done = Signings { lists: sign_due_lists(portal)?, ..Signings::default() };
    let mut after = String::new();
    loop {
        let keys = portal.badge_keys()?;
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let page =
            portal.store.read(|conn| Ok::<_, ActionError>(signed_badges::list(conn, &after, limit)?))?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.badge);
        done.seen += page.len();
        let due: Vec<&Case> = page.iter().filter(|case| is_due(portal, &keys, case)).collect();
        if !due.is_empty() {
            let (signed, failed) = sign_portion(portal, &keys, &due)?;
            done.badges += signed;
            done.failed += failed;
        }
        if tell(&done).is_break() {
            done.stopped = true;
            return Ok(done);
        }
    }
    Ok(done)
}

fn is_due(portal: &Portal, keys: &Keys, case: &Case) -> bool {
    match &case.signed {
        None => true,
        Some(signed) => signed.outdated || !stands(portal, keys, &signed.signed_with),
    }
}

fn stands(portal: &Portal, keys: &Keys, address: &str) -> bool {
    let name = address.strip_prefix(portal.origin.did()).and_then(|rest| rest.strip_prefix('#'));
    name.is_some_and(|name| keys.standing(name).is_some())
}

/// Signs on all processors, then writes. The places of new badges are drawn first, in the writing transaction, because the place is signed.
fn sign_portion(portal: &Portal, keys: &Keys, due: &[&Case]) -> Result<(usize, usize), ActionError> {
    let now = portal.clock.now();
    let (known, new): (Vec<&Case>, Vec<&Case>) = due.iter().partition(|case| case.signed.is_some());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let share = known.len().div_ceil(workers).max(1);
    let sign_known = |case: &&Case| {
        let signed = case.signed.as_ref()?;
        Some((case.badge.clone(), signed.clone(), signature(portal, keys, case, signed.place, now)))
    };
    type Made = (String, Signed, Result<(String, String), BadgeError>);
    let made: Vec<Made> = thread::scope(|scope| {
        let workers: Vec<_> = known
            .chunks(share)
            .map(|cases| scope.spawn(move || cases.iter().filter_map(sign_known).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    let mut failed = known.len().saturating_sub(made.len());
    let signed = portal.store.write(|conn| {
        let mut signed = 0_usize;
        for (badge, before, result) in &made {
            match result {
                Ok((document, signed_with)) => {
                    // whoever signed it meanwhile knew something newer
                    if signed_badges::replace(conn, badge, before.version, document, signed_with, now)? {
                        signed += 1;
                    }
                }
                Err(problem) => tracing::error!(badge, %problem, "a badge cannot be signed"),
            }
        }
        for case in &new {
            let fresh = signed_badges::find(conn, &case.badge)?.filter(|case| case.signed.is_none());
            let Some(case) = fresh else { continue };
            match sign_case(conn, portal, keys, &case) {
                Ok(()) => signed += 1,
                Err(ActionError::Badge(problem)) => {
                    tracing::error!(badge = case.badge, %problem, "a badge cannot be signed");
                }
                Err(other) => return Err(other),
            }
        }
        Ok::<_, ActionError>(signed)
    })?;
    failed += made.iter().filter(|(_, _, result)| result.is_err()).count();
    Ok((signed, failed))
}

/// Whether a status list was not signed for two days: the job has stopped, and after seven days every badge fails.
///
/// # Errors
/// `ActionError::Store`.
pub fn list_is_old(portal: &Portal) -> Result<bool, ActionError> {
    let oldest = portal.store.read(status_lists::oldest_signed_at)?;
    Ok(oldest
        .is_some_and(|signed_at| portal.clock.now() - signed_at > chrono::TimeDelta::days(OLD_AFTER_DAYS)))
}

/// Signs the lists that are due: old, or signed with a key that no longer stands. Gives their number.
///
/// # Errors
/// `ActionError` when the keys or the database cannot be used.
pub fn sign_due_lists(portal: &Portal) -> Result<usize, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let keys = portal.badge_keys()?;
        let mut signed = 0;
        for list in status_lists::list(conn)? {
            let old = now - list.signed_at >= chrono::TimeDelta::hours(LIST_HOURS) || now < list.signed_at;
            if old || !stands(portal, &keys, &list.signed_with) {
                sign_list(conn, portal, &keys, list.number)?;
                signed += 1;
            }
        }
        Ok(signed)
    })
}
