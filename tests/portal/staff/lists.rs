use cpe_portal::domain::activities::activity::ActivityStatus;

use crate::support::{TestPortal, day};
use crate::timetable::body::{behind_its_back, practitioner, run_on, texts};

#[actix_web::test]
async fn the_overview_says_what_needs_attention_and_says_so_when_nothing_does() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff").await.expect(200);
    assert!(page.words().contains("Nothing needs attention"));
    // those of the two people, in March
    let week = page.texts("tbody tr").remove(0);
    assert_eq!(week, "8 March 202720002");
    assert!(
        page.words().contains("No reports are waiting.")
            && page.words().contains("No year has been settled here")
    );

    let (flora, _) = practitioner(&portal, "Flora", "2026-01-01");
    let (walter, _) = practitioner(&portal, "Walter", "2026-01-01");
    portal.submitted(&walter, "Enough", "2026-05-02", 20);
    portal.activity(&flora, ActivityStatus::Returned, "A question", "2026-05-02", 1);
    let page = reviewer.get("/staff").await.expect(200);
    assert!(
        page.texts(".tally li").contains(&"1 report is waiting for review".to_owned()),
        "{:?}",
        page.texts(".tally li")
    );
    assert!(page.texts(".tally li").contains(&"1 report is with its holder".to_owned()));
    // two deadlines: none reached, one covered, one with credits missing
    let week = page.texts("tbody tr").remove(0);
    assert_eq!(week, "28 December 202620110");
    let label = page.values(".columns svg[role=img]", "aria-label").remove(0);
    assert_eq!(
        label,
        "4 deadlines in the next year: 0 minimum reached, 1 covered by waiting reports, 1 credits missing, \
         2 nothing reported yet"
    );
    assert!(page.texts("tbody tr").contains(&"up to 2 days1".to_owned()), "{:?}", page.texts("tbody tr"));

    run_on(&portal, "2027-01-01");
    let reviewer = portal.browser(&people.reviewer).await;
    let cards = reviewer.get("/staff").await.expect(200).texts(".tally li");
    assert!(
        cards.contains(&"1 flagged year".to_owned()) && cards.contains(&"1 year awaits review".to_owned()),
        "{cards:?}"
    );
    portal.clock.set_local(day("2027-01-16"), 10);
    behind_its_back(&portal, "UPDATE mails SET state = 'failed' WHERE id = (SELECT MIN(id) FROM mails)");
    let reviewer = portal.browser(&people.reviewer).await;
    let cards = reviewer.get("/staff").await.expect(200).texts(".tally li");
    assert!(
        cards.contains(&"1 flagged year to decide now".to_owned())
            && cards.contains(&"1 email is stuck".to_owned()),
        "{cards:?}"
    );
}

#[actix_web::test]
async fn flagged_years_say_until_when_the_holder_can_answer_and_what_can_be_done() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    assert!(reviewer.get("/staff/flagged").await.expect(200).words().contains("No year is flagged"));
    let (late, _) = practitioner(&portal, "Late", "2026-01-01");
    practitioner(&portal, "Silent", "2026-01-01");
    run_on(&portal, "2027-01-01");
    portal.submitted(&late, "Reported after the flag", "2026-06-01", 20);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/flagged").await.expect(200);
    let rows = page.texts("tbody tr");
    assert_eq!(rows.len(), 2);
    assert!(rows[0].contains("ISP-Late") && rows[0].contains("Review first"), "{rows:?}");
    assert!(rows[1].contains("1 January 2027") && rows[1].contains("15 January 2027"), "{rows:?}");
    assert!(rows[1].contains("20.00 missing") && rows[1].contains("can be decided from 16 January 2027 on"));
    portal.clock.set_local(day("2027-01-16"), 10);
    let reviewer = portal.browser(&people.reviewer).await;
    let rows = reviewer.get("/staff/flagged").await.expect(200).texts("tbody tr");
    assert!(rows[1].contains("can be decided now"), "{rows:?}");
}

