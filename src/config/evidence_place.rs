//! Where proofs are kept: in the data folder, or in a bucket of a store that speaks S3.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use url::{Host, Url};

/// The variable that names the place.
const PLACE: &str = "CPE_PORTAL_EVIDENCE";
/// Longest prefix within a bucket, in characters; keys may have 1024.
const LONGEST_PREFIX: usize = 200;
/// A file of credentials has three short lines.
const LONGEST_CREDENTIALS_FILE: u64 = 64 * 1024;
/// The region of stores that have none.
const REGION_OF_NONE: &str = "us-east-1";

/// A value that never reaches a log, a page or a message.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Hidden(String);

impl Hidden {
    /// The value, for signing requests only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Hidden {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(hidden)")
    }
}

/// The place of proofs as it was given, unchecked.
#[derive(Args, Clone, Debug, Default)]
pub struct EvidenceSettings {
    /// Where proofs are kept: folder, or s3://BUCKET/PREFIX for an S3-compatible store [default: folder, in DIR/evidence]
    #[arg(
        id = "evidence_place",
        long = "evidence-place",
        value_name = "PLACE",
        env = "CPE_PORTAL_EVIDENCE",
        global = true
    )]
    pub place: Option<String>,
    /// Address of the S3-compatible store [default: that of AWS for the region]
    #[arg(
        id = "s3_endpoint",
        long = "s3-endpoint",
        value_name = "URL",
        env = "CPE_PORTAL_S3_ENDPOINT",
        global = true
    )]
    pub endpoint: Option<String>,
    /// Region of the bucket; needed for AWS [default: us-east-1 where an endpoint is named]
    #[arg(
        id = "s3_region",
        long = "s3-region",
        value_name = "REGION",
        env = "CPE_PORTAL_S3_REGION",
        global = true
    )]
    pub region: Option<String>,
    /// Where the bucket's name stands in addresses: path or host [default: host for AWS, path where an endpoint is named]
    #[arg(
        id = "s3_style",
        long = "s3-style",
        value_name = "STYLE",
        env = "CPE_PORTAL_S3_STYLE",
        global = true
    )]
    pub style: Option<String>,
    /// File with the store's credentials, as AWS tools write it; without it those of the environment are used
    #[arg(
        id = "s3_credentials",
        long = "s3-credentials",
        value_name = "FILE",
        env = "CPE_PORTAL_S3_CREDENTIALS",
        global = true
    )]
    pub credentials: Option<PathBuf>,
    /// Which key signs requests to the store.
    #[arg(id = "s3_key", long = "s3-key", env = "AWS_ACCESS_KEY_ID", hide = true, global = true)]
    pub key: Option<Hidden>,
    /// Its secret.
    #[arg(id = "s3_secret", long = "s3-secret", env = "AWS_SECRET_ACCESS_KEY", hide = true, global = true)]
    pub secret: Option<Hidden>,
    /// The token that comes with credentials for a while.
    #[arg(id = "s3_token", long = "s3-token", env = "AWS_SESSION_TOKEN", hide = true, global = true)]
    pub token: Option<Hidden>,
}

/// Where proofs are kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum EvidencePlace {
    /// In the data folder.
    #[default]
    Folder,
    /// In a bucket.
    Bucket(BucketAddress),
}

impl fmt::Display for EvidencePlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => out.write_str("folder"),
            Self::Bucket(address) => write!(out, "{address}"),
        }
    }
}

/// A bucket, and how to reach it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BucketAddress {
    /// The store's origin, with the bucket's name in the host where that is the style.
    pub origin: String,
    /// Host and, where it is an unusual one, port of that origin: what requests are signed for.
    pub host: String,
    /// The bucket's name.
    pub bucket: String,
    /// What keys begin with: empty, or ends with a slash.
    pub prefix: String,
    /// Region for the signature.
    pub region: String,
    /// Whether paths begin with the bucket's name.
    pub in_path: bool,
    /// Who asks.
    pub credentials: Credentials,
}

impl fmt::Display for BucketAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "s3://{}/{}", self.bucket, self.prefix.trim_end_matches('/'))
    }
}

/// What signs requests to a store.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Credentials {
    /// Name of the key.
    pub key: Hidden,
    /// Its secret.
    pub secret: Hidden,
    /// What comes with credentials that end.
    pub token: Option<Hidden>,
}

