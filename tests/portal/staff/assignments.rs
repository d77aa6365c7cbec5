//! A report is given to a colleague: who finds it where, and what ends it.

use std::thread;

use cpe_portal::actions::ActionError;
use cpe_portal::actions::accounts;
use cpe_portal::actions::accounts::account_closing::Closing;
use cpe_portal::actions::reviews::assignments::{GivenAssignment, give, hand_back};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::ids::ActivityId;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::StoreError;
use cpe_portal::store::accounts::Account;

use super::verdict;
use crate::support::{Browser, Page, People, Rights, TestPortal};
use crate::timetable::body::texts;

/// Who has reports now: `report: name`.
fn given(portal: &TestPortal) -> Vec<String> {
    let sql = "SELECT v.title || ': ' || p.name AS text FROM assignments g JOIN activities v ON v.id = g.activity_id \
        JOIN accounts p ON p.id = g.assignee_id ORDER BY 1";
    texts(portal, sql)
}

fn events(portal: &TestPortal, id: ActivityId) -> Vec<String> {
    let sql = format!(
        "SELECT h.event || ' ' || h.detail || ' by ' || p.name AS text FROM history h JOIN accounts p ON p.id = h.actor_id \
         WHERE h.activity_id = {id} ORDER BY h.id"
    );
    texts(portal, &sql)
}

/// Gives a report with the form of its page.
async fn gives(browser: &Browser, id: ActivityId, to: &Account, words: &str) -> Page {
    let page = browser.get(&format!("/staff/activities/{id}")).await.expect(200);
    let path = format!("/staff/activities/{id}/assignment");
    let form = format!("form[action='{path}'] input[name=held_by]");
    let held_by = page.values(&form, "value").remove(0);
    let to = to.id.to_string();
    let fields = [("held_by", held_by.as_str()), ("colleague", to.as_str()), ("for_colleague", words)];
    browser.post(&path, &fields).await
}

fn mara(portal: &TestPortal) -> Account {
    portal.account("mara@people.test", "Mara Jong", Role::Reviewer)
}

#[actix_web::test]
async fn a_report_is_given_to_a_colleague_who_finds_it_on_the_overview_in_the_queue_and_on_its_page() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = mara(&portal);
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    portal.submitted(&people.stranger, "A lecture", "2026-05-03", 2);
    let rita = portal.browser(&people.reviewer).await;
    let hers = portal.browser(&mara).await;

    let page = rita.get(&format!("/staff/activities/{id}")).await.expect(200);
    let names = page.texts("#colleague option");
    assert_eq!(
        names,
        ["Choose a colleague", "Ada Administrator", "Mara Jong", "You"],
        "staff, and no holder"
    );
    let done = gives(&rita, id, &mara, "You know this field better.").await.expect(303);
    let page = rita.follow(done).await.expect(200);
    assert!(page.html().contains("Mara Jong has the report now"), "{}", page.words());
    let page = rita.get("/staff/review").await.expect(200);
    assert!(page.words().contains("with Mara Jong"), "{}", page.words());
    let filtered = rita.get("/staff/review?with=me").await.expect(200);
    assert!(filtered.words().contains("Nothing waiting matches this choice"), "{}", filtered.words());

    let page = hers.get("/staff").await.expect(200);
    assert!(page.words().contains("1 report was given to you"), "{}", page.words());
    assert_eq!(page.values(".tally a[href*='with=me']", "href"), ["/staff/review?with=me"]);
    let page = hers.get("/staff/review?with=me").await.expect(200);
    assert_eq!(page.texts("tbody th a"), ["A seminar"]);
    assert!(page.words().contains("yours"), "{}", page.words());
    let page = hers.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.words().contains("This report is yours"), "{}", page.words());
    assert!(page.words().contains("Rita Reviewer gave it on 23 November 2026"), "{}", page.words());
    assert!(page.words().contains("You know this field better."), "{}", page.words());
    assert_eq!(page.texts("#notes .typed"), ["You know this field better."], "kept as a note for staff");
    assert!(portal.mails_to(&mara).is_empty(), "no mail is sent about it");
    assert_eq!(
        events(&portal, id),
        ["staff note written  by Rita Reviewer", "report given to a colleague to Mara Jong by Rita Reviewer"]
    );
}

