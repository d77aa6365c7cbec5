//! The proof inside a document: Data Integrity, `eddsa-rdfc-2022`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::keys::{Key, Keys};
use super::origin::Origin;
use super::{BadgeError, canonical, canonical_cache};

/// Most characters of a signature: 64 bytes in base58, and the letter before them. Base58 takes the square of its length.
const LONGEST_SIGNATURE: usize = 1 + 88;

/// Signs a document that has no proof yet, and verifies it before it is given out.
///
/// # Errors
/// `BadgeError` when the document cannot be signed as a whole.
pub fn sign(document: &Value, key: &Key, origin: &Origin, now: DateTime<Utc>) -> Result<Value, BadgeError> {
    let mut proof = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": now.to_rfc3339_opts(SecondsFormat::Secs, true),
        "verificationMethod": key.address(origin),
        "proofPurpose": "assertionMethod",
    });
    let bytes = signed_bytes(document, &proof, canonical_cache::hash)?;
    let signature = key.sign(&bytes);
    if !key.verifies(&bytes, &signature) {
        return Err(BadgeError::Signature);
    }
    if let Some(members) = proof.as_object_mut() {
        members.insert("proofValue".to_owned(), format!("z{}", bs58::encode(signature).into_string()).into());
    }
    let mut signed = document.clone();
    let members = signed.as_object_mut().ok_or_else(|| BadgeError::Syntax("no object".to_owned()))?;
    members.insert("proof".to_owned(), json!([proof]));
    Ok(signed)
}

/// Verifies a document's proof against the issuer's standing keys. Gives the name of the key.
///
/// # Errors
/// `BadgeError`: what is wrong with it.
pub fn verify(document: &Value, keys: &Keys, origin: &Origin) -> Result<String, BadgeError> {
    let mut bare = document.clone();
    let proof =
        bare.as_object_mut().and_then(|members| members.remove("proof")).ok_or(BadgeError::NoProof)?;
    let mut proof = match proof {
        Value::Array(mut proofs) if proofs.len() == 1 => proofs.remove(0),
        Value::Object(_) => proof,
        _ => return Err(BadgeError::NoProof),
    };
    let key = key_of(&proof, keys, origin)?;
    let members = proof.as_object_mut().ok_or(BadgeError::NoProof)?;
    let value = members.remove("proofValue").ok_or(BadgeError::NoProof)?;
    let signature: [u8; 64] = value
        .as_str()
        .filter(|text| text.len() <= LONGEST_SIGNATURE)
        .and_then(|text| text.strip_prefix('z'))
        .and_then(|text| bs58::decode(text).into_vec().ok())
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(BadgeError::Signature)?;
    if key.verifies(&signed_bytes(&bare, &proof, canonical::hash)?, &signature) {
        Ok(key.name.clone())
    } else {
        Err(BadgeError::Signature)
    }
}

/// The standing key that a document says it was signed with. Nothing is verified.
///
/// # Errors
/// `BadgeError::NoProof`, `UnknownKey`.
pub fn signer<'keys>(document: &Value, keys: &'keys Keys, origin: &Origin) -> Result<&'keys Key, BadgeError> {
    let proof = document.get("proof").and_then(|proof| match proof {
        Value::Array(proofs) if proofs.len() == 1 => proofs.first(),
        other => Some(other),
    });
    key_of(proof.ok_or(BadgeError::NoProof)?, keys, origin)
}

fn key_of<'keys>(proof: &Value, keys: &'keys Keys, origin: &Origin) -> Result<&'keys Key, BadgeError> {
    let text = |name: &str| proof.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("type") != "DataIntegrityProof"
        || text("cryptosuite") != "eddsa-rdfc-2022"
        || text("proofPurpose") != "assertionMethod"
    {
        return Err(BadgeError::NoProof);
    }
    let method = text("verificationMethod");
    let name = method.strip_prefix(origin.did()).and_then(|rest| rest.strip_prefix('#')).unwrap_or_default();
    keys.standing(name).ok_or_else(|| BadgeError::UnknownKey(method.to_owned()))
}

type Hash = fn(&Value) -> Result<[u8; 32], BadgeError>;

/// The canonical options' hash, then the canonical document's.
fn signed_bytes(document: &Value, proof: &Value, hash: Hash) -> Result<Vec<u8>, BadgeError> {
    let mut options = proof.clone();
    if let (Some(members), Some(context)) = (options.as_object_mut(), document.get("@context")) {
        members.insert("@context".to_owned(), context.clone());
    }
    let mut bytes = hash(&options)?.to_vec();
    bytes.extend_from_slice(&hash(document)?);
    Ok(bytes)
}
