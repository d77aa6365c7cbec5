//! Taking back that somebody knows a holder: nobody frees themselves to decide.

use cpe_portal::actions::ActionError;
use cpe_portal::actions::accounts;
use cpe_portal::actions::accounts::account_closing::Closing;
use cpe_portal::actions::accounts::acquaintances::declare;
use cpe_portal::actions::reviews::{GivenVerdict, review};
use cpe_portal::domain::activities::review::ReviewDecision;
use cpe_portal::domain::ids::AccountId;
use cpe_portal::domain::roles::{AcquaintanceRefusal, Role, check_taking_back};
use cpe_portal::store::accounts::Account;

use super::acquaintances::{Scene, is_known, said, taken_back};
use crate::support::{People, Rights, TestPortal};
use crate::timetable::body::{behind_its_back, texts};

#[test]
fn the_rule_knows_four_cases() {
    let (me, other) = (AccountId(1), AccountId(2));
    for (others, alone) in [(false, false), (false, true), (true, false), (true, true)] {
        assert_eq!(check_taking_back(me, other, others, alone), Ok(false), "of a colleague");
        let own = check_taking_back(me, me, others, alone);
        match (others, alone) {
            (true, _) => assert_eq!(own, Err(AcquaintanceRefusal::OwnWord)),
            (false, true) => assert_eq!(own, Ok(true)),
            (false, false) => assert_eq!(own, Err(AcquaintanceRefusal::Alone)),
        }
    }
}

#[actix_web::test]
async fn nobody_takes_back_what_they_said_themselves_and_an_administrator_does_with_a_reason() {
    let scene = Scene::new();
    let portal = &scene.portal;
    let (olga, ada) = (scene.olga.id, scene.ada.id.to_string());
    // who has a password can sign in
    behind_its_back(portal, "UPDATE accounts SET password_hash = 'x' WHERE role = 'administrator'");
    declare(portal, scene.ada.as_reviewer(), olga, "We sat on one board.").unwrap();
    let (page_of_olga, removal) =
        (format!("/staff/holders/{olga}"), format!("/staff/holders/{olga}/acquaintance/removal"));
    let browser = portal.browser(&scene.ada).await;
    let page = browser.get(&page_of_olga).await.expect(200);
    assert!(page.words().contains("ask Carl Colleague to take it back"), "{}", page.words());
    assert!(!page.has("#acquaintance-end"), "there is no form for it");
    for alone in ["", "1"] {
        let fields = [("colleague", ada.as_str()), ("ended_reason", "A mistake."), ("alone", alone)];
        let page = browser.post(&removal, &fields).await.expect(422);
        assert!(page.words().contains("another administrator has to take it back"), "{}", page.words());
    }
    let mara = portal.account("mara@people.test", "Mara Jong", Role::Reviewer);
    let fields = [("colleague", ada.as_str()), ("ended_reason", "A mistake.")];
    portal.browser(&mara).await.post(&removal, &fields).await.expect(404);
    assert_eq!(
        texts(portal, "SELECT 'in force' AS text FROM acquaintances WHERE ended_at IS NULL"),
        ["in force"]
    );

    // an administrator who knows the holder, too, frees nobody
    declare(portal, scene.carl.as_reviewer(), olga, "").unwrap();
    assert!(is_known(&taken_back(&scene, scene.carl.as_administrator()).unwrap_err()));
    let dora = portal.account("dora@people.test", "Dora Director", Role::Administrator);
    let browser = portal.browser(&dora).await;
    let page = browser.get(&page_of_olga).await.expect(200);
    assert_eq!(page.texts("#acquaintance-end option").len(), 3, "two colleagues to choose from");
    let page =
        browser.post(&removal, &[("colleague", ada.as_str()), ("ended_reason", " ")]).await.expect(422);
    assert!(page.error("ended_reason").contains("Say why"), "{}", page.error("ended_reason"));
    let page = browser.post(&removal, &[("ended_reason", "A mistake.")]).await.expect(422);
    assert!(page.error("colleague").contains("Choose the colleague"), "{}", page.error("colleague"));
    assert_eq!(page.raw_texts("textarea[name=ended_reason]"), ["A mistake."]);
    browser
        .post(&removal, &[("colleague", ada.as_str()), ("ended_reason", "Another Olga.")])
        .await
        .expect(303);
    let kept = "SELECT p.name || ': ' || h.detail AS text FROM history h JOIN accounts p ON p.id = h.actor_id \
        WHERE h.event = 'acquaintance taken back'";
    assert_eq!(texts(portal, kept), ["Dora Director: Ada Administrator: Another Olga."]);
    assert!(said(review_of(&scene, &scene.ada)).is_ok(), "Ada decides again");
}

