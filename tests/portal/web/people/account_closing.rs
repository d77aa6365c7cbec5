//! Closing an account: what becomes of certificates, mails, conversations and claimed reports is asked and done in one moment.

use std::ops::ControlFlow;

use cpe_portal::domain::ids::AccountId;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::delivery::deliver;

use super::*;
use crate::support::day;
use crate::timetable::body::{behind_its_back, kinds_of, practitioner, run_on, texts};
use crate::upkeep::check;

async fn close(portal: &TestPortal, browser: &Browser, id: AccountId, fields: &[(&str, &str)]) -> Page {
    let version = portal.find_account(id).version.to_string();
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    browser.post(&format!("/admin/accounts/{id}/deactivation"), &all).await
}

async fn verified(portal: &TestPortal, number: &str) -> String {
    portal.visitor().await.get(&format!("/verify?number={number}")).await.expect(200).text(".badge h2")
}

#[actix_web::test]
async fn the_certificates_of_somebody_who_died_end_with_the_account_and_nobody_is_written_to() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    portal.certificate(&flora, "DPF", "DPF-Flora", "2026-02-01");
    let (living, _) = practitioner(&portal, "Living", "2026-01-01");
    run_on(&portal, "2026-12-25");
    assert_eq!(kinds_of(&portal, flora.id), ["reminder"]);
    portal.clock.set_local(day("2026-12-25"), 10);
    let ada = portal.browser(&people.administrator).await;
    let page = ada.get(&format!("/admin/accounts/{}", flora.id)).await.expect(200);
    assert_eq!(page.values("input[name=certificates][checked]", "value"), ["stay"], "the careful choice");
    assert!(page.words().contains("2 certificates are in force: ISP-Flora DPF-Flora"), "{}", page.words());
    let page = close(&portal, &ada, flora.id, &[("certificates", "death")]).await.expect(422);
    assert!(page.error("reason").contains("Give the reason. It stays in the records."));
    assert!(!portal.find_account(flora.id).deactivated, "nothing is done by halves");
    let page =
        close(&portal, &ada, flora.id, &[("certificates", "misconduct"), ("reason", "x")]).await.expect(422);
    assert!(page.error("certificates").contains("Choose what becomes of the certificates."));
    let reason = [("certificates", "death"), ("reason", "Her sister wrote to us.")];
    close(&portal, &ada, flora.id, &reason).await.expect(303);

    assert_eq!(
        (verified(&portal, "ISP-Flora").await, verified(&portal, "DPF-Flora").await),
        ("No longer held".to_owned(), "No longer held".to_owned())
    );
    let waiting = texts(
        &portal,
        &format!("SELECT state || ': ' || last_error AS text FROM mails WHERE account_id = {}", flora.id),
    );
    assert_eq!(waiting, ["failed: The account is closed, so nothing is sent to it."]);
    for later in ["2026-12-31", "2027-01-02", "2027-02-01"] {
        run_on(&portal, later);
    }
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    let sent: Vec<String> = portal.delivered().into_iter().map(|mail| mail.to_address).collect();
    assert!(!sent.contains(&flora.email) && sent.contains(&living.email), "{sent:?}");
    assert_eq!(kinds_of(&portal, flora.id), ["reminder"]);
    let events = texts(
        &portal,
        &format!(
            "SELECT event || ': ' || detail AS text FROM history WHERE holder_id = {} AND event LIKE '%closed'",
            flora.id
        ),
    );
    assert_eq!(events, ["account closed: 2 certificates: Ended: holder died"]);

    // a death recorded by mistake: the account opens, the certificate stands again, and only then a mail leaves
    let ada = portal.browser(&people.administrator).await;
    let decided = [("reason", "Another person of that name.")];
    crate::staff::decision(&ada, certificate, "reinstatement", &decided).await.expect(303);
    assert_eq!(kinds_of(&portal, flora.id), ["reminder"], "still closed: not a word");
    assert_eq!(verified(&portal, "ISP-Flora").await, "Valid");
}

