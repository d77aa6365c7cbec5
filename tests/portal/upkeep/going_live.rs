//! A new portal writes to no holder before an administrator says so, and never to one who was not invited.

use std::io::Cursor;
use std::ops::ControlFlow;

use cpe_portal::actions::ActionError;
use cpe_portal::actions::accounts::invite_again;
use cpe_portal::actions::mail::going_live::{WentLive, go_live, hold, holder_mails};
use cpe_portal::domain::codes::Stored;
use cpe_portal::domain::notices::notice_kind::NoticeKind;
use cpe_portal::domain::roles::{Administrator, Role};
use cpe_portal::jobs::delivery::{Delivered, deliver};
use cpe_portal::store::StoreError;
use cpe_portal::transfer::ImportChoices;
use cpe_portal::transfer::holders::import_holders;

use crate::support::process::command;
use crate::support::{Rights, TestPortal};
use crate::timetable::body::{approved, behind_its_back, practitioner, run_on, texts};

fn deliver_all(portal: &TestPortal) -> Delivered {
    deliver(portal, &mut || ControlFlow::Continue(())).unwrap()
}

fn states(portal: &TestPortal) -> Vec<String> {
    texts(portal, "SELECT kind || ' ' || state AS text FROM mails ORDER BY id")
}

/// A portal as it is on its first day.
fn not_live() -> TestPortal {
    let portal = TestPortal::new();
    hold(&portal, None).unwrap();
    portal
}

const FILE: &str = "email,name,certification,certificate_number,granted_on\n\
    ann@people.test,Ann,ISP,ISP-1,2025-12-20\n\
    ben@people.test,Ben,ISP,ISP-2,2025-12-20\n";

#[test]
fn after_an_import_the_next_runs_write_to_nobody_who_was_not_invited_and_the_stage_counts_as_before() {
    let portal = TestPortal::new();
    import_holders(&portal, Cursor::new(FILE.as_bytes()), None, &ImportChoices::default(), &mut |_| {})
        .unwrap();
    let report = run_on(&portal, "2026-11-23");
    assert_eq!(report.reminders.iter().filter(|line| line.sent).count(), 2);
    assert_eq!(deliver_all(&portal), Delivered::default());
    assert_eq!(states(&portal), ["reminder pending", "reminder pending"]);

    // three weeks later one of them is invited: a single reminder, with the figures of that day
    let admin = portal.account("admin@portal.test", "Ada", Role::Administrator);
    run_on(&portal, "2026-12-14");
    let ann = texts(&portal, "SELECT id || '' AS text FROM accounts WHERE name = 'Ann'")[0].parse().unwrap();
    invite_again(&portal, cpe_portal::domain::ids::AccountId(ann), admin.as_reviewer()).unwrap();
    assert_eq!(deliver_all(&portal).sent, 2);
    let sent = portal.delivered();
    let kinds: Vec<&str> = sent.iter().map(|mail| mail.kind.as_str()).collect();
    assert_eq!(
        (kinds.as_slice(), sent[0].to_address.as_str()),
        (["reminder", "invitation"].as_slice(), "ann@people.test")
    );
    assert!(sent[0].text.contains("(5 days left)"), "{}", sent[0].text);
    let discarded =
        texts(&portal, "SELECT m.id || '' AS text FROM discarded_mails d JOIN mails m ON m.id = d.mail_id");
    assert_eq!(discarded, ["1"]);
    let reasons = texts(&portal, "SELECT last_error AS text FROM mails WHERE id = 1");
    assert_eq!(
        reasons,
        ["Not sent: it was held, and one reminder with the figures of 14 December 2026 goes instead."]
    );
}

