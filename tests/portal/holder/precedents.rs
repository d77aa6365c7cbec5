use super::*;
use crate::support::nonsense::Trial;

const ASKED: [(&str, &str); 5] = [
    ("category", "attending"),
    ("title", "Quantum security summer school"),
    ("organiser", "University of Delft"),
    ("field", "information_security"),
    ("relevance", "My boss Piet says it helps."),
];

async fn asked(portal: &TestPortal, people: &People) -> String {
    let owner = portal.browser(&people.owner).await;
    owner.get("/advice/question").await.expect(200);
    let sent = owner.post("/advice/question", &ASKED).await.expect(303);
    sent.location().unwrap()
}

async fn answered(portal: &TestPortal, people: &People, path: &str, fields: &[(&str, &str)]) -> Page {
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff{path}")).await.expect(200);
    assert!(page.words().contains("University of Delft"), "{}", page.words());
    let version = page.values("input[name=version]", "value").pop().unwrap();
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    reviewer.post(&format!("/staff{path}/answer"), &all).await
}

const PUBLIC: [(&str, &str); 5] = [
    ("verdict", "conditions"),
    ("answer_words", "Yes, Olga, if you bring the certificate."),
    ("public", "1"),
    ("public_title", "A summer school on quantum security"),
    ("public_words", "It counts with a certificate of attendance."),
];

#[actix_web::test]
async fn an_answer_becomes_a_precedent_without_names_that_everybody_finds() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = asked(&portal, &people).await;
    answered(&portal, &people, &path, &PUBLIC).await.expect(303);
    assert_eq!(portal.mails_to(&people.owner).pop().unwrap().0, "reply");
    let owner = portal.browser(&people.owner).await;
    let page = owner.get(&path).await.expect(200);
    assert!(page.text(".card").contains("Yes, with conditions"), "{}", page.words());
    assert!(page.has(&format!("a[href='/activities/new?question={}']", path.rsplit('/').next().unwrap())));

    let stranger = portal.browser(&people.stranger).await;
    for (q, found) in [("quantum", 1), ("Delft QUANTUM", 1), ("quantum gardening", 0), ("%", 0), ("", 1)] {
        let page = stranger.get(&format!("/precedents?q={}", q.replace('%', "%25").replace(' ', "+"))).await;
        assert_eq!(page.texts(".card h3").len(), found, "{q}");
    }
    let page = stranger.get("/precedents").await.expect(200);
    let card = page.text(".card");
    assert!(card.contains("It counts with a certificate of attendance."), "{card}");
    for private in ["Olga", "Piet", "Delft"] {
        assert!(!page.words().contains(private), "{private}: {}", page.words());
    }
    assert!(!page.has(".card a"), "the question itself is nobody else's affair");
}

#[actix_web::test]
async fn a_report_begins_from_its_question_and_the_reviewer_sees_the_answer() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = asked(&portal, &people).await;
    answered(&portal, &people, &path, &[("verdict", "yes")]).await.expect(303);
    let question = path.rsplit('/').next().unwrap();
    let owner = portal.browser(&people.owner).await;
    let form = owner.get("/activities/new").await.expect(200);
    assert!(form.words().contains("This is the event I asked about: Quantum security summer school"));
    let link = format!("/activities/new?question={question}");
    let form = owner.get(&link).await.expect(200);
    assert_eq!(form.values("#title", "value"), ["Quantum security summer school"]);
    assert_eq!(form.values("input[name=question]", "value"), [question]);
    let stranger = portal.browser(&people.stranger).await;
    stranger.get(&link).await.expect(404);

    let fields = with(&[("title", "Quantum security summer school"), ("question", question)]);
    let id = led_to(&owner.post_files("/activities", &fields, &[]).await);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.words().contains("Asked beforehand"), "{}", page.words());
    assert!(page.words().contains("Yes, it would count"));
    let theirs = with(&[("question", question), ("completed_on", "2026-10-06")]);
    let other = led_to(&stranger.post_files("/activities", &theirs, &[]).await);
    let page = reviewer.get(&format!("/staff/activities/{other}")).await.expect(200);
    assert!(!page.words().contains("Asked beforehand"), "somebody else's question is not attached");
}

