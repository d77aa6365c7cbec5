//! A connection, as the functions of the store get it: lent for one read or one write.

use diesel::SqliteConnection;
use diesel::r2d2::{ConnectionManager, Pool};

pub(in crate::store) type SqlitePool = Pool<ConnectionManager<SqliteConnection>>;

/// A connection lent to the functions of this module. Its content is private, so SQL cannot leak.
pub struct Conn<'a>(pub(in crate::store) &'a mut SqliteConnection);