#[actix_web::test]
async fn a_closed_account_with_a_certificate_that_stands_is_seen_by_staff_and_left_in_peace() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let ada = portal.browser(&people.administrator).await;
    close(&portal, &ada, flora.id, &[]).await.expect(303);
    assert_eq!(verified(&portal, "ISP-Flora").await, "Valid");
    for day in ["2026-12-25", "2027-01-02"] {
        run_on(&portal, day);
    }
    assert!(kinds_of(&portal, flora.id).is_empty());
    assert!(
        texts(&portal, "SELECT 'x' AS text FROM certification_years WHERE flagged_on IS NOT NULL").is_empty()
    );
    let ada = portal.browser(&people.administrator).await;
    let page = ada.get("/staff").await.expect(200);
    assert!(page.words().contains("1 certificate is in force on a closed account"), "{}", page.words());
    let page = ada.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    assert!(page.words().contains("The account of this holder is closed"), "{}", page.words());
    // whatever is decided now, nothing is sent
    crate::staff::decision(&ada, certificate, "extension", &[("until", "1 March 2027"), ("reason", "x")])
        .await
        .expect(303);
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    assert!(portal.delivered().iter().all(|mail| mail.to_address != flora.email));
    // a mail that failed before is not sent again either
    let page = ada.get(&format!("/staff/holders/{}/certificates", flora.id)).await.expect(200);
    assert!(page.has("#closed"), "a grant is asked about");
    let fields = [("certification", "2"), ("number", "X-1"), ("granted_on", "1 March 2026"), ("tell", "1")];
    let path = format!("/staff/holders/{}/certificates", flora.id);
    let page = ada.post(&path, &fields).await.expect(422);
    assert!(
        page.error("closed").contains("The account of this holder is closed"),
        "{}",
        page.error("closed")
    );
}

#[actix_web::test]
async fn a_colleague_who_leaves_hands_over_conversations_and_releases_reports() {
    let portal = TestPortal::new();
    let people = portal.people();
    let bea = portal.account("bea@people.test", "Bea", Role::Reviewer);
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let sql = format!(
        "INSERT INTO review_claims VALUES ({report}, {}, '2026-05-03 10:00:00', '2099-05-03 10:00:00')",
        people.reviewer.id
    );
    crate::timetable::body::behind_its_back(&portal, &sql);
    let rita = portal.browser(&people.reviewer).await;
    let words = [("subject", "Hello"), ("words", "How are you?")];
    rita.post(&format!("/staff/holders/{}/advice", people.owner.id), &words).await.expect(303);
    rita.post(&format!("/staff/holders/{}/advice", people.stranger.id), &words).await.expect(303);
    let ada = portal.browser(&people.administrator).await;
    let page = ada.get(&format!("/admin/accounts/{}", people.reviewer.id)).await.expect(200);
    assert!(page.words().contains("There are 2 of them."), "{}", page.words());
    assert!(page.words().contains("One claimed report goes back to the queue."), "{}", page.words());
    let holder = people.owner.id.to_string();
    let page = close(&portal, &ada, people.reviewer.id, &[("conversations", &holder)]).await.expect(422);
    assert!(page.error("conversations").contains("Choose a colleague"), "{}", page.error("conversations"));
    let to = bea.id.to_string();
    close(&portal, &ada, people.reviewer.id, &[("conversations", &to)]).await.expect(303);
    let owners = texts(&portal, "SELECT CAST(owner_id AS TEXT) AS text FROM conversations ORDER BY id");
    assert_eq!(owners, [to.clone(), to]);
    assert!(texts(&portal, "SELECT 'x' AS text FROM review_claims").is_empty());
    rita.get("/staff").await.expect(303);
    let detail = texts(&portal, "SELECT detail AS text FROM history WHERE event = 'account closed'");
    assert_eq!(detail, ["2 conversations to Bea; 1 claimed report released"]);
    // without a word, nobody looks after them
    let bea_browser = portal.browser(&bea).await;
    bea_browser.get("/staff").await.expect(200);
    close(&portal, &ada, bea.id, &[]).await.expect(303);
    let owners = texts(&portal, "SELECT COALESCE(owner_id, 'nobody') AS text FROM conversations ORDER BY id");
    assert_eq!(owners, ["nobody", "nobody"]);
}

#[actix_web::test]
async fn nobody_ends_their_own_certificates_by_closing_their_account() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.account("second@people.test", "Second", Role::Administrator);
    portal.certificate(&people.administrator, "ISP", "ISP-Own", "2026-01-01");
    let ada = portal.browser(&people.administrator).await;
    let page = ada.get(&format!("/admin/accounts/{}", people.administrator.id)).await.expect(200);
    assert!(page.words().contains("nobody ends their own"), "{}", page.words());
    let fields = [("certificates", "wish"), ("reason", "x")];
    let page = close(&portal, &ada, people.administrator.id, &fields).await.expect(422);
    assert!(page.text(".error-summary").contains("Nobody ends their own certificates."));
    assert_eq!(verified(&portal, "ISP-Own").await, "Valid");
}

