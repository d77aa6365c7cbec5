//! A certificate ends otherwise than for missing credits: each way with its own words, and nothing of it goes on afterwards.

use cpe_portal::domain::ids::CertificateId;

use super::decision;
use crate::support::{People, TestPortal, day};
use crate::timetable::body::{approved, kinds_of, practitioner, run_on, texts};

fn years(portal: &TestPortal, certificate: CertificateId) -> Vec<String> {
    let sql = format!(
        "SELECT number || ' ' || COALESCE(outcome, 'open') AS text FROM certification_years \
         WHERE certificate_id = {certificate} ORDER BY number"
    );
    texts(portal, &sql)
}

async fn end(portal: &TestPortal, people: &People, certificate: CertificateId, ending: &str) {
    let ada = portal.browser(&people.administrator).await;
    let fields = [("ending", ending), ("reason", "Words that nobody else reads.")];
    let done = decision(&ada, certificate, "ending", &fields).await.expect(303);
    assert!(ada.follow(done).await.words().contains("The certificate has ended, and its badge with it."));
}

#[actix_web::test]
async fn each_way_to_end_has_its_own_words_and_a_mail_or_none() {
    for (ending, public, staff, mails) in [
        ("wish", "No longer held", "Ended: holder's wish", 1),
        ("death", "No longer held", "Ended: holder died", 0),
        ("mistake", "Withdrawn", "Withdrawn: granted by mistake", 1),
        ("misconduct", "Withdrawn", "Withdrawn: misconduct", 1),
    ] {
        let portal = TestPortal::new();
        let people = portal.people();
        let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
        portal.clock.set_local(day("2026-11-28"), 10);
        let before = texts(&portal, "SELECT id AS text FROM badges WHERE certificate_id IN (SELECT id FROM certificates WHERE number = 'ISP-Flora')").remove(0);
        end(&portal, &people, certificate, ending).await;

        assert_eq!(years(&portal, certificate), ["1 void", "2 void"], "{ending}");
        let told = kinds_of(&portal, holder.id).iter().filter(|kind| *kind == "ended").count();
        assert_eq!(told, mails, "{ending}");
        let visitor = portal.visitor().await;
        for path in ["/verify?number=ISP-Flora".to_owned(), format!("/badges/{before}")] {
            let page = visitor.get(&path).await.expect(200);
            assert_eq!(page.text(".badge h2"), public, "{ending} {path}");
            let words = page.words();
            assert!(words.contains("28 November 2026"), "{ending}: {words}");
            for private in ["Words that nobody", "died", "wish", "mistake", "misconduct"] {
                assert!(
                    !words.to_lowercase().contains(&private.to_lowercase()),
                    "{ending}: {private}: {words}"
                );
            }
            assert!(!page.has(".badge-picture"), "{ending}");
        }
        visitor.get(&format!("/badges/{before}.png")).await.expect(410);
        visitor.get(&format!("/ob2/assertions/{before}")).await.expect(404);

        let ada = portal.browser(&people.administrator).await;
        let page = ada.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
        assert_eq!(page.texts(".heading .tag"), [staff], "{ending}");
        assert!(page.words().contains("Words that nobody else reads."), "{ending}");
        ada.get(&format!("/staff/certificates/{certificate}/certificate.pdf")).await.expect(303);
        let page = ada.get(&format!("/staff/holders/{}", holder.id)).await.expect(200);
        assert!(page.words().contains(staff), "{ending}: {}", page.words());
        let page = ada.get(&format!("/staff/certificates/{certificate}/ending")).await.expect(200);
        assert!(page.words().contains("This certificate has ended."), "{ending}");
        assert!(!page.has("form[action$='/ending']"), "{ending}");

        // whoever died signs in no more
        if ending != "death" {
            let flora = portal.browser(&holder).await;
            for path in [format!("/certificates/{certificate}"), "/dashboard".to_owned()] {
                let page = flora.get(&path).await.expect(200);
                assert!(page.words().contains(public), "{ending}: {}", page.words());
                assert_eq!(page.has("a[href*='kind=appeal']"), public == "Withdrawn", "{ending}");
            }
        }

        // no reminder, no flag, no word after it
        let mails_before = kinds_of(&portal, holder.id).len();
        for later in ["2026-12-25", "2027-01-02", "2028-02-01"] {
            run_on(&portal, later);
        }
        assert_eq!(kinds_of(&portal, holder.id).len(), mails_before, "{ending}");
        let flags = format!(
            "SELECT 'flag' AS text FROM certification_years WHERE flagged_on IS NOT NULL AND certificate_id = {certificate}"
        );
        assert!(texts(&portal, &flags).is_empty(), "{ending}");
    }
}

