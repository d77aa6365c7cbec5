//! The status list: one bit for each badge, set for ever when the badge is revoked (Bitstring Status List 1.0).

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Days, SecondsFormat, Utc};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::origin::Origin;
use super::{BadgeError, contexts};

/// Bits of a list. Less would tell too much about which badge somebody asks for.
pub const BITS: usize = 131_072;
/// Days for which a list is good: a list that nobody signs anew makes every badge fail, which is what verifiers should do then.
pub const DAYS: u64 = 7;

const BYTES: usize = BITS / 8;

/// The path of a list.
#[must_use]
pub fn path(number: i64) -> String {
    format!("/status/{number}")
}

/// A list with these positions revoked, still to be signed.
///
/// # Errors
/// `BadgeError::Position` for a position outside the list.
pub fn document(
    origin: &Origin,
    number: i64,
    revoked: &[usize],
    now: DateTime<Utc>,
) -> Result<Value, BadgeError> {
    let address = origin.at(&path(number));
    let until = now.checked_add_days(Days::new(DAYS)).ok_or(BadgeError::List)?;
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(json!({
        "@context": contexts::of_status_list(),
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": origin.did(),
        "validFrom": instant(now),
        "validUntil": instant(until),
        "credentialSubject": {
            "id": format!("{address}#list"),
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode(revoked)?,
        },
    }))
}

/// The bits as a verifier wants them: bit 0 is the highest of byte 0; gzip; base64url without padding; a `u` before it.
///
/// # Errors
/// `BadgeError::Position` for a position outside the list.
pub fn encode(revoked: &[usize]) -> Result<String, BadgeError> {
    let mut bytes = vec![0_u8; BYTES];
    for &position in revoked {
        let byte = bytes.get_mut(position / 8).ok_or(BadgeError::Position(position))?;
        *byte |= 0x80 >> (position % 8);
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&bytes).map_err(|_| BadgeError::List)?;
    let packed = packer.finish().map_err(|_| BadgeError::List)?;
    Ok(format!("u{}", URL_SAFE_NO_PAD.encode(packed)))
}

/// Every position that is set in an encoded list, in order.
///
/// # Errors
/// `BadgeError::List` when the text is no list of this length.
pub fn revoked(encoded: &str) -> Result<Vec<usize>, BadgeError> {
    let bytes = decode(encoded)?;
    let set =
        |position: &usize| bytes.get(position / 8).is_some_and(|byte| byte & (0x80 >> (position % 8)) != 0);
    Ok((0..BITS).filter(set).collect())
}

fn decode(encoded: &str) -> Result<Vec<u8>, BadgeError> {
    let packed = encoded.strip_prefix('u').and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let mut bytes = Vec::new();
    let limit = u64::try_from(BYTES).unwrap_or(u64::MAX).saturating_add(1);
    GzDecoder::new(packed.ok_or(BadgeError::List)?.as_slice())
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|_| BadgeError::List)?;
    if bytes.len() != BYTES {
        return Err(BadgeError::List);
    }
    Ok(bytes)
}
