use cpe_portal::domain::ids::AccountId;
use cpe_portal::domain::roles::Role;

use crate::support::TestPortal;
use crate::timetable::body::{behind_its_back, kinds_of, texts};

#[actix_web::test]
async fn a_holder_is_added_with_a_first_certificate_an_invitation_and_a_badge() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.get("/staff/holders/new").await.expect(200);
    assert!(page.words().contains("ISP · Information Security Practitioner"));
    let fields = [
        ("name", "  Zoë   Ångström "),
        ("email", "zoe@people.test"),
        ("invite", "1"),
        ("certification", "2"),
        ("number", "ISP-777"),
        ("granted_on", "1 June 2026"),
        ("tell", "1"),
    ];
    let answer = administrator.post("/staff/holders", &fields).await.expect(303);
    let page = administrator.follow(answer).await.expect(200);
    assert_eq!(page.text("h1"), "Zoë Ångström");
    assert!(page.words().contains("ISP-777") && page.words().contains("Has not signed in yet"));
    let id: i64 = page.path.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(kinds_of(&portal, AccountId(id)), ["granted", "invitation"]);
    let visitor = portal.visitor().await;
    assert_eq!(visitor.get("/verify?number=isp%20-%20777").await.expect(200).text(".badge h2"), "Valid");
}

#[actix_web::test]
async fn nonsense_about_a_new_holder_is_told_beside_every_field_and_nothing_is_added() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let accounts = || texts(&portal, "SELECT email AS text FROM accounts").len();
    let before = accounts();
    let fields = [
        ("name", " "),
        ("email", "two@a.test two@b.test"),
        ("number", "X-1"),
        ("granted_on", "31 June 2026"),
    ];
    let page = administrator.post("/staff/holders", &fields).await.expect(422);
    for field in ["name", "email", "certification", "granted_on"] {
        assert!(!page.error(field).is_empty(), "{field}");
    }
    assert_eq!(page.values("#granted_on", "value"), ["31 June 2026"]);
    let taken = [("name", "Another"), ("email", "OWNER@people.test")];
    let page = administrator.post("/staff/holders", &taken).await.expect(422);
    assert!(page.error("email").contains("already has an account"));
    let used = [
        ("name", "Another"),
        ("email", "a@people.test"),
        ("certification", "2"),
        ("number", "isp-1001"),
        ("granted_on", "2026-06-01"),
    ];
    let page = administrator.post("/staff/holders", &used).await.expect(422);
    assert!(page.error("number").contains("Another certificate already has this number"));
    let future = [
        ("name", "Another"),
        ("email", "a@people.test"),
        ("certification", "2"),
        ("number", "N-1"),
        ("granted_on", "2027-06-01"),
    ];
    let page = administrator.post("/staff/holders", &future).await.expect(422);
    assert!(page.error("granted_on").contains("1 June 2027 is in the future"));
    // every later year counts from this day, so nobody is to guess it
    let two_days = "“3/4/2026” can be 3 April 2026 or 4 March 2026. Type the month by its name.";
    let either = [("certification", "2"), ("number", "N-1"), ("granted_on", "3/4/2026")];
    let somebody = [("name", "Another"), ("email", "a@people.test")];
    let page = administrator.post("/staff/holders", &[&somebody[..], &either[..]].concat()).await.expect(422);
    assert!(page.error("granted_on").ends_with(two_days), "{}", page.error("granted_on"));
    assert_eq!(page.values("#granted_on", "value"), ["3/4/2026"]);
    let path = format!("/staff/holders/{}/certificates", people.owner.id);
    let page = administrator.post(&path, &either).await.expect(422);
    assert!(page.error("granted_on").ends_with(two_days), "{}", page.error("granted_on"));
    assert_eq!(accounts(), before);
    assert!(texts(&portal, "SELECT kind AS text FROM mails").is_empty());
}

#[actix_web::test]
async fn a_certificate_is_granted_to_somebody_and_told_only_if_wanted() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let path = format!("/staff/holders/{}/certificates", people.owner.id);
    administrator.get(&path).await.expect(200);
    let fields = |number| [("certification", "9"), ("number", number), ("granted_on", "2020-02-29")];
    administrator.post(&path, &fields("DPF-1")).await.expect(303);
    assert!(kinds_of(&portal, people.owner.id).is_empty());
    let mut told = fields("DPF-2").to_vec();
    told.extend([("tell", "1"), ("twin", "1")]);
    administrator.post(&path, &told).await.expect(303);
    assert_eq!(kinds_of(&portal, people.owner.id), ["granted"]);
    let page = administrator.post(&path, &[]).await.expect(422);
    assert_eq!(page.texts(".error-summary li").len(), 3);
    let own = format!("/staff/holders/{}/certificates", people.administrator.id);
    administrator.post(&own, &fields("OWN-1")).await.expect(422);
    administrator.post("/staff/holders/999/certificates", &fields("X-1")).await.expect(404);
    assert_eq!(texts(&portal, "SELECT number AS text FROM certificates WHERE number LIKE 'OWN%'").len(), 0);
}

