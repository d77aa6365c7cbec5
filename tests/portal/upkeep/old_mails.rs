//! Texts of emails that ended long ago are removed; everything else about them stays.

use chrono::{NaiveDateTime, TimeDelta};
use cpe_portal::domain::ids::MailId;
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::store::mail::mail_texts;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::check;
use crate::support::{TestPortal, day};
use crate::timetable::body::behind_its_back;

/// A mail to the owner in this state, last changed at this moment; gives its id.
fn mail(portal: &TestPortal, kind: &str, state: &str, changed: &str) -> i64 {
    let sent = if state == "sent" { format!("'{changed}'") } else { "NULL".to_owned() };
    behind_its_back(
        portal,
        &format!(
            "INSERT INTO mails (account_id, kind, to_name, to_address, subject, body_text, body_html, message_id, state, attempts, \
             next_attempt_at, created_at, updated_at, sent_at) SELECT 1, '{kind}', 'Olga', 'owner@people.test', 'About it', \
             'The words', '<p>The words</p>', 'm' || COALESCE(MAX(id), 0) || '@portal.test', '{state}', 1, '{changed}', \
             '2026-01-02 03:04:05', '{changed}', {sent} FROM mails"
        ),
    );
    portal.texts("SELECT CAST(MAX(id) AS TEXT) AS text FROM mails")[0].parse().unwrap()
}

fn texts(portal: &TestPortal, id: i64) -> String {
    portal.texts(&format!("SELECT body_text || body_html AS text FROM mails WHERE id = {id}")).remove(0)
}

fn housekeeping(portal: &TestPortal, on: &str) -> String {
    portal.clock.set_local(day(on), 3);
    let job = TIMETABLE.iter().find(|job| job.name.code() == "housekeeping").unwrap();
    let Tick::Ran(report) = tick(portal, job, &|| false).unwrap() else { panic!("not due") };
    report.summary
}

#[actix_web::test]
async fn the_text_of_an_email_is_removed_90_days_after_it_was_sent_and_everything_else_stays() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = mail(&portal, "reminder", "sent", "2026-11-23 10:00:00");
    let rest = || {
        portal.texts(&format!(
            "SELECT kind || to_name || to_address || subject || message_id || state || created_at || updated_at || sent_at \
             AS text FROM mails WHERE id = {id}"
        ))
    };
    let before = rest();
    let broken = || {
        let broken = check(&portal).into_iter().filter(|invariant| !invariant.problems.is_empty());
        broken.map(|invariant| invariant.name).collect::<Vec<_>>()
    };
    // the ninetieth night is a few hours too early
    housekeeping(&portal, "2027-02-21");
    let broken_before = broken();
    assert_eq!(texts(&portal, id), "The words<p>The words</p>");
    let summary = housekeeping(&portal, "2027-02-22");
    assert!(summary.contains("texts of old emails 1"), "{summary}");
    assert_eq!((texts(&portal, id), rest()), (String::new(), before));
    assert!(!housekeeping(&portal, "2027-02-23").contains("texts"));
    let staff = portal.browser(&people.reviewer).await;
    let page = staff.get(&format!("/staff/mail/{id}")).await.expect(200);
    assert!(page.words().contains("The text of this email was removed"), "{}", page.words());
    assert!(page.words().contains("About it") && !page.words().contains("The words"), "{}", page.words());
    assert_eq!(broken(), broken_before);
}

