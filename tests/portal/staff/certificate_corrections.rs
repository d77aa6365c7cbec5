//! What a certificate says is corrected: old and new, the years anew, the badge in its place, the holder told.

use cpe_portal::domain::ids::CertificateId;

use super::decision;
use crate::support::{Browser, Page, TestPortal, day};
use crate::timetable::body::{approved, kinds_of, practitioner, run_on, stages, texts};

fn years(portal: &TestPortal, certificate: CertificateId) -> Vec<String> {
    let sql = format!(
        "SELECT number || ' ' || starts_on || ' ' || COALESCE(outcome, 'open') AS text FROM certification_years \
         WHERE certificate_id = {certificate} ORDER BY number"
    );
    texts(portal, &sql)
}

fn badge(portal: &TestPortal, certificate: CertificateId) -> String {
    let sql = format!(
        "SELECT b.id || ' ' || s.list_number || ' ' || s.list_position AS text FROM badges b \
         JOIN signed_badges s ON s.badge_id = b.id WHERE b.certificate_id = {certificate}"
    );
    let found = texts(portal, &sql);
    assert_eq!(found.len(), 1, "no second badge");
    found[0].clone()
}

/// Sends the correction page with what it showed and these changes.
async fn correct(browser: &Browser, certificate: CertificateId, changes: &[(&str, &str)]) -> Page {
    let page = browser.get(&format!("/staff/certificates/{certificate}/correction")).await.expect(200);
    let mut fields: Vec<(String, String)> = ["number", "granted_on"]
        .iter()
        .map(|name| ((*name).to_owned(), page.values(&format!("#{name}"), "value").remove(0)))
        .collect();
    let chosen = page.values("#certification option[selected]", "value").remove(0);
    fields.push(("certification".to_owned(), chosen));
    fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let mut fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend_from_slice(changes);
    decision(browser, certificate, "correction", &fields).await
}

#[actix_web::test]
async fn a_number_is_corrected_everywhere_at_once_and_the_badge_keeps_its_place() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let before = badge(&portal, certificate);
    let ada = portal.browser(&people.administrator).await;
    let done = correct(&ada, certificate, &[("number", "ISP-4711"), ("reason", "A typo.")]).await.expect(303);
    let page = ada.follow(done).await;
    assert!(page.words().contains("Number: ISP-4711 (it said ISP-Flora)."), "{}", page.words());
    assert!(page.words().contains("A typo."));
    assert_eq!(badge(&portal, certificate), before, "same badge, same place in the status list");
    let id = before.split(' ').next().unwrap();
    let visitor = portal.visitor().await;
    let document = visitor.get(&format!("/badges/{id}.json")).await.expect(200).html();
    assert!(document.contains("ISP-4711") && !document.contains("ISP-Flora"), "{document}");
    assert_eq!(visitor.get("/verify?number=isp4711").await.expect(200).text(".badge h2"), "Valid");
    assert!(
        visitor
            .get("/verify?number=ISP-Flora")
            .await
            .expect(200)
            .words()
            .contains("No certificate has the number")
    );
    let found = ada.get("/staff/search?q=ISP-4711").await.expect(303);
    assert_eq!(found.location(), Some(format!("/staff/certificates/{certificate}")), "the search knows it");
    let found = ada.get("/staff/holders?q=ISP-4711").await.expect(200).words();
    assert!(found.contains("Flora"), "{found}");
    assert_eq!(kinds_of(&portal, holder.id), ["corrected"]);
    let mail = texts(&portal, "SELECT body_text AS text FROM mails WHERE kind = 'corrected'").remove(0);
    assert!(mail.contains("Number: ISP-4711 (it said ISP-Flora)"), "{mail}");
    assert!(mail.contains("> A typo.") && !mail.contains("have been recalculated"), "{mail}");
    let history = texts(&portal, "SELECT detail AS text FROM history WHERE event = 'certificate corrected'");
    assert_eq!(history, ["number from ISP-Flora to ISP-4711: A typo."]);
    let flora = portal.browser(&holder).await;
    let page = flora.get(&format!("/certificates/{certificate}")).await.expect(200);
    assert!(page.words().contains("Number: ISP-4711 (it said ISP-Flora)."), "{}", page.words());
    assert_eq!(years(&portal, certificate), ["1 2026-01-01 open", "2 2027-01-01 open"]);
}

