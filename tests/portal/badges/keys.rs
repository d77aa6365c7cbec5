//! The issuer's keys.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cpe_portal::badges::keys::{KeyState, Keys};
use cpe_portal::badges::{BadgeError, proof};

use super::documents::{facts, origin, signed};
use crate::support::day;

#[test]
fn the_first_key_is_made_once_and_only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys").join("badges.json");
    let first = Keys::open(&path, day("2026-11-23"), &[]).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = Keys::open(&path, day("2027-01-01"), &[]).unwrap();
    assert_eq!(first.current().unwrap().public(), again.current().unwrap().public());
    assert_eq!(again.current().unwrap().name, "key-2026-1");
    assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_file_that_others_can_read_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("badges.json");
    Keys::open(&path, day("2026-11-23"), &[]).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = Keys::open(&path, day("2026-11-23"), &[]).unwrap_err().to_string();
    assert!(refused.contains("others can read it"), "{refused}");
}

#[test]
fn a_damaged_file_is_never_replaced_by_new_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("badges.json");
    for text in [
        "",
        "{",
        "{\"keys\":[]}",
        "{\"keys\":[{\"name\":\"a\",\"seed\":\"x\",\"made_on\":\"2026-01-01\",\"state\":\"current\"}]}",
    ] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(
            matches!(Keys::open(&path, day("2026-11-23"), &[]), Err(BadgeError::KeyFile { .. })),
            "{text}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_retired_key_goes_on_verifying_and_a_compromised_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("badges.json");
    let mut keys = Keys::open(&path, day("2026-11-23"), &[]).unwrap();
    let old = signed(&keys, &facts());
    assert_eq!(keys.rotate(day("2026-12-01")).unwrap(), "key-2026-2");
    keys.write(&path).unwrap();
    let mut keys = Keys::read(&path).unwrap();
    assert_eq!(keys.current().unwrap().name, "key-2026-2");
    assert_eq!(proof::verify(&old, &keys, &origin()).unwrap(), "key-2026-1");
    let document = keys.did_document(&origin());
    assert_eq!(document["assertionMethod"].as_array().unwrap().len(), 2);

    keys.compromise("key-2026-1", day("2027-01-02")).unwrap();
    assert!(matches!(proof::verify(&old, &keys, &origin()), Err(BadgeError::UnknownKey(_))));
    assert_eq!(keys.current().unwrap().name, "key-2026-2");
    let document = keys.did_document(&origin());
    assert_eq!(document["assertionMethod"], serde_json::json!(["did:web:portal.example.org#key-2026-2"]));
    assert_eq!(document["verificationMethod"].as_array().unwrap().len(), 1);

    keys.compromise("key-2026-2", day("2027-01-02")).unwrap();
    assert_eq!(keys.current().unwrap().name, "key-2027-1", "there is always one that signs");
    assert_eq!(keys.all().iter().filter(|key| key.state == KeyState::Compromised).count(), 2);
    assert!(matches!(keys.compromise("key-1", day("2027-01-02")), Err(BadgeError::UnknownKey(_))));
}

#[test]
fn no_key_is_told_by_debug_output_or_by_the_issuers_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("badges.json");
    let keys = Keys::open(&path, day("2026-11-23"), &[]).unwrap();
    let file: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let seed = file["keys"][0]["seed"].as_str().unwrap();
    assert!(seed.len() > 40);
    assert!(!format!("{keys:?}").contains(seed));
    assert!(!keys.did_document(&origin()).to_string().contains(seed));
}
