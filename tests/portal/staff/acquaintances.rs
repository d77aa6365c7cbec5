//! "I know this holder": whoever says so decides nothing about them, whatever the way in, until they take it back.

use std::io::Cursor;

use cpe_portal::actions::ActionError;
use cpe_portal::actions::accounts;
use cpe_portal::actions::accounts::account_closing::Closing;
use cpe_portal::actions::accounts::acquaintances::{GivenEnd, declare, take_back};
use cpe_portal::actions::activities::correction as corrections;
use cpe_portal::actions::activities::form::Typed;
use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::actions::certification::decisions::correction::{GivenCorrection, correct};
use cpe_portal::actions::certification::decisions::decide;
use cpe_portal::actions::conversations::close::close;
use cpe_portal::actions::conversations::inquiry::{self, GivenAnswer};
use cpe_portal::actions::conversations::{hand_over, reply_as_staff};
use cpe_portal::actions::holders::{GivenCertificate, grant_certificate};
use cpe_portal::actions::reviews::assignments::{GivenAssignment, give};
use cpe_portal::actions::reviews::reversal::{take_question_back, take_verdict_back};
use cpe_portal::actions::reviews::{GivenVerdict, Ticked, approve_all, review};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::activities::correction::CorrectionDecision;
use cpe_portal::domain::activities::review::{ReasonCode, ReviewDecision};
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::ids::{AccountId, ActivityId, CertificateId, ConversationId};
use cpe_portal::domain::roles::{Acquainted, Administrator, Role, not_acquainted};
use cpe_portal::store::accounts::Account;
use cpe_portal::store::activities::{self, corrections as stored_corrections};
use cpe_portal::store::certification::catalogue;
use cpe_portal::store::conversations as stored_conversations;
use cpe_portal::transfer::ImportChoices;
use cpe_portal::transfer::activities::import_activities;
use cpe_portal::transfer::holders::import_holders;

use crate::support::{People, Rights, TestPortal, day};
use crate::timetable::body::texts;

/// Ada administers and knows Olga; Carl administers and knows nobody.
pub(super) struct Scene {
    pub(super) portal: TestPortal,
    pub(super) ada: Account,
    pub(super) carl: Account,
    pub(super) olga: Account,
    certificate: CertificateId,
    pub(super) waiting: ActivityId,
    returned: ActivityId,
    rejected: ActivityId,
    question: ConversationId,
    asked: i64,
}

impl Scene {
    pub(super) fn new() -> Self {
        let portal = TestPortal::new();
        let People { owner: olga, owner_certificate: certificate, administrator: ada, .. } = portal.people();
        let carl = portal.account("carl@people.test", "Carl Colleague", Role::Administrator);
        let report = |status, title: &str| portal.activity(&olga, status, title, "2026-10-05", 2);
        let (waiting, returned, rejected, corrected) = (
            report(ActivityStatus::Submitted, "Waiting"),
            report(ActivityStatus::Returned, "Returned"),
            report(ActivityStatus::Rejected, "Rejected"),
            report(ActivityStatus::Rejected, "Corrected"),
        );
        let typed = Typed {
            category: "attending".to_owned(),
            title: "A course".to_owned(),
            field: "it_security".to_owned(),
            ..Typed::default()
        };
        let question = inquiry::ask_beforehand(&portal, olga.as_holder(), &typed).unwrap();
        let now = portal.clock.now();
        let asked = portal
            .store
            .write(|conn| {
                let facts = activities::find(conn, corrected)?.unwrap().facts;
                stored_corrections::add(conn, (corrected, 1, olga.id), &facts, "Because", now)?;
                Ok::<_, ActionError>(stored_corrections::of_activity(conn, corrected)?.remove(0).id)
            })
            .unwrap();
        Scene { portal, ada, carl, olga, certificate, waiting, returned, rejected, question, asked }
    }

    fn decides(&self, by: Administrator, deciding: Deciding) -> Result<(), String> {
        said(decide(&self.portal, by, self.certificate, SeenVersion::default(), deciding, "Because."))
    }

    /// The version of the question.
    fn version(&self) -> Option<i64> {
        let found = self.portal.store.read(|conn| stored_conversations::find(conn, self.question));
        Some(found.unwrap().unwrap().version)
    }
}

pub(super) fn said<T>(done: Result<T, ActionError>) -> Result<(), String> {
    match done {
        Ok(_) => Ok(()),
        Err(ActionError::Invalid(problems)) => Err(problems.into_iter().map(|(_, words)| words).collect()),
        Err(other) => Err(other.to_string()),
    }
}

