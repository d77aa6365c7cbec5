//! The export of activities: everything that was ever reported, with what it is worth and for which certificates.

use std::collections::BTreeMap;

use super::cell::Cell;
use crate::domain::activities::activity::Activity;
use crate::domain::activities::category::{Category, Unit};
use crate::domain::activities::credits::Credits;
use crate::domain::activities::quantity::Quantity;
use crate::domain::ids::{ActivityId, FieldId};
use crate::domain::ledger::Line;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::store::accounts::Account;

/// What follows the columns of the import.
pub(super) const MORE: [&str; 12] = [
    "awarded",
    "name",
    "relevance",
    "reported_at",
    "decided_at",
    "activity",
    "amount",
    "unit",
    "credits_reported",
    "credits_awarded",
    "credits_counted",
    "counts_for",
];

/// What one report is worth.
#[derive(Clone, Debug, Default)]
struct Worth {
    /// By what the holder reported.
    reported: Option<Credits>,
    /// By what the reviewer awarded, once approved.
    awarded: Option<Credits>,
    /// After the publication's cap, once approved.
    counted: Option<Credits>,
    /// "ISP-1 year 2: 3.00; ITSP-9 year 1: 3.00", once approved.
    counts_for: String,
}

/// What the reports of one holder are worth. Rejected and withdrawn ones are worth nothing, so that sums leave them out.
pub(super) struct Worths(BTreeMap<ActivityId, Worth>);

impl Worths {
    /// Works them out from the holder's ledger.
    pub(super) fn of(ledger: &HolderLedger<'_>) -> Worths {
        let mut worths: BTreeMap<ActivityId, Worth> =
            ledger.lines().map(|line| (line.report.id, worth(&line))).collect();
        for year in ledger.years() {
            for line in &year.lines {
                // a year that was settled before the takeover counts nothing
                let counts = line.approved() && !line.counts.is_zero();
                let Some(worth) = worths.get_mut(&line.report.id).filter(|_| counts) else { continue };
                if !worth.counts_for.is_empty() {
                    worth.counts_for.push_str("; ");
                }
                let certificate = &year.certificate.certificate.number;
                worth
                    .counts_for
                    .push_str(&format!("{certificate} year {}: {}", year.year.number, line.counts));
            }
        }
        Worths(worths)
    }
}

fn worth(line: &Line<'_>) -> Worth {
    let approved = line.approved();
    Worth {
        reported: Some(line.share.reported),
        awarded: approved.then_some(line.share.raw),
        counted: approved.then_some(line.share.credits),
        counts_for: String::new(),
    }
}

/// The row of one activity.
pub(super) fn row(
    account: &Account,
    activity: &Activity,
    fields: &[(FieldId, String)],
    worths: Option<&Worths>,
) -> Vec<Cell> {
    let facts = &activity.facts;
    let field = fields.iter().find(|(id, _)| Some(*id) == facts.field);
    let worth = worths.and_then(|worths| worths.0.get(&activity.id)).cloned().unwrap_or_default();
    vec![
        Cell::text(&account.email),
        Cell::text(facts.category.map_or("", Category::code)),
        Cell::text(&facts.title),
        Cell::text(&facts.organiser),
        Cell::text(field.map(|(_, code)| code.clone()).unwrap_or_default()),
        Cell::Day(facts.started_on),
        Cell::Day(facts.completed_on),
        typed(facts.quantity),
        Cell::text(&facts.publication),
        Cell::text(activity.status.code()),
        typed(activity.awarded),
        Cell::text(&account.name),
        Cell::text(&facts.relevance),
        Cell::Moment(activity.reported_at),
        Cell::Moment(activity.decided_at),
        Cell::Number(Some(activity.id.0)),
        Cell::Number(facts.quantity.map(Quantity::amount)),
        Cell::text(facts.quantity.map_or("", |quantity| unit(quantity.unit()))),
        Cell::Credits(worth.reported),
        Cell::Credits(worth.awarded),
        Cell::Credits(worth.counted),
        Cell::text(worth.counts_for),
    ]
}

/// A quantity in the notation of the import: pages are a number; hours are a text such as 2:30, because hours and minutes are no number of
/// hours that would come back exactly.
fn typed(quantity: Option<Quantity>) -> Cell {
    match quantity {
        Some(quantity) if quantity.unit() == Unit::Minutes => Cell::Text(quantity.typed()),
        other => Cell::Number(other.map(Quantity::amount)),
    }
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Minutes => "minutes",
        Unit::Pages => "pages",
        Unit::A4Pages => "A4 pages",
    }
}
