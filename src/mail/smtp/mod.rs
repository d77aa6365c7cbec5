//! Delivery to a mail server, step by step, over one connection for several mails.

pub(in crate::mail) mod capabilities;
pub(in crate::mail) mod connection;
pub(in crate::mail) mod server;

use std::io;
use std::time::{Duration, Instant};

use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::transport::smtp::response::Response;
use rustls::pki_types::CertificateDer;
use url::Url;

use crate::config::{Config, Sender};

use self::capabilities::Talent;
use self::connection::{Reply, Wire, client_tls, left};
use self::server::{Encryption, Server};
use super::delivery_error::{BoxError, DeliveryError, Trouble};
use super::envelope::Envelope;
use super::message::{self, Built};

/// The longest that one whole delivery may take, connecting included, unless set otherwise.
pub const STANDARD_LIMIT: Duration = Duration::from_secs(30);
/// The longest that saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// For so long after it took a mail, a server is believed to be there still: a mail begins without asking first.
const THERE_STILL: Duration = Duration::from_secs(1);

/// A mail server and what is needed to talk to it.
#[derive(Clone, Debug)]
pub struct Smtp {
    server: Server,
    sender: Sender,
    hello: ClientId,
    limit: Duration,
    private_roots: Vec<CertificateDer<'static>>,
    sessions: usize,
}

impl Smtp {
    /// Mails of `config` by way of `server`.
    #[must_use]
    pub fn new(server: Server, config: &Config) -> Smtp {
        Smtp {
            server,
            sender: config.mail_from.clone(),
            hello: hello(config),
            limit: STANDARD_LIMIT,
            private_roots: Vec::new(),
            sessions: config.mail_sessions,
        }
    }

    /// With another limit for each whole delivery.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Smtp {
        self.limit = limit;
        self
    }

    /// Trusts one more certificate authority (DER), such as the body's own.
    #[must_use]
    pub fn trusting(mut self, authority: Vec<u8>) -> Smtp {
        self.private_roots.push(CertificateDer::from(authority));
        self
    }

    /// How many connections may be open at once.
    pub(super) const fn sessions(&self) -> usize {
        self.sessions
    }

    pub(super) fn open(&self) -> Dialogue {
        Dialogue {
            smtp: self.clone(),
            wire: None,
            clean_since: None,
            talent: Talent::default(),
            closed: None,
            trouble: None,
        }
    }
}

/// The portal's own domain where it has one: many servers refuse a greeting that is no full host name.
fn hello(config: &Config) -> ClientId {
    let domain = Url::parse(&config.url).ok().and_then(|url| url.domain().map(str::to_owned));
    domain.filter(|domain| domain.contains('.')).map_or_else(ClientId::default, ClientId::Domain)
}

/// A conversation with the server: one connection, opened when needed, for any number of mails.
#[derive(Debug)]
pub(super) struct Dialogue {
    smtp: Smtp,
    /// Open and between two mails.
    wire: Option<Wire>,
    /// When the server took the last mail on it; `None` when something was left unfinished.
    clean_since: Option<Instant>,
    talent: Talent,
    /// Why the server could not be reached: said once, not waited for again with every mail.
    closed: Option<String>,
    /// Whom the last refusal was about.
    trouble: Option<Trouble>,
}

impl Dialogue {
    /// Whether the server could not be reached, or did not let us in, in this session.
    pub fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// Whether the last mail was refused for now because of its domain, or of the server itself.
    pub fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    pub fn deliver(
        &mut self,
        envelope: &Envelope,
        before_body: &mut dyn FnMut() -> Result<(), BoxError>,
    ) -> Result<(), DeliveryError> {
        self.trouble = None;
        let built = message::build(envelope, &self.smtp.sender)?;
        let until = Instant::now() + self.smtp.limit;
        let mut wire = self.announced(&built, until)?;
        // never begin what could only end uncertain
        if left(until).is_ok_and(|left| left < self.smtp.limit / 10) {
            return Err(DeliveryError::Temporary("the mail server is too slow".to_owned()));
        }
        let asked_at = Instant::now();
        before_body().map_err(|error| DeliveryError::NotAttempted(error.to_string()))?;
        // the caller's own step is not the server's slowness
        wire.limit(until + asked_at.elapsed());
        let answer = wire.send(&on_the_wire(&built.bytes)).and_then(|()| wire.reply());
        match answer {
            Ok(reply) if reply.is_yes() => {
                self.keep(wire, &reply);
                self.clean_since = Some(Instant::now());
                Ok(())
            }
            Ok(reply) if matches!(reply.code, 400..600) => {
                let error = refusal(MESSAGE, &reply);
                self.trouble = trouble(MESSAGE, &reply);
                self.keep(wire, &reply);
                Err(error)
            }
            Ok(reply) => Err(DeliveryError::Uncertain(format!("an answer of no meaning: {}", reply.said()))),
            Err(error) => Err(DeliveryError::Uncertain(format!("no answer to the message: {error}"))),
        }
    }

