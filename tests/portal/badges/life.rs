//! The life of a badge: with its certificate, in the same transaction, and what everybody can fetch of it.

use std::ops::ControlFlow;

use actix_web::test::TestRequest;
use cpe_portal::actions::badges::signing::{Signings, sign_due};
use cpe_portal::badges::keys::Keys;
use cpe_portal::badges::{embed, proof, status_list};
use cpe_portal::domain::ids::CertificateId;
use cpe_portal::portal::Portal;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::staff::decision;
use crate::support::{Browser, Page, TestPortal, day};
use crate::timetable::body::{approved, practitioner, run_on};

async fn machine(browser: &Browser, path: &str) -> Page {
    browser.send(path, TestRequest::get().insert_header(("accept", "application/json, */*;q=0.1"))).await
}

async fn fetched(browser: &Browser, path: &str) -> Value {
    serde_json::from_str(&machine(browser, path).await.expect(200).html()).unwrap()
}

/// The ids of a certificate's badges, the newest last.
fn badges(portal: &TestPortal, certificate: CertificateId) -> Vec<String> {
    portal.texts(&format!(
        "SELECT id AS text FROM badges WHERE certificate_id = {certificate} ORDER BY revoked_on IS NULL, issued_on"
    ))
}

fn position(badge: &Value) -> usize {
    badge["credentialStatus"]["statusListIndex"].as_str().unwrap().parse().unwrap()
}

async fn is_revoked(browser: &Browser, badge: &Value) -> bool {
    let list = fetched(browser, "/status/1").await;
    status_list::revoked(list["credentialSubject"]["encodedList"].as_str().unwrap())
        .unwrap()
        .contains(&position(badge))
}

#[actix_web::test]
async fn a_badge_is_signed_with_the_grant_and_served_as_it_was_signed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = badges(&portal, people.owner_certificate).remove(0);
    let browser = portal.visitor().await;
    let page = machine(&browser, &format!("/badges/{id}")).await.expect(200);
    let stored = portal.texts(&format!("SELECT document AS text FROM signed_badges WHERE badge_id = '{id}'"));
    assert_eq!([page.html()], stored.as_slice(), "the signed text itself");
    for (header, value) in [
        ("content-type", "application/vc+ld+json"),
        ("access-control-allow-origin", "*"),
        ("cache-control", "public, max-age=300"),
        ("vary", "Accept"),
    ] {
        assert_eq!(page.header(header).as_deref(), Some(value), "{header}");
    }
    let badge: Value = serde_json::from_str(&page.html()).unwrap();
    assert_eq!(badge["id"], format!("http://portal.test/badges/{id}"));
    assert_eq!(badge["validFrom"], "2026-11-22T23:00:00Z", "the day begins in Amsterdam");
    assert_eq!(badge["validUntil"], "2027-06-12T21:59:59Z", "the deadline and 90 days");
    assert_eq!(badge["awardedDate"], "2026-03-14T23:00:00Z");
    assert_eq!(badge["credentialSubject"]["licenseNumber"], "ISP-1001");
    let keys = portal.badge_keys().unwrap();
    proof::verify(&badge, &keys, &portal.origin).unwrap();
    let list = fetched(&browser, "/status/1").await;
    proof::verify(&list, &keys, &portal.origin).unwrap();
    assert!(!is_revoked(&browser, &badge).await);
    assert_eq!(fetched(&browser, "/.well-known/did.json").await, keys.did_document(&portal.origin));

    // whoever has it already gets no body; a browser gets the page
    let tag = page.header("etag").unwrap();
    let request = TestRequest::get().insert_header(("if-none-match", tag));
    browser.send(&format!("/badges/{id}"), request).await.expect(304);
    let page = browser.get(&format!("/badges/{id}")).await.expect(200);
    assert_eq!((page.text(".badge h2").as_str(), page.header("vary").as_deref()), ("Valid", Some("Accept")));
}

#[actix_web::test]
async fn what_a_program_accepts_decides_between_page_and_data() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = format!("/badges/{}", badges(&portal, people.owner_certificate).remove(0));
    let browser = portal.visitor().await;
    for (accept, page) in [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true),
        ("*/*", false),
        ("", false),
        ("application/vc+ld+json, text/html;q=0.5", false),
        ("application/json;q=0.5, text/html", true),
        ("application/json, text/html", false),
        ("image/png, image/*;q=0.8", false),
        ("text/html;q=0", false),
    ] {
        let answer =
            browser.send(&path, TestRequest::get().insert_header(("accept", accept))).await.expect(200);
        assert_eq!(answer.is_html(), page, "{accept:?}");
    }
}

