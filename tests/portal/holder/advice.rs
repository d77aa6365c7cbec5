use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::store::activities::evidence;
use cpe_portal::store::mail::mail_log;

use crate::support::nonsense::Trial;

#[actix_web::test]
async fn a_holder_asks_staff_answer_and_the_mails_say_only_where() {
    let portal = TestPortal::new();
    let people = portal.people();
    let activity = portal.submitted(&people.owner, "A conference", "2026-10-05", 3);
    let owner = portal.browser(&people.owner).await;
    let page = owner.get("/advice").await.expect(200);
    assert!(page.words().contains("Nothing written yet"));

    let page = owner.get(&format!("/advice/new?activity={activity}")).await.expect(200);
    assert_eq!(page.values("#subject", "value"), ["A conference"]);
    assert_eq!(page.texts("dl.summary a"), ["A conference"], "what it is about stands there");
    let fields = [
        ("kind", "question"),
        ("activity", &*activity.to_string()),
        ("subject", "A conference"),
        ("words", "Was it long enough?\nI could not stay."),
    ];
    let sent = owner.post("/advice", &fields).await.expect(303);
    let path = sent.location().unwrap();
    let page = owner.follow(sent).await.expect(200);
    assert!(page.words().contains("Waiting for us since today"), "{}", page.words());
    assert!(page.text(".messages").contains("You 23 November 2026"), "{}", page.text(".messages"));

    portal.clock.advance(chrono::TimeDelta::days(3));
    let reviewer = portal.browser(&people.reviewer).await;
    let inbox = reviewer.get("/staff/advice").await.expect(200);
    assert!(inbox.text("tbody").contains("Waiting for us for 3 daysNobody yet"), "{}", inbox.text("tbody"));
    let page = reviewer.get(&format!("/staff{path}")).await.expect(200);
    let version = page.values("input[name=version]", "value").remove(0);
    reviewer
        .post(
            &format!("/staff{path}/messages"),
            &[("version", &version), ("words", "It was."), ("intent", "send")],
        )
        .await
        .expect(303);
    let (kind, text) = portal.mails_to(&people.owner).pop().unwrap();
    assert_eq!(kind, "reply");
    assert!(text.contains(&format!("http://portal.test{path}")), "{text}");
    for private in ["It was.", "A conference", "Was it long"] {
        assert!(!text.contains(private), "{text}");
    }

    let owner = portal.browser(&people.owner).await;
    let page = owner.get("/advice").await.expect(200);
    assert!(page.words().contains("Answered since today"), "{}", page.words());
    assert!(!page.words().contains("your turn"), "a plain answer asks for nothing");
    let page = owner.get(&path).await.expect(200);
    assert!(page.words().contains("Rita Reviewer is looking after it"), "{}", page.words());
    assert!(page.text(".messages").contains("Rita Reviewer, Institute for Testing"));
    owner.post(&format!("{path}/messages"), &[("words", "Thank you.")]).await.expect(303);
    let (kind, text) = portal.mails_to(&people.reviewer).pop().unwrap();
    assert_eq!(kind, "reply", "whoever looks after it is told");
    assert!(text.contains(&format!("http://portal.test/staff{path}")) && !text.contains("Thank you"));

    let page = owner.get(&format!("/activities/{activity}")).await.expect(200);
    assert!(page.text(".plain-list").starts_with("A conference"), "{}", page.words());
    let mails = portal
        .store
        .read(|conn| mail_log::list(conn, mail_log::Which::All, &Default::default(), 10))
        .unwrap();
    assert!(mails.rows.iter().all(|mail| !mail.subject.contains("conference")));
}

#[actix_web::test]
async fn conversations_belong_to_one_holder_and_are_about_their_own_affairs() {
    let portal = TestPortal::new();
    let people = portal.people();
    let activity = portal.submitted(&people.owner, "A conference", "2026-10-05", 3);
    let draft = portal.activity(&people.owner, ActivityStatus::Draft, "Not yet", "2026-10-05", 3);
    let owner = portal.browser(&people.owner).await;
    let fields = [("activity", &*activity.to_string()), ("subject", "Mine"), ("words", "Secret words")];
    let path = owner.post("/advice", &fields).await.expect(303).location().unwrap();
    owner.get(&format!("/advice/new?activity={draft}")).await.expect(200);

    let stranger = portal.browser(&people.stranger).await;
    stranger.get(&path).await.expect(404);
    stranger.post(&format!("{path}/messages"), &[("words", "Hello")]).await.expect(404);
    let (certificate, foreign) = (people.owner_certificate, people.stranger_certificate);
    for about in [
        format!("activity={activity}"),
        format!("certificate={certificate}"),
        format!("year={certificate}-1"),
        format!("certificate={foreign}&year=99"),
        "year=1".to_owned(),
        "year=x-y".to_owned(),
        "activity=9999".to_owned(),
    ] {
        stranger.get(&format!("/advice/new?{about}")).await.expect(404);
    }
    let fields = [("activity", &*activity.to_string()), ("subject", "Yours"), ("words", "Hello")];
    stranger.post("/advice", &fields).await.expect(404);
    let page = stranger.get("/advice").await.expect(200);
    assert!(!page.words().contains("Mine"));
    assert_eq!(portal.texts("SELECT words AS text FROM messages"), ["Secret words"]);
}

