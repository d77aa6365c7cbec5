use chrono::TimeDelta;
use cpe_portal::domain::ids::{ActivityId, EvidenceId};
use cpe_portal::domain::roles::Role;
use cpe_portal::store::activities::evidence::{self, NewEvidence};

use super::verdict;
use crate::support::{People, TestPortal};
use crate::timetable::body::{behind_its_back, kinds_of, texts};

fn status(portal: &TestPortal, id: ActivityId) -> String {
    texts(portal, &format!("SELECT status AS text FROM activities WHERE id = {id}")).remove(0)
}

fn proof(
    portal: &TestPortal,
    people: &People,
    activity: ActivityId,
    name: &str,
    kind: &str,
    bytes: &[u8],
) -> EvidenceId {
    let stored = portal.files.store(bytes).unwrap();
    let now = portal.clock.now();
    let new = NewEvidence {
        holder: people.owner.id,
        activity: Some(activity),
        sha256: &stored.sha256,
        name,
        media_type: kind,
        bytes: i64::try_from(bytes.len()).unwrap(),
    };
    portal.store.write(|conn| evidence::add(conn, &new, now)).unwrap()
}

#[actix_web::test]
async fn who_opens_a_report_claims_it_and_a_colleague_is_told_and_goes_on_to_another() {
    let portal = TestPortal::new();
    let people = portal.people();
    let first = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let second = portal.submitted(&people.stranger, "A lecture", "2026-05-03", 2);
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;

    rita.get(&format!("/staff/activities/{first}")).await.expect(200);
    let page = rita.get("/staff/review").await.expect(200);
    assert!(!page.words().contains("is reading it"), "one's own claim is no news");
    let page = ada.get("/staff/review").await.expect(200);
    assert!(page.words().contains("Rita Reviewer is reading it"), "{}", page.words());
    let page = ada.get(&format!("/staff/activities/{first}")).await.expect(200);
    assert!(
        page.words().contains("Rita Reviewer has been reading this report since 10:00"),
        "{}",
        page.words()
    );
    let next = ada.get(&format!("/staff/activities/{second}/next")).await.expect(303);
    assert_eq!(next.location().as_deref(), Some("/staff/review"), "the only other one is being read");

    // taken over with one click
    let fields = [("take_over", "1")];
    let taken = ada.post(&format!("/staff/activities/{first}/claim"), &fields).await.expect(303);
    assert!(!ada.follow(taken).await.words().contains("has been reading this report"));
    let page = rita.get(&format!("/staff/activities/{first}")).await.expect(200);
    assert!(page.words().contains("Ada Administrator has been reading this report"));

    // given back
    ada.post(&format!("/staff/activities/{first}/release"), &[]).await.expect(303);
    assert!(!rita.get("/staff/review").await.words().contains("is reading it"));
}

#[actix_web::test]
async fn a_claim_ends_by_itself_and_by_a_decision_and_is_renewed_by_working_on() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let path = format!("/staff/activities/{id}");
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    rita.get(&path).await.expect(200);
    portal.clock.advance(TimeDelta::minutes(10));
    rita.post(&format!("{path}/claim"), &[]).await.expect(303);
    portal.clock.advance(TimeDelta::minutes(10));
    assert!(ada.get(&path).await.words().contains("Rita Reviewer has been reading this report since 10:00"));
    portal.clock.advance(TimeDelta::minutes(6));
    assert!(!ada.get(&path).await.words().contains("has been reading this report"));
    assert!(rita.get(&path).await.words().contains("Ada Administrator has been reading this report"));

    // what a colleague reads is decided by whoever takes it over, knowing that
    let page = verdict(&rita, id, &[("decision", "approve")]).await.expect(422);
    assert!(
        page.error("take_over").contains("Ada Administrator is reading this report."),
        "{}",
        page.words()
    );
    assert!(page.has("#decision[checked]"), "what was chosen stays");
    assert_eq!(status(&portal, id), "submitted");
    let ada_reads = people.administrator.id.to_string();
    assert_eq!(page.values("#take_over", "value"), [ada_reads.as_str()]);
    verdict(&rita, id, &[("decision", "approve"), ("take_over", &ada_reads)]).await.expect(303);
    assert_eq!(status(&portal, id), "approved");
    assert!(texts(&portal, "SELECT 'claim' AS text FROM review_claims").is_empty());
}

