//! Who was told what: mails that came back, why a reminder was written, and what must be known before a decertification.

use std::ops::ControlFlow;

use cpe_portal::domain::codes::Stored;
use cpe_portal::domain::ids::CertificateId;
use cpe_portal::domain::notices::notice_kind::NoticeKind;
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::store::accounts::Account;
use cpe_portal::web::view::notice_log::kind_words;

use crate::support::nonsense::{NONSENSE, huge, judge};
use crate::support::{People, TestPortal, day};
use crate::timetable::body::{approved, behind_its_back, practitioner, run_on, texts};

fn deliver_all(portal: &TestPortal) {
    deliver(portal, &mut || ControlFlow::Continue(())).unwrap();
}

fn mail_of_kind(portal: &TestPortal, kind: &str) -> String {
    texts(portal, &format!("SELECT id || '' AS text FROM mails WHERE kind = '{kind}' ORDER BY id DESC"))
        .remove(0)
}

/// Flora, flagged on 1 January 2027, with everything delivered, and the clock on the first day to decide.
fn flagged(portal: &TestPortal) -> (Account, CertificateId) {
    let (holder, certificate) = practitioner(portal, "Flora", "2026-01-01");
    approved(portal, &holder, "2026-05-02", 5);
    run_on(portal, "2026-12-02");
    run_on(portal, "2027-01-01");
    deliver_all(portal);
    portal.clock.set_local(day("2027-01-16"), 10);
    (holder, certificate)
}

#[actix_web::test]
async fn a_mail_that_came_back_asks_its_recipient_and_stays_a_task_until_somebody_has_looked_after_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, _) = flagged(&portal);
    let mail = mail_of_kind(&portal, "flagged");
    let staff = portal.browser(&people.reviewer).await;
    let holder = portal.browser(&flora).await;
    assert!(!holder.get("/dashboard").await.expect(200).words().contains("came back"));
    assert!(!staff.get("/staff").await.expect(200).words().contains("came back"));

    let path = format!("/staff/mail/{mail}");
    assert!(staff.get(&path).await.expect(200).words().contains("Did it come back?"));
    let long = "x".repeat(1001);
    let page = staff.post(&format!("{path}/return"), &[("words", long.as_str())]).await.expect(422);
    assert_eq!(page.error("words"), "Error: Use at most 1 000 characters. There are 1 001 now.");
    staff.post(&format!("{path}/return"), &[("words", "550 no such user")]).await.expect(303);
    staff.post(&format!("{path}/return"), &[]).await.expect(409);
    let page = staff.get(&path).await.expect(200);
    assert!(
        page.words().contains("Came back") && page.words().contains("550 no such user"),
        "{}",
        page.words()
    );
    let overview = staff.get("/staff").await.expect(200);
    assert!(overview.words().contains("1 email came back"), "{}", overview.words());
    assert!(staff.get("/staff/mail?which=returned").await.expect(200).has(&format!("a[href='{path}']")));

    for page in ["/dashboard", "/account", "/account/mail"] {
        let page = holder.get(page).await.expect(200);
        assert!(page.words().contains("It went to flora@people.test. Is that address still right?"));
        assert!(!page.words().contains("no such user"), "the server's words are for staff");
    }
    assert!(
        holder
            .get("/account/mail")
            .await
            .expect(200)
            .words()
            .contains("It came back from flora@people.test.")
    );
    holder.post("/account/address", &[]).await.expect(303);
    assert!(!holder.get("/dashboard").await.expect(200).words().contains("still right?"), "asked once");
    let page = staff.get(&path).await.expect(200);
    assert!(page.words().contains("Flora says that the address is right"), "{}", page.words());
    assert!(
        staff.get("/staff").await.expect(200).words().contains("1 email came back"),
        "staff still see to it"
    );

    staff.post(&format!("{path}/return/removal"), &[]).await.expect(303);
    staff.post(&format!("{path}/return/removal"), &[]).await.expect(409);
    assert!(!staff.get("/staff").await.expect(200).words().contains("came back"));
    assert!(staff.get(&path).await.expect(200).words().contains("It came back"), "it did, for all time");
    let events = "SELECT event AS text FROM history WHERE event LIKE '%mail%' AND event NOT LIKE 'mails to%' ORDER BY id";
    let noted = ["mail noted as come back", "mail address confirmed", "returned mail put away"];
    assert_eq!(texts(&portal, events), noted);
}

