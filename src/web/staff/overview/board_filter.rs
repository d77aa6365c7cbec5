//! What addresses of the report to the board ask for: a calendar year, and certifications that are counted together.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use crate::clock::Clock;
use crate::domain::certification::catalogue::{CertificationGroup, Level};
use crate::domain::ids::{CertificationId, FieldId};
use crate::domain::plural::grouped;
use crate::store::certification::catalogue;
use crate::store::{Conn, StoreError};
use crate::web::forms::fields::Fields;

/// The calendar year that was asked for; the present one otherwise.
pub(super) fn year_of(query: &Fields, today: NaiveDate) -> i32 {
    query.one("year").parse().ok().filter(|year| (1900..=today.year()).contains(year)).unwrap_or(today.year())
}

/// A group as it stands in an address, such as `field-2`.
pub(in crate::web::staff) fn group_key(group: CertificationGroup) -> String {
    match group {
        CertificationGroup::Certification(id) => format!("certification-{id}"),
        CertificationGroup::Level(level) => format!("level-{}", level.code()),
        CertificationGroup::Field(id) => format!("field-{id}"),
    }
}

/// Reads what [`group_key`] writes; what is nothing of the kind is no group.
pub(in crate::web::staff) fn group_of(text: &str) -> Option<CertificationGroup> {
    let (kind, which) = text.split_once('-')?;
    match kind {
        "certification" => Some(CertificationGroup::Certification(CertificationId(which.parse().ok()?))),
        "level" => Level::from_code(which).map(CertificationGroup::Level),
        "field" => Some(CertificationGroup::Field(FieldId(which.parse().ok()?))),
        _ => None,
    }
}

/// What a group is called; `None` for one that the catalogue does not have.
pub(in crate::web::staff) fn group_title(
    conn: &mut Conn<'_>,
    group: CertificationGroup,
) -> Result<Option<String>, StoreError> {
    Ok(match group {
        CertificationGroup::Level(level) => Some(level.label().to_owned()),
        CertificationGroup::Certification(id) => catalogue::certifications(conn)?
            .into_iter()
            .find(|certification| certification.id == id)
            .map(|certification| certification.title),
        CertificationGroup::Field(id) => {
            catalogue::fields(conn)?.into_iter().find(|field| field.id == id).map(|field| field.title)
        }
    })
}

/// The moment (UTC) at which a calendar year of the body begins, and that at which the next one does.
pub(super) fn moments_of(clock: &Clock, year: i32) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let (first, next) = (days_of(year)?.0, days_of(year.checked_add(1)?)?.0);
    Some((clock.start_of(first), clock.start_of(next)))
}

/// A waiting time as people say it.
pub(super) fn span(minutes: i64) -> String {
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    match minutes {
        ..=1 => "1 minute".to_owned(),
        2..=119 => format!("{minutes} minutes"),
        120..=2_879 => format!("{} hours", (minutes + HOUR / 2) / HOUR),
        _ => {
            let tenths = (minutes * 10 + DAY / 2) / DAY;
            match tenths % 10 {
                0 => format!("{} days", grouped(tenths / 10)),
                rest => format!("{}.{rest} days", grouped(tenths / 10)),
            }
        }
    }
}

/// The first and the last day of a calendar year.
pub(super) fn days_of(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?))
}
