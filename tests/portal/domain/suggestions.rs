//! What is missing, as things that people do.

use chrono::NaiveDate;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::ledger::suggestions::{
    CombinedNeed, even_pace, examples, in_a_sentence, steps, usual_days, usual_in_words,
};

use super::sample::{day, practitioner, version_1 as policies};

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
    let decided = |to| (day(1), Some(day(to)));
    assert_eq!(usual_days(&[decided(2), decided(3)], day(30)), None, "two are no rule");
    let three = [decided(2), decided(30), decided(4)];
    assert_eq!(usual_days(&three, day(30)), Some(3));
    // what has waited longer without an end counts as well; what has just come says nothing yet
    let waiting = [(day(2), None), (day(3), None), (day(29), None)];
    assert_eq!(usual_days(&[&three[..], &waiting].concat(), day(30)), Some(27));
    let fresh = [(day(29), None), (day(28), None), (day(29), None)];
    assert_eq!(usual_days(&[&three[..], &fresh].concat(), day(30)), Some(3));
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

/// The fewest things that cover all needs, found by trying: for each deadline, whether so many by then are enough.
fn fewest_by(needs: &[(NaiveDate, Credits)], each: Credits, by: NaiveDate) -> i64 {
    let enough = |count: i64| {
        let earned = Credits::from_parts(each.parts() * count);
        needs.iter().filter(|(deadline, _)| *deadline <= by).all(|(_, missing)| earned >= *missing)
    };
    (0..).find(|count| enough(*count)).unwrap()
}

fn covered(needs: &[(NaiveDate, Credits)], each: Credits, plan: &[(NaiveDate, i64)]) -> bool {
    needs.iter().all(|(deadline, missing)| {
        let done: i64 = plan.iter().filter(|(by, _)| by <= deadline).map(|(_, count)| count).sum();
        Credits::from_parts(each.parts() * done) >= *missing
    })
}

proptest::proptest! {
    #[test]
    fn what_the_steps_say_covers_all_needs_and_one_less_does_not(
        needs in proptest::collection::vec((0_i64..400, 1_i64..4_000), 2..8),
        each in 25_i64..1_000,
    ) {
        let first = day("2027-01-01");
        let hundredths = |amount: i64| Credits::from_parts(amount * 360);
        let needs: Vec<(NaiveDate, Credits)> = needs
            .into_iter()
            .map(|(days, amount)| (first + chrono::TimeDelta::days(days), hundredths(amount)))
            .collect();
        let each = hundredths(each);
        let plan = steps(&needs, each);
        assert!(covered(&needs, each, &plan), "{needs:?}: {plan:?}");
        let last = needs.iter().map(|(by, _)| *by).max().unwrap();
        let all: i64 = plan.iter().map(|(_, count)| count).sum();
        assert_eq!(all, fewest_by(&needs, each, last), "no fewer cover them: {plan:?}");
        for place in 0..plan.len() {
            let mut less = plan.clone();
            less[place].1 -= 1;
            assert!(!covered(&needs, each, &less), "{needs:?}: {less:?}");
        }
        // nothing is asked for earlier than it has to be, as long as the sentence has room
        if plan.len() < 3 {
            let mut done = 0;
            for (by, count) in &plan {
                done += count;
                assert_eq!(done, fewest_by(&needs, each, *by), "{needs:?}: {plan:?}");
            }
        }
        assert!(plan.len() <= 3 && plan.windows(2).all(|two| two[0].0 < two[1].0));
    }
}

#[test]
fn a_later_and_larger_need_is_a_second_step() {
    let policies = policies();
    let need = |needs: &[(&str, &str)]| CombinedNeed {
        years: Vec::new(),
        needs: needs.iter().map(|(by, amount)| (day(by), missing(amount))).collect(),
        others_are_over: false,
    };
    for (needs, said) in [
        (
            vec![("2027-08-20", "40"), ("2027-01-02", "20")],
            "Three conference days by 2 January 2027 and three more by 20 August 2027 would cover all your certificates.",
        ),
        (
            vec![("2027-01-02", "40"), ("2027-08-20", "20")],
            "Six conference days by 2 January 2027 would cover all your certificates.",
        ),
        (
            vec![("2027-01-02", "5"), ("2027-03-01", "10"), ("2027-08-20", "20"), ("2027-09-01", "40")],
            "One conference day by 2 January 2027, one more by 1 March 2027 and four more by 20 August 2027 would cover all your certificates.",
        ),
        (
            vec![("2027-01-02", "1"), ("2027-03-01", "1.5")],
            "One webinar of an hour and a half by 2 January 2027 would cover all your certificates.",
        ),
    ] {
        assert_eq!(need(&needs).in_a_sentence(policies.newest()), said);
    }
}

#[test]
fn the_even_pace_goes_from_the_first_day_to_the_deadline() {
    let certificate = practitioner("2026-03-15", "2026-11-23");
    let year = &certificate.years[0];
    let pace = |on: &str| even_pace(year, missing("20"), day(on)).map(|pace| pace.to_string());
    for (on, credits) in [
        ("2026-03-14", None),
        ("2026-03-15", Some("0.05")),
        ("2026-11-23", Some("13.91")),
        ("2027-03-14", Some("20.00")),
        ("2027-03-15", None),
    ] {
        assert_eq!(pace(on).as_deref(), credits, "{on}");
    }
}
