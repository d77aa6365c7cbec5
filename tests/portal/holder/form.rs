use super::*;
use crate::support::nonsense::Trial;

/// Answers, the field that says that they make no sense, and some words of the message.
type Nonsense = (&'static [(&'static str, &'static str)], &'static str, &'static str);

const NONSENSE: &[Nonsense] = &[
    (&[("category", "")], "category", "Choose the kind"),
    (&[("category", "sleeping")], "category", "from the list"),
    (&[("title", "")], "title", "Enter a title"),
    (&[("title", " \u{200b}\u{feff} ")], "title", "Enter a title"),
    (&[("title", "bell\u{7}")], "title", "cannot be shown"),
    (&[("organiser", "null\u{0}")], "organiser", "cannot be shown"),
    (&[("field", "")], "field", "Choose the field"),
    (&[("field", "astrology")], "field", "from the list"),
    (&[("completed_on", "")], "completed_on", "Enter the day"),
    (&[("completed_on", "some day")], "completed_on", "as a day. Write it like"),
    (&[("completed_on", "2026-02-29")], "completed_on", "as a day. Write it like"),
    (&[("completed_on", "31-11-2026")], "completed_on", "as a day. Write it like"),
    (&[("completed_on", "2026-11-24")], "completed_on", "24 November 2026 is in the future"),
    (&[("completed_on", "2026-03-14")], "completed_on", "granted, on 15 March 2026"),
    (&[("started_on", "first thing")], "started_on", "as a day. Write it like"),
    (&[("started_on", "2026-10-06")], "started_on", "the last day, 5 October 2026, is before the first"),
    (&[("hours", ""), ("minutes", "")], "hours", "how long"),
    (&[("hours", "two"), ("minutes", "")], "hours", "hours such as"),
    (&[("hours", "-1"), ("minutes", "")], "hours", "hours such as"),
    (&[("hours", "1e3"), ("minutes", "")], "hours", "hours such as"),
    (&[("hours", "0.33"), ("minutes", "")], "hours", "whole number of minutes"),
    (&[("hours", "0"), ("minutes", "0")], "hours", "more than zero"),
    (&[("hours", "100000"), ("minutes", "")], "hours", "99 999"),
    (&[("hours", "1"), ("minutes", "60")], "minutes", "0 to 59"),
    (&[("hours", "1.5"), ("minutes", "15")], "minutes", "not both"),
    (&[("category", "reading"), ("pages", "")], "pages", "number of pages"),
    (&[("category", "reading"), ("pages", "1.5")], "pages", "whole number"),
    (&[("category", "reading"), ("pages", "10000000")], "pages", "9 999 999"),
    (
        &[("category", "writing"), ("pages", "3"), ("publication", " ")],
        "publication",
        "title of the publication",
    ),
    (&[("field", "crisis_management")], "relevance", "neither yours nor a neighbouring"),
    (&[("relevance", "beep\u{8}")], "relevance", "cannot be shown"),
    (&[("not_regular_job", "")], "not_regular_job", "regular job"),
];

#[actix_web::test]
async fn every_nonsense_is_told_beside_its_field_and_everything_typed_is_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    for (changes, field, message) in NONSENSE {
        let fields = with(changes);
        let page = browser.post_files("/activities", &fields, &[]).await.expect(422);
        let said = page.error(field);
        assert!(said.contains(message), "{changes:?}: {field} says “{said}”\n{}", page.words());
        assert!(page.has(&format!(".error-summary a[href='#{field}']")), "{changes:?}");
        assert_eq!(
            page.values(&format!("#{field}"), "aria-invalid").first().map(String::as_str),
            Some("true"),
            "{field}"
        );
        for name in
            ["title", "organiser", "started_on", "completed_on", "hours", "minutes", "pages", "publication"]
        {
            let typed = fields.iter().find(|(key, _)| key == &name).map_or("", |(_, value)| *value);
            if !typed.contains('\u{0}') {
                assert_eq!(page.values(&format!("#{name}"), "value"), [typed], "{changes:?}: {name} is kept");
            }
        }
    }
    let long = "x".repeat(301);
    for name in ["title", "organiser"] {
        let page = browser.post_files("/activities", &with(&[(name, &long)]), &[]).await.expect(422);
        assert!(page.error(name).contains("at most 300"), "{}", page.error(name));
    }
    let listed = browser.get("/activities").await.expect(200);
    assert!(listed.words().contains("Nothing reported yet"), "none of it was kept");
}

