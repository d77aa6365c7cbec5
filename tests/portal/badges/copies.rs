//! What a badge file that somebody brings may look like, and what is said about it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cpe_portal::badges::copy::{BadgeCopy, issuer};
use cpe_portal::badges::{BadgeError, credential, embed, proof};
use cpe_portal::web::http::error::WebError;
use cpe_portal::web::public::badge_intake::Desk;
use serde_json::{Value, json};

use super::attack::{lookalikes, png_with_packed, swelling_png};
use super::documents::{facts, instant, keys, origin, signed};
use crate::support::{Browser, TestPortal, day};
use crate::timetable::body::{approved, practitioner, run_on};

/// What the page says about a file: its title when it is genuine, the message beside the field otherwise.
async fn said(browser: &Browser, name: &str, bytes: &[u8]) -> String {
    let page = browser.post_files("/verify", &[], &[("file", name, bytes)]).await;
    match page.status.as_u16() {
        200 => format!("{} | {}", page.text(".notice"), page.text(".badge h2")),
        422 if page.has(".badge") => format!("{} | {}", page.text(".badge h2"), page.text(".badge-text")),
        422 => page.error("file"),
        other => panic!("{other}: {}", page.words()),
    }
}

fn stored(portal: &TestPortal) -> String {
    portal.texts("SELECT document AS text FROM signed_badges WHERE document LIKE '%ISP-1001%'").remove(0)
}

/// The same with the members of every object in the order of their names, backwards, and with much white space.
fn turned_round(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            out.push_str("{\n");
            for (nth, (name, value)) in members.iter().rev().enumerate() {
                out.push_str(if nth == 0 { "   " } else { " ,\r\n\t" });
                out.push_str(&format!("{} : ", json!(name)));
                turned_round(value, out);
            }
            out.push_str("\n}");
        }
        Value::Array(items) => {
            out.push_str("[ ");
            for (nth, item) in items.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { " , " });
                turned_round(item, out);
            }
            out.push_str(" ]");
        }
        other => out.push_str(&other.to_string()),
    }
}

/// The same with what stands alone in a list taken out of it.
fn without_lists_of_one(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), without_lists_of_one(value))).collect(),
        ),
        Value::Array(items) if items.len() == 1 => without_lists_of_one(&items[0]),
        other => other.clone(),
    }
}

#[actix_web::test]
async fn a_genuine_badge_is_known_however_another_wallet_wrote_it_down() {
    let portal = TestPortal::new();
    portal.people();
    let browser = portal.visitor().await;
    let text = stored(&portal);
    let badge: Value = serde_json::from_str(&text).unwrap();
    let mut turned = String::new();
    turned_round(&badge, &mut turned);
    assert_ne!(turned, text);
    let mut other_order = badge.clone();
    other_order["type"] = json!(["OpenBadgeCredential", "VerifiableCredential"]);
    let escaped: String = text
        .chars()
        .map(|sign| if sign.is_ascii() { sign.to_string() } else { format!("\\u{:04x}", u32::from(sign)) })
        .collect();
    let picture = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\"><g/></svg>";
    let baked = embed::svg(picture, &text, None).unwrap();
    let in_words = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let without_cdata = baked.replace(&format!("<![CDATA[{text}]]>"), &in_words);
    assert_ne!(without_cdata, baked);
    for (name, file) in [
        ("badge.json", text.clone().into_bytes()),
        ("turned.json", turned.into_bytes()),
        ("pretty.json", serde_json::to_string_pretty(&badge).unwrap().into_bytes()),
        ("bare.json", without_lists_of_one(&badge).to_string().into_bytes()),
        ("types.json", other_order.to_string().into_bytes()),
        ("escaped.json", escaped.into_bytes()),
        ("mark.json", format!("\u{feff}\n{text}\n").into_bytes()),
        ("packed.png", png_with_packed(&text)),
        ("badge.svg", baked.into_bytes()),
        ("words.svg", without_cdata.into_bytes()),
    ] {
        let said = said(&browser, name, &file).await;
        assert!(said.contains(&format!("{name} is genuine")), "{name}: {said}");
        assert!(said.ends_with("| Valid"), "{name}: {said}");
        assert!(!said.contains("older copy"), "{name}: {said}");
    }
}

