//! Files that are uploaded as soon as they are chosen, as the script does it.

use super::*;
use actix_web::test::TestRequest;
use cpe_portal::actions::activities::evidence::MOST_WAITING;
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::store::activities::evidence::{self, Evidence, NewEvidence};

const TO_DRAFT: &str = "/activities/drafts/evidence";

/// A form that is open in a browser, with its key.
struct Opened {
    browser: Browser,
    key: String,
}

impl Opened {
    async fn new(portal: &TestPortal, people: &People) -> Opened {
        let browser = portal.browser(&people.owner).await;
        let page = browser.get("/activities/new").await.expect(200);
        assert_eq!(page.values("#evidence", "data-upload"), [TO_DRAFT]);
        let key = page.values("input[name=form_key]", "value").remove(0);
        Opened { browser, key }
    }

    async fn upload(&self, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Page {
        let mut all = vec![("form_key", self.key.as_str()), ("activity", "0")];
        all.extend_from_slice(fields);
        let files: Vec<(&str, &str, &[u8])> =
            files.iter().map(|(name, bytes)| ("evidence", *name, *bytes)).collect();
        self.browser.post_files(TO_DRAFT, &all, &files).await
    }
}

/// The draft that an upload speaks of.
fn draft(page: &Page) -> ActivityId {
    page.values("[data-send]", "data-activity").remove(0).parse().unwrap()
}

fn files(portal: &TestPortal, id: ActivityId) -> Vec<Evidence> {
    portal.store.read(|conn| evidence::of_activity(conn, id)).unwrap()
}

fn names(portal: &TestPortal, id: ActivityId) -> Vec<String> {
    files(portal, id).into_iter().map(|file| file.name).collect()
}

fn count(portal: &TestPortal, table: &str) -> usize {
    portal.texts(&format!("SELECT 'x' AS text FROM {table}")).len()
}

#[actix_web::test]
async fn a_file_is_in_the_draft_as_soon_as_it_is_chosen_and_sent_with_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let form = Opened::new(&portal, &people).await;
    let part = form.upload(&[("title", "Half a talk")], &[("a.pdf", PDF)]).await.expect(200);
    let id = draft(&part);
    assert_eq!(part.values("[data-file]", "data-name"), ["a.pdf"]);
    assert_eq!(part.values("[data-send]", "data-send"), [format!("/activities/{id}")]);
    assert_eq!(
        (kept(&portal, id).status, kept(&portal, id).facts.title.as_str()),
        (ActivityStatus::Draft, "Half a talk")
    );
    let edit = form.browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    assert_eq!(edit.values("[data-files] [data-file]", "data-name"), ["a.pdf"]);
    // without the script its tick takes it away
    assert!(edit.text("[data-files]").contains("Remove a.pdf"), "{}", edit.text("[data-files]"));
    // a second press, a line that broke before the answer: the same bytes are one file, and the same form is one draft
    for name in ["a.pdf", "again.pdf"] {
        let part = form.upload(&[("title", "Half a talk")], &[(name, PDF)]).await.expect(200);
        assert_eq!((draft(&part), part.values("[data-file]", "data-name")), (id, vec!["a.pdf".to_owned()]));
    }
    assert_eq!((names(&portal, id), count(&portal, "activities")), (vec!["a.pdf".to_owned()], 1));
    form.upload(&[], &[("b.png", PNG)]).await.expect(200);
    let gone = files(&portal, id)[0].id.to_string();
    let part = form.upload(&[("remove_evidence", &gone)], &[]).await.expect(200);
    assert_eq!(part.values("[data-file]", "data-name"), ["b.png"]);
    // the form goes on as if nothing had happened
    let fields = with(&[("form_key", &form.key)]);
    assert_eq!(led_to(&form.browser.post_files(&format!("/activities/{id}"), &fields, &[]).await), id);
    let sent = kept(&portal, id);
    assert_eq!(
        (sent.status, sent.facts.title.as_str()),
        (ActivityStatus::Submitted, "Zero trust in practice")
    );
    assert_eq!(names(&portal, id), ["b.png"]);
}

#[actix_web::test]
async fn what_was_typed_while_a_file_was_under_way_stays() {
    let portal = TestPortal::new();
    let people = portal.people();
    let form = Opened::new(&portal, &people).await;
    let typed = [("form_key", form.key.as_str()), ("activity", "0"), ("title", "As it is now")];
    let saved = form.browser.post("/activities/drafts", &typed).await.expect(200);
    let id = draft(&saved);
    let part = form.upload(&[("title", "As it was")], &[("a.pdf", PDF)]).await.expect(200);
    assert_eq!(draft(&part), id);
    assert_eq!(kept(&portal, id).facts.title, "As it is now");
    // what cannot be read yet stands beside a draft that begins with a file, too
    let form = Opened::new(&portal, &people).await;
    let part = form.upload(&[("title", "A book"), ("completed_on", "some day")], &[("a.pdf", PDF)]).await;
    let edit = form.browser.get(&format!("/activities/{}/edit", draft(&part))).await.expect(200);
    assert_eq!(edit.values("#completed_on", "value"), ["some day"]);
}