#[actix_web::test]
async fn another_address_or_another_try_ends_the_task() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, _) = flagged(&portal);
    let mail = mail_of_kind(&portal, "flagged");
    let staff = portal.browser(&people.administrator).await;
    staff.post(&format!("/staff/mail/{mail}/return"), &[("words", "")]).await.expect(303);
    staff.post(&format!("/staff/mail/{mail}/dispatch"), &[]).await.expect(303);
    assert_eq!(texts(&portal, &format!("SELECT state AS text FROM mails WHERE id = {mail}")), ["pending"]);
    assert!(!staff.get("/staff").await.expect(200).words().contains("came back"));
    portal.clock.set_local(day("2027-01-16"), 11);
    deliver_all(&portal);
    let page = staff.get(&format!("/staff/mail/{mail}")).await.expect(200);
    let words = page.words();
    // no mail server is set
    assert!(words.contains("Written as a file") && !words.contains("Delivered"), "{words}");
    assert!(!words.contains("It came back Noted"), "{words}");
    let list = staff.get("/staff/mail").await.expect(200).words();
    assert!(list.contains("Written as a file") && !list.contains("Delivered"), "{list}");

    staff.post(&format!("/staff/mail/{mail}/return"), &[("words", "again")]).await.expect(303);
    let path = format!("/staff/holders/{}", flora.id);
    let fields = [("name", "Flora"), ("email", "flora@new.test"), ("version", "")];
    staff.post(&path, &fields).await.expect(303);
    assert!(!staff.get("/staff").await.expect(200).words().contains("came back"));
    let holder = portal.browser(&flora).await;
    assert!(!holder.get("/dashboard").await.expect(200).words().contains("came back"));
}

#[actix_web::test]
async fn a_mail_with_a_personal_link_is_not_sent_again_after_it_came_back() {
    let portal = TestPortal::new();
    let People { owner, reviewer, .. } = portal.people();
    let staff = portal.browser(&reviewer).await;
    staff.post(&format!("/staff/holders/{}/invitation", owner.id), &[]).await.expect(303);
    deliver_all(&portal);
    let mail = mail_of_kind(&portal, "invitation");
    let path = format!("/staff/mail/{mail}");
    staff.post(&format!("{path}/return"), &[]).await.expect(303);
    let page = staff.get(&path).await.expect(200);
    assert!(!page.has(&format!("form[action='{path}/dispatch']")));
    staff.post(&format!("{path}/dispatch"), &[]).await.expect(409);
    assert_eq!(texts(&portal, "SELECT state AS text FROM mails WHERE kind = 'invitation'"), ["sent"]);
    assert!(
        staff.get("/staff").await.expect(200).words().contains("1 email came back"),
        "still to be looked after"
    );
}

#[actix_web::test]
async fn only_a_delivered_flag_notice_lets_a_certificate_end_without_an_acknowledgement() {
    for (state, words) in [
        ("uncertain", "may or may not have arrived"),
        ("failed", "could not be delivered"),
        ("pending", "has not been delivered yet"),
        ("came back", "came back"),
    ] {
        let portal = TestPortal::new();
        let people = portal.people();
        let (_, certificate) = flagged(&portal);
        let mail = mail_of_kind(&portal, "flagged");
        let administrator = portal.browser(&people.administrator).await;
        let path = format!("/staff/certificates/{certificate}/decertification");
        let page = administrator.get(&path).await.expect(200);
        assert!(!page.has("#acknowledged"), "delivered: nothing to acknowledge");
        assert!(page.words().contains("Delivered") && page.has(&format!("a[href='/staff/mail/{mail}']")));
        if state == "came back" {
            administrator.post(&format!("/staff/mail/{mail}/return"), &[]).await.expect(303);
        } else {
            let set = format!("UPDATE mails SET state = '{state}', sent_at = NULL WHERE id = {mail}");
            behind_its_back(&portal, &set);
        }
        // a page that was open before knows nothing of it: the action does
        let fields = [("year", "1"), ("reason", "Too few credits."), ("confirmed", "1")];
        let page = administrator.post(&path, &fields).await.expect(422);
        assert!(page.error("acknowledged").contains(words), "{state}: {}", page.words());
        assert!(page.has("#acknowledged"));
        assert_eq!(texts(&portal, "SELECT kind AS text FROM decisions"), Vec::<String>::new());
        let known =
            [("year", "1"), ("reason", "We wrote by post."), ("acknowledged", "1"), ("confirmed", "1")];
        administrator.post(&path, &known).await.expect(303);
        let detail =
            texts(&portal, "SELECT detail AS text FROM history WHERE event = 'certificate decertified'");
        assert!(detail[0].contains(words) && detail[0].contains("The administrator knew."), "{detail:?}");
    }
}

