//! The private calendar, read line by line as RFC 5545 says.

use cpe_portal::domain::icalendar::{CalendarEntry, written};
use cpe_portal::store::accounts::Account;
use cpe_portal::store::certification::policies;

use crate::support::{Browser, TestPortal, day};
use crate::timetable::body::{practitioner, run_on};

/// Unfolded lines as name (with its parameters) and value; refuses what a calendar program would.
fn read(file: &str) -> Vec<(String, String)> {
    assert!(file.ends_with("\r\n"));
    let physical: Vec<&str> = file.split_terminator("\r\n").collect();
    for line in &physical {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.contains(['\r', '\n']), "a bare line end");
    }
    let unfolded = file.replace("\r\n ", "");
    unfolded
        .split_terminator("\r\n")
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

fn values(lines: &[(String, String)], name: &str) -> Vec<String> {
    lines.iter().filter(|(found, _)| found == name).map(|(_, value)| value.clone()).collect()
}

async fn address(browser: &Browser) -> String {
    let page = browser.post("/account/calendar", &[]).await.expect(200);
    page.text("code").strip_prefix("http://portal.test").unwrap().to_owned()
}

#[actix_web::test]
async fn a_holder_subscribes_to_deadlines_and_the_last_day_to_answer() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    let browser = portal.browser(&holder).await;
    let address = address(&browser).await;
    let nobody = portal.visitor().await;
    let file = nobody.get(&address).await.expect(200);
    assert_eq!(file.header("content-type").as_deref(), Some("text/calendar; charset=utf-8"));
    assert!(file.header("cache-control").unwrap().starts_with("private"));
    let lines = read(&file.html());
    assert_eq!(lines[0], ("BEGIN".into(), "VCALENDAR".into()));
    assert_eq!(lines.last().unwrap(), &("END".into(), "VCALENDAR".into()));
    let days = values(&lines, "DTSTART;VALUE=DATE");
    assert_eq!(days[..2], ["20261231", "20270115"], "the deadline, and 14 days to answer");
    let uids = values(&lines, "UID");
    assert!(uids.iter().all(|uid| uid.ends_with("@portal.test")), "{uids:?}");
    assert_eq!(values(&lines, "DTSTAMP").len(), days.len());
    for private in ["Flora", "ISP", &holder.email] {
        assert!(!file.html().contains(private), "{private}");
    }
    assert_eq!(nobody.get(&address).await.html(), file.html(), "nothing changes without a cause");
}

#[actix_web::test]
async fn an_address_works_until_it_is_renewed_or_taken_away() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    let first = address(&owner).await;
    let second = address(&owner).await;
    let nobody = portal.visitor().await;
    nobody.get(&first).await.expect(404);
    nobody.get(&second).await.expect(200);
    let token = second.trim_start_matches("/calendar/").trim_end_matches(".ics");
    assert!(portal.dump().values().flatten().all(|row| !row.contains(token)), "only its hash is kept");
    owner.post("/account/calendar/removal", &[]).await.expect(303);
    nobody.get(&second).await.expect(404);
    for unknown in ["/calendar/x.ics", "/calendar/.ics", &format!("/calendar/{}.ics", "0".repeat(64))] {
        nobody.get(unknown).await.expect(404);
    }
}

#[actix_web::test]
async fn staff_see_how_long_reports_wait_and_when_flags_can_be_decided() {
    let portal = TestPortal::new();
    let people = portal.people();
    practitioner(&portal, "Flora", "2026-01-01");
    portal.submitted(&people.owner, "A secret conference", "2026-10-05", 3);
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-02"), 10);
    let reviewer = portal.browser(&people.reviewer).await;
    let address = address(&reviewer).await;
    let file = portal.visitor().await.get(&address).await.expect(200).html();
    let titles = values(&read(&file), "SUMMARY");
    assert!(titles[0].starts_with("Review: the oldest report has been waiting for "), "{titles:?}");
    assert_eq!(titles[1], "1 flagged year can be decided from today");
    assert_eq!(values(&read(&file), "DTSTART;VALUE=DATE")[1], "20270116");
    assert!(!file.contains("Flora") && !file.contains("secret"));
}

#[test]
fn long_lines_are_folded_between_characters_and_special_ones_escaped() {
    let entry = CalendarEntry {
        uid: "a@b".to_owned(),
        day: day("2027-12-31"),
        title: "Zürich, Ä; \\ ".to_owned() + &"é😀".repeat(60),
        words: "one\r\ntwo\nthree\u{7}".to_owned(),
        url: "https://portal.test/dashboard".to_owned(),
    };
    let lines = read(&written("CPE", std::slice::from_ref(&entry), "2026-11-23T09:00:00".parse().unwrap()));
    assert_eq!(values(&lines, "SUMMARY")[0], format!("Zürich\\, Ä\\; \\\\ {}", "é😀".repeat(60)));
    assert_eq!(values(&lines, "DESCRIPTION"), ["one\\ntwo\\nthree"]);
    assert_eq!(values(&lines, "DTEND;VALUE=DATE"), ["20280101"]);
    assert_eq!(values(&lines, "DTSTAMP"), ["20261123T090000Z"]);
}

/// Version 2 of the policy, from this day on: thirty days of notice instead of fourteen.
fn thirty_days_from(portal: &TestPortal, first_day: &str, by: &Account) {
    let now = portal.clock.now();
    portal
        .store
        .write(|conn| {
            let mut next = policies::all(conn)?.newest().clone();
            next.version = 2;
            next.first_day = day(first_day);
            next.notice_days = 30;
            policies::add(conn, &next, by.id, now)
        })
        .unwrap();
}

/// The day on which the staff's calendar says that flags can be decided.
async fn decided_from(portal: &TestPortal, staff: &Browser) -> String {
    let file = portal.visitor().await.get(&address(staff).await).await.expect(200).html();
    let lines = read(&file);
    let decide = values(&lines, "SUMMARY").iter().position(|title| title.contains("can be decided"));
    values(&lines, "DTSTART;VALUE=DATE")[decide.unwrap()].clone()
}

#[actix_web::test]
async fn the_calendar_of_staff_takes_the_notice_period_from_the_years_first_day_as_every_page_does() {
    let portal = TestPortal::new();
    let people = portal.people();
    practitioner(&portal, "Flora", "2026-01-01");
    // 365 days before its deadline the year had not begun, and version 1 was in force
    thirty_days_from(&portal, "2026-01-01", &people.administrator);
    run_on(&portal, "2027-01-01");
    let staff = portal.browser(&people.administrator).await;
    assert_eq!(decided_from(&portal, &staff).await, "20270201");
    let page = staff.get("/staff/flagged").await.expect(200);
    assert!(page.words().contains("can be decided from 1 February 2027 on"), "{}", page.words());
}

#[actix_web::test]
async fn an_extended_year_keeps_the_notice_period_of_its_first_day_in_the_calendar_too() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (_, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    thirty_days_from(&portal, "2026-06-01", &people.administrator);
    let staff = portal.browser(&people.administrator).await;
    let extension = [("year", "1"), ("until", "1 August 2027"), ("reason", "She was ill.")];
    staff.post(&format!("/staff/certificates/{certificate}/extension"), &extension).await.expect(303);
    run_on(&portal, "2027-08-02");
    let staff = portal.browser(&people.administrator).await;
    assert_eq!(decided_from(&portal, &staff).await, "20270817");
    let page = staff.get("/staff/flagged").await.expect(200);
    assert!(page.words().contains("can be decided from 17 August 2027 on"), "{}", page.words());
}