#[actix_web::test]
async fn what_waits_is_uncertain_failed_or_came_back_keeps_its_text_until_somebody_has_decided() {
    let portal = TestPortal::new();
    let people = portal.people();
    let long_ago = "2026-01-02 10:00:00";
    let waiting = ["pending", "claimed", "committing", "uncertain", "failed"]
        .map(|state| mail(&portal, "reminder", state, long_ago));
    let came_back = mail(&portal, "reminder", "sent", long_ago);
    behind_its_back(
        &portal,
        &format!(
            "INSERT INTO bounces (mail_id, account_id, address, words, noted_at) \
             VALUES ({came_back}, 1, 'owner@people.test', '', '2026-01-03 10:00:00')"
        ),
    );
    let discarded = mail(&portal, "reminder", "failed", long_ago);
    let of_discarded = format!("INSERT INTO discarded_mails VALUES ({discarded}, '2026-01-03 10:00:00')");
    behind_its_back(&portal, &of_discarded);
    let secret = mail(&portal, "invitation", "failed", long_ago);
    behind_its_back(
        &portal,
        &format!("INSERT INTO discarded_mails VALUES ({secret}, '2026-01-03 10:00:00')"),
    );
    housekeeping(&portal, "2026-11-24");
    for id in waiting.iter().chain([&came_back]) {
        assert_eq!(texts(&portal, *id), "The words<p>The words</p>", "{id}");
    }
    let staff = portal.browser(&people.reviewer).await;
    for id in [discarded, secret] {
        assert_eq!(texts(&portal, id), "");
        // there is nothing left that could be sent
        let page = staff.get(&format!("/staff/mail/{id}")).await.expect(200);
        assert!(!page.has(&format!("form[action='/staff/mail/{id}/dispatch']")), "{}", page.html());
    }
    // decided: an uncertain one arrived, and of the others nothing is to be done
    staff.post(&format!("/staff/mail/{}/arrival", waiting[3]), &[]).await.expect(303);
    staff.post(&format!("/staff/mail/{}/return/removal", waiting[4]), &[]).await.expect(303);
    staff.post(&format!("/staff/mail/{came_back}/return/removal"), &[]).await.expect(303);
    housekeeping(&portal, "2026-11-25");
    // what was decided today may be decided otherwise tomorrow, and what arrived as of today is of today
    for id in [waiting[3], waiting[4], came_back] {
        assert_ne!(texts(&portal, id), "", "{id}");
    }
    housekeeping(&portal, "2027-03-01");
    for id in [waiting[3], waiting[4], came_back] {
        assert_eq!(texts(&portal, id), "", "{id}");
    }
}

#[test]
fn how_long_texts_are_kept_is_a_setting_and_zero_keeps_them() {
    for (days, left) in [("0", "The words<p>The words</p>"), ("1", "")] {
        let portal = TestPortal::with(|settings| settings.mail_body_days = Some(days.to_owned()));
        portal.people();
        let id = mail(&portal, "reminder", "sent", "2000-01-02 10:00:00");
        housekeeping(&portal, "2026-11-24");
        assert_eq!(texts(&portal, id), left, "{days}");
    }
}

#[test]
fn old_texts_go_in_small_writes_by_an_index_that_what_is_done_has_left() {
    let portal = TestPortal::new();
    portal.people();
    let mut conn = SqliteConnection::establish(&portal.store.file().unwrap().to_string_lossy()).unwrap();
    conn.batch_execute(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1200) \
         INSERT INTO mails (account_id, kind, to_name, to_address, subject, body_text, body_html, message_id, state, attempts, \
         next_attempt_at, created_at, updated_at, sent_at) SELECT 1, 'reminder', 'O', 'owner@people.test', 's', 't', 'h', \
         'many' || n || '@portal.test', CASE n % 600 WHEN 0 THEN 'failed' ELSE 'sent' END, 1, '2026-01-02', '2026-01-02', \
         datetime('2026-01-02', (n / 3) || ' seconds'), '2026-01-02 00:00:00' FROM n",
    )
    .unwrap();
    let before = portal.clock.now() - TimeDelta::days(90);
    let mut after: Option<(NaiveDateTime, MailId)> = None;
    let mut writes = Vec::new();
    loop {
        let some = portal.store.write(|conn| mail_texts::blank_ended_before(conn, before, after)).unwrap();
        after = some.last;
        if after.is_none() {
            break;
        }
        writes.push(some.blanked);
    }
    // two failed and nobody has said that nothing is to be done
    assert_eq!(writes, [500, 499, 199]);
    let plan = crate::store::plans::steps(
        &mut conn,
        "SELECT id FROM mails WHERE mails.state IN ('sent', 'failed') AND mails.body_text <> '' AND updated_at < '2026-05-01' \
         AND updated_at >= '2026-01-01' AND (updated_at > '2026-01-01' OR id > 5) ORDER BY updated_at, id LIMIT 500",
    );
    assert!(plan.len() == 1 && plan[0].contains("mails_with_text (updated_at>"), "{plan:?}");
}