#[actix_web::test]
async fn a_decertification_after_a_delivered_notice_needs_no_acknowledgement() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = flagged(&portal);
    let administrator = portal.browser(&people.administrator).await;
    let path = format!("/staff/certificates/{certificate}/decertification");
    administrator
        .post(&path, &[("year", "1"), ("reason", "Too few credits."), ("confirmed", "1")])
        .await
        .expect(303);
}

#[actix_web::test]
async fn holders_and_staff_read_why_each_reminder_was_or_was_not_written() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    approved(&portal, &flora, "2026-05-02", 5);
    // 60 days before: the stage of 90 days is superseded
    run_on(&portal, "2026-11-24");
    deliver_all(&portal);
    approved(&portal, &flora, "2026-11-20", 15);
    run_on(&portal, "2026-12-02");
    deliver_all(&portal);
    portal.clock.set_local(day("2026-12-10"), 10);
    let holder = portal.browser(&flora).await;
    let page = holder.get(&format!("/certificates/{certificate}")).await.expect(200);
    let words = page.words();
    for said in [
        "90 days before the deadline2 October 2026Not written: on 24 November 2026 a later reminder was due as well",
        "60 days before the deadline1 November 2026Written on 24 November 2026 to flora@people.test, because 15 credits were missing.Delivered",
        "Not written: on 2 December 2026 you had 20 approved credits, and 20 are needed.",
        "14 days before the deadline17 December 2026Goes to you then, if credits are still missing.",
    ] {
        assert!(words.contains(said), "{said:?} is not in: {words}");
    }
    assert!(!page.has("a[href^='/staff']"));
    let page = holder.get("/account/mail").await.expect(200);
    assert!(page.words().contains("Written as a file on"), "{}", page.words());

    let staff = portal.browser(&people.reviewer).await;
    let page = staff.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    assert!(page.words().contains("on 2 December 2026 the holder had 20 approved credits"));
    let mail = mail_of_kind(&portal, "reminder");
    assert!(page.has(&format!("a[href='/staff/mail/{mail}']")));
    let page = staff.get(&format!("/staff/mail/{mail}")).await.expect(200);
    assert!(
        page.words().contains("ISP-Flora: the reminder 60 days before 31 December 2026"),
        "{}",
        page.words()
    );
}

#[actix_web::test]
async fn nobody_reads_the_mails_of_somebody_else() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, _) = flagged(&portal);
    let owner = portal.browser(&people.owner).await;
    let page = owner.get("/account/mail").await.expect(200);
    assert!(!page.words().contains("flora") && !page.words().contains("Flora"));
    owner.post("/account/address", &[]).await.expect(303);
}

#[actix_web::test]
async fn what_staff_note_about_a_mail_that_came_back_may_be_nonsense() {
    let portal = TestPortal::new();
    let people = portal.people();
    flagged(&portal);
    let path = format!("/staff/mail/{}/return", mail_of_kind(&portal, "flagged"));
    let staff = portal.browser(&people.administrator).await;
    let long = huge();
    let mut inputs: Vec<&str> = NONSENSE.iter().copied().chain(long.iter().map(String::as_str)).collect();
    // what is refused first: once a mail has come back, its page has no such form any more
    inputs.sort_by_key(|input| std::cmp::Reverse(input.trim().chars().count()));
    for input in inputs {
        let page = staff.post(&path, &[("words", input)]).await;
        judge(&page, "words", input);
        if page.status == 303 {
            staff.post(&format!("{path}/removal"), &[]).await.expect(303);
        }
    }
}

#[test]
fn what_a_kind_of_email_is_called_has_no_word_of_the_program() {
    for kind in NoticeKind::ALL {
        let words = kind_words(&Stored::Known(kind));
        let mut letters = words.chars();
        assert!(letters.next().is_some_and(char::is_uppercase), "{words}");
        assert!(!letters.any(char::is_uppercase), "{words}");
    }
}
