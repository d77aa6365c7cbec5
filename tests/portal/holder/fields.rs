//! Which fields are one's own, neighbouring or neither, said where a field is chosen (G8); and what else a form says beforehand.

use super::*;

fn groups(page: &Page) -> Vec<(String, Vec<String>)> {
    let labels = page.values("#field optgroup", "label");
    let options = |label: &String| page.values(&format!("#field optgroup[label='{label}'] option"), "value");
    labels.iter().map(|label| (label.clone(), options(label))).collect()
}

#[actix_web::test]
async fn the_fields_stand_in_groups_by_what_they_are_to_the_holder() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let near = ["it_security", "data_protection", "business_continuity", "ethical_hacking"];
    for path in ["/activities/new", "/advice/question"] {
        let groups = groups(&browser.get(path).await.expect(200));
        let [(own, mine), (neighbouring, theirs), (other, far)] = groups.as_slice() else {
            panic!("{path}: {groups:?}")
        };
        assert_eq!((own.as_str(), neighbouring.as_str()), ("Your field", "Neighbouring fields"), "{path}");
        assert_eq!(mine, &["information_security"], "{path}");
        let mut theirs = theirs.clone();
        theirs.sort();
        let mut near = near.map(str::to_owned).to_vec();
        near.sort();
        assert_eq!(theirs, near, "{path}");
        assert_eq!(other, "Other fields");
        assert_eq!(far, &["crisis_management", "secure_software"], "{path}");
    }
    // a second certificate brings its field near, and a withdrawn or later one does not
    portal.certificate(&people.owner, "CMP", "CMP-1", "2026-05-01");
    let groups = groups(&browser.get("/activities/new").await.expect(200));
    assert_eq!(groups[0].0, "Your fields");
    assert_eq!(groups[0].1, ["information_security", "crisis_management"]);
    assert_eq!(groups[2].1, ["secure_software"]);
}

#[actix_web::test]
async fn somebody_without_a_certificate_chooses_from_all_fields_alike() {
    let portal = TestPortal::new();
    let holder = portal.holder("new@people.test", "Nora New");
    let browser = portal.browser(&holder).await;
    // who has none yet cannot report, and asks beforehand
    let page = browser.get("/advice/question").await.expect(200);
    assert!(!page.has("optgroup"));
    assert_eq!(page.values("#field option", "value").len(), 8, "seven and none");
    assert_eq!(page.text("label[for=relevance] .optional"), "(optional)");
}

#[actix_web::test]
async fn the_form_says_whether_words_about_the_relevance_are_needed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let note = "label[for=relevance] [data-far-by=field]";
    assert_eq!(browser.get("/activities/new").await.text(note), "(optional)", "for the proposed field");
    for (field, said) in [
        ("information_security", "(optional)"),
        ("ethical_hacking", "(optional)"),
        ("crisis_management", "(needed for this field)"),
    ] {
        let form = with(&[("field", field), ("intent", "preview")]);
        let page = browser.post_files("/activities", &form, &[]).await.expect(200);
        assert_eq!(page.text(note), said, "{field}");
        assert_eq!(page.values("#field option[selected]", "value"), [field]);
    }
    assert_eq!(
        browser.get("/activities/new").await.values("#field optgroup[data-far]", "label"),
        ["Other fields"],
        "the script asks for words in this group alone"
    );
}

#[actix_web::test]
async fn what_has_to_be_ticked_is_marked_before_it_is_missed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let page = portal.browser(&people.owner).await.get("/activities/new").await.expect(200);
    assert_eq!(page.text("#not_regular_job-hint"), "Needed: regular work earns no credits.");
}

/// The fields that a new form has chosen.
async fn proposed(browser: &Browser) -> Vec<String> {
    browser.get("/activities/new").await.expect(200).values("#field option[selected]", "value")
}

#[actix_web::test]
async fn a_new_form_proposes_the_holders_own_field_or_that_of_the_last_report() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    assert_eq!(proposed(&browser).await, ["information_security"]);
    // somebody with one field, whatever the last report was about
    let far = with(&[("field", "crisis_management"), ("relevance", "We rehearsed one.")]);
    led_to(&browser.post_files("/activities", &far, &[]).await);
    assert_eq!(proposed(&browser).await, ["information_security"]);
    // somebody with several: what was reported last, drafts and what was taken back left out
    portal.certificate(&people.owner, "CMP", "CMP-1", "2026-05-01");
    assert_eq!(proposed(&browser).await, ["crisis_management"]);
    portal.clock.advance(chrono::TimeDelta::minutes(5));
    let near = with(&[("field", "data_protection"), ("title", "A neighbour")]);
    let near = led_to(&browser.post_files("/activities", &near, &[]).await);
    assert_eq!(proposed(&browser).await, ["data_protection"]);
    let draft = with(&[("field", "ethical_hacking"), ("title", "A draft"), ("intent", "draft")]);
    led_to(&browser.post_files("/activities", &draft, &[]).await);
    assert_eq!(proposed(&browser).await, ["data_protection"]);
    browser.post(&format!("/activities/{near}/withdrawal"), &[("version", "1")]).await.expect(303);
    assert_eq!(proposed(&browser).await, ["crisis_management"]);
    // a field that is far by now would ask for words, so nothing is proposed
    portal.clock.advance(chrono::TimeDelta::minutes(5));
    let far = with(&[("field", "secure_software"), ("title", "Far"), ("relevance", "It was close.")]);
    led_to(&browser.post_files("/activities", &far, &[]).await);
    assert_eq!(proposed(&browser).await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_proposed_field_is_only_a_proposal() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let none = with(&[("field", ""), ("intent", "preview")]);
    let page = browser.post_files("/activities", &none, &[]).await.expect(200);
    assert_eq!(page.values("#field option[selected]", "value"), Vec::<String>::new(), "as it was left");
    let draft = [("title", "Half a talk"), ("intent", "draft")];
    let id = led_to(&browser.post_files("/activities", &draft, &[]).await);
    let page = browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    assert_eq!(page.values("#field option[selected]", "value"), Vec::<String>::new(), "nor in a draft");
}

