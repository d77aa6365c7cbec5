use chrono::TimeDelta;

use cpe_portal::domain::activities::activity::ActivityStatus;

use super::verdict;
use crate::support::TestPortal;
use crate::timetable::body::run_on;

#[actix_web::test]
async fn returned_reports_have_a_list_that_says_since_when_it_is_their_holders_turn() {
    let portal = TestPortal::new();
    let people = portal.people();
    let rita = portal.browser(&people.reviewer).await;
    let path = "/staff/review?show=returned";
    assert!(rita.get(path).await.expect(200).has(".empty"));
    let back = [("decision", "return"), ("reason_code", "no_evidence"), ("reason", "Where?")];
    for n in 1..=26 {
        let id = portal.submitted(&people.owner, &format!("Course {n:02}"), "2026-05-02", 1);
        verdict(&rita, id, &back).await.expect(303);
        portal.clock.advance(TimeDelta::minutes(1));
    }
    let waiting = portal.submitted(&people.owner, "It waits", "2026-05-02", 1);
    portal.clock.advance(TimeDelta::hours(48));
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(path).await.expect(200);
    let titles = page.texts("tbody th a");
    assert_eq!((titles.len(), titles[0].as_str(), titles[24].as_str()), (25, "Course 01", "Course 25"));
    let row = page.text("tbody tr");
    assert!(row.contains("2 May") && row.contains("for 2 days"), "{row}");
    assert!(row.contains("Something that shows it took place is needed"), "{row}");
    let next = page.values(".pagination [rel=next]", "href").remove(0);
    let second = rita.get(&next).await.expect(200);
    assert_eq!(second.texts("tbody th a"), ["Course 26"]);
    let back = second.values(".pagination [rel=prev]", "href").remove(0);
    assert_eq!(rita.get(&back).await.texts("tbody th a"), titles);

    // the overview and the queue lead there; what waits for staff is not in it
    let overview = rita.get("/staff").await.expect(200);
    assert!(overview.values("main a", "href").contains(&path.to_owned()));
    let queue = rita.get("/staff/review").await.expect(200);
    assert!(queue.values(".switcher a", "href").contains(&path.to_owned()));
    assert_eq!(queue.values("tbody th a", "href"), [format!("/staff/activities/{waiting}")]);
}

#[actix_web::test]
async fn a_question_that_was_a_mistake_is_taken_back_once_and_the_report_waits_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A course", "2026-05-02", 2);
    let rita = portal.browser(&people.reviewer).await;
    let back = [("decision", "return"), ("reason_code", "no_evidence"), ("reason", "Where?")];
    verdict(&rita, id, &back).await.expect(303);
    let page = rita.get(&format!("/staff/activities/{id}")).await.expect(200);
    let action = page.values("form[action$='/return/removal']", "action").remove(0);
    let version = page.values("form[action$='/return/removal'] input[name=version]", "value").remove(0);
    rita.post(&action, &[("version", "1")]).await.expect(409);
    let done = rita.post(&action, &[("version", &version)]).await.expect(303);
    assert!(rita.follow(done).await.words().contains("The report is waiting for review again."));
    rita.post(&action, &[("version", &version)]).await.expect(409);
    let mails: Vec<String> = portal.mails_to(&people.owner).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(mails, ["returned", "question-taken-back"], "told once");
    assert_eq!(rita.get("/staff/review").await.texts("tbody th a"), ["A course"]);

    let owner = portal.browser(&people.owner).await;
    let words = owner.get(&format!("/activities/{id}")).await.expect(200).words();
    assert!(words.contains("We have had it since") && words.contains("We took our question back"), "{words}");
    assert!(!words.contains("We have a question about this report"), "{words}");
    assert!(!owner.get("/dashboard").await.has("#waiting"));
    // it can be decided like any other, and what is decided has no question to take back
    verdict(&rita, id, &[("decision", "approve")]).await.expect(303);
    let version =
        portal.texts(&format!("SELECT version || '' AS text FROM activities WHERE id = {id}")).remove(0);
    let refused = rita.post(&action, &[("version", &version)]).await.expect(422);
    assert!(refused.words().contains("no question to take back"), "{}", refused.words());
}