#[actix_web::test]
async fn who_is_second_reads_who_decided_what_when_and_keeps_the_typed_words() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    let path = format!("/staff/activities/{id}");
    let version = ada.get(&path).await.values("input[name=version]", "value").remove(0);
    let ada_reads = people.administrator.id.to_string();
    verdict(&rita, id, &[("decision", "approve"), ("take_over", &ada_reads)]).await.expect(303);

    let mine = [
        ("version", version.as_str()),
        ("decision", "return"),
        ("reason_code", "no_evidence"),
        ("reason", "Where is the certificate?\nA photo would do."),
    ];
    let page = ada.post(&format!("{path}/review"), &mine).await.expect(409);
    assert_eq!(page.text("h1"), "A colleague was first");
    assert!(page.words().contains("Approved by Rita Reviewer") && page.words().contains("23 November 2026"));
    assert!(page.words().contains("Return: Something that shows it took place is needed"));
    assert!(page.text("textarea").contains("Where is the certificate? A photo would do."));
    assert_eq!(kinds_of(&portal, people.owner.id), ["approved"]);

    // the holder changed it: it can still be decided
    let other = portal.submitted(&people.owner, "A lecture", "2026-05-03", 3);
    let page = ada.get(&format!("/staff/activities/{other}")).await;
    let version = page.values("input[name=version]", "value").remove(0);
    behind_its_back(&portal, &format!("UPDATE activities SET version = version + 1 WHERE id = {other}"));
    let fields = [("version", version.as_str()), ("decision", "approve")];
    let page = ada.post(&format!("/staff/activities/{other}/review"), &fields).await.expect(409);
    assert_eq!(page.text("h1"), "The holder changed this report in the meantime");
    assert!(
        page.words().contains("Read it again and decide") && page.words().contains("Approve, as reported")
    );
    assert_eq!(status(&portal, other), "submitted");
}

#[actix_web::test]
async fn a_file_that_cannot_be_opened_is_returned_with_one_click_and_kind_words() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let pdf = b"%PDF-1.6\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R/Encrypt 2 0 R>>\nstartxref\n9\n%%EOF";
    let file = proof(&portal, &people, id, "proof.pdf", "application/pdf", pdf);
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.text(".proof .notice").contains("This PDF is locked with a password"));
    assert_eq!(page.values("iframe", "src"), [format!("/evidence/{file}/view#navpanes=0&view=FitH")]);
    assert!(page.header("content-security-policy").unwrap().contains("frame-src 'self'"));

    assert_eq!(page.values(".proof button", "form"), ["cannot-open"]);
    let of = |name: &str| page.values(&format!("form#cannot-open input[name={name}]"), "value").remove(0);
    let sent = ["version", "cannot_open"].map(|name| (name, of(name)));
    let fields: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    rita.post(&format!("/staff/activities/{id}/review"), &fields).await.expect(303);
    assert_eq!(status(&portal, id), "returned");
    assert_eq!(texts(&portal, "SELECT reason_code AS text FROM reviews"), ["cannot_open"]);
    let mail = texts(&portal, "SELECT body_text AS text FROM mails WHERE kind = 'returned'").remove(0);
    assert!(mail.contains("preferably as a PDF without a password"), "{mail}");
}

#[actix_web::test]
async fn pictures_and_pdfs_are_shown_in_a_sandbox_and_everything_else_is_a_download() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let heic = proof(&portal, &people, id, "photo.heic", "image/heic", b"a photograph");
    let picture = proof(&portal, &people, id, "photo.jpg", "image/jpeg", b"\xff\xd8\xff a picture");
    let plain =
        proof(&portal, &people, id, "plain.pdf", "application/pdf", b"%PDF-1.4 /EncryptMetadata true");
    let rita = portal.browser(&people.reviewer).await;

    let shown = rita.get(&format!("/evidence/{picture}/view")).await.expect(200);
    assert_eq!(shown.header("content-type").as_deref(), Some("image/jpeg"));
    assert!(shown.header("content-disposition").unwrap().starts_with("inline;"));
    assert_eq!(shown.header("x-content-type-options").as_deref(), Some("nosniff"));
    assert_eq!(shown.header("x-frame-options").as_deref(), Some("SAMEORIGIN"));
    let policy = shown.header("content-security-policy").unwrap();
    for rule in ["sandbox;", "default-src 'none'", "frame-ancestors 'self'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    let download = rita.get(&format!("/evidence/{heic}/view")).await.expect(303);
    assert_eq!(download.location(), Some(format!("/evidence/{heic}")));
    portal.browser(&people.stranger).await.get(&format!("/evidence/{picture}/view")).await.expect(404);

    let page = rita.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert_eq!(
        page.values(".viewer img", "src"),
        [format!("/evidence/{picture}/view")],
        "the first it can show"
    );
    let page = rita.get(&format!("/staff/activities/{id}?file={plain}")).await.expect(200);
    assert_eq!(page.values("iframe", "src"), [format!("/evidence/{plain}/view#navpanes=0&view=FitH")]);
    assert!(!page.text(".proof .notice").contains("locked with a password"));
    let page = rita.get(&format!("/staff/activities/{id}?file={heic}")).await.expect(200);
    assert!(!page.has("iframe") && page.words().contains("opens in a program on your computer"));
}

