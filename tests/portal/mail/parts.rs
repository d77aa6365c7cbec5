//! What stands in every mail: a subject with the figure, one button, where its reader stands, and what a cap took.

use cpe_portal::config::Settings;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::mail::{
    Approved, CapTaken, Notice, NoticeContext, Reminder, Rendered, StandingLines, Verdicts, YearLine,
};
use scraper::{Html, Selector};

use super::examples::{
    TOKEN, all, approved, flagged, officer, practitioner, reminder, render, returned, verdicts,
};
use super::{config, day};

#[test]
fn subjects_carry_the_figure_in_one_short_line() {
    let mut subjects: Vec<(&str, String)> = Vec::new();
    for notice in all() {
        let Rendered { kind, subject, .. } = render(notice);
        assert!(!subject.contains(['\n', '\r']) && subject.chars().count() <= 72, "{subject}");
        assert!(!subject.contains(".00"), "{subject}");
        for private in ["Brien", TOKEN, "ISP", "CDPO", "Practitioner", "Officer", "proof", "pity"] {
            assert!(!subject.contains(private), "{subject}");
        }
        subjects.push((kind.code(), subject));
    }
    subjects.dedup();
    let expected = [
        ("reminder", "5 credits by 14 March: 14 days left, and 1 more deadline"),
        ("reminder", "5 credits by 14 March: 14 days left"),
        ("friendly-reminder", "A friendly word: 5 credits by 14 March, 53 days left"),
        ("friendly-reminder", "A friendly word: 5 credits by 14 March, 53 days left, and 1 more"),
        ("minimum-reached", "Minimum reached: 12 of 20 credits"),
        ("minimum-reached", "Minimum reached: 12 of 20 credits, and 1 more year"),
        ("recertified", "Recertified until 20 March 2028"),
        ("recertified", "Recertified until 20 March 2028, and 1 more certificate"),
        ("flagged", "Please answer by 29 March 2027: 5 credits missing"),
        ("flagged", "Please answer by 29 March 2027: 5 credits missing, and 1 more year"),
        ("flag-lifted", "Flag lifted: recertified until 20 March 2028"),
        ("flag-lifted", "Flag lifted: recertified until 20 March 2028, and 1 more certificate"),
        ("decertified", "A certificate of yours has been withdrawn"),
        ("reinstated", "In force again: 5 credits by 14 March 2027"),
        ("reinstated", "A certificate of yours is in force again"),
        ("ended", "A certificate of yours has ended, as you asked"),
        ("ended", "A certificate of yours has been withdrawn"),
        ("ended", "A certificate of yours has been replaced by a higher one"),
        ("corrected", "A certificate of yours has been corrected"),
        ("extended", "More time: 2 credits by 31 May 2027"),
        ("waived", "Waived: 5 credits that were missing"),
        ("returned", "A question about: Conference <b>2026</b>, 2.50 credits"),
        ("rejected", "Not approved: Reading at work"),
        ("verdict-taken-back", "We are looking again: Reading & writing, 1 credit"),
        ("question-taken-back", "No answer needed: Reading & writing, 2 credits"),
        ("correction-answered", "Corrected as you asked: A talk & more"),
        ("correction-answered", "Your report stays as it is: A talk & more"),
        ("approved", "Approved: 2 reports, 7.50 credits"),
        ("approved", "Approved: Training, 6 credits"),
        ("verdicts", "6 of your reports: 7.50 credits approved, 1 question, 1 not approved"),
        ("invitation", "Your account in the CPE portal"),
        ("password-reset", "Choose a new password for the CPE portal"),
        ("granted", "Congratulations on your certificate: 5 credits by 14 March 2027"),
        ("granted", "Congratulations on your certificate"),
        ("account-changed", "The password of your account was changed"),
        ("account-changed", "The email address of your account was changed"),
        ("test", "A test email from the CPE portal"),
        ("reply", "You have a new message in the CPE portal"),
    ];
    let said: Vec<(&str, &str)> = subjects.iter().map(|(kind, subject)| (*kind, subject.as_str())).collect();
    assert_eq!(said, expected);
}