    /// Says from whom to whom, and has the server's go-ahead for the message. Every early return closes the connection, unless it is kept.
    fn announced(&mut self, built: &Built, until: Instant) -> Result<Wire, DeliveryError> {
        let utf8 = !built.to.to_string().is_ascii() || !built.from.to_string().is_ascii();
        loop {
            let unasked = self.wire.is_some() && self.is_there_still();
            let mut wire = self.ready(until).map_err(DeliveryError::Temporary)?;
            if utf8 && !self.talent.utf8 {
                self.wire = Some(wire);
                return Err(DeliveryError::Permanent(
                    "the mail server takes no addresses with letters beyond ASCII".to_owned(),
                ));
            }
            let no = match announce(&mut wire, built, utf8, self.talent.pipelining) {
                Ok(()) => return Ok(wire),
                Err(no) => no,
            };
            return Err(match no {
                // it had closed the line since the last mail, which says nothing about this one
                No::Lost(SENDER, error) if unasked && error.kind() != io::ErrorKind::TimedOut => continue,
                No::Said(SENDER, reply) if unasked && reply.code == 421 => continue,
                No::Lost(_, error) => DeliveryError::Temporary(format!("before the message: {error}")),
                No::Said(step, reply) => {
                    let error = refusal(step, &reply);
                    self.trouble = trouble(step, &reply);
                    self.keep(wire, &reply);
                    error
                }
                // the line is closed with `wire`: whatever else is sent on it, the server may take for a message
                No::OutOfStep(step, reply) => refusal(step, &reply),
            });
        }
    }

    fn is_there_still(&self) -> bool {
        self.clean_since.is_some_and(|since| since.elapsed() < THERE_STILL)
    }

    /// Keeps the connection for the next mail, unless the server has just said that it closes it.
    fn keep(&mut self, wire: Wire, reply: &Reply) {
        self.clean_since = None;
        if reply.code != 421 {
            self.wire = Some(wire);
        }
    }

    /// A connection on which a mail can begin: the present one, wiped clean, or a new one.
    fn ready(&mut self, until: Instant) -> Result<Wire, String> {
        if let Some(mut wire) = self.wire.take() {
            // what it says unasked would be taken for the answers to this mail
            let there = self.is_there_still() && wire.is_quiet();
            self.clean_since = None;
            if there {
                wire.limit(until);
                return Ok(wire);
            }
            wire.limit(until.min(Instant::now() + self.smtp.limit / 3));
            // servers close idle connections; nothing is lost with it
            if wire.is_quiet()
                && wire.command("RSET\r\n").is_ok_and(|reply| reply.is_yes())
                && wire.is_quiet()
            {
                wire.limit(until);
                return Ok(wire);
            }
        }
        if let Some(problem) = &self.closed {
            return Err(problem.clone());
        }
        match self.connect(until) {
            Ok((wire, talent)) => {
                self.talent = talent;
                Ok(wire)
            }
            Err(NoConnection { problem, turned_away }) => {
                self.trouble = turned_away.then_some(Trouble::Server);
                self.closed = Some(problem.clone());
                Err(problem)
            }
        }
    }

