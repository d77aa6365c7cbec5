//! What hangs on a verdict or a decision is said before it, and after.

use cpe_portal::domain::activities::activity::ActivityStatus;

use super::{decision, verdict};
use crate::support::{TestPortal, day};
use crate::timetable::body::{approved, practitioner, run_on};

#[actix_web::test]
async fn a_verdict_that_takes_a_year_below_its_minimum_says_so_before_and_after() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, _) = practitioner(&portal, "Flora", "2026-01-01");
    approved(&portal, &flora, "2026-05-02", 8);
    let needed = portal.submitted(&flora, "A long course", "2026-05-03", 12);
    let spare = portal.submitted(&people.owner, "A lecture", "2026-05-03", 2);
    let reviewer = portal.browser(&people.reviewer).await;
    let words = reviewer.get(&format!("/staff/activities/{needed}")).await.expect(200).words();
    let before = "ISP-Flora, year 1, needs this report: without it 12 credits are missing; its deadline is 31 December 2026.";
    assert!(words.contains(before), "{words}");
    let words = reviewer.get(&format!("/staff/activities/{spare}")).await.expect(200).words();
    assert!(!words.contains("needs this report"), "a year that is short anyway: {words}");

    let reduced = [("decision", "approve"), ("quantity", "11.5"), ("reason", "Breaks do not count.")];
    let answer = verdict(&reviewer, needed, &reduced).await.expect(303);
    let words = reviewer.follow(answer).await.words();
    assert!(
        words.contains("Approved “A long course” with 11 hours 30 minutes, not as reported: 11.50 credits."),
        "{words}"
    );
    let after = "In ISP-Flora, year 1, 0.50 credits are now missing; its deadline is 31 December 2026.";
    assert!(words.contains(after), "{words}");

    let holder = portal.browser(&flora).await;
    let words = holder.get(&format!("/activities/{needed}")).await.expect(200).text(".figure-sentence");
    assert_eq!(words, "12 reported; 0.50 not accepted; 11.50 counted.");
    let rows = holder.get("/activities").await.expect(200).texts("td.number");
    assert!(rows.contains(&"11.50of 12.00 reported".to_owned()), "{rows:?}");

    let fields = [("decision", "reject"), ("reason_code", "other"), ("reason", "No.")];
    let answer = verdict(&reviewer, spare, &fields).await.expect(303);
    let words = reviewer.follow(answer).await.words();
    assert!(words.contains("Rejected “A lecture”.") && !words.contains("now missing"), "{words}");
}

#[actix_web::test]
async fn a_year_whose_minimum_is_safe_hangs_on_no_report() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "Everything", "2026-05-01", 20);
    let more = portal.submitted(&people.owner, "And more", "2026-05-03", 2);
    let reviewer = portal.browser(&people.reviewer).await;
    let words = reviewer.get(&format!("/staff/activities/{more}")).await.expect(200).words();
    assert!(!words.contains("needs this report"), "{words}");
}

#[actix_web::test]
async fn the_overview_has_a_card_for_what_holders_ask_and_for_years_that_ended_short() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let (walter, _) = practitioner(&portal, "Walter", "2026-01-01");
    let waiting = portal.submitted(&walter, "Enough", "2026-05-02", 20);
    run_on(&portal, "2027-01-01");
    let browser = portal.browser(&flora).await;
    let year = certificate.to_string();
    let fields =
        [("kind", "flag_answer"), ("certificate", &*year), ("year", "1"), ("subject", "x"), ("words", "y")];
    browser.post("/advice", &fields).await.expect(303);
    let reviewer = portal.browser(&people.reviewer).await;
    let fields = [("decision", "reject"), ("reason_code", "other"), ("reason", "No.")];
    verdict(&reviewer, waiting, &fields).await.expect(303);
    let cards = reviewer.get("/staff").await.expect(200).texts(".tally li");
    for card in ["1 conversation is waiting for an answer", "1 year ended short of credits", "1 flagged year"]
    {
        assert!(cards.contains(&card.to_owned()), "{card}: {cards:?}");
    }
}

#[actix_web::test]
async fn a_flag_that_is_met_by_now_or_depends_on_reports_is_not_among_those_to_decide() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, _) = practitioner(&portal, "Flora", "2026-01-01");
    let (walter, _) = practitioner(&portal, "Walter", "2026-01-01");
    run_on(&portal, "2027-01-01");
    portal.activity(&flora, ActivityStatus::Approved, "Late, but in time", "2026-12-01", 20);
    portal.submitted(&walter, "Late as well", "2026-12-01", 20);
    portal.clock.set_local(day("2027-01-20"), 10);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff").await.expect(200);
    let cards = page.texts(".tally li");
    assert!(cards.contains(&"1 flagged year".to_owned()), "{cards:?}");
    assert!(
        page.words().contains("Reports waiting for review could still meet the minimum"),
        "{}",
        page.words()
    );
    assert!(!cards.iter().any(|card| card.contains("decide now")), "{cards:?}");
}

