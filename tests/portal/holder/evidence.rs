use super::*;
use cpe_portal::actions::activities::evidence::MOST_WAITING;
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::store::activities::evidence::{self, Evidence, NewEvidence};

fn files(portal: &TestPortal, id: ActivityId) -> Vec<Evidence> {
    portal.store.read(|conn| evidence::of_activity(conn, id)).unwrap()
}

async fn reported(portal: &TestPortal, people: &People) -> (Browser, ActivityId, Evidence) {
    let browser = at_the_form(portal, people).await;
    let files_sent: [(&str, &str, &[u8]); 1] = [("evidence", "../Nachweis „Tag 1“.pdf", PDF)];
    let id = led_to(&browser.post_files("/activities", &WHOLE, &files_sent).await);
    let file = files(portal, id).remove(0);
    (browser, id, file)
}

#[actix_web::test]
async fn evidence_opens_for_its_owner_and_staff_as_a_download_that_cannot_run() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (owner, _, file) = reported(&portal, &people).await;
    let path = format!("/evidence/{}", file.id);
    for browser in
        [&owner, &portal.browser(&people.reviewer).await, &portal.browser(&people.administrator).await]
    {
        let page = browser.get(&path).await.expect(200);
        assert_eq!(page.bytes, PDF);
        assert_eq!(page.header("content-type").unwrap(), "application/pdf");
        assert_eq!(page.header("x-content-type-options").unwrap(), "nosniff");
        assert!(page.header("content-security-policy").unwrap().contains("sandbox"));
        assert!(page.header("cache-control").unwrap().contains("no-store"));
        let disposition = page.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment;"), "{disposition}");
        assert!(disposition.contains("filename*=UTF-8''Nachweis"), "{disposition}");
        assert!(!disposition.contains(".."), "{disposition}");
    }
    portal.browser(&people.stranger).await.get(&path).await.expect(404);
    let visitor = portal.visitor().await.get(&path).await.expect(303);
    assert!(visitor.location().unwrap().starts_with("/sign-in"));
    owner.get("/evidence/999").await.expect(404);
}

#[actix_web::test]
async fn evidence_that_was_altered_or_lost_on_the_disk_is_never_given_out() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (owner, _, file) = reported(&portal, &people).await;
    let stored = portal.config.data.join("evidence").join(&file.sha256[..2]).join(&file.sha256[2..]);
    std::fs::write(&stored, b"%PDF-1.7 something else").unwrap();
    let page = owner.get(&format!("/evidence/{}", file.id)).await.expect(503);
    assert!(page.words().contains("missing or damaged") && !page.html().contains("something else"));
    std::fs::remove_file(&stored).unwrap();
    owner.get(&format!("/evidence/{}", file.id)).await.expect(503);
}

#[actix_web::test]
async fn a_file_that_is_no_evidence_is_named_and_the_good_ones_need_not_be_sent_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let sent: [(&str, &str, &[u8]); 2] =
        [("evidence", "good.pdf", PDF), ("evidence", "run.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff")];
    let page = browser.post_files("/activities", &WHOLE, &sent).await.expect(422);
    assert!(page.error("evidence").contains("“run.exe”"), "{}", page.error("evidence"));
    let kept_ids = page.values("input[name=kept_evidence]", "value");
    assert_eq!(kept_ids.len(), 1);
    assert!(page.words().contains("good.pdf"));
    let fields = with(&[("kept_evidence", &kept_ids[0])]);
    let id = led_to(&browser.post_files("/activities", &fields, &[]).await);
    assert_eq!(files(&portal, id).iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["good.pdf"]);
}

#[actix_web::test]
async fn each_of_three_refused_files_is_named_beside_the_field_with_its_reason() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let mut large = PDF.to_vec();
    large.resize(15 * 1024 * 1024 + 1, b' ');
    let exe: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff";
    let sent: [(&str, &str, &[u8]); 4] = [
        ("evidence", "run.exe", exe),
        ("evidence", "scan.pdf", &large),
        ("evidence", "note.txt", b"I was there."),
        ("evidence", "good.pdf", PDF),
    ];
    let page = browser.post_files("/activities", &WHOLE, &sent).await.expect(422);
    let (beside, above) = (page.error("evidence"), page.text(".error-summary"));
    for said in ["“run.exe”", "“scan.pdf” is larger than 15 MB", "“note.txt”"] {
        assert!(beside.contains(said) && above.contains(said), "{said}: {beside}");
    }
    assert_eq!(page.texts("[id='evidence-error'] .error").len(), 3);
    assert!(page.text(".field:has(#evidence)").contains("“note.txt”"), "they stand beside the field");
}