type Problem = (&'static str, String);

impl EvidenceSettings {
    /// The checked place.
    ///
    /// # Errors
    /// Each variable with what is wrong about it; never a secret.
    pub fn check(&self) -> Result<EvidencePlace, Vec<Problem>> {
        let place = filled(&self.place);
        let Some(named) = place.filter(|text| *text != "folder") else { return Ok(EvidencePlace::Folder) };
        let mut problems = Vec::new();
        let mut note = |variable, problem| problems.push((variable, problem));
        let (bucket, prefix) = bucket_of(named).unwrap_or_else(|problem| {
            note(PLACE, problem);
            Default::default()
        });
        let (origin, region) = self.origin().unwrap_or_else(|(variable, problem)| {
            note(variable, problem);
            (None, String::new())
        });
        let credentials = self.credentials().unwrap_or_else(|(variable, problem)| {
            note(variable, problem);
            Credentials::default()
        });
        // a name with dots is no host that a certificate of the store is for
        let usual = filled(&self.endpoint).is_some() || bucket.contains('.');
        let in_path = match filled(&self.style) {
            None => usual,
            Some("path") => true,
            Some("host") => false,
            Some(other) => {
                note("CPE_PORTAL_S3_STYLE", format!("“{other}” is neither path nor host; for example path"));
                usual
            }
        };
        match origin {
            Some(origin) if problems.is_empty() => {
                let host = host_of(&origin, &bucket, in_path);
                let origin = format!("{}://{host}", origin.scheme());
                Ok(EvidencePlace::Bucket(BucketAddress {
                    origin,
                    host,
                    bucket,
                    prefix,
                    region,
                    in_path,
                    credentials,
                }))
            }
            _ => Err(problems),
        }
    }

    /// The store's own origin, always filled where there is no problem, and the region.
    fn origin(&self) -> Result<(Option<Url>, String), Problem> {
        const REGION: &str = "CPE_PORTAL_S3_REGION";
        let region = filled(&self.region);
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if let Some(wrong) = region.filter(|text| !plain(text) || text.len() > 40) {
            return Err((REGION, format!("“{wrong}” is no region; for example eu-central-1")));
        }
        match (filled(&self.endpoint), region) {
            (Some(text), _) => {
                let origin = endpoint_of(text).map_err(|problem| ("CPE_PORTAL_S3_ENDPOINT", problem))?;
                Ok((Some(origin), region.unwrap_or(REGION_OF_NONE).to_owned()))
            }
            (None, Some(region)) => {
                let origin = Url::parse(&format!("https://s3.{region}.amazonaws.com"));
                Ok((Some(origin.map_err(|error| (REGION, error.to_string()))?), region.to_owned()))
            }
            (None, None) => {
                Err((REGION, "proofs in AWS need the bucket's region; for example eu-central-1".to_owned()))
            }
        }
    }

    fn credentials(&self) -> Result<Credentials, Problem> {
        const FILE: &str = "CPE_PORTAL_S3_CREDENTIALS";
        if let Some(path) = self.credentials.as_ref().filter(|path| !path.as_os_str().is_empty()) {
            let text = text_of(path)
                .map_err(|error| (FILE, format!("{} cannot be read: {error}", path.display())))?;
            return credentials_in(&text).ok_or_else(|| {
                let words = "the file has no lines aws_access_key_id = … and aws_secret_access_key = …";
                (FILE, words.to_owned())
            });
        }
        let shown = |value: &Option<Hidden>| value.clone().filter(|value| !value.0.is_empty());
        match (shown(&self.key), shown(&self.secret)) {
            (Some(key), Some(secret)) if fits_header(&key) => {
                Ok(Credentials { key, secret, token: shown(&self.token).filter(fits_header) })
            }
            _ => Err((
                FILE,
                "no credentials for the store: name a file, for example /etc/cpe-portal.s3, or set \
                 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                    .to_owned(),
            )),
        }
    }
}

/// The text that was given, trimmed; a blank one counts as not given.
fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn fits_header(value: &Hidden) -> bool {
    value.0.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The text of a small file.
fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST_CREDENTIALS_FILE).read_to_string(&mut text)?;
    Ok(text)
}

/// The first credentials of a file as AWS tools write it: `name = value`, below names of profiles in brackets.
fn credentials_in(text: &str) -> Option<Credentials> {
    let find = |wanted: &str| {
        text.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            (name.trim() == wanted).then(|| Hidden(value.trim().to_owned()))
        })
    };
    let filled = |value: &Hidden| !value.0.is_empty() && fits_header(value);
    Some(Credentials {
        key: find("aws_access_key_id").filter(filled)?,
        secret: find("aws_secret_access_key").filter(filled)?,
        token: find("aws_session_token").filter(filled),
    })
}

/// Bucket and prefix of `s3://bucket/prefix`; the prefix is empty or ends with a slash.
fn bucket_of(text: &str) -> Result<(String, String), String> {
    let example = "for example s3://cpe-portal/evidence";
    let Some(rest) = text.strip_prefix("s3://") else {
        return Err(format!("“{text}” is neither folder nor begins with s3://; {example}"));
    };
    // whoever wrote a password here finds it in no log
    if rest.contains('@') {
        return Err(format!("credentials do not stand in the address; {example}"));
    }
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let in_bucket =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    if !(3..=63).contains(&bucket.len())
        || !bucket.bytes().all(in_bucket)
        || !ends(bucket.bytes().next())
        || !ends(bucket.bytes().last())
        || bucket.contains("..")
    {
        return Err(format!("“{bucket}” is no name of a bucket; {example}"));
    }
    let prefix = prefix.trim_end_matches('/');
    let in_prefix = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let good = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(in_prefix);
    if prefix.is_empty() {
        return Ok((bucket.to_owned(), String::new()));
    }
    if prefix.len() > LONGEST_PREFIX || !prefix.split('/').all(good) {
        return Err(format!(
            "the part after the bucket may have letters, digits, dots, dashes and slashes; {example}"
        ));
    }
    Ok((bucket.to_owned(), format!("{prefix}/")))
}

/// Without TLS proofs and their names could be read on the way, so it is for a store on the same machine only.
fn endpoint_of(text: &str) -> Result<Url, String> {
    let example = "for example https://s3.example.org";
    let url = Url::parse(text).map_err(|_| format!("“{text}” is not a web address; {example}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("the address must not hold a user name or a password; {example}"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("“{text}” goes on after the host; {example}"));
    }
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return Err(format!("“{text}” names no host; {example}")),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if here => Ok(url),
        "http" => Err(format!("http:// is for a store on this machine only; {example}")),
        _ => Err(format!("“{text}” does not begin with https://; {example}")),
    }
}

fn host_of(origin: &Url, bucket: &str, in_path: bool) -> String {
    let host = origin.host_str().unwrap_or_default();
    let host = if in_path { host.to_owned() } else { format!("{bucket}.{host}") };
    match origin.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}
