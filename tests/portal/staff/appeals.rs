use cpe_portal::actions::accounts;
use cpe_portal::domain::ids::{CertificateId, ConversationId};
use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts::Account;

use super::advice::step;
use super::decision;
use crate::support::nonsense::Trial;
use crate::support::{People, Rights, TestPortal, day};
use crate::timetable::body::{approved, behind_its_back, practitioner, run_on};

/// Flora, whose certificate Ada has decertified on 16 January 2027.
async fn decertified(portal: &TestPortal, people: &People) -> (Account, CertificateId) {
    let (holder, certificate) = practitioner(portal, "Flora", "2026-01-01");
    approved(portal, &holder, "2026-05-02", 5);
    run_on(portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-16"), 10);
    let ada = portal.browser(&people.administrator).await;
    decision(&ada, certificate, "decertification", &[("reason", "Too few credits.")]).await.expect(303);
    (holder, certificate)
}

async fn appeal(portal: &TestPortal, holder: &Account, certificate: CertificateId) -> ConversationId {
    let flora = portal.browser(holder).await;
    let page = flora.get(&format!("/certificates/{certificate}")).await.expect(200);
    let link = format!("/advice/new?kind=appeal&certificate={certificate}");
    assert!(page.has(&format!("a[href='{link}']")), "the way to appeal stands on the page");
    let form = flora.get(&link).await.expect(200);
    assert!(form.words().contains("Somebody other than the person who decided"));
    let certificate = certificate.to_string();
    let fields = [
        ("kind", "appeal"),
        ("certificate", &*certificate),
        ("subject", "Appeal for ISP-Flora"),
        ("words", "I was in hospital."),
    ];
    let sent = flora.post("/advice", &fields).await.expect(303);
    let again = flora.post("/advice", &fields).await.expect(303);
    assert_eq!(again.location(), sent.location(), "the same form again leads to the same");
    let fields = [fields[0], fields[1], fields[2], ("words", "I was in another hospital.")];
    let again = flora.post("/advice", &fields).await.expect(422);
    assert!(again.text(".error-summary").contains("already open"), "one at a time");
    let appeals = "a[href*='kind=appeal']";
    for path in ["/dashboard".to_owned(), format!("/certificates/{certificate}")] {
        let page = flora.get(&path).await.expect(200);
        assert!(
            page.words().contains("Your appeal has been with us since 16 January 2027."),
            "{}",
            page.words()
        );
        assert!(!page.has(appeals), "{path} offers no second one");
    }
    sent.location().unwrap().strip_prefix("/advice/").unwrap().parse().unwrap()
}

/// An administrator who could sign in.
fn second(portal: &TestPortal) -> Account {
    let account = portal.account("second@people.test", "Sam Second", Role::Administrator);
    portal.set_password(&account, "a long enough password");
    account
}

#[actix_web::test]
async fn an_appeal_is_judged_by_another_administrator_and_can_reinstate_the_certificate() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = decertified(&portal, &people).await;
    let id = appeal(&portal, &flora, certificate).await;
    let sam = second(&portal);
    let given = [("outcome", "reinstated"), ("reason", "The hospital has confirmed it.")];

    let ada = portal.browser(&people.administrator).await;
    let page = ada.get(&format!("/staff/advice/{id}")).await.expect(200);
    assert!(page.words().contains("You took the decision that this appeal is against"));
    assert!(!page.has("form[action$=outcome]"));
    let page = step(&ada, id, "outcome", &given).await.expect(422);
    assert!(page.text(".error-summary").contains("Another administrator"));
    let rita = portal.browser(&people.reviewer).await;
    let path = format!("/staff/advice/{id}/outcome");
    rita.post(&path, &[("version", "1"), ("outcome", "upheld"), ("reason", "No")]).await.expect(404);
    let page = rita.post(&format!("/staff/advice/{id}/closing"), &[("version", "1")]).await.expect(422);
    assert!(page.text(".error-summary").contains("closed by its outcome"));

    let page = step(&ada, id, "outcome", &[given[0], given[1], ("alone", "1")]).await.expect(422);
    assert!(page.text(".error-summary").contains("Another administrator"), "a tick does not help");
    let page = decision(&ada, certificate, "reinstatement", &[("reason", "I was wrong.")]).await.expect(422);
    assert!(page.text(".error-summary").contains("Another administrator"), "nor does the other page");

    let sam = portal.browser(&sam).await;
    let page = step(&sam, id, "outcome", &[("reason", " ")]).await.expect(422);
    assert!(page.error("outcome").contains("how the appeal ends"));
    assert!(page.error("reason").contains("The holder reads it"));
    step(&sam, id, "outcome", &given).await.expect(303);
    let stands = portal.texts(&format!(
        "SELECT COALESCE(decertified_on, 'stands') AS text FROM certificates WHERE id = {certificate}"
    ));
    assert_eq!(stands, ["stands"]);
    let kinds: Vec<String> = portal.mails_to(&flora).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds[kinds.len() - 2..], ["reinstated", "reply"]);
    assert_eq!(
        portal.texts("SELECT outcome || ' ' || decided_on AS text FROM appeal_outcomes"),
        ["reinstated 2027-01-16"]
    );

    let browser = portal.browser(&flora).await;
    let page = browser.get(&format!("/advice/{id}")).await.expect(200);
    assert!(page.text(".notice-title").contains("The certificate is reinstated"));
    assert!(page.text(".messages").contains("The hospital has confirmed it."));
    assert!(!page.has("textarea"), "it is over");
    browser.post(&format!("/advice/{id}/messages"), &[("words", "Thanks")]).await.expect(422);
    let version = portal.texts(&format!("SELECT version || '' AS text FROM conversations WHERE id = {id}"));
    for (what, fields) in [("outcome", given.to_vec()), ("reopening", vec![])] {
        let mut fields = fields;
        fields.push(("version", &version[0]));
        let page = sam.post(&format!("/staff/advice/{id}/{what}"), &fields).await.expect(422);
        assert!(page.text(".error-summary").contains("has been recorded"), "{what}");
    }
}

