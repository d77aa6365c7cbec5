//! Corrections of what certificates say: the certificate itself, its years, and a record of before and after.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::catalogue;
use super::certificates::{bare_number, folded_number};
use super::years::{YearColumns, add, last_number};
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::certificate_correction::CertificateFacts;
use crate::domain::ids::{CertificateId, CertificationId, DecisionId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{
    bare_numbers, certificate_corrections, certificates, certification_years as years, certifications,
    conversations, decisions, held_flags, notices_about_years,
};
use crate::store::{Conn, StoreError};

/// Records what a correction changed.
pub fn record(
    conn: &mut Conn<'_>,
    decision: DecisionId,
    before: &CertificateFacts,
    after: &CertificateFacts,
) -> Result<(), StoreError> {
    diesel::insert_into(certificate_corrections::table)
        .values((
            certificate_corrections::decision_id.eq(decision.0),
            certificate_corrections::old_number.eq(&before.number),
            certificate_corrections::new_number.eq(&after.number),
            certificate_corrections::old_certification_id.eq(before.certification.id.0),
            certificate_corrections::new_certification_id.eq(after.certification.id.0),
            certificate_corrections::old_granted_on.eq(before.granted_on),
            certificate_corrections::new_granted_on.eq(after.granted_on),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Lets a certificate say what it should; its years follow by [`replace_years`]. Its version has counted up with the decision.
///
/// # Errors
/// `StoreError::Constraint` when another certificate has the number.
pub fn apply(conn: &mut Conn<'_>, id: CertificateId, facts: &CertificateFacts) -> Result<(), StoreError> {
    diesel::update(certificates::table.find(id.0))
        .set((
            certificates::number.eq(facts.number.trim()),
            certificates::number_fold.eq(folded_number(&facts.number)),
            certificates::certification_id.eq(facts.certification.id.0),
            certificates::granted_on.eq(facts.granted_on),
        ))
        .execute(conn.0)?;
    diesel::update(bare_numbers::table.find(id.0))
        .set(bare_numbers::bare.eq(bare_number(&facts.number)))
        .execute(conn.0)?;
    Ok(())
}

/// Puts the years of a certificate, as a correction worked them out, into the place of its recorded ones. The decision is recorded before:
/// the schema asks for it.
pub fn replace_years(
    conn: &mut Conn<'_>,
    id: CertificateId,
    corrected: &[CertificationYear],
    widest_stage: i64,
) -> Result<(), StoreError> {
    let recorded = last_number(conn, id)?;
    if corrected.is_empty() {
        diesel::delete(held_flags::table.filter(held_flags::certificate_id.eq(id.0))).execute(conn.0)?;
        diesel::delete(years::table.filter(years::certificate_id.eq(id.0))).execute(conn.0)?;
    }
    for year in corrected.iter().filter(|year| year.number <= recorded) {
        diesel::update(years::table.find((id.0, year.number)))
            .set(YearColumns::of(year, widest_stage))
            .execute(conn.0)?;
    }
    let new: Vec<CertificationYear> =
        corrected.iter().filter(|year| year.number > recorded).cloned().collect();
    add(conn, &new, widest_stage)?;
    diesel::update(certificates::table.find(id.0))
        .set(certificates::years_until.eq(corrected.last().map(|year| year.ends_on)))
        .execute(conn.0)?;
    Ok(())
}

/// Whether anything that stays is recorded about a year of a certificate: then its years cannot go.
pub fn years_in_use(conn: &mut Conn<'_>, id: CertificateId) -> Result<bool, StoreError> {
    let told = notices_about_years::table.filter(notices_about_years::certificate_id.eq(id.0));
    let decided =
        decisions::table.filter(decisions::certificate_id.eq(id.0)).filter(decisions::year.is_not_null());
    let talked = conversations::table
        .filter(conversations::certificate_id.eq(id.0))
        .filter(conversations::year.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(told)).get_result::<bool>(conn.0)?
        || diesel::select(diesel::dsl::exists(decided)).get_result::<bool>(conn.0)?
        || diesel::select(diesel::dsl::exists(talked)).get_result::<bool>(conn.0)?)
}

/// One thing that a correction changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateChange {
    /// The number, before and after.
    Number(String, String),
    /// The certification's title, before and after.
    Certification(String, String),
    /// The day of grant, before and after.
    GrantedOn(NaiveDate, NaiveDate),
}

/// What each correction of a certificate changed, in the order of the decisions.
pub fn of_certificate(
    conn: &mut Conn<'_>,
    id: CertificateId,
) -> Result<Vec<Vec<CertificateChange>>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        old_number: String,
        new_number: String,
        old: i64,
        new: i64,
        old_day: NaiveDate,
        new_day: NaiveDate,
    }
    let rows: Vec<Row> = certificate_corrections::table
        .inner_join(decisions::table)
        .filter(decisions::certificate_id.eq(id.0))
        .order(decisions::id)
        .select((
            certificate_corrections::old_number,
            certificate_corrections::new_number,
            certificate_corrections::old_certification_id,
            certificate_corrections::new_certification_id,
            certificate_corrections::old_granted_on,
            certificate_corrections::new_granted_on,
        ))
        .load(conn.0)?;
    let named: Vec<i64> = rows.iter().flat_map(|row| [row.old, row.new]).collect();
    let titles: BTreeMap<i64, String> = certifications::table
        .filter(certifications::id.eq_any(named))
        .select((certifications::id, certifications::title))
        .load::<(i64, String)>(conn.0)?
        .into_iter()
        .collect();
    let title = |id: i64| titles.get(&id).cloned().unwrap_or_default();
    let changes = |Row { old_number, new_number, old, new, old_day, new_day }: Row| {
        let mut changes = Vec::new();
        if old_number != new_number {
            changes.push(CertificateChange::Number(old_number, new_number));
        }
        if old != new {
            changes.push(CertificateChange::Certification(title(old), title(new)));
        }
        if old_day != new_day {
            changes.push(CertificateChange::GrantedOn(old_day, new_day));
        }
        changes
    };
    Ok(rows.into_iter().map(changes).collect())
}

