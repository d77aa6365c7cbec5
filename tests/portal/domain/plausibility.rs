//! What looks unlikely about a report: hand-made cases.

use chrono::NaiveDate;
use cpe_portal::domain::activities::activity::Facts;
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::plausibility::{Hint, hints, too_long_for_its_days};
use cpe_portal::domain::activities::quantity::Quantity;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn facts(category: Category, title: &str, days: (&str, &str), amount: i64) -> Facts {
    Facts {
        category: Some(category),
        title: title.to_owned(),
        started_on: Some(day(days.0)),
        completed_on: Some(day(days.1)),
        quantity: Some(Quantity::new(amount, category.unit()).unwrap()),
        ..Facts::default()
    }
}

fn event(title: &str, on: &str, hours: i64) -> Facts {
    facts(Category::Attending, title, (on, on), hours * 60)
}

fn told(about: &Facts, others: &[Facts]) -> Vec<Hint> {
    hints(about, others, day("2026-11-23"))
}

#[test]
fn the_same_title_on_the_same_day_is_probably_the_same_thing() {
    let talk = event("Zero  Trust ", "2026-10-05", 2);
    assert_eq!(told(&talk, &[event("zero trust", "2026-10-05", 2)]), [Hint::SameTitle(day("2026-10-05"))]);
    for other in [event("zero trust", "2026-10-06", 2), event("zero trust 2", "2026-10-05", 2)] {
        assert_eq!(told(&talk, &[other]), []);
    }
    let nameless = event(" ", "2026-10-05", 2);
    assert_eq!(
        told(&nameless, &[event("", "2026-10-05", 2)]),
        [],
        "a draft without a title is no repetition"
    );
}

#[test]
fn more_than_fourteen_hours_on_a_day_over_all_reports_is_a_long_day() {
    let on = "2026-10-05";
    assert_eq!(told(&event("A", on, 14), &[]), []);
    assert_eq!(told(&event("A", on, 15), &[]), [Hint::LongDay(day(on), 900, false)]);
    // 3 h of podcasts and 12 h of an event: 15 h together
    let podcasts = facts(Category::Unregistered, "Podcasts", (on, on), 180);
    assert_eq!(
        told(&event("A", on, 12), std::slice::from_ref(&podcasts)),
        [Hint::LongDay(day(on), 900, true)]
    );
    assert_eq!(told(&event("A", on, 11), &[podcasts]), []);
    // reading is counted in pages, and course material in what it teaches
    let material = facts(Category::CourseMaterial, "Slides", (on, on), 20 * 60);
    let book = facts(Category::Reading, "A book", (on, on), 290);
    assert_eq!(told(&event("A", on, 12), &[material.clone(), book]), []);
    assert_eq!(told(&material, &[]), []);
}

#[test]
fn time_over_several_days_is_spread_over_them() {
    let week = facts(Category::Attending, "A course", ("2026-10-05", "2026-10-09"), 40 * 60);
    assert_eq!(told(&week, &[]), [], "8 hours a day");
    assert_eq!(told(&week, &[event("Evening", "2026-10-07", 3)]), [], "11 hours on one of them");
    let podcasts = facts(Category::Unregistered, "Podcasts", ("2026-10-07", "2026-10-07"), 7 * 60);
    assert_eq!(told(&week, &[podcasts]), [Hint::LongDay(day("2026-10-07"), 900, true)]);
    let weekend = facts(Category::Attending, "A camp", ("2026-10-10", "2026-10-11"), 49 * 60);
    assert_eq!(told(&weekend, &[]), [], "that is refused, not hinted at");
    assert_eq!(
        too_long_for_its_days(&weekend).unwrap(),
        "2 days have only 48 hours. Check the hours and the days."
    );
    assert_eq!(
        too_long_for_its_days(&event("A", "2026-10-05", 25)).unwrap(),
        "A day has only 24 hours. Check the hours, or say that it took several days."
    );
    assert_eq!(too_long_for_its_days(&event("A", "2026-10-05", 24)), None);
}

