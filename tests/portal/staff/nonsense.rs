//! Everything that makes no sense, in every field of staff's and administrators' forms: a message beside the field with the text kept,
//! or success; never a fault.

use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::roles::Role;

use crate::support::nonsense::{NONSENSE, Trial, huge};
use crate::support::{TestPortal, day};
use crate::timetable::body::{practitioner, run_on};

#[actix_web::test]
async fn a_verdict_answers_nonsense_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.reviewer).await;
    let report = || portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let form = |decision| {
        let fields = vec![
            ("decision", decision),
            ("quantity", ""),
            ("reason_code", "other"),
            ("reason", "Please tell us more."),
        ];
        (format!("/staff/activities/{}/review", report()), fields)
    };
    let fields = ["decision", "reason_code", "reason"];
    Trial { fields: &fields, with_files: false, form: &|| form("return") }.run(&browser).await;
    Trial { fields: &["quantity"], with_files: false, form: &|| form("approve") }.run(&browser).await;
    let back = || {
        let id = portal.activity(&people.owner, ActivityStatus::Approved, "A seminar", "2026-05-02", 3);
        let fields = vec![("version", "1"), ("reason", "The file shows another day.")];
        (format!("/staff/activities/{id}/review/removal"), fields)
    };
    Trial { fields: &["reason"], with_files: false, form: &back }.run(&browser).await;
}

#[actix_web::test]
async fn prepared_words_ticks_and_letters_answer_nonsense() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = practitioner(&portal, "Short", "2026-01-01");
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let browser = portal.browser(&people.reviewer).await;
    let year = format!("{certificate}:1");
    let trial = |path: &'static str, field: &'static str| (path.to_owned(), vec![(field, "")]);
    let words = || trial("/staff/prepared-words", "duplicate");
    Trial { fields: &["duplicate", "reject_duplicate"], with_files: false, form: &words }.run(&browser).await;
    Trial { fields: &["report"], with_files: false, form: &|| trial("/staff/review", "report") }
        .run(&browser)
        .await;
    let event = || (format!("/staff/activities/{id}/same-event"), vec![("report", "")]);
    Trial { fields: &["report"], with_files: false, form: &event }.run(&browser).await;
    let letter = || ("/staff/at-risk/letter".to_owned(), vec![("year", year.as_str())]);
    Trial { fields: &["year", "words", "shown"], with_files: false, form: &letter }.run(&browser).await;
}

#[actix_web::test]
async fn a_decision_answers_nonsense_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, open) = practitioner(&portal, "Open", "2026-02-01");
    let (_, flagged) = practitioner(&portal, "Flagged", "2026-01-01");
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-20"), 10);
    let browser = portal.browser(&people.administrator).await;
    // the year is not typed: the page carries it
    let fields = ["reason", "until"];
    for (certificate, kind) in
        [(open, "extension"), (flagged, "waiver"), (flagged, "decertification"), (flagged, "reinstatement")]
    {
        let form = || {
            let fields = vec![
                ("year", "1"),
                ("reason", "Because."),
                ("until", "2027-03-01"),
                ("acknowledged", "1"),
                ("confirmed", "1"),
            ];
            (format!("/staff/certificates/{certificate}/{kind}"), fields)
        };
        let fields = if kind == "extension" { &fields[..] } else { &fields[..1] };
        Trial { fields, with_files: false, form: &form }.run(&browser).await;
    }
    let correction = || {
        let fields = vec![
            ("number", "ISP-Other"),
            ("certification", "2"),
            ("granted_on", "1 February 2026"),
            ("twin", "1"),
            ("reason", "Because."),
        ];
        (format!("/staff/certificates/{open}/correction"), fields)
    };
    let fields = ["number", "certification", "granted_on", "reason"];
    Trial { fields: &fields, with_files: false, form: &correction }.run(&browser).await;
    let ending = || {
        let fields =
            vec![("ending", "wish"), ("replaced_by", ""), ("reason", "Because."), ("confirmed", "1")];
        (format!("/staff/certificates/{open}/ending"), fields)
    };
    let fields = ["ending", "replaced_by", "reason"];
    Trial { fields: &fields, with_files: false, form: &ending }.run(&browser).await;
}