#[actix_web::test]
async fn going_through_the_queue_leaves_out_what_a_colleague_has_and_anybody_may_still_decide_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = mara(&portal);
    let first = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let second = portal.submitted(&people.stranger, "A lecture", "2026-05-03", 2);
    let rita = portal.browser(&people.reviewer).await;
    let given_away = gives(&rita, second, &mara, "").await.expect(303);
    assert_eq!(given_away.location(), Some(format!("/staff/activities/{first}")), "on to the next one");
    let list = rita.get("/staff/review").await.expect(200);
    assert_eq!(list.values("tr[data-open]", "data-report"), [first.to_string()]);
    let next = rita.get(&format!("/staff/activities/{first}/next")).await.expect(303);
    assert_eq!(next.location().as_deref(), Some("/staff/review"), "the only other one is Mara's");
    let sorted = rita.get(&format!("/staff/activities/{first}/next?sort=by-title")).await.expect(303);
    assert_eq!(sorted.location().as_deref(), Some("/staff/review?sort=by-title"));
    let hers = rita.get(&format!("/staff/activities/{first}/next?with={}", mara.id)).await.expect(303);
    let path = format!("/staff/activities/{second}?with={}", mara.id);
    assert_eq!(hers.location().as_deref(), Some(path.as_str()), "unless it is asked for");

    verdict(&rita, second, &[("decision", "approve")]).await.expect(303);
    assert!(given(&portal).is_empty(), "the decision ends it");
}

#[actix_web::test]
async fn a_return_a_withdrawal_and_a_decision_end_it_and_it_can_be_given_on_and_handed_back() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = mara(&portal);
    let title = |number: i32| format!("Report {number}");
    let ids: Vec<ActivityId> =
        (1..=3).map(|number| portal.submitted(&people.owner, &title(number), "2026-05-02", 1)).collect();
    let [returned, withdrawn, kept] = ids[..] else { panic!() };
    let rita = portal.browser(&people.reviewer).await;
    for id in [returned, withdrawn, kept] {
        gives(&rita, id, &mara, "").await.expect(303);
    }
    assert_eq!(given(&portal), ["Report 1: Mara Jong", "Report 2: Mara Jong", "Report 3: Mara Jong"]);
    let asked = [("decision", "return"), ("reason_code", "no_evidence"), ("reason", "Please add a proof.")];
    verdict(&rita, returned, &asked).await.expect(303);
    let olga = portal.browser(&people.owner).await;
    olga.post(&format!("/activities/{withdrawn}/withdrawal"), &[("version", "1")]).await.expect(303);
    assert_eq!(given(&portal), ["Report 3: Mara Jong"]);

    // given on, and handed back by somebody else
    gives(&rita, kept, &people.administrator, "").await.expect(303);
    assert_eq!(given(&portal), ["Report 3: Ada Administrator"]);
    let path = format!("/staff/activities/{kept}/assignment/removal");
    let held_by = people.administrator.id.to_string();
    let done = rita.post(&path, &[("held_by", held_by.as_str())]).await.expect(303);
    assert!(rita.follow(done).await.html().contains("The report is everybody"), "said");
    assert!(given(&portal).is_empty());
    assert_eq!(
        events(&portal, kept),
        [
            "report given to a colleague to Mara Jong by Rita Reviewer",
            "report given to a colleague to Ada Administrator by Rita Reviewer",
            "report handed back from Ada Administrator by Rita Reviewer"
        ]
    );
    assert!(!olga.get(&format!("/activities/{kept}")).await.expect(200).html().contains("Mara Jong"));
}