#[actix_web::test]
async fn nobody_takes_back_the_question_about_their_own_report() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.reviewer, "ISP", "ISP-3003", "2026-03-15");
    let id = portal.submitted(&people.reviewer, "A course", "2026-05-02", 2);
    let ada = portal.browser(&people.administrator).await;
    let back = [("decision", "return"), ("reason_code", "no_evidence"), ("reason", "Where?")];
    verdict(&ada, id, &back).await.expect(303);
    let rita = portal.browser(&people.reviewer).await;
    assert!(
        !rita
            .get(&format!("/staff/activities/{id}"))
            .await
            .expect(200)
            .has("form[action$='/return/removal']")
    );
    let refused = rita.post(&format!("/staff/activities/{id}/return/removal"), &[("version", "2")]).await;
    refused.expect(422);
    assert_eq!(portal.mails_to(&people.reviewer).len(), 1, "nothing was taken back");
}

#[actix_web::test]
async fn a_verdict_that_was_a_mistake_is_taken_back_with_a_reason_that_its_holder_reads() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A course", "2026-05-02", 2);
    let rita = portal.browser(&people.reviewer).await;
    verdict(&rita, id, &[("decision", "reject"), ("reason_code", "other"), ("reason", "No.")])
        .await
        .expect(303);
    let page = rita.get(&format!("/staff/activities/{id}")).await.expect(200);
    let action = page.values("form[action$='/review/removal']", "action").remove(0);
    let version = page.values("form[action$='/review/removal'] input[name=version]", "value").remove(0);
    let refused = rita.post(&action, &[("version", &*version), ("reason", " ")]).await.expect(422);
    assert!(refused.error("reason").contains("the holder reads it"), "{}", refused.words());
    rita.post(&action, &[("version", "1"), ("reason", "My mistake.")]).await.expect(409);
    let done = rita.post(&action, &[("version", &*version), ("reason", "My mistake.")]).await.expect(303);
    assert!(rita.follow(done).await.words().contains("The verdict has been taken back"));
    rita.post(&action, &[("version", &*version), ("reason", "My mistake.")]).await.expect(409);
    let (kind, text) = portal.mails_to(&people.owner).pop().unwrap();
    assert_eq!(kind, "verdict-taken-back");
    assert!(
        text.contains("We had rejected your report “A course”") && text.contains("My mistake."),
        "{text}"
    );
    assert_eq!(rita.get("/staff/review").await.texts("tbody th a"), ["A course"]);
    let words = rita.get(&format!("/staff/activities/{id}")).await.expect(200).words();
    let told = "Verdicts so far (2) Rejected by Rita Reviewer";
    assert!(words.contains(told) && words.contains("Verdict taken back by Rita Reviewer"), "{words}");
    let owner = portal.browser(&people.owner).await;
    let words = owner.get(&format!("/activities/{id}")).await.expect(200).words();
    assert!(words.contains("We took our verdict back") && words.contains("My mistake."), "{words}");
    assert!(!words.contains("This report does not count"), "{words}");

    // approved now, and no longer to be touched once its year is settled
    verdict(&rita, id, &[("decision", "approve")]).await.expect(303);
    portal.activity(&people.owner, ActivityStatus::Approved, "The rest", "2026-05-03", 18);
    run_on(&portal, "2027-03-15");
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(
        page.words().contains("Its certification year is settled, so its verdict stands."),
        "{}",
        page.words()
    );
    assert!(!page.has("form[action$='/review/removal']"));
    let version =
        portal.texts(&format!("SELECT version || '' AS text FROM activities WHERE id = {id}")).remove(0);
    let refused = rita.post(&action, &[("version", &*version), ("reason", "Hm.")]).await.expect(422);
    assert!(refused.words().contains("a settled year stays as it is"), "{}", refused.words());
    assert_eq!(portal.texts(&format!("SELECT status AS text FROM activities WHERE id = {id}")), ["approved"]);
}

#[actix_web::test]
async fn more_than_was_reported_is_awarded_only_by_somebody_who_says_so_and_never_more_than_the_days_have() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A course", "2026-05-02", 2);
    let rita = portal.browser(&people.reviewer).await;
    let award = |quantity| [("decision", "approve"), ("quantity", quantity), ("reason", "By the programme.")];
    let refused = verdict(&rita, id, &award("1000")).await.expect(422);
    assert!(refused.error("quantity").contains("only 24 hours"), "{}", refused.words());
    let refused = verdict(&rita, id, &award("3")).await.expect(422);
    assert!(refused.error("more").contains("more than was reported, 2 hours"), "{}", refused.words());
    assert_eq!(refused.values("#quantity", "value"), ["3"]);
    assert!(refused.has("input[type=checkbox][name=more]:not([checked])"));
    let mut confirmed = award("3").to_vec();
    confirmed.push(("more", "1"));
    verdict(&rita, id, &confirmed).await.expect(303);
    assert!(portal.mails_to(&people.owner).pop().unwrap().1.contains("3 hours"));
}