#[actix_web::test]
async fn when_nobody_else_could_judge_the_decider_may_and_the_decision_can_stand() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = decertified(&portal, &people).await;
    let id = appeal(&portal, &flora, certificate).await;
    let ada = portal.browser(&people.administrator).await;
    let given = [("outcome", "upheld"), ("reason", "Nothing new was said.")];
    let page = step(&ada, id, "outcome", &given).await.expect(422);
    assert!(page.error("alone").contains("You took the decision"), "{}", page.words());
    assert!(page.has("input[type=checkbox]#alone"), "a tick that says so");
    assert_eq!(page.values("input[name=outcome][checked]", "value"), ["upheld"], "what was typed is kept");
    assert!(portal.texts("SELECT outcome AS text FROM appeal_outcomes").is_empty());
    step(&ada, id, "outcome", &[given[0], given[1], ("alone", "1")]).await.expect(303);
    let said = portal.texts("SELECT detail AS text FROM history WHERE event = 'appeal decided'");
    assert!(said[0].contains("there was no other one"), "{said:?}");
    assert_eq!(
        portal.texts("SELECT outcome AS text FROM appeal_outcomes"),
        ["upheld"],
        "the certificate stays decertified"
    );
    let page = portal.browser(&flora).await.get(&format!("/advice/{id}")).await.expect(200);
    assert!(page.text(".notice-title").contains("The decision stands"));
    let page = ada.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    assert!(page.text(".plain-list").contains("Appeal for ISP-Flora"));
}

#[actix_web::test]
async fn there_is_no_appeal_for_a_certificate_that_stands() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    let certificate = people.owner_certificate.to_string();
    let path = format!("/advice/new?kind=appeal&certificate={certificate}");
    let page = owner.get(&path).await.expect(200);
    assert_eq!(page.text("h1"), "Ask for advice", "it is a question then");
    let fields = [("kind", "appeal"), ("certificate", &*certificate), ("subject", "x"), ("words", "y")];
    owner.post("/advice", &fields).await.expect(303);
    assert_eq!(portal.texts("SELECT kind AS text FROM conversations"), ["question"]);
}

