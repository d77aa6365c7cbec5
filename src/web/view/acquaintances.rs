//! "I know this holder", as the pages of a holder and of a report show it.

use crate::domain::dates::long_date;
use crate::domain::ids::{AccountId, HolderId};
use crate::portal::Portal;
use crate::store::accounts::acquaintances::Acquaintance;

/// Who knows a holder, as somebody on staff reads it.
pub struct AcquaintanceShown {
    /// The holder.
    pub holder: HolderId,
    /// Their name.
    pub name: String,
    /// Since when the reader has said so; empty when they have not.
    pub since: String,
    /// The colleagues who know them.
    pub others: Vec<String>,
    /// What follows the addresses of the forms, so that they lead back.
    pub suffix: String,
}

impl AcquaintanceShown {
    /// What is known about a holder. Nobody reads who knows themselves: `None`.
    #[must_use]
    pub fn of(
        known: &[Acquaintance],
        (holder, name): (HolderId, &str),
        me: AccountId,
        suffix: String,
        portal: &Portal,
    ) -> Option<AcquaintanceShown> {
        let since = |one: &Acquaintance| long_date(portal.clock.day_of(one.declared_at));
        let mine = known.iter().find(|one| one.reviewer == me);
        let others = known.iter().filter(|one| one.reviewer != me).map(|one| match one.reason.as_str() {
            "" => format!("{}, since {}.", one.name, since(one)),
            reason => format!("{}, since {}: {reason}", one.name, since(one)),
        });
        (holder != me).then(|| AcquaintanceShown {
            holder,
            name: name.to_owned(),
            since: mine.map(since).unwrap_or_default(),
            others: others.collect(),
            suffix,
        })
    }

    /// Whether the reader knows the holder.
    #[must_use]
    pub fn mine(&self) -> bool {
        !self.since.is_empty()
    }
}
