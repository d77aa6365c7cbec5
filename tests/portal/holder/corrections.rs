//! Corrections of decided reports: asked, answered, and every version readable.

use super::*;
use cpe_portal::domain::activity::ActivityStatus;

#[actix_web::test]
async fn a_correction_that_is_accepted_changes_the_report_and_has_it_reviewed_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    browser.get(&format!("/activities/{id}/correction")).await.expect(409);
    decide(&portal, &people, id, &APPROVE);
    let path = format!("/activities/{id}/correction");
    let form = browser.get(&path).await.expect(200);
    assert_eq!(form.values("#title", "value"), ["Zero trust in practice"]);
    let version = kept(&portal, id).version.to_string();
    let wanted = with(&[("version", &version), ("hours", "3"), ("minutes", ""), ("reason", " ")]);
    let refused = browser.post(&path, &wanted).await.expect(422);
    assert!(refused.error("reason").contains("why it should be changed"), "{}", refused.words());
    let wanted =
        with(&[("version", &version), ("hours", "3"), ("minutes", ""), ("reason", "It took longer.")]);
    browser.post(&path, &wanted).await.expect(303);
    browser.post(&path, &wanted).await.expect(409);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Approved, "nothing changes before the answer");
    let staff = portal.browser(&people.reviewer).await;
    let queue = staff.get("/staff/corrections").await.expect(200);
    let address = queue.values("tbody a", "href").remove(0);
    let shown = staff.get(&address).await.expect(200);
    assert!(shown.words().contains("3 hours") && shown.words().contains("It took longer."));
    staff.post(&address, &[("decision", "decline")]).await.expect(422);
    staff.post(&address, &[("decision", "accept")]).await.expect(303);
    staff.post(&address, &[("decision", "accept")]).await.expect(409);
    let now = kept(&portal, id);
    assert_eq!((now.status, now.facts.quantity.unwrap().amount()), (ActivityStatus::Submitted, 180));
    assert!(staff.get("/staff/review").await.words().contains("Zero trust in practice"));
    let mails = portal.mails_to(&people.owner);
    assert!(mails.iter().any(|(kind, text)| kind == "correction-answered" && text.contains("as you asked")));
    for path in [format!("/activities/{id}/versions"), format!("/staff/activities/{id}/versions")] {
        let reader = if path.starts_with("/staff") { &staff } else { &browser };
        let words = reader.get(&path).await.expect(200).words();
        assert!(words.contains("2 hours 30 minutes") && words.contains("3 hours"), "{words}");
    }
}

#[actix_web::test]
async fn a_correction_that_is_declined_leaves_the_report_and_says_why() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    decide(&portal, &people, id, &REJECT);
    let version = kept(&portal, id).version.to_string();
    let wanted = with(&[("version", &version), ("reason", "It was about data.")]);
    browser.post(&format!("/activities/{id}/correction"), &wanted).await.expect(303);
    let staff = portal.browser(&people.reviewer).await;
    let queue = staff.get("/staff/corrections").await.expect(200);
    let address = queue.values("tbody a", "href").remove(0);
    let no = [("decision", "decline"), ("answer", "The programme says otherwise.")];
    staff.post(&address, &no).await.expect(303);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Rejected);
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(page.words().contains("The programme says otherwise."), "{}", page.words());
}
