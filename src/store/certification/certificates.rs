//! Certificates and decisions about them.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::catalogue::CertificationRow;
use crate::domain::certification::catalogue::Certification;
use crate::domain::certification::certificate::{Certificate, Ending};
use crate::domain::certification::decision::DecisionKind;
use crate::domain::certification::ending::EndingKind;
use crate::domain::codes::codes_of;
use crate::domain::ids::{AccountId, CertificateId, CertificationId, DecisionId, HolderId};
use crate::domain::text::composed;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, bare_numbers, certificates, certifications, decisions, endings};
use crate::store::{Conn, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = certificates)]
struct CertificateRow {
    id: i64,
    number: String,
    holder_id: i64,
    granted_on: NaiveDate,
    times_decertified: i64,
}

/// A recorded decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// About which certificate.
    pub certificate: CertificateId,
    /// Which of its years; none when it is about the certificate as a whole.
    pub year: Option<i64>,
    /// What was decided.
    pub kind: DecisionKind,
    /// How the certificate ends, for an ending.
    pub ending: Option<EndingKind>,
    /// What takes its place, when a higher certificate does.
    pub replaced_by: Option<CertificateId>,
    /// Why; the holder reads it.
    pub reason: String,
    /// The new deadline of an extension.
    pub until: Option<NaiveDate>,
    /// Who decided.
    pub decided_by: AccountId,
    /// The day, in the body's time zone.
    pub decided_on: NaiveDate,
    /// The instant (UTC).
    pub decided_at: NaiveDateTime,
}

/// A certificate's number as it is compared: without case and inner spaces.
pub fn folded_number(number: &str) -> String {
    composed(number).split_whitespace().collect::<String>().to_uppercase()
}

