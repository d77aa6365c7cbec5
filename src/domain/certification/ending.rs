//! How a certificate ends: for missing credits, or otherwise. What each way means to its holder, to staff and to everybody.

use crate::domain::codes::codes;

codes! {
    /// Why a certificate does not stand any more.
    pub enum EndingKind {
        /// Too few credits in a flagged year: a decertification (G12).
        Credits = "credits",
        /// Its holder has died.
        Death = "death",
        /// Its holder wants it to end.
        Wish = "wish",
        /// It should never have been granted.
        Mistake = "mistake",
        /// Its holder's conduct cost it.
        Misconduct = "misconduct",
        /// A higher certificate of the same holder takes its place.
        Replaced = "replaced",
    }
}

impl EndingKind {
    /// Those that an administrator chooses from: missing credits have a procedure of their own, with a flag and days to answer.
    pub const CHOSEN: [EndingKind; 5] = [
        EndingKind::Wish,
        EndingKind::Replaced,
        EndingKind::Death,
        EndingKind::Mistake,
        EndingKind::Misconduct,
    ];

    /// How staff see that a certificate has ended.
    pub const fn label(self) -> &'static str {
        match self {
            EndingKind::Credits => "Decertified",
            EndingKind::Death => "Ended: holder died",
            EndingKind::Wish => "Ended: holder's wish",
            EndingKind::Mistake => "Withdrawn: granted by mistake",
            EndingKind::Misconduct => "Withdrawn: misconduct",
            EndingKind::Replaced => "Ended: replaced",
        }
    }

    /// Whether the body took it away. Otherwise it is no longer held, and nobody is to think that something was done wrong.
    pub const fn withdrawn(self) -> bool {
        matches!(self, EndingKind::Credits | EndingKind::Mistake | EndingKind::Misconduct)
    }

    /// What its holder and everybody else read: never why.
    pub const fn public_label(self) -> &'static str {
        if self.withdrawn() { "Withdrawn" } else { "No longer held" }
    }

    /// What became of it, before "on" and the day.
    pub const fn participle(self) -> &'static str {
        if self.withdrawn() { "withdrawn" } else { "ended" }
    }

    /// Whether its holder gets a mail. Nothing is written to the dead.
    pub const fn told(self) -> bool {
        !matches!(self, EndingKind::Death)
    }

    /// Whether its holder can appeal: only against what the body took away.
    pub const fn appealable(self) -> bool {
        self.withdrawn()
    }

    /// How grave it looks in lists: the names of tags.
    pub const fn shade(self) -> &'static str {
        if self.withdrawn() { "bad" } else { "off" }
    }
}
