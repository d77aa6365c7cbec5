//! A night's backup with old and new evidence, beside the same night without any.

use std::path::Path;
use std::time::Instant;

use cpe_portal::clock::Clock;
use cpe_portal::config::{Config, Settings};
use cpe_portal::portal::Portal;
use cpe_portal::upkeep::nightly_backup::{Nightly, nightly};

use crate::figures::{Table, median};
use crate::visitors::sqlite;

/// Bytes of one file: a photographed certificate of attendance.
const FILE: usize = 200_000;
/// Files that were copied in earlier nights: 2 GB.
const OLD: usize = 10_000;
/// Files that are new in a night: 10 MB.
const NEW: usize = 50;
const ROUNDS: usize = 3;

/// (d) The nightly backup of a body of 100 000 holders: 2 GB of evidence that was copied before and 10 MB of new, against no evidence at all.
/// Everything that is read may come from the page cache.
pub fn nights(table: &mut Table, data: &Path) {
    sqlite(data, "UPDATE evidence SET removed_at = added_at WHERE removed_at IS NULL;");
    let portal = open(data);
    let without = median((0..ROUNDS).map(|_| night(&portal).0).collect());
    add(&portal, data, 0, OLD);
    let (first, made) = night(&portal);
    eprintln!("  the first night copies {} files in {first:.1} s", made.evidence.new);
    let with = median(
        (0..ROUNDS)
            .map(|round| {
                add(&portal, data, OLD + round * NEW, NEW);
                let (took, made) = night(&portal);
                assert_eq!((made.evidence.new, made.evidence.missing.len()), (NEW, 0));
                took
            })
            .collect(),
    );
    table.row(
        "nightly backup, 2 GB of old evidence and 10 MB of new",
        format!("{with:.1} s"),
        format!("{without:.1} s, the same night without evidence"),
        format!("{:.2} (< 1.2)", with / without),
    );
}

fn open(data: &Path) -> Portal {
    let settings = Settings { data: Some(data.to_owned()), ..Settings::default() };
    let config = Config::check(&settings).expect("the settings are right");
    let clock = Clock::system(config.time_zone);
    Portal::open(config, clock).expect("the portal opens")
}

/// Seconds that a night takes, and what it made.
fn night(portal: &Portal) -> (f64, Nightly) {
    let started = Instant::now();
    let made = nightly(portal, &mut |_, _| std::ops::ControlFlow::Continue(())).expect("a backup is made");
    (started.elapsed().as_secs_f64(), made)
}

/// Evidence with content of its own, and rows that name it.
fn add(portal: &Portal, data: &Path, first: usize, many: usize) {
    let mut rows = String::from("BEGIN;");
    for nth in first..first + many {
        let seed = u32::try_from(nth).expect("few enough");
        let words =
            (0..u32::try_from(FILE / 4).expect("small enough")).map(|n| n ^ seed.wrapping_mul(2_654_435_761));
        let content: Vec<u8> =
            words.flat_map(|word| word.wrapping_mul(2_246_822_519).to_le_bytes()).collect();
        let stored = portal.files.store(&content).expect("there is room");
        rows.push_str(&format!(
            "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
             SELECT MIN(id), '{}', 'scan.pdf', 'application/pdf', {}, datetime('now') FROM accounts WHERE role = 'holder';",
            stored.sha256, stored.size
        ));
    }
    rows.push_str("COMMIT;");
    sqlite(data, &rows);
}