#[actix_web::test]
async fn a_flag_is_answered_in_a_conversation_about_its_year() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    let flora = portal.browser(&holder).await;
    let link = format!("/advice/new?year={certificate}-1");
    assert!(flora.get("/advice").await.has(&format!("a[href='{link}']")));
    let page = flora.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "Answer the flag");
    let hidden = |name: &str| page.values(&format!("input[name={name}]"), "value").remove(0);
    let (kind, named, year) = (hidden("kind"), hidden("certificate"), hidden("year"));
    let fields = [
        ("kind", &*kind),
        ("certificate", &named),
        ("year", &year),
        ("subject", "Parental leave"),
        ("words", "I was away until September."),
    ];
    flora.post("/advice", &fields).await.expect(303);
    assert_eq!(
        portal.texts("SELECT kind || ' ' || certificate_id || ' ' || year AS text FROM conversations"),
        [format!("flag_answer {certificate} 1")]
    );
    let page = flora.get("/dashboard").await.expect(200);
    assert!(page.words().contains("we have had it since 1 January 2027"), "{}", page.words());
    assert!(!page.words().contains("Your answer is needed") && !page.has(&format!("a[href='{link}']")));
    // whoever has answered is not called as loudly again, nor advised to do what is too late for that year
    assert!(page.has(".notice.info") && !page.has(".notice.danger"), "{}", page.html());
    assert!(
        page.words().contains("and have not reported yet, until somebody decides.")
            && !page.words().contains("Answer by"),
        "{}",
        page.words()
    );
    let ways = page.texts("summary").into_iter().filter(|summary| summary == "What would do it").count();
    assert_eq!(ways, 1, "only the year that runs: {}", page.words());
    let again = flora.get(&link).await.expect(303).location().unwrap();
    assert!(page.has(&format!("a[href='{again}']")), "what was written goes on where it began: {again}");
    let stranger = portal.browser(&people.stranger).await;
    stranger.get(&link).await.expect(404);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/advice?kind=flag_answer").await.expect(200);
    assert_eq!(page.texts("tbody th a"), ["Parental leave"]);
    assert!(reviewer.get("/staff/advice?kind=appeal").await.texts("tbody th a").is_empty());
}

#[actix_web::test]
async fn nonsense_in_an_outcome_is_told_beside_its_field_and_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = decertified(&portal, &people).await;
    let id = appeal(&portal, &flora, certificate).await;
    let ada = portal.browser(&people.administrator).await;
    // no outcome, so that nothing is ever recorded
    let form = || (format!("/staff/advice/{id}/outcome"), vec![("version", "1"), ("reason", "Because")]);
    Trial { fields: &["outcome", "reason"], with_files: false, form: &form }.run(&ada).await;
    assert!(portal.texts("SELECT outcome AS text FROM appeal_outcomes").is_empty());
}

#[actix_web::test]
async fn a_decision_does_not_stand_whose_certificate_is_in_force_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = decertified(&portal, &people).await;
    let id = appeal(&portal, &flora, certificate).await;
    let sam = portal.browser(&second(&portal)).await;
    decision(&sam, certificate, "reinstatement", &[("reason", "We were wrong.")]).await.expect(303);
    let upheld = [("outcome", "upheld"), ("reason", "It was right.")];
    let page = step(&sam, id, "outcome", &upheld).await.expect(422);
    assert!(page.error("outcome").contains("The certificate is in force again"), "{}", page.words());
    let reinstated = [("outcome", "reinstated"), ("reason", "It was wrong.")];
    step(&sam, id, "outcome", &reinstated).await.expect(303);
}

#[actix_web::test]
async fn a_single_administrator_judges_where_the_history_says_so_and_not_on_the_certificates_page() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (flora, certificate) = decertified(&portal, &people).await;
    appeal(&portal, &flora, certificate).await;
    let ada = portal.browser(&people.administrator).await;
    let page = decision(&ada, certificate, "reinstatement", &[("reason", "I was wrong.")]).await.expect(422);
    assert!(page.text(".error-summary").contains("Record its outcome there"), "{}", page.words());
}

#[actix_web::test]
async fn a_decider_who_puts_the_others_out_of_the_way_does_not_judge() {
    let portal = TestPortal::new();
    let people = portal.people();
    let carl = portal.account("carl@people.test", "Carl Colleague", Role::Administrator);
    behind_its_back(&portal, "UPDATE accounts SET password_hash = 'x' WHERE role = 'administrator'");
    let (flora, certificate) = decertified(&portal, &people).await;
    let id = appeal(&portal, &flora, certificate).await;
    let by = people.administrator.as_administrator();
    accounts::change_role(&portal, carl.id, carl.version, Role::Reviewer, by).unwrap();
    let ada = portal.browser(&people.administrator).await;
    let given = [("outcome", "upheld"), ("reason", "Nothing new was said."), ("alone", "1")];
    let page = step(&ada, id, "outcome", &given).await.expect(422);
    assert!(page.words().contains("Another administrator has to look at it."), "{}", page.words());
    assert!(portal.texts("SELECT outcome AS text FROM appeal_outcomes").is_empty());
}
