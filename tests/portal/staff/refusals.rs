use cpe_portal::domain::roles::Role;

use super::decision;
use crate::support::{TestPortal, day};
use crate::timetable::body::{dump, practitioner, run_on, texts};

#[actix_web::test]
async fn only_administrators_decide_and_nobody_decides_their_own() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let own = portal.certificate(&people.administrator, "ISP", "ISP-OWN", "2026-01-01");
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-20"), 10);
    let before = dump(&portal);
    let fields = [("year", "1"), ("reason", "Because"), ("until", "2027-03-01"), ("confirmed", "1")];
    let kinds = ["decertification", "waiver", "extension", "reinstatement"];

    for account in [&people.owner, &people.reviewer] {
        let browser = portal.browser(account).await;
        for kind in kinds {
            let path = format!("/staff/certificates/{certificate}/{kind}");
            browser.get(&path).await.expect(404);
            browser.post(&path, &fields).await.expect(404);
        }
    }
    let administrator = portal.browser(&people.administrator).await;
    for kind in kinds {
        let path = format!("/staff/certificates/{own}/{kind}");
        let page = administrator.post(&path, &fields).await.expect(422);
        assert!(page.text(".error-summary").contains("This is your own certificate"), "{kind}");
    }
    assert!(
        !administrator.get(&format!("/staff/certificates/{own}")).await.expect(200).has("a[href*='/waiver']")
    );
    // sessions are the only thing that changed
    let without_sessions = |dump: Vec<String>| -> Vec<String> {
        dump.into_iter().filter(|line| !line.contains("sessions")).collect()
    };
    assert_eq!(texts(&portal, "SELECT kind AS text FROM decisions"), Vec::<String>::new());
    assert_eq!(without_sessions(before).len(), without_sessions(dump(&portal)).len());
}

#[actix_web::test]
async fn of_two_administrators_at_once_the_second_is_told_that_somebody_was_first() {
    let portal = TestPortal::new();
    let people = portal.people();
    let second = portal.account("second@people.test", "Sina Second", Role::Administrator);
    let (_, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    let one = portal.browser(&people.administrator).await;
    let other = portal.browser(&second).await;
    let path = format!("/staff/certificates/{certificate}/extension");
    let page = other.get(&path).await.expect(200);
    let version = page.values("input[name=version]", "value").remove(0);
    decision(&one, certificate, "extension", &[("until", "2027-02-01"), ("reason", "One month.")])
        .await
        .expect(303);
    let fields =
        [("version", version.as_str()), ("year", "1"), ("until", "2027-03-01"), ("reason", "Two months.")];
    other.post(&path, &fields).await.expect(409);
    let deadline = format!(
        "SELECT deadline AS text FROM certification_years WHERE certificate_id = {certificate} AND number = 1"
    );
    assert_eq!(texts(&portal, &deadline), ["2027-02-01"]);
}

#[actix_web::test]
async fn nonsense_in_a_decision_is_refused_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    let administrator = portal.browser(&people.administrator).await;
    let path = |kind: &str| format!("/staff/certificates/{certificate}/{kind}");
    for (kind, year) in [("waiver", "x"), ("waiver", ""), ("waiver", "99"), ("extension", "-1")] {
        let fields = [("year", year), ("reason", "Because"), ("until", "2027-03-01")];
        let page = administrator.post(&path(kind), &fields).await.expect(422);
        assert!(page.has(".error-summary a[href='#year']"), "{kind} {year}: {}", page.words());
    }
    let long = "x".repeat(4001);
    let page = administrator.post(&path("waiver"), &[("year", "1"), ("reason", &long)]).await.expect(422);
    assert!(page.error("reason").contains("at most 4 000"));
    let page = administrator.post(&path("waiver"), &[("year", "2"), ("reason", "Because")]).await.expect(422);
    assert!(page.text(".error-summary").contains("This year is not flagged."));
    administrator.get("/staff/certificates/999/waiver").await.expect(404);
    administrator.post("/staff/certificates/999/waiver", &[("year", "1"), ("reason", "r")]).await.expect(404);
    assert!(texts(&portal, "SELECT kind AS text FROM decisions").is_empty());
}
