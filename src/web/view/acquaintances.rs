//! "I know this holder", as the pages of a holder and of a report show it.

use crate::domain::dates::long_date;
use crate::domain::ids::{AccountId, HolderId};
use crate::portal::Portal;
use crate::store::accounts::acquaintances::{self, Acquaintance};
use crate::store::{Conn, StoreError};
use crate::web::forms::errors::Choice;
use crate::web::http::auth::Person;

/// Who knows a holder, and who could take back what the reader said about it.
pub struct AcquaintanceData {
    known: Vec<Acquaintance>,
    /// By name; asked only for a reader who knows the holder.
    able: Vec<String>,
    /// Whether somebody else has to take back what the reader said.
    others: bool,
}

impl AcquaintanceData {
    /// Reads it.
    ///
    /// # Errors
    /// `StoreError`.
    pub fn load(conn: &mut Conn<'_>, holder: HolderId, me: AccountId) -> Result<Self, StoreError> {
        let known = acquaintances::of_holder(conn, holder)?;
        let (able, others) = match known.iter().find(|one| one.reviewer == me) {
            Some(word) => (
                acquaintances::impartial_administrators(conn, me, holder)?,
                acquaintances::others_could(conn, me, holder, word.declared_at)?,
            ),
            None => (Vec::new(), false),
        };
        Ok(Self { known, able, others })
    }

    /// Whether somebody knows the holder.
    #[must_use]
    pub fn includes(&self, person: AccountId) -> bool {
        self.known.iter().any(|one| one.reviewer == person)
    }
}

/// Who knows a holder, as somebody on staff reads it.
pub struct AcquaintanceShown {
    /// The holder.
    pub holder: HolderId,
    /// Their name.
    pub name: String,
    /// Since when the reader has said so; empty when they have not.
    pub since: String,
    /// Who can take back what the reader said: "Carl Colleague or Ada Administrator".
    pub able: String,
    /// The colleagues who know them.
    pub others: Vec<String>,
    /// Whose word the reader can take back.
    pub endable: Vec<Choice>,
    /// The one whose it is, when there is no choice.
    pub only: Option<Choice>,
    /// Whether that is the reader's own, as nobody else could.
    pub alone: bool,
    /// What follows the addresses of the forms, so that they lead back.
    pub suffix: String,
}

impl AcquaintanceShown {
    /// What is known about a holder. Nobody reads who knows themselves: `None`.
    #[must_use]
    pub fn of(
        data: &AcquaintanceData,
        (holder, name): (HolderId, &str),
        staff: &Person,
        suffix: String,
        portal: &Portal,
    ) -> Option<AcquaintanceShown> {
        let me = staff.account.id;
        let since = |one: &Acquaintance| long_date(portal.clock.day_of(one.declared_at));
        let mine = data.known.iter().find(|one| one.reviewer == me);
        let others =
            data.known.iter().filter(|one| one.reviewer != me).map(|one| match one.reason.as_str() {
                "" => format!("{}, since {}.", one.name, since(one)),
                reason => format!("{}, since {}: {reason}", one.name, since(one)),
            });
        let alone = mine.is_some() && !data.others && staff.administers();
        let endable = data.known.iter().filter(|one| match mine {
            Some(_) => alone && one.reviewer == me,
            None => staff.administers(),
        });
        let endable: Vec<Choice> =
            endable.map(|one| Choice::new(one.reviewer.to_string(), one.name.clone())).collect();
        (holder != me).then(|| AcquaintanceShown {
            holder,
            name: name.to_owned(),
            since: mine.map(since).unwrap_or_default(),
            able: match data.able.as_slice() {
                [] => "an administrator who does not know this holder".to_owned(),
                names => names.join(" or "),
            },
            others: others.collect(),
            only: endable.first().filter(|_| endable.len() == 1).cloned(),
            endable,
            alone,
            suffix,
        })
    }

    /// Whether the reader knows the holder.
    #[must_use]
    pub fn mine(&self) -> bool {
        !self.since.is_empty()
    }
}