#[actix_web::test]
async fn a_closed_conversation_opens_again_when_the_holder_writes() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    let fields = [("subject", "A question"), ("words", "How?")];
    let path = owner.post("/advice", &fields).await.expect(303).location().unwrap();
    let reviewer = portal.browser(&people.reviewer).await;
    reviewer.get(&format!("/staff{path}")).await.expect(200);
    reviewer.post(&format!("/staff{path}/closing"), &[("version", "1")]).await.expect(303);
    let page = owner.get(&path).await.expect(200);
    assert!(page.words().contains("It opens again when you write."));
    assert!(reviewer.get("/staff/advice?show=closed").await.words().contains("A question"));
    owner.post(&format!("{path}/messages"), &[("words", "One more thing")]).await.expect(303);
    assert!(!reviewer.get("/staff/advice?show=closed").await.words().contains("A question"));
    assert!(reviewer.get("/staff/advice").await.words().contains("A question"));
}

#[actix_web::test]
async fn nonsense_in_a_message_is_told_beside_its_field_and_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    owner.get("/advice/new").await.expect(200);
    let whole = || {
        let fields = vec![("kind", "question"), ("subject", "A question"), ("words", "How?")];
        ("/advice".to_owned(), fields)
    };
    let trial = Trial { fields: &["subject", "words"], with_files: false, form: &whole };
    trial.run(&owner).await;
    let reply = || ("/advice/1/messages".to_owned(), vec![]);
    Trial { fields: &["words"], with_files: false, form: &reply }.run(&owner).await;
    for hidden in ["kind", "activity", "certificate", "year"] {
        for input in crate::support::nonsense::NONSENSE {
            let page = owner.post("/advice", &[(hidden, input), ("subject", "A"), ("words", "B")]).await;
            assert!(matches!(page.status.as_u16(), 303 | 404), "{hidden} {input:?}: {}", page.status);
        }
    }
}

#[actix_web::test]
async fn an_answer_that_is_enough_waits_for_nobody_once_its_holder_says_so() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    owner.get("/advice/new").await.expect(200);
    let fields = [("kind", "question"), ("subject", "Podcasts"), ("words", "Do they count?")];
    let path = owner.post("/advice", &fields).await.expect(303).location().unwrap();
    let page = owner.get(&path).await.expect(200);
    assert!(!page.words().contains("That answers it"), "it waits for us");
    owner.post(&format!("{path}/closing"), &[]).await.expect(422);

    let reviewer = portal.browser(&people.reviewer).await;
    let version =
        reviewer.get(&format!("/staff{path}")).await.values("input[name=version]", "value").remove(0);
    let answer = [
        ("version", &*version),
        ("words", "They do not. Enough?"),
        ("needs_answer", "1"),
        ("intent", "send"),
    ];
    reviewer.post(&format!("/staff{path}/messages"), &answer).await.expect(303);
    assert!(owner.get("/dashboard").await.text("[aria-labelledby=waiting]").contains("Podcasts"));
    let page = owner.get(&path).await.expect(200);
    let stranger = portal.browser(&people.stranger).await;
    stranger.get("/advice").await.expect(200);
    stranger.post(&format!("{path}/closing"), &[]).await.expect(404);
    let action = page.values("form[action$='/closing']", "action").remove(0);
    let done = owner.post(&action, &[]).await.expect(303);
    assert!(owner.follow(done).await.words().contains("Thank you: it is closed."));
    owner.post(&action, &[]).await.expect(303);
    assert!(!owner.get("/dashboard").await.words().contains("Podcasts"));
    assert!(!reviewer.get("/staff/advice").await.text("tbody").contains("Podcasts"));

    owner.post(&format!("{path}/messages"), &[("words", "And books?")]).await.expect(303);
    assert!(reviewer.get("/staff/advice").await.text("tbody").contains("Podcasts"), "it opens again");
}

