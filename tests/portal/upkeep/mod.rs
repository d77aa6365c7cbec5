//! The whole of the data at once: backups, putting them back, checking.

pub mod backup;
mod check;
mod closed;
mod failures;
mod going_live;
mod held_mails;
mod mail_hold;
mod moving;
mod nightly;
mod old_mails;
mod recorded;
pub mod restore;
mod rotation;
mod takeover;
pub mod two_parts;

use std::ops::ControlFlow;

use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use cpe_portal::portal::Portal;
use cpe_portal::upkeep::check::Checked;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Takes a database back to before the migration whose name ends in `name`.
pub fn back_before(portal: &Portal, name: &str) {
    let mut conn = SqliteConnection::establish(portal.store.file().unwrap().to_str().unwrap()).unwrap();
    loop {
        let version = conn.revert_last_migration(MIGRATIONS).unwrap().to_string();
        let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap();
        let mut names = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap());
        let reverted = names.find(|folder| folder.replace('-', "").starts_with(&version)).unwrap();
        if reverted.ends_with(name) {
            return;
        }
    }
}

/// Everything checked to the end.
pub fn check(portal: &Portal) -> Vec<Checked> {
    cpe_portal::upkeep::check::check(portal, &mut to_the_end).unwrap()
}

/// A long run that nobody stops.
pub fn to_the_end(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