    /// Connects, greets, encrypts, signs in. A refusal here says nothing about any mail, so it is never for good.
    fn connect(&self, until: Instant) -> Result<(Wire, Talent), NoConnection> {
        let server = &self.smtp.server;
        let lost = |error: io::Error| {
            NoConnection::new(format!("no connection to {}:{}: {error}", server.host, server.port))
        };
        let tls = || {
            client_tls(&self.smtp.private_roots)
                .map_err(|error| NoConnection::new(format!("TLS cannot be set up: {error}")))
        };
        let mut wire = Wire::connect(&server.host, server.port, until).map_err(lost)?;
        if server.encryption == Encryption::Implicit {
            wire = wire.encrypt(&server.host, &tls()?).map_err(lost)?;
        }
        let greeting = wire.reply().map_err(lost)?;
        let turned_away = matches!(greeting.code, 400..500);
        accepted("its greeting", greeting).map_err(|problem| NoConnection { problem, turned_away })?;
        let hello = Ehlo::new(self.smtp.hello.clone()).to_string();
        let mut talent = Talent::of(&accepted("EHLO", wire.command(&hello).map_err(lost)?)?);
        let starttls = match server.encryption {
            Encryption::Required => true,
            Encryption::Opportunistic => talent.starttls,
            Encryption::None | Encryption::Implicit => false,
        };
        if starttls {
            if !talent.starttls {
                let problem = "the mail server offers no encryption, and it is required";
                return Err(NoConnection::new(problem.to_owned()));
            }
            accepted("STARTTLS", wire.command(&Starttls.to_string()).map_err(lost)?)?;
            wire = wire.encrypt(&server.host, &tls()?).map_err(lost)?;
            talent = Talent::of(&accepted("EHLO", wire.command(&hello).map_err(lost)?)?);
        }
        self.sign_in(&mut wire, &talent)?;
        Ok((wire, talent))
    }

    fn sign_in(&self, wire: &mut Wire, talent: &Talent) -> Result<(), String> {
        let Some(credentials) = &self.smtp.server.credentials else { return Ok(()) };
        let mechanism =
            talent.mechanism.ok_or("the mail server offers no way to sign in (PLAIN or LOGIN)")?;
        let broken = |error: lettre::transport::smtp::Error| format!("signing in: {error}");
        let lost = |error: io::Error| format!("signing in: {error}");
        let first = Auth::new(mechanism, credentials.clone(), None).map_err(broken)?;
        let mut reply = wire.command(&first.to_string()).map_err(lost)?;
        // LOGIN asks for the name, then for the password
        for _ in 0..2 {
            if reply.code != 334 {
                break;
            }
            let challenge: Response = format!("334 {}\r\n", reply.lines.concat()).parse().map_err(broken)?;
            let answer =
                Auth::new_from_response(mechanism, credentials.clone(), &challenge).map_err(broken)?;
            reply = wire.command(&answer.to_string()).map_err(lost)?;
        }
        accepted("the sign-in", reply).map(|_| ())
    }
}

/// Why there is no connection.
struct NoConnection {
    problem: String,
    /// The server said so itself, for now: 4xx instead of its greeting.
    turned_away: bool,
}

impl NoConnection {
    fn new(problem: String) -> Self {
        NoConnection { problem, turned_away: false }
    }
}

impl From<String> for NoConnection {
    fn from(problem: String) -> Self {
        NoConnection::new(problem)
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        if let Some(wire) = &mut self.wire {
            wire.limit(Instant::now() + GOODBYE.min(self.smtp.limit));
            // everything that matters has been answered; a server that does not say goodbye does no harm
            let _ = wire.command(&Quit.to_string());
        }
    }
}

fn accepted(step: &str, reply: Reply) -> Result<Reply, String> {
    if reply.is_yes() {
        Ok(reply)
    } else {
        Err(format!("the mail server did not accept {step}: {}", reply.said()))
    }
}