#[actix_web::test]
async fn a_report_that_was_a_draft_before_it_was_sent_is_about_its_question_too() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = asked(&portal, &people).await;
    answered(&portal, &people, &path, &[("verdict", "yes")]).await.expect(303);
    let question = path.rsplit('/').next().unwrap();
    let owner = portal.browser(&people.owner).await;
    let reviewer = portal.browser(&people.reviewer).await;
    // a draft begins by what is typed, or by a file that is uploaded
    for (day, with_file) in [("2026-10-05", false), ("2026-10-06", true)] {
        let form = owner.get(&format!("/activities/new?question={question}")).await.expect(200);
        let key = form.values("input[name=form_key]", "value").remove(0);
        let fields = with(&[("form_key", &key), ("question", question), ("completed_on", day)]);
        let saved = match with_file {
            false => owner.post("/activities/drafts", &fields).await,
            true => {
                owner.post_files("/activities/drafts/evidence", &fields, &[("evidence", "a.pdf", PDF)]).await
            }
        };
        let path = saved.expect(200).values("[data-send]", "data-send").remove(0);
        let id = led_to(&owner.post_files(&path, &fields, &[]).await);
        let page = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
        assert!(page.words().contains("Asked beforehand"), "{with_file}: {}", page.words());
    }
}

#[actix_web::test]
async fn a_similar_report_shows_the_precedent_until_it_is_taken_back() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = asked(&portal, &people).await;
    answered(&portal, &people, &path, &PUBLIC).await.expect(303);
    let alike = portal.submitted(&people.stranger, "Summer school of quantum things", "2026-10-05", 3);
    let other = portal.submitted(&people.stranger, "Gardening for beginners", "2026-10-05", 3);
    let reviewer = portal.browser(&people.reviewer).await;
    let shows =
        async |id| reviewer.get(&format!("/staff/activities/{id}")).await.words().contains("Similar answers");
    assert!(shows(alike).await);
    assert!(!shows(other).await);
    reviewer.post(&format!("/staff{path}/answer/removal"), &[]).await.expect(303);
    assert!(!shows(alike).await);
    assert!(reviewer.get("/precedents").await.words().contains("Nothing answered yet"));
    answered(&portal, &people, &path, &[("verdict", "no"), ("answer_words", "It was full.")])
        .await
        .expect(303);
}

#[actix_web::test]
async fn an_answer_needs_its_words_and_nonsense_is_told_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = asked(&portal, &people).await;
    let page = answered(&portal, &people, &path, &[("verdict", "no")]).await.expect(422);
    assert!(page.error("answer_words").contains("what would make it count"));
    let page = answered(&portal, &people, &path, &[("public", "1")]).await.expect(422);
    assert!(page.error("verdict").contains("whether it would count"));
    assert!(page.error("public_title").contains("without names"), "{}", page.words());
    let owner = portal.browser(&people.owner).await;
    let page = owner.post("/advice/question", &[]).await.expect(422);
    for field in ["category", "title", "field"] {
        assert!(!page.error(field).is_empty(), "{field}");
    }
    let whole = || ("/advice/question".to_owned(), ASKED.to_vec());
    let fields = [
        "category",
        "title",
        "organiser",
        "field",
        "relevance",
        "started_on",
        "completed_on",
        "hours",
        "minutes",
    ];
    Trial { fields: &fields, with_files: false, form: &whole }.run(&owner).await;
    let reviewer = portal.browser(&people.reviewer).await;
    // without a verdict nothing is ever answered
    let address = format!("/staff{path}/answer");
    let answer = || (address.clone(), vec![("version", "1"), ("public", "1")]);
    let fields = ["verdict", "answer_words", "public_title", "public_words"];
    Trial { fields: &fields, with_files: false, form: &answer }.run(&reviewer).await;
}

