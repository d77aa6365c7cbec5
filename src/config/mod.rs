//! One checked configuration. Flags and environment arrive as plain [`Settings`]; [`Config::check`] turns them
//! into typed values or lists every problem at once, so that nobody mends a set-up one message at a time.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use clap::Args;
use thiserror::Error;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

mod database_url;
mod evidence_place;
mod mailbox_url;
mod sizes;
mod smtp_url;

use database_url::check_database;
pub use database_url::{DatabasePlace, DatabaseUrl, ServerAddress, ServerEncryption};
pub use evidence_place::{BucketAddress, Credentials, EvidencePlace, EvidenceSettings, Hidden};
use mailbox_url::check_mailbox;
pub use mailbox_url::{MailboxAddress, MailboxEncryption, MailboxUrl};
pub use sizes::{Machine, SizeSettings, Sizes};
pub use smtp_url::SmtpUrl;
use smtp_url::check_smtp;

/// What was given on the command line or in the environment, unchecked. An empty value means "not given".
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Folder for the database, evidence and mails [default: data]
    #[arg(long, value_name = "DIR", env = "CPE_PORTAL_DATA", global = true)]
    pub data: Option<PathBuf>,
    /// Database server, such as postgres://user:password@host:5432/name; without it the database is a file in DIR
    #[arg(long, value_name = "URL", env = "CPE_PORTAL_DATABASE", hide_env_values = true, global = true)]
    pub database: Option<DatabaseUrl>,
    /// Folder for the nightly backups, best on another disk [default: DIR/backups]
    #[arg(long, value_name = "DIR", env = "CPE_PORTAL_BACKUPS", global = true)]
    pub backups: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "CPE_PORTAL_LISTEN", global = true)]
    pub listen: Option<String>,
    /// Address people use to reach the portal, for links in emails [default: http:// and the listen address]
    #[arg(long, value_name = "URL", env = "CPE_PORTAL_URL", global = true)]
    pub url: Option<String>,
    /// Name of the certifying body
    #[arg(long, value_name = "NAME", env = "CPE_PORTAL_BODY", global = true)]
    pub body: Option<String>,
    /// Email address that gives advice to holders
    #[arg(long, value_name = "EMAIL", env = "CPE_PORTAL_CONTACT", global = true)]
    pub contact: Option<String>,
    /// Time zone of the body's days [default: Europe/Amsterdam]
    #[arg(long, value_name = "ZONE", env = "CPE_PORTAL_TIME_ZONE", global = true)]
    pub time_zone: Option<String>,
    /// Mail server, such as smtp://user:pass@host:587?tls=required; without it emails become files in DIR/mail
    #[arg(long, value_name = "URL", env = "CPE_PORTAL_SMTP", hide_env_values = true, global = true)]
    pub smtp: Option<SmtpUrl>,
    /// Sender of the emails: an address alone, or one between angle brackets with a name before it.
    #[arg(
        long,
        value_name = "EMAIL",
        env = "CPE_PORTAL_MAIL_FROM",
        global = true,
        help = "Sender of the emails: an address, or Name <address> [default: the contact]"
    )]
    pub mail_from: Option<String>,
    /// The most connections to the mail server at once, from 1 to 20; few emails need one [default: 4]
    #[arg(long, value_name = "NUMBER", env = "CPE_PORTAL_MAIL_SESSIONS", global = true)]
    pub mail_sessions: Option<String>,
    /// Mailbox to which emails come back, such as imaps://user:pass@host/INBOX; what is delivered there as a report is read every five minutes
    #[arg(long, value_name = "URL", env = "CPE_PORTAL_BOUNCES", hide_env_values = true, global = true)]
    pub bounces: Option<MailboxUrl>,
    /// Seconds that the email about a verdict waits, so that the verdict can be taken back before anybody hears of it; 0 sends at once [default: 60]
    #[arg(long, value_name = "SECONDS", env = "CPE_PORTAL_UNDO_SECONDS", global = true)]
    pub undo_seconds: Option<String>,
    /// Days after which the texts of emails that were sent are removed; 0 keeps them for ever [default: 90]
    #[arg(long, value_name = "DAYS", env = "CPE_PORTAL_MAIL_BODY_DAYS", global = true)]
    pub mail_body_days: Option<String>,
    /// Address and port for machines that gather figures, under /metrics; none means there is nothing to gather
    #[arg(long, value_name = "ADDRESS", env = "CPE_PORTAL_METRICS", global = true)]
    pub metrics: Option<String>,
    /// How lines of the log are written: text or json [default: text]
    #[arg(long, value_name = "FORMAT", env = "CPE_PORTAL_LOG_FORMAT", global = true)]
    pub log_format: Option<String>,
    /// What to log, such as info or warn,cpe_portal=debug [default: info]
    #[arg(long, value_name = "FILTER", env = "CPE_PORTAL_LOG", global = true)]
    pub log: Option<String>,
    /// Where proofs are kept.
    #[command(flatten)]
    pub evidence: EvidenceSettings,
    /// How much of the machine to take.
    #[command(flatten)]
    pub sizes: SizeSettings,
    /// How many seconds a command waits for a database that others are busy with [default: 60]
    #[arg(long, value_name = "SECONDS", global = true, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub wait: Option<u64>,
}

