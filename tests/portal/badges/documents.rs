//! Documents, lists and pictures.

use chrono::{DateTime, TimeZone, Utc};
use cpe_portal::badges::credential::{self, Achievement, CredentialFacts};
use cpe_portal::badges::keys::Keys;
use cpe_portal::badges::origin::Origin;
use cpe_portal::badges::picture::Picture;
use cpe_portal::badges::{BadgeError, embed, proof, status_list};
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::day;

pub fn origin() -> Origin {
    Origin::of("https://portal.example.org").unwrap()
}

pub fn keys(folder: &TempDir) -> Keys {
    Keys::open(&folder.path().join("keys").join("badges.json"), day("2026-11-23"), &[]).unwrap()
}

pub fn instant(year: i32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, 3, 14, 22, 59, 59).unwrap()
}

pub fn facts() -> CredentialFacts {
    CredentialFacts {
        badge: "6f1b8a52-0c6d-4d0e-9b0e-2f4f1f6f2a01".to_owned(),
        body: "The Certification Body".to_owned(),
        achievement: Achievement {
            code: "ISP".to_owned(),
            title: "Information Security Practitioner".to_owned(),
            description: "A certification.".to_owned(),
            criteria: "An examination.".to_owned(),
        },
        holder: "Zsófia Nagy-Kovács".to_owned(),
        number: "ISP-1".to_owned(),
        awarded_at: instant(2019),
        valid_from: instant(2026),
        valid_until: Some(instant(2027)),
        list: 1,
        position: 94_567,
    }
}

pub fn signed(keys: &Keys, facts: &CredentialFacts) -> Value {
    let document = credential::document(facts, &origin()).unwrap();
    proof::sign(&document, keys.current().unwrap(), &origin(), instant(2026)).unwrap()
}

#[test]
fn a_signed_badge_verifies_and_any_other_word_in_it_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(&folder);
    let signed = signed(&keys, &facts());
    assert_eq!(proof::verify(&signed, &keys, &origin()).unwrap(), "key-2026-1");
    for pointer in [
        "/name",
        "/validUntil",
        "/issuer/name",
        "/credentialSubject/licenseNumber",
        "/credentialSubject/identifier/0/identityHash",
        "/credentialStatus/statusListIndex",
        "/proof/0/created",
    ] {
        let mut altered = signed.clone();
        let value = altered.pointer_mut(pointer).unwrap();
        *value = value.as_str().unwrap().replacen(['2', 'I', 'T', 'Z', '9'], "3", 1).into();
        assert_ne!(altered, signed, "{pointer}");
        assert!(proof::verify(&altered, &keys, &origin()).is_err(), "{pointer}");
    }
}

#[test]
fn a_badge_that_never_ends_has_no_last_day() {
    let folder = tempfile::tempdir().unwrap();
    let document = signed(&keys(&folder), &CredentialFacts { valid_until: None, ..facts() });
    assert!(document.get("validUntil").is_none());
}

#[test]
fn no_address_and_no_hash_of_one_is_in_a_badge() {
    let folder = tempfile::tempdir().unwrap();
    let text = signed(&keys(&folder), &facts()).to_string();
    for word in ["emailAddress", "sha256$", "\"hashed\":true", "@example", "salt"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn the_issuer_is_named_after_the_host_with_its_port_written_as_did_web_wants_it() {
    for (address, did, url) in [
        ("https://portal.example.org", "did:web:portal.example.org", "https://portal.example.org"),
        ("http://127.0.0.1:8080/", "did:web:127.0.0.1%3A8080", "http://127.0.0.1:8080"),
        ("https://portal.example.org:443/x?y", "did:web:portal.example.org", "https://portal.example.org"),
    ] {
        let origin = Origin::of(address).unwrap();
        assert_eq!((origin.did(), origin.url()), (did, url));
    }
    assert!(matches!(Origin::of("mailto:somebody"), Err(BadgeError::Origin(_))));
}

#[test]
fn an_empty_list_is_the_one_that_others_made() {
    // From the examples of another implementation of Bitstring Status List: 131 072 bits, none set. Packers differ in their
    // bytes, so what is compared is what a reader finds.
    let theirs = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    let ours = status_list::encode(&[]).unwrap();
    for list in [theirs, ours.as_str()] {
        assert!(status_list::revoked(list).unwrap().is_empty());
    }
    assert_eq!(status_list::BITS, 131_072, "what the standard wants at least");
    assert!(status_list::encode(&[status_list::BITS - 1]).is_ok());
    assert!(matches!(status_list::encode(&[status_list::BITS]), Err(BadgeError::Position(131_072))));
}

#[test]
fn what_is_no_list_is_not_read_as_one() {
    for text in ["", "u", "H4sIAAAAAAAAA", "u!!", "uAAAA"] {
        assert!(matches!(status_list::revoked(text), Err(BadgeError::List)), "{text:?}");
    }
}

proptest! {
    #[test]
    fn exactly_the_revoked_positions_are_set(revoked in proptest::collection::btree_set(0..status_list::BITS, 0..40)) {
        let positions: Vec<usize> = revoked.iter().copied().collect();
        let list = status_list::encode(&positions).unwrap();
        prop_assert_eq!(status_list::revoked(&list).unwrap(), positions);
    }
}

#[test]
fn a_baked_picture_gives_the_badge_back() {
    let folder = tempfile::tempdir().unwrap();
    let facts = CredentialFacts { holder: "Zoë ]]> <Ångström> & “Söhne” 🎓".to_owned(), ..facts() };
    let text = signed(&keys(&folder), &facts).to_string();
    let picture = Picture {
        field: "data_protection".to_owned(),
        level_word: "Expert".to_owned(),
        code: "D<P>&E".to_owned(),
        year: Some(2027),
    };
    let address = Some("https://portal.example.org/ob2/assertions/x");
    let png = embed::png(&picture.png(512).unwrap(), &text, address).unwrap();
    assert_eq!(embed::credential_in(&png).unwrap(), text);
    let svg = embed::svg(&picture.svg().unwrap(), &text, address).unwrap();
    let back: Value = serde_json::from_str(&embed::credential_in(svg.as_bytes()).unwrap()).unwrap();
    assert_eq!(back, serde_json::from_str::<Value>(&text).unwrap());
    assert!(svg.contains("<title>D&lt;P&gt;&amp;E badge, Expert</title>"));
    assert!(!svg.contains("<text"), "letters are outlines, so that they look the same everywhere");
    assert_eq!(embed::credential_in(text.as_bytes()).unwrap(), text);
    for other in
        [&picture.png(64).unwrap()[..], picture.svg().unwrap().as_bytes(), b"", b"GIF89a", &[0xff; 90]]
    {
        assert_eq!(embed::credential_in(other), None);
    }
}