#[actix_web::test]
async fn prepared_words_fill_the_form_and_staff_put_them_their_own_way() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    let path = format!("/staff/activities/{id}?decision=reject&reason_code=duplicate");
    let page = rita.get(&path).await.expect(200);
    assert_eq!(page.values("[name=decision][checked]", "value"), ["reject"]);
    assert!(
        page.text("#reason").contains("so this second report does not count"),
        "{}",
        page.text("#reason")
    );
    assert!(
        page.text("#reason").contains("write to us from the page of this report"),
        "what can still be done"
    );
    // for a return the same reason asks something
    let returning = format!("/staff/activities/{id}?decision=return&reason_code=duplicate");
    let page = rita.get(&returning).await.expect(200);
    assert_eq!(page.values("[name=decision][checked]", "value"), ["return"]);
    assert!(page.text("#reason").contains("please tell us what is different"));

    let own = [
        ("reject_duplicate", "We have this one already.\r\nThank you!"),
        ("other", ""),
        ("reject_other", ""),
    ];
    rita.post("/staff/prepared-words", &own).await.expect(303);
    assert_eq!(rita.get(&path).await.text("#reason"), "We have this one already. Thank you!");
    assert_eq!(
        texts(&portal, "SELECT event AS text FROM history WHERE event LIKE 'prepared%'"),
        ["prepared words changed"]
    );
    assert!(
        rita.get(&returning).await.text("#reason").contains("One report is enough"),
        "only of rejections"
    );
    rita.post("/staff/prepared-words", &[("reject_duplicate", "  ")]).await.expect(303);
    assert!(
        rita.get(&path).await.text("#reason").contains("so this second report does not count"),
        "the first words are back"
    );

    let long = "x".repeat(1001);
    let page = rita.post("/staff/prepared-words", &[("wrong_date", long.as_str())]).await.expect(422);
    assert!(page.error("wrong_date").contains("at most 1 000"));
    assert_eq!(page.text("#wrong_date"), long, "what was typed is kept");
}

#[actix_web::test]
async fn reports_of_the_same_event_are_approved_together_each_by_its_own_check() {
    let portal = TestPortal::new();
    let people = portal.people();
    let others: Vec<_> = ["Bea", "Cem", "Dan"]
        .iter()
        .map(|name| portal.holder(&format!("{name}@people.test"), &format!("{name} Holder")))
        .collect();
    let first = portal.submitted(&people.owner, "The Big Conference", "2026-05-02", 6);
    let same = portal.submitted(&others[0], "the big  CONFERENCE", "2026-05-02", 6);
    let more = portal.submitted(&others[1], "The big conference", "2026-05-02", 8);
    let another_day = portal.submitted(&others[2], "The big conference", "2026-05-03", 6);
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(&format!("/staff/activities/{first}")).await.expect(200);
    assert!(page.words().contains("2 other people report the same event."), "{}", page.words());
    let path = format!("/staff/activities/{first}/same-event");
    let page = rita.get(&path).await.expect(200);
    let ticked = page.values("input[name=report][checked]", "value");
    assert_eq!(ticked, [format!("{first}:1")], "only what was read is ticked");
    let rows = page.texts("tbody tr");
    assert!(rows[2].contains("Other quantity: 8 hours.") && !rows[1].contains("Other"), "{rows:?}");
    behind_its_back(
        &portal,
        &format!(
            "UPDATE activities SET field_id = (SELECT MAX(id) FROM fields WHERE id <> activities.field_id) WHERE id = {same}"
        ),
    );
    let rows = rita.get(&path).await.expect(200).texts("tbody tr");
    assert!(rows[1].contains("Other field: ") && !rows[0].contains("Other"), "{rows:?}");
    // what shows each of them, and what its holder ticked
    proof(&portal, &people, first, "badge.pdf", "application/pdf", b"%PDF-1.4 a badge");
    let shown = rita.get(&path).await.expect(200).texts("tbody tr");
    assert!(shown[0].contains("Information security badge.pdf Not part of it"), "{shown:?}");
    assert!(shown[1].contains("No file Not part of it"), "{shown:?}");

    assert!(rita.post(&path, &[]).await.expect(422).has(".error-summary a[href='#reports']"));
    // what is not of this event cannot be slipped in
    let planted = format!("{another_day}:1");
    let both = [format!("{first}:1"), format!("{same}:1")];
    let mut fields: Vec<(&str, &str)> = both.iter().map(|tick| ("report", tick.as_str())).collect();
    fields.push(("report", &planted));
    let answer = rita.post(&path, &fields).await.expect(303);
    let page = rita.follow(answer).await;
    let words = "Approved 2 reports of Olga Owner and Bea Holder. They are told";
    assert!(page.words().contains(words), "{}", page.words());
    let all = [first, same, more, another_day].map(|id| status(&portal, id));
    assert_eq!(all, ["approved", "approved", "submitted", "submitted"]);
    assert_eq!(kinds_of(&portal, others[0].id), ["approved"]);

    // somebody was first
    let page = rita.post(&path, &fields).await.expect(200);
    assert!(page.words().contains("Nothing was approved"), "{}", page.words());
}