#[actix_web::test]
async fn an_older_copy_is_genuine_and_said_to_be_older_however_it_was_written_down() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Rosa", "2026-01-01");
    let older = portal.texts("SELECT document AS text FROM signed_badges").remove(0);
    approved(&portal, &holder, "2026-05-02", 20);
    run_on(&portal, "2027-01-02");
    let newer = portal.texts("SELECT document AS text FROM signed_badges").remove(0);
    assert_ne!(older, newer, "the badge was renewed");
    let browser = portal.visitor().await;
    let bare = without_lists_of_one(&serde_json::from_str(&older).unwrap()).to_string();
    for file in [&older, &bare] {
        let said = said(&browser, "badge.json", file.as_bytes()).await;
        assert!(said.contains("is genuine") && said.contains("an older copy"), "{said}");
    }
    let forged = older.replace("Rosa", "Rolf");
    assert!(said(&browser, "badge.json", forged.as_bytes()).await.contains("signature does not match"));
    portal.clock.set_local(day("2028-01-02"), 10);
    assert!(said(&browser, "badge.json", older.as_bytes()).await.contains("whose time has passed"));
}

#[actix_web::test]
async fn what_is_not_shaped_as_ours_is_refused_before_anything_is_worked_out_from_it() {
    let portal = TestPortal::new();
    portal.people();
    let browser = portal.visitor().await;
    let badge: Value = serde_json::from_str(&stored(&portal)).unwrap();
    let subject = badge["credentialSubject"].clone();
    let proof = badge["proof"][0].clone();
    let mut forgeries: Vec<(String, Value)> = (1..=12)
        .map(|number| (format!("{number} lookalikes"), lookalikes(portal.origin.did(), "key-2026-1", number)))
        .collect();
    // a badge of the register with a second of everything, a member too many, one too few, and one of another kind
    for (pointer, value) in [
        ("/credentialSubject", json!([subject, subject])),
        ("/credentialSubject", json!([])),
        ("/credentialSubject/identifier", json!(vec![json!({"type": ["IdentityObject"]}); 12])),
        ("/credentialSubject/achievement/id", json!("_:b0")),
        ("/credentialStatus/id", json!("_:b1")),
        ("/issuer/name", json!({"@value": "Institute for Testing"})),
        ("/issuer/type", json!(["Profile", "Profile"])),
        ("/credentialSubject/identifier/0/hashed", json!("false")),
        ("/proof", json!([proof, proof])),
        ("/proof/0/proofValue", json!("z".repeat(60_000))),
        ("/@context", json!(["https://www.w3.org/ns/credentials/v2"])),
        ("/name", json!("x".repeat(64 * 1024))),
        ("/name", json!(null)),
    ] {
        let mut forged = badge.clone();
        *forged.pointer_mut(pointer).unwrap() = value;
        forgeries.push((pointer.to_owned(), forged));
    }
    for (parent, member) in
        [("", "evidence"), ("", "@graph"), ("/credentialSubject", "id"), ("/issuer", "@context")]
    {
        let mut forged = badge.clone();
        forged.pointer_mut(parent).unwrap()[member] = json!(["https://portal.test/x"]);
        forgeries.push((format!("{parent}/{member} too many"), forged));
    }
    let mut forged = badge.clone();
    forged["credentialSubject"].as_object_mut().unwrap().remove("licenseNumber");
    forgeries.push(("no number".to_owned(), forged));
    for (what, forged) in forgeries {
        let said = said(&browser, "badge.json", forged.to_string().as_bytes()).await;
        assert!(said.contains("signature does not match"), "{what}: {said}");
    }
    let mut stranger = badge.clone();
    stranger["id"] = json!("http://portal.test/badges/00000000-0000-4000-8000-000000000000");
    let said_of = said(&browser, "badge.json", stranger.to_string().as_bytes()).await;
    assert!(said_of.contains("the register has no such badge"), "{said_of}");
    let key = badge.to_string().replace("#key-2026-1", "#key-2026-7");
    assert!(said(&browser, "badge.json", key.as_bytes()).await.contains("not signed with a key"));
}

