use cpe_portal::domain::ids::CertificateId;

use super::{decision, verdict};
use crate::support::{TestPortal, day};
use crate::timetable::body::{approved, dry_on, kinds_of, practitioner, run_on, texts};

fn years(portal: &TestPortal, certificate: CertificateId) -> Vec<String> {
    let sql = format!(
        "SELECT number || ' ' || COALESCE(outcome, CASE WHEN flagged_on IS NULL THEN 'open' ELSE 'flagged' END) AS text \
         FROM certification_years WHERE certificate_id = {certificate} ORDER BY number"
    );
    texts(portal, &sql)
}

/// What the public page says: the heading of the badge.
async fn public_state(portal: &TestPortal, number: &str) -> String {
    let visitor = portal.visitor().await;
    let page = visitor.get(&format!("/verify?number={number}")).await.expect(200);
    assert_eq!(page.header("cache-control").as_deref(), Some("no-store"));
    page.text(".badge h2")
}

/// A practitioner who is flagged on 1 January 2027, with the clock there.
fn flagged(portal: &TestPortal) -> (cpe_portal::store::accounts::Account, CertificateId) {
    let (holder, certificate) = practitioner(portal, "Flora", "2026-01-01");
    approved(portal, &holder, "2026-05-02", 5);
    run_on(portal, "2027-01-01");
    assert_eq!(years(portal, certificate)[0], "1 flagged");
    (holder, certificate)
}

