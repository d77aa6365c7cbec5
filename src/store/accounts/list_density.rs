//! How close the rows of lists stand for somebody on staff.

use crate::domain::codes::codes;
use crate::domain::ids::AccountId;
use crate::store::engine::prelude::*;
use crate::store::schema::accounts;
use crate::store::{Conn, StoreError};

codes! {
    /// How close rows stand.
    pub enum ListDensity {
        /// One line each: as much as fits in sight.
        Dense = "dense",
        /// With room, and with what explains a row.
        Comfortable = "comfortable",
    }
}

/// Records how somebody wants their lists.
pub fn set(conn: &mut Conn<'_>, account: AccountId, density: ListDensity) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(account.0))
        .set(accounts::list_density.eq(density.code()))
        .execute(conn.0)?;
    Ok(())
}