#[test]
fn the_most_urgent_year_stands_in_a_subject_whatever_the_order() {
    let near = YearLine { deadline: day("2027-03-10"), missing: Credits::whole(1), ..officer() };
    let reminder = Reminder { today: day("2027-03-09"), years: vec![practitioner(), near] };
    assert_eq!(render(reminder).subject, "1 credit by 10 March: 1 day left, and 1 more deadline");
    let last = Reminder { today: day("2027-03-14"), years: vec![practitioner()] };
    assert_eq!(render(last).subject, "5 credits by 14 March: today is the last day");
    let far = Reminder { today: day("2026-03-14"), years: vec![practitioner()] };
    assert_eq!(render(far).subject, "5 credits by 14 March 2027: 365 days left");
}

#[test]
fn a_subject_names_the_report_in_one_line_and_shortens_a_long_title_on_whole_words() {
    let subject = |title: &str| {
        let mut notice = returned();
        notice.title = title.to_owned();
        render(notice).subject
    };
    assert_eq!(subject("Häuser & <b>Türme</b>"), "A question about: Häuser & <b>Türme</b>, 2.50 credits");
    assert_eq!(subject("Talk\r\nBcc: a@b.example"), "A question about: Talk Bcc: a@b.example, 2.50 credits");
    assert_eq!(
        subject("International conference on data protection, day two"),
        "A question about: International conference on data…, 2.50 credits"
    );
    // exactly as long as there is room, and cut between words that end exactly there
    let exact = "a".repeat(40);
    assert_eq!(subject(&exact), format!("A question about: {exact}, 2.50 credits"));
    assert_eq!(
        subject(&format!("{} word", "a".repeat(39))),
        format!("A question about: {}…, 2.50 credits", "a".repeat(39))
    );
    let long = subject(&"Ω".repeat(200));
    assert_eq!(long, format!("A question about: {}…, 2.50 credits", "Ω".repeat(39)));
}

/// The buttons of a page: what they say, and where they lead.
fn buttons(html: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(html);
    let anchors = Selector::parse("table.button a").unwrap();
    page.select(&anchors).map(|a| (a.text().collect(), a.attr("href").unwrap().to_owned())).collect()
}

#[test]
fn every_mail_has_one_button_that_is_seen_without_a_style_sheet_and_the_text_has_the_same_first() {
    for notice in all() {
        let kind = notice.kind().code();
        let Rendered { text, html, .. } = render(notice);
        let buttons = buttons(&html);
        let [(label, href)] = buttons.as_slice() else { panic!("{kind}: {buttons:?}") };
        assert!(href.starts_with("https://cpe.example.org/"), "{kind}: {href}");
        // its words are not white on white where styles are half understood: colour and ground stand on the link itself
        let page = Html::parse_document(&html);
        let button = page.select(&Selector::parse("table.button a").unwrap()).next().unwrap();
        let style = button.attr("style").unwrap();
        for part in ["display:inline-block", "background-color:#0b5a6b", "color:#ffffff", "padding:"] {
            assert!(style.contains(part), "{kind}: {style}");
        }
        let in_text = [format!("{label}: {href}\n"), format!("{label}:\n{href}\n")];
        assert!(in_text.iter().any(|line| text.contains(line)), "{kind}: {label} {href}\n{text}");
    }
    let of = |notice: Notice| buttons(&render(notice).html).remove(0);
    let step = |words: &str, path: &str| (words.to_owned(), format!("https://cpe.example.org{path}"));
    assert_eq!(of(reminder().into()), step("Report an activity", "/activities/new"));
    assert_eq!(of(flagged().into()), step("Answer the flag", "/advice/new?year=3-2"));
    assert_eq!(of(returned().into()), step("Answer the question", "/activities/17"));
    assert_eq!(of(verdicts().into()), step("Answer the question", "/activities/17"));
    let only = Approved { activities: approved().activities.split_off(1) };
    assert_eq!(of(only.into()), step("Open the report", "/activities/16"));
    let find = |kind: &str| all().into_iter().find(|notice| notice.kind().code() == kind).unwrap();
    let appeal = step("Appeal against the decision", "/advice/new?kind=appeal&certificate=3");
    assert_eq!(of(find("decertified")), appeal);
    assert_eq!(of(find("corrected")), step("See the certificate", "/certificates/3"));
}