#[actix_web::test]
async fn several_mistakes_are_all_told_at_once_in_the_order_of_the_form() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let page = browser.post_files("/activities", &[("intent", "submit")], &[]).await.expect(422);
    let order: Vec<String> = page.values(".error-summary a", "href");
    assert_eq!(order, ["#category", "#title", "#field", "#completed_on", "#not_regular_job"]);
    assert!(page.text(".error-summary h2").starts_with("5 answers"));
}

#[actix_web::test]
async fn the_first_button_of_the_form_sends_nothing() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let draft = led_to(&browser.post_files("/activities", &with(&[("intent", "draft")]), &[]).await);
    let waiting = with(&[("title", "Another one")]);
    let waiting = led_to(&browser.post_files("/activities", &waiting, &[]).await);
    for path in [
        "/activities/new".to_owned(),
        format!("/activities/{draft}/edit"),
        format!("/activities/{waiting}/edit"),
        format!("/activities/new?again={waiting}"),
    ] {
        let page = browser.get(&path).await.expect(200);
        let buttons = page.values("form.report button:not([type=button])", "value");
        assert_eq!(buttons[..2], ["preview", "submit"], "{path}: Enter without a script looks ahead");
    }
}

#[actix_web::test]
async fn the_days_of_the_buttons_are_those_of_the_bodys_time_zone() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let days = "button[data-fills=completed_on]";
    let page = browser.get("/activities/new").await.expect(200);
    assert_eq!(page.values(days, "data-value"), ["23 November 2026", "22 November 2026"]);
    assert_eq!(page.texts(days), ["Today", "Yesterday"]);
    let hours = "[data-shows-for='attending teaching course_material'] .chip";
    assert_eq!(page.values(hours, "data-value"), ["1", "2", "4", "8"]);
    // what a button fills in is read as it says
    for (fills, value) in page.values(".chip", "data-fills").iter().zip(page.values(".chip", "data-value")) {
        let kind = if fills == "pages" { "reading" } else { "attending" };
        let mut form = with(&[("category", kind), ("hours", "1"), ("minutes", ""), ("pages", "9")]);
        form.retain(|(name, _)| name != fills && *name != "intent");
        form.extend([(fills.as_str(), value.as_str()), ("intent", "preview")]);
        let page = browser.post_files("/activities", &form, &[]).await.expect(200);
        assert_eq!(page.values(&format!("#{fills}"), "value"), std::slice::from_ref(&value));
        assert!(!page.text(".brief").is_empty(), "{fills} {value}: {}", page.words());
    }
}

#[actix_web::test]
async fn a_far_field_needs_an_explanation_and_is_taken_with_one() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let why = "We rehearsed a crisis\nafter a data leak.";
    let far = with(&[("field", "crisis_management"), ("relevance", why)]);
    let id = led_to(&browser.post_files("/activities", &far, &[]).await);
    assert_eq!(kept(&portal, id).facts.relevance, why);
    let neighbour = with(&[("field", "ethical_hacking")]);
    led_to(&browser.post_files("/activities", &neighbour, &[]).await);
}

#[actix_web::test]
async fn hours_mean_the_same_however_they_are_typed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    for (hours, minutes) in [("2.5", ""), ("2,5", ""), ("2:30", ""), ("2", "30"), ("", "30"), (" 2 ", " 30 ")]
    {
        let fields = with(&[("hours", hours), ("minutes", minutes)]);
        let id = led_to(&browser.post_files("/activities", &fields, &[]).await);
        let expected = if hours.is_empty() { 30 } else { 150 };
        assert_eq!(kept(&portal, id).facts.quantity.unwrap().amount(), expected, "{hours:?} {minutes:?}");
    }
}

