//! What must not be signed, and what must not verify.

use cpe_portal::badges::credential::{self, CredentialFacts};
use cpe_portal::badges::text::can_be_signed;
use cpe_portal::badges::{BadgeError, proof};
use serde_json::{Value, json};

use super::documents::{facts, instant, keys, origin, signed};

fn sign(document: &Value) -> Result<Value, BadgeError> {
    let folder = tempfile::tempdir().unwrap();
    proof::sign(document, keys(&folder).current().unwrap(), &origin(), instant(2026))
}

#[test]
fn a_term_that_no_context_defines_is_not_signed_over_silently() {
    let mut document = credential::document(&facts(), &origin()).unwrap();
    assert!(sign(&document).is_ok());
    document["remark"] = json!("nobody would ever see that this was altered");
    assert!(matches!(sign(&document), Err(BadgeError::Unsigned { .. })));
    let mut document = credential::document(&facts(), &origin()).unwrap();
    document["credentialSubject"]["achievement"]["type"] = json!(["Achievement", "Unheard of"]);
    assert!(sign(&document).is_err());
}

#[test]
fn a_value_that_stands_twice_would_be_signed_once_and_is_refused() {
    let mut document = credential::document(&facts(), &origin()).unwrap();
    document["credentialSubject"]["achievement"]["tag"] = json!(["one", "one"]);
    assert!(matches!(sign(&document), Err(BadgeError::Unsigned { .. })));
}

#[test]
fn only_the_pinned_vocabularies_are_read() {
    for contexts in [
        json!(null),
        json!("https://www.w3.org/ns/credentials/v2"),
        json!(["https://www.w3.org/ns/credentials/v2", "https://example.org/mine"]),
        json!([
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "https://www.w3.org/ns/credentials/v2"
        ]),
        json!(["https://www.w3.org/ns/credentials/v2", {"name": "https://example.org/other"}]),
    ] {
        let mut document = credential::document(&facts(), &origin()).unwrap();
        document["@context"] = contexts.clone();
        assert!(matches!(sign(&document), Err(BadgeError::Context(_))), "{contexts}");
    }
    let mut document = credential::document(&facts(), &origin()).unwrap();
    document["issuer"]["@context"] = json!({"name": "https://example.org/other"});
    assert!(matches!(sign(&document), Err(BadgeError::Context(_))));
}

#[test]
fn text_with_characters_that_verifiers_read_differently_is_refused_by_name() {
    for bad in ["a\u{0}b", "a\tb", "a\rb", "a\u{7f}b", "a\u{85}b", "a\u{fffe}b", "a\u{ffff}b"] {
        assert!(!can_be_signed(bad), "{bad:?}");
        let refused = credential::document(&CredentialFacts { holder: bad.to_owned(), ..facts() }, &origin());
        assert!(matches!(refused, Err(BadgeError::Text("the name of the holder"))), "{bad:?}");
        let refused = credential::document(&CredentialFacts { number: bad.to_owned(), ..facts() }, &origin());
        assert!(matches!(refused, Err(BadgeError::Text("the number of the certificate"))), "{bad:?}");
    }
    for good in
        ["line\nfeed", "Þórdís", "王小明", "فاطمة", "🎓👩‍🎓", "e\u{301}", "\u{2028}", "\"quoted\" \\ & <b>"]
    {
        assert!(can_be_signed(good), "{good:?}");
    }
}

#[test]
fn names_of_all_scripts_sign_and_verify() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(&folder);
    let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(30);
    for name in [
        "Ali",
        "Nguyễn Thị Minh Khai",
        "佐藤 花子",
        "فاطمة الزهراء بنعلي",
        "👩🏽‍🚀",
        "e\u{301}\u{327}",
        "O'Brien \"Bob\" \\n",
        "<b>&amp;</b>",
        "]]>",
        long.trim(),
    ] {
        let document = signed(&keys, &CredentialFacts { holder: name.to_owned(), ..facts() });
        assert_eq!(proof::verify(&document, &keys, &origin()).unwrap(), "key-2026-1", "{name}");
    }
}

#[test]
fn a_proof_of_another_kind_for_another_purpose_or_by_a_stranger_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(&folder);
    let good = signed(&keys, &facts());
    for (member, value) in [
        ("type", json!("Ed25519Signature2020")),
        ("cryptosuite", json!("eddsa-jcs-2022")),
        ("proofPurpose", json!("authentication")),
        ("verificationMethod", json!("did:web:elsewhere.example.org#key-2026-1")),
        ("verificationMethod", json!("did:web:portal.example.org#key-2026-2")),
        ("proofValue", json!("z")),
        ("proofValue", json!(null)),
    ] {
        let mut bad = good.clone();
        bad["proof"][0][member] = value.clone();
        assert!(proof::verify(&bad, &keys, &origin()).is_err(), "{member}: {value}");
    }
    let mut none = good.clone();
    none.as_object_mut().unwrap().remove("proof");
    assert!(matches!(proof::verify(&none, &keys, &origin()), Err(BadgeError::NoProof)));
    let mut two = good.clone();
    two["proof"] = json!([good["proof"][0], good["proof"][0]]);
    assert!(matches!(proof::verify(&two, &keys, &origin()), Err(BadgeError::NoProof)));
    let strangers = tempfile::tempdir().unwrap();
    assert!(proof::verify(&good, &super::documents::keys(&strangers), &origin()).is_err());
}