#[test]
fn every_mail_about_credits_says_where_its_reader_stands() {
    let expected = "\nNow, on 28 February 2027:
  Information Security Practitioner, certificate ISP-0042: 12 of 20 credits count, 3 are waiting for review, 5 missing, until 14 March 2027
  Certified Data Protection Officer, certificate CDPO-7: 38 of 40 credits count, 2 missing, until 31 May 2027
\n";
    for notice in all() {
        let text = render(notice.clone()).text;
        assert!(text.contains(expected), "{}: {text}", notice.kind().code());
        let plain = NoticeContext::new("Ada", &config(Settings::default()));
        let text = notice.render(&plain).unwrap().text;
        assert!(!text.contains("Now, on"), "{}: {text}", notice.kind().code());
    }
}

#[test]
fn a_standing_line_says_what_waits_what_is_missing_and_that_nothing_is() {
    let line = |approved: i64, pending: i64, missing: i64| {
        let year = YearLine {
            approved: Credits::whole(approved),
            pending: Credits::whole(pending),
            missing: Credits::whole(missing),
            ..practitioner()
        };
        let standing = StandingLines::new(day("2027-03-14"), vec![year]);
        let letter = NoticeContext::new("Ada", &config(Settings::default())).with_standing(standing);
        let text = Notice::from(returned()).render(&letter).unwrap().text;
        let line = text.lines().skip_while(|line| *line != "Now, on 14 March 2027:").nth(1).unwrap();
        line.split_once("ISP-0042: ").unwrap().1.to_owned()
    };
    assert_eq!(line(10, 0, 10), "10 of 20 credits count, 10 missing, until 14 March 2027");
    assert_eq!(
        line(19, 1, 0),
        "19 of 20 credits count, 1 is waiting for review, nothing else is missing, until 14 March 2027"
    );
    assert_eq!(line(20, 0, 0), "20 of 20 credits count, nothing is missing, until 14 March 2027");
    assert_eq!(line(24, 0, 0), "24 credits count and 20 are needed, nothing is missing, until 14 March 2027");
    let after = StandingLines::new(day("2027-03-15"), vec![practitioner()]);
    let letter = NoticeContext::new("Ada", &config(Settings::default())).with_standing(after);
    let text = Notice::from(returned()).render(&letter).unwrap().text;
    assert!(text.contains("5 missing; the deadline was 14 March 2027\n"), "{text}");
}

#[test]
fn of_many_certificates_the_most_urgent_are_listed_and_the_rest_counted() {
    let year = |number: i64| YearLine {
        certificate_number: format!("N-{number}"),
        deadline: day("2027-03-14") + chrono::Days::new(u64::try_from(number).unwrap()),
        missing: if number == 1 { Credits::ZERO } else { Credits::whole(1) },
        ..practitioner()
    };
    let standing = StandingLines::new(day("2027-02-28"), (1..=7).rev().map(year).collect());
    let letter = NoticeContext::new("Ada", &config(Settings::default())).with_standing(standing);
    let Rendered { text, html, .. } = Notice::from(returned()).render(&letter).unwrap();
    let listed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(", certificate ")?.1.split_once(':').map(|(number, _)| number))
        .collect();
    assert_eq!(listed, ["N-2", "N-3", "N-4", "N-5"]);
    assert!(text.contains("\n  and 3 more years on your dashboard\n"), "{text}");
    assert!(html.contains("<li>and 3 more years on your dashboard</li>"), "{html}");
}

#[test]
fn what_a_cap_took_is_said_where_the_credits_are() {
    let mut notice = approved();
    notice.activities[0].cap = Some(CapTaken {
        over: Credits::whole(7),
        cap: Credits::whole(5),
        taken_before: Credits::from_parts(126_000),
    });
    let words = "7 credits are over the limit of one publication and do not count: it earns at most 5 credits over its whole life, and other reports had taken 3.50.";
    assert!(render(notice.clone()).text.contains(&format!("  Credits: 1.50\n  {words}\n")));
    assert!(render(notice.clone()).html.contains(&format!("<p>{words}</p>")));
    let several = Verdicts { approved: notice.activities.clone(), others: Vec::new() };
    assert!(render(several).text.contains(words));
    notice.activities[0].cap =
        Some(CapTaken { over: Credits::whole(1), cap: Credits::whole(5), taken_before: Credits::ZERO });
    let one = "1 credit is over the limit of one publication and does not count: it earns at most 5 credits over its whole life.";
    assert!(render(notice).text.contains(one));
    assert!(!render(approved()).text.contains("limit of one publication"));
}
