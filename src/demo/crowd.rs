//! Many holders at once, for measuring: taken over today, with a year's activities each. No life stories, no mails.

use chrono::{Months, NaiveDate};

use super::agenda::all_in;
use super::error::DemoError;
use super::people::in_the_crowd;
use super::random::Random;
use super::reports::{deed, field_of};
use crate::actions::imports::{ActivityImport, ActivityRow, HolderImport, HolderRow, ImportTerms, ahead};
use crate::domain::dates::{plus_days, year_number_on, year_start};
use crate::portal::Portal;

/// Holders in one write.
const AT_ONCE: usize = 200;
/// Activities of one holder, about.
const ACTIVITIES: i64 = 20;

const CERTIFICATIONS: [&str; 12] =
    ["ISP", "ISME", "CISO", "ITSP", "CITSO", "DPP", "CDPO", "BCP", "CMP", "EHP", "SPP", "ISF"];

/// Adds a crowd. `done` hears how many are there.
pub(super) fn add(
    portal: &Portal,
    holders: usize,
    first_number: usize,
    done: &mut dyn FnMut(usize),
) -> Result<(), DemoError> {
    if holders == 0 {
        return Ok(());
    }
    portal.store.widen()?;
    let (today, now) = portal.clock.today_and_now();
    let (mut people, mut deeds) = portal.store.read(|conn| {
        let terms = ImportTerms::plain(today, now);
        let people = HolderImport::begin(portal, conn, terms.clone())?;
        Ok::<_, DemoError>((people, ActivityImport::begin(conn, terms)?))
    })?;
    let (badges, reader) = (people.badges(), deeds.reader());
    let (mut planned, mut added) = (0, 0);
    ahead(
        || {
            let batch = planned..holders.min(planned + AT_ONCE);
            planned = batch.end;
            Ok::<_, DemoError>((!batch.is_empty()).then_some(batch))
        },
        // the writer has enough to do: everything else is made on the other processors, each batch from dice of its own
        |batch| {
            let mut random = Random::new(2_000_003 + u64::try_from(batch.start).unwrap_or_default());
            let (mut rows, mut reports) = (Vec::new(), Vec::new());
            for number in batch.clone() {
                one(first_number + number + 1, today, &mut random, &mut rows, &mut reports);
            }
            let signed = badges.sign(&rows);
            (rows, signed, reader.read(&reports))
        },
        |batch, (rows, signed, read)| {
            portal.store.write_rows(|conn| {
                all_in(people.rows(conn, &rows, signed)?)?;
                all_in(deeds.rows(conn, read)?)
            })?;
            added += batch.len();
            done(added);
            Ok(())
        },
    )
}

fn one(
    number: usize,
    today: NaiveDate,
    random: &mut Random,
    rows: &mut Vec<(u64, HolderRow)>,
    reports: &mut Vec<(u64, ActivityRow)>,
) {
    let (name, email) = in_the_crowd(number, random);
    let mut open_since: Option<NaiveDate> = None;
    let mut field = "information_security";
    for certificate in 1..=2 {
        let certification = random.one_of(&CERTIFICATIONS).copied().unwrap_or("ISP");
        let months = u32::try_from(random.between(0, 59)).unwrap_or(0);
        let granted_on = plus_days(today, -random.between(0, 30));
        let granted_on = granted_on.checked_sub_months(Months::new(months)).unwrap_or(granted_on);
        if certification != "ISF" {
            let year = year_number_on(granted_on, today).unwrap_or(1);
            let start = year_start(granted_on, year);
            open_since = Some(open_since.map_or(start, |day| day.min(start)));
            field = field_of(certification);
        }
        let row = HolderRow {
            email: email.clone(),
            name: name.clone(),
            certification: certification.to_owned(),
            certificate_number: format!("{certification}-{number:06}-{certificate}"),
            granted_on: granted_on.to_string(),
            decertified_on: String::new(),
        };
        rows.push((0, row));
    }
    let Some(open_since) = open_since else { return };
    let many = random.between(ACTIVITIES - 10, ACTIVITIES + 12);
    for report in 1..=many {
        let (mut deed, _) = deed(field, 5, open_since, today, random);
        deed.title = format!("{} ({report})", deed.title);
        let status = if random.chance(12) { "submitted" } else { "approved" };
        reports.push((0, deed.row(&email, status)));
    }
}
