//! What staff read of the email to a holder is what is true at that moment: it leaves, or it is held, and by what.

use std::ops::ControlFlow;

use chrono::TimeDelta;
use cpe_portal::actions::mail::friendly_reminder::is_enough;
use cpe_portal::actions::mail::going_live::{go_live, hold, holder_mails};
use cpe_portal::domain::ids::{AccountId, ActivityId};
use cpe_portal::domain::notices::delivery::{Delivery, HeldBy};
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::store::mail::friendly_reminders::YearLetter;

use super::{decision, verdict};
use crate::support::{Browser, Page, TestPortal, day};
use crate::timetable::body::{approved, behind_its_back, practitioner, run_on, texts};

/// As somebody is who came with an import: no password, no invitation.
fn never_invited(portal: &TestPortal, holder: AccountId) {
    let sql = format!("UPDATE accounts SET password_hash = NULL, invited_at = NULL WHERE id = {holder}");
    behind_its_back(portal, &sql);
}

/// As after a restore.
fn all_held(portal: &TestPortal) {
    behind_its_back(
        portal,
        "INSERT INTO mail_holds (cause, backup_made_at, held_at, last_mail) \
         VALUES ('restore', '2026-11-20 00:00:00', '2026-11-21 00:00:00', 0)",
    );
}

async fn approve(browser: &Browser, report: ActivityId) -> Page {
    let answer = verdict(browser, report, &[("decision", "approve")]).await.expect(303);
    browser.follow(answer).await.expect(200)
}

const NOTICE: &str = ".notice[role=status]";

#[actix_web::test]
async fn a_verdict_is_never_called_told_while_its_email_is_held() {
    let portal = TestPortal::new();
    let people = portal.people();
    let titles = ["One", "Two", "Three", "Four"];
    let [first, second, third, fourth] =
        titles.map(|title| portal.submitted(&people.owner, title, "2026-05-02", 1));
    let rita = portal.browser(&people.reviewer).await;
    let page = approve(&rita, first).await;
    assert!(page.text(NOTICE).contains("1 credit. The holder is told."), "{}", page.text(NOTICE));

    never_invited(&portal, people.owner.id);
    let page = approve(&rita, second).await;
    let words = "The holder will see it, but gets no email yet: they were never invited.";
    assert!(page.text(NOTICE).contains(words), "{}", page.text(NOTICE));
    let invite = format!("{NOTICE} a[href='/staff/holders/{}']", people.owner.id);
    assert!(!page.has(&invite), "a reviewer cannot invite");
    hold(&portal, None).unwrap();
    let page = approve(&rita, third).await;
    let words = "The holder will see it, but gets no email yet: emails to holders are held.";
    assert!(page.text(NOTICE).contains(words), "{}", page.text(NOTICE));
    assert!(page.has(&format!("{NOTICE} a[href='/staff/mail/live']")));

    all_held(&portal);
    let page = approve(&rita, fourth).await;
    let words = "The holder will see it, but gets no email yet: all emails are held.";
    assert!(page.text(NOTICE).contains(words), "{}", page.text(NOTICE));
    assert!(page.has(&format!("{NOTICE} a[href='/staff/mail/hold']")));
}

#[actix_web::test]
async fn an_administrator_is_led_to_where_a_holder_is_invited() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 1);
    never_invited(&portal, people.owner.id);
    let ada = portal.browser(&people.administrator).await;
    let page = approve(&ada, report).await;
    assert!(page.has(&format!("{NOTICE} a[href='/staff/holders/{}']", people.owner.id)));
}

#[actix_web::test]
async fn a_batch_says_how_many_of_its_holders_get_no_email_yet_and_why() {
    let portal = TestPortal::new();
    let people = portal.people();
    let rita = portal.browser(&people.reviewer).await;
    let batch = async || {
        let ids = [&people.owner, &people.stranger]
            .map(|holder| portal.submitted(holder, "A lecture", "2026-05-02", 1));
        let ticks = ids.map(|id| format!("{id}:1"));
        let fields = [("report", ticks[0].as_str()), ("report", ticks[1].as_str())];
        let answer = rita.post("/staff/review", &fields).await.expect(303);
        rita.follow(answer).await.expect(200).text(NOTICE)
    };
    let words = batch().await;
    assert!(words.contains("They are told."), "{words}");
    never_invited(&portal, people.owner.id);
    let words = batch().await;
    assert!(
        words.contains("They are told. 1 of them gets no email yet: they were never invited."),
        "{words}"
    );
    hold(&portal, None).unwrap();
    let words = batch().await;
    assert!(words.contains("They will see it, but get no email yet: emails to holders are held."), "{words}");
}

#[actix_web::test]
async fn a_decision_and_the_pages_around_it_call_a_held_email_held_with_what_ends_that() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    approved(&portal, &flora, "2026-05-02", 5);
    hold(&portal, None).unwrap();
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-16"), 10);
    let ada = portal.browser(&people.administrator).await;
    let cure = "Emails to holders are held until an administrator releases them.";

    let page = ada.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    let told = page.texts("table td .tag");
    assert!(told.iter().any(|tag| tag == "Held") && !told.iter().any(|tag| tag == "On its way"), "{told:?}");
    assert!(page.words().contains(cure), "{}", page.words());

    let path = format!("/staff/certificates/{certificate}/decertification");
    let page = ada.get(&path).await.expect(200);
    let words = page.words();
    assert!(words.contains("Held; written on") && words.contains(cure), "{words}");
    assert!(!words.contains("Written on"), "{words}");
    assert!(
        words.contains("The email about the flag is held: nobody has sent it to the holder yet."),
        "{words}"
    );
    assert!(
        words.contains("Flora can read the reason that you write here, but gets no email yet: emails to holders are held."),
        "{words}"
    );

    let done = decision(&ada, certificate, "extension", &[("reason", "Illness."), ("until", "2027-02-01")]);
    let done = done.await.expect(303);
    let said = ada.follow(done).await.expect(200).text(NOTICE);
    let words =
        "The deadline has moved. The holder will see it, but gets no email yet: emails to holders are held.";
    assert!(said.contains(words), "{said}");
}

