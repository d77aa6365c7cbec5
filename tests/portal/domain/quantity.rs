//! Quantities as people type them: whole minutes, pages, A4 pages.

use cpe_portal::domain::activities::category::{Category, Unit};
use cpe_portal::domain::activities::quantity::{Quantity, QuantityError};

const TIMED: [Category; 4] =
    [Category::Attending, Category::Teaching, Category::CourseMaterial, Category::Unregistered];

#[test]
fn hours_as_people_type_them_become_whole_minutes() {
    for (typed, minutes) in [
        ("2.5", 150),
        ("2,5", 150),
        ("2:30", 150),
        (" 2 ", 120),
        ("2", 120),
        ("02:05", 125),
        ("0:01", 1),
        ("0:20", 20),
        ("0.05", 3),
        ("0.1", 6),
        ("0,25", 15),
        ("0.75", 45),
        (".5", 30),
        (",5", 30),
        ("1.50", 90),
        ("1.500000000", 90),
        ("2.30", 138),
        ("7:59", 479),
        ("10:00", 600),
        ("0.95", 57),
        ("\t3\n", 180),
        ("99999", 5_999_940),
        ("2h30", 150),
        ("2 h 30", 150),
        ("2H30", 150),
        ("2h30min", 150),
        ("2 hours 30 minutes", 150),
        ("2h05", 125),
        ("2 h 5", 125),
        ("2h", 120),
        ("1 hour", 60),
        ("2.5 hours", 150),
        ("2,5 h", 150),
        ("2:30 hrs", 150),
        ("150 min", 150),
        ("150min", 150),
        ("90 Minutes", 90),
        ("90m", 90),
    ] {
        for category in TIMED {
            let quantity = Quantity::parse(category, typed).unwrap_or_else(|e| panic!("{typed:?}: {e}"));
            assert_eq!((quantity.amount(), quantity.unit()), (minutes, Unit::Minutes), "{typed:?}");
        }
    }
}

#[test]
fn a_time_that_is_no_whole_number_of_minutes_is_refused_and_never_rounded() {
    // 0.33 h = 19.8 min, 0.125 h = 7.5 min, 1.333 h = 79.98 min, 0.01 h = 0.6 min
    for typed in ["0.33", "0,33", "0.125", "1.333", "0.01", "2.999", "0.3333333333333", "1.0001"] {
        assert_eq!(
            Quantity::parse(Category::Attending, typed),
            Err(QuantityError::NotWholeMinutes),
            "{typed:?}"
        );
    }
}

#[test]
fn what_is_no_time_at_all_is_refused_with_words_that_show_how() {
    for typed in [
        "abc",
        "1e3",
        "-1",
        "+1",
        "١٢",
        "２",
        "½",
        "2.5.1",
        "2,5,1",
        "2.5,1",
        "2:5",
        "2:60",
        "2:300",
        "2:",
        ":30",
        "2:30:00",
        "two",
        "1 000",
        "0x10",
        "NaN",
        "inf",
        "5.",
        "-0:30",
        "2:-5",
        "2: 30",
        "2..5",
        "''",
        "1/2",
        "h",
        "h30",
        "2h60",
        "2h3000",
        "2.5h30",
        "2h30h",
        "2 hens",
        "2 half hours",
        "min",
        "1.5 min",
        "15 mins late",
        "2 h -5",
        "½ h",
        "２h",
    ] {
        assert_eq!(Quantity::parse(Category::Teaching, typed), Err(QuantityError::NotATime), "{typed:?}");
    }
    for typed in ["", " ", "\u{a0}\t"] {
        assert_eq!(Quantity::parse(Category::Teaching, typed), Err(QuantityError::NoTime), "{typed:?}");
    }
}

#[test]
fn a_quantity_is_more_than_zero() {
    for typed in ["0", "0.0", "0,00", "0:00", "00:00", ".0"] {
        assert_eq!(Quantity::parse(Category::Attending, typed), Err(QuantityError::Zero), "{typed:?}");
    }
    for category in [Category::Reading, Category::Writing] {
        for typed in ["0", "000"] {
            assert_eq!(Quantity::parse(category, typed), Err(QuantityError::Zero), "{typed:?}");
        }
    }
    assert_eq!(Quantity::new(-1, Unit::Pages), Err(QuantityError::Zero));
    assert_eq!(Quantity::new(i64::MIN, Unit::Minutes), Err(QuantityError::Zero));
}

#[test]
fn hours_go_up_to_99_999_and_pages_up_to_9_999_999() {
    assert_eq!(Quantity::parse(Category::Attending, "99999").unwrap().amount(), 5_999_940);
    for typed in [
        "100000",
        "99999:01",
        "99999.5",
        "999999999999",
        "99999999999999999999999999",
        "9223372036854775808:30",
    ] {
        assert_eq!(
            Quantity::parse(Category::Attending, typed),
            Err(QuantityError::TooManyHours),
            "{typed:?}"
        );
    }
    for category in [Category::Reading, Category::Writing] {
        assert_eq!(Quantity::parse(category, "9999999").unwrap().amount(), 9_999_999);
        for typed in ["10000000", "99999999999999999999999999"] {
            assert_eq!(Quantity::parse(category, typed), Err(QuantityError::TooManyPages), "{typed:?}");
        }
    }
}

