//! The two days of a badge: the deadline, which people read, and the last day of the badge itself, 90 days later, which never stands
//! anywhere without its reason.

use std::ops::ControlFlow;

use cpe_portal::actions::badges::badge_files;
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::store::badges;
use serde_json::Value;

use crate::support::{Browser, TestPortal};
use crate::timetable::body::{approved, date, pending, practitioner, run_on};

/// What stands beside the later day, whatever the case.
const REASON: &str = "90 days longer, to ";

/// Looks at a page: until when it says that the certificate is valid, and that the later day stands only with its reason.
async fn look(browser: &Browser, path: &str, later: &str) -> (String, usize) {
    let words = browser.get(path).await.expect(200).words();
    let all = words.matches(later).count();
    assert_eq!(all, words.matches(&format!("{REASON}{later}")).count(), "{path}: {words}");
    (words, all)
}

/// Whether a page says that day, in a sentence or as a key and its value.
fn valid_until(words: &str, day: &str) -> bool {
    [" ", ""].iter().any(|between| words.contains(&format!("Valid until{between}{day}")))
}

#[actix_web::test]
async fn wherever_the_last_day_of_a_badge_stands_its_reason_stands_beside_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (ann, certificate) = practitioner(&portal, "Ann", "2026-03-15");
    approved(&portal, &ann, "2026-10-01", 20);
    let badge = portal.store.read(|conn| badges::of_certificate(conn, certificate)).unwrap().remove(0).id;
    let (visitor, holder) = (portal.visitor().await, portal.browser(&ann).await);
    let (rita, ada) = (portal.browser(&people.reviewer).await, portal.browser(&people.administrator).await);
    let certificate_page = format!("/certificates/{certificate}");
    let staff_page = format!("/staff/certificates/{certificate}");
    let badge_page = format!("/badges/{badge}");
    let paths = [badge_page.as_str(), "/verify?number=ISP-Ann", &certificate_page, &staff_page];
    for (browser, path) in [&visitor, &visitor, &holder, &rita].into_iter().zip(paths) {
        let (words, later) = look(browser, path, "12 June 2027").await;
        assert_eq!(later, 1, "{path}: {words}");
        assert!(valid_until(&words, "14 March 2027"), "{path}: {words}");
        assert!(words.contains("so that there is time to decide about the next year."), "{path}: {words}");
    }
    let holder_pages = ["/dashboard", "/activities", "/transcript", "/advice", "/account", "/account/mail"];
    let staff_pages = ["/staff", "/staff/holders", "/staff/deadlines", "/staff/flagged", "/staff/at-risk"];
    let about_ann = format!("/staff/holders/{}", ann.id);
    let pages = holder_pages.iter().map(|path| (&holder, *path));
    let pages = pages.chain(staff_pages.iter().map(|path| (&ada, *path)));
    for (browser, path) in pages.chain([(&ada, about_ann.as_str()), (&visitor, "/guide")]) {
        look(browser, path, "12 June 2027").await;
    }
    // what is signed keeps its own day, and the paper says both
    let signed: Value =
        serde_json::from_slice(&visitor.get(&format!("{badge_page}.json")).await.expect(200).bytes).unwrap();
    assert_eq!(signed["validUntil"], "2027-06-12T21:59:59Z");
    let paper = badge_files::paper(&portal, certificate, None).unwrap().unwrap();
    assert_eq!(paper.valid_until, "14 March 2027");
    assert_eq!(
        paper.why_longer,
        "The badge itself runs 90 days longer, to 12 June 2027, so that there is time to decide about the next year."
    );
    let linkedin = holder.get(&certificate_page).await.values("a[href*='linkedin.com']", "href").remove(0);
    assert!(linkedin.contains("expirationYear=2027&expirationMonth=3&"), "{linkedin}");

    // the year is met: the mail, its badge, the pages and the paper say one day again
    run_on(&portal, "2027-03-15");
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    let mail = portal.delivered().into_iter().find(|mail| mail.kind == "recertified").unwrap();
    assert_eq!(mail.subject, "Recertified until 14 March 2028");
    for words in [&mail.text, &mail.html] {
        assert!(!words.contains("12 June 2028"), "{words}");
        assert!(words.contains("The badge itself runs 90 days longer than the day above"), "{words}");
    }
    assert!(mail.text.contains("  Recertified until: 14 March 2028, the next deadline\n"), "{}", mail.text);
    let attached = mail.attachments.iter().find(|file| file.name.ends_with(".json")).unwrap();
    let attached: Value = serde_json::from_slice(&attached.bytes).unwrap();
    assert_eq!(attached["validUntil"], "2028-06-12T21:59:59Z");
    let (holder, rita) = (portal.browser(&ann).await, portal.browser(&people.reviewer).await);
    for (browser, path) in [&visitor, &visitor, &holder, &rita].into_iter().zip(paths) {
        let (words, later) = look(browser, path, "12 June 2028").await;
        assert_eq!(later, 1, "{path}: {words}");
        assert!(valid_until(&words, "14 March 2028"), "{path}: {words}");
    }
}

#[actix_web::test]
async fn a_deadline_that_has_passed_is_said_to_have_while_the_year_is_being_settled() {
    let portal = TestPortal::new();
    let (ann, certificate) = practitioner(&portal, "Ann", "2026-03-15");
    pending(&portal, &ann, "2026-10-01", 20);
    run_on(&portal, "2027-03-20");
    let (words, later) = look(&portal.visitor().await, "/verify?number=ISP-Ann", "12 June 2027").await;
    assert_eq!(later, 1, "{words}");
    assert!(valid_until(&words, "14 March 2027"), "{words}");
    let reason = "That day has passed, and the year is being settled. The badge itself runs 90 days longer, to 12 June 2027, so that there is time for it.";
    assert!(words.contains(reason), "{words}");
    let paper = badge_files::paper(&portal, certificate, None).unwrap().unwrap();
    assert!(paper.why_longer.starts_with("That day has passed"), "{}", paper.why_longer);
    assert!(paper.pdf().unwrap().windows(7).any(|bytes| bytes == b"pdfuaid"), "its words fit");
}

#[test]
fn the_year_on_a_badge_is_that_of_the_deadline() {
    let portal = TestPortal::new();
    // the badge itself runs into 2028
    let (_, certificate) = practitioner(&portal, "Ann", "2026-11-16");
    let badge = portal.store.read(|conn| badges::of_certificate(conn, certificate)).unwrap().remove(0);
    assert_eq!(badge.valid_until, Some(date("2028-02-13")));
    let case = badge_files::find(&portal, &badge.id).unwrap().case;
    assert_eq!(badge_files::picture(&case).year, Some(2027));
}
