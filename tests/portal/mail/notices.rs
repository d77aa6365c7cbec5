//! Every notice: what it tells, that text and page tell the same, and that nothing typed by people breaks either.

use std::collections::BTreeSet;

use cpe_portal::config::Settings;
use cpe_portal::domain::notices::notice_kind::NoticeKind;
use cpe_portal::mail::{
    FlagLifted, Granted, Invitation, Notice, NoticeContext, PasswordReset, Recertified, Reminder, Rendered,
};
use scraper::{Html, Selector};

use super::examples::{
    REASON, TOKEN, all, approved, certificate, flagged, officer, practitioner, reminder, render, returned,
    settled,
};
use super::{config, day, instant};

/// What a reader of the page sees, and where its links lead.
fn seen(html: &str) -> (String, BTreeSet<String>) {
    let page = Html::parse_document(html);
    let body = page.select(&Selector::parse("body").unwrap()).next().unwrap();
    let anchors = Selector::parse("a").unwrap();
    let links = page.select(&anchors).map(|a| a.attr("href").unwrap().to_owned());
    (body.text().collect::<Vec<_>>().join(" "), links.collect())
}

/// Words and figures, without marks around them.
fn words(text: &str) -> BTreeSet<String> {
    let bare = |word: &str| word.trim_matches(|c: char| ".,:;()>“”".contains(c)).to_owned();
    text.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect()
}

#[test]
fn there_is_a_notice_of_every_kind_with_its_word() {
    let made: BTreeSet<&str> = all().iter().map(|notice| notice.kind().code()).collect();
    let known: BTreeSet<&str> = NoticeKind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(made, known);
    let expected = "account-changed approved corrected correction-answered decertified ended extended flag-lifted flagged friendly-reminder \
                    granted invitation minimum-reached password-reset question-taken-back recertified reinstated rejected reminder reply returned \
                    test verdict-taken-back verdicts waived";
    assert_eq!(known.into_iter().collect::<Vec<_>>().join(" "), expected);
    for notice in all() {
        assert_eq!(render(notice.clone()).kind, notice.kind());
    }
}

#[test]
fn text_and_page_say_the_same() {
    for notice in all() {
        let kind = notice.kind().code();
        let Rendered { text, html, .. } = render(notice);
        let (page, links) = seen(&html);
        let mut on_page = words(&page);
        on_page.extend(links.iter().cloned());
        let (text_words, on_page) = (words(&text), on_page);
        let only_text: Vec<_> = text_words.difference(&on_page).collect();
        assert!(only_text.is_empty(), "{kind}: only in the text: {only_text:?}");
        let mut in_text = text_words;
        in_text.extend(["mailto:advice@example.org".to_owned()]);
        let only_page: Vec<_> = on_page.difference(&in_text).collect();
        assert!(only_page.is_empty(), "{kind}: only on the page: {only_page:?}");
    }
}

#[test]
fn every_notice_is_a_whole_letter() {
    for notice in all() {
        let kind = notice.kind().code();
        let Rendered { subject, text, html, .. } = render(notice);
        assert!(text.starts_with("Dear O'Brien & Söhne <x>,\n\n"), "{kind}: {text}");
        let person = if kind == "friendly-reminder" { "O'Brien & Söhne <x>, " } else { "" };
        let end = format!("\nKind regards,\n{person}Institut Zürich & Partners\n");
        assert!(text.contains(&end), "{kind}: {text}");
        assert!(text.contains("https://cpe.example.org"), "{kind}: {text}");
        assert!(!text.contains("\n\n\n") && !text.contains(" \n"), "{kind}: {text}");
        assert!(!text.contains("{{") && !html.contains("{%"), "{kind}");
        assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{kind}: {html}");
        let page = Html::parse_document(&html);
        let title = page.select(&Selector::parse("title").unwrap()).next().unwrap();
        assert_eq!(title.text().collect::<String>(), subject, "{kind}");
        for link in seen(&html).1 {
            assert!(
                link.starts_with("https://cpe.example.org") || link == "mailto:advice@example.org",
                "{kind}: {link}"
            );
        }
    }
}