#[actix_web::test]
async fn the_forms_about_holders_answer_nonsense_beside_their_fields() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.administrator).await;
    let new = || {
        let fields = vec![
            ("name", "Nora New"),
            ("email", "nora@new.test"),
            ("certification", "2"),
            ("number", "ISP-NEW"),
            ("granted_on", "1 March 2026"),
        ];
        ("/staff/holders".to_owned(), fields)
    };
    let fields = ["name", "email", "certification", "number", "granted_on"];
    Trial { fields: &fields, with_files: false, form: &new }.run(&browser).await;
    let edit = || {
        let fields = vec![("name", "Olga Owner"), ("email", "owner@people.test")];
        (format!("/staff/holders/{}", people.owner.id), fields)
    };
    Trial { fields: &["name", "email"], with_files: false, form: &edit }.run(&browser).await;
    let grant = || {
        let fields = vec![("certification", "3"), ("number", "X-1"), ("granted_on", "1 March 2026")];
        (format!("/staff/holders/{}/certificates", people.owner.id), fields)
    };
    Trial { fields: &fields[2..], with_files: false, form: &grant }.run(&browser).await;
}

#[actix_web::test]
async fn the_forms_of_administration_answer_nonsense_beside_their_fields() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.administrator).await;
    let account = || {
        let fields = vec![("name", "Nora New"), ("email", "nora@new.test"), ("role", "reviewer")];
        ("/admin/accounts".to_owned(), fields)
    };
    Trial { fields: &["name", "email", "role"], with_files: false, form: &account }.run(&browser).await;
    let certification = || {
        let fields = vec![("code", "NEW"), ("title", "A new one"), ("field", "1"), ("level", "expert")];
        ("/admin/certifications".to_owned(), fields)
    };
    let fields = ["code", "title", "field", "level"];
    Trial { fields: &fields, with_files: false, form: &certification }.run(&browser).await;
    let field = || ("/admin/fields".to_owned(), vec![("code", "new_field"), ("title", "A new field")]);
    Trial { fields: &["code", "title", "neighbours"], with_files: false, form: &field }.run(&browser).await;

    // the form of a policy, as it is filled in to begin with
    let page = browser.get("/admin/policies/new").await.expect(200);
    let form = "main form[action='/admin/policies'] input:not([type=hidden])";
    let names = page.values(form, "name");
    let values = page.values(form, "value");
    assert!(names.len() > 10, "{names:?}");
    let policy = || {
        let fields = names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
        ("/admin/policies".to_owned(), fields)
    };
    let fields: Vec<&str> = names.iter().map(String::as_str).collect();
    Trial { fields: &fields, with_files: false, form: &policy }.run(&browser).await;
}

#[actix_web::test]
async fn addresses_of_lists_answer_nonsense_with_a_page() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.account("another@people.test", "Another", Role::Reviewer);
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let browser = portal.browser(&people.administrator).await;
    let (activity, holder) =
        (format!("/staff/activities/{id}"), format!("/staff/holders/{}", people.owner.id));
    let lists: [(&str, &[&str]); 13] = [
        ("/staff/search", &["q"]),
        ("/staff/search/suggestions", &["q"]),
        ("/staff/holders", &["q", "state", "certification", "sort", "after", "before"]),
        ("/staff/review", &["category", "field", "waiting", "needed", "after", "before", "show"]),
        ("/staff/review?show=returned&", &["after", "before"]),
        ("/staff/at-risk", &["show", "after"]),
        ("/staff/deadlines", &["which", "after", "before"]),
        ("/staff/flagged", &["after", "before"]),
        ("/staff/history", &["holder", "certificate", "activity", "before", "q", "topic", "from", "to"]),
        ("/staff/mail", &["which", "to", "after", "before"]),
        (&activity, &["file", "decision", "reason_code", "category"]),
        (&holder, &["part", "event", "mail"]),
        ("/staff", &["x"]),
    ];
    let huge: Vec<String> = huge().into_iter().map(|text| text.chars().take(2000).collect()).collect();
    // every input once for each list, in one of its fields after the other
    for (turn, input) in NONSENSE.iter().copied().chain(huge.iter().map(String::as_str)).enumerate() {
        for (path, names) in lists {
            let name = names[turn % names.len()];
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair(name, input).finish();
            let page =
                browser.get(&format!("{path}{}{query}", if path.contains('?') { "" } else { "?" })).await;
            page.expect(200);
        }
    }
}
