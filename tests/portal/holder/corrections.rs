//! Corrections of decided reports: asked, answered, and every version readable.

use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;

use crate::support::nonsense::Trial;
use crate::timetable::body::run_on;

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
    let sent = browser.post(&path, &wanted).await.expect(303).location();
    assert_eq!(browser.post(&path, &wanted).await.expect(303).location(), sent, "a second press");
    browser.get(&format!("/activities/{id}")).await.expect(200);
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

#[actix_web::test]
async fn a_correction_answers_nonsense_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let report = |number: usize, changes: &[(&'static str, &'static str)]| {
        let title = format!("Talk {number}");
        let id = portal.activity(&people.owner, ActivityStatus::Approved, &title, "2026-10-05", 2);
        let mut form = with(changes);
        form.extend([("version", "1"), ("reason", "It was longer.")]);
        (format!("/activities/{id}/correction"), form)
    };
    // what is understood is a request, and the next one needs another report
    let count = std::cell::Cell::new(0);
    let next = |changes: &[(&'static str, &'static str)]| {
        count.set(count.get() + 1);
        report(count.get(), changes)
    };
    let few = [
        "reason",
        "category",
        "title",
        "organiser",
        "field",
        "started_on",
        "completed_on",
        "hours",
        "minutes",
        "relevance",
    ];
    Trial { fields: &few, with_files: false, form: &|| next(&[]) }.run(&browser).await;
    let writing = [("category", "writing"), ("pages", "3"), ("publication", "A handbook")];
    let written = ["pages", "publication"];
    Trial { fields: &written, with_files: false, form: &|| next(&writing) }.run(&browser).await;
}

#[actix_web::test]
async fn what_a_settled_year_has_counted_is_explained_and_leads_to_a_person() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.activity(&people.owner, ActivityStatus::Approved, "All of it", "2026-10-05", 20);
    run_on(&portal, "2027-03-15");
    let browser = portal.browser(&people.owner).await;
    let page = browser.get(&format!("/activities/{id}/correction")).await.expect(200);
    assert!(page.words().contains("counted in a year that is settled"), "{}", page.words());
    assert!(page.has(&format!("a[href='/advice/new?activity={id}']")) && !page.has("main form"));
}

#[actix_web::test]
async fn versions_tell_what_changed_which_file_came_and_what_was_said() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    portal.clock.advance(chrono::TimeDelta::minutes(5));
    decide(&portal, &people, id, &RETURN);
    portal.clock.advance(chrono::TimeDelta::minutes(5));
    let key = browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    let key = key.values("input[name=form_key]", "value").remove(0);
    let version = kept(&portal, id).version.to_string();
    let answer = with(&[("version", &version), ("form_key", &key), ("explanation", "Here it is.")]);
    let answer =
        browser.post_files(&format!("/activities/{id}"), &answer, &[("evidence", "proof.pdf", PDF)]).await;
    led_to(&answer);
    let cards = browser.get(&format!("/activities/{id}/versions")).await.expect(200).texts("main .card");
    let newest = &cards[0];
    assert!(newest.contains("The answers are the same as in version"), "{newest}");
    assert!(newest.contains("Files that came with itproof.pdf"), "{newest}");
    assert!(newest.contains("What was said to the reviewerHere it is."), "{newest}");
    assert!(!cards.last().unwrap().contains("proof.pdf"), "{cards:?}");
    let version = kept(&portal, id).version.to_string();
    let change = with(&[("version", &version), ("hours", "2"), ("minutes", ""), ("title", "Zero trust")]);
    led_to(&browser.post_files(&format!("/activities/{id}"), &change, &[]).await);
    let newest = browser.get(&format!("/activities/{id}/versions")).await.texts("main .card").remove(0);
    assert!(newest.contains("Changed: Title, How much."), "{newest}");
}
