//! Looking for something in the history.

use crate::support::{Page, People, TestPortal};
use crate::timetable::body::behind_its_back;

/// Something that happened, on a day, by somebody, to somebody.
fn happened(portal: &TestPortal, at: &str, event: &str, (actor, holder): (&str, i64), detail: &str) {
    behind_its_back(
        portal,
        &format!(
            "INSERT INTO history (at, event, actor_id, holder_id, detail) VALUES ('{at}', '{event}', {actor}, {holder}, '{detail}')"
        ),
    );
}

/// Four things on three days before the portal's own.
fn scene(portal: &TestPortal, people: &People) {
    let (owner, reviewer) = (people.owner.id.0, people.reviewer.id.0);
    behind_its_back(portal, "DROP TRIGGER history_is_never_deleted");
    behind_its_back(portal, "DELETE FROM history");
    let by_reviewer = reviewer.to_string();
    happened(portal, "2026-10-01 09:00:00", "activity approved", (&by_reviewer, owner), "Autumn academy");
    happened(portal, "2026-10-02 09:00:00", "mail sent again", ("NULL", owner), "reminder 100%");
    happened(portal, "2026-10-03 09:00:00", "policy version added", (&by_reviewer, reviewer), "");
    // a command that began before midnight
    happened(portal, "2026-10-02 21:00:00", "activity imported", ("NULL", people.stranger.id.0), "approved");
}

fn events(page: &Page) -> Vec<String> {
    page.texts("tbody th")
}

#[actix_web::test]
async fn the_history_is_searched_by_topic_days_people_and_words() {
    let portal = TestPortal::new();
    let people = portal.people();
    scene(&portal, &people);
    let reviewer = portal.browser(&people.reviewer).await;
    let name = |account: &str| account.split(' ').next().unwrap().to_owned();
    let (owner, colleague) = (name(&people.owner.name), name(&people.reviewer.name));
    let (approved, sent, policy, imported) =
        ("activity approved", "email sent again", "policy version added", "activity imported");
    for (query, expected) in [
        ("topic=of-reports".to_owned(), vec![imported, approved]),
        ("topic=of-mail".to_owned(), vec![sent]),
        ("topic=of-settings".to_owned(), vec![policy]),
        ("topic=of-conversations".to_owned(), vec![]),
        ("topic=nonsense".to_owned(), vec![imported, policy, sent, approved]),
        ("from=2026-10-02&to=2+October+2026".to_owned(), vec![imported, sent]),
        ("to=1+October+2026".to_owned(), vec![approved]),
        ("from=3+October+2026".to_owned(), vec![policy]),
        (format!("q={owner}"), vec![sent, approved]),
        (format!("q={}", people.owner.email), vec![sent, approved]),
        // what a colleague did, too
        (format!("q={colleague}"), vec![policy, approved]),
        (format!("q={colleague}&topic=of-reports"), vec![approved]),
        ("q=ACADEMY".to_owned(), vec![approved]),
        // signs of the search itself mean themselves
        ("q=reminder+100%25".to_owned(), vec![sent]),
        ("q=%25".to_owned(), vec![sent]),
        (format!("holder={}&topic=of-mail", people.owner.id), vec![sent]),
    ] {
        let page = reviewer.get(&format!("/staff/history?{query}")).await.expect(200);
        assert_eq!(events(&page), expected, "{query}");
        if expected.is_empty() {
            assert!(page.words().contains("Nothing fits"), "{query}");
        }
    }
}

#[actix_web::test]
async fn days_that_cannot_be_read_are_told_beside_their_fields_and_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/history?from=the+day+before&to=1+May+2026&q=x").await.expect(200);
    for (field, kept) in [("#from", "the day before"), ("#to", "1 May 2026"), ("#q", "x")] {
        assert_eq!(page.values(field, "value"), [kept]);
    }
    assert!(page.words().contains("We cannot read “the day before” as a day. Write it like 14 March 2027."));
    let page = reviewer.get("/staff/history?from=2+May+2026&to=1+May+2026").await.expect(200);
    assert!(page.words().contains("This day is before the first one."));
}

#[actix_web::test]
async fn what_a_draft_says_is_not_found_by_whoever_guesses_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    scene(&portal, &people);
    let owner = people.owner.id.0;
    happened(&portal, "2026-10-04 09:00:00", "activity drafted", (&owner.to_string(), owner), "Secret plan");
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/history?q=Secret").await.expect(200);
    assert!(events(&page).is_empty());
    let page = reviewer.get(&format!("/staff/history?q={}", people.owner.email)).await.expect(200);
    assert!(events(&page).contains(&"activity drafted".to_owned()));
    assert!(!page.words().contains("Secret plan"));
}

#[actix_web::test]
async fn one_look_goes_through_a_bounded_part_and_says_how_far_it_came() {
    let portal = TestPortal::new();
    let people = portal.people();
    scene(&portal, &people);
    behind_its_back(
        &portal,
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 200000) \
         INSERT INTO history (at, event, detail) SELECT '2026-11-01 09:00:00', 'tested', '' FROM n",
    );
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/history?topic=of-mail").await.expect(200);
    assert!(events(&page).is_empty());
    assert!(page.words().contains("Nothing fits down to 1 November 2026."), "{}", page.words());
    let further =
        page.values("main a.button", "href").into_iter().find(|link| link.contains("before=")).unwrap();
    let page = reviewer.get(&further).await.expect(200);
    assert_eq!(events(&page), ["email sent again"]);
    assert!(!page.words().contains("not looked at"), "everything was");
    // by days it is found at once, wherever it lies
    let page = reviewer.get("/staff/history?topic=of-mail&to=5+October+2026").await.expect(200);
    assert_eq!(events(&page), ["email sent again"]);
}
