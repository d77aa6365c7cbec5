//! The end of reporting: what was sent, what it does to each year, and what can be done next. It can be opened again while the report waits.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::actions::ActionError;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::credits::Credits;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::{days_in_words, long_date};
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::Sums;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::activities::reviews::Waits;
use crate::store::activities::{self, evidence};
use crate::store::certification::policies;
use crate::store::records::holder_records;
use crate::web::holder::dashboard::usual;
use crate::web::holder::reference::activity_id;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::bar::Bar;
use crate::web::view::flash::see_other;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Years that are shown with their bars; the dashboard has them all.
const YEARS: usize = 3;

/// The page.
#[derive(Template)]
#[template(path = "holder/activities/receipt.html")]
struct ReceiptPage {
    page: Layout,
    id: i64,
    title: String,
    /// "2 hours 30 minutes on 5 October 2026".
    what: String,
    /// "2.50 credits".
    credits: String,
    /// How long reviews usually take; may be empty.
    usual: String,
    years: Vec<YearChange>,
    /// How many more years it counts for.
    more: usize,
    /// Whether it has files already.
    has_files: bool,
}

/// What the report does to one certification year.
struct YearChange {
    certificate: i64,
    title: String,
    deadline: String,
    before: Bar,
    now: Bar,
    missing_before: Credits,
    missing: Credits,
    required: Credits,
    /// Whether with this report everything is reported that the year needs.
    reached: bool,
}

/// What the page needs, read together.
struct ReceiptData {
    activity: Activity,
    file: HolderFile,
    policies: Policies,
    has_files: bool,
    recent_waits: Waits,
}

impl ReceiptData {
    fn load(
        conn: &mut Conn<'_>,
        portal: &Portal,
        holder: HolderId,
        id: ActivityId,
    ) -> Result<ReceiptData, ActionError> {
        let activity = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
        Ok(ReceiptData {
            file: holder_records::of_holder(conn, holder, portal.clock.today())?,
            policies: policies::all(conn)?,
            has_files: !evidence::of_activity(conn, id)?.is_empty(),
            recent_waits: portal.recent_waits.get(conn)?,
            activity,
        })
    }
}

/// GET /activities/{id}/receipt; the page of the report once that does not wait for review any more.
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn show(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let (person, id) = (holder.holder(), activity_id(&id)?);
    let data = blocking(&portal, move |portal| {
        portal.store.read(|conn| ReceiptData::load(conn, portal, person, id))
    })
    .await?;
    if data.activity.status != ActivityStatus::Submitted {
        return Ok(see_other(format!("/activities/{id}")));
    }
    Ok(render(StatusCode::OK, &ReceiptPage::new(&holder, &portal, &data)))
}

impl ReceiptPage {
    fn new(person: &AsHolder, portal: &Portal, data: &ReceiptData) -> ReceiptPage {
        let (activity, today) = (&data.activity, portal.clock.today());
        let mut without = data.file.clone();
        without.reports.retain(|report| report.id != activity.id);
        let before = HolderLedger::new(&without, &data.policies, today);
        let ledger = HolderLedger::new(&data.file, &data.policies, today);
        let mut counted: Vec<LedgerYear<'_>> =
            ledger.unsettled().filter(|year| year.line(activity.id).is_some()).collect();
        counted.sort_by_key(|year| year.year.deadline);
        let change = |now: &LedgerYear<'_>| {
            let sums = before.year(now.id()).map(|year| year.sums).unwrap_or_default();
            YearChange::new(now, sums)
        };
        let quantity = activity.facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
        let facts = &activity.facts;
        // "on" goes with one day only
        let on = if facts.started_on == facts.completed_on { "on " } else { "from " };
        let days = days_in_words(facts.started_on, facts.completed_on);
        ReceiptPage {
            page: person.layout("Your report has been sent"),
            id: activity.id.0,
            title: activity.facts.title.clone(),
            what: format!("{quantity} {on}{days}"),
            credits: ledger.line(activity.id).map(|line| line.share.credits.counted()).unwrap_or_default(),
            usual: usual(&data.recent_waits, &portal.clock, today, today),
            more: counted.len().saturating_sub(YEARS),
            years: counted.iter().take(YEARS).map(change).collect(),
            has_files: data.has_files,
        }
    }
}

impl YearChange {
    fn new(now: &LedgerYear<'_>, before: Sums) -> YearChange {
        let sums = now.sums;
        // both bars stand for the same whole
        let whole = (sums.approved + sums.pending).parts();
        let bar = |sums: Sums| {
            Bar::within(sums.approved.parts(), sums.pending.parts(), sums.required.parts(), whole)
        };
        YearChange {
            certificate: now.certificate.certificate.id.0,
            title: now.certificate.certificate.certification.title.clone(),
            deadline: long_date(now.year.deadline),
            before: bar(before),
            now: bar(sums),
            missing_before: before.missing(),
            missing: sums.missing(),
            required: sums.required,
            reached: !before.covered() && sums.covered(),
        }
    }
}