type Action = (&'static str, fn(&Scene, Administrator) -> Result<(), String>);

/// Everything that decides something about a holder.
const ACTIONS: &[Action] = &[
    ("approve", |scene, by| {
        let given = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
        said(review(&scene.portal, by.into(), scene.waiting, None, &given))
    }),
    ("return", |scene, by| {
        let given = GivenVerdict {
            decision: Some(ReviewDecision::Return),
            reason_code: Some(ReasonCode::Other),
            reason: "Why?",
            ..GivenVerdict::default()
        };
        said(review(&scene.portal, by.into(), scene.waiting, None, &given))
    }),
    ("approve with ticks", |scene, by| {
        let ticked = [Ticked { activity: scene.waiting, version: 1 }];
        match approve_all(&scene.portal, by.into(), &ticked).unwrap().skipped.pop() {
            Some((_, words)) => Err(words),
            None => Ok(()),
        }
    }),
    ("give it to a colleague", |scene, by| {
        let colleague = scene.carl.id.to_string();
        let wanted = GivenAssignment { colleague: &colleague, ..GivenAssignment::default() };
        said(give(&scene.portal, by.into(), scene.waiting, &wanted))
    }),
    ("take a question back", |scene, by| {
        said(take_question_back(&scene.portal, by.into(), scene.returned, Some(1)))
    }),
    ("take a verdict back", |scene, by| {
        said(take_verdict_back(&scene.portal, by.into(), scene.rejected, Some(1), "A mistake."))
    }),
    ("accept a correction", |scene, by| {
        let answer = corrections::CorrectionAnswer { decision: Some(CorrectionDecision::Accept), words: "" };
        said(corrections::answer(&scene.portal, by.into(), scene.asked, &answer))
    }),
    ("decertify", |scene, by| scene.decides(by, Deciding::Decertify { year: 1, acknowledged: true })),
    ("waive", |scene, by| scene.decides(by, Deciding::Waive { year: 1 })),
    ("extend", |scene, by| scene.decides(by, Deciding::Extend { year: 1, until: day("2027-05-01") })),
    ("reinstate", |scene, by| scene.decides(by, Deciding::Reinstate)),
    ("end by wish", |scene, by| {
        scene.decides(by, Deciding::End { kind: EndingKind::Wish, replaced_by: None })
    }),
    ("end by death, with the account", |scene, by| {
        scene.decides(by, Deciding::End { kind: EndingKind::Death, replaced_by: None })
    }),
    ("close the account and end the certificates", |scene, by| {
        let closing = Closing { certificates: "wish", reason: "Asked.", ..Closing::default() };
        said(accounts::deactivate(&scene.portal, scene.olga.id, scene.olga.version, by, &closing))
    }),
    ("correct a certificate", |scene, by| {
        let certifications = scene.portal.store.read(catalogue::certifications).unwrap();
        let isp = certifications.iter().find(|one| one.code == "ISP").unwrap().id.to_string();
        let given = GivenCorrection {
            number: "ISP-B",
            certification: &isp,
            granted_on: "14 March 2026",
            twin: false,
            reason: "A typo.",
        };
        said(correct(&scene.portal, by, scene.certificate, SeenVersion::default(), &given))
    }),
    ("grant a certificate", |scene, by| {
        let ehp = scene.portal.store.read(|conn| catalogue::certification_by_code(conn, "EHP"));
        let certification = ehp.unwrap().unwrap().id.to_string();
        let given = GivenCertificate {
            certification: &certification,
            number: "EHP-A",
            granted_on: "14 March 2026",
            ..GivenCertificate::default()
        };
        said(grant_certificate(&scene.portal, by, scene.olga.id, &given))
    }),
    ("import a new certificate", |scene, by| {
        let file = "email,name,certification,certificate_number,granted_on\n\
            owner@people.test,Olga Owner,EHP,EHP-A,2026-03-15\n";
        let done = import_holders(
            &scene.portal,
            Cursor::new(file.to_owned()),
            Some(by),
            &ImportChoices::default(),
            &mut |_| {},
        );
        done.unwrap().refused.into_iter().next().map_or(Ok(()), |row| Err(row.reason))
    }),
    ("import approved credits", |scene, by| {
        let file = "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n\
            owner@people.test,attending,A course,,information_security,,2026-10-01,6,,approved\n";
        let done = import_activities(
            &scene.portal,
            Cursor::new(file.to_owned()),
            Some(by),
            &ImportChoices::default(),
            &mut |_| {},
        );
        done.unwrap().refused.into_iter().next().map_or(Ok(()), |row| Err(row.reason))
    }),
    ("close a question unanswered", |scene, by| {
        said(close(&scene.portal, by.into(), scene.question, scene.version()))
    }),
    ("answer whether something would count", |scene, by| {
        let given = GivenAnswer { verdict: "yes", words: "It counts.", ..GivenAnswer::default() };
        said(inquiry::answer(&scene.portal, by.into(), scene.question, scene.version(), &given))
    }),
];

pub(super) fn is_known(words: &str) -> bool {
    words.contains("You said that you know this holder. A colleague has to do it.")
}

/// Somebody takes back that Ada knows Olga.
pub(super) fn taken_back(scene: &Scene, by: Administrator) -> Result<(), String> {
    let ada = scene.ada.id.to_string();
    let given = GivenEnd { colleague: &ada, reason: "Another Olga.", alone: false };
    said(take_back(&scene.portal, by, scene.olga.id, &given))
}

#[test]
fn whoever_knows_a_holder_decides_nothing_about_them_and_a_colleague_does() {
    for (name, act) in ACTIONS {
        let scene = Scene::new();
        declare(&scene.portal, scene.ada.as_reviewer(), scene.olga.id, "").unwrap();
        let before = scene.portal.dump();
        let refused = act(&scene, scene.ada.as_administrator()).expect_err(name);
        assert!(is_known(&refused), "{name}: {refused}");
        // how often the file was written to is no change of what it says
        for (table, rows) in scene.portal.dump().into_iter().filter(|(table, _)| table != "database_marks") {
            assert_eq!(Some(&rows), before.get(&table), "{name} changes nothing in {table}");
        }
        if let Err(words) = act(&scene, scene.carl.as_administrator()) {
            assert!(!is_known(&words), "{name} by a colleague: {words}");
        }
        // taken back, it is as before
        let scene = Scene::new();
        declare(&scene.portal, scene.ada.as_reviewer(), scene.olga.id, "").unwrap();
        taken_back(&scene, scene.carl.as_administrator()).unwrap();
        if let Err(words) = act(&scene, scene.ada.as_administrator()) {
            assert!(!is_known(&words), "{name} after it was taken back: {words}");
        }
    }
}

#[test]
fn a_message_decides_nothing_so_they_may_write_it_and_do_not_look_after_what_is_decided() {
    let scene = Scene::new();
    let portal = &scene.portal;
    declare(portal, scene.ada.as_reviewer(), scene.olga.id, "").unwrap();
    reply_as_staff(portal, scene.ada.as_reviewer(), scene.question, scene.version(), "We look.", false)
        .unwrap();
    let owners = "SELECT COALESCE(p.name, 'nobody') AS text FROM conversations c LEFT JOIN accounts p ON p.id = c.owner_id";
    assert_eq!(texts(portal, owners), ["nobody"]);
    let turn = texts(portal, "SELECT turn AS text FROM conversations");
    assert_eq!(turn, ["body"], "what they wrote answers nothing: it still waits for a colleague");
    let taken =
        hand_over(portal, scene.carl.as_reviewer(), scene.question, scene.version(), Some(scene.ada.id));
    assert!(said(taken).unwrap_err().contains("has not said that they know the holder"));
    hand_over(portal, scene.ada.as_reviewer(), scene.question, scene.version(), Some(scene.carl.id)).unwrap();
    assert_eq!(texts(portal, owners), ["Carl Colleague"]);
}

#[actix_web::test]
async fn what_they_had_of_the_holder_goes_back_in_the_same_moment_and_everything_else_stays() {
    let scene = Scene::new();
    let portal = &scene.portal;
    let stranger = portal.holder("other@people.test", "Otto Other");
    portal.certificate(&stranger, "ISP", "ISP-O", "2026-03-15");
    let others = portal.submitted(&stranger, "Of another", "2026-05-02", 1);
    let ada = scene.ada.id.to_string();
    for id in [scene.waiting, others] {
        let wanted = GivenAssignment { colleague: &ada, ..GivenAssignment::default() };
        give(portal, scene.carl.as_reviewer(), id, &wanted).unwrap();
    }
    let browser = portal.browser(&scene.ada).await;
    for id in [scene.waiting, others] {
        browser.get(&format!("/staff/activities/{id}")).await.expect(200);
    }
    hand_over(portal, scene.carl.as_reviewer(), scene.question, scene.version(), Some(scene.ada.id)).unwrap();

    let fields = [("known_reason", "We sat on one board."), ("known_sure", "1")];
    let path = format!("/staff/holders/{}/acquaintance?report={}", scene.olga.id, scene.waiting);
    // one press too many says nothing
    let page = browser.post(&path, &fields[..1]).await.expect(422);
    assert!(page.error("known_sure").contains("Tick this"), "{}", page.error("known_sure"));
    assert_eq!(page.raw_texts("textarea[name=known_reason]"), ["We sat on one board."]);
    let done = browser.post(&path, &fields).await.expect(303);
    assert_eq!(
        done.location(),
        Some(format!("/staff/activities/{others}")),
        "on to one that is theirs to decide"
    );
    let page = browser.get(&format!("/staff/activities/{}", scene.waiting)).await.expect(200);
    assert!(
        page.words().contains("You said that you know this holder. A colleague decides about this report.")
    );
    assert!(!page.has("#decide") && !page.has("#give"), "there is nothing to decide or to give");
    let of =
        |table: &str| texts(portal, &format!("SELECT activity_id || '' AS text FROM {table} ORDER BY 1"));
    assert_eq!(of("assignments"), [others.to_string()]);
    assert_eq!(of("review_claims"), [others.to_string()], "and looking at it claims nothing");
    let open = "SELECT id || '' AS text FROM conversations WHERE owner_id IS NOT NULL";
    assert!(texts(portal, open).is_empty());
    let told = "SELECT h.event || ' by ' || p.name AS text FROM history h JOIN accounts p ON p.id = h.actor_id \
        WHERE h.event LIKE 'acquaintance%' ORDER BY h.id";
    assert_eq!(texts(portal, told), ["acquaintance declared by Ada Administrator"]);

    // a colleague reads who knows whom and why; saying it twice is saying it once
    browser.post(&path, &[("known_reason", "\u{7}"), ("known_sure", "1")]).await.expect(303);
    let carl = portal.browser(&scene.carl).await;
    let page = carl.get(&format!("/staff/holders/{}", scene.olga.id)).await.expect(200);
    let words = "Known to Ada Administrator, since 23 November 2026: We sat on one board.";
    assert!(page.words().contains(words), "{}", page.words());
    let removal = format!("/staff/holders/{}/acquaintance/removal", scene.olga.id);
    let fields = [("colleague", ada.as_str()), ("ended_reason", "The board was another.")];
    carl.post(&removal, &fields).await.expect(303);
    carl.post(&removal, &fields).await.expect(303);
    assert_eq!(
        texts(portal, told),
        ["acquaintance declared by Ada Administrator", "acquaintance taken back by Carl Colleague"]
    );
    let page = browser.get(&format!("/staff/activities/{}", scene.waiting)).await.expect(200);
    assert!(page.has("#decide"), "they decide again");
    assert_eq!(texts(portal, "SELECT reason AS text FROM acquaintances"), ["We sat on one board."], "kept");
}

#[actix_web::test]
async fn their_queue_marks_such_reports_without_a_box_and_going_through_it_leaves_them_out() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = portal.account("mara@people.test", "Mara Jong", Role::Reviewer);
    let known = portal.submitted(&people.owner, "A talk", "2026-05-02", 3);
    let other = portal.submitted(&people.stranger, "A talk", "2026-05-02", 3);
    let third = portal.submitted(&people.stranger, "A walk", "2026-05-04", 3);
    declare(&portal, people.reviewer.as_reviewer(), people.owner.id, "").unwrap();
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get("/staff/review").await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 3);
    let row = page.texts("tbody tr").into_iter().find(|row| row.contains("Olga Owner")).unwrap();
    assert!(row.contains("you know this holder"), "{row}");
    // what is read first is the first that is theirs to decide
    assert_eq!(page.values("tr[data-open]", "data-report"), [other.to_string(), third.to_string()]);
    assert!(page.values(".pane a.button", "href")[0].ends_with(&format!("report={other}")));
    assert_eq!(
        page.values("tbody input[name=report]", "value"),
        [format!("{other}:1"), format!("{third}:1")]
    );
    for (from, to) in [(third, other), (other, third)] {
        for sorted in ["", "?sort=by-title"] {
            let next = rita.get(&format!("/staff/activities/{from}/next{sorted}")).await.expect(303);
            assert_eq!(next.location(), Some(format!("/staff/activities/{to}{sorted}")));
        }
    }
    // ticked all the same, it is left as it was, and said why
    let ticks = [format!("{known}:1"), format!("{other}:1")];
    let fields: Vec<(&str, &str)> = ticks.iter().map(|tick| ("report", tick.as_str())).collect();
    let page = rita.get(&format!("/staff/activities/{other}/same-event")).await.expect(200);
    assert!(
        page.words().contains("1 report is left out: you said that you know the holder"),
        "{}",
        page.words()
    );
    assert_eq!(page.values("tbody input[name=report]", "value"), [format!("{other}:1")]);
    let page = rita.post("/staff/review", &fields).await.expect(200);
    assert!(
        page.words().contains("A talk Olga Owner You said that you know this holder."),
        "{}",
        page.words()
    );
    // how much each is, of which kind, and that nothing shows it
    assert!(page.words().contains("3 hours") && page.texts("td .tag").contains(&"No file".to_owned()));
    let left = "SELECT id || '' AS text FROM activities WHERE status = 'submitted' ORDER BY id";
    assert_eq!(texts(&portal, left), [known.to_string(), third.to_string()]);
    // a colleague sees no difference, and cannot give it to whoever knows the holder
    let hers = portal.browser(&mara).await;
    assert!(!hers.get("/staff/review").await.expect(200).words().contains("you know this holder"));
    let page = hers.get(&format!("/staff/activities/{known}")).await.expect(200);
    assert_eq!(page.texts("#colleague option"), ["Choose a colleague", "Ada Administrator", "You"]);
    let ritas = people.reviewer.id.to_string();
    let path = format!("/staff/activities/{known}/assignment");
    let page = hers.post(&path, &[("colleague", ritas.as_str())]).await.expect(422);
    assert!(page.error("colleague").contains("may decide about this holder"));
}