#[test]
fn pages_are_whole_numbers() {
    for (category, unit) in [(Category::Reading, Unit::Pages), (Category::Writing, Unit::A4Pages)] {
        for (typed, pages) in [("1", 1), ("150", 150), (" 12 ", 12), ("0007", 7)] {
            let quantity = Quantity::parse(category, typed).unwrap();
            assert_eq!((quantity.amount(), quantity.unit()), (pages, unit), "{typed:?}");
        }
        for typed in ["1.5", "1,5", "2:30", "1e3", "-1", "+3", "١٢", "a", "12 pages", "1 000", "１５"] {
            assert_eq!(Quantity::parse(category, typed), Err(QuantityError::NotPages), "{typed:?}");
        }
        assert_eq!(Quantity::parse(category, "  "), Err(QuantityError::NoPages));
    }
}

#[test]
fn the_forms_two_fields_add_up_hours_and_minutes() {
    for (hours, minutes, expected) in [
        ("2", "30", Ok(150)),
        ("", "45", Ok(45)),
        ("0", "45", Ok(45)),
        ("2", "", Ok(120)),
        ("2.5", "", Ok(150)),
        ("2,5", "0", Ok(150)),
        ("2:30", "", Ok(150)),
        (" 1 ", " 5 ", Ok(65)),
        ("", "", Err(QuantityError::NoTime)),
        ("0", "0", Err(QuantityError::Zero)),
        ("", "0", Err(QuantityError::Zero)),
        ("", "150", Ok(150)),
        ("", "90 min", Ok(90)),
        ("2 h", "30 min", Ok(150)),
        ("2h30", "", Ok(150)),
        ("2h30", "0", Ok(150)),
        ("2h30", "15", Err(QuantityError::FractionAndMinutes)),
        ("150 min", "15", Err(QuantityError::FractionAndMinutes)),
        ("", "9999999999999999999999", Err(QuantityError::TooManyHours)),
        ("9999999999999999999999 min", "", Err(QuantityError::TooManyHours)),
        ("1", "60", Err(QuantityError::NotMinutes)),
        ("1", "-5", Err(QuantityError::NotMinutes)),
        ("1", "2.5", Err(QuantityError::NotMinutes)),
        ("1", "x", Err(QuantityError::NotMinutes)),
        ("2.5", "30", Err(QuantityError::FractionAndMinutes)),
        ("2:30", "5", Err(QuantityError::FractionAndMinutes)),
        ("x", "5", Err(QuantityError::NotATime)),
        ("0.33", "", Err(QuantityError::NotWholeMinutes)),
        ("100000", "0", Err(QuantityError::TooManyHours)),
        ("99999", "1", Err(QuantityError::TooManyHours)),
    ] {
        let found = Quantity::from_hours_and_minutes(hours, minutes).map(Quantity::amount);
        assert_eq!(found, expected, "{hours:?} and {minutes:?}");
    }
}

#[test]
fn a_quantity_is_said_with_its_plurals_right() {
    for (category, typed, said) in [
        (Category::Attending, "2:30", "2 hours 30 minutes"),
        (Category::Attending, "1", "1 hour"),
        (Category::Attending, "1:01", "1 hour 1 minute"),
        (Category::Attending, "0:01", "1 minute"),
        (Category::Attending, "0:59", "59 minutes"),
        (Category::Reading, "1", "1 page"),
        (Category::Reading, "150", "150 pages"),
        (Category::Writing, "1", "1 A4 page"),
        (Category::Writing, "4", "4 A4 pages"),
    ] {
        assert_eq!(Quantity::parse(category, typed).unwrap().to_string(), said);
    }
}

#[test]
fn in_a_narrow_column_a_quantity_is_as_short_as_it_can_be() {
    let short = |category, amount: i64| Quantity::new(amount, Category::unit(category)).unwrap().short();
    assert_eq!(short(Category::Attending, 360), "6 h");
    assert_eq!(short(Category::Attending, 150), "2 h 30");
    assert_eq!(short(Category::Attending, 65), "1 h 05");
    assert_eq!(short(Category::Attending, 45), "45 min");
    assert_eq!(short(Category::Reading, 225), "225 p.");
    assert_eq!(short(Category::Writing, 4), "4 A4 p.");
}

#[test]
fn thousands_are_written_in_one_way() {
    use cpe_portal::domain::plural::{counted, grouped};

    for (number, shown) in [
        ("0", "0"),
        ("999", "999"),
        ("1000", "1\u{a0}000"),
        ("-1234567", "-1\u{a0}234\u{a0}567"),
        ("36000", "36\u{a0}000"),
        ("1234.50", "1\u{a0}234.50"),
        ("–", "–"),
        ("about 1000", "about 1000"),
    ] {
        assert_eq!(grouped(number), shown);
    }
    assert_eq!(counted(1, "report", "reports"), "1 report");
    assert_eq!(counted(12_345, "report", "reports"), "12\u{a0}345 reports");
    assert_eq!(counted(1_i64, "year", "years"), "1 year");
}
