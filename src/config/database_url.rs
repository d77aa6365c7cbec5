//! Where the database is: a file in the data folder, or on a server that speaks `PostgreSQL`.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

const EXAMPLE: &str = "for example postgres://user:password@db.example.org:5432/cpe_portal";

/// Settings of the URL that the connection itself understands.
const PASSED_ON: [&str; 4] =
    ["target_session_attrs", "application_name", "channel_binding", "load_balance_hosts"];

/// A database server's URL as it was given, kept so that its password never reaches a log or a message.
#[derive(Clone, Eq, PartialEq)]
pub struct DatabaseUrl(String);

impl FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl DatabaseUrl {
    /// The place that it names; a file where it is empty.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it.
    pub fn place(&self) -> Result<DatabasePlace, String> {
        check_database(Some(self))
    }

    /// Whether it says `file`, which names the data folder where a place is asked for.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.0 == "file"
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DatabaseUrl(hidden)")
    }
}

/// Where the database is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum DatabasePlace {
    /// A file in the data folder.
    #[default]
    File,
    /// On a server.
    Server(ServerAddress),
}

/// How the connection to a database server is encrypted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerEncryption {
    /// Not at all: a server on the same machine, or `sslmode=disable`.
    None,
    /// With TLS; the server's certificate and its name are checked. Beside the public authorities those in this file are believed.
    Checked(Option<PathBuf>),
}

/// A database on a server, and how to sign in.
#[derive(Clone, Eq, PartialEq)]
pub struct ServerAddress {
    /// The URL without what says how the connection is encrypted.
    url: String,
    /// Server and database, as a person may read them.
    shown: String,
    /// How the connection is encrypted.
    pub encryption: ServerEncryption,
}

impl ServerAddress {
    /// The whole URL with user name and password, for signing in only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.url
    }
}

impl fmt::Display for ServerAddress {
    /// Without user name and password: which database it is.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.shown)
    }
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ServerAddress({self}, {:?})", self.encryption)
    }
}

/// None of the messages repeats the value: it holds a password.
pub(super) fn check_database(given: Option<&DatabaseUrl>) -> Result<DatabasePlace, String> {
    let Some(DatabaseUrl(text)) = given.filter(|url| !url.0.is_empty()) else {
        return Ok(DatabasePlace::File);
    };
    let rest = text
        .strip_prefix("postgres://")
        .or_else(|| text.strip_prefix("postgresql://"))
        .ok_or_else(|| format!("the URL does not begin with postgres://; {EXAMPLE}"))?;
    let (place, settings) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, name) = place.split_once('/').unwrap_or((place, ""));
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let hosts = hosts.split(',').map(host_of).collect::<Option<Vec<_>>>();
    let hosts =
        hosts.ok_or_else(|| format!("the URL names no server, or one that cannot be read; {EXAMPLE}"))?;
    let name = decoded(name)
        .filter(|name| !name.is_empty() && !name.chars().any(|c| c.is_control() || c == '/'))
        .ok_or_else(|| format!("the URL names no database; {EXAMPLE}"))?;
    let (encryption, others) = check_settings(settings, hosts.iter().all(|host| is_here(host)))?;
    let others = if others.is_empty() { others } else { format!("?{others}") };
    Ok(DatabasePlace::Server(ServerAddress {
        url: format!("postgres://{place}{others}"),
        shown: format!("{name} on {}", hosts.join(", ")),
        encryption,
    }))
}

/// What the settings of the URL say about encryption, and the other ones, as they stood there.
fn check_settings(settings: &str, here: bool) -> Result<(ServerEncryption, String), String> {
    let (mut mode, mut roots, mut others) = (None, None, Vec::new());
    for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
        let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
        let value =
            || decoded(value).ok_or_else(|| format!("a setting of the URL cannot be read; {EXAMPLE}"));
        match key {
            "sslmode" => mode = Some(value()?),
            "sslrootcert" => roots = Some(PathBuf::from(value()?)),
            known if PASSED_ON.contains(&known) => others.push(setting),
            // where the server is and who signs in stands before the ?, where it is seen whether that is this machine
            _ => {
                return Err(format!(
                    "the URL has a setting that is not known; it may have sslmode, sslrootcert, {}",
                    PASSED_ON.join(", ")
                ));
            }
        }
    }
    if let Some(file) = roots.as_ref().filter(|file| !file.is_file()) {
        return Err(format!("sslrootcert names {}, which is no file", file.display()));
    }
    let encryption = match mode.as_deref() {
        Some("disable") => ServerEncryption::None,
        Some("verify-full") => ServerEncryption::Checked(roots),
        // a person who names an authority wants the server's certificate checked
        None if here && roots.is_none() => ServerEncryption::None,
        None => ServerEncryption::Checked(roots),
        Some(_) => {
            return Err("sslmode must be verify-full, where the server's certificate is checked (with sslrootcert=FILE for an \
                        authority of your own), or disable"
                .to_owned());
        }
    };
    Ok((encryption, others.join("&")))
}

/// The host of `host:port`, as it is shown; `None` when there is none or the port is no number.
fn host_of(text: &str) -> Option<String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']').map(|(host, rest)| (host, rest.strip_prefix(':')))?,
        None => text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return None;
    }
    decoded(host).filter(|host| !host.is_empty() && !host.chars().any(char::is_control))
}

/// Whether a server is on this machine: a loopback address, or a socket in a folder.
fn is_here(host: &str) -> bool {
    host == "localhost"
        || host.starts_with('/')
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}