#[actix_web::test]
async fn a_day_of_grant_is_corrected_and_the_years_follow_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    // granted on 5 May 2024, taken over on 20 March 2026 as of 3 May 2023
    portal.clock.set_local(day("2026-03-20"), 10);
    let holder = portal.holder("flora@people.test", "Flora");
    let certificate = portal.certificate(&holder, "ISP", "ISP-1", "2023-05-03");
    assert_eq!(
        years(&portal, certificate),
        [
            "1 2023-05-03 before_takeover",
            "2 2024-05-03 before_takeover",
            "3 2025-05-03 open",
            "4 2026-05-03 open"
        ]
    );
    run_on(&portal, "2026-04-04");
    assert_eq!(kinds_of(&portal, holder.id), ["reminder"], "30 days before the wrong deadline");
    let ada = portal.browser(&people.administrator).await;
    let wrong = [("granted_on", "3/5/2024"), ("reason", "The register says so.")];
    let page = correct(&ada, certificate, &wrong).await.expect(422);
    assert!(
        page.error("granted_on").contains("can be 3 May 2024 or 5 March 2024"),
        "{}",
        page.error("granted_on")
    );
    let right = [("granted_on", "5 June 2024"), ("reason", "The register says so.")];
    correct(&ada, certificate, &right).await.expect(303);
    assert_eq!(
        years(&portal, certificate),
        ["1 2024-06-05 before_takeover", "2 2025-06-05 open", "3 2026-06-05 open", "4 2027-06-05 open"]
    );
    let mail = texts(&portal, "SELECT body_text AS text FROM mails WHERE kind = 'corrected'").remove(0);
    assert!(mail.contains("Granted on: 5 June 2024 (it said 3 May 2023)"), "{mail}");
    assert!(mail.contains("Certification year: 5 June 2025 to 4 June 2026"), "{mail}");
    assert!(mail.contains("Deadline: 4 June 2026"), "{mail}");
    let valid = texts(
        &portal,
        "SELECT valid_until AS text FROM badges WHERE certificate_id IN (SELECT id FROM certificates WHERE number = 'ISP-1')",
    );
    assert_eq!(valid, ["2026-09-02"], "90 days after the deadline of the year in progress");
    // reminders follow the new deadline
    let report = run_on(&portal, "2026-05-05");
    assert_eq!(stages(&report).len(), 3, "{:?}", stages(&report));
    approved(&portal, &holder, "2026-05-20", 20);
    run_on(&portal, "2026-06-05");
    assert_eq!(years(&portal, certificate)[1], "2 2025-06-05 recertified");
}

#[actix_web::test]
async fn settled_years_never_change_by_a_correction() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    approved(&portal, &holder, "2026-05-02", 20);
    run_on(&portal, "2027-01-01");
    assert_eq!(years(&portal, certificate)[0], "1 2026-01-01 recertified");
    portal.clock.set_local(day("2027-01-02"), 10);
    let ada = portal.browser(&people.administrator).await;
    let before = portal.dump();
    let page =
        correct(&ada, certificate, &[("granted_on", "2 January 2026"), ("reason", "x")]).await.expect(422);
    let words = page.text(".error-summary");
    assert!(
        words.contains("Year 1 is settled (recertified), and this correction would change it."),
        "{words}"
    );
    assert_eq!(page.values("#granted_on", "value"), ["2 January 2026"], "what was typed is kept");
    // ISME needs 40 where 20 were asked
    let expert =
        texts(&portal, "SELECT CAST(id AS TEXT) AS text FROM certifications WHERE code = 'ISME'").remove(0);
    let page = correct(&ada, certificate, &[("certification", &expert), ("reason", "x")]).await.expect(422);
    assert!(page.text(".error-summary").contains("Year 1 is settled"));
    assert_eq!(portal.dump(), before);
    // the same level in another field changes no year
    let other =
        texts(&portal, "SELECT CAST(id AS TEXT) AS text FROM certifications WHERE code = 'DPP'").remove(0);
    correct(&ada, certificate, &[("certification", &other), ("reason", "Wrong field.")]).await.expect(303);
    assert_eq!(years(&portal, certificate)[0], "1 2026-01-01 recertified");
    let page = portal.visitor().await.get("/verify?number=ISP-Flora").await.expect(200);
    assert!(page.words().contains("(DPP)"), "{}", page.words());
}