/// The checked configuration. Built by [`Config::check`], never changed afterwards.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder that holds everything the portal keeps. Not made here; it may not exist yet.
    pub data: PathBuf,
    /// Where the database is.
    pub database: DatabasePlace,
    /// Folder of the nightly backups. Not made here; it may not exist yet.
    pub backups: PathBuf,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Origin that people use, without a trailing slash: `https://cpe.example.org`.
    pub url: String,
    /// Name of the certifying body.
    pub body: String,
    /// Mail address that gives advice.
    pub contact: String,
    /// Zone in which the body's days begin and end.
    pub time_zone: Tz,
    /// Mail server; none means mails are written as files into `data/mail`.
    pub smtp: Option<SmtpUrl>,
    /// Sender of the mails.
    pub mail_from: Sender,
    /// The most connections to the mail server at once: so many mails can be in doubt after a crash.
    pub mail_sessions: usize,
    /// The mailbox to which mails come back; none means that nothing is fetched.
    pub bounces: Option<MailboxAddress>,
    /// How long the mail about a verdict waits in the outbox.
    pub undo: TimeDelta,
    /// How long the texts of mails are kept that have ended; none means for ever.
    pub mail_texts_kept: Option<TimeDelta>,
    /// Where figures are given to whoever asks; none means nowhere.
    pub metrics: Option<SocketAddr>,
    /// Whether lines of the log are JSON.
    pub log_json: bool,
    /// Filter of the log, checked to be readable by `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// Where proofs are kept.
    pub evidence: EvidencePlace,
    /// How much of the machine the portal takes.
    pub sizes: Sizes,
    /// How long a command waits for a database that others are busy with. Pages have a patience of their own.
    pub wait: Duration,
    /// How costly password hashing is. Always `Standard` from [`Config::check`]; tests set `Cheap`.
    pub password_cost: PasswordCost,
}

/// Who the mails come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sender {
    /// The name shown to people.
    pub name: String,
    /// The email address.
    pub address: String,
}

/// How costly password hashing is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PasswordCost {
    /// What a real portal uses (OWASP's minimum for Argon2id, or more).
    #[default]
    Standard,
    /// For tests only: fast and weak.
    Cheap,
}

/// Everything that is wrong with the configuration, one sentence each: the variable, what is wrong, an example.
#[derive(Debug, Error, Eq, PartialEq)]
pub struct ConfigError {
    /// The problems, in the order of the variables in [`Settings`].
    pub problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => writeln!(out, "The configuration has 1 problem:")?,
            many => writeln!(out, "The configuration has {many} problems:")?,
        }
        for problem in &self.problems {
            writeln!(out, "  - {problem}")?;
        }
        Ok(())
    }
}