#[actix_web::test]
async fn g12_a_flag_of_1_january_is_confirmed_from_16_january_on_and_everything_happens_at_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = flagged(&portal);

    portal.clock.set_local(day("2027-01-15"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let path = format!("/staff/certificates/{certificate}/decertification");
    let page = administrator.get(&path).await.expect(200);
    assert!(page.words().contains("the flag can be confirmed from 16 January 2027 on"), "{}", page.words());
    assert!(!page.has("form[action$='/decertification']"));
    let fields = [("year", "1"), ("reason", "Too few credits."), ("confirmed", "1")];
    let page = administrator.post(&path, &fields).await.expect(422);
    assert!(page.text(".error-summary").contains("from 16 January 2027 on"));
    assert_eq!(
        public_state(&portal, "ISP-Flora").await,
        "Valid",
        "nobody's badge fails before somebody has decided"
    );

    portal.clock.set_local(day("2027-01-16"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    assert_eq!(page.texts(".heading .tag"), ["In force", "Flagged"]);
    assert_eq!(page.texts("a.danger"), ["Decertify… over year 1"], "the word that the next page has");
    let page = decision(&administrator, certificate, "decertification", &[]).await.expect(422);
    assert_eq!(page.error("reason"), "Error: Give the reason. The holder reads it.");
    let reason = [("reason", "Fifteen credits are missing.")];
    let done = decision(&administrator, certificate, "decertification", &reason).await.expect(303);
    let page = administrator.follow(done).await;
    assert_eq!(
        page.values(".notice[role=status] a", "href"),
        ["/staff/flagged"],
        "the way back to the others"
    );
    assert_eq!(page.texts(".heading .tag"), ["Decertified"]);
    assert_eq!(years(&portal, certificate), ["1 decertified", "2 void", "3 void"]);
    assert_eq!(public_state(&portal, "ISP-Flora").await, "Withdrawn", "at once");
    assert_eq!(kinds_of(&portal, holder.id).last().unwrap(), "decertified");
    let mail = texts(&portal, "SELECT body_text AS text FROM mails WHERE kind = 'decertified'").remove(0);
    assert!(mail.contains("Fifteen credits are missing."), "{mail}");
    let counted = texts(&portal, "SELECT CAST(credits AS TEXT) AS text FROM year_counts");
    assert_eq!(counted, [(5 * 36_000).to_string()], "what the year counted is recorded");
    let events =
        texts(&portal, "SELECT event AS text FROM history WHERE event LIKE 'certificate decertified'");
    assert_eq!(events.len(), 1);

    let visitor = portal.visitor().await;
    let page = visitor.get("/verify?number=isp-flora").await.expect(200);
    assert!(!page.words().contains("missing"), "no reason is public");
    let page = administrator.get(&path).await.expect(200);
    assert!(page.words().contains("This certificate is decertified"));
    decision(&administrator, certificate, "decertification", &[("year", "1"), ("reason", "Again")])
        .await
        .expect(422);
    run_on(&portal, "2027-12-01");
    assert_eq!(kinds_of(&portal, holder.id).last().unwrap(), "decertified", "no deadlines any more");
}

#[actix_web::test]
async fn a_decertification_waits_for_reports_that_could_still_meet_the_minimum() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = flagged(&portal);
    portal.clock.set_local(day("2027-01-20"), 10);
    let late = portal.submitted(&holder, "Reported late, completed in time", "2026-12-01", 15);
    let administrator = portal.browser(&people.administrator).await;
    let fields = [("year", "1"), ("reason", "Too few credits."), ("confirmed", "1")];
    let path = format!("/staff/certificates/{certificate}/decertification");
    let page = administrator.post(&path, &fields).await.expect(422);
    assert!(page.text(".error-summary").contains("Review those first"));
    let shown = format!("/staff/certificates/{certificate}");
    let words = administrator.get(&shown).await.expect(200).text(".card.bad");
    assert!(words.contains("reports waiting for review could still meet the minimum"), "{words}");
    assert!(!words.contains("0 credits are missing"), "{words}");

    verdict(&administrator, late, &[("decision", "approve")]).await.expect(303);
    let page = administrator.post(&path, &fields).await.expect(422);
    assert!(page.text(".error-summary").contains("The next run of the timetable lifts the flag"));
    let words = administrator.get(&shown).await.expect(200).text(".card.bad");
    assert!(
        words.contains("its minimum is now met, and the flag ends by itself, within the hour during the day"),
        "{words}"
    );
    assert_eq!(years(&portal, certificate)[0], "1 flagged", "only the run lifts a flag");
    run_on(&portal, "2027-01-20");
    assert_eq!(years(&portal, certificate)[0], "1 recertified");
    assert_eq!(kinds_of(&portal, holder.id).last().unwrap(), "flag-lifted");
}

#[actix_web::test]
async fn a_waiver_settles_the_flagged_year_without_credits_and_keeps_the_badge() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = flagged(&portal);
    let administrator = portal.browser(&people.administrator).await;
    decision(&administrator, certificate, "waiver", &[("reason", "A long illness.")]).await.expect(303);
    assert_eq!(years(&portal, certificate), ["1 waived", "2 open", "3 open"]);
    let approved = texts(
        &portal,
        "SELECT CAST(approved AS TEXT) AS text FROM certification_years WHERE outcome = 'waived'",
    );
    assert_eq!(approved, ["0"]);
    assert!(texts(&portal, "SELECT CAST(credits AS TEXT) AS text FROM year_counts").is_empty());
    assert_eq!(kinds_of(&portal, holder.id).last().unwrap(), "waived");
    assert_eq!(public_state(&portal, "ISP-Flora").await, "Valid");
    let valid_until = texts(
        &portal,
        &format!("SELECT valid_until AS text FROM badges WHERE certificate_id = {certificate}"),
    );
    assert_eq!(valid_until, ["2028-03-30"], "90 days after the deadline of the year in progress");
    decision(&administrator, certificate, "waiver", &[("reason", "Again")]).await.expect(422);
    assert!(dry_on(&portal, "2027-01-02").flagged.is_empty(), "it is not flagged again");
}

#[actix_web::test]
async fn an_extension_ends_the_flag_and_counts_what_is_completed_up_to_the_new_deadline() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = flagged(&portal);
    let administrator = portal.browser(&people.administrator).await;
    for (until, message) in [
        ("", "Enter a day"),
        ("soon", "“soon” as a day"),
        ("3/4/2027", "can be 3 April 2027 or 4 March 2027"),
        ("2027-01-01", "Choose a day after today."),
        ("2026-06-01", "Choose a day after today."),
        ("2028-01-01", "no later than 31 December 2027"),
    ] {
        let fields = [("reason", "A good reason."), ("until", until)];
        let page = decision(&administrator, certificate, "extension", &fields).await.expect(422);
        assert!(page.error("until").contains(message), "{until}: {}", page.error("until"));
        assert_eq!(page.text("#reason"), "A good reason.");
        assert_eq!(page.values("#until", "value"), [until]);
    }
    // both faults are told at once
    let fields = [("reason", " "), ("until", "soon")];
    let page = decision(&administrator, certificate, "extension", &fields).await.expect(422);
    assert!(page.error("until").contains("“soon” as a day"), "{}", page.error("until"));
    assert!(page.error("reason").contains("reason"), "{}", page.error("reason"));
    assert_eq!(years(&portal, certificate)[0], "1 flagged");
    let fields = [("reason", "A good reason."), ("until", "31 March 2027")];
    decision(&administrator, certificate, "extension", &fields).await.expect(303);
    assert_eq!(years(&portal, certificate)[0], "1 open");
    assert_eq!(kinds_of(&portal, holder.id).last().unwrap(), "extended");
    let page = administrator.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    assert!(page.words().contains("Extension of year 1 until 31 March 2027, by Ada Administrator"));
    // the two years' days overlap, and each says which are its own
    let year = |n: i64| page.text(&format!("section[aria-labelledby='year-{n}']"));
    let words = "what is completed until 31 March 2027 counts for this year, and not for year 2.";
    assert!(year(1).contains(words), "{}", year(1));
    assert!(year(2).contains("until 31 March 2027 counts for year 1"), "{}", year(2));
    assert!(year(2).contains("This year counts from 1 April 2027 on."), "{}", year(2));

    portal.clock.set_local(day("2027-02-10"), 10);
    approved(&portal, &holder, "2027-02-01", 15);
    run_on(&portal, "2027-04-01");
    assert_eq!(years(&portal, certificate)[0], "1 recertified");
    let later = portal.browser(&people.administrator).await;
    let page = later.get(&format!("/staff/certificates/{certificate}")).await.expect(200);
    assert!(page.text("section.card:nth-of-type(1)").contains("0 approved"), "no day counts twice");
}