#[actix_web::test]
async fn it_is_given_to_staff_who_may_decide_it_and_what_was_typed_is_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = mara(&portal);
    portal.certificate(&mara, "ISP", "ISP-M", "2026-03-15");
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let own = portal.submitted(&mara, "Her own", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    for (report, colleague) in [(id, &people.stranger), (own, &mara)] {
        let page = gives(&rita, report, colleague, "Please look.").await.expect(422);
        assert!(page.error("colleague").contains("Choose a colleague who can sign in"), "{}", page.words());
        assert_eq!(page.raw_texts("textarea[name=for_colleague]"), ["Please look."]);
        assert!(page.has("#give[open]"), "the form stands open");
    }
    let long = "x".repeat(4_001);
    let page = gives(&rita, id, &mara, &long).await.expect(422);
    assert!(
        page.error("for_colleague").contains("at most 4 000 characters"),
        "{}",
        page.error("for_colleague")
    );
    assert!(given(&portal).is_empty());
    assert!(texts(&portal, "SELECT words AS text FROM staff_notes").is_empty());

    // whoever it belongs to gives nothing of their own
    let hers = portal.browser(&mara).await;
    let page = hers.get(&format!("/staff/activities/{own}")).await.expect(200);
    assert!(!page.has("#give"));
    let ada = people.administrator.id.to_string();
    let path = format!("/staff/activities/{own}/assignment");
    let page = hers.post(&path, &[("colleague", ada.as_str())]).await.expect(422);
    assert!(page.words().contains("This is your own report"), "{}", page.words());
    // what does not wait cannot be given
    let decided = portal.activity(&people.owner, ActivityStatus::Approved, "Decided", "2026-05-04", 1);
    let path = format!("/staff/activities/{decided}/assignment");
    let page = rita.post(&path, &[("colleague", ada.as_str())]).await.expect(422);
    assert!(page.words().contains("not waiting for review any more"), "{}", page.words());
    // a draft is its holder's own affair
    let draft = portal.activity(&people.owner, ActivityStatus::Draft, "Draft", "2026-05-04", 1);
    rita.post(&format!("/staff/activities/{draft}/assignment"), &[("colleague", ada.as_str())])
        .await
        .expect(404);
}

#[actix_web::test]
async fn of_two_who_give_it_at_once_the_second_is_told_who_has_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = mara(&portal);
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    ada.get(&format!("/staff/activities/{id}")).await.expect(200);
    gives(&rita, id, &mara, "").await.expect(303);
    // Ada's page said that nobody had it
    let ritas = people.reviewer.id.to_string();
    let fields = [("held_by", ""), ("colleague", ritas.as_str()), ("for_colleague", "Yours, I think.")];
    let page = ada.post(&format!("/staff/activities/{id}/assignment"), &fields).await.expect(409);
    assert!(page.error("colleague").contains("A colleague changed who has this report"));
    assert!(page.words().contains("Mara Jong has this report"), "{}", page.words());
    assert_eq!(page.raw_texts("textarea[name=for_colleague]"), ["Yours, I think."]);
    assert_eq!(given(&portal), ["A seminar: Mara Jong"]);
    // sent again, knowing it
    let held_by = page.values("#give input[name=held_by]", "value").remove(0);
    let fields = [("held_by", held_by.as_str()), ("colleague", ritas.as_str()), ("for_colleague", "")];
    ada.post(&format!("/staff/activities/{id}/assignment"), &fields).await.expect(303);
    assert_eq!(given(&portal), ["A seminar: Rita Reviewer"]);
    let late = hand_back(&portal, people.administrator.as_reviewer(), id, Some(mara.id));
    assert!(matches!(late, Err(ActionError::Store(StoreError::Changed))), "{late:?}");
}

/// What Mara has in hand when she goes.
fn in_hand(portal: &TestPortal, people: &People, mara: &Account) -> ActivityId {
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let colleague = mara.id.to_string();
    let wanted = GivenAssignment { colleague: &colleague, ..GivenAssignment::default() };
    give(portal, people.reviewer.as_reviewer(), id, &wanted).unwrap();
    id
}

