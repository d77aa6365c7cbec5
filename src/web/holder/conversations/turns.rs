//! What a holder has written about a flag or a withdrawal, and whose turn it is: every page that asks for it says so.

use crate::clock::Clock;
use crate::domain::conversations::conversation::Turn;
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

impl Talks {
    /// Reads them.
    pub fn load(conn: &mut Conn<'_>, file: &HolderFile) -> Result<Talks, StoreError> {
        let mut talks = Talks::default();
        for own in &file.certificates {
            for year in &own.years {
                if year.flagged_on.is_some() && year.settlement.is_none() {
                    let open = conversations::open_flag_answers(conn, year.certificate, year.number)?;
                    talks.answers.extend(open);
                }
            }
            if !own.certificate.stands() {
                talks.appeals.extend(conversations::open_appeal(conn, own.certificate.id)?);
            }
        }
        Ok(talks)
    }

    /// The conversation in which a flag was answered, and whose turn it is there.
    #[must_use]
    pub fn answer(&self, certificate: CertificateId, year: i64, clock: &Clock) -> Option<(i64, String)> {
        let about = |talk: &&Conversation| {
            talk.about.certificate == Some(certificate) && talk.about.year == Some(year)
        };
        let answer = self.answers.iter().rev().find(about)?;
        let since = long_date(clock.day_of(answer.turn_since));
        let words = match answer.turn {
            Turn::Body => format!(
                "You wrote to us, and it has been our turn since {since}. Nothing is decided before somebody has read it."
            ),
            Turn::Holder => format!("You wrote to us, and we have answered: your turn since {since}."),
        };
        Some((answer.id.0, words))
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
        };
        Some((appeal.id.0, words))
    }
}