#[actix_web::test]
async fn what_is_refused_is_named_and_makes_no_draft() {
    let portal = TestPortal::new();
    let people = portal.people();
    let form = Opened::new(&portal, &people).await;
    let part =
        form.upload(&[("title", "A talk")], &[("run.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff")]).await;
    assert!(part.expect(422).text("[data-refused]").contains("“run.exe”"));
    let mut large = PDF.to_vec();
    large.resize(15 * 1024 * 1024 + 1, b' ');
    let part = form.upload(&[("title", "A talk")], &[("scan.pdf", &large)]).await.expect(422);
    assert!(part.text("[data-refused]").contains("“scan.pdf” is larger than 15 MB"), "{}", part.html());
    assert!(!part.has("[data-kept]"));
    form.upload(&[("title", "A talk")], &[]).await.expect(200);
    assert_eq!((count(&portal, "activities"), count(&portal, "evidence")), (0, 0));
    // ten are the most, one by one as well
    let mut id = ActivityId(0);
    for number in 0..10 {
        let content = [PDF, format!("%{number}").as_bytes()].concat();
        id = draft(&form.upload(&[], &[(&format!("{number}.pdf"), &content)]).await.expect(200));
    }
    let part = form.upload(&[], &[("eleventh.png", PNG)]).await.expect(422);
    assert!(part.text("[data-refused]").contains("up to 10 files"), "{}", part.html());
    assert_eq!(files(&portal, id).len(), 10);
    // good and bad together: the good ones are kept
    let gone = files(&portal, id)[9].id.to_string();
    let part =
        form.upload(&[("remove_evidence", &gone)], &[("c.png", PNG), ("d.exe", b"MZ\x90\0\x03")]).await;
    let part = part.expect(422);
    assert!(part.text("[data-refused]").contains("“d.exe”"), "{}", part.html());
    assert_eq!(part.values("[data-file]", "data-name").last().unwrap(), "c.png");
}

#[actix_web::test]
async fn the_bound_of_what_waits_holds_for_uploads_too() {
    let portal = TestPortal::new();
    let people = portal.people();
    let form = Opened::new(&portal, &people).await;
    let new = NewEvidence {
        holder: people.owner.id,
        activity: None,
        sha256: &"a".repeat(64),
        name: "film.pdf",
        media_type: "application/pdf",
        bytes: MOST_WAITING,
    };
    portal.store.write(|conn| evidence::add(conn, &new, portal.clock.now())).unwrap();
    for path in [TO_DRAFT, "/evidence"] {
        let fields = [("form_key", form.key.as_str())];
        let part = form.browser.post_files(path, &fields, &[("evidence", "a.pdf", PDF)]).await.expect(422);
        assert!(part.text("[data-refused]").contains("“a.pdf” was left out: 500 MB"), "{}", part.html());
    }
    assert_eq!((count(&portal, "activities"), count(&portal, "evidence")), (0, 1));
}

#[actix_web::test]
async fn nobody_uploads_into_somebody_elses_draft_or_takes_a_file_out_of_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let form = Opened::new(&portal, &people).await;
    let id = draft(&form.upload(&[("title", "Mine")], &[("a.pdf", PDF)]).await);
    let file = files(&portal, id)[0].id.to_string();
    let stranger = portal.browser(&people.stranger).await;
    let page = stranger.get("/activities/new").await.expect(200);
    let key = page.values("input[name=form_key]", "value").remove(0);
    let number = id.to_string();
    let png: [(&str, &str, &[u8]); 1] = [("evidence", "b.png", PNG)];
    for fields in [
        vec![("form_key", key.as_str()), ("activity", number.as_str())],
        vec![("activity", number.as_str()), ("remove_evidence", file.as_str())],
    ] {
        stranger.post_files(TO_DRAFT, &fields, &png).await.expect(404);
    }
    // with the key of somebody else's form it is a form of one's own
    let theirs = [("form_key", form.key.as_str()), ("activity", "0"), ("remove_evidence", file.as_str())];
    let part = stranger.post_files(TO_DRAFT, &theirs, &png).await.expect(200);
    assert_ne!(draft(&part), id);
    assert_eq!(names(&portal, id), ["a.pdf"]);
    // and a form without the token of its page is none of ours
    let bare = [("form_key", form.key.as_str()), ("activity", number.as_str())];
    for path in [TO_DRAFT, "/evidence"] {
        form.browser.post_files_bare(path, &bare, &png).await.expect(403);
    }
    assert_eq!(names(&portal, id), ["a.pdf"]);
}

