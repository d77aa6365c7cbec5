use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;

#[actix_web::test]
async fn a_draft_may_have_gaps_and_is_submitted_when_it_is_whole() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(
        &browser.post_files("/activities", &[("title", "Half a talk"), ("intent", "draft")], &[]).await,
    );
    let draft = kept(&portal, id);
    assert_eq!((draft.status, draft.reported_at), (ActivityStatus::Draft, None));
    let dashboard = browser.get("/dashboard").await.expect(200);
    assert!(dashboard.text(".card.warn").contains("Half a talk"));
    assert!(dashboard.words().contains("Nothing reported for this year yet."), "a draft counts nothing");
    // as it stands it cannot be reported: the form comes back and says what is missing
    let page = browser.post(&format!("/activities/{id}/submission"), &[("version", "1")]).await.expect(422);
    assert_eq!(page.values("#title", "value"), ["Half a talk"]);
    assert!(page.error("category").contains("Choose the kind"));
    assert_eq!(kept(&portal, id).status, ActivityStatus::Draft);
    let whole = with(&[("version", "1"), ("intent", "draft")]);
    browser.post_files(&format!("/activities/{id}"), &whole, &[]).await.expect(303);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Draft);
    portal.clock.advance(chrono::TimeDelta::minutes(5));
    browser.post(&format!("/activities/{id}/submission"), &[("version", "2")]).await.expect(303);
    let sent = kept(&portal, id);
    assert_eq!((sent.status, sent.reported_at), (ActivityStatus::Submitted, Some(portal.clock.now())));
    browser.post(&format!("/activities/{id}/submission"), &[("version", "2")]).await.expect(409);
}

#[actix_web::test]
async fn what_is_typed_into_a_draft_must_be_readable_so_that_nothing_is_lost() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    for (fields, field) in [
        (vec![("completed_on", "soon")], "completed_on"),
        (vec![("category", "attending"), ("hours", "long")], "hours"),
        (vec![("hours", "2")], "category"),
        (vec![("started_on", "2026-10-02"), ("completed_on", "2026-10-01")], "started_on"),
    ] {
        let mut fields = fields.clone();
        fields.push(("intent", "draft"));
        let page = browser.post_files("/activities", &fields, &[]).await.expect(422);
        assert!(!page.error(field).is_empty(), "{fields:?}: {}", page.words());
    }
    let empty = led_to(&browser.post_files("/activities", &[("intent", "draft")], &[]).await);
    assert!(browser.get(&format!("/activities/{empty}")).await.words().contains("Draft without a title"));
}

#[actix_web::test]
async fn a_draft_can_be_deleted() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &[("intent", "draft")], &[]).await);
    let page = browser.get(&format!("/activities/{id}/withdrawal")).await.expect(200);
    assert!(page.words().contains("Delete this draft?"));
    browser.post(&format!("/activities/{id}/withdrawal"), &[("version", "1")]).await.expect(303);
    assert!(!browser.get("/dashboard").await.has(".card.warn"));
}

#[actix_web::test]
async fn something_reported_never_turns_back_into_a_draft() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    let again = with(&[("version", "1"), ("intent", "draft")]);
    browser.post_files(&format!("/activities/{id}"), &again, &[]).await.expect(303);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Submitted);
    assert!(!browser.get(&format!("/activities/{id}/edit")).await.has("button[value=draft]"));
}

#[actix_web::test]
async fn a_draft_saves_itself_when_somebody_would_miss_it_and_not_for_a_tick_alone() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let save = async |fields: &[(&str, &str)]| {
        let page = browser.get("/activities/new").await.expect(200);
        let key = page.values("input[name=form_key]", "value").remove(0);
        let mut all = vec![("form_key", key.as_str()), ("activity", "0")];
        all.extend_from_slice(fields);
        !browser.post("/activities/drafts", &all).await.expect(200).text("[data-send]").is_empty()
    };
    for too_little in [
        vec![],
        vec![("category", "attending")],
        vec![("category", "attending"), ("not_regular_job", "1")],
        vec![("field", "information_security")],
        // the form proposes the field by itself
        vec![("category", "attending"), ("field", "information_security")],
    ] {
        assert!(!save(&too_little).await, "{too_little:?}");
    }
    assert!(!browser.get("/dashboard").await.expect(200).has("#waiting"), "nothing waits for anybody");
    for enough in [
        vec![("title", "Half a talk")],
        vec![("category", "attending"), ("completed_on", "yesterday")],
        vec![("category", "attending"), ("completed_on", "some day")],
        vec![("organiser", "Nordic Security Days"), ("relevance", "It was about us.")],
    ] {
        assert!(save(&enough).await, "{enough:?}");
    }
}