#[actix_web::test]
async fn files_outlive_several_rounds_of_mistakes_and_a_cleared_tick_leaves_one_out() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let wrong = with(&[("title", "")]);
    let page = browser.post_files("/activities", &wrong, &[("evidence", "a.pdf", PDF)]).await.expect(422);
    let first = page.values("input[name=kept_evidence]", "value").remove(0);
    let mut again = wrong.clone();
    again.push(("kept_evidence", &first));
    let page = browser.post_files("/activities", &again, &[("evidence", "b.png", PNG)]).await.expect(422);
    let both = page.values("input[name=kept_evidence]", "value");
    assert_eq!(both.len(), 2);
    let fields = with(&[("kept_evidence", &both[1])]);
    let id = led_to(&browser.post_files("/activities", &fields, &[]).await);
    assert_eq!(files(&portal, id).iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["b.png"]);
}

#[actix_web::test]
async fn nobody_can_take_a_file_that_somebody_else_uploaded_into_a_report() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let page = browser
        .post_files("/activities", &with(&[("title", "")]), &[("evidence", "secret.pdf", PDF)])
        .await
        .expect(422);
    let secret = page.values("input[name=kept_evidence]", "value").remove(0);
    let stranger = portal.browser(&people.stranger).await;
    stranger.get("/activities/new").await.expect(200);
    let fields = with(&[("kept_evidence", &secret), ("field", "ethical_hacking")]);
    let id = led_to(&stranger.post_files("/activities", &fields, &[]).await);
    assert!(files(&portal, id).is_empty());
    portal.browser(&people.reviewer).await.get(&format!("/evidence/{secret}")).await.expect(404);
    browser.get(&format!("/evidence/{secret}")).await.expect(200);
}

#[actix_web::test]
async fn an_eleventh_file_is_refused_and_the_ten_are_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let contents: Vec<Vec<u8>> = (0..11).map(|n| [PDF, format!("%{n}").as_bytes()].concat()).collect();
    let names: Vec<String> = (0..11).map(|n| format!("{n}.pdf")).collect();
    let sent: Vec<(&str, &str, &[u8])> = names
        .iter()
        .zip(&contents)
        .map(|(name, bytes)| ("evidence", name.as_str(), bytes.as_slice()))
        .collect();
    let page = browser.post_files("/activities", &WHOLE, &sent).await.expect(422);
    assert!(page.error("evidence").contains("10.pdf"), "{}", page.error("evidence"));
    let ids = page.values("input[name=kept_evidence]", "value");
    assert_eq!(ids.len(), 10);
    let mut fields = WHOLE.to_vec();
    fields.extend(ids.iter().map(|id| ("kept_evidence", id.as_str())));
    // one more beside the ten that are kept
    let page = browser.post_files("/activities", &fields, &sent[10..]).await.expect(422);
    assert!(page.error("evidence").contains("up to 10 files"), "{}", page.error("evidence"));
    let id = led_to(&browser.post_files("/activities", &fields, &[]).await);
    assert_eq!(files(&portal, id).len(), 10);
}

#[actix_web::test]
async fn a_file_that_is_too_large_is_named_and_the_rest_of_the_form_is_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let mut large = PDF.to_vec();
    large.resize(15 * 1024 * 1024 + 1, b' ');
    let page =
        browser.post_files("/activities", &WHOLE, &[("evidence", "scan.pdf", &large)]).await.expect(422);
    assert!(page.error("evidence").contains("“scan.pdf”") && page.error("evidence").contains("15 MB"));
    assert_eq!(page.values("#title", "value"), ["Zero trust in practice"]);
}

#[actix_web::test]
async fn a_file_can_be_removed_until_the_report_is_decided_and_a_reviewer_notices() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (browser, id, file) = reported(&portal, &people).await;
    let seen = kept(&portal, id).version;
    let stranger = portal.browser(&people.stranger).await;
    stranger.get("/activities/new").await.expect(200);
    stranger.post(&format!("/evidence/{}/removal", file.id), &[]).await.expect(404);
    browser.get(&format!("/activities/{id}")).await.expect(200);
    browser.post(&format!("/evidence/{}/removal", file.id), &[]).await.expect(303);
    assert!(files(&portal, id).is_empty());
    browser.get(&format!("/evidence/{}", file.id)).await.expect(404);
    assert!(kept(&portal, id).version > seen, "a reviewer who saw the file must notice");
    // by the form, too
    let version = kept(&portal, id).version.to_string();
    let path = format!("/activities/{id}");
    browser
        .post_files(&path, &with(&[("version", &version)]), &[("evidence", "c.png", PNG)])
        .await
        .expect(303);
    let file = files(&portal, id).remove(0);
    let (version, gone) = (kept(&portal, id).version.to_string(), file.id.to_string());
    let fields = with(&[("version", &version), ("remove_evidence", &gone)]);
    browser.post_files(&path, &fields, &[("evidence", "d.pdf", PDF)]).await.expect(303);
    assert_eq!(files(&portal, id).iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["d.pdf"]);
    decide(&portal, &people, id, &APPROVE);
    let file = files(&portal, id).remove(0);
    browser.get(&format!("/activities/{id}")).await.expect(200);
    browser.post(&format!("/evidence/{}/removal", file.id), &[]).await.expect(409);
    assert_eq!(files(&portal, id).len(), 1);
}