#[test]
fn what_people_typed_is_text_on_the_page_and_untouched_in_the_text() {
    let Rendered { text, html, .. } = render(returned());
    assert!(text.contains("“Conference <b>2026</b>”"), "{text}");
    assert!(text.contains("\n> We asked twice, & got <no> answer.\n>\n> It's a \"pity\".\n"), "{text}");
    assert!(!html.contains("<b>") && !html.contains("<no>") && !html.contains("<x>"), "{html}");
    let (page, _) = seen(&html);
    assert!(page.contains("“Conference <b>2026</b>”"), "{page}");
    assert!(page.contains("Dear O'Brien & Söhne <x>,"), "{page}");
    let document = Html::parse_document(&html);
    let quote = document.select(&Selector::parse("blockquote").unwrap()).next().unwrap();
    assert_eq!(quote.text().collect::<String>(), REASON);
}

#[test]
fn a_typed_line_end_cannot_forge_a_paragraph_of_ours() {
    let mut forged = returned();
    forged.title = "Talk\n\nYour account is blocked: http://evil.example".to_owned();
    forged.reason = "No.\n\nKind regards,\rThe Director\u{2028}Pay now".to_owned();
    let text = render(forged).text;
    assert!(text.contains("“Talk Your account is blocked: http://evil.example”"), "{text}");
    assert!(text.contains("\n> Kind regards, The Director Pay now\n"), "{text}");
    let letter = NoticeContext::new("Eve\r\n\r\nPay now", &config(Settings::default()));
    let text = Notice::from(reminder()).render(&letter).unwrap().text;
    assert!(text.starts_with("Dear Eve Pay now,\n"), "{text}");
}

#[test]
fn a_reminder_tells_for_each_year_what_is_missing_until_when_and_whom_to_ask() {
    let text = render(reminder()).text;
    assert!(text.contains("2 of your certification years have a deadline ahead"), "{text}");
    let first = "Information Security Practitioner, certificate ISP-0042
  Certification year: 15 March 2026 to 14 March 2027
  Credits needed: 20.00
  Credits approved: 12.00
  Credits waiting for review: 3.00
  Still missing: 5.00
  Deadline: 14 March 2027 (14 days left)
";
    assert!(text.contains(first), "{text}");
    assert!(text.contains("\n  Deadline: 31 May 2027 (92 days left)\n"), "{text}");
    assert!(text.contains("https://cpe.example.org/dashboard"), "{text}");
    assert!(text.contains("Write to advice@example.org."), "{text}");
    assert!(text.contains("it counts for all of your active certificates"), "{text}");
}

#[test]
fn what_is_missing_is_rounded_up_and_what_is_there_down() {
    // 12.0099… approved and 4.9900… missing
    let text = render(reminder()).text;
    assert!(text.contains("Credits approved: 12.00\n"), "{text}");
    assert!(text.contains("Still missing: 5.00\n"), "{text}");
}

#[test]
fn one_year_and_one_day_are_told_in_the_singular() {
    let line = |today: &str| {
        let text = render(Reminder { today: day(today), years: vec![practitioner()] }).text;
        assert!(text.contains("a certification year of yours has a deadline ahead"), "{text}");
        assert!(!text.contains("all of your active certificates"), "{text}");
        text.lines().find(|line| line.starts_with("  Deadline")).unwrap().to_owned()
    };
    assert_eq!(line("2027-03-13"), "  Deadline: 14 March 2027 (1 day left)");
    assert_eq!(line("2027-03-12"), "  Deadline: 14 March 2027 (2 days left)");
    assert_eq!(line("2027-03-14"), "  Deadline: 14 March 2027 (today is the last day)");
}

