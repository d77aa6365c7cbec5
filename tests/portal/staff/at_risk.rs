use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::store::accounts::Account;

use crate::support::{Browser, TestPortal, day};
use crate::timetable::body::{behind_its_back, kinds_of, practitioner, texts};

async fn press(browser: &Browser, path: &str) -> String {
    let page = browser.get(path).await.expect(200);
    let form = "form[action='/staff/at-risk/letter'][method=post]";
    let keys = page.values(&format!("{form} input[name=year]"), "value");
    let mut fields: Vec<(&str, &str)> = keys.iter().map(|key| ("year", key.as_str())).collect();
    if page.has(&format!("{form} input[name=everybody]")) {
        fields.push(("everybody", "1"));
    }
    let answer = browser.post("/staff/at-risk/letter", &fields).await.expect(303);
    browser.follow(answer).await.text(".notice[role=status]")
}

fn letters_to(portal: &TestPortal, holder: &Account) -> usize {
    kinds_of(portal, holder.id).iter().filter(|kind| *kind == "friendly-reminder").count()
}

#[actix_web::test]
async fn the_list_says_worst_likely_and_missing_and_leaves_out_who_is_safe_or_far_away() {
    let portal = TestPortal::new();
    let people = portal.people(); // deadlines in March 2027: more than 90 days ahead
    let (short, _) = practitioner(&portal, "Short", "2026-01-01");
    let (silent, _) = practitioner(&portal, "Silent", "2026-01-02");
    let (waiting, _) = practitioner(&portal, "Waiting", "2026-01-03");
    let (safe, _) = practitioner(&portal, "Safe", "2026-01-04");
    portal.activity(&short, ActivityStatus::Approved, "A course", "2026-05-01", 12);
    portal.submitted(&short, "A lecture", "2026-05-02", 3);
    portal.submitted(&waiting, "A long course", "2026-05-02", 20);
    portal.activity(&safe, ActivityStatus::Approved, "A course", "2026-05-01", 20);
    let browser = portal.browser(&people.reviewer).await;
    let page = browser.get("/staff/at-risk").await.expect(200);
    assert_eq!(page.texts("tbody th a"), ["Short", "ISP-Short", "Silent", "ISP-Silent"]);
    let row = page.texts("tbody tr").remove(0);
    assert!(row.contains("31 Dec") && row.contains("in 38 days"), "{row}");
    assert_eq!(page.texts("tbody tr:first-child td.number"), ["12.00", "15.00", "5.00 of 20"]);
    assert!(page.words().contains("until 21 February 2027"));
    assert_eq!(
        browser.get("/staff/at-risk?show=nothing").await.texts("tbody th a"),
        ["Silent", "ISP-Silent"]
    );
    assert_eq!(
        browser.get("/staff/at-risk?show=pending").await.texts("tbody th a"),
        ["Waiting", "ISP-Waiting"]
    );
    portal.clock.set_local(day("2027-01-02"), 10);
    let browser = portal.browser(&people.reviewer).await;
    let page = browser.get("/staff/at-risk?show=nonsense&after=%F0").await.expect(200);
    assert!(!page.words().contains("Short"), "its deadline has passed");
    assert_eq!(letters_to(&portal, &silent), 0);
}