#[actix_web::test]
async fn the_longest_extension_is_365_days_after_the_years_end_also_for_an_open_year_and_more_than_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let certificate = people.owner_certificate;
    let fields = |until| [("reason", "Parental leave."), ("until", until)];
    decision(&administrator, certificate, "extension", &fields("2027-06-01")).await.expect(303);
    let page = decision(&administrator, certificate, "extension", &fields("2027-05-01")).await.expect(422);
    assert!(page.error("until").contains("after the current deadline, 1 June 2027"));
    let page = decision(&administrator, certificate, "extension", &fields("2028-03-14")).await.expect(422);
    assert!(page.error("until").contains("no later than 13 March 2028"));
    decision(&administrator, certificate, "extension", &fields("2028-03-13")).await.expect(303);
    assert_eq!(kinds_of(&portal, people.owner.id), ["extended", "extended"]);
}

#[actix_web::test]
async fn an_extension_never_reaches_into_a_later_year_that_has_counted_its_days() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = flagged(&portal);
    approved(&portal, &holder, "2027-05-02", 20);
    run_on(&portal, "2028-01-01");
    assert_eq!(years(&portal, certificate)[..2], ["1 flagged", "2 recertified"]);
    portal.clock.set_local(day("2027-12-01"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let fields = [("year", "1"), ("reason", "Late."), ("until", "2027-12-31")];
    let path = format!("/staff/certificates/{certificate}/extension");
    let page = administrator.post(&path, &fields).await.expect(422);
    assert!(page.error("until").contains("is settled and has counted its days"), "{}", page.words());
}

#[actix_web::test]
async fn a_reinstatement_waives_what_passed_opens_the_year_in_progress_and_issues_a_new_badge() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = flagged(&portal);
    portal.clock.set_local(day("2027-01-16"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let page =
        decision(&administrator, certificate, "reinstatement", &[("reason", "Too early.")]).await.expect(422);
    assert!(page.words().contains("there is nothing to reinstate"));
    decision(&administrator, certificate, "decertification", &[("reason", "Too few credits.")])
        .await
        .expect(303);
    let old_badge =
        texts(&portal, &format!("SELECT id AS text FROM badges WHERE certificate_id = {certificate}"))
            .remove(0);

    portal.clock.set_local(day("2029-05-01"), 10);
    let administrator = portal.browser(&people.administrator).await;
    decision(&administrator, certificate, "reinstatement", &[("reason", "The report was found.")])
        .await
        .expect(303);
    assert_eq!(years(&portal, certificate), ["1 waived", "2 waived", "3 waived", "4 open", "5 open"]);
    assert_eq!(public_state(&portal, "ISP-Flora").await, "Valid");
    let badges = texts(
        &portal,
        &format!(
            "SELECT valid_until || COALESCE(revoked_on, '') AS text FROM badges WHERE certificate_id = {certificate} ORDER BY issued_on"
        ),
    );
    assert_eq!(badges.len(), 2);
    assert_eq!(badges[1], "2030-03-31", "90 days after 31 December 2029");
    let visitor = portal.visitor().await;
    let page = visitor.get(&format!("/badges/{old_badge}")).await.expect(200);
    assert_eq!(page.text(".badge h2"), "Replaced by a newer badge");
    assert!(page.words().contains("the certificate has a newer badge"));
    assert_eq!(kinds_of(&portal, holder.id).last().unwrap(), "reinstated");
    let run = run_on(&portal, "2029-05-01");
    assert!(run.flagged.iter().all(|line| line.certificate != "ISP-Flora"));

    // and it can be lost again
    run_on(&portal, "2030-01-01");
    assert_eq!(years(&portal, certificate)[3], "4 flagged");
    portal.clock.set_local(day("2030-01-16"), 10);
    let administrator = portal.browser(&people.administrator).await;
    decision(&administrator, certificate, "decertification", &[("reason", "Again too few.")])
        .await
        .expect(303);
    assert_eq!(public_state(&portal, "ISP-Flora").await, "Withdrawn");
    decision(&administrator, certificate, "reinstatement", &[("reason", "The same day.")]).await.expect(303);
    assert_eq!(years(&portal, certificate)[3..5], ["4 waived", "5 open"]);
    assert_eq!(public_state(&portal, "ISP-Flora").await, "Valid");
}

#[actix_web::test]
async fn a_decertification_touches_no_other_certificate_of_the_holder() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    let other = portal.certificate(&holder, "DPP", "DPP-7", "2026-06-01");
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-16"), 10);
    let waiting = portal.submitted(&holder, "Counts for the other", "2027-01-10", 5);
    let administrator = portal.browser(&people.administrator).await;
    decision(&administrator, certificate, "decertification", &[("reason", "Too few credits.")])
        .await
        .expect(303);
    assert_eq!(years(&portal, other), ["1 open", "2 open"]);
    assert_eq!(public_state(&portal, "DPP-7").await, "Valid");
    let page = administrator.get(&format!("/staff/activities/{waiting}")).await.expect(200);
    assert!(page.words().contains("5 credits"), "{}", page.words());
}
