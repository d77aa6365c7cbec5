//! Credits are exact: 36 000 parts, shown with two decimals rounded down, missing ones rounded up.

use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::credits::{Credits, CreditsError, PARTS_PER_CREDIT};
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::certification::policy::Rate;
use cpe_portal::domain::ledger::Sums;

use super::sample::credits;

#[test]
fn a_credit_is_36_000_parts() {
    assert_eq!(PARTS_PER_CREDIT, 36_000);
    assert_eq!(Credits::whole(20).parts(), 720_000);
    assert_eq!(Credits::from_parts(240), Credits::from_parts(36_000 / 150), "a page read is 240 parts");
}

#[test]
fn sixty_reports_of_50_pages_are_exactly_20_credits() {
    let rate = Rate::new(Category::Reading, 150).unwrap();
    let fifty_pages = rate.credits(Quantity::parse(Category::Reading, "50").unwrap());
    assert_eq!(fifty_pages.to_string(), "0.33");
    let sum: Credits = std::iter::repeat_n(fifty_pages, 60).sum();
    assert_eq!(sum, Credits::whole(20));
    assert_eq!(sum.to_string(), "20.00");
}

#[test]
fn exactly_one_credit_has_words_of_its_own_and_every_other_amount_has_those_of_several() {
    let said = |parts| {
        let credits = Credits::from_parts(parts);
        (credits.counted_as("credit is", "credits are"), credits.counted_up_as("credit was", "credits were"))
    };
    for (parts, down, up) in [
        (0, "0 credits are", "0 credits were"),
        (18_000, "0.50 credits are", "0.50 credits were"),
        (35_999, "0.99 credits are", "1 credit was"),
        (36_000, "1 credit is", "1 credit was"),
        (36_001, "1 credit is", "1.01 credits were"),
        (54_000, "1.50 credits are", "1.50 credits were"),
        (36_000_000, "1\u{a0}000 credits are", "1\u{a0}000 credits were"),
    ] {
        assert_eq!(said(parts), (down.to_owned(), up.to_owned()));
    }
}

#[test]
fn credits_are_shown_with_two_decimals_rounded_down() {
    for (parts, shown) in [
        (0, "0.00"),
        (1, "0.00"),
        (359, "0.00"),
        (360, "0.01"),
        (12_000, "0.33"),
        (24_000, "0.66"),
        (35_999, "0.99"),
        (36_000, "1.00"),
        (719_999, "19.99"), // 19.99997…
        (720_000, "20.00"),
        (36_000 * 20 - 36, "19.99"), // 19.999
        (3_600_000_000, "100000.00"),
    ] {
        assert_eq!(Credits::from_parts(parts).to_string(), shown, "{parts} parts");
    }
}

#[test]
fn what_is_missing_is_shown_rounded_up() {
    for (parts, shown) in [
        (0, "0.00"),
        (1, "0.01"),
        (360, "0.01"),
        (361, "0.02"),
        (12_000, "0.34"),
        (35_641, "1.00"),
        (36_000, "1.00"),
        (36_001, "1.01"),
    ] {
        assert_eq!(Credits::from_parts(parts).rounded_up(), shown, "{parts} parts");
    }
}

#[test]
fn what_is_missing_is_the_minimum_less_approved_less_pending_and_never_below_zero() {
    for (approved, pending, required, missing) in [
        ("0", "0", "20", "20.00"),
        ("12.5", "3.25", "20", "4.25"),
        ("20", "0", "20", "0.00"),
        ("0", "20", "20", "0.00"),
        ("19.99", "0", "20", "0.01"),
        ("25", "5", "20", "0.00"),
        ("10", "25", "20", "0.00"),
    ] {
        let sums = Sums {
            approved: credits(approved),
            pending: credits(pending),
            required: credits(required),
            carried: Credits::ZERO,
        };
        assert_eq!(sums.missing().to_string(), missing, "{approved} + {pending} of {required}");
    }
}

#[test]
fn a_typed_amount_of_credits_is_kept_exactly_or_refused() {
    for (typed, parts) in [
        ("20", 720_000),
        ("7.5", 270_000),
        ("7,25", 261_000),
        ("0.01", 360),
        (" 40 ", 1_440_000),
        ("0", 0),
        ("100000", 3_600_000_000),
    ] {
        assert_eq!(Credits::parse(typed), Ok(Credits::from_parts(parts)), "{typed:?}");
    }
    for typed in
        ["", " ", "7.255", "-1", "+1", "1e3", "١٢", "twenty", "1.2.3", "1,2,3", ".5", "0x10", "∞", "1 000"]
    {
        assert_eq!(Credits::parse(typed), Err(CreditsError::NotANumber), "{typed:?}");
    }
    for typed in ["100001", "99999999999999999999999"] {
        assert_eq!(Credits::parse(typed), Err(CreditsError::TooMany), "{typed:?}");
    }
}

#[test]
fn the_largest_report_anybody_can_make_still_counts_exactly() {
    let pages = Quantity::parse(Category::Writing, "9999999").unwrap();
    let rate = Rate::new(Category::Writing, 1).unwrap();
    assert_eq!(rate.credits(pages), Credits::whole(9_999_999));
    let hours = Quantity::parse(Category::Attending, "99999").unwrap();
    assert_eq!(Rate::new(Category::Attending, 60).unwrap().credits(hours), Credits::whole(99_999));
}

#[test]
fn in_a_sentence_whole_credits_have_no_decimals_and_one_is_one() {
    let third = Credits::from_parts(12_000);
    let cases = [
        (Credits::ZERO, "0 credits", "0 credits"),
        (Credits::whole(1), "1 credit", "1 credit"),
        (Credits::whole(100), "100 credits", "100 credits"),
        (Credits::from_parts(90_000), "2.50 credits", "2.50 credits"),
        (third, "0.33 credits", "0.34 credits"),
        // 19.9999… is not yet twenty, and what is missing of it is
        (Credits::from_parts(20 * 36_000 - 1), "19.99 credits", "20 credits"),
        (Credits::from_parts(36_001), "1 credit", "1.01 credits"),
    ];
    for (amount, down, up) in cases {
        assert_eq!((amount.counted(), amount.counted_up()), (down.to_owned(), up.to_owned()));
        assert!(down.starts_with(&format!("{} ", amount.plain())), "{down}");
    }
}