#[actix_web::test]
async fn a_friendly_mail_is_seen_before_it_is_sent_and_sent_once_however_often_it_is_asked_for() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (short, certificate) = practitioner(&portal, "Short", "2026-01-01");
    portal.certificate(&short, "DPP", "DPP-Short", "2026-01-05");
    let browser = portal.browser(&people.reviewer).await;
    let path = format!("/staff/at-risk/letter?year={certificate}:1");
    let page = browser.get(&path).await.expect(200);
    assert!(page.words().contains("1 person gets an email, about 1 certification year."), "{}", page.words());
    assert!(
        page.text("pre").contains("20.00")
            && page
                .text("pre")
                .contains("Rita Reviewer of Institute for Testing sent you this email through")
    );
    assert_eq!(letters_to(&portal, &short), 0, "looking writes nothing");

    assert_eq!(press(&browser, &path).await, "1 email is in the outbox.");
    assert_eq!(letters_to(&portal, &short), 1);
    // a double click, a second person, a bookmark
    let key = format!("{certificate}:1");
    browser.post("/staff/at-risk/letter", &[("year", key.as_str())]).await.expect(303);
    assert_eq!(letters_to(&portal, &short), 1);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.words().contains("1 year is left out, because somebody wrote about it within the last 7 days.")
    );
    assert!(browser.get("/staff/at-risk").await.words().contains("Written to 23 Nov"));
    // the other year may still be told
    assert_eq!(
        press(&browser, "/staff/at-risk/letter?everybody=1").await,
        "1 email is in the outbox. 1 year is left out, because somebody wrote about it within the last 7 days."
    );
    assert_eq!(letters_to(&portal, &short), 2);
    let events = texts(
        &portal,
        "SELECT event || ' by ' || actor_id AS text FROM history WHERE event LIKE 'friendly%'",
    );
    assert_eq!(events, vec![format!("friendly reminder sent by {}", people.reviewer.id); 2]);

    // after a week it may be said again
    portal.clock.set_local(day("2026-11-29"), 10);
    let browser = portal.browser(&people.reviewer).await;
    browser.post("/staff/at-risk/letter", &[("year", key.as_str())]).await.expect(303);
    assert_eq!(letters_to(&portal, &short), 2);
    portal.clock.set_local(day("2026-11-30"), 10);
    let browser = portal.browser(&people.reviewer).await;
    browser.post("/staff/at-risk/letter", &[("year", key.as_str())]).await.expect(303);
    assert_eq!(letters_to(&portal, &short), 3);
}

#[actix_web::test]
async fn a_mail_to_all_is_one_for_each_holder_and_none_for_who_needs_none() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (short, _) = practitioner(&portal, "Short", "2026-01-01");
    portal.certificate(&short, "DPP", "DPP-Short", "2026-01-05");
    let (silent, _) = practitioner(&portal, "Silent", "2026-01-02");
    let (safe, safe_certificate) = practitioner(&portal, "Safe", "2026-01-04");
    portal.activity(&safe, ActivityStatus::Approved, "A course", "2026-05-01", 20);
    let (closed, _) = practitioner(&portal, "Closed", "2026-01-04");
    behind_its_back(
        &portal,
        &format!("UPDATE accounts SET deactivated_at = created_at WHERE id = {}", closed.id),
    );
    let browser = portal.browser(&people.reviewer).await;
    let words = press(&browser, "/staff/at-risk/letter?everybody=1").await;
    assert_eq!(words, "2 emails are in the outbox.");
    for (holder, letters) in [(&short, 1), (&silent, 1), (&safe, 0), (&closed, 0), (&people.owner, 0)] {
        assert_eq!(letters_to(&portal, holder), letters, "{}", holder.name);
    }
    let mail =
        texts(&portal, &format!("SELECT body_text AS text FROM mails WHERE account_id = {}", short.id))
            .remove(0);
    assert!(mail.contains("ISP-Short") && mail.contains("DPP-Short"), "{mail}");
    let key = format!("{safe_certificate}:1");
    let answer = browser.post("/staff/at-risk/letter", &[("year", key.as_str())]).await.expect(303);
    let words = browser.follow(answer).await.text(".notice[role=status]");
    assert_eq!(words, "No email was written. 1 year is left out, because nothing is missing there any more.");
    for nonsense in ["", "x", "1:", "999999999999999999999:1"] {
        let page = browser.post("/staff/at-risk/letter", &[("year", nonsense)]).await.expect(422);
        assert!(page.has(".error-summary a[href='#years']"), "{nonsense}");
    }
}