#[actix_web::test]
async fn a_level_is_corrected_up_and_down_to_foundation() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let ada = portal.browser(&people.administrator).await;
    let id = |code: &str| {
        let sql = format!("SELECT CAST(id AS TEXT) AS text FROM certifications WHERE code = '{code}'");
        texts(&portal, &sql).remove(0)
    };
    correct(&ada, certificate, &[("certification", &id("ISF")), ("reason", "x")]).await.expect(303);
    assert!(years(&portal, certificate).is_empty());
    assert_eq!(portal.visitor().await.get("/verify?number=ISP-Flora").await.text(".badge h2"), "Valid");
    correct(&ada, certificate, &[("certification", &id("ISME")), ("reason", "x")]).await.expect(303);
    assert_eq!(years(&portal, certificate), ["1 2026-01-01 open", "2 2027-01-01 open"]);
    run_on(&portal, "2026-12-25");
    let ada = portal.browser(&people.administrator).await;
    let page =
        correct(&ada, certificate, &[("certification", &id("ISF")), ("reason", "x")]).await.expect(422);
    assert!(page.text(".error-summary").contains("something is recorded about a year of this one"));
}

#[actix_web::test]
async fn a_correction_is_refused_with_words_for_what_cannot_be() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    practitioner(&portal, "Other", "2026-01-01");
    let own = portal.certificate(&people.administrator, "ISP", "ISP-Own", "2026-01-01");
    let ada = portal.browser(&people.administrator).await;
    let page = correct(&ada, certificate, &[("reason", "x")]).await.expect(422);
    assert!(page.error("number").contains("This is what the certificate already says."));
    let page = correct(&ada, certificate, &[("number", "isp-other"), ("reason", "x")]).await.expect(422);
    assert!(page.error("number").contains("Another certificate already has this number."));
    let all = [("number", " "), ("certification", "77"), ("granted_on", "1 January 2126"), ("reason", " ")];
    let page = correct(&ada, certificate, &all).await.expect(422);
    assert!(page.error("number").contains("Enter the certificate number."));
    assert!(page.error("certification").contains("Choose the certification."));
    assert!(page.error("granted_on").contains("is in the future"));
    assert!(page.error("reason").contains("Give the reason"));
    let page = ada.get(&format!("/staff/certificates/{own}/correction")).await.expect(200);
    assert!(page.words().contains("This is your own certificate."));
    let fields =
        [("number", "ISP-9"), ("certification", "2"), ("granted_on", "1 January 2026"), ("reason", "x")];
    let page = ada.post(&format!("/staff/certificates/{own}/correction"), &fields).await.expect(422);
    assert!(page.text(".error-summary").contains("This is your own certificate."));
    // a second one of the same certification is asked about
    let second = portal.certificate(&holder, "DPP", "DPP-Flora", "2026-02-01");
    let isp =
        texts(&portal, "SELECT CAST(id AS TEXT) AS text FROM certifications WHERE code = 'ISP'").remove(0);
    let page = correct(&ada, second, &[("certification", &isp), ("reason", "x")]).await.expect(422);
    assert!(page.error("twin").contains("already has a certificate of this certification: ISP-Flora"));
    correct(&ada, second, &[("certification", &isp), ("reason", "x"), ("twin", "1")]).await.expect(303);
    // two at once: the second is told
    let path = format!("/staff/certificates/{second}/correction");
    let fields = [
        ("version", "1"),
        ("number", "Z-1"),
        ("certification", &isp),
        ("granted_on", "1 January 2026"),
        ("reason", "x"),
    ];
    ada.post(&path, &fields).await.expect(409);
}

#[actix_web::test]
async fn a_form_about_a_certificate_tells_every_fault_at_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let ada = portal.browser(&people.administrator).await;
    let (long, longer) = ("9".repeat(61), "w".repeat(4001));
    let faults = [("number", &*long), ("granted_on", "31 February 2026"), ("reason", &*longer)];
    let page = correct(&ada, certificate, &faults).await.expect(422);
    assert!(page.error("number").contains("longer than 60 characters"), "{}", page.words());
    assert!(page.error("granted_on").contains("as a day"), "{}", page.words());
    assert!(page.error("reason").contains("4 000 characters"), "{}", page.words());
    ada.get(&format!("/staff/holders/{}/certificates", holder.id)).await.expect(200);
    let path = format!("/staff/holders/{}/certificates", holder.id);
    let page = ada.post(&path, &faults[..2]).await.expect(422);
    for field in ["certification", "number", "granted_on"] {
        assert!(!page.error(field).is_empty(), "{field}: {}", page.words());
    }
}