#[actix_web::test]
async fn what_cannot_be_read_yet_stands_in_the_draft_as_it_was_typed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/activities/new").await.expect(200);
    let key = page.values("input[name=form_key]", "value").remove(0);
    let typed = [
        ("form_key", key.as_str()),
        ("activity", "0"),
        ("category", "reading"),
        ("title", "The little book"),
        ("started_on", "1 September"),
        ("completed_on", "14 March"),
        ("pages", "a few"),
    ];
    let said = browser.post("/activities/drafts", &typed).await.expect(200);
    assert_eq!(
        said.text("[data-send]"),
        "Saved as a draft at 10:00. Look again before you send it: the first day, the pages."
    );
    let edit = said.values("[data-send]", "data-edit").remove(0);
    let page = browser.get(&edit).await.expect(200);
    for (name, value) in [("started_on", "1 September"), ("completed_on", "14 March"), ("pages", "a few")] {
        assert_eq!(page.values(&format!("#{name}"), "value"), [value]);
    }
    assert!(page.has("input[name=category][value=reading][checked]"));
    // nobody else's form has it, and a draft that is read whole keeps no second copy of itself
    let texts = || portal.texts("SELECT fields AS text FROM draft_texts");
    assert_eq!(texts().len(), 1);
    portal.browser(&people.stranger).await.get(&edit).await.expect(404);
    let mended: Vec<(&str, &str)> =
        typed[..4].iter().copied().chain([("completed_on", "14 March")]).collect();
    let said = browser.post("/activities/drafts", &mended).await.expect(200);
    assert_eq!(said.text("[data-send]"), "Saved as a draft at 10:00.");
    assert_eq!(texts(), [] as [&str; 0]);
    assert_eq!(browser.get(&edit).await.values("#completed_on", "value"), ["14 March 2026"]);
    // a page that was loaded again and says the same is overtaken by nothing; one that says something else is
    for (changed, words) in [("a few", "Saved as a draft"), ("some", "changed elsewhere")] {
        let page = browser.get(&edit).await.expect(200);
        let one = |name: &str| page.values(&format!("input[name={name}]"), "value").remove(0);
        let (key, id, version) = (one("form_key"), one("activity"), one("version"));
        let late = typed.map(|(name, value)| match name {
            "title" => (name, "The little book again"),
            _ => (name, value),
        });
        browser.post("/activities/drafts", &late).await.expect(200);
        let mut again = late;
        again[0].1 = &key;
        again[1].1 = &id;
        again[6].1 = changed;
        let again: Vec<(&str, &str)> = again.into_iter().chain([("version", version.as_str())]).collect();
        let said = browser.post("/activities/drafts", &again).await.expect(200);
        assert!(said.html().contains(words), "{changed}: {}", said.html());
        browser.post("/activities/drafts", &typed).await.expect(200);
    }
    // far more than a field takes is not kept, and not said to be
    let long = "x".repeat(40_000);
    let far: Vec<(&str, &str)> = typed[..4].iter().copied().chain([("relevance", long.as_str())]).collect();
    let said = browser.post("/activities/drafts", &far).await.expect(200);
    assert_eq!(
        said.text("[data-send]"),
        "Saved as a draft at 10:00. Not saved, because it is too long: why it is relevant."
    );
    assert_eq!(texts(), [] as [&str; 0]);
    // what is sent or thrown away leaves nothing behind
    browser.post("/activities/drafts", &typed).await.expect(200);
    assert_eq!(texts().len(), 1);
    let version = browser.get(&edit).await.values("input[name=version]", "value").remove(0);
    let away = edit.replace("/edit", "/withdrawal");
    browser.post(&away, &[("version", version.as_str())]).await.expect(303);
    assert_eq!(texts(), [] as [&str; 0]);
}