#[actix_web::test]
async fn a_decertification_sets_the_bit_in_the_same_moment_and_a_reinstatement_is_a_new_badge() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    approved(&portal, &holder, "2026-05-02", 5);
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-16"), 10);
    let browser = portal.visitor().await;
    let first = badges(&portal, certificate).remove(0);
    let badge = fetched(&browser, &format!("/badges/{first}")).await;
    assert!(!is_revoked(&browser, &badge).await);
    machine(&browser, &format!("/badges/{first}.png")).await.expect(200);

    let ada = portal.browser(&people.administrator).await;
    decision(&ada, certificate, "decertification", &[("reason", "Too few credits.")]).await.expect(303);
    assert!(is_revoked(&browser, &badge).await);
    assert_eq!(fetched(&browser, &format!("/badges/{first}")).await, badge, "so that verifiers say: revoked");
    for picture in ["png", "svg"] {
        machine(&browser, &format!("/badges/{first}.{picture}")).await.expect(410);
    }
    let others =
        fetched(&browser, &format!("/badges/{}", badges(&portal, people.owner_certificate)[0])).await;
    assert!(!is_revoked(&browser, &others).await, "nobody else's");

    decision(&ada, certificate, "reinstatement", &[("reason", "An error of ours.")]).await.expect(303);
    let both = badges(&portal, certificate);
    assert_eq!((both.len(), both[0] == first), (2, true));
    let second = fetched(&browser, &format!("/badges/{}", both[1])).await;
    assert_ne!(position(&second), position(&badge));
    assert_eq!((is_revoked(&browser, &badge).await, is_revoked(&browser, &second).await), (true, false));
    proof::verify(&second, &portal.badge_keys().unwrap(), &portal.origin).unwrap();
}

#[actix_web::test]
async fn a_recertification_signs_anew_under_the_same_id_and_place() {
    let portal = TestPortal::new();
    let (holder, certificate) = practitioner(&portal, "Rosa", "2026-01-01");
    let browser = portal.visitor().await;
    let path = format!("/badges/{}", badges(&portal, certificate).remove(0));
    let before = fetched(&browser, &path).await;
    approved(&portal, &holder, "2026-05-02", 20);
    run_on(&portal, "2027-01-02");
    let after = fetched(&browser, &path).await;
    assert_eq!((&after["id"], position(&after)), (&before["id"], position(&before)));
    assert_eq!(after["validUntil"], "2028-03-30T21:59:59Z");
    assert_eq!(after["awardedDate"], before["awardedDate"]);
    proof::verify(&after, &portal.badge_keys().unwrap(), &portal.origin).unwrap();
}

#[actix_web::test]
async fn a_corrected_name_and_a_new_title_are_signed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let ada = portal.browser(&people.administrator).await;
    let path = format!("/badges/{}", badges(&portal, people.owner_certificate).remove(0));
    let browser = portal.visitor().await;
    let owner = format!("/staff/holders/{}", people.owner.id);
    let fields = [("name", "Olga Owner-Ångström"), ("email", "owner@people.test"), ("version", "1")];
    ada.post(&owner, &fields).await.expect(303);
    let badge = fetched(&browser, &path).await;
    assert_eq!(badge["credentialSubject"]["identifier"][0]["identityHash"], "Olga Owner-Ångström");
    proof::verify(&badge, &portal.badge_keys().unwrap(), &portal.origin).unwrap();
    let refused =
        ada.post(&owner, &[("name", "Olga\u{fffe}"), ("email", "owner@people.test"), ("version", "2")]);
    assert!(refused.await.expect(422).error("name").contains("a character that cannot be printed"));

    let certification =
        portal.texts("SELECT CAST(id AS TEXT) AS text FROM certifications WHERE code = 'ISP'").remove(0);
    ada.post(&format!("/admin/certifications/{certification}"), &[("title", "Practitioner of Secrets")])
        .await
        .expect(303);
    let done = sign(&portal);
    assert_eq!((done.badges, done.failed), (1, 0), "only whose title it is");
    let badge = fetched(&browser, &path).await;
    assert_eq!(badge["name"], "Practitioner of Secrets");
    proof::verify(&badge, &portal.badge_keys().unwrap(), &portal.origin).unwrap();
    assert_eq!(sign(&portal).badges, 0, "once is enough");
}