#[actix_web::test]
async fn a_message_carries_files_that_its_holder_and_staff_can_open_and_nobody_else() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    let stranger = portal.browser(&people.stranger).await;
    let reviewer = portal.browser(&people.reviewer).await;
    owner.get("/advice/new").await.expect(200);
    let fields = [("kind", "question"), ("subject", "I was ill"), ("words", " ")];
    // what is wrong with the words loses no file, and what cannot be taken is named
    let files = [("evidence", "note.pdf", PDF), ("evidence", "virus.exe", b"MZ\x90\0".as_slice())];
    let page = owner.post_files("/advice", &fields, &files).await.expect(422);
    assert!(page.error("words").contains("Write your message."), "{}", page.words());
    assert!(page.error("evidence").contains("virus.exe"), "{}", page.words());
    assert_eq!(page.values("#subject", "value"), ["I was ill"]);
    let kept = page.values("input[name=kept_evidence]", "value").remove(0);
    reviewer.get(&format!("/evidence/{kept}")).await.expect(404);
    let fields = [
        ("kind", "question"),
        ("subject", "I was ill"),
        ("words", "See the note."),
        ("kept_evidence", &*kept),
    ];
    // somebody else's waiting file is not taken along
    stranger.get("/advice/new").await.expect(200);
    let theft = stranger.post_files("/advice", &fields, &[]).await.expect(303).location().unwrap();
    assert!(!stranger.get(&theft).await.has(".messages .files"), "a file of the owner's");
    let path = owner.post_files("/advice", &fields, &[]).await.expect(303).location().unwrap();
    let file = format!("/evidence/{kept}");
    for (reader, path) in [(&owner, path.clone()), (&reviewer, format!("/staff{path}"))] {
        let page = reader.get(&path).await.expect(200);
        assert_eq!(page.values(".messages .files a", "href"), std::slice::from_ref(&file));
        assert!(page.text(".messages .files").contains("note.pdf"), "{}", page.words());
        assert_eq!(reader.get(&file).await.expect(200).bytes.as_slice(), PDF);
    }
    stranger.get(&file).await.expect(404);
    stranger.get(&format!("{file}/view")).await.expect(404);
    // what was written stays as it was written
    owner.post(&format!("{file}/removal"), &[]).await.expect(409);
    owner.get(&file).await.expect(200);
    portal
        .store
        .write(|conn| evidence::clear_waiting_before(conn, portal.clock.now() + chrono::TimeDelta::days(9)))
        .unwrap();
    owner.get(&file).await.expect(200);

    let more = [("words", "And another.")];
    owner.post_files(&format!("{path}/messages"), &more, &[("evidence", "photo.png", PNG)]).await.expect(303);
    let page = reviewer.get(&format!("/staff{path}")).await.expect(200);
    assert_eq!(page.texts(".messages > li").len(), 2);
    assert!(page.texts(".messages > li")[1].contains("photo.png"), "{}", page.words());
    let (kind, text) = portal.mails_to(&people.owner).pop().unwrap_or_default();
    assert!(kind.is_empty() && text.is_empty(), "no mail carries it");
    // too many are refused beside the field, and the words are kept
    let names: Vec<String> = (0..11).map(|n| format!("{n}.pdf")).collect();
    let bodies: Vec<Vec<u8>> = (0..11).map(|n| [PDF, format!("{n}").as_bytes()].concat()).collect();
    let many: Vec<(&str, &str, &[u8])> =
        names.iter().zip(&bodies).map(|(name, body)| ("evidence", name.as_str(), body.as_slice())).collect();
    let page = owner.post_files(&format!("{path}/messages"), &more, &many).await.expect(422);
    assert!(!page.error("evidence").is_empty(), "{}", page.words());
    assert_eq!(page.raw_texts("textarea[name=words]"), ["And another."]);
}

#[actix_web::test]
async fn an_answer_typed_while_its_holder_ends_the_conversation_is_not_lost() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    owner.get("/advice/new").await.expect(200);
    let fields = [("kind", "question"), ("subject", "Podcasts"), ("words", "Do they count?")];
    let path = owner.post("/advice", &fields).await.expect(303).location().unwrap();
    let reviewer = portal.browser(&people.reviewer).await;
    let send = async |words: &str, version: &str| {
        let fields = [("version", version), ("words", words), ("intent", "send")];
        reviewer.post(&format!("/staff{path}/messages"), &fields).await
    };
    let version = async || {
        reviewer.get(&format!("/staff{path}")).await.values("input[name=version]", "value").remove(0)
    };
    send("They do not.", &version().await).await.expect(303);
    let seen = version().await;
    owner.get(&path).await.expect(200);
    owner.post(&format!("{path}/closing"), &[]).await.expect(303);
    let page = send("And one thing more.", &seen).await.expect(409);
    assert!(page.words().contains("What you typed was not sent"), "{}", page.words());
    assert!(page.words().contains("And one thing more."), "{}", page.words());
}