/// Seconds that a command waits for a database that others are busy with.
const PATIENCE_OF_A_COMMAND: u64 = 60;

const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1)), 8080);

/// Seconds that the mail about a verdict waits, and the most that it can be made to wait.
const DEFAULT_UNDO: i64 = 60;
const LONGEST_UNDO: i64 = 3600;

/// Days that the texts of mails are kept, and the most that can be set: a hundred years.
const DEFAULT_MAIL_BODY_DAYS: i64 = 90;
const MOST_MAIL_BODY_DAYS: i64 = 36_500;

/// Connections to the mail server at once, and the most that can be set.
const DEFAULT_MAIL_SESSIONS: usize = 4;
const MOST_MAIL_SESSIONS: usize = 20;

/// Longest name of a body, in characters: it stands in the header of every page and mail.
const LONGEST_BODY: usize = 120;

impl Config {
    /// Checks every setting and fills in the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] with every problem found, not only the first.
    pub fn check(settings: &Settings) -> Result<Self, ConfigError> {
        let mut problems = Problems(Vec::new());
        let (data, database, backups) = check_places(settings, &mut problems);
        let listen =
            problems.note("CPE_PORTAL_LISTEN", check_listen(given(&settings.listen)), DEFAULT_LISTEN);
        let origin = problems.note("CPE_PORTAL_URL", check_url(given(&settings.url), listen), None);
        let body = problems.note("CPE_PORTAL_BODY", check_body(given(&settings.body)), String::new());
        let contact = match given(&settings.contact) {
            Some(text) => problems.note("CPE_PORTAL_CONTACT", check_address(text), String::new()),
            None => default_contact(origin.as_ref()),
        };
        let time_zone =
            problems.note("CPE_PORTAL_TIME_ZONE", check_zone(given(&settings.time_zone)), Tz::UTC);
        let smtp = problems.note("CPE_PORTAL_SMTP", check_smtp(settings.smtp.as_ref()), None);
        let mail_from = problems.note(
            "CPE_PORTAL_MAIL_FROM",
            check_sender(given(&settings.mail_from), &body, &contact),
            Sender { name: String::new(), address: String::new() },
        );
        let mail_sessions = problems.note(
            "CPE_PORTAL_MAIL_SESSIONS",
            check_mail_sessions(given(&settings.mail_sessions)),
            DEFAULT_MAIL_SESSIONS,
        );
        let bounces = problems.note("CPE_PORTAL_BOUNCES", check_mailbox(settings.bounces.as_ref()), None);
        let undo = problems.note(
            "CPE_PORTAL_UNDO_SECONDS",
            check_undo(given(&settings.undo_seconds)),
            TimeDelta::zero(),
        );
        let mail_texts_kept = problems.note(
            "CPE_PORTAL_MAIL_BODY_DAYS",
            check_mail_body_days(given(&settings.mail_body_days)),
            None,
        );
        let metrics =
            problems.note("CPE_PORTAL_METRICS", check_metrics(given(&settings.metrics), listen), None);
        let log_json =
            problems.note("CPE_PORTAL_LOG_FORMAT", check_log_format(given(&settings.log_format)), false);
        let log = problems.note("CPE_PORTAL_LOG", check_log(given(&settings.log)), String::new());
        let evidence = problems.note_all(settings.evidence.check());
        let sizes = problems.note_all(Sizes::check(&settings.sizes, Machine::here()));
        match origin {
            Some(origin) if problems.0.is_empty() => Ok(Self {
                data,
                database,
                backups,
                listen,
                url: origin.origin().ascii_serialization(),
                body,
                contact,
                time_zone,
                smtp,
                mail_from,
                mail_sessions,
                bounces,
                undo,
                mail_texts_kept,
                metrics,
                log_json,
                log,
                evidence: evidence.unwrap_or_default(),
                sizes: sizes.unwrap_or_else(|| Sizes::of(Machine::here())),
                wait: Duration::from_secs(settings.wait.unwrap_or(PATIENCE_OF_A_COMMAND)),
                password_cost: PasswordCost::Standard,
            }),
            _ => Err(ConfigError { problems: problems.0 }),
        }
    }

