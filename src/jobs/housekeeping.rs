//! Housekeeping: what has expired goes, the database is tidied.

use chrono::TimeDelta;

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::files::FilesError;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::accounts::{form_receipts, saved_forms, sessions, sign_in_failures, tokens};
use crate::store::activities::{evidence, form_keys, review_claims};
use crate::store::engine::leases;
use crate::store::mail::{mail_pauses, mail_texts};
use crate::store::operations::{import_problems, invariant_results, job_runs};
use crate::upkeep::bucket_owner::{BucketClaim, Claimant};

/// Links that stopped working are kept a while, so that a person who uses one late is told what it was.
const KEEP_LINKS: TimeDelta = TimeDelta::days(30);
const KEEP_FAILURES: TimeDelta = TimeDelta::days(2);
/// Forms that nobody came back for.
const KEEP_PARKED_FORMS: TimeDelta = TimeDelta::days(1);
/// What was wrong with the rows of an import: it is mended soon, or imported again.
const KEEP_IMPORT_PROBLEMS: TimeDelta = TimeDelta::days(1);
/// A form may stay open over a holiday: so long it is known whose it was.
const KEEP_FORMER_SESSIONS: TimeDelta = TimeDelta::days(30);
/// Files whose form never came back.
const KEEP_WAITING_EVIDENCE: TimeDelta = TimeDelta::days(7);
/// Bytes of removed files.
const KEEP_REMOVED_FILES: TimeDelta = TimeDelta::days(1);
const KEEP_RUNS: TimeDelta = TimeDelta::days(90);
/// A store of evidence that did not answer for so many parts one after another is away, and is asked no more in this run.
const AWAY_AFTER: usize = 2;

/// Clears and tidies.
///
/// # Errors
/// The database's. What is in the way of clearing files is told in the report, after everything else was done.
pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let now = portal.clock.now();
    let mut cleared = portal.store.write(|conn| {
        leases::clear_before(conn, portal.clock.machine_now() - TimeDelta::days(1))?;
        mail_pauses::clear_before(conn, now - TimeDelta::days(1))?;
        mail_texts::blank_secrets_sent_before(conn, now)?;
        Ok::<_, StoreError>(vec![
            ("ended sessions", sessions::clear_ended(conn, now)?),
            ("remembered sessions", sessions::forget_before(conn, now - KEEP_FORMER_SESSIONS)?),
            ("parked forms", saved_forms::clear_before(conn, now - KEEP_PARKED_FORMS)?),
            ("problems of imports", import_problems::clear_before(conn, now - KEEP_IMPORT_PROBLEMS)?),
            ("form keys", form_keys::clear_before(conn, now - KEEP_FORMER_SESSIONS)?),
            ("sent forms", form_receipts::clear_before(conn, now - KEEP_FORMER_SESSIONS)?),
            ("unused links", tokens::clear_before(conn, now - KEEP_LINKS)?),
            ("sign-in failures", sign_in_failures::clear_before(conn, now - KEEP_FAILURES)?),
            ("files without a report", evidence::clear_waiting_before(conn, now - KEEP_WAITING_EVIDENCE)?),
            ("review claims", review_claims::clear_ended(conn, now)?),
            ("old job runs", job_runs::clear_before(conn, now - KEEP_RUNS)?),
            ("old checks of the data", invariant_results::clear_before(conn, now - KEEP_RUNS)?),
        ])
    })?;
    let texts = blank_texts(portal, watch)?;
    let uploads = portal.files.clear_abandoned(portal.clock.machine_now());
    portal.store.tidy()?;
    // last what may lie elsewhere: where that does not answer, everything else is done
    let claimant = Claimant::of(&portal.store)?;
    let (claim, unknown) = match claimant.settle(&portal.files.patient()) {
        Ok(claim) => (claim, None),
        Err(error) => (None, Some(error)),
    };
    let (files, removed) = match unknown.is_none() && claimant.may_clear(claim.as_ref()) {
        true => clear_files(portal, &claimant.name, watch)?,
        false => (0, Ok(())),
    };
    cleared.extend([
        ("texts of old emails", texts),
        ("removed files", files),
        ("unfinished uploads", *uploads.as_ref().unwrap_or(&0)),
    ]);
    let mut summary = in_words(&cleared);
    if let Some(why) = why_files_stay(portal, &claimant, claim.as_ref()) {
        summary.push_str(&format!(" {why}"));
    }
    let failed = uploads.err().or(unknown).or(removed.err());
    if let Some(error) = &failed {
        tracing::error!(%error, "not all files that nobody needs any more could be cleared away");
        summary.push_str(&format!(" Not all files could be cleared away: {error}."));
    }
    Ok(JobReport { summary, complete: failed.is_none() })
}