#[actix_web::test]
async fn a_year_that_ends_on_a_leap_day_takes_activities_through_its_last_day() {
    let portal = TestPortal::new();
    let holder = portal.holder("leap@people.test", "Leah Leap");
    // year 4 runs from 28 February 2027 to 28 February 2028: the fifth starts on the 29th
    portal.certificate(&holder, "ISP", "ISP-29", "2024-02-29");
    portal.clock.set_local("2028-02-29".parse().unwrap(), 12);
    let browser = portal.browser(&holder).await;
    browser.get("/activities/new").await.expect(200);
    for (day, year) in [("28-2-2028", "Year 4"), ("29-2-2028", "Year 5")] {
        let id = led_to(&browser.post_files("/activities", &with(&[("completed_on", day)]), &[]).await);
        let page = browser.get(&format!("/activities/{id}")).await.expect(200);
        assert!(page.words().contains(year), "{day}: {}", page.words());
    }
}

#[actix_web::test]
async fn a_holder_without_a_certificate_that_needs_credits_is_told_so() {
    let portal = TestPortal::new();
    let holder = portal.holder("f@people.test", "Fay Foundation");
    portal.certificate(&holder, "ISF", "ISF-1", "2026-03-15");
    let browser = portal.browser(&holder).await;
    browser.get("/activities/new").await.expect(200);
    let page = browser.post_files("/activities", &WHOLE, &[]).await.expect(422);
    assert!(page.text(".error-summary").contains("A Foundation certificate needs no credits"));
    assert_eq!(page.values("#title", "value"), ["Zero trust in practice"], "what was typed stays");
}

#[actix_web::test]
async fn what_people_type_is_shown_as_text_and_never_as_markup() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let evil = "<script>alert(1)</script> \"'>";
    let id = led_to(&browser.post_files("/activities", &with(&[("title", evil)]), &[]).await);
    for path in [
        "/activities".to_owned(),
        format!("/activities/{id}"),
        format!("/activities/{id}/edit"),
        "/transcript".to_owned(),
    ] {
        let page = browser.get(&path).await.expect(200);
        assert!(!page.html().contains("<script>alert"), "{path}");
        assert!(page.html().contains("&#60;script&#62;alert(1)"), "{path}");
    }
}

#[actix_web::test]
async fn hours_and_minutes_that_are_both_wrong_are_both_marked() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let wrong = with(&[("hours", "two"), ("minutes", "many")]);
    let page = browser.post_files("/activities", &wrong, &[]).await.expect(422);
    assert_eq!(page.values(".error-summary a", "href"), ["#hours", "#minutes"]);
    assert!(page.error("hours").contains("hours such as"), "{}", page.error("hours"));
    assert!(page.error("minutes").contains("0 to 59"), "{}", page.error("minutes"));
}

#[actix_web::test]
async fn days_may_be_typed_in_a_hurry() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    for (typed, expected) in [
        ("yesterday", "2026-11-22"),
        ("Today", "2026-11-23"),
        ("5.10.26", "2026-10-05"),
        ("5/10/2026", "2026-10-05"),
        ("October 5th, 2026", "2026-10-05"),
        ("5 oct", "2026-10-05"),
        ("5/10", "2026-10-05"),
        ("5 November 2026", "2026-11-05"),
    ] {
        let fields = with(&[("completed_on", typed), ("title", typed)]);
        let id = led_to(&browser.post_files("/activities", &fields, &[]).await);
        assert_eq!(kept(&portal, id).facts.completed_on, Some(expected.parse().unwrap()), "{typed}");
    }
}

#[actix_web::test]
async fn no_nonsense_gets_more_than_a_message_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let fields = [
        "category",
        "title",
        "organiser",
        "field",
        "started_on",
        "completed_on",
        "hours",
        "minutes",
        "pages",
        "publication",
        "relevance",
        "not_regular_job",
        "intent",
    ];
    let blank = |sent: &'static str| ("/activities".to_owned(), with(&[("intent", sent)]));
    let attending = Trial { fields: &fields, with_files: true, form: &|| blank("submit") };
    attending.run(&browser).await;
    let few = ["title", "completed_on", "hours"];
    let draft = Trial { fields: &few, with_files: true, form: &|| blank("draft") };
    draft.run(&browser).await;
    let writing = || {
        let fields = with(&[("category", "writing"), ("pages", "3"), ("publication", "A handbook")]);
        ("/activities".to_owned(), fields)
    };
    Trial { fields: &["pages", "publication"], with_files: true, form: &writing }.run(&browser).await;
}