    /// Whether people reach the portal over TLS: cookies are then Secure and carry the `__Host-` prefix.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }

    /// The full address of a path of the portal, for links in emails: `path` begins with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

struct Problems(Vec<String>);

impl Problems {
    /// Keeps a good value; files the problem under its variable and goes on with `instead` otherwise.
    fn note<T>(&mut self, variable: &str, checked: Result<T, String>, instead: T) -> T {
        checked.unwrap_or_else(|problem| {
            self.0.push(format!("{variable}: {problem}"));
            instead
        })
    }

    /// The same for what is checked as one: each problem comes with its variable.
    fn note_all<T>(&mut self, checked: Result<T, Vec<(&str, String)>>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(problems) => {
                self.0
                    .extend(problems.into_iter().map(|(variable, problem)| format!("{variable}: {problem}")));
                None
            }
        }
    }
}

/// The text that was given, trimmed; a blank one counts as not given, as in an environment file with `NAME=`.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// The data folder, where the database is, and the folder of backups.
fn check_places(settings: &Settings, problems: &mut Problems) -> (PathBuf, DatabasePlace, PathBuf) {
    let data = problems.note(
        "CPE_PORTAL_DATA",
        check_folder(settings.data.as_ref(), PathBuf::from("data"), "/var/lib/cpe-portal"),
        PathBuf::new(),
    );
    let database = check_database(settings.database.as_ref());
    let database = problems.note("CPE_PORTAL_DATABASE", database, DatabasePlace::File);
    let backups = problems.note(
        "CPE_PORTAL_BACKUPS",
        check_folder(settings.backups.as_ref(), data.join("backups"), "/var/backups/cpe-portal"),
        PathBuf::new(),
    );
    (data, database, backups)
}

fn check_folder(given: Option<&PathBuf>, default: PathBuf, example: &str) -> Result<PathBuf, String> {
    match given.filter(|path| !path.as_os_str().is_empty()) {
        None => Ok(default),
        Some(path) if path.exists() && !path.is_dir() => {
            Err(format!("“{}” is a file; name a folder, for example {example}", path.display()))
        }
        Some(path) => Ok(path.clone()),
    }
}

fn check_listen(given: Option<&str>) -> Result<SocketAddr, String> {
    let Some(text) = given else { return Ok(DEFAULT_LISTEN) };
    text.parse().map_err(|_| {
        format!("“{text}” is not an IP address with a port; for example 127.0.0.1:8080 or [::1]:8080")
    })
}

fn check_undo(given: Option<&str>) -> Result<TimeDelta, String> {
    let Some(text) = given else { return Ok(TimeDelta::seconds(DEFAULT_UNDO)) };
    match text.parse() {
        Ok(seconds @ 0..=LONGEST_UNDO) => Ok(TimeDelta::seconds(seconds)),
        _ => Err(format!("“{text}” is not a whole number of seconds up to {LONGEST_UNDO}; for example 60")),
    }
}

fn check_mail_body_days(given: Option<&str>) -> Result<Option<TimeDelta>, String> {
    let days = given.map_or(Ok(DEFAULT_MAIL_BODY_DAYS), str::parse);
    match days {
        Ok(0) => Ok(None),
        Ok(days @ 1..=MOST_MAIL_BODY_DAYS) => Ok(Some(TimeDelta::days(days))),
        _ => Err(format!(
            "“{}” is not a whole number of days up to {MOST_MAIL_BODY_DAYS}; for example 90, or 0 to keep them for ever",
            given.unwrap_or_default()
        )),
    }
}

fn check_log_format(given: Option<&str>) -> Result<bool, String> {
    match given {
        None | Some("text") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => Err(format!("“{other}” is neither text nor json; for example json")),
    }
}