#[test]
fn a_flag_says_what_is_missing_until_when_to_answer_and_that_people_decide() {
    let text = render(flagged()).text;
    for fact in [
        "Still missing: 5.00\n",
        "The deadline was: 14 March 2027\n",
        "You can answer until: 29 March 2027\n",
        "Nothing happens to your certificate automatically",
        "people look at every flag and decide",
        "Everything that you completed by the deadline still counts, even if you report it now.",
        "Write to advice@example.org:",
        "https://cpe.example.org/activities/new",
    ] {
        assert!(text.contains(fact), "{fact}\n{text}");
    }
}

#[test]
fn a_lifted_flag_says_both_that_it_is_lifted_and_until_when_it_recertifies() {
    let text = render(FlagLifted { years: vec![settled(practitioner())] }).text;
    for fact in [
        "the flag on your certification year has been lifted",
        "your certificate is recertified",
        "Recertified until: 20 March 2028, the next deadline\n",
        "The badge itself runs 90 days longer than the day above",
    ] {
        assert!(text.contains(fact), "{fact}\n{text}");
    }
}

#[test]
fn a_recertification_lists_the_years_and_their_next_deadlines() {
    let text = render(Recertified { years: vec![settled(practitioner()), settled(officer())] }).text;
    assert!(text.contains("2 certificates of yours are recertified"), "{text}");
    assert!(text.contains("certificate ISP-0042\n") && text.contains("certificate CDPO-7\n"), "{text}");
    assert_eq!(text.matches("Recertified until: 20 March 2028, the next deadline\n").count(), 2, "{text}");
}

#[test]
fn decisions_tell_their_reason_and_what_they_mean() {
    let text = |notice: &Notice| render(notice.clone()).text;
    let find = |kind: &str| all().into_iter().find(|notice| notice.kind().code() == kind).unwrap();
    let facts: [(&str, &[&str]); 4] = [
        (
            "decertified",
            &[
                "was withdrawn on 2 April 2027",
                "you may no longer use the title Information Security Practitioner",
                "digital badge of this certificate has been withdrawn",
                "Write to advice@example.org and tell us",
            ],
        ),
        (
            "reinstated",
            &["It is in force again", "a new digital badge has been issued", "Deadline: 14 March 2027"],
        ),
        ("extended", &["moved from 31 March 2027 to 31 May 2027", "New deadline: 31 May 2027"]),
        (
            "waived",
            &["have been waived", "The year counts as met", "There is nothing more that you have to do"],
        ),
    ];
    for (kind, facts) in facts {
        let text = text(&find(kind));
        for fact in facts {
            assert!(text.contains(fact), "{kind}: {fact}\n{text}");
        }
        assert!(text.contains("\n> We asked twice, & got <no> answer.\n"), "{kind}: {text}");
    }
}

#[test]
fn the_end_of_a_certificate_is_told_as_what_it_was() {
    let ended: Vec<Rendered> =
        all().into_iter().filter(|notice| notice.kind() == NoticeKind::Ended).map(render).collect();
    let subjects: Vec<&str> = ended.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(
        subjects,
        [
            "A certificate of yours has ended, as you asked",
            "A certificate of yours has been withdrawn",
            "A certificate of yours has been withdrawn",
            "A certificate of yours has been replaced by a higher one",
        ]
    );
    let [wish, mistake, misconduct, replaced] = &ended[..] else { panic!("four ways") };
    assert!(
        wish.text.contains("As you asked, a certificate of yours ended on 2 April 2027."),
        "{}",
        wish.text
    );
    assert!(wish.text.contains("says that it is no longer held, and not why"), "{}", wish.text);
    assert!(!wish.text.contains("appeal"), "{}", wish.text);
    assert!(
        mistake.text.contains("withdrawn on 2 April 2027: it was granted by mistake."),
        "{}",
        mistake.text
    );
    assert!(mistake.text.contains("says that it was withdrawn, and not why"), "{}", mistake.text);
    assert!(
        misconduct.text.contains("appeal against it on the page of the certificate"),
        "{}",
        misconduct.text
    );
    assert!(
        replaced.text.contains("  In its place: Information Security Expert & more, certificate ISME-9\n"),
        "{}",
        replaced.text
    );
    for mail in &ended {
        assert!(mail.text.contains("\n> We asked twice, & got <no> answer.\n"), "{}", mail.text);
    }
}

