//! What a mail server can do, as it says itself.

use lettre::transport::smtp::authentication::Mechanism;

use super::connection::Reply;

/// What the server said it can do.
#[derive(Clone, Debug, Default)]
pub(in crate::mail) struct Talent {
    /// Encryption by STARTTLS.
    pub starttls: bool,
    /// Addresses with letters beyond ASCII.
    pub utf8: bool,
    /// Takes several commands at once (RFC 2920).
    pub pipelining: bool,
    /// How it lets somebody in.
    pub mechanism: Option<Mechanism>,
}

impl Talent {
    /// As its answer to EHLO says.
    pub fn of(reply: &Reply) -> Talent {
        let mut talent = Talent::default();
        // the first line is the server's name
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words = line.split_whitespace();
            match words.next() {
                Some("STARTTLS") => talent.starttls = true,
                Some("SMTPUTF8") => talent.utf8 = true,
                Some("PIPELINING") => talent.pipelining = true,
                Some("AUTH") => {
                    let offered: Vec<&str> = words.collect();
                    talent.mechanism = [("PLAIN", Mechanism::Plain), ("LOGIN", Mechanism::Login)]
                        .into_iter()
                        .find(|(name, _)| offered.contains(name))
                        .map(|(_, mechanism)| mechanism);
                }
                _ => {}
            }
        }
        talent
    }
}