#[actix_web::test]
async fn own_words_stand_in_the_mail_and_are_never_sent_before_they_were_shown_in_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (short, certificate) = practitioner(&portal, "Short", "2026-01-01");
    let browser = portal.browser(&people.reviewer).await;
    let key = format!("{certificate}:1");
    let path = "/staff/at-risk/letter";
    let words = "Was the course in May\r\nnot yours? <b>Tell us</b>.";
    let page = browser.post(path, &[("year", &key), ("words", words)]).await.expect(200);
    assert!(page.words().contains("Nothing has been sent yet"), "{}", page.words());
    let mail = page.text("pre");
    assert!(
        mail.contains("Rita Reviewer adds: > Was the course in May > not yours? <b>Tell us</b>."),
        "{mail}"
    );
    assert!(!mail.contains("automatically"), "who writes is said once: {mail}");
    assert_eq!(letters_to(&portal, &short), 0);
    let shown = page.values("input[name=shown]", "value").remove(0);

    // changed once more: shown once more
    let other = [("year", key.as_str()), ("words", "Other words."), ("shown", &shown)];
    browser.post(path, &other).await.expect(200);
    assert_eq!(letters_to(&portal, &short), 0);
    let same = [("year", key.as_str()), ("words", words), ("shown", &shown)];
    browser.post(path, &same).await.expect(303);
    assert_eq!(letters_to(&portal, &short), 1);
    let of = |column: &str| {
        texts(&portal, &format!("SELECT {column} AS text FROM mails WHERE account_id = {}", short.id))
            .remove(0)
    };
    assert!(of("body_text").contains("> not yours? <b>Tell us</b>."), "{}", of("body_text"));
    let html = of("body_html");
    assert!(html.contains("Tell us") && !html.contains("<b>Tell us"), "{html}");

    let (_, certificate) = practitioner(&portal, "Another", "2026-01-01");
    let key = format!("{certificate}:1");
    let long = "x".repeat(401);
    let page = browser.post(path, &[("year", &key), ("words", &long)]).await.expect(422);
    assert_eq!(page.error("words"), "Error: Use at most 400 characters. There are 401 now.");
    assert_eq!(page.text("#words"), long);
}

#[actix_web::test]
async fn the_list_says_whose_mail_came_back_and_the_mail_log_finds_a_persons_mail() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (short, _) = practitioner(&portal, "Short", "2026-01-01");
    let (other, _) = practitioner(&portal, "Shortbread", "2026-01-02");
    let administrator = portal.browser(&people.administrator).await;
    for holder in [&short, &other] {
        let path = format!("/staff/holders/{}", holder.id);
        administrator.get(&path).await.expect(200);
        administrator.post(&format!("{path}/invitation"), &[]).await.expect(303);
    }
    behind_its_back(&portal, "UPDATE mails SET state = 'sent', sent_at = created_at");
    let mail = texts(&portal, &format!("SELECT id || '' AS text FROM mails WHERE account_id = {}", short.id))
        .remove(0);
    assert!(!administrator.get("/staff/at-risk").await.words().contains("Email came back"));
    administrator.get(&format!("/staff/mail/{mail}")).await.expect(200);
    administrator
        .post(&format!("/staff/mail/{mail}/return"), &[("words", "No such mailbox.")])
        .await
        .expect(303);
    let rows = administrator.get("/staff/at-risk").await.expect(200).texts("tbody tr");
    assert!(rows[0].contains("Short") && rows[0].contains("Email came back"), "{rows:?}");
    assert!(!rows[1].contains("Email came back"), "{rows:?}");

    let several = administrator.get("/staff/mail?who=short").await.expect(200);
    assert!(several.words().contains("Several people match."), "{}", several.words());
    let address = several.values("main ul a[href*='to=']", "href").remove(0);
    let one = administrator.get(&address).await.expect(200);
    assert_eq!(one.texts("tbody tr").len(), 1);
    assert!(one.words().contains("Every email to Short."), "{}", one.words());
    let one = administrator.get("/staff/mail?who=ISP-Shortbread").await.expect(200);
    assert!(one.words().contains("Every email to Shortbread."), "{}", one.words());
    let nobody = administrator.get("/staff/mail?who=Zyx").await.expect(200);
    assert!(nobody.error("who").contains("Nobody has this name"), "{}", nobody.words());
    assert_eq!(nobody.values("#who", "value"), ["Zyx"]);
}
