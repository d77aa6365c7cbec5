use cpe_portal::web::forms::errors::{Choice, FieldErrors};

use crate::support::{Page, People, TestPortal, day};
use crate::timetable::body::{practitioner, run_on};

#[test]
fn errors_keep_their_order_and_a_field_shows_all_of_its_own() {
    let mut errors = FieldErrors::new();
    assert!(errors.is_empty());
    errors.push("title", "Enter a title");
    errors.push("hours", "Enter the hours");
    errors.push("title", "Too long");
    assert_eq!(errors.get("title"), Some("Enter a title"));
    assert_eq!(errors.all("title").collect::<Vec<_>>(), ["Enter a title", "Too long"]);
    assert_eq!(errors.get("pages"), None);
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_ref()).collect();
    assert_eq!(fields, ["title", "hours", "title"]);
    assert_eq!(errors.len(), 3);
}

#[test]
fn a_choice_knows_the_answer_that_was_given() {
    let choice = Choice::new("reading", "Reading");
    assert!(choice.is("reading") && choice.is(String::from("reading")) && !choice.is("Reading"));
    assert!(choice.among(&["writing", "reading"]) && !choice.among::<String>(&[]));
}

#[track_caller]
fn tells(page: Page, fields: &[&str]) {
    let page = page.expect(422);
    for field in fields {
        assert!(!page.error(field).is_empty(), "{}: nothing beside {field}\n{}", page.path, page.words());
    }
}

#[actix_web::test]
async fn everything_that_is_wrong_with_a_form_is_told_at_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let People { owner, administrator, reviewer, .. } = &people;
    let (_, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-20"), 10);
    let long = "x".repeat(5_000);

    let holder = portal.browser(owner).await;
    let fields = [("current_password", "wrong"), ("password", "short"), ("password_again", "other")];
    let answer = holder.post("/account/password", &fields).await;
    tells(answer, &["current_password", "password", "password_again"]);
    let fields = [("intent", "submit"), ("started_on", "whenever"), ("completed_on", "")];
    tells(holder.post("/activities", &fields).await, &["started_on", "completed_on"]);

    let colleague = portal.browser(reviewer).await;
    let path = format!("/staff/holders/{}/acquaintance", owner.id);
    tells(colleague.post(&path, &[("known_reason", &long)]).await, &["known_sure", "known_reason"]);
    let report = portal.submitted(owner, "A seminar of two days", "2027-01-12", 8);
    let fields = [("decision", "approve"), ("hours", "20"), ("quantity", "20"), ("reason", "")];
    let page = crate::staff::verdict(&colleague, report, &fields).await;
    tells(page, &["more", "reason"]);

    let ada = portal.browser(administrator).await;
    tells(
        ada.post("/admin/accounts", &[("name", ""), ("email", "nobody")]).await,
        &["name", "email", "role"],
    );
    let path = format!("/staff/certificates/{certificate}/extension");
    let page = ada.post(&path, &[("year", "1"), ("until", "2027-01-01"), ("reason", "")]).await;
    tells(page, &["until", "reason"]);
    let page = ada.post(&path, &[("year", "1"), ("until", "soon"), ("reason", &long)]).await;
    tells(page, &["until", "reason"]);
    let path = format!("/staff/certificates/{certificate}/ending");
    let page = ada.post(&path, &[("ending", "wish"), ("reason", &long)]).await;
    tells(page, &["reason", "confirmed"]);
    let path = format!("/staff/certificates/{certificate}/decertification");
    let page = ada.post(&path, &[("year", "1"), ("reason", &long)]).await;
    tells(page, &["reason", "confirmed"]);
}