#[actix_web::test]
async fn files_that_only_look_like_badges_are_told_so() {
    let portal = TestPortal::new();
    portal.people();
    let browser = portal.visitor().await;
    let list = portal.texts("SELECT document AS text FROM status_lists").remove(0);
    let deep = format!("{{\"issuer\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("{{\"issuer\": \"x\", \"a\": [{}0]}}", "{\"\":0},".repeat(200_000));
    for (name, file, words) in [
        ("deep.json", deep.into_bytes(), "no badge in this file"),
        ("wide.json", wide.into_bytes(), "does not say that"),
        ("swelling.png", swelling_png(665), "no badge in this file"),
        ("zip.svgz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec(), "no badge in this file"),
        ("empty.json", b"{}".to_vec(), "no badge in this file"),
        ("list.json", list.into_bytes(), "signature does not match"),
        ("short.png", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffiTXt".to_vec(), "no badge in this file"),
    ] {
        let said = said(&browser, name, &file).await;
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[actix_web::test]
async fn the_desk_holds_so_much_of_one_address_and_so_much_of_all_and_looks_at_one_thing_at_a_time() {
    let desk: &'static Desk = Box::leak(Box::default());
    let file = vec![0; 2 * 1024 * 1024];
    let full = |address: &str| {
        let mut trays = Vec::new();
        while let Ok(mut tray) = desk.tray(address) {
            match tray.add(&file) {
                Ok(()) => trays.push(tray),
                Err(_) => break,
            }
        }
        trays
    };
    let first = full("192.0.2.1");
    assert_eq!(first.len(), 6, "12 MB of one address");
    assert!(matches!(desk.tray("192.0.2.1").and_then(|mut tray| tray.add(&file)), Err(WebError::Crowded)));
    let others: usize = (2..9).map(|nth| full(&format!("192.0.2.{nth}")).leak().len()).sum();
    assert_eq!(first.len() + others, 16, "32 MB of all that are larger than badges are");
    // a real badge still finds room
    let badge = vec![0; 100 * 1024];
    let mut tray = desk.tray("198.51.100.1").unwrap();
    tray.add(&badge).unwrap();
    drop((first, tray));
    assert_eq!(full("192.0.2.100").len(), 6, "whose files are gone makes room for others");

    let (looking, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let looks = (0..300).map(|nth| {
        let (looking, most) = (Arc::clone(&looking), Arc::clone(&most));
        desk.look(move || {
            most.fetch_max(looking.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(1));
            looking.fetch_sub(1, Ordering::SeqCst);
            nth
        })
    });
    let done = futures_util::future::join_all(looks).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 200, "the rest is told to come again");
    assert!(done.iter().all(|done| matches!(done, Ok(_) | Err(WebError::Crowded))));
    assert_eq!(most.load(Ordering::SeqCst), 1);
    assert!(desk.look(|| panic!("a look that fails")).await.is_err());
    assert_eq!(desk.look(|| 7).await.ok(), Some(7), "and the next one has its turn");
}

#[test]
fn packed_text_is_unpacked_no_further_than_a_badge_needs() {
    let text = "x".repeat(usize::try_from(embed::LARGEST_TEXT).unwrap());
    assert_eq!(embed::credential_in(&png_with_packed(&text)), Some(text.clone()));
    assert_eq!(embed::credential_in(&png_with_packed(&format!("{text}x"))), None);
    let bomb = swelling_png(665);
    assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    assert_eq!(embed::credential_in(&bomb), None);
}

#[test]
fn nothing_is_named_that_has_more_nodes_without_a_name_than_a_badge() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(&folder);
    let origin = origin();
    for number in [1, 9, 12, 60] {
        let refused = proof::verify(&lookalikes(origin.did(), "key-2026-1", number), &keys, &origin);
        assert!(matches!(refused, Err(BadgeError::TooMuch)) || number == 1, "{number}: {refused:?}");
    }
    let mut document = credential::document(&facts(), &origin).unwrap();
    document["credentialSubject"]["identifier"] = json!(vec![json!({ "type": "IdentityObject" }); 3]);
    let refused = proof::sign(&document, keys.current().unwrap(), &origin, instant(2026));
    assert!(matches!(refused, Err(BadgeError::TooMuch)), "{refused:?}");
}

#[test]
fn a_copy_reads_what_was_signed_and_only_that() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(&folder);
    for facts in [facts(), credential::CredentialFacts { valid_until: None, ..facts() }] {
        let document = signed(&keys, &facts);
        let copy = BadgeCopy::read(&document.to_string()).unwrap();
        assert_eq!(copy.address(), document["id"].as_str().unwrap());
        assert_eq!(copy.valid_until(), document["validUntil"].as_str().unwrap_or_default());
        assert_eq!(proof::verify(copy.document(), &keys, &origin()).unwrap(), "key-2026-1");
        assert_eq!(BadgeCopy::read(&without_lists_of_one(&document).to_string()).unwrap(), copy);
        assert_eq!(issuer(&document.to_string()).as_deref(), Some(origin().did()));
    }
    assert_eq!(
        issuer("{\"issuer\": \"did:web:other.test\", \"x\": [1, {}]}").as_deref(),
        Some("did:web:other.test")
    );
    for nothing in
        ["", "[]", "{}", "{\"issuer\": 1}", "{\"issuer\": \"\"}", "{\"issuer\": {\"name\": \"x\"}}", "null"]
    {
        assert_eq!(issuer(nothing), None, "{nothing}");
    }
}