#[test]
fn two_events_that_both_take_much_of_a_day_are_asked_about() {
    let course = facts(Category::Attending, "A course", ("2026-10-05", "2026-10-09"), 40 * 60);
    let talk = facts(Category::Teaching, "My talk", ("2026-10-07", "2026-10-07"), 5 * 60);
    assert_eq!(
        told(&talk, std::slice::from_ref(&course)),
        [Hint::TwoAtOnce("A course".to_owned(), day("2026-10-07"))]
    );
    assert_eq!(
        told(&course, std::slice::from_ref(&talk)),
        [Hint::TwoAtOnce("My talk".to_owned(), day("2026-10-07"))]
    );
    let short = facts(Category::Teaching, "My talk", ("2026-10-07", "2026-10-07"), 2 * 60);
    assert_eq!(told(&short, std::slice::from_ref(&course)), [], "an hour or two beside a course is usual");
    let after = facts(Category::Teaching, "My talk", ("2026-10-10", "2026-10-10"), 5 * 60);
    assert_eq!(told(&after, &[course]), []);
}

#[test]
fn three_thousand_pages_in_a_weekend_are_asked_about() {
    let weekend = facts(Category::Reading, "Everything", ("2026-10-10", "2026-10-11"), 3_000);
    let told_of = told(&weekend, &[]);
    assert!(matches!(told_of[..], [Hint::Pace(_, 2)]), "{told_of:?}");
    assert!(
        told_of[0].to_string().starts_with("3\u{a0}000 pages in 2 days is a great deal."),
        "{}",
        told_of[0]
    );
    let one = |pages| facts(Category::Reading, "A book", ("2026-10-10", "2026-10-10"), pages);
    assert_eq!(told(&one(300), &[]), []);
    assert!(matches!(told(&one(301), &[])[..], [Hint::Pace(_, 1)]));
    let month = facts(Category::Reading, "A book", ("2026-09-10", "2026-10-10"), 900);
    assert_eq!(told(&month, &[]), []);
    let paper = |pages| facts(Category::Writing, "A paper", ("2026-10-10", "2026-10-10"), pages);
    assert_eq!(told(&paper(40), &[]), []);
    assert!(matches!(told(&paper(41), &[])[..], [Hint::Pace(_, 1)]));
}

#[test]
fn a_day_more_than_a_year_ago_may_be_a_slip_of_the_year() {
    assert_eq!(told(&event("A", "2025-11-23", 2), &[]), []);
    assert_eq!(told(&event("A", "2025-11-22", 2), &[]), [Hint::LongAgo(day("2025-11-22"))]);
}

#[test]
fn facts_with_gaps_give_the_hints_that_they_can_and_absurd_ones_do_no_harm() {
    assert_eq!(told(&Facts::default(), &[event("A", "2026-10-05", 2)]), []);
    let nothing_but_a_day = Facts { completed_on: Some(day("2024-01-01")), ..Facts::default() };
    assert_eq!(told(&nothing_but_a_day, &[]), [Hint::LongAgo(day("2024-01-01"))]);
    let ages = facts(Category::Attending, "Ages", ("1900-01-01", "2026-10-05"), 99_999 * 60);
    let many: Vec<Facts> = (0..200).map(|n| event(&format!("No. {n}"), "2026-10-05", 23)).collect();
    let told_of = told(&ages, &many);
    assert!(told_of.len() <= 1, "{told_of:?}");
}

#[test]
fn no_hint_accuses_anybody() {
    let on = "2026-10-05";
    let all = [
        Hint::SameTitle(day(on)),
        Hint::TwoAtOnce("A course".to_owned(), day(on)),
        Hint::LongDay(day(on), 900, true),
        Hint::Pace(Quantity::new(3000, Category::Reading.unit()).unwrap(), 2),
        Hint::LongAgo(day(on)),
    ];
    for hint in all {
        let words = hint.to_string().to_lowercase();
        for accusing in ["impossible", "suspicious", "fraud", "wrong", "cannot be true", "must not", "!"] {
            assert!(!words.contains(accusing), "{words}");
        }
    }
}