/// A certificate's number as somebody types it who leaves out the dashes: letters and digits alone.
pub(in crate::store) fn bare_number(number: &str) -> String {
    folded_number(number).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Adds a certificate; its years and badge are added beside it by the action.
///
/// # Errors
/// `StoreError::Constraint` when the number is in use.
pub fn add(
    conn: &mut Conn<'_>,
    number: &str,
    holder: HolderId,
    certification: CertificationId,
    granted_on: NaiveDate,
    now: NaiveDateTime,
) -> Result<CertificateId, StoreError> {
    let id: i64 = diesel::insert_into(certificates::table)
        .values((
            certificates::number.eq(number.trim()),
            certificates::number_fold.eq(folded_number(number)),
            certificates::holder_id.eq(holder.0),
            certificates::certification_id.eq(certification.0),
            certificates::granted_on.eq(granted_on),
            certificates::created_at.eq(now),
            certificates::times_decertified.eq(0),
            certificates::version.eq(1),
        ))
        .returning(certificates::id)
        .get_result(conn.0)?;
    diesel::insert_into(bare_numbers::table)
        .values((bare_numbers::certificate_id.eq(id), bare_numbers::bare.eq(bare_number(number))))
        .execute(conn.0)?;
    Ok(CertificateId(id))
}

/// The certificate, if there is one.
pub fn find(conn: &mut Conn<'_>, id: CertificateId) -> Result<Option<Certificate>, StoreError> {
    let row = certificates::table
        .inner_join(certifications::table)
        .filter(certificates::id.eq(id.0))
        .select((CertificateRow::as_select(), CertificationRow::as_select()))
        .first(conn.0)
        .optional()?;
    with_endings(conn, row.into_iter().collect()).map(|found| found.into_iter().next())
}

/// The certificate of a number, compared without case and spaces.
pub fn find_by_number(conn: &mut Conn<'_>, number: &str) -> Result<Option<Certificate>, StoreError> {
    // numbers of earlier days may stand there in another form of the same letters
    let folded_as_typed = number.split_whitespace().collect::<String>().to_uppercase();
    let row = certificates::table
        .inner_join(certifications::table)
        .filter(certificates::number_fold.eq_any([folded_number(number), folded_as_typed]))
        .select((CertificateRow::as_select(), CertificationRow::as_select()))
        .first(conn.0)
        .optional()?;
    with_endings(conn, row.into_iter().collect()).map(|found| found.into_iter().next())
}

/// The one certificate whose number has these letters and digits, whatever stands between them; none when several have.
pub fn find_by_bare_number(conn: &mut Conn<'_>, number: &str) -> Result<Option<Certificate>, StoreError> {
    let ids: Vec<i64> = bare_numbers::table
        .filter(bare_numbers::bare.eq(bare_number(number)))
        .select(bare_numbers::certificate_id)
        .limit(2)
        .load(conn.0)?;
    match ids.as_slice() {
        [only] => find(conn, CertificateId(*only)),
        _ => Ok(None),
    }
}

/// Counts up with every decision about a certificate, so that a second decider notices.
pub fn version(conn: &mut Conn<'_>, id: CertificateId) -> Result<Option<i64>, StoreError> {
    Ok(certificates::table.find(id.0).select(certificates::version).first(conn.0).optional()?)
}

/// Every certificate of some holders, in the order they were granted.
pub fn of_holders(conn: &mut Conn<'_>, holders: &[HolderId]) -> Result<Vec<Certificate>, StoreError> {
    let query = certificates::table
        .inner_join(certifications::table)
        .select((CertificateRow::as_select(), CertificationRow::as_select()))
        .order((certificates::holder_id, certificates::granted_on, certificates::id));
    // one holder is what every page asks; the statement stays prepared then
    let rows = match holders {
        [one] => query.filter(certificates::holder_id.eq(one.0)).load(conn.0)?,
        many => query
            .filter(certificates::holder_id.eq_any(many.iter().map(|h| h.0).collect::<Vec<_>>()))
            .load(conn.0)?,
    };
    with_endings(conn, rows)
}

/// How many certificates stand though the account of their holder is closed, counted up to `most`.
pub fn of_closed_up_to(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    let found: Vec<i64> = accounts::table
        .inner_join(certificates::table)
        .filter(accounts::deactivated_at.is_not_null())
        .filter(certificates::decertified_on.is_null())
        .select(certificates::id)
        .limit(most)
        .load(conn.0)?;
    Ok(i64::try_from(found.len()).unwrap_or(most))
}

/// Decisions that end a certificate or put it back in force.
const CHANGES: [DecisionKind; 3] =
    [DecisionKind::Decertification, DecisionKind::Ending, DecisionKind::Reinstatement];

fn with_endings(
    conn: &mut Conn<'_>,
    rows: Vec<(CertificateRow, CertificationRow)>,
) -> Result<Vec<Certificate>, StoreError> {
    let ended: Vec<i64> = rows.iter().filter(|(c, _)| c.times_decertified > 0).map(|(c, _)| c.id).collect();
    let mut ended_times: BTreeMap<i64, Vec<Ending>> = BTreeMap::new();
    if !ended.is_empty() {
        let rows: Vec<(i64, String, Option<String>, NaiveDate)> = decisions::table
            .filter(decisions::certificate_id.eq_any(ended))
            .left_join(endings::table)
            .filter(decisions::kind.eq_any(codes_of(&CHANGES)))
            .order(decisions::id)
            .select((
                decisions::certificate_id,
                decisions::kind,
                endings::kind.nullable(),
                decisions::decided_on,
            ))
            .load(conn.0)?;
        for (certificate, kind, ending, day) in rows {
            let times = ended_times.entry(certificate).or_default();
            if kind == DecisionKind::Reinstatement.code() {
                if let Some(last) = times.last_mut() {
                    last.reinstated_on = Some(day);
                }
                continue;
            }
            let kind = ending_kind(ending)?.unwrap_or(EndingKind::Credits);
            times.push(Ending { kind, ended_on: day, reinstated_on: None });
        }
    }
    rows.into_iter()
        .map(|(row, certification)| {
            Ok(Certificate {
                id: CertificateId(row.id),
                number: row.number,
                holder: AccountId(row.holder_id),
                certification: Certification::try_from(certification)?,
                granted_on: row.granted_on,
                endings: ended_times.remove(&row.id).unwrap_or_default(),
            })
        })
        .collect()
}

/// Records a decision, and whether the certificate stands after it.
pub fn record_decision(conn: &mut Conn<'_>, decision: &Decision) -> Result<DecisionId, StoreError> {
    let id: i64 = diesel::insert_into(decisions::table)
        .values((
            decisions::certificate_id.eq(decision.certificate.0),
            decisions::year.eq(decision.year),
            decisions::kind.eq(decision.kind.code()),
            decisions::reason.eq(&decision.reason),
            decisions::until.eq(decision.until),
            decisions::decided_by.eq(decision.decided_by.0),
            decisions::decided_on.eq(decision.decided_on),
            decisions::decided_at.eq(decision.decided_at),
        ))
        .returning(decisions::id)
        .get_result(conn.0)?;
    if let Some(kind) = decision.ending {
        diesel::insert_into(endings::table)
            .values((
                endings::decision_id.eq(id),
                endings::kind.eq(kind.code()),
                endings::replaced_by.eq(decision.replaced_by.map(|other| other.0)),
            ))
            .execute(conn.0)?;
    }
    let certificate = certificates::table.find(decision.certificate.0);
    match decision.kind {
        DecisionKind::Decertification | DecisionKind::Ending => {
            diesel::update(certificate)
                .set((
                    certificates::decertified_on.eq(Some(decision.decided_on)),
                    certificates::times_decertified.eq(certificates::times_decertified + 1),
                    certificates::version.eq(certificates::version + 1),
                ))
                .execute(conn.0)?;
        }
        DecisionKind::Reinstatement => {
            diesel::update(certificate)
                .set((
                    certificates::decertified_on.eq(None::<NaiveDate>),
                    certificates::version.eq(certificates::version + 1),
                ))
                .execute(conn.0)?;
        }
        DecisionKind::Waiver | DecisionKind::Extension | DecisionKind::Correction => {
            diesel::update(certificate)
                .set(certificates::version.eq(certificates::version + 1))
                .execute(conn.0)?;
        }
    }
    Ok(DecisionId(id))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = decisions)]
