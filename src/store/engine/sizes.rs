//! How much of the machine the database takes.

/// How much the database takes of the machine.
#[derive(Clone, Copy, Debug)]
pub struct StoreSize {
    /// Connections that read at once.
    pub readers: u32,
    /// Pages in the log from which on a commit helps to move them into the database.
    pub log_pages: u32,
}

impl Default for StoreSize {
    /// What a small machine has room for: a log of 64 MiB.
    fn default() -> Self {
        StoreSize { readers: 4, log_pages: 16_000 }
    }
}