#[actix_web::test]
async fn a_corrected_address_is_told_at_both_ends_and_earlier_links_stop_working() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let page = format!("/staff/holders/{}", people.owner.id);
    administrator.post(&format!("{page}/invitation"), &[]).await.expect(303);
    let open = || texts(&portal, "SELECT purpose AS text FROM tokens WHERE used_at IS NULL").len();
    assert_eq!(open(), 1);
    let form = administrator.get(&format!("{page}/edit")).await.expect(200);
    let version = form.values("input[name=version]", "value").remove(0);
    let fields = [("version", version.as_str()), ("name", "Olga Owner-Smith"), ("email", "olga@people.test")];
    administrator.post(&page, &fields).await.expect(303);
    assert_eq!(open(), 0);
    let to =
        texts(&portal, "SELECT to_address AS text FROM mails WHERE kind = 'account-changed' ORDER BY id");
    assert_eq!(to, ["owner@people.test", "olga@people.test"]);
    let stale = [("version", version.as_str()), ("name", "Olga Smith"), ("email", "olga@people.test")];
    administrator.post(&page, &stale).await.expect(409);
    let taken = [("name", "Olga"), ("email", "Stranger@people.test")];
    let shown = administrator.post(&page, &taken).await.expect(422);
    assert!(shown.error("email").contains("Another account has this address"));
    let staff = format!("/staff/holders/{}", people.reviewer.id);
    administrator.post(&staff, &[("name", "Rita"), ("email", "rita@people.test")]).await.expect(422);
}

#[actix_web::test]
async fn holders_are_found_by_name_address_and_certificate_number_also_with_signs_of_patterns() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.holder("percent_100@people.test", "Łukasz Żółć");
    portal.holder("zoe@elsewhere.test", "Zoë Ångström");
    let reviewer = portal.browser(&people.reviewer).await;
    for (search, expected) in [
        ("olga", vec!["Olga Owner"]),
        ("ANGSTROM", vec!["Zoë Ångström"]),
        ("elsewhere", vec!["Zoë Ångström"]),
        ("ehp-20", vec!["Stan Stranger"]),
        ("ehp 2002", vec!["Stan Stranger"]),
        ("percent_100", vec!["Łukasz Żółć"]),
        ("%", vec![]),
        ("_", vec!["Łukasz Żółć"]),
        ("\\", vec![]),
        ("nobody", vec![]),
    ] {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("q", search).finish();
        let page = reviewer.get(&format!("/staff/holders?{query}")).await.expect(200);
        assert_eq!(page.texts("tbody th a"), expected, "{search}");
        assert_eq!(page.values("#q", "value"), [search]);
    }
    let all = reviewer.get("/staff/holders").await.expect(200).texts("tbody th a");
    assert_eq!(all.len(), 4, "staff without certificates are no holders: {all:?}");
}

#[actix_web::test]
async fn the_list_of_holders_is_paged_by_name_in_both_directions() {
    let portal = TestPortal::new();
    let people = portal.people();
    for n in 0..110 {
        portal.holder(&format!("h{n}@many.test"), &format!("Same Name {}", n % 60));
    }
    let reviewer = portal.browser(&people.reviewer).await;
    let mut page = reviewer.get("/staff/holders?q=many.test").await.expect(200);
    let mut seen = page.values("tbody th a", "href");
    while let Some(next) = page.values(".pagination [rel=next]", "href").into_iter().next() {
        assert!(next.contains("q=many.test"));
        page = reviewer.get(&next).await.expect(200);
        seen.extend(page.values("tbody th a", "href"));
    }
    assert_eq!(seen.len(), 110);
    let mut different = seen.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), 110, "nobody twice, nobody left out");
    let back = page.values(".pagination [rel=prev]", "href").remove(0);
    assert_eq!(reviewer.get(&back).await.expect(200).values("tbody th a", "href"), seen[50..100]);
}

#[actix_web::test]
async fn everybody_who_cannot_sign_in_is_invited_once_asked() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.holder("none@people.test", "No Certificate");
    behind_its_back(&portal, "UPDATE accounts SET password_hash = 'x' WHERE email = 'stranger@people.test'");
    let administrator = portal.browser(&people.administrator).await;
    let answer = administrator.post("/staff/holders/invitations", &[]).await.expect(303);
    assert!(administrator.follow(answer).await.words().contains("1 invitation is in the outbox"));
    assert_eq!(kinds_of(&portal, people.owner.id), ["invitation"]);
    assert_eq!(texts(&portal, "SELECT kind AS text FROM mails").len(), 1);
}