#[actix_web::test]
async fn what_few_need_is_folded_and_stands_open_where_it_is_needed_filled_in_or_faulty() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let relevance = ".relevance details[open]";
    let first_day = ".when details[open]";
    let page = browser.get("/activities/new").await.expect(200);
    assert!(page.has(".relevance details #relevance") && page.has(".when details #started_on"));
    assert!(!page.has(relevance) && !page.has(first_day));
    for (changes, why, several) in [
        (vec![("field", "ethical_hacking")], false, false),
        (vec![("field", "crisis_management")], true, false),
        (vec![("relevance", "It was about us.")], true, false),
        (vec![("started_on", "4 October 2026")], false, true),
        (vec![("started_on", "first thing")], false, true),
        (vec![("relevance", "beep\u{8}")], true, false),
    ] {
        let mut form = with(&changes);
        form.retain(|(name, _)| *name != "intent");
        form.push(("intent", "preview"));
        let page = browser.post_files("/activities", &form, &[]).await;
        assert_eq!((page.has(relevance), page.has(first_day)), (why, several), "{changes:?}");
    }
    // a far field without words is at fault where it is explained
    let far = with(&[("field", "crisis_management")]);
    let page = browser.post_files("/activities", &far, &[]).await.expect(422);
    assert!(page.has(relevance) && !page.error("relevance").is_empty());
    // and a draft stands as it was left
    let draft = with(&[("started_on", "4 October 2026"), ("title", "A long one"), ("intent", "draft")]);
    let id = led_to(&browser.post_files("/activities", &draft, &[]).await);
    assert!(browser.get(&format!("/activities/{id}/edit")).await.expect(200).has(first_day));
}

#[actix_web::test]
async fn the_look_ahead_says_which_day_it_read_and_what_it_cannot_read() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let looked = async |changes: &[(&str, &str)]| {
        browser.post("/activities/preview", &with(changes)).await.expect(200).html()
    };
    assert!(looked(&[("completed_on", "1 nov")]).await.contains("Completed on Sunday 1 November 2026."));
    assert!(
        looked(&[("completed_on", "last Tuesday")]).await.contains("Completed on Tuesday 17 November 2026.")
    );
    for (changes, said) in [
        (vec![("completed_on", "1 novem ber")], "Day completed: we cannot read “1 novem ber” as a day"),
        (vec![("completed_on", "1 jan 1890")], "Day completed: the year 1890 cannot be right."),
        (
            vec![("hours", "25")],
            "A day has only 24 hours. Check the hours, or say that it took several days.",
        ),
        (vec![("started_on", "whenever")], "First day: we cannot read “whenever” as a day"),
        (vec![("hours", "two")], "Enter hours such as 2.5, 2,5, 2:30 or 2 h 30"),
        (vec![("minutes", "99")], "Enter minutes as a whole number"),
        (vec![("category", "reading"), ("pages", "a few")], "Enter pages as a whole number"),
        (vec![("category", "")], "Choose the kind of activity"),
        (
            vec![("started_on", "2 November 2026"), ("completed_on", "1 November 2026")],
            "The days contradict each other: the last day, 1 November 2026, is before the first, 2 November 2026.",
        ),
        (
            vec![("completed_on", "14 December")],
            "14 December 2026 is still to come. If you mean 14 December 2025, type the year as well.",
        ),
    ] {
        let html = looked(&changes).await;
        assert!(html.contains("Needs another look") && html.contains(said), "{changes:?}: {html}");
    }
    assert!(!looked(&[]).await.contains("Needs another look"));
    let several = looked(&[("started_on", "1 nov"), ("completed_on", "3 nov")]).await;
    assert!(several.contains("From Sunday 1 November 2026 to Tuesday 3 November 2026: 3 days."), "{several}");
    assert!(!looked(&[("completed_on", ""), ("hours", ""), ("minutes", "")]).await.contains("Needs another"));
    // a form that is shown again says it beside its field, and not twice
    let form = with(&[("completed_on", "some day"), ("intent", "preview")]);
    let page = browser.post_files("/activities", &form, &[]).await.expect(422);
    assert!(page.error("completed_on").contains("as a day. Write it like"));
    assert!(!page.text("#preview").contains("Needs another look"));
}

#[actix_web::test]
async fn a_question_about_a_day_without_a_year_means_the_next_one() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    browser.get("/advice/question").await.expect(200);
    let asked = [
        ("category", "attending"),
        ("title", "Spring school"),
        ("field", "information_security"),
        ("completed_on", "14 March"),
    ];
    let page = browser.post("/advice/question", &asked).await.expect(303);
    assert!(browser.follow(page).await.words().contains("14 March 2027"));
}