#[actix_web::test]
async fn the_pages_of_a_certificate_say_so_instead_of_offering_decisions() {
    let scene = Scene::new();
    let portal = &scene.portal;
    declare(portal, scene.ada.as_reviewer(), scene.olga.id, "").unwrap();
    let ada = portal.browser(&scene.ada).await;
    let path = format!("/staff/certificates/{}", scene.certificate);
    let page = ada.get(&path).await.expect(200);
    assert!(page.words().contains("colleagues decide about this certificate"), "{}", page.words());
    assert!(
        page.values("a", "href").iter().all(|href| !href.contains("/extension") && !href.contains("/ending"))
    );
    for kind in ["extension", "waiver", "decertification", "reinstatement", "ending", "correction"] {
        let page = ada.get(&format!("{path}/{kind}")).await.expect(200);
        assert!(is_known(&page.words()), "{kind}: {}", page.words());
        assert!(!page.has("main button.danger, main .confirm"), "{kind}");
    }
    let page = ada.get(&format!("/staff/corrections/{}", scene.asked)).await.expect(200);
    assert!(page.words().contains("You said that you know this holder. A colleague has to answer."));
    let page = ada.get(&format!("/staff/advice/{}", scene.question)).await.expect(200);
    assert!(page.words().contains("a colleague decides what is asked here") && !page.has("#would"));
    // one page says that its words are too long, with what was typed
    let long = "x".repeat(4_001);
    let other = format!("/staff/holders/{}/acquaintance", scene.olga.id);
    let carl = portal.browser(&scene.carl).await;
    let page = carl.post(&other, &[("known_reason", long.as_str()), ("known_sure", "1")]).await.expect(422);
    assert!(page.error("known_reason").contains("Use at most"), "{}", page.error("known_reason"));
    assert_eq!(page.raw_texts("textarea[name=known_reason]"), [long.as_str()]);
    // nobody says so of themselves, and nobody finds a holder who is not there
    let own = format!("/staff/holders/{}/acquaintance", scene.carl.id);
    let sure = [("known_sure", "1")];
    carl.post(&own, &sure).await.expect(422);
    carl.post("/staff/holders/9999/acquaintance", &sure).await.expect(404);
}

#[test]
fn only_whoever_said_so_is_kept_from_deciding_and_the_machine_never_is() {
    let (me, other) = (AccountId(1), AccountId(2));
    assert_eq!(not_acquainted(me, &[other]), Ok(()));
    assert_eq!(not_acquainted(me, &[other, me]), Err(Acquainted));
    assert_eq!(not_acquainted(None, &[other, me]), Ok(()));
}