#[actix_web::test]
async fn a_wrongly_recorded_death_is_undone_by_a_reinstatement() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    portal.clock.set_local(day("2026-11-28"), 10);
    end(&portal, &people, certificate, "death").await;
    portal.clock.set_local(day("2026-11-30"), 10);
    let ada = portal.browser(&people.administrator).await;
    let page = ada.get(&format!("/staff/certificates/{certificate}/reinstatement")).await.expect(200);
    assert!(page.words().contains("Open it first if the holder should hear of this."), "{}", page.words());
    let version = portal.find_account(holder.id).version.to_string();
    let path = format!("/admin/accounts/{}/reactivation", holder.id);
    ada.post(&path, &[("version", &version)]).await.expect(303);
    decision(&ada, certificate, "reinstatement", &[("reason", "Another person of that name.")])
        .await
        .expect(303);
    assert_eq!(years(&portal, certificate), ["1 open", "2 open"]);
    assert_eq!(kinds_of(&portal, holder.id).last().unwrap(), "reinstated");
    let page = portal.visitor().await.get("/verify?number=ISP-Flora").await.expect(200);
    assert_eq!(page.text(".badge h2"), "Valid");
    let page = ada.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    let titles = page.texts(".timeline h3, .timeline .event-title");
    assert!(page.words().contains("Ended: holder died, by"), "{titles:?} {}", page.words());
    approved(&portal, &holder, "2026-12-02", 20);
    run_on(&portal, "2027-01-01");
    assert_eq!(years(&portal, certificate)[0], "1 recertified");
}

#[actix_web::test]
async fn a_death_closes_the_account_and_ends_every_other_certificate_without_a_word_to_anybody() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    portal.certificate(&flora, "DPP", "DPP-Flora", "2026-01-01");
    crate::timetable::delivery::write(&portal, &flora, &["reminder"]);
    portal.clock.set_local(day("2026-11-28"), 10);
    end(&portal, &people, certificate, "death").await;
    assert!(portal.find_account(flora.id).deactivated);
    for number in ["ISP-Flora", "DPP-Flora"] {
        let page = portal.visitor().await.get(&format!("/verify?number={number}")).await.expect(200);
        assert_eq!(page.text(".badge h2"), "No longer held", "{number}");
    }
    run_on(&portal, "2027-01-02");
    let mails = texts(
        &portal,
        &format!("SELECT kind || ' ' || state AS text FROM mails WHERE account_id = {}", flora.id),
    );
    assert_eq!(mails, ["reminder failed"]);
}

#[actix_web::test]
async fn a_foundation_certificate_ends_and_stands_again_without_years() {
    let portal = TestPortal::new();
    let people = portal.people();
    let holder = portal.holder("fay@people.test", "Fay");
    let certificate = portal.certificate(&holder, "ISF", "ISF-1", "2026-01-01");
    portal.set_password(&holder, "a long enough password");
    end(&portal, &people, certificate, "wish").await;
    let page = portal.visitor().await.get("/verify?number=ISF-1").await.expect(200);
    assert_eq!(page.text(".badge h2"), "No longer held");
    let fay = portal.browser(&holder).await;
    let page = fay.get(&format!("/certificates/{certificate}")).await.expect(200);
    assert!(!page.words().contains("There is nothing you have to do"), "{}", page.words());
    let ada = portal.browser(&people.administrator).await;
    decision(&ada, certificate, "reinstatement", &[("reason", "She changed her mind.")]).await.expect(303);
    let page = portal.visitor().await.get("/verify?number=ISF-1").await.expect(200);
    assert_eq!(page.text(".badge h2"), "Valid");
    let mail = texts(&portal, "SELECT body_text AS text FROM mails WHERE kind = 'reinstated'").remove(0);
    assert!(mail.contains("It needs no CPE credits and does not expire."), "{mail}");
}

