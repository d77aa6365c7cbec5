//! The signature of a request (AWS Signature Version 4), in its headers and over the hash of what is sent: the store itself compares what
//! arrived with it. A signed address would be shorter to make, and whoever reads it in the log of a proxy could use it.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::config::BucketAddress;

/// The SHA-256 of nothing.
pub(super) const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What stays as it is in a query.
const NOT_ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A request, as far as it is signed.
pub(super) struct Unsigned<'a> {
    /// `GET`, `HEAD`, `PUT` or `DELETE`.
    pub(super) method: &'a str,
    /// The path, of letters that need no escapes.
    pub(super) path: &'a str,
    /// The query, sorted by name.
    pub(super) query: &'a [(&'a str, &'a str)],
    /// Headers besides those that every request has, with their names in lower case.
    pub(super) headers: &'a [(&'a str, &'a str)],
    /// SHA-256 of what is sent, in hexadecimal digits.
    pub(super) body_hash: &'a str,
}

impl Unsigned<'_> {
    /// The query as it stands in the address, without its question mark.
    pub(super) fn query_text(&self) -> String {
        let escaped = |text| utf8_percent_encode(text, NOT_ESCAPED).to_string();
        let pairs: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        pairs.join("&")
    }

    /// Every header that is to be sent, the signature among them. `at` is the machine's time (UTC).
    pub(super) fn signed(&self, address: &BucketAddress, at: NaiveDateTime) -> BTreeMap<String, String> {
        let instant = at.format("%Y%m%dT%H%M%SZ").to_string();
        let day = at.format("%Y%m%d").to_string();
        let mut headers: BTreeMap<String, String> = BTreeMap::from([
            ("host".to_owned(), address.host.clone()),
            ("x-amz-content-sha256".to_owned(), self.body_hash.to_owned()),
            ("x-amz-date".to_owned(), instant.clone()),
        ]);
        for (name, value) in self.headers {
            headers.insert((*name).to_owned(), (*value).to_owned());
        }
        let credentials = &address.credentials;
        if let Some(token) = &credentials.token {
            headers.insert("x-amz-security-token".to_owned(), token.expose().to_owned());
        }
        let names = headers.keys().map(String::as_str).collect::<Vec<_>>().join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{}",
            self.method,
            self.path,
            self.query_text(),
            self.body_hash
        );
        let scope = format!("{day}/{}/s3/aws4_request", address.region);
        let hash = hex::encode(Sha256::digest(canonical.as_bytes()));
        let text = format!("{ALGORITHM}\n{instant}\n{scope}\n{hash}");
        let mut key = format!("AWS4{}", credentials.secret.expose()).into_bytes();
        for part in [day.as_str(), &address.region, "s3", "aws4_request"] {
            key = keyed(&key, part);
        }
        let signature = hex::encode(keyed(&key, &text));
        let name = credentials.key.expose();
        let words =
            format!("{ALGORITHM} Credential={name}/{scope},SignedHeaders={names},Signature={signature}");
        headers.insert("authorization".to_owned(), words);
        headers
    }
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    // a key of any length is one
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
