//! A reviewer's question is answered under it, by the rules of the form of the report.

use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;

/// A report that came back with a question, the browser of its holder, and its page.
async fn asked() -> (TestPortal, People, Browser, ActivityId) {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    decide(&portal, &people, id, &RETURN);
    (portal, people, browser, id)
}

fn version(page: &Page) -> String {
    page.values(".answer input[name=version]", "value").remove(0)
}

#[actix_web::test]
async fn words_and_a_file_under_the_question_answer_it_and_the_reviewer_reads_them() {
    let (portal, people, browser, id) = asked().await;
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(page.text(".notice.warning").contains("Please add the certificate of attendance."));
    assert_eq!(page.texts(".answer button"), ["Send the answer"]);
    assert_eq!(page.values(".answer .actions a", "href"), [format!("/activities/{id}/edit")]);
    let answer = [("version", &*version(&page)), ("explanation", "Here it is. It came late.")];
    let path = format!("/activities/{id}/answer");
    let done = browser.post_files(&path, &answer, &[("evidence", "paper.pdf", PDF)]).await;
    assert_eq!(led_to(&done), id);
    let report = kept(&portal, id);
    assert_eq!((report.status, report.version), (ActivityStatus::Submitted, 3));
    assert_eq!(report.facts.title, "Zero trust in practice", "the report itself stands as it was");
    let events = portal
        .texts("SELECT event AS text FROM history WHERE activity_id IS NOT NULL ORDER BY id DESC LIMIT 1");
    assert_eq!(events, ["activity answered"]);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.words().contains("Here it is. It came late.") && page.words().contains("paper.pdf"));
    let own = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(!own.has(".answer") && own.words().contains("We have had it since"), "{}", own.words());
}

#[actix_web::test]
async fn an_answer_that_says_nothing_or_cannot_be_kept_is_refused_beside_the_box_and_stays_there() {
    let (portal, _, browser, id) = asked().await;
    let path = format!("/activities/{id}/answer");
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    let version = version(&page);
    let send = async |words: &str, files: &[(&str, &str, &[u8])]| {
        browser.post_files(&path, &[("version", &version), ("explanation", words)], files).await
    };
    let empty = send(" ", &[]).await.expect(422);
    assert_eq!(empty.error("explanation"), "Error: Write an answer, or add a file.");
    let long = "x".repeat(4_001);
    for words in ["a\u{7}b", &long] {
        let refused = send(words, &[]).await.expect(422);
        assert!(refused.has("#explanation-error"), "{}", refused.words());
        assert_eq!(
            refused.raw_texts("#explanation")[0].trim_start().len(),
            words.len(),
            "nothing typed is lost"
        );
    }
    let refused = send("See the file.", &[("evidence", "a.exe", b"MZ")]).await.expect(422);
    assert!(refused.error("evidence").contains("a.exe"), "{}", refused.words());
    assert_eq!(refused.raw_texts("#explanation")[0].trim(), "See the file.");
    let one = send("", &[("evidence", "a.pdf", PDF), ("evidence", "b.exe", b"MZ")]).await.expect(422);
    assert_eq!(one.values("input[name=kept_evidence]", "value").len(), 1, "what could be taken is kept");
    assert_eq!(kept(&portal, id).status, ActivityStatus::Returned);
    // a file alone is an answer
    led_to(&send("", &[("evidence", "a.pdf", PDF)]).await);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Submitted);
}

#[actix_web::test]
async fn only_what_is_asked_now_is_answered_once_and_by_its_holder() {
    let (portal, people, browser, id) = asked().await;
    let path = format!("/activities/{id}/answer");
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    let version = version(&page);
    let answer = [("version", version.as_str()), ("explanation", "It was the same course.")];
    let stranger = portal.browser(&people.stranger).await;
    stranger.post_files(&path, &answer, &[]).await.expect(404);
    let old = [("version", "1"), answer[1]];
    let refused = browser.post_files(&path, &old, &[]).await.expect(409);
    assert!(refused.text(".error-summary").contains("changed elsewhere"), "{}", refused.words());
    assert_eq!(refused.raw_texts("#explanation")[0].trim(), "It was the same course.");
    let token = browser.token().await;
    let mut form = vec![("csrf_token", token.as_str())];
    form.extend(answer);
    for _ in 0..2 {
        let done = browser.post_files_bare(&path, &form, &[]).await;
        assert_eq!(led_to(&done), id, "a second press leads to the same place");
    }
    assert_eq!(kept(&portal, id).version, 3, "and is one answer");
    let late = [("version", "3"), ("explanation", "One thing more.")];
    let page = browser.post_files(&path, &late, &[]).await.expect(409);
    assert!(page.words().contains("One thing more."), "what was typed is shown: {}", page.words());
    decide(&portal, &people, id, &APPROVE);
    browser.post_files(&path, &late, &[]).await.expect(409);
}

#[actix_web::test]
async fn a_report_that_cannot_be_sent_as_it_stands_leads_to_its_form() {
    let (portal, _, browser, id) = asked().await;
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    let version = version(&page);
    let gone = format!(
        "UPDATE activities SET started_on = '2020-01-01', completed_on = '2020-01-01' WHERE id = {id}"
    );
    crate::timetable::body::behind_its_back(&portal, &gone);
    let answer = [("version", version.as_str()), ("explanation", "See above.")];
    let page = browser.post_files(&format!("/activities/{id}/answer"), &answer, &[]).await.expect(422);
    let summary = page.text(".error-summary");
    assert!(summary.contains("The report itself has to be changed first."), "{summary}");
}
