//! By what somebody sorts the review queue, and how far a sorted queue reaches.

use std::cmp::Ordering;

use crate::domain::codes::codes;

codes! {
    /// A head of the queue's table.
    pub enum QueueOrder {
        /// What a holder needs before a near deadline first: the order in which the queue is worked off.
        Urgency = "by-urgency",
        /// By title.
        Title = "by-title",
        /// By the holder's name.
        Holder = "by-holder",
        /// By how much was reported: hours before pages.
        Quantity = "by-quantity",
        /// By what it earns before any limit.
        Credits = "by-credits",
        /// By the day it was completed.
        Completed = "by-completion",
        /// By how long it has waited, the longest first.
        Waiting = "by-waiting",
    }
}

/// So many reports are sorted by anything but urgency: those that press most. More would be read for one page of them.
pub const MOST_SORTED: usize = 1000;

/// An order, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSorting {
    /// By what.
    pub order: QueueOrder,
    /// Whether the last comes first.
    pub descending: bool,
}

impl QueueSorting {
    /// The order in which the queue is worked off.
    pub const USUAL: QueueSorting = QueueSorting { order: QueueOrder::Urgency, descending: false };

    /// Reads `by-title` or `-by-title`; what is neither is the usual order.
    #[must_use]
    pub fn read(text: &str) -> QueueSorting {
        let (descending, word) = text.strip_prefix('-').map_or((false, text), |word| (true, word));
        QueueOrder::from_code(word).map_or(QueueSorting::USUAL, |order| QueueSorting { order, descending })
    }

    /// As [`QueueSorting::read`] reads it; empty for the usual order.
    #[must_use]
    pub fn written(self) -> String {
        match self {
            QueueSorting::USUAL => String::new(),
            QueueSorting { order, descending: false } => order.code().to_owned(),
            QueueSorting { order, descending: true } => format!("-{}", order.code()),
        }
    }

    /// What pressing a head leads to: its order, or the other way round when it stands already.
    #[must_use]
    pub fn after_pressing(self, order: QueueOrder) -> QueueSorting {
        QueueSorting { order, descending: self.order == order && !self.descending }
    }

    /// The same direction for what was compared.
    #[must_use]
    pub const fn directed(self, found: Ordering) -> Ordering {
        if self.descending { found.reverse() } else { found }
    }
}