/// Many who were imported and never invited.
fn crowd(portal: &TestPortal, many: usize) {
    for n in 0..many {
        let holder = portal.holder(&format!("h{n}@people.test"), &format!("Holder {n:03}"));
        portal.certificate(&holder, if n % 2 == 0 { "ISP" } else { "EHP" }, &format!("N-{n}"), "2026-03-15");
    }
    behind_its_back(portal, "UPDATE accounts SET invited_at = NULL WHERE role = 'holder'");
}

#[actix_web::test]
async fn a_second_click_invites_nobody_again_and_the_first_links_work_on() {
    let portal = TestPortal::new();
    crowd(&portal, 3);
    let ada = portal.account("ada@people.test", "Ada", Role::Administrator);
    let administrator = portal.browser(&ada).await;
    let page = administrator.get("/staff/holders").await.expect(200);
    assert!(
        page.words().contains("3 people in all with a certificate cannot sign in yet"),
        "{}",
        page.words()
    );
    let answer = administrator.post("/staff/holders/invitations", &[]).await.expect(303);
    administrator.follow(answer).await.expect(200);
    portal.clock.advance(chrono::TimeDelta::minutes(1));
    let answer = administrator.post("/staff/holders/invitations", &[]).await.expect(303);
    assert!(administrator.follow(answer).await.words().contains("Nobody was invited"));
    assert_eq!(texts(&portal, "SELECT kind AS text FROM mails").len(), 3);
    let page = administrator.get("/staff/holders").await.expect(200);
    assert!(page.words().contains("Also the 3 who were invited within the last day"), "{}", page.words());
    // with the tick they get another one, and the first still works
    administrator.post("/staff/holders/invitations", &[("again", "1")]).await.expect(303);
    let links: Vec<String> =
        texts(&portal, "SELECT body_text AS text FROM mails WHERE to_name = 'Holder 000' ORDER BY id")
            .iter()
            .map(|text| text[text.find("/invitation/").unwrap()..].lines().next().unwrap().to_owned())
            .collect();
    assert_eq!(links.len(), 2);
    for link in &links {
        portal.visitor().await.get(link).await.expect(200);
    }
    // a day later nobody has come: they are invited again without it
    portal.clock.advance(chrono::TimeDelta::hours(25));
    let administrator = portal.browser(&ada).await;
    administrator.post("/staff/holders/invitations", &[]).await.expect(303);
    assert_eq!(texts(&portal, "SELECT kind AS text FROM mails").len(), 9);
}

#[actix_web::test]
async fn invitations_follow_the_filter_and_the_ticks_and_go_out_in_waves() {
    let portal = TestPortal::new();
    crowd(&portal, 503);
    let ada = portal.account("ada@people.test", "Ada", Role::Administrator);
    let administrator = portal.browser(&ada).await;
    let ids = texts(&portal, "SELECT id || '' AS text FROM accounts WHERE role = 'holder' ORDER BY id");
    let answer = administrator
        .post("/staff/holders/invitations", &[("only", "ticked"), ("holder", &ids[0]), ("holder", &ids[1])])
        .await
        .expect(303);
    assert!(administrator.follow(answer).await.words().contains("2 invitations are in the outbox"));
    let answer = administrator.post("/staff/holders/invitations", &[("only", "ticked")]).await.expect(303);
    assert!(administrator.follow(answer).await.words().contains("Nobody was ticked"));
    let answer = administrator.post("/staff/holders/invitations", &[("q", "Holder 00")]).await.expect(303);
    assert_eq!(answer.location().as_deref(), Some("/staff/holders?q=Holder+00"));
    assert!(administrator.follow(answer).await.words().contains("8 invitations are in the outbox"));
    let page = administrator.get("/staff/holders?q=Holder+00").await.expect(200);
    assert!(page.words().contains("0 people of this list"), "{}", page.words());
    let page = administrator.get("/staff/holders?q=Holder+01").await.expect(200);
    assert!(page.words().contains("Invite all 10 people") && page.has("input[form=invite][name=holder]"));
    let mut left = Vec::new();
    for _ in 0..2 {
        let answer = administrator.post("/staff/holders/invitations", &[]).await.expect(303);
        left.push(administrator.follow(answer).await.text("[role=status]"));
    }
    assert!(left[0].contains("493 invitations are in the outbox."), "{left:?}");
    assert!(left[1].contains("Nobody was invited"), "{left:?}");
    let answer = administrator.post("/staff/holders/invitations", &[("again", "1")]).await.expect(303);
    let words = administrator.follow(answer).await.text("[role=status]");
    assert!(words.contains("500 invitations are in the outbox. 3 people are left"), "{words}");
}

