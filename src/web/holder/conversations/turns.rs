//! What a holder has written about a flag or a withdrawal, and whose turn it is: every page that asks for it says so.

use std::collections::BTreeSet;

use crate::clock::Clock;
use crate::domain::conversations::conversation::{ConversationKind, Turn};
use crate::domain::dates::long_date;
use crate::domain::ids::CertificateId;
use crate::domain::ledger::HolderFile;
use crate::store::conversations::{self, Conversation};
use crate::store::{Conn, StoreError};

/// The open answers to flags and the open appeals of one holder.
#[derive(Clone, Debug, Default)]
pub struct Talks {
    answers: Vec<Conversation>,
    appeals: Vec<Conversation>,
}

/// The conversation in which a flag was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagAnswer {
    /// Its number.
    pub id: i64,
    /// Whose turn it is there, and since when.
    pub words: String,
    /// Whose it is.
    pub turn: Turn,
}

impl Talks {
    /// Reads them.
    pub fn load(conn: &mut Conn<'_>, file: &HolderFile) -> Result<Talks, StoreError> {
        let flagged = file.certificates.iter().flat_map(|own| &own.years);
        let flagged: BTreeSet<(CertificateId, i64)> = flagged
            .filter(|year| year.flagged_on.is_some() && year.settlement.is_none())
            .map(|year| (year.certificate, year.number))
            .collect();
        let ended = file.certificates.iter().filter(|own| !own.certificate.stands());
        let ended: BTreeSet<CertificateId> = ended.map(|own| own.certificate.id).collect();
        if flagged.is_empty() && ended.is_empty() {
            return Ok(Talks::default());
        }
        let mut talks = Talks::default();
        for talk in conversations::open_about_certificates(conn, file.holder)? {
            let Some(certificate) = talk.about.certificate else { continue };
            match (talk.kind, talk.about.year) {
                (ConversationKind::FlagAnswer, Some(year)) if flagged.contains(&(certificate, year)) => {
                    talks.answers.push(talk);
                }
                (ConversationKind::Appeal, _) if ended.contains(&certificate) => talks.appeals.push(talk),
                _ => {}
            }
        }
        Ok(talks)
    }

    /// The conversation in which a flag was answered, and whose turn it is there.
    #[must_use]
    pub fn answer(&self, certificate: CertificateId, year: i64, clock: &Clock) -> Option<FlagAnswer> {
        let about = |talk: &&Conversation| {
            talk.about.certificate == Some(certificate) && talk.about.year == Some(year)
        };
        let answer = self.answers.iter().rev().find(about)?;
        let since = long_date(clock.day_of(answer.turn_since));
        let words = match answer.turn {
            Turn::Body => format!(
                "You wrote to us, and we have had it since {since}. Nothing is decided before somebody has read it."
            ),
            Turn::Holder => format!("You wrote to us, and we have a question: your turn since {since}."),
            Turn::Nobody => format!("You wrote to us, and we answered on {since}."),
        };
        Some(FlagAnswer { id: answer.id.0, words, turn: answer.turn })
    }

    /// The appeal that is open against the withdrawal of a certificate, and whose turn it is.
    #[must_use]
    pub fn appeal(&self, certificate: CertificateId, clock: &Clock) -> Option<(i64, String)> {
        let about = |talk: &&Conversation| talk.about.certificate == Some(certificate);
        let appeal = self.appeals.iter().rev().find(about)?;
        let since = long_date(clock.day_of(appeal.turn_since));
        let words = match appeal.turn {
            Turn::Body => format!("Your appeal has been with us since {since}."),
            Turn::Holder => format!("We have a question about your appeal: your turn since {since}."),
            Turn::Nobody => format!("We answered you about your appeal on {since}. It is not decided yet."),
        };
        Some((appeal.id.0, words))
    }
}