#[actix_web::test]
async fn only_a_higher_certificate_of_the_same_holder_and_field_replaces_one() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let (_, foreign) = practitioner(&portal, "Other", "2026-01-01");
    let ada = portal.browser(&people.administrator).await;
    let page = ada.get(&format!("/staff/certificates/{certificate}/ending")).await.expect(200);
    assert!(!page.has("input[value=replaced]"), "there is nothing higher");
    let foreign = foreign.to_string();
    let own = certificate.to_string();
    for other in ["", foreign.as_str(), own.as_str(), "999999"] {
        let fields = [("ending", "replaced"), ("replaced_by", other), ("reason", "Promoted.")];
        let page = decision(&ada, certificate, "ending", &fields).await.expect(422);
        assert!(
            page.text(".error-summary").contains("Choose the certificate that takes its place"),
            "{other}"
        );
    }
    let higher = portal.certificate(&holder, "ISME", "ISME-Flora", "2026-06-01").to_string();
    let fields = [("ending", "replaced"), ("replaced_by", higher.as_str()), ("reason", "Promoted.")];
    decision(&ada, certificate, "ending", &fields).await.expect(303);
    let mail = texts(&portal, "SELECT body_text AS text FROM mails WHERE kind = 'ended'").remove(0);
    assert!(mail.contains("In its place: Information Security") && mail.contains("ISME-Flora"), "{mail}");
    let page = ada.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    assert_eq!(page.texts(".heading .tag"), ["Ended: replaced"]);
    assert!(page.has(&format!("a[href='/staff/certificates/{higher}']")));
}

#[actix_web::test]
async fn an_ending_is_refused_without_its_words_for_the_own_and_for_a_second_time() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let own = portal.certificate(&people.administrator, "ISP", "ISP-Own", "2026-01-01");
    let ada = portal.browser(&people.administrator).await;
    let path = format!("/staff/certificates/{certificate}/ending");
    let page = ada.post(&path, &[("version", "1")]).await.expect(422);
    assert!(page.error("ending").contains("Choose why the certificate ends."));
    assert!(page.error("reason").contains("Give the reason"));
    assert!(page.error("confirmed").contains("Tick this"));
    let page =
        ada.post(&path, &[("ending", "credits"), ("reason", "x"), ("confirmed", "1")]).await.expect(422);
    assert!(page.error("ending").contains("Choose why"), "missing credits have their own procedure");
    let page = ada.get(&format!("/staff/certificates/{own}/ending")).await.expect(200);
    assert!(page.words().contains("This is your own certificate."));
    let fields = [("ending", "wish"), ("reason", "x"), ("confirmed", "1"), ("version", "1")];
    let page = ada.post(&format!("/staff/certificates/{own}/ending"), &fields).await.expect(422);
    assert!(page.text(".error-summary").contains("This is your own certificate."));
    ada.post(&path, &fields).await.expect(303);
    ada.post(&path, &fields).await.expect(409);
}

#[actix_web::test]
async fn what_was_withdrawn_can_be_appealed_and_what_ended_cannot() {
    for (ending, kind) in [("misconduct", "appeal"), ("mistake", "appeal"), ("wish", "question")] {
        let portal = TestPortal::new();
        let people = portal.people();
        let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
        end(&portal, &people, certificate, ending).await;
        let flora = portal.browser(&holder).await;
        let id = certificate.to_string();
        let fields = [
            ("kind", "appeal"),
            ("certificate", id.as_str()),
            ("subject", "Appeal for ISP-Flora"),
            ("words", "I did nothing of the kind."),
        ];
        let page = flora.post("/advice", &fields).await.expect(303);
        // what ended in another way has nothing to appeal against: what is written about it is a question
        assert_eq!(texts(&portal, "SELECT kind AS text FROM conversations"), [kind], "{ending}");
        if kind == "question" {
            continue;
        }
        let talk = page.location().unwrap();
        let ada = portal.browser(&people.administrator).await;
        let page = ada.get(&format!("/staff{talk}")).await.expect(200);
        assert!(page.words().contains("Withdrawal of the certificate, decided on"), "{}", page.words());
    }
}