#[actix_web::test]
async fn where_nobody_else_could_take_it_back_a_tick_says_so_and_the_history_keeps_it() {
    let portal = TestPortal::new();
    let People { owner: olga, administrator: ada, .. } = portal.people();
    let report = portal.submitted(&olga, "A seminar", "2026-10-05", 2);
    declare(&portal, ada.as_reviewer(), olga.id, "").unwrap();
    let browser = portal.browser(&ada).await;
    let page = browser.get(&format!("/staff/holders/{}", olga.id)).await.expect(200);
    assert!(page.has("#acquaintance-end #alone"));
    let removal = format!("/staff/holders/{}/acquaintance/removal", olga.id);
    let id = ada.id.to_string();
    let mut fields = vec![("colleague", id.as_str()), ("ended_reason", "It was another Olga.")];
    let page = browser.post(&removal, &fields).await.expect(422);
    assert!(page.error("alone").contains("Tick the box"), "{}", page.error("alone"));
    fields.push(("alone", "1"));
    browser.post(&removal, &fields).await.expect(303);
    let kept = texts(&portal, "SELECT detail AS text FROM history WHERE event = 'acquaintance taken back'");
    assert!(kept[0].starts_with("It was another Olga. (taken back by the same person"), "{kept:?}");
    assert!(browser.get(&format!("/staff/activities/{report}")).await.expect(200).has("#decide"));
}

#[actix_web::test]
async fn whoever_puts_the_others_out_of_the_way_does_not_take_back_their_own_word() {
    for closes in [false, true] {
        let portal = TestPortal::new();
        let People { owner: olga, administrator: ada, .. } = portal.people();
        let carl = portal.account("carl@people.test", "Carl Colleague", Role::Administrator);
        behind_its_back(&portal, "UPDATE accounts SET password_hash = 'x' WHERE role = 'administrator'");
        declare(&portal, ada.as_reviewer(), olga.id, "").unwrap();
        portal.clock.advance(chrono::TimeDelta::days(1));
        let by = ada.as_administrator();
        match closes {
            true => accounts::deactivate(&portal, carl.id, carl.version, by, &Closing::default()).unwrap(),
            false => accounts::change_role(&portal, carl.id, carl.version, Role::Reviewer, by).unwrap(),
        }
        let browser = portal.browser(&ada).await;
        let page = browser.get(&format!("/staff/holders/{}", olga.id)).await.expect(200);
        assert!(!page.has("#acquaintance-end"), "there is no form for it");
        let id = ada.id.to_string();
        let fields = [("colleague", id.as_str()), ("ended_reason", "A mistake."), ("alone", "1")];
        let removal = format!("/staff/holders/{}/acquaintance/removal", olga.id);
        let page = browser.post(&removal, &fields).await.expect(422);
        assert!(page.words().contains("another administrator has to take it back"), "{}", page.words());
    }
}

/// Somebody approves what waits.
fn review_of(scene: &Scene, by: &Account) -> Result<(), ActionError> {
    let given = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
    review(&scene.portal, by.as_reviewer(), scene.waiting, None, &given).map(|_| ())
}

#[actix_web::test]
async fn taking_back_what_is_nonsense_is_refused_beside_its_field() {
    let scene = Scene::new();
    let portal = &scene.portal;
    declare(portal, scene.ada.as_reviewer(), scene.olga.id, "").unwrap();
    let browser = portal.browser(&scene.carl).await;
    let removal = format!("/staff/holders/{}/acquaintance/removal", scene.olga.id);
    let (ada, long) = (scene.ada.id.to_string(), "x".repeat(4_001));
    for (colleague, reason, field) in [
        (ada.as_str(), long.as_str(), "ended_reason"),
        (ada.as_str(), "\u{7}", "ended_reason"),
        ("x", "A mistake.", "colleague"),
        ("-1", "A mistake.", "colleague"),
        ("99999999999999999999", "A mistake.", "colleague"),
    ] {
        let page =
            browser.post(&removal, &[("colleague", colleague), ("ended_reason", reason)]).await.expect(422);
        assert!(!page.words().is_empty() && page.has("[role=alert], .error-summary"), "{field}");
    }
    // for somebody who said nothing there is nothing to take back
    let carl = scene.carl.id.to_string();
    browser.post(&removal, &[("colleague", carl.as_str()), ("ended_reason", "A mistake.")]).await.expect(303);
    assert_eq!(
        texts(portal, "SELECT 'in force' AS text FROM acquaintances WHERE ended_at IS NULL"),
        ["in force"]
    );
}
