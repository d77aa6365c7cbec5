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
    page.values("#calendar-address", "value")[0].strip_prefix("http://portal.test").unwrap().to_owned()
}

#[actix_web::test]
async fn an_answer_that_is_loaded_again_makes_no_second_address() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Flora", "2026-01-01");
    let browser = portal.browser(&holder).await;
    browser.get("/account").await.expect(200);
    let token = browser.token().await;
    let form = [("csrf_token", token.as_str())];
    let page = browser.post_bare("/account/calendar", &form).await.expect(200);
    let shown = page.values("#calendar-address", "value").remove(0);
    let again = browser.post_bare("/account/calendar", &form).await.expect(303);
    assert_eq!(again.location().as_deref(), Some("/account"));
    let path = shown.strip_prefix("http://portal.test").unwrap();
    portal.visitor().await.get(path).await.expect(200);
    // who asks for another one on the page that stands now gets it, and the first one stops working
    let fresh = browser.get("/account").await.expect(200);
    assert!(!fresh.has("#calendar-address"), "it was shown once");
    let other = address(&browser).await;
    assert_ne!(other, path);
    portal.visitor().await.get(path).await.expect(404);
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
    let words = file.html().replace("ACTION:DISPLAY", "");
    for private in ["Flora", "ISP", &holder.email] {
        assert!(!words.contains(private), "{private}");
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
        alarms: vec![14, 1],
    };
    let lines = read(&written("CPE", std::slice::from_ref(&entry), "2026-11-23T09:00:00".parse().unwrap()));
    assert_eq!(values(&lines, "SUMMARY")[0], format!("Zürich\\, Ä\\; \\\\ {}", "é😀".repeat(60)));
    assert_eq!(values(&lines, "DESCRIPTION")[0], "one\\ntwo\\nthree");
    assert_eq!(values(&lines, "DTEND;VALUE=DATE"), ["20280101"]);
    assert_eq!(values(&lines, "DTSTAMP"), ["20261123T090000Z"]);
    assert_eq!(values(&lines, "TRIGGER"), ["-P13DT15H", "-PT15H"], "at nine in the morning, not at midnight");
}

/// A component of a calendar: its name, its properties, and the components inside it. Refuses what is not closed in order.
struct Component {
    name: String,
    properties: Vec<(String, String)>,
    inside: Vec<Component>,
}

impl Component {
    fn read(lines: &mut impl Iterator<Item = (String, String)>, name: String) -> Self {
        let mut component = Self { name, properties: Vec::new(), inside: Vec::new() };
        loop {
            match lines.next().expect("a component that does not end") {
                (begin, name) if begin == "BEGIN" => component.inside.push(Self::read(lines, name)),
                (end, name) if end == "END" => {
                    assert_eq!(name, component.name, "another component ends");
                    return component;
                }
                property => component.properties.push(property),
            }
        }
    }

    fn file(file: &str) -> Self {
        let mut lines = read(file).into_iter();
        let (begin, name) = lines.next().unwrap();
        assert_eq!((begin.as_str(), name.as_str()), ("BEGIN", "VCALENDAR"));
        let calendar = Self::read(&mut lines, name);
        assert!(lines.next().is_none(), "something stands behind the calendar");
        calendar
    }

    fn one(&self, name: &str) -> String {
        let found = values(&self.properties, name);
        assert_eq!(found.len(), 1, "{name} in {}", self.name);
        found[0].clone()
    }

    /// The alarms of each entry by its title, in whole days and hours before it.
    fn alarms(&self) -> Vec<(String, Vec<(i64, i64)>)> {
        let before = |alarm: &Component| {
            assert_eq!((alarm.name.as_str(), alarm.one("ACTION").as_str()), ("VALARM", "DISPLAY"));
            assert!(!alarm.one("DESCRIPTION").is_empty(), "a display alarm says something");
            // dur-value: (["+"] / "-") "P" (dur-date / dur-time / dur-week)
            let trigger = alarm.one("TRIGGER");
            let text = trigger.strip_prefix("-P").unwrap();
            let (days, hours) = text.split_once('T').unwrap_or((text, "0H"));
            let days = days.strip_suffix('D').unwrap_or("0").parse().unwrap();
            (days, hours.strip_suffix('H').unwrap().parse().unwrap())
        };
        let entries = self.inside.iter().filter(|entry| entry.name == "VEVENT");
        entries.map(|entry| (entry.one("SUMMARY"), entry.inside.iter().map(before).collect())).collect()
    }
}

async fn feed(portal: &TestPortal, address: &str) -> Component {
    Component::file(&portal.visitor().await.get(address).await.expect(200).html())
}

#[actix_web::test]
async fn a_deadline_is_remembered_on_the_days_of_the_reminders_as_long_as_one_would_go_out() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let address = address(&browser).await;
    let deadline = |before: &[i64]| {
        let at_nine = before.iter().map(|days| (days - 1, 15)).collect::<Vec<_>>();
        ("CPE deadline".to_owned(), at_nine)
    };
    let stages = [90, 60, 30, 14, 7, 1];
    // the year in progress and the one after it
    assert_eq!(feed(&portal, &address).await.alarms(), [deadline(&stages), deadline(&stages)]);
    // what waits for review covers what is missing: no reminder goes out, and none is shown
    portal.submitted(&people.owner, "A long course", "2026-10-05", 20);
    assert_eq!(feed(&portal, &address).await.alarms(), [deadline(&[]), deadline(&stages)]);
}

#[actix_web::test]
async fn a_policy_with_a_stage_for_every_day_makes_no_calendar_that_grows_with_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let now = portal.clock.now();
    let many = portal.store.write(|conn| {
        let mut next = policies::all(conn)?.newest().clone();
        next.version = 2;
        next.first_day = day("2026-01-01");
        next.stages = (1..=365).rev().collect();
        policies::add(conn, &next, people.administrator.id, now)
    });
    many.unwrap();
    let browser = portal.browser(&people.owner).await;
    let calendar = feed(&portal, &address(&browser).await).await;
    for (_, alarms) in calendar.alarms() {
        assert_eq!(alarms, (0..12).rev().map(|days| (days, 15)).collect::<Vec<_>>(), "the nearest twelve");
    }
}

#[actix_web::test]
async fn a_deadline_that_has_passed_and_a_year_that_is_flagged_remind_of_nothing() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    let browser = portal.browser(&holder).await;
    let alarms = feed(&portal, &address(&browser).await).await.alarms();
    assert_eq!(alarms[0], ("CPE deadline".to_owned(), vec![]));
    assert_eq!(alarms[1], ("CPE: last day to answer".to_owned(), vec![]));
    assert!(!alarms[2].1.is_empty(), "the year in progress does");
}

#[actix_web::test]
async fn the_address_is_copied_or_opened_and_a_page_that_is_loaded_again_is_no_mistake() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let page = browser.post("/account/calendar", &[]).await.expect(200);
    let address = page.values("input#calendar-address[readonly]", "value").remove(0);
    assert!(page.has("button[type=button][data-copy=calendar-address][hidden]"), "shown by the script");
    let opens = page.values("a.button[href^='webcal://']", "href").remove(0);
    assert_eq!(opens.strip_prefix("webcal:"), address.strip_prefix("http:"));
    let page = browser.get("/account/calendar").await.expect(303);
    let page = browser.follow(page).await.expect(200);
    assert!(page.words().contains("You have had an address since 23 November 2026"), "{}", page.words());
    assert!(!page.html().contains(&address), "it was shown once");
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