struct DecisionRow {
    certificate_id: i64,
    year: Option<i64>,
    kind: String,
    reason: String,
    until: Option<NaiveDate>,
    decided_by: i64,
    decided_on: NaiveDate,
    decided_at: NaiveDateTime,
}

/// How a certificate ends, and what takes its place.
type EndingRow = Option<(String, Option<i64>)>;

impl TryFrom<(DecisionRow, EndingRow)> for Decision {
    type Error = StoreError;
    fn try_from((row, ending): (DecisionRow, EndingRow)) -> Result<Self, StoreError> {
        let (ending, replaced_by) = ending.unzip();
        Ok(Decision {
            certificate: CertificateId(row.certificate_id),
            year: row.year,
            kind: DecisionKind::from_code(&row.kind).ok_or(StoreError::Unreadable("decisions.kind"))?,
            ending: ending_kind(ending)?,
            replaced_by: replaced_by.flatten().map(CertificateId),
            reason: row.reason,
            until: row.until,
            decided_by: AccountId(row.decided_by),
            decided_on: row.decided_on,
            decided_at: row.decided_at,
        })
    }
}

fn ending_kind(code: Option<String>) -> Result<Option<EndingKind>, StoreError> {
    let read = |code: String| EndingKind::from_code(&code).ok_or(StoreError::Unreadable("endings.kind"));
    code.map(read).transpose()
}

/// Every decision about a certificate, from the first.
pub fn decisions_about(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<Vec<Decision>, StoreError> {
    decisions::table
        .left_join(endings::table)
        .filter(decisions::certificate_id.eq(certificate.0))
        .order(decisions::id)
        .select((DecisionRow::as_select(), (endings::kind, endings::replaced_by).nullable()))
        .load::<(DecisionRow, EndingRow)>(conn.0)?
        .into_iter()
        .map(Decision::try_from)
        .collect()
}

/// Every decision about the certificates of a holder, from the first.
pub fn decisions_of_holder(conn: &mut Conn<'_>, holder: HolderId) -> Result<Vec<Decision>, StoreError> {
    decisions::table
        .inner_join(certificates::table)
        .left_join(endings::table)
        .filter(certificates::holder_id.eq(holder.0))
        .order(decisions::id)
        .select((DecisionRow::as_select(), (endings::kind, endings::replaced_by).nullable()))
        .load::<(DecisionRow, EndingRow)>(conn.0)?
        .into_iter()
        .map(Decision::try_from)
        .collect()
}

/// When the portal took each certificate of a holder over (UTC).
pub fn taken_over_at(
    conn: &mut Conn<'_>,
    holder: HolderId,
) -> Result<BTreeMap<CertificateId, NaiveDateTime>, StoreError> {
    let rows: Vec<(i64, NaiveDateTime)> = certificates::table
        .filter(certificates::holder_id.eq(holder.0))
        .select((certificates::id, certificates::created_at))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(id, at)| (CertificateId(id), at)).collect())
}