#[actix_web::test]
async fn files_of_a_form_that_was_never_sent_again_are_forgotten_and_those_of_reports_stay() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (browser, _, proof) = reported(&portal, &people).await;
    browser.get("/activities/new").await.expect(200);
    let wrong = with(&[("title", "")]);
    let page = browser.post_files("/activities", &wrong, &[("evidence", "b.png", PNG)]).await.expect(422);
    let waiting = page.values("input[name=kept_evidence]", "value").remove(0);
    let clear = |before| portal.store.write(|conn| evidence::clear_waiting_before(conn, before)).unwrap();
    let brought = portal.clock.now();
    assert_eq!(clear(brought), 0, "only what was brought before");
    assert_eq!(clear(brought + chrono::TimeDelta::seconds(1)), 1);
    let browser = portal.browser(&people.owner).await;
    browser.get(&format!("/evidence/{waiting}")).await.expect(404);
    browser.get(&format!("/evidence/{}", proof.id)).await.expect(200);
}

#[actix_web::test]
async fn a_draft_its_files_and_what_it_says_are_its_holders_own_affair_also_once_it_is_deleted() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let draft = [("title", "Not for your eyes"), ("intent", "draft")];
    let id = led_to(&browser.post_files("/activities", &draft, &[("evidence", "secret.pdf", PDF)]).await);
    let file = browser.get(&format!("/activities/{id}")).await.values("ul.files a", "href").remove(0);
    let reported =
        led_to(&browser.post_files("/activities", &with(&[]), &[("evidence", "proof.pdf", PNG)]).await);
    let reviewer = portal.browser(&people.reviewer).await;
    let administrator = portal.browser(&people.administrator).await;
    let nobody_sees = async || {
        for staff in [&reviewer, &administrator] {
            staff.get(&file).await.expect(404);
            staff.get(&format!("{file}/view")).await.expect(404);
            let holder = format!("/staff/holders/{}", people.owner.id);
            for path in [&holder, "/staff/history", &format!("/staff/activities/{reported}")] {
                let page = staff.get(path).await.expect(200);
                assert!(!page.words().contains("Not for your eyes"), "{path}: {}", page.words());
                assert!(!page.has(&format!("a[href='/staff/activities/{id}']")), "{path}");
            }
        }
    };
    nobody_sees().await;
    let changed = [("title", "Not for your eyes either"), ("intent", "draft"), ("version", "1")];
    browser.post_files(&format!("/activities/{id}"), &changed, &[]).await.expect(303);
    nobody_sees().await;
    browser.get(&file).await.expect(200);
    browser.post(&format!("/activities/{id}/withdrawal"), &[("version", "2")]).await.expect(303);
    nobody_sees().await;
}

#[actix_web::test]
async fn what_waits_has_a_bound_for_each_person_and_what_was_typed_stays() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let brings = |activity: Option<ActivityId>, bytes: i64| {
        let new = NewEvidence {
            holder: people.owner.id,
            activity,
            sha256: &"a".repeat(64),
            name: "film.pdf",
            media_type: "application/pdf",
            bytes,
        };
        portal.store.write(|conn| evidence::add(conn, &new, portal.clock.now())).unwrap()
    };
    // what was handed in is no burden
    let submitted = portal.submitted(&people.owner, "A conference", "2026-10-05", 3);
    brings(Some(submitted), MOST_WAITING);
    let draft = portal.activity(&people.owner, ActivityStatus::Draft, "A draft", "2026-10-05", 3);
    brings(Some(draft), MOST_WAITING - 1_000);
    let waiting = brings(None, 990);
    let files: [(&str, &str, &[u8]); 1] = [("evidence", "proof.pdf", PDF)];
    let page = browser.post_files("/activities", &with(&[("title", "Typed")]), &files).await.expect(422);
    let words = page.words();
    assert!(words.contains("“proof.pdf” was left out: 499 MB of your files are already waiting"), "{words}");
    assert_eq!(page.values("#title", "value"), ["Typed"]);
    assert_eq!(portal.texts("SELECT name AS text FROM evidence WHERE name = 'proof.pdf'"), [""; 0]);
    // nobody else has less room, and a place that is free again can be used
    portal.store.write(|conn| evidence::remove(conn, waiting, portal.clock.now())).unwrap();
    led_to(&browser.post_files("/activities", &with(&[("title", "Typed")]), &files).await);
}

#[actix_web::test]
async fn without_room_on_the_disk_a_form_says_so_and_keeps_what_was_typed() {
    let mut portal = TestPortal::new();
    portal.portal.files = portal.portal.files.clone().leaving_free(u64::MAX);
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let files: [(&str, &str, &[u8]); 1] = [("evidence", "proof.pdf", PDF)];
    let page = browser.post_files("/activities", &with(&[("title", "Typed")]), &files).await.expect(422);
    let words = "“proof.pdf” could not be kept: the portal has no room for files at the moment.";
    assert!(page.words().contains(words), "{}", page.words());
    assert_eq!(page.values("#title", "value"), ["Typed"]);
    led_to(&browser.post_files("/activities", &with(&[("title", "Typed")]), &[]).await);
}