#[actix_web::test]
async fn the_page_of_a_holder_tells_everything_staff_need_to_answer() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/holders/{}", people.owner.id)).await.expect(200);
    for words in
        ["owner@people.test", "ISP-1001", "A seminar", "3 waiting", "14 March 2027", "certificate granted"]
    {
        assert!(page.words().contains(words), "{words}: {}", page.words());
    }
    assert!(page.has(&format!("a[href='/staff/activities/{report}']")));
    assert!(
        !page.has("a[href$='/edit']") && !page.has("a[href$='/certificates']"),
        "for administrators only"
    );
    reviewer.get("/staff/holders/999").await.expect(404);
}

#[actix_web::test]
async fn everything_that_happened_stands_in_one_list_the_latest_first_page_by_page() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    for n in 0..20 {
        portal.clock.advance(chrono::TimeDelta::minutes(1));
        let id = portal.submitted(&people.owner, &format!("Course {n:02}"), "2026-05-02", 1);
        super::verdict(&reviewer, id, &[("decision", "approve")]).await.expect(303);
    }
    let path = format!("/staff/holders/{}", people.owner.id);
    let mut page = reviewer.get(&path).await.expect(200);
    assert!(page.text(".timeline li").contains("mail: minimum reached"), "{}", page.text(".timeline li"));
    let mut titles = Vec::new();
    loop {
        titles.extend(page.texts(".timeline li .event-title"));
        let Some(older) = page.values(".pagination [rel=next]", "href").into_iter().next() else { break };
        page = reviewer.get(&older).await.expect(200);
        assert!(page.has(".pagination [rel=prev]"));
    }
    let of = |what: &str| titles.iter().filter(|title| title.starts_with(what)).count();
    assert_eq!((of("activity approved, by Rita Reviewer"), of("mail: approved")), (20, 20));
    assert_eq!(of("mail: minimum reached"), 1);
    assert!(of("certificate granted") == 1 && of("account added") <= 1, "{titles:?}");

    let page = reviewer.get(&format!("{path}?part=mails")).await.expect(200);
    assert_eq!(page.texts(".timeline .event-title").len(), 21);
    let page = reviewer.get(&format!("{path}?part=reports")).await.expect(200);
    assert_eq!(page.text(".timeline li a"), "Course 19");
    assert_eq!(page.texts(".timeline .event-title").len(), 20);
    let page = reviewer.get(&format!("{path}?part=certificates")).await.expect(200);
    assert_eq!(page.texts(".timeline .event-title").len(), 1);
    reviewer.get(&format!("{path}?part=nonsense&event=x&mail=-9")).await.expect(200);
}

#[actix_web::test]
async fn a_second_certificate_of_one_certification_is_asked_about() {
    let portal = TestPortal::new();
    let people = portal.people();
    let isp =
        portal.texts("SELECT CAST(id AS TEXT) AS text FROM certifications WHERE code = 'ISP'").remove(0);
    let ada = portal.browser(&people.administrator).await;
    let path = format!("/staff/holders/{}/certificates", people.owner.id);
    let page = ada.get(&path).await.expect(200);
    assert!(!page.has("#twin"), "only when there is something to ask");
    let fields = [("certification", isp.as_str()), ("number", "ISP-Second"), ("granted_on", "1 March 2026")];
    let page = ada.post(&path, &fields).await.expect(422);
    assert!(
        page.error("twin").contains("This holder already has a certificate of this certification: ISP-1001."),
        "{}",
        page.error("twin")
    );
    assert_eq!(page.values("#number", "value"), ["ISP-Second"]);
    let mut meant = fields.to_vec();
    meant.push(("twin", "1"));
    ada.post(&path, &meant).await.expect(303);
}

#[actix_web::test]
async fn the_list_says_the_day_of_the_body_on_which_a_holder_was_added() {
    let portal = TestPortal::new();
    let people = portal.people();
    // half past eleven in the evening of 9 March by UTC is the tenth in Amsterdam
    behind_its_back(
        &portal,
        "UPDATE accounts SET created_at = '2026-03-09 23:30:00' WHERE email = 'owner@people.test'",
    );
    let page = portal.browser(&people.reviewer).await.get("/staff/holders?search=owner").await.expect(200);
    assert!(page.words().contains("10 Mar"), "{}", page.words());
}
