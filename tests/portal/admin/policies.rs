use crate::support::{Browser, TestPortal, day};
use crate::timetable::body::texts;

const FIELDS: [&str; 14] = [
    "first_day",
    "minimum_practitioner",
    "minimum_expert",
    "minimum_certified_officer",
    "rate_attending",
    "rate_reading",
    "rate_writing",
    "rate_teaching",
    "rate_course_material",
    "rate_unregistered",
    "publication_cap",
    "stages",
    "notice_days",
    "carry_over",
];

/// The form as the page fills it, with some fields changed.
async fn filled(browser: &Browser, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let page = browser.get("/admin/policies/new").await.expect(200);
    FIELDS
        .iter()
        .map(|field| {
            let shown = page.values(&format!("#{field}"), "value").remove(0);
            let value = changed
                .iter()
                .find(|(name, _)| name == field)
                .map_or(shown, |(_, value)| (*value).to_owned());
            ((*field).to_owned(), value)
        })
        .collect()
}

async fn post(browser: &Browser, fields: &[(String, String)]) -> crate::support::Page {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post("/admin/policies", &fields).await
}

#[actix_web::test]
async fn a_new_version_starts_with_the_figures_in_force_and_applies_from_its_first_day() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let fields = filled(
        &administrator,
        &[("first_day", "1 January 2027"), ("minimum_practitioner", "25.5"), ("rate_reading", "120")],
    )
    .await;
    assert!(fields.contains(&("stages".to_owned(), "90, 60, 30, 14, 7, 1".to_owned())));
    post(&administrator, &fields).await.expect(303);
    let page = administrator.get("/admin/policies").await.expect(200);
    assert_eq!(page.texts(".card .tag"), ["Upcoming", "In force"]);
    assert!(
        page.words().contains("at least 25.50 credits a year")
            && page.words().contains("1 credit for each 120 pages")
    );

    portal.clock.set_local(day("2027-01-01"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.get("/admin/policies").await.expect(200);
    assert_eq!(page.texts(".card .tag"), ["In force", "Replaced"]);
    assert!(!page.has("form[action$='/removal']"), "what is in force is never changed");
    administrator.post("/admin/policies/2/removal", &[]).await.expect(409);
    // years that began before keep their minimum
    let page =
        administrator.get(&format!("/staff/certificates/{}", people.owner_certificate)).await.expect(200);
    assert!(page.words().contains("20 to go of 20"), "{}", page.words());
}

#[actix_web::test]
async fn a_version_to_come_can_be_taken_back() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let fields = filled(&administrator, &[("first_day", "2027-01-01")]).await;
    post(&administrator, &fields).await.expect(303);
    let later = filled(&administrator, &[("first_day", "2026-12-31")]).await;
    let page = post(&administrator, &later).await.expect(422);
    assert!(page.error("first_day").contains("Choose a first day after 1 January 2027"), "after all others");
    administrator.post("/admin/policies/2/removal", &[]).await.expect(303);
    assert_eq!(texts(&portal, "SELECT CAST(version AS TEXT) AS text FROM policies"), ["1"]);
    administrator.post("/admin/policies/1/removal", &[]).await.expect(409);
    administrator.post("/admin/policies/7/removal", &[]).await.expect(404);
}

#[actix_web::test]
async fn every_field_of_a_policy_is_checked_and_says_why() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    for (field, typed, message) in [
        ("first_day", "", "Enter a day"),
        ("first_day", "2026-11-23", "Choose a first day after 23 November 2026"),
        ("first_day", "31 February 2027", "as a day. Write it like"),
        (
            "first_day",
            "3/4/2027",
            "“3/4/2027” can be 3 April 2027 or 4 March 2027. Type the month by its name.",
        ),
        ("minimum_practitioner", "-1", "Enter a number of credits"),
        ("minimum_expert", "1.234", "Enter a number of credits"),
        ("minimum_certified_officer", "100001", "Enter at most 100 000 credits"),
        ("rate_attending", "70", "36 000 is not divisible by 70"),
        ("rate_reading", "0", "Enter at least 1."),
        ("rate_writing", "1.5", "Enter a whole number"),
        ("rate_teaching", "sixty", "Enter a whole number"),
        ("rate_course_material", "-60", "Enter at least 1."),
        ("rate_unregistered", "7", "36 000 is not divisible by 7"),
        ("publication_cap", "five", "Enter a number of credits"),
        ("stages", "90, 90", "Enter different whole numbers of days"),
        ("stages", "", "Enter different whole numbers of days"),
        ("stages", "400", "Enter different whole numbers of days"),
        ("notice_days", "0", "from 1 to 365"),
        ("notice_days", "366", "from 1 to 365"),
        ("carry_over", "", "Enter a number of credits"),
    ] {
        let changed = [("first_day", "2027-01-01"), (field, typed)];
        let changed = if field == "first_day" { &changed[1..] } else { &changed[..] };
        let fields = filled(&administrator, changed).await;
        let page = post(&administrator, &fields).await.expect(422);
        assert!(page.error(field).contains(message), "{field} {typed}: {}", page.error(field));
        assert_eq!(page.texts(".error-summary li").len(), 1, "{field}");
        assert_eq!(page.values(&format!("#{field}"), "value"), [typed]);
    }
    let page = administrator.post("/admin/policies", &[]).await.expect(422);
    assert_eq!(page.texts(".error-summary li").len(), 14);
    assert_eq!(texts(&portal, "SELECT CAST(version AS TEXT) AS text FROM policies"), ["1"]);
}