#[test]
fn a_correction_tells_old_and_new_and_the_year_that_follows() {
    let corrected: Vec<Rendered> =
        all().into_iter().filter(|notice| notice.kind() == NoticeKind::Corrected).map(render).collect();
    let [with_year, without] = &corrected[..] else { panic!("two") };
    assert!(with_year.text.contains("  Number: ISP-102 (it said ISP-10 & 2)\n"), "{}", with_year.text);
    assert!(
        with_year.text.contains("Your certification years have been recalculated."),
        "{}",
        with_year.text
    );
    assert!(with_year.text.contains("  Deadline: 14 March 2027\n"), "{}", with_year.text);
    assert!(!without.text.contains("have been recalculated"), "{}", without.text);
    assert!(without.text.contains("the badge keeps its address"), "{}", without.text);
}

#[test]
fn a_verdict_tells_the_report_the_reason_and_what_to_do() {
    let text = render(returned()).text;
    assert!(text.contains("Reason: Something that shows it took place is needed\n"), "{text}");
    assert!(text.contains("https://cpe.example.org/activities/17\n"), "{text}");
    assert!(text.contains("It has not been rejected"), "{text}");
    let text = render(approved()).text;
    assert!(
        text.contains(
            "Webinar & more\n  Completed on: 3 May 2026\n  Credits: 1.50\n  Open the report: https://cpe.example.org/activities/15\n\nTraining\n"
        ),
        "{text}"
    );
    assert!(text.contains("  Reported: 8 hours\n  Counted: 6 hours\n  The reviewer counted less"), "{text}");
    let mut more = approved();
    for award in more.activities.iter_mut().filter_map(|activity| activity.award.as_mut()) {
        std::mem::swap(&mut award.reported, &mut award.awarded);
    }
    assert!(render(more).text.contains("The reviewer counted more than was reported"));
}

#[test]
fn links_that_set_a_password_tell_until_when_they_work_in_the_bodys_own_time() {
    let valid_until = instant("2027-07-14T09:30:00");
    let invitation = render(Invitation { token: TOKEN.to_owned(), valid_until });
    assert!(
        invitation.text.contains("\nhttps://cpe.example.org/invitation/k3Jd-9_xQ\n"),
        "{}",
        invitation.text
    );
    assert!(invitation.text.contains("until 14 July 2027, 11:30 (Europe/Amsterdam)"), "{}", invitation.text);
    let reset = render(PasswordReset { token: TOKEN.to_owned(), valid_until });
    assert!(reset.text.contains("\nhttps://cpe.example.org/password-reset/k3Jd-9_xQ\n"), "{}", reset.text);
    let (_, links) = seen(&reset.html);
    assert!(links.contains("https://cpe.example.org/password-reset/k3Jd-9_xQ"), "{links:?}");
}

#[test]
fn a_foundation_certificate_is_granted_without_a_word_of_deadlines() {
    let granted =
        |year| render(Granted { certificate: certificate(), granted_on: day("2026-03-15"), year }).text;
    let foundation = granted(None);
    assert!(foundation.contains("It needs no CPE credits and does not expire."), "{foundation}");
    assert!(!foundation.contains("eadline") && !foundation.contains("/guide"), "{foundation}");
    let practitioner = granted(Some(practitioner()));
    assert!(practitioner.contains("Deadline: 14 March 2027\n"), "{practitioner}");
    assert!(!practitioner.contains("does not expire"), "{practitioner}");
}