#[actix_web::test]
async fn nothing_leaves_for_an_account_that_an_older_portal_closed_and_the_others_get_theirs() {
    let portal = TestPortal::new();
    let (gone, _) = practitioner(&portal, "Gone", "2026-01-01");
    let (living, _) = practitioner(&portal, "Living", "2026-01-01");
    run_on(&portal, "2026-12-25");
    behind_its_back(
        &portal,
        &format!("UPDATE accounts SET deactivated_at = created_at WHERE id = {}", gone.id),
    );
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    let sent: Vec<String> = portal.delivered().into_iter().map(|mail| mail.to_address).collect();
    assert_eq!(sent, [living.email]);
    let words = texts(
        &portal,
        &format!("SELECT state || ': ' || last_error AS text FROM mails WHERE account_id = {}", gone.id),
    );
    assert_eq!(words, ["failed: The account is closed, so nothing is sent to it."]);
    let page = portal.visitor().await.get("/readyz").await.html();
    assert!(page.contains("ok   mail: none waiting\n"), "somebody who is gone is no trouble: {page}");
}

#[actix_web::test]
async fn while_an_account_is_closed_its_badge_goes_on_and_no_year_is_flagged_until_it_is_open_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (gone, certificate) = practitioner(&portal, "Gone", "2026-01-01");
    let ada = portal.browser(&people.administrator).await;
    ada.get(&format!("/admin/accounts/{}", gone.id)).await.expect(200);
    close(&portal, &ada, gone.id, &[("certificates", "stay")]).await.expect(303);
    let flags = format!(
        "SELECT flagged_on AS text FROM certification_years WHERE flagged_on IS NOT NULL AND certificate_id = {certificate}"
    );
    // the badge ends 90 days after the deadline, and is looked at when few of them are left
    for today in ["2027-01-02", "2027-02-15", "2027-03-07", "2027-03-25"] {
        let report = run_on(&portal, today);
        let theirs = report.flagged.iter().chain(&report.held).chain(&report.awaiting_review);
        assert!(theirs.filter(|line| line.certificate == "ISP-Gone").count() == 0, "{today}");
        assert_eq!(texts(&portal, &flags), [""; 0], "{today}");
    }
    assert_eq!(verified(&portal, "ISP-Gone").await, "Valid");
    assert_eq!(kinds_of(&portal, gone.id), [""; 0]);
    let version = portal.find_account(gone.id).version.to_string();
    let ada = portal.browser(&people.administrator).await;
    ada.post(&format!("/admin/accounts/{}/reactivation", gone.id), &[("version", &version)])
        .await
        .expect(303);
    run_on(&portal, "2027-03-26");
    assert_eq!(texts(&portal, &flags), ["2027-03-26"]);
}

#[actix_web::test]
async fn what_failed_needs_nobody_once_its_recipient_is_gone_or_somebody_says_so() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (gone, _) = practitioner(&portal, "Gone", "2026-01-01");
    crate::timetable::delivery::write(&portal, &gone, &["reply", "reply", "reply"]);
    behind_its_back(&portal, "UPDATE mails SET state = 'failed', last_error = 'no'");
    behind_its_back(&portal, "UPDATE mails SET state = 'uncertain' WHERE id = 2");
    let words = || {
        let vital = cpe_portal::jobs::health::vitals(&portal).into_iter().find(|vital| vital.name == "mail");
        vital.unwrap().words
    };
    assert!(words().contains("2 failed for good") && words().contains("1 uncertain"), "{}", words());
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get("/staff/mail/1").await.expect(200);
    assert!(page.words().contains("Nothing to be done"), "{}", page.words());
    rita.post("/staff/mail/1/return/removal", &[]).await.expect(303);
    rita.post("/staff/mail/1/return/removal", &[]).await.expect(409);
    assert!(words().contains("1 failed for good") && words().contains("1 uncertain"), "{}", words());
    let ada = portal.browser(&people.administrator).await;
    close(&portal, &ada, gone.id, &[("certificates", "stay")]).await.expect(303);
    assert_eq!(words(), "none waiting");
    let broken = check(&portal).into_iter().filter(|checked| checked.name.contains("put aside"));
    let problems: Vec<String> = broken.flat_map(|checked| checked.problems).collect();
    assert_eq!(problems, Vec::<String>::new(), "an uncertain mail of a closed account is no damage");
}
