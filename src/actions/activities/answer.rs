//! Answering a reviewer's question without changing the report.

use super::evidence::Proofs;
use super::form::Typed;
use super::submission::{Form, FormOrigin, Sent, send};
use crate::actions::ActionError;
use crate::domain::activities::submission::Intent;
use crate::domain::ids::ActivityId;
use crate::domain::roles::Holder;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::activities;
use crate::store::certification::catalogue;

/// Fields that stand beside the question; everything else is mended in the form of the report.
const ANSWERED_WITH: [&str; 2] = ["explanation", "evidence"];

/// Sends a returned report again as it stands, with words, with files, or with both: the rules are those of the form of the report.
///
/// # Errors
/// `ActionError::Invalid` at `explanation` or `evidence`, or without a field when the report itself has to be changed first; `NotFound` for
/// somebody else's; `StoreError::Changed` when it changed since `version`, or nothing is asked about it any more.
pub fn answer(
    portal: &Portal,
    holder: Holder,
    id: ActivityId,
    version: i64,
    words: &str,
    proofs: &Proofs<'_>,
) -> Result<(), ActionError> {
    let typed = portal.store.read(|conn| {
        let report = activities::find_of_holder(conn, holder.id, id)?.ok_or(ActionError::NotFound)?;
        Ok::<_, ActionError>(Typed::of(&report.facts, &catalogue::fields(conn)?))
    })?;
    let origin =
        FormOrigin { id: Some(id), version, explanation: words, answers: true, ..FormOrigin::default() };
    let form = Form { typed: &typed, proofs, intent: Intent::Submit };
    match send(portal, holder, &origin, &form) {
        Ok(Sent::Done(..)) => Ok(()),
        Ok(Sent::Unsure(..) | Sent::Already(..)) => Err(StoreError::Changed.into()),
        Err(ActionError::Invalid(problems)) => Err(ActionError::Invalid(beside_the_question(problems))),
        Err(other) => Err(other),
    }
}

fn beside_the_question(problems: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    let placed = |(field, message): (&'static str, String)| match ANSWERED_WITH.contains(&field) {
        true => (field, message),
        false => ("", format!("The report itself has to be changed first. {message}")),
    };
    problems.into_iter().map(placed).collect()
}