#[actix_web::test]
async fn the_queue_is_filtered_by_its_address_and_the_way_through_it_keeps_the_filter() {
    let portal = TestPortal::new();
    let people = portal.people();
    let old = portal.submitted(&people.owner, "An old report", "2026-05-02", 3);
    let older = portal.submitted(&people.stranger, "Another old report", "2026-05-02", 3);
    behind_its_back(&portal, "UPDATE activities SET waiting_since = '2026-11-01 10:00:00'");
    portal.submitted(&people.owner, "A new report", "2026-05-03", 3);
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get("/staff/review?waiting=14").await.expect(200);
    assert_eq!(page.texts("tbody th a").len(), 2);
    assert!(page.words().contains("The oldest has waited for 22 days."), "{}", page.words());
    let answer = rita
        .post(&format!("/staff/activities/{old}/review?waiting=14"), &[("decision", "approve")])
        .await
        .expect(303);
    assert_eq!(answer.location(), Some(format!("/staff/activities/{older}?waiting=14")));
    let page = rita.follow(answer).await;
    assert!(page.has("form[action$='/review?waiting=14']"));

    for nothing in ["category=reading", "field=7", "waiting=30"] {
        let page = rita.get(&format!("/staff/review?{nothing}")).await.expect(200);
        assert!(page.words().contains("Nothing waiting matches this choice"), "{nothing}: {}", page.words());
    }
    for nonsense in ["category=%00", "field=x", "waiting=-1", "needed=no&after=%F0"] {
        rita.get(&format!("/staff/review?{nonsense}")).await.expect(200);
    }
    assert_eq!(rita.get("/staff/review?needed=1&field=1").await.texts("tbody th a").len(), 2);
}

#[actix_web::test]
async fn next_and_back_go_through_the_queue_and_say_when_it_ends() {
    let portal = TestPortal::new();
    let people = portal.people();
    let ids = [1, 2, 3].map(|n| portal.submitted(&people.owner, &format!("Course {n}"), "2026-05-02", 1));
    portal.account("second@people.test", "Sina Second", Role::Reviewer);
    let rita = portal.browser(&people.reviewer).await;
    let to = |id: ActivityId| Some(format!("/staff/activities/{id}"));
    let next = |id: ActivityId| format!("/staff/activities/{id}/next");
    let back = |id: ActivityId| format!("/staff/activities/{id}/previous");
    assert_eq!(rita.get(&next(ids[0])).await.expect(303).location(), to(ids[1]));
    assert_eq!(rita.get(&back(ids[1])).await.expect(303).location(), to(ids[0]));
    assert_eq!(rita.get(&next(ids[2])).await.expect(303).location(), to(ids[0]), "from the top again");
    let end = rita.get(&back(ids[0])).await.expect(303);
    assert!(rita.follow(end).await.words().contains("There is no report before it in the queue."));
}

#[actix_web::test]
async fn what_looked_unlikely_and_what_the_holder_said_to_it_stand_beside_the_report() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 16);
    let path = format!("/staff/activities/{id}");
    let rita = portal.browser(&people.reviewer).await;
    assert!(rita.get(&path).await.words().contains("16 hours in 1 day is more than 12 hours a day."));
    behind_its_back(
        &portal,
        &format!(
            "INSERT INTO remarks (activity_id, version, hints, explanation) \
             VALUES ({id}, 1, '[\"16 hours on one day is a very long day.\"]', 'It was a night shift <b>too</b>.')"
        ),
    );
    let page = rita.get(&path).await.expect(200);
    assert!(page.words().contains("16 hours on one day is a very long day."));
    assert_eq!(page.text("[aria-labelledby=remarks] .typed"), "It was a night shift <b>too</b>.");
    assert!(!page.words().contains("more than 12 hours a day"), "said once is enough");
}