#[actix_web::test]
async fn a_late_upload_changes_no_report_that_was_sent_and_no_draft_that_is_gone() {
    let portal = TestPortal::new();
    let people = portal.people();
    let form = Opened::new(&portal, &people).await;
    let id = draft(&form.upload(&[("title", "Zero trust")], &[("a.pdf", PDF)]).await);
    let path = format!("/activities/{id}");
    let fields = with(&[("form_key", &form.key)]);
    form.browser.post_files(&path, &fields, &[]).await.expect(303);
    let sent = kept(&portal, id);
    let file = files(&portal, id)[0].id.to_string();
    form.upload(&[], &[("late.png", PNG)]).await.expect(409);
    form.upload(&[("remove_evidence", &file)], &[]).await.expect(409);
    assert_eq!((kept(&portal, id), names(&portal, id)), (sent, vec!["a.pdf".to_owned()]));

    let form = Opened::new(&portal, &people).await;
    let id = draft(&form.upload(&[("title", "Another")], &[("a.pdf", PDF)]).await);
    form.browser.get(&format!("/activities/{id}")).await.expect(200);
    let away = format!("/activities/{id}/withdrawal");
    form.browser.post(&away, &[("version", "1")]).await.expect(303);
    form.upload(&[], &[("late.png", PNG)]).await.expect(409);
    assert_eq!(names(&portal, id), ["a.pdf"]);
}

#[actix_web::test]
async fn an_upload_that_breaks_off_leaves_nothing_behind() {
    let portal = TestPortal::new();
    let people = portal.people();
    let form = Opened::new(&portal, &people).await;
    let token = form.browser.token().await;
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let head = format!(
        "{}{}{}--b\r\nContent-Disposition: form-data; name=\"evidence\"; filename=\"a.pdf\"\r\n\r\n",
        part("csrf_token", &token),
        part("form_key", &form.key),
        part("title", "Half a talk")
    );
    let mut body = head.into_bytes();
    body.extend_from_slice(PDF);
    // more than a piece, so that some of it has been on the disk
    body.resize(body.len() + 700_000, b' ');
    for path in [TO_DRAFT, "/evidence"] {
        let request = TestRequest::post()
            .insert_header(("host", "portal.test"))
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header(("content-type", "multipart/form-data; boundary=b"))
            .set_payload(body.clone());
        form.browser.send(path, request).await.expect(400);
    }
    assert_eq!((count(&portal, "activities"), count(&portal, "evidence")), (0, 0));
    assert_eq!(portal.files.list().unwrap(), [""; 0]);
    let incoming = portal.config.data.join("evidence").join("incoming");
    assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0);
}

#[actix_web::test]
async fn a_file_for_a_message_waits_once_until_it_is_sent() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/advice/new").await.expect(200);
    assert_eq!(page.values("#evidence", "data-upload"), ["/evidence"]);
    let part = browser.post_files("/evidence", &[], &[("evidence", "a.pdf", PDF)]).await.expect(200);
    let id = part.values("[data-file]", "data-file").remove(0);
    assert!(!part.has("[data-send]"));
    let again = [("kept_evidence", id.as_str())];
    let part = browser.post_files("/evidence", &again, &[("evidence", "b.pdf", PDF)]).await.expect(200);
    assert_eq!((part.values("[data-file]", "data-file"), count(&portal, "evidence")), (vec![id.clone()], 1));
    // nobody else has it, not even on a page of staff
    let stranger = portal.browser(&people.stranger).await;
    let part = stranger.post_files("/evidence", &again, &[]).await.expect(200);
    assert!(part.has("[data-kept]") && !part.has("[data-file]"), "{}", part.html());
    portal.browser(&people.reviewer).await.get(&format!("/evidence/{id}")).await.expect(404);
    browser.get("/advice/new").await.expect(200);
    let message = [("subject", "A talk"), ("words", "See the file."), ("kept_evidence", id.as_str())];
    let page = browser.post_files("/advice", &message, &[]).await;
    let page = browser.follow(page.expect(303)).await;
    assert!(page.text("ul.files").contains("a.pdf"), "{}", page.words());
    // what was sent waits no more
    let part = browser.post_files("/evidence", &again, &[]).await.expect(200);
    assert!(!part.has("[data-file]"), "{}", part.html());
}

#[actix_web::test]
async fn a_report_that_came_back_is_changed_only_when_it_is_sent_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    decide(&portal, &people, id, &RETURN);
    let edit = browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    assert_eq!(edit.values("#evidence", "data-upload"), ["/evidence"]);
    let part = browser.post_files("/evidence", &[], &[("evidence", "a.pdf", PDF)]).await.expect(200);
    let file = part.values("[data-file]", "data-file").remove(0);
    assert!(files(&portal, id).is_empty());
    let (key, version) =
        (edit.values("input[name=form_key]", "value"), kept(&portal, id).version.to_string());
    let fields = with(&[("form_key", &key[0]), ("version", &version), ("kept_evidence", &file)]);
    browser.post_files(&format!("/activities/{id}"), &fields, &[]).await.expect(303);
    assert_eq!(
        (names(&portal, id), kept(&portal, id).status),
        (vec!["a.pdf".to_owned()], ActivityStatus::Submitted)
    );
}