fn sign(portal: &TestPortal) -> Signings {
    sign_due(portal, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[actix_web::test]
async fn after_a_compromise_everything_is_signed_with_the_next_key_and_an_interrupted_run_goes_on() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = format!("/badges/{}", badges(&portal, people.owner_certificate).remove(0));
    let browser = portal.visitor().await;
    let before = fetched(&browser, &path).await;
    let mut keys = portal.badge_keys().unwrap();
    keys.rotate(day("2026-11-23")).unwrap();
    keys.write(&portal.key_file).unwrap();
    assert_eq!(sign(&portal).badges, 0, "a retired key goes on verifying");
    let mut keys: Keys = portal.badge_keys().unwrap();
    keys.compromise("key-2026-1", day("2026-11-23")).unwrap();
    keys.write(&portal.key_file).unwrap();
    assert!(proof::verify(&before, &keys, &portal.origin).is_err());
    let stopped = sign_due(&portal, &mut |_| ControlFlow::Break(())).unwrap();
    assert!(stopped.stopped);
    let left = sign(&portal);
    assert_eq!(stopped.badges + left.badges, 2);
    assert_eq!(stopped.lists + left.lists, 1);
    let after = fetched(&browser, &path).await;
    assert_eq!((&after["id"], position(&after)), (&before["id"], position(&before)));
    assert_eq!(proof::verify(&after, &keys, &portal.origin).unwrap(), "key-2026-2");
    proof::verify(&fetched(&browser, "/status/1").await, &keys, &portal.origin).unwrap();
}

#[actix_web::test]
async fn a_list_is_signed_anew_each_day_though_nothing_changed() {
    let portal = TestPortal::new();
    portal.people();
    let browser = portal.visitor().await;
    let first = fetched(&browser, "/status/1").await;
    assert_eq!(first["validUntil"], "2026-11-30T09:00:00Z", "good for seven days");
    assert_eq!(sign(&portal).lists, 0);
    portal.clock.set_local(day("2026-11-24"), 10);
    assert_eq!(sign(&portal).lists, 1);
    assert_eq!(fetched(&browser, "/status/1").await["validFrom"], "2026-11-24T09:00:00Z");
    // and whoever watches the portal is told when that stops
    browser.get("/readyz").await.expect(200);
    portal.clock.set_local(day("2026-11-26"), 11);
    assert!(browser.get("/readyz").await.expect(503).html().contains("status list of badges"));
    sign(&portal);
    browser.get("/readyz").await.expect(200);
}

#[actix_web::test]
async fn the_copy_for_older_backpacks_is_there_only_while_its_holder_wants_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = badges(&portal, people.owner_certificate).remove(0);
    let browser = portal.visitor().await;
    let assertion = format!("/ob2/assertions/{id}");
    machine(&browser, &assertion).await.expect(404);
    let sharing = format!("/certificates/{}/sharing", people.owner_certificate);
    let stranger = portal.browser(&people.stranger).await;
    stranger.post(&sharing, &[("open_badges_2", "on")]).await.expect(404);
    machine(&browser, &assertion).await.expect(404);

    let olga = portal.browser(&people.owner).await;
    olga.post(&sharing, &[("open_badges_2", "on")]).await.expect(303);
    let copy = fetched(&browser, &assertion).await;
    assert_eq!(copy["recipient"]["hashed"], true);
    assert!(!copy.to_string().contains("owner@people.test"));
    let png = machine(&browser, &format!("/badges/{id}.png")).await.expect(200);
    assert!(String::from_utf8_lossy(&png.bytes).contains(&format!("http://portal.test{assertion}")));
    for document in ["/ob2/issuer", "/ob2/badges/ISP", "/achievements/ISP"] {
        fetched(&browser, document).await;
    }

    olga.post(&sharing, &[]).await.expect(303);
    machine(&browser, &assertion).await.expect(404);
    let png = machine(&browser, &format!("/badges/{id}.png")).await.expect(200);
    assert!(!String::from_utf8_lossy(&png.bytes).contains("/ob2/assertions/"));
}

