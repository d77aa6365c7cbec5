//! Whether two reports of one holder tell of the same event in other words.

use super::activity::Facts;
use super::publication::fold_title;
use crate::domain::text::without_case;

/// Whether two reports of one holder are alike: the same kind, day and quantity, the same organiser (or one does not name it), and titles that
/// differ at most by case, spaces, punctuation and a year that one of them names.
pub fn alike(one: &Facts, other: &Facts) -> bool {
    // what costs nothing first: an import compares every row with everything that its holder has reported
    one.completed_on.is_some()
        && one.completed_on == other.completed_on
        && one.quantity == other.quantity
        && one.category == other.category
        && same_organiser(&one.organiser, &other.organiser)
        && same_title(&one.title, &other.title)
}

fn same_organiser(one: &str, other: &str) -> bool {
    let (one, other) = (fold_title(one), fold_title(other));
    one.is_empty() || other.is_empty() || one == other
}

fn same_title(one: &str, other: &str) -> bool {
    let (one, other) = (without_case(one), without_case(other));
    let (one_years, one) = years_and_words(&one);
    let (other_years, other) = years_and_words(&other);
    // "Congress 2025" and "Congress 2026" are two; a title of nothing but a year is no title without it
    let same_years = one_years == other_years || one_years.is_empty() || other_years.is_empty();
    one == other && same_years && (!one.is_empty() || one_years == other_years)
}

fn years_and_words(title: &str) -> (Vec<&str>, Vec<&str>) {
    title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .partition(|word| is_year(word))
}

fn is_year(word: &str) -> bool {
    word.len() == 4
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && (word.starts_with("19") || word.starts_with("20"))
}