#[actix_web::test]
async fn after_a_verdict_one_link_leads_back_to_the_report_and_its_page_says_how_a_verdict_is_changed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let first = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let second = portal.submitted(&people.owner, "A lecture", "2026-05-03", 3);
    let rita = portal.browser(&people.reviewer).await;
    let answer = verdict(&rita, first, &[("decision", "approve")]).await.expect(303);
    assert_eq!(answer.location(), Some(format!("/staff/activities/{second}")));
    let page = rita.follow(answer).await;
    let link = ".notice[role=status] a";
    assert_eq!(page.texts(link), ["Look at it again"]);
    assert_eq!(page.values(link, "href"), [format!("/staff/activities/{first}")]);
    let page = rita.get(&format!("/staff/activities/{first}")).await.expect(200);
    assert!(page.text(".verdict").contains("its holder can ask for a correction"), "{}", page.words());
    assert!(
        page.has(".verdict form[action$='/review/removal']"),
        "and what was a mistake of ours is taken back"
    );
    assert!(!rita.get(&format!("/staff/activities/{second}")).await.has(".notice[role=status]"), "said once");
}

#[actix_web::test]
async fn what_was_written_about_a_report_stands_beside_it_with_whose_turn_it_is() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    let path = format!("/staff/activities/{id}");
    assert!(!rita.get(&path).await.words().contains("What was written about it"));
    let activity = id.to_string();
    let fields =
        [("subject", "About my seminar"), ("words", "Is it enough?"), ("activity", activity.as_str())];
    portal.browser(&people.owner).await.post("/advice", &fields).await.expect(303);
    let page = rita.get(&path).await.expect(200);
    let talk = page.text(".work details:has(a[href^='/staff/advice/'])");
    assert!(talk.contains("What was written about it (1)") && talk.contains("About my seminar"), "{talk}");
    assert!(talk.contains("Waiting for us since today"), "{talk}");
    let other = portal.submitted(&people.owner, "A lecture", "2026-05-03", 3);
    assert!(!rita.get(&format!("/staff/activities/{other}")).await.words().contains("About my seminar"));
}

#[actix_web::test]
async fn a_report_is_taken_over_from_the_colleague_whom_the_tick_named_and_from_nobody_after_them() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = portal.account("mara@people.test", "Mara Jong", Role::Reviewer);
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let path = format!("/staff/activities/{id}");
    let rita = portal.browser(&people.reviewer).await;
    portal.browser(&people.administrator).await.get(&path).await.expect(200);
    let page = rita.get(&path).await.expect(200);
    let ada = people.administrator.id.to_string();
    assert_eq!(page.values("#take_over", "value"), [ada.as_str()]);

    // meanwhile somebody else reads it
    let hers = portal.browser(&mara).await;
    hers.post(&format!("{path}/claim"), &[("take_over", ada.as_str())]).await.expect(303);
    let page = verdict(&rita, id, &[("decision", "approve"), ("take_over", &ada)]).await.expect(422);
    assert!(page.error("take_over").contains("Mara Jong is reading this report."), "{}", page.words());
    assert!(!page.has("#take_over[checked]"), "the tick was about somebody else");
    assert_eq!(status(&portal, id), "submitted");
    let fields = [("decision", "approve"), ("take_over", "1")];
    verdict(&rita, id, &fields).await.expect(422);

    let named = page.values("#take_over", "value").remove(0);
    assert_eq!(named, mara.id.to_string());
    verdict(&rita, id, &[("decision", "approve"), ("take_over", &named)]).await.expect(303);
    assert_eq!(status(&portal, id), "approved");
}

#[actix_web::test]
async fn the_form_of_a_verdict_says_about_which_version_it_is_to_whoever_keeps_what_was_begun() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    for path in [format!("/staff/activities/{id}"), format!("/staff/review?report={id}")] {
        let page = rita.get(&path).await.expect(200);
        assert_eq!(page.values("form[data-claim] input[name=version]", "value").len(), 1, "{path}");
        assert!(page.has("form[data-claim] textarea[data-keep]"), "{path}");
    }
    // a browser with the scripts shows what comes of it: tests/browser/split.test.mjs
    for script in [include_str!("../../../static/workbench.js"), include_str!("../../../static/app.js")] {
        assert!(script.contains("elements.version.value"));
    }
}