#[actix_web::test]
async fn a_draft_is_finished_before_it_can_be_sent_and_stands_on_top_while_it_has_no_day() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "A talk", "2026-04-01", 2);
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &[("title", "Half"), ("intent", "draft")], &[]).await);
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert_eq!(page.text(".heading-actions .button"), "Finish it");
    assert!(!page.has(&format!("form[action='/activities/{id}/submission']")), "it cannot be sent yet");
    assert_eq!(browser.get("/activities").await.texts("tbody th a"), ["Half", "A talk"]);
    let whole = with(&[("version", "1"), ("intent", "draft")]);
    browser.post_files(&format!("/activities/{id}"), &whole, &[]).await.expect(303);
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(page.has(&format!("form[action='/activities/{id}/submission']")), "{}", page.words());
}

#[actix_web::test]
async fn a_deleted_draft_is_gone_and_a_new_form_tells_of_those_that_are_there() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    assert!(!browser.get("/activities/new").await.words().contains("Continue with a draft?"));
    let id = led_to(&browser.post_files("/activities", &[("title", "Half"), ("intent", "draft")], &[]).await);
    let page = browser.get("/activities/new").await.expect(200);
    assert_eq!(page.values(".drafts a", "href"), [format!("/activities/{id}/edit")]);
    assert!(page.text(".drafts").contains("Half last changed on 23 November 2026"), "{}", page.words());
    let done = browser.post(&format!("/activities/{id}/withdrawal"), &[("version", "1")]).await.expect(303);
    let page = browser.follow(done).await;
    assert!(
        page.words().contains("The draft has been deleted.") && !page.words().contains("Half"),
        "{}",
        page.words()
    );
    assert!(!browser.get("/activities/new").await.has(".drafts a"));
    // what was reported stays in the list when it is withdrawn
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    let done = browser.post(&format!("/activities/{id}/withdrawal"), &[("version", "1")]).await.expect(303);
    let words = browser.follow(done).await.words();
    assert!(words.contains("It has been taken back.") && words.contains("Zero trust in practice"), "{words}");
}

#[actix_web::test]
async fn a_change_to_what_waits_already_is_not_said_to_be_sent_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    let changed = with(&[("version", "1"), ("hours", "3"), ("minutes", "")]);
    let done =
        browser.post_files(&format!("/activities/{id}"), &changed, &[("evidence", "a.pdf", PDF)]).await;
    let page = browser.follow(done.expect(303)).await;
    assert!(
        page.words().contains("Your changes are saved. The report is still waiting for review."),
        "{}",
        page.words()
    );
    // a file goes only at a second press
    assert!(page.has("details form[action$='/removal'] button"), "{}", page.words());
}

#[actix_web::test]
async fn a_draft_without_a_title_is_spoken_of_as_one() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let form = [("category", "reading"), ("pages", "20"), ("intent", "draft")];
    let id = led_to(&browser.post_files("/activities", &form, &[]).await);
    let edit = browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    assert_eq!(edit.text("h1"), "Finish your draft");
    let leaving = browser.get(&format!("/activities/{id}/withdrawal")).await.expect(200);
    assert_eq!(leaving.text("p.lead"), "It has no title yet.");
    assert!(browser.get("/dashboard").await.text(".card.warn").contains("Draft without a title"));
    let named = with(&[("title", "A book"), ("version", "1"), ("intent", "draft")]);
    browser.post_files(&format!("/activities/{id}"), &named, &[]).await.expect(303);
    let edit = browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    assert_eq!(edit.text("h1"), "Change “A book”");
    let leaving = browser.get(&format!("/activities/{id}/withdrawal")).await.expect(200);
    assert_eq!(leaving.text("p.lead"), "“A book”");
}