/// Blanks the texts of mails that ended long ago, a few at a time, so that whoever reports meanwhile waits for none of it. What is not
/// reached before the portal stops is for the next night.
fn blank_texts(portal: &Portal, watch: Watch<'_>) -> Result<usize, ActionError> {
    let Some(kept) = portal.config.mail_texts_kept else { return Ok(0) };
    let before = portal.clock.now() - kept;
    let (mut blanked, mut after) = (0, None);
    loop {
        let some = portal.store.write(|conn| mail_texts::blank_ended_before(conn, before, after))?;
        blanked += some.blanked;
        after = some.last;
        if after.is_none() || watch().is_break() {
            return Ok(blanked);
        }
    }
}

/// What was cleared, without what there was nothing of.
fn in_words(cleared: &[(&str, usize)]) -> String {
    let some: Vec<String> = cleared
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(what, number)| format!("{what} {number}"))
        .collect();
    if some.is_empty() {
        "There was nothing to clear. The database is tidied.".to_owned()
    } else {
        format!("Cleared: {}. The database is tidied.", some.join(", "))
    }
}

/// Why files that nobody can open stay where they are, when somebody has to do something about that.
fn why_files_stay(portal: &Portal, claimant: &Claimant, claim: Option<&BucketClaim>) -> Option<String> {
    if let (Some(other), Some(bucket)) = (claim.and_then(BucketClaim::other), portal.files.bucket_name()) {
        tracing::error!(
            owner = other,
            "nothing is cleared from {bucket}: it belongs to another portal. Once that one is stopped for good, cpe-portal evidence claim \
             makes it this portal's"
        );
        return Some(format!(
            "No removed files are cleared from {bucket}: it belongs to another portal ({other}). Once that one is stopped for good, \
             cpe-portal evidence claim makes it this portal's."
        ));
    }
    claimant.held.then(|| {
        "Removed files stay while mail is held after a restore or a takeover: this may be a copy of a portal that goes on.".to_owned()
    })
}

/// Clears the bytes of files that nobody can open any more. A file is wanted as long as a row names it, and a day longer, so that a
/// copy of the data that is being made finds it. Gives how many went, and the first thing that was in the way: the others go all the same.
/// What is not reached before the portal stops is for the next night.
fn clear_files(
    portal: &Portal,
    owner: &str,
    watch: Watch<'_>,
) -> Result<(usize, Result<(), FilesError>), ActionError> {
    let (now, machine_now) = (portal.clock.now(), portal.clock.machine_now());
    let (mut removed, mut silent, mut failed) = (0, 0, Ok(()));
    // in sixteen parts, so that millions of names need little memory
    for digit in "0123456789abcdef".chars() {
        if watch().is_break() || silent == AWAY_AFTER {
            break;
        }
        let wanted =
            portal.store.read(|conn| evidence::hashes_wanted_since(conn, digit, now - KEEP_REMOVED_FILES))?;
        match portal.files.patient().clear_unwanted(digit, &wanted, owner, machine_now) {
            Ok(some) => {
                removed += some;
                silent = 0;
            }
            Err(error) => {
                silent += usize::from(matches!(error, FilesError::Unreachable { .. }));
                failed = failed.and(Err(error));
            }
        }
    }
    Ok((removed, failed))
}