#[actix_web::test]
async fn deadlines_are_listed_by_day_and_paged_and_passed_ones_stand_apart() {
    let portal = TestPortal::new();
    let people = portal.people();
    for n in 0..70 {
        practitioner(&portal, &format!("H{n:02}"), "2026-02-01");
    }
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/deadlines").await.expect(200);
    assert_eq!(page.texts("table:has(td.tight b) tbody th a")[0], "ISP-H00");
    let mut numbers = page.texts("td.tight + th a");
    let next = page.values(".pagination [rel=next]", "href").remove(0);
    let page = reviewer.get(&next).await.expect(200);
    numbers.extend(page.texts("td.tight + th a"));
    assert_eq!(numbers.len(), 72, "with owner and stranger: {numbers:?}");
    numbers.dedup();
    assert_eq!(numbers.len(), 72);
    let page = reviewer.get("/staff/deadlines?which=passed").await.expect(200);
    assert!(page.words().contains("Nothing is left over"));
    portal.clock.set_local(day("2027-02-01"), 10);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/deadlines?which=passed").await.expect(200);
    assert!(page.words().contains("Deadline passed"), "before the run has looked");
    for nonsense in ["?after=x", "?before=..", "?after=2027-01-01.x.1", "?which=%00", "?after=9999-99-99.1.1"]
    {
        reviewer.get(&format!("/staff/deadlines{nonsense}")).await.expect(200);
    }
}

#[actix_web::test]
async fn the_mail_log_shows_texts_but_never_personal_links_and_resolves_stuck_mails() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    reviewer.post(&format!("/staff/holders/{}/invitation", people.owner.id), &[]).await.expect(303);
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    reviewer.post(&format!("/staff/activities/{id}/review"), &[("decision", "approve")]).await.expect(303);

    let page = reviewer.get("/staff/mail").await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 2);
    let invitation = reviewer.get("/staff/mail/1").await.expect(200);
    assert!(
        invitation.words().contains("Nobody but its recipient may read it")
            && !invitation.html().contains("/invitation/")
    );
    assert!(reviewer.get("/staff/mail/2").await.expect(200).text("pre").contains("A seminar"));
    reviewer.get("/staff/mail/99").await.expect(404);

    reviewer.post("/staff/mail/2/dispatch", &[]).await.expect(409);
    behind_its_back(&portal, "UPDATE mails SET state = 'uncertain' WHERE id = 2");
    let page = reviewer.get("/staff/mail/2").await.expect(200);
    assert!(page.words().contains("It may or may not have arrived"));
    reviewer.post("/staff/mail/2/arrival", &[]).await.expect(303);
    assert_eq!(texts(&portal, "SELECT state AS text FROM mails WHERE id = 2"), ["sent"]);
    reviewer.post("/staff/mail/2/arrival", &[]).await.expect(409);

    behind_its_back(
        &portal,
        "UPDATE mails SET state = 'failed', last_error = 'no such mailbox' WHERE id = 2",
    );
    behind_its_back(
        &portal,
        "UPDATE accounts SET email = 'new@people.test' WHERE email = 'owner@people.test'",
    );
    assert!(reviewer.get("/staff/mail?which=stuck").await.expect(200).words().contains("Failed"));
    assert!(reviewer.get("/staff/mail/2").await.expect(200).words().contains("no such mailbox"));
    reviewer.post("/staff/mail/2/dispatch", &[]).await.expect(303);
    assert_eq!(
        texts(&portal, "SELECT state || ' ' || to_address AS text FROM mails WHERE id = 2"),
        ["pending new@people.test"]
    );
    let events = texts(&portal, "SELECT event AS text FROM history WHERE event LIKE 'mail %'");
    assert_eq!(events, ["mail marked as delivered", "mail sent again"]);
}

#[actix_web::test]
async fn the_history_is_paged_and_filtered() {
    let portal = TestPortal::new();
    let people = portal.people();
    for n in 0..130 {
        let event = format!(
            "INSERT INTO history (at, event, holder_id, detail) VALUES ('2026-11-23 09:00:00', 'tested', {}, 'n{n}')",
            people.owner.id
        );
        behind_its_back(&portal, &event);
    }
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/history?holder={}", people.owner.id)).await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 100);
    let older = page.values(".pagination [rel=next]", "href").remove(0);
    let page = reviewer.get(&older).await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 31, "130 and the grant");
    assert!(!page.words().contains("Stan Stranger"));
    reviewer.get("/staff/history?holder=x&before=y").await.expect(200);
}
