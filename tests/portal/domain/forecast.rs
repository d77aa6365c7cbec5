//! What is missing, as things that people do.

use chrono::NaiveDate;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::ledger::suggestions::{examples, in_a_sentence, usual_days, usual_in_words};

use super::sample::version_1 as policies;

fn missing(text: &str) -> Credits {
    Credits::parse(text).unwrap()
}

#[test]
fn what_is_missing_is_said_as_something_that_people_do() {
    let policies = policies();
    let policy = policies.newest();
    for (credits, said) in [
        ("0", ""),
        ("0.01", "One webinar of an hour and a half would do it."),
        ("1.5", "One webinar of an hour and a half would do it."),
        ("1.51", "One conference day would do it."),
        ("6.5", "One conference day would do it."),
        ("7", "One conference day would do it."),
        ("7.01", "Two conference days would do it."),
        ("40", "Six conference days would do it."),
        ("80", "12 conference days would do it."),
    ] {
        assert_eq!(in_a_sentence(missing(credits), policy), said, "{credits}");
    }
}

#[test]
fn every_example_earns_what_is_missing_and_one_less_does_not() {
    let policies = policies();
    let policy = policies.newest();
    assert_eq!(examples(Credits::ZERO, policy), []);
    for credits in ["0.01", "1", "6.5", "19.99", "20", "40"] {
        let missing = missing(credits);
        let ways = examples(missing, policy);
        assert_eq!(ways.len(), 5, "{credits}");
        for way in ways {
            assert!(way.each.parts() * way.count >= missing.parts(), "{credits}: {way:?}");
            assert!(way.each.parts() * (way.count - 1) < missing.parts(), "{credits}: {way:?}");
            let plural = way.what.contains("days") || way.what.contains("s of");
            assert_eq!(way.count > 1, plural, "{}", way.what);
        }
    }
    // 6.5 credits: a book of 300 pages earns 2, an article of 15 pages a tenth
    let whats: Vec<String> = examples(missing("6.5"), policy).into_iter().map(|way| way.what).collect();
    assert_eq!(
        whats,
        [
            "1 conference day of 7 hours",
            "5 webinars of an hour and a half",
            "7 talks of an hour that you give",
            "4 books of 300 pages that you read",
            "65 articles of 15 pages that you read",
        ]
    );
}

#[test]
fn the_usual_time_of_a_review_is_the_middle_of_recent_ones() {
    let day = |day: u32| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    assert_eq!(usual_days(&[(day(1), day(2)), (day(1), day(3))]), None, "two are no rule");
    assert_eq!(usual_days(&[(day(1), day(2)), (day(1), day(30)), (day(1), day(4))]), Some(3));
    assert_eq!(usual_in_words(Some(3), 3), "Reviews usually take 3 days.");
    assert_eq!(usual_in_words(Some(1), 0), "Reviews usually take a day.");
    assert_eq!(usual_in_words(Some(0), 1), "Reviews are usually done on the same day.");
    assert_eq!(usual_in_words(None, 30), "");
    let late = "Reviews usually take 3 days. This time it has been 9 days already: we are late, not you.";
    assert_eq!(usual_in_words(Some(3), 9), late, "what is usual is no comfort to whom it does not reach");
    assert!(
        usual_in_words(Some(0), 2)
            .starts_with("Reviews are usually done on the same day. This time it has been 2 days")
    );
}