fn check_mail_sessions(given: Option<&str>) -> Result<usize, String> {
    let Some(text) = given else { return Ok(DEFAULT_MAIL_SESSIONS) };
    match text.parse() {
        Ok(number @ 1..=MOST_MAIL_SESSIONS) => Ok(number),
        _ => Err(format!("“{text}” is not a whole number from 1 to {MOST_MAIL_SESSIONS}; for example 4")),
    }
}

fn check_metrics(given: Option<&str>, listen: SocketAddr) -> Result<Option<SocketAddr>, String> {
    let Some(text) = given else { return Ok(None) };
    match text.parse() {
        Ok(address) if address == listen && listen.port() != 0 => {
            Err(format!("{address} is where the pages are; name another port, for example 127.0.0.1:9480"))
        }
        Ok(address) => Ok(Some(address)),
        Err(_) => Err(format!("“{text}” is not an IP address with a port; for example 127.0.0.1:9480")),
    }
}

/// Gives an origin; the option is always filled, it only spares the caller a made-up URL after a problem.
fn check_url(given: Option<&str>, listen: SocketAddr) -> Result<Option<Url>, String> {
    let example = "for example https://cpe.example.org";
    let text = given.map_or_else(|| format!("http://{listen}"), str::to_owned);
    let url = Url::parse(&text).map_err(|_| format!("“{text}” is not a web address; {example}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("“{text}” does not begin with http:// or https://; {example}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("the address must not hold a user name or a password; {example}"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "“{text}” goes on after the host; the portal needs a host of its own, {example}"
        ));
    }
    Ok(Some(url))
}

fn check_body(given: Option<&str>) -> Result<String, String> {
    let name = given.unwrap_or("The Certification Body");
    if name.chars().any(char::is_control) || name.chars().count() > LONGEST_BODY {
        return Err(format!(
            "the name must be one line of at most {LONGEST_BODY} characters; for example Institute for \
             Information Security"
        ));
    }
    Ok(name.to_owned())
}

/// `cpe@` and the portal's own host where that is a real domain, so that a set-up without a contact still names
/// an address of the right organisation.
fn default_contact(origin: Option<&Url>) -> String {
    match origin.and_then(Url::host) {
        Some(Host::Domain(domain)) if domain.contains('.') => format!("cpe@{domain}"),
        _ => "cpe@localhost".to_owned(),
    }
}

/// A plain mail address. Deliberately loose: whether it exists only a mail can tell; what matters here is that
/// it is one address and cannot break a header.
fn check_address(text: &str) -> Result<String, String> {
    let problem = || format!("“{text}” is not an email address; for example cpe@example.org");
    let (local, domain) = text.rsplit_once('@').ok_or_else(problem)?;
    let bad = |part: &str| {
        part.is_empty() || part.chars().any(|c| c.is_control() || " \t<>()[]\\,;:\"@".contains(c))
    };
    if bad(local) || bad(domain) || domain.starts_with('.') || domain.ends_with('.') || text.len() > 254 {
        return Err(problem());
    }
    Ok(text.to_owned())
}

fn check_sender(given: Option<&str>, body: &str, contact: &str) -> Result<Sender, String> {
    let Some(text) = given else {
        return Ok(Sender { name: body.to_owned(), address: contact.to_owned() });
    };
    let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
        return Ok(Sender { name: body.to_owned(), address: check_address(text)? });
    };
    let name = name.trim().trim_matches('"').trim();
    if name.chars().any(char::is_control) {
        return Err("the name must be one line; for example CPE desk <cpe@example.org>".to_owned());
    }
    let name = if name.is_empty() { body } else { name };
    Ok(Sender { name: name.to_owned(), address: check_address(address.trim())? })
}

fn check_zone(given: Option<&str>) -> Result<Tz, String> {
    let Some(text) = given else { return Ok(Tz::Europe__Amsterdam) };
    text.parse().map_err(|_| format!("“{text}” is not a known time zone; for example Europe/Amsterdam"))
}

fn check_log(given: Option<&str>) -> Result<String, String> {
    let text = given.unwrap_or("info");
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|_| format!("“{text}” is not a log filter; for example info, or warn,cpe_portal=debug"))
}