#[actix_web::test]
async fn a_colleague_who_leaves_staff_hands_everything_back() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = mara(&portal);
    let id = in_hand(&portal, &people, &mara);
    let other = portal.submitted(&people.stranger, "A lecture", "2026-05-03", 2);
    let hers = portal.browser(&mara).await;
    hers.get(&format!("/staff/activities/{other}")).await.expect(200);
    let write = [("subject", "A question"), ("words", "How are you?")];
    hers.post(&format!("/staff/holders/{}/advice", people.owner.id), &write).await.expect(303);
    let owners = "SELECT p.name AS text FROM conversations c JOIN accounts p ON p.id = c.owner_id";
    assert_eq!(texts(&portal, owners), ["Mara Jong"]);

    let ada = portal.browser(&people.administrator).await;
    let page = ada.get(&format!("/admin/accounts/{}", mara.id)).await.expect(200);
    assert!(page.words().contains("One report that was given to this person goes"), "{}", page.words());
    let version = portal.find_account(mara.id).version.to_string();
    let role = [("version", version.as_str()), ("role", "holder")];
    ada.post(&format!("/admin/accounts/{}/role", mara.id), &role).await.expect(303);
    assert!(given(&portal).is_empty());
    assert!(texts(&portal, "SELECT 'x' AS text FROM review_claims").is_empty(), "claims, too");
    assert!(texts(&portal, owners).is_empty(), "and conversations");
    assert_eq!(events(&portal, id).pop().unwrap(), "report handed back from Mara Jong by Ada Administrator");
    let told = texts(&portal, "SELECT detail AS text FROM history WHERE event = 'role changed'");
    assert_eq!(
        told,
        [
            "from reviewer to holder; 1 conversation to nobody; 1 given report handed back; 1 claimed report released"
        ]
    );
    let page = ada.get("/staff/review?with=nobody").await.expect(200);
    assert_eq!(page.texts("tbody th a").len(), 2, "both are found in the queue again");
}

#[test]
fn a_report_given_while_its_colleague_leaves_is_never_left_with_somebody_who_is_gone() {
    for trial in 0..8 {
        let portal = TestPortal::new();
        let people = portal.people();
        let mara = mara(&portal);
        let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
        let colleague = mara.id.to_string();
        let (given_to, closed) = thread::scope(|scope| {
            let giving = scope.spawn(|| {
                let wanted = GivenAssignment { colleague: &colleague, ..GivenAssignment::default() };
                give(&portal, people.reviewer.as_reviewer(), id, &wanted)
            });
            let closing = scope.spawn(|| {
                let by = people.administrator.as_administrator();
                accounts::deactivate(&portal, mara.id, mara.version, by, &Closing::default())
            });
            (giving.join().unwrap(), closing.join().unwrap())
        });
        closed.unwrap();
        assert!(given(&portal).is_empty(), "trial {trial}: {given_to:?}");
        match given_to {
            Ok(_) => assert_eq!(events(&portal, id).len(), 2, "given, then handed back"),
            Err(ActionError::Invalid(problems)) => assert_eq!(problems[0].0, "colleague"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[actix_web::test]
async fn whoever_reports_does_not_read_to_whom_their_report_was_given_and_with_which_words() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = mara(&portal);
    portal.certificate(&mara, "ISP", "ISP-M", "2026-03-15");
    let id = portal.submitted(&mara, "A seminar", "2026-05-02", 3);
    let ada = portal.browser(&people.administrator).await;
    gives(&ada, id, &people.reviewer, "Look at the dates, please.").await.expect(303);
    let page =
        portal.browser(&people.reviewer).await.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.words().contains("Look at the dates, please."), "{}", page.words());

    let page = portal.browser(&mara).await.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.words().contains("This is your own report."), "{}", page.words());
    assert!(!page.words().contains("Look at the dates, please."), "{}", page.words());
    let page = portal.browser(&mara).await.get(&format!("/staff/review?report={id}")).await.expect(200);
    assert!(!page.words().contains("Look at the dates, please."), "{}", page.words());
}