#[test]
fn while_the_portal_is_not_live_only_staff_invitations_resets_and_tests_are_mailed() {
    let portal = not_live();
    let (ann, _) = practitioner(&portal, "Ann", "2025-12-20");
    let reviewer = portal.account("reviewer@portal.test", "Rob", Role::Reviewer);
    crate::timetable::delivery::write(
        &portal,
        &ann,
        &["reminder", "approved", "invitation", "password-reset", "test", "account-changed"],
    );
    crate::timetable::delivery::write(&portal, &reviewer, &["reply", "reminder"]);
    assert_eq!(deliver_all(&portal).sent, 5);
    let held = texts(&portal, "SELECT kind AS text FROM mails WHERE state = 'pending' ORDER BY id");
    assert_eq!(held, ["reminder", "approved", "account-changed"]);
    assert_eq!(holder_mails(&portal).unwrap().held(), 3);
}

#[test]
fn going_live_sends_one_true_reminder_to_each_holder_and_what_has_happened() {
    let portal = not_live();
    let (ann, _) = practitioner(&portal, "Ann", "2025-12-20");
    let (ben, _) = practitioner(&portal, "Ben", "2025-12-20");
    practitioner(&portal, "Cem", "2025-11-25");
    for today in ["2026-09-25", "2026-10-25", "2026-11-20"] {
        run_on(&portal, today);
    }
    crate::timetable::delivery::write(&portal, &ann, &["approved"]);
    // Ben has enough since, and the year of Cem is over
    approved(&portal, &ben, "2026-11-21", 25);
    portal.clock.set_local(crate::support::day("2026-11-26"), 10);
    let admin = portal.account("admin@portal.test", "Ada", Role::Administrator);
    let seen = holder_mails(&portal).unwrap();
    let done = go_live(&portal, Some(admin.as_administrator()), &[], Some(seen.seen)).unwrap();
    assert_eq!(done.leaving, 2);
    assert_eq!(deliver_all(&portal).sent, 2);
    let sent = portal.delivered();
    let told: Vec<(&str, &str)> = sent.iter().map(|m| (m.to_name.as_str(), m.kind.as_str())).collect();
    assert_eq!(told, [("Ann", "reminder"), ("Ann", "approved")]);
    assert!(sent[0].text.contains("(23 days left)"), "{}", sent[0].text);
    assert_eq!(texts(&portal, "SELECT state AS text FROM mails WHERE state = 'pending'").len(), 0);
    // nothing is sent a second time; what happens from now on leaves at once
    run_on(&portal, "2026-11-26");
    assert_eq!(deliver_all(&portal).sent, 1);
    let last = portal.delivered().pop().unwrap();
    assert_eq!((last.to_name.as_str(), last.kind.as_str()), ("Cem", "flagged"));
    let told = texts(
        &portal,
        "SELECT detail AS text FROM history WHERE event = 'mails to holders leave' ORDER BY id DESC LIMIT 1",
    );
    assert_eq!(told, [format!("2 on the way, {} not sent", done.discarded)]);
}

#[test]
fn a_kind_that_the_administrator_ticks_is_not_sent_and_only_an_administrator_decides() {
    let portal = not_live();
    let (ann, _) = practitioner(&portal, "Ann", "2026-03-20");
    crate::timetable::delivery::write(&portal, &ann, &["approved", "reply"]);
    let reviewer = portal.account("reviewer@portal.test", "Rob", Role::Reviewer);
    let seen = Some(holder_mails(&portal).unwrap().seen);
    assert!(Administrator::of(reviewer.actor()).is_none(), "a reviewer cannot let them leave");
    let done = go_live(&portal, None, &[Stored::Known(NoticeKind::Approved)], seen).unwrap();
    assert_eq!(done, WentLive { leaving: 1, discarded: 1 });
    assert_eq!(states(&portal), ["approved failed", "reply pending"]);
    let twice = go_live(&portal, None, &[], seen);
    assert!(matches!(twice, Err(ActionError::Store(StoreError::Changed))));
}