enum No {
    /// It refused, and waits for the next command.
    Said(&'static str, Reply),
    /// It refused, or said what is no answer to the step, and nobody can tell what it waits for.
    OutOfStep(&'static str, Reply),
    Lost(&'static str, io::Error),
}

const SENDER: &str = "the sender";
const RECIPIENT: &str = "the recipient";
const MESSAGE: &str = "the message";
const GO_AHEAD: &str = "the beginning of the message";

/// Sender, recipient, and the go-ahead for the message (354); in one piece to a server that takes several commands at once.
fn announce(wire: &mut Wire, built: &Built, utf8: bool, at_once: bool) -> Result<(), No> {
    let parameters = if utf8 { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
    let steps = [
        (SENDER, Mail::new(Some(built.from.clone()), parameters).to_string()),
        (RECIPIENT, Rcpt::new(built.to.clone(), Vec::new()).to_string()),
        (GO_AHEAD, Data.to_string()),
    ];
    if at_once {
        let all: String = steps.iter().map(|(_, command)| command.as_str()).collect();
        wire.send(all.as_bytes()).map_err(|error| No::Lost(SENDER, error))?;
    }
    let mut refused: Option<(&'static str, Reply)> = None;
    for (step, command) in &steps {
        let lost = |error| No::Lost(step, error);
        if !at_once {
            wire.send(command.as_bytes()).map_err(lost)?;
        }
        let reply = wire.reply().map_err(lost)?;
        let goes_on = if *step == GO_AHEAD { reply.code == 354 } else { reply.is_yes() };
        let refuses = matches!(reply.code, 400..600);
        match refused.take() {
            // it waits for a message to nobody, from which nothing but the end of the line leads out
            Some((first, why)) if *step == GO_AHEAD && !refuses => return Err(No::OutOfStep(first, why)),
            Some(before) => refused = Some(before),
            None if goes_on => {}
            None if !refuses => return Err(No::OutOfStep(step, reply)),
            None if !at_once || reply.code == 421 => return Err(No::Said(step, reply)),
            None => refused = Some((step, reply)),
        }
    }
    match refused {
        Some((step, reply)) => Err(No::Said(step, reply)),
        // an answer to what was not asked yet would be taken for the answer to the message
        None if !wire.is_quiet() => Err(No::Lost(GO_AHEAD, out_of_turn())),
        None => Ok(()),
    }
}

fn out_of_turn() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the mail server said more than it was asked")
}

/// 5xx about a mail is for good. Codes about signing in are about our set-up, which staff can mend.
fn refusal(step: &str, reply: &Reply) -> DeliveryError {
    let text = format!("the mail server did not accept {step}: {}", reply.said());
    match reply.code {
        530 | 534 | 535 | 538 => DeliveryError::Temporary(text),
        // said about this mailbox, not about us or the message
        500..600 if is_about_the_address(step, reply) => DeliveryError::NoRecipient(text),
        500..600 => DeliveryError::Permanent(text),
        _ => DeliveryError::Temporary(text),
    }
}

/// Whom a refusal for now is about. What is said of one mailbox (RFC 3463: 4.1 and 4.2) says nothing about its domain.
fn trouble(step: &str, reply: &Reply) -> Option<Trouble> {
    let about_the_mailbox =
        matches!(reply.lines.first().and_then(|line| named_reason("4.", line)), Some((1 | 2, _)));
    match (step, reply.code) {
        (SENDER, 421) => Some(Trouble::Server),
        (SENDER, _) => None,
        (_, 421) => Some(Trouble::Domain { at_once: true }),
        (_, 400..500) if !about_the_mailbox => Some(Trouble::Domain { at_once: false }),
        _ => None,
    }
}

/// Whether a refusal says that nobody has this address. Where the server names its reason (RFC 3463), that counts: 5.1 is about addresses,
/// 5.2.1 a mailbox that takes nothing any more; a policy (5.7), a full mailbox or the message itself is no fault of the address. Where it
/// names none, the code does.
fn is_about_the_address(step: &str, reply: &Reply) -> bool {
    if step != RECIPIENT && step != MESSAGE {
        return false;
    }
    match reply.lines.first().and_then(|line| named_reason("5.", line)) {
        // 5.1.7 and 5.1.8 are about the sender's address
        Some((1, detail)) => !matches!(detail, 7 | 8),
        Some(reason) => reason == (2, 1),
        None => matches!(reply.code, 550 | 551 | 553),
    }
}

/// Subject and detail of the enhanced status code with which a line begins, such as 1 and 2 of "5.1.2 unknown domain".
fn named_reason(class: &str, line: &str) -> Option<(u16, u16)> {
    let mut parts = line.split_whitespace().next()?.strip_prefix(class)?.split('.');
    let (subject, detail) = (parts.next()?, parts.next()?);
    if parts.next().is_some() { None } else { Some((subject.parse().ok()?, detail.parse().ok()?)) }
}

/// The message as it is sent: every line ends in CRLF, a leading dot is doubled, and a dot alone ends it. Built anew line by line, so
/// that no odd line end inside can pass for the end of the message.
fn on_the_wire(bytes: &[u8]) -> Vec<u8> {
    let mut sent = Vec::with_capacity(bytes.len() + 64);
    let mut begins_line = true;
    let mut after_return = false;
    for &byte in bytes {
        match byte {
            b'\n' if after_return => after_return = false,
            b'\r' | b'\n' => {
                sent.extend_from_slice(b"\r\n");
                begins_line = true;
                after_return = byte == b'\r';
            }
            _ => {
                if begins_line && byte == b'.' {
                    sent.push(b'.');
                }
                sent.push(byte);
                begins_line = false;
                after_return = false;
            }
        }
    }
    if !begins_line {
        sent.extend_from_slice(b"\r\n");
    }
    sent.extend_from_slice(b".\r\n");
    sent
}
