//! Connections to the database, lent and taken back.

use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};

use super::connection::EngineConnection;
use super::postgres::connection::ServerConnection;
use super::postgres::server::Server;
use super::sqlite::opening::Pragmas;
use super::transfer::record;
use super::turns::PATIENCE;
use crate::store::StoreError;

/// The connections of a pool.
pub(in crate::store) type EnginePool = Pool<Connections>;
/// One of them, until it is dropped.
pub(in crate::store) type Lent = PooledConnection<Connections>;

/// Whether a connection only reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Reading {
    /// It refuses to write.
    Only,
    /// It writes, too.
    AndWriting,
}

/// How connections to the database are made.
#[derive(Clone, Debug)]
pub(in crate::store) enum Connections {
    /// To a file, each with the same settings.
    File(String, Pragmas),
    /// To a server, to read only or to write.
    Server(Server, Reading),
}

impl Connections {
    /// A pool of at most so many, of which `ready` are there at once.
    pub(in crate::store) fn pool(self, most: u32, ready: u32) -> Result<EnginePool, StoreError> {
        // a file is never lost; a server may have been started again since
        let is_server = matches!(self, Connections::Server(..));
        Pool::builder()
            .max_size(most)
            .min_idle(Some(ready))
            .connection_timeout(PATIENCE)
            .test_on_check_out(is_server)
            .build(self)
            .map_err(|error| StoreError::of_cause("", error))
    }
}

impl ManageConnection for Connections {
    type Connection = EngineConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<EngineConnection, StoreError> {
        match self {
            Connections::File(url, pragmas) => {
                let mut conn =
                    SqliteConnection::establish(url).map_err(|error| StoreError::of_cause("", error))?;
                pragmas.set(&mut conn)?;
                Ok(EngineConnection::File(conn))
            }
            Connections::Server(server, reading) => {
                let mut opened = Box::new(ServerConnection::open(server, *reading == Reading::Only)?);
                // a portal that was cut off comes back here, and the database may have left meanwhile
                record::refuse(&mut opened)?;
                Ok(EngineConnection::Server(opened))
            }
        }
    }

    fn is_valid(&self, conn: &mut EngineConnection) -> Result<(), StoreError> {
        match conn {
            EngineConnection::File(_) => Ok(()),
            EngineConnection::Server(server) => server.look(),
        }
    }

    fn has_broken(&self, conn: &mut EngineConnection) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}
