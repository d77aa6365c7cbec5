//! What can be done to files and names, and what becomes of it in a power cut.

use std::collections::BTreeMap;

/// A change of content that is not on the disk for sure.
#[derive(Clone, Debug)]
pub enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { length: usize },
}

/// A change of names that is not on the disk for sure.
#[derive(Clone, Debug)]
pub enum Entry {
    Set {
        name: String,
        node: usize,
    },
    Remove {
        name: String,
    },
    /// Within one folder, in one step.
    Rename {
        from: String,
        to: String,
        node: usize,
    },
    /// The other half of a rename between folders: never without the half that puts the name there.
    MovedAway {
        name: String,
        with: usize,
    },
}

/// Numbers that look drawn, the same in each run.
pub struct Draw(pub u64);

impl Draw {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// What becomes of what was not synced.
#[derive(Clone, Copy, Debug)]
pub enum Luck {
    Dropped,
    Kept,
    Torn,
}

/// Applies a change, of a write only the bytes in `part`.
pub fn apply(content: &mut Vec<u8>, change: &Change, part: std::ops::Range<usize>) {
    match change {
        Change::Truncate { length } if !part.is_empty() => content.resize(*length, 0),
        Change::Truncate { .. } => {}
        Change::Write { offset, bytes } => {
            let (from, to) = (part.start.min(bytes.len()), part.end.min(bytes.len()));
            if from < to {
                content.resize(content.len().max(offset + to), 0);
                content[offset + from..offset + to].copy_from_slice(&bytes[from..to]);
            }
        }
    }
}

/// Does what a change of names does.
pub fn enter(entries: &mut BTreeMap<String, usize>, entry: &Entry, arrived: bool) {
    match entry {
        Entry::Set { name, node } => {
            entries.insert(name.clone(), *node);
        }
        Entry::Remove { name } => {
            entries.remove(name);
        }
        Entry::MovedAway { name, .. } => {
            if arrived {
                entries.remove(name);
            }
        }
        Entry::Rename { from, to, node } => {
            entries.remove(from);
            entries.insert(to.clone(), *node);
        }
    }
}