#[actix_web::test]
async fn an_answer_to_a_flag_stands_where_it_is_decided_and_the_decision_closes_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    let browser = portal.browser(&flora).await;
    let number = certificate.to_string();
    let fields = [
        ("kind", "flag_answer"),
        ("certificate", &*number),
        ("year", "1"),
        ("subject", "Parental leave"),
        ("words", "I was away until September."),
    ];
    browser.post("/advice", &fields).await.expect(303);
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.get("/staff/flagged").await.expect(200);
    assert!(
        page.words().contains("The holder answered about ISP-Flora; it is waiting for an answer"),
        "{}",
        page.words()
    );
    let page =
        administrator.get(&format!("/staff/certificates/{certificate}/extension?year=1")).await.expect(200);
    assert!(page.words().contains("Parental leave"), "{}", page.words());
    let fields = [("until", "14 March 2027"), ("reason", "Parental leave.")];
    decision(&administrator, certificate, "extension", &fields).await.expect(303);
    assert_eq!(
        portal.texts("SELECT (closed_at IS NOT NULL) || ' ' || turn AS text FROM conversations"),
        ["1 body"]
    );
    assert!(portal.texts("SELECT event AS text FROM history").contains(&"conversation closed".to_owned()));
    // it is not closed without a word: the decision and its reason stand in it
    let said =
        portal.texts("SELECT from_body || ' ' || words AS text FROM messages ORDER BY id DESC LIMIT 1");
    assert_eq!(
        said,
        [
            "1 We have given you more time for this certification year, until 14 March 2027. Our reason:\n\nParental leave."
        ]
    );
    let talk = portal.texts("SELECT CAST(id AS TEXT) AS text FROM conversations");
    let page = browser.get(&format!("/advice/{}", talk[0])).await.expect(200);
    assert!(page.words().contains("until 14 March 2027"), "{}", page.words());
}

#[actix_web::test]
async fn nobody_is_decertified_by_one_click_too_many() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-16"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let path = format!("/staff/certificates/{certificate}/decertification");
    let fields = [("year", "1"), ("reason", "Too few."), ("acknowledged", "1")];
    let page = administrator.post(&path, &fields).await.expect(422);
    assert!(page.error("confirmed").contains("Tick this"), "{}", page.words());
    assert_eq!(page.text("#reason"), "Too few.", "what was typed is kept");
    assert!(portal.texts("SELECT kind AS text FROM decisions").is_empty());
}

#[actix_web::test]
async fn nobody_decides_past_an_answer_that_came_while_the_page_was_open() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-16"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let path = format!("/staff/certificates/{certificate}/decertification");
    let page = administrator.get(&path).await.expect(200);
    let read = page.values("input[name=answers]", "value").remove(0);
    let holder = portal.browser(&flora).await;
    let number = certificate.to_string();
    let fields = [
        ("kind", "flag_answer"),
        ("certificate", &*number),
        ("year", "1"),
        ("subject", "Parental leave"),
        ("words", "I was away until September."),
    ];
    let conversation = holder.post("/advice", &fields).await.expect(303).location().unwrap();
    let decide = |read: String| {
        let (path, administrator) = (path.clone(), &administrator);
        async move {
            let fields = [
                ("year", "1"),
                ("reason", "Too few credits."),
                ("acknowledged", "1"),
                ("confirmed", "1"),
                ("answers", &*read),
            ];
            administrator.post(&path, &fields).await
        }
    };
    let page = decide(read).await.expect(422);
    assert!(page.error("year").contains("has written about the flag since"), "{}", page.words());
    assert!(page.words().contains("Parental leave"), "it can be read now: {}", page.words());
    assert_eq!(page.text("#reason"), "Too few credits.");
    // and once more, while that page is open
    let read = page.values("input[name=answers]", "value").remove(0);
    holder.post(&format!("{conversation}/messages"), &[("words", "Here is the letter.")]).await.expect(303);
    let page = decide(read).await.expect(422);
    assert!(portal.texts("SELECT kind AS text FROM decisions").is_empty());
    let read = page.values("input[name=answers]", "value").remove(0);
    decide(read).await.expect(303);
    assert_eq!(portal.texts("SELECT kind AS text FROM decisions"), ["decertification"]);
}