/// Verifiers lower-case the address that their reader typed, and compare the hash exactly.
#[actix_web::test]
async fn the_hash_in_the_copy_is_of_the_address_in_lower_case() {
    let portal = TestPortal::new();
    let casper = portal.holder("Casper.Capital@People.TEST", "Casper Capital");
    let certificate = portal.certificate(&casper, "ISP", "ISP-C", "2026-03-15");
    let id = badges(&portal, certificate).remove(0);
    let browser = portal.browser(&casper).await;
    let sharing = format!("/certificates/{certificate}/sharing");
    browser.post(&sharing, &[("open_badges_2", "on")]).await.expect(303);
    let copy = fetched(&browser, &format!("/ob2/assertions/{id}")).await;
    let salt = copy["recipient"]["salt"].as_str().unwrap();
    let digest = Sha256::digest(format!("casper.capital@people.test{salt}").as_bytes());
    assert_eq!(copy["recipient"]["identity"], format!("sha256${}", hex::encode(digest)));
}

#[actix_web::test]
async fn a_file_that_somebody_brings_is_checked_against_signature_issuer_and_register() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = badges(&portal, people.owner_certificate).remove(0);
    let browser = portal.visitor().await;
    let json = machine(&browser, &format!("/badges/{id}.json")).await.expect(200).bytes;
    let png = machine(&browser, &format!("/badges/{id}.png")).await.expect(200).bytes;
    let svg = machine(&browser, &format!("/badges/{id}.svg")).await.expect(200).bytes;
    assert_eq!(embed::credential_in(&png).unwrap().as_bytes(), json);
    for (name, bytes) in [("badge.json", &json), ("badge.png", &png), ("badge.svg", &svg)] {
        let page = browser.post_files("/verify", &[], &[("file", name, bytes)]).await.expect(200);
        assert!(page.words().contains(&format!("{name} is genuine")), "{}", page.words());
        assert_eq!(page.text(".badge h2"), "Valid");
        assert!(page.words().contains("Olga Owner"));
    }
    let text = String::from_utf8(json.clone()).unwrap();
    for (altered, why, words) in [
        (text.replace("Olga Owner", "Otto Other"), "it was changed", "signature does not match"),
        (text.replace("#key-2026-1", "#key-2026-7"), "the signature is not ours", "not signed with a key"),
        (
            text.replace(&id, "00000000-0000-4000-8000-000000000000"),
            "the register has no such badge",
            "Nothing in this file is confirmed",
        ),
    ] {
        let page = browser
            .post_files("/verify", &[], &[("file", "badge.json", altered.as_bytes())])
            .await
            .expect(422);
        // a result as large as any other, and no mistake in a form
        assert_eq!(page.text(".badge.withdrawn h2"), format!("Not genuine: {why}"));
        assert!(page.text(".badge-text").contains(words), "{}", page.words());
        assert!(page.words().contains("Checked on 23 November 2026 at 10:00."), "{}", page.words());
        assert!(!page.has(".error-summary") && !page.words().contains("Olga Owner"));
    }
    for (altered, words) in [
        (
            text.replace("did:web:portal.test", "did:web:elsewhere.test"),
            "does not say that Institute for Testing issued it",
        ),
        ("{\"a\": 1}".to_owned(), "no badge in this file"),
        ("hello".to_owned(), "no badge in this file"),
    ] {
        let page = browser
            .post_files("/verify", &[], &[("file", "badge.json", altered.as_bytes())])
            .await
            .expect(422);
        assert!(page.error("file").contains(words), "{words}: {}", page.error("file"));
        assert!(!page.has(".badge h2"), "{words}");
    }
    browser.post_files("/verify", &[], &[]).await.expect(422);
    let large = vec![b'x'; 2 * 1024 * 1024 + 1];
    let page = browser.post_files("/verify", &[], &[("file", "badge.png", &large)]).await.expect(422);
    assert!(page.error("file").contains("too large"));

    portal.clock.set_local(day("2027-07-01"), 10);
    let page = browser.post_files("/verify", &[], &[("file", "badge.json", &json)]).await.expect(200);
    assert_eq!(page.text(".badge h2"), "Expired", "a genuine file says nothing about today");
}

#[actix_web::test]
async fn a_lost_file_of_keys_is_noticed_and_everything_is_signed_anew_with_a_key_of_another_name() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = format!("/badges/{}", badges(&portal, people.owner_certificate).remove(0));
    std::fs::remove_file(&portal.key_file).unwrap();
    let reopened = Portal::open(portal.config.as_ref().clone(), portal.clock.clone()).unwrap();
    assert_eq!(reopened.badge_keys().unwrap().current().unwrap().name, "key-2026-2");
    assert_eq!(sign(&portal).badges, 2);
    let badge = fetched(&portal.visitor().await, &path).await;
    assert_eq!(proof::verify(&badge, &portal.badge_keys().unwrap(), &portal.origin).unwrap(), "key-2026-2");
}