#[test]
fn a_hold_that_begins_during_a_delivery_keeps_back_what_was_claimed_already() {
    let portal = TestPortal::new();
    let (ann, _) = practitioner(&portal, "Ann", "2026-03-20");
    crate::timetable::delivery::write(&portal, &ann, &["reply", "reply"]);
    let mut asked = 0;
    // asked before each mail: the hold begins between the first and the second
    deliver(&portal, &mut || {
        asked += 1;
        if asked == 2 {
            hold(&portal, None).unwrap();
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(states(&portal), ["reply sent", "reply pending"]);
}

#[actix_web::test]
async fn the_page_shows_what_waits_and_lets_it_leave() {
    let portal = not_live();
    let (ann, _) = practitioner(&portal, "Ann", "2026-03-20");
    crate::timetable::delivery::write(&portal, &ann, &["approved", "reply"]);
    let reviewer = portal.account("reviewer@portal.test", "Rob", Role::Reviewer);
    let admin = portal.account("admin@portal.test", "Ada", Role::Administrator);
    let page = portal.browser(&reviewer).await.get("/staff").await.expect(200);
    assert!(page.words().contains("emails to holders are held"), "{}", page.words());
    let page = portal.browser(&reviewer).await.get("/staff/mail/live").await.expect(200);
    assert!(page.words().contains("Approval of a report") && !page.has("input[name=discard]"));
    let admin = portal.browser(&admin).await;
    let setup = admin.get("/admin/setup").await.expect(200);
    assert!(setup.words().contains("Going live"));
    let page = admin.get("/staff/mail/live").await.expect(200);
    assert!(page.words().contains("2 emails are waiting"), "{}", page.words());
    let seen = page.values("input[name=seen]", "value")[0].clone();
    admin
        .post("/staff/mail/live", &[("leave", "on"), ("discard", "reply"), ("seen", &seen)])
        .await
        .expect(303);
    assert_eq!(states(&portal), ["approved pending", "reply failed"]);
    let page = admin.get("/staff/mail/live").await.expect(200);
    assert!(page.words().contains("The portal is live"), "{}", page.words());
    admin.post("/staff/mail/live", &[("leave", "off")]).await.expect(303);
    admin.post("/staff/mail/live", &[("leave", "off")]).await.expect(409);
    let page = admin.post("/staff/mail/live", &[("leave", "perhaps")]).await.expect(303);
    assert!(admin.follow(page).await.words().contains("Nothing was changed"));
    assert_eq!(deliver_all(&portal), Delivered::default());
}

#[test]
fn the_command_says_whether_mails_to_holders_leave_and_a_new_folder_begins_off() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let run = |arguments: &[&str]| {
        let done = command(&data, arguments).output().unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap())
    };
    let off = (Some(0), "off: emails to holders are held, 0 waiting\n".to_owned());
    let on = (Some(0), "on: emails to holders are sent\n".to_owned());
    assert_eq!(run(&["live"]), off);
    assert_eq!(run(&["live", "on"]), on);
    assert_eq!(run(&["live", "on"]), on);
    assert_eq!(run(&["live"]), on);
    assert_eq!(run(&["live", "off"]), off);
    assert_eq!(run(&["live", "on", "--discard", "nonsense"]).0, Some(2));
    assert_eq!(run(&["live", "perhaps"]).0, Some(2));
}

#[test]
fn a_folder_that_has_written_to_its_holders_is_live_and_another_is_not() {
    for (state, live) in [("sent", true), ("pending", false)] {
        let portal = TestPortal::new();
        let ann = portal.holder("ann@people.test", "Ann");
        crate::timetable::delivery::write(&portal, &ann, &["reminder"]);
        let sent = if state == "sent" { "'2026-11-01 10:00:00'" } else { "NULL" };
        behind_its_back(&portal, &format!("UPDATE mails SET state = '{state}', sent_at = {sent}"));
        super::back_before(&portal, "going_live");
        let again = cpe_portal::store::Store::open(portal.store.file().unwrap()).unwrap();
        let held = again.read(cpe_portal::store::mail::holder_holds::is_held).unwrap();
        assert_eq!(held, !live, "{state}");
    }
}
