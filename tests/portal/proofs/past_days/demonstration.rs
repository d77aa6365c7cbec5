//! Every day of the demonstration.

use cpe_portal::clock::Clock;
use cpe_portal::demo::{Watching, fill};

use super::Snapshots;
use crate::proofs::trials;
use crate::transfer::support::{TestData, day};

#[test]
fn a_statement_is_wrong_on_no_day_of_the_demonstration() {
    let mut data = TestData::on("2026-11-23");
    let morning = day("2026-11-23").and_hms_opt(9, 30, 0).unwrap();
    data.portal.clock = Clock::manual(data.portal.clock.zone(), morning);
    let mut snapshots = Snapshots::default();
    let mut watching = Watching {
        deliver: &mut |past| {
            snapshots.take(past);
            Ok(())
        },
        progress: &mut |_, _| {},
    };
    fill(&data.portal, trials(20, 60), &mut watching).unwrap();
    snapshots.take(&data.portal);
    assert!(snapshots.days() == 421 && snapshots.lines() > 10_000, "{}", snapshots.lines());
    // at its end the demonstration turns its clock back and has one holder ask for a correction
    let overtaken = snapshots.assert_told(&data.portal);
    assert!(overtaken < 10, "{overtaken}");
}
