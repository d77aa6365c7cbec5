//! The six kinds of activity and what each earns (G2–G7), with version 1's rates.

use cpe_portal::domain::activities::category::{Category, Unit};
use cpe_portal::domain::activities::quantity::Quantity;

use super::sample::guide;

fn earns(category: Category, quantity: &str) -> String {
    let quantity = Quantity::parse(category, quantity).unwrap();
    guide().rate(category).credits(quantity).to_string()
}

fn check(category: Category, cases: &[(&str, &str)]) {
    for (quantity, credits) in cases {
        assert_eq!(earns(category, quantity), *credits, "{} {quantity}", category.code());
    }
}

#[test]
fn g2_attending_earns_one_credit_an_hour() {
    check(
        Category::Attending,
        &[
            ("1", "1.00"),
            ("2:30", "2.50"),
            ("0:20", "0.33"),
            ("0:40", "0.66"),
            ("0:01", "0.01"),
            ("7:45", "7.75"),
        ],
    );
}

#[test]
fn g3_reading_earns_one_credit_for_each_150_pages() {
    check(
        Category::Reading,
        &[
            ("150", "1.00"),
            ("300", "2.00"),
            ("50", "0.33"),
            ("100", "0.66"),
            ("149", "0.99"),
            ("1", "0.00"),
            ("2", "0.01"),
            ("3000", "20.00"),
        ],
    );
}

#[test]
fn g4_writing_earns_one_credit_for_each_a4_page() {
    check(Category::Writing, &[("1", "1.00"), ("3", "3.00"), ("12", "12.00")]);
}

#[test]
fn g5_teaching_earns_one_credit_an_hour() {
    check(Category::Teaching, &[("1", "1.00"), ("1:30", "1.50"), ("40", "40.00")]);
}

#[test]
fn g6_course_material_earns_one_credit_for_one_hours_worth() {
    check(Category::CourseMaterial, &[("1", "1.00"), ("0:15", "0.25"), ("3", "3.00")]);
}

#[test]
fn g7_podcasts_and_events_without_registration_earn_one_credit_for_every_three_hours() {
    check(
        Category::Unregistered,
        &[
            ("3", "1.00"),
            ("1", "0.33"),
            ("2", "0.66"),
            ("1:30", "0.50"),
            ("60", "20.00"),
            ("0:01", "0.00"),
            ("0:02", "0.01"),
        ],
    );
}

#[test]
fn each_category_has_the_word_the_unit_and_the_source_that_files_and_pages_use() {
    let expected = [
        ("attending", Unit::Minutes, "G2"),
        ("reading", Unit::Pages, "G3"),
        ("writing", Unit::A4Pages, "G4"),
        ("teaching", Unit::Minutes, "G5"),
        ("course_material", Unit::Minutes, "G6"),
        ("unregistered", Unit::Minutes, "G7"),
    ];
    let found: Vec<_> = Category::ALL.iter().map(|c| (c.code(), c.unit(), c.source())).collect();
    assert_eq!(found, expected);
    for category in Category::ALL {
        assert_eq!(Category::from_code(category.code()), Some(category));
    }
    assert_eq!(Category::from_code("Attending"), None);
}