#[actix_web::test]
async fn a_held_letter_keeps_nobody_from_writing_again_and_the_newer_one_goes_in_its_place() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = practitioner(&portal, "Short", "2026-01-01");
    hold(&portal, None).unwrap();
    let key = format!("{certificate}:1");
    let write = async || {
        let rita = portal.browser(&people.reviewer).await;
        let answer = rita.post("/staff/at-risk/letter", &[("year", key.as_str())]).await.expect(303);
        rita.follow(answer).await.expect(200)
    };
    let page = write().await;
    let words = "1 email is in the outbox. 1 email is held there: emails to holders are held.";
    assert_eq!(page.text(NOTICE), words);
    assert!(page.texts("tbody .tag").contains(&"Held".to_owned()));
    assert!(page.words().contains("Emails to holders are held until an administrator releases them."));
    assert!(!page.has("tbody input[type=checkbox]"), "not twice on one day");

    portal.clock.set_local(day("2026-11-24"), 10);
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get("/staff/at-risk").await.expect(200);
    assert!(page.has("tbody input[type=checkbox]") && page.texts("tbody .tag").contains(&"Held".to_owned()));
    write().await;
    let letters = "SELECT state AS text FROM mails WHERE kind = 'friendly-reminder' ORDER BY id";
    assert_eq!(texts(&portal, letters), ["failed", "pending"], "the older one is not sent");

    let seen = holder_mails(&portal).unwrap().seen;
    go_live(&portal, None, &[], Some(seen)).unwrap();
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    assert_eq!(texts(&portal, letters), ["failed", "sent"]);
    portal.clock.set_local(day("2026-11-25"), 10);
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get("/staff/at-risk").await.expect(200);
    assert!(!page.has("tbody input[type=checkbox]"), "one that left keeps the box away");
    assert!(page.words().contains("Written to 24 Nov"), "{}", page.words());
}

#[actix_web::test]
async fn undone_says_what_may_have_been_seen_and_too_late_leads_to_taking_it_back() {
    let portal = TestPortal::with(|settings| settings.undo_seconds = None);
    let people = portal.people();
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    let page = approve(&rita, report).await;
    assert!(page.text(NOTICE).contains("The holder is told in a minute."), "{}", page.text(NOTICE));
    let undo = page.values("form[data-undo]", "action").remove(0);
    let done = rita.post(&undo, &[]).await.expect(303);
    let said = rita.follow(done).await.expect(200).text(NOTICE);
    let words = "No email was sent; whoever looked at the page in that minute may have seen it.";
    assert!(said.contains(words), "{said}");

    let page = approve(&rita, report).await;
    let undo = page.values("form[data-undo]", "action").remove(0);
    portal.clock.advance(TimeDelta::minutes(2));
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    let done = rita.post(&undo, &[]).await.expect(303);
    let page = rita.follow(done).await.expect(200);
    let words = "You can still take the verdict back on the report’s own page.";
    assert!(page.text(NOTICE).contains(words), "{}", page.text(NOTICE));
    assert!(page.has(&format!("{NOTICE} a[href='/staff/activities/{report}#verdict']")));
}

#[actix_web::test]
async fn whose_mail_finds_colleagues_without_certificates_by_name_and_by_address() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = portal.account("mara@portal.test", "Mara Jong", cpe_portal::domain::roles::Role::Reviewer);
    let rita = portal.browser(&people.reviewer).await;
    for who in ["Mara+Jong", "mara%40portal.test"] {
        let page = rita.get(&format!("/staff/mail?who={who}")).await.expect(200);
        assert!(!page.words().contains("Nobody has this name"), "{}", page.words());
        assert!(
            page.words().contains("The portal has written nothing to this person so far."),
            "{}",
            page.words()
        );
    }
    let page = rita.get("/staff/holders?search=Mara+Jong").await.expect(200);
    assert!(!page.has(&format!("main a[href='/staff/holders/{}']", mara.id)), "she is no holder");
}

#[test]
fn a_letter_that_may_have_left_keeps_others_from_writing_and_one_that_cannot_have_does_not() {
    let enough = |delivery| is_enough(YearLetter { day: day("2026-11-20"), delivery }, day("2026-11-22"));
    for may in [
        Delivery::Delivered,
        Delivery::OnItsWay,
        Delivery::Uncertain,
        Delivery::CameBack,
        Delivery::Held(HeldBy::Everything),
    ] {
        assert!(enough(may), "{may:?}");
    }
    for cannot in [Delivery::Held(HeldBy::NotLive), Delivery::Held(HeldBy::Uninvited), Delivery::Failed] {
        assert!(!enough(cannot), "{cannot:?}");
    }
}