/// What each correction of a holder's certificates changed, before and after, in the order of the decisions.
pub fn facts_of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
) -> Result<Vec<(CertificateId, CertificateFacts, CertificateFacts)>, StoreError> {
    type Row = (i64, (String, i64, NaiveDate), (String, i64, NaiveDate));
    let rows: Vec<Row> = certificate_corrections::table
        .inner_join(decisions::table.inner_join(certificates::table))
        .filter(certificates::holder_id.eq(holder.0))
        .order(decisions::id)
        .select((
            decisions::certificate_id,
            (
                certificate_corrections::old_number,
                certificate_corrections::old_certification_id,
                certificate_corrections::old_granted_on,
            ),
            (
                certificate_corrections::new_number,
                certificate_corrections::new_certification_id,
                certificate_corrections::new_granted_on,
            ),
        ))
        .load(conn.0)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let programmes = catalogue::certifications(conn)?;
    let facts = |(number, programme, granted_on): (String, i64, NaiveDate)| {
        let found = programmes.iter().find(|one| one.id.0 == programme).cloned();
        let certification = found.ok_or(StoreError::Unreadable("certificate_corrections"))?;
        Ok::<_, StoreError>(CertificateFacts { number, certification, granted_on })
    };
    rows.into_iter()
        .map(|(id, before, after)| Ok((CertificateId(id), facts(before)?, facts(after)?)))
        .collect()
}

/// The number of another certificate of the same certification that the holder has and that stands, if there is one.
pub fn twin(
    conn: &mut Conn<'_>,
    holder: HolderId,
    certification: CertificationId,
    except: Option<CertificateId>,
) -> Result<Option<String>, StoreError> {
    Ok(certificates::table
        .filter(certificates::holder_id.eq(holder.0))
        .filter(certificates::certification_id.eq(certification.0))
        .filter(certificates::decertified_on.is_null())
        .filter(certificates::id.ne(except.map_or(0, |id| id.0)))
        .order(certificates::id)
        .select(certificates::number)
        .first(conn.0)
        .optional()?)
}