#[actix_web::test]
async fn an_answer_begins_from_prepared_words_and_what_is_missing_is_said_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = asked(&portal, &people).await;
    let administrator = portal.browser(&people.administrator).await;
    administrator.get("/staff/canned-answers/new").await.expect(200);
    let prepared = [("title", "Too far away"), ("words", "The field is too far away.")];
    administrator.post("/staff/canned-answers", &prepared).await.expect(303);
    let id =
        portal.texts("SELECT id || '' AS text FROM canned_answers WHERE title = 'Too far away'").remove(0);

    let no = [("verdict", "no"), ("public", "1"), ("public_title", "A summer school"), ("intent", "answer")];
    let page = answered(&portal, &people, &path, &no).await.expect(422);
    assert_eq!(page.texts(".error-summary li").len(), 1, "{}", page.words());
    let insert = [
        ("verdict", "no"),
        ("answer_words", "Sorry."),
        ("public_title", "A school"),
        ("prepared", &*id),
        ("intent", "insert"),
    ];
    let page = answered(&portal, &people, &path, &insert).await.expect(200);
    assert_eq!(page.raw_texts("textarea[name=answer_words]"), ["Sorry.\n\nThe field is too far away."]);
    assert_eq!(page.values("#public_title", "value"), ["A school"], "what was typed is kept");
    assert!(page.has("input[name=verdict][value=no][checked]"));
    let page = answered(&portal, &people, &path, &[("intent", "insert")]).await.expect(422);
    assert!(page.error("prepared").contains("Choose the answer"), "{}", page.words());
    assert!(portal.mails_to(&people.owner).is_empty(), "nothing is sent");
}

#[actix_web::test]
async fn nobody_publishes_a_name_or_words_that_they_have_not_read_as_everybody_will() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = asked(&portal, &people).await;
    let blind = [
        ("verdict", "yes"),
        ("answer_words", "Yes, dear Olga."),
        ("public", "1"),
        ("public_title", "A school"),
        ("public_words", ""),
    ];
    let page = answered(&portal, &people, &path, &blind).await.expect(422);
    assert!(page.error("public_words").contains("Everybody can read this answer"), "{}", page.words());
    assert_eq!(page.raw_texts("textarea[name=public_words]"), ["Yes, dear Olga."], "to be read and changed");
    let mut named = blind.to_vec();
    named[4] = ("public_words", "Yes, dear OLGA.");
    let page = answered(&portal, &people, &path, &named).await.expect(422);
    assert!(page.error("public_words").contains("it names “Olga”"), "{}", page.words());
    assert!(portal.browser(&people.stranger).await.get("/precedents").await.texts(".card").is_empty());
    named[4] = ("public_words", "Yes.");
    answered(&portal, &people, &path, &named).await.expect(303);
}

#[actix_web::test]
async fn the_nearest_answers_are_shown_for_a_title_and_never_anybodys_report() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = asked(&portal, &people).await;
    answered(&portal, &people, &path, &PUBLIC).await.expect(303);
    portal.activity(
        &people.owner,
        cpe_portal::domain::activities::activity::ActivityStatus::Approved,
        "Quantum gardening evening",
        "2026-10-01",
        2,
    );
    let stranger = portal.browser(&people.stranger).await;
    let page = stranger.get("/advice/question").await.expect(200);
    assert_eq!(page.values("[data-nearest-by]", "data-nearest-by"), ["title"]);
    let part = stranger.get("/precedents/nearest?title=Quantum+security+for+beginners").await.expect(200);
    assert_eq!(part.texts(".nearest li").len(), 1, "{}", part.html());
    let line = part.text(".nearest li");
    assert!(line.contains("Yes, with conditions A summer school on quantum security"), "{line}");
    for private in ["Olga", "Piet", "Delft", "gardening"] {
        assert!(!part.html().contains(private), "{private}: {}", part.html());
    }
    assert!(!part.has("a"), "the question itself is nobody else's affair");
    for none in ["", "Quantum+gardening", "Baking"] {
        let part = stranger.get(&format!("/precedents/nearest?title={none}")).await.expect(200);
        assert!(!part.has(".nearest"), "{none}: {}", part.html());
    }
    let long = "quantum+".repeat(600);
    stranger.get(&format!("/precedents/nearest?title={long}")).await.expect(200);
    // without a script the form that is shown again has them, too
    let form = [("title", "Quantum security summer school")];
    let page = stranger.post("/advice/question", &form).await.expect(422);
    assert_eq!(page.texts(".nearest li").len(), 1, "{}", page.words());
    assert!(stranger.get("/advice/new").await.has("[data-nearest-by=subject]"));
}
