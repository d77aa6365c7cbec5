//! What is missing, as things that people do; and how long a review usually takes.

use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::activities::quantity::Quantity;
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::policy::Policy;
use crate::domain::dates::{days_between, long_date};
use crate::domain::ids::YearId;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use chrono::NaiveDate;

/// Something that many holders do, with an amount that is usual for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Usual {
    one: &'static str,
    many: &'static str,
    category: Category,
    /// Minutes or pages.
    amount: i64,
}

const USUAL: [Usual; 5] = [
    Usual {
        one: "conference day of 7 hours",
        many: "conference days of 7 hours",
        category: Category::Attending,
        amount: 420,
    },
    Usual {
        one: "webinar of an hour and a half",
        many: "webinars of an hour and a half",
        category: Category::Attending,
        amount: 90,
    },
    Usual {
        one: "talk of an hour that you give",
        many: "talks of an hour that you give",
        category: Category::Teaching,
        amount: 60,
    },
    Usual {
        one: "book of 300 pages that you read",
        many: "books of 300 pages that you read",
        category: Category::Reading,
        amount: 300,
    },
    Usual {
        one: "article of 15 pages that you read",
        many: "articles of 15 pages that you read",
        category: Category::Reading,
        amount: 15,
    },
];

/// One way to earn what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// "3 conference days of 7 hours".
    pub what: String,
    /// What each of them earns by the rates in force.
    pub each: Credits,
    /// How many of them are needed.
    pub count: i64,
}

/// Ways to earn what is missing, each by itself, by the rates of a policy (G2, G3, G5). None when nothing is missing.
#[must_use]
pub fn examples(missing: Credits, policy: &Policy) -> Vec<Example> {
    if missing.is_zero() {
        return Vec::new();
    }
    USUAL
        .iter()
        .filter_map(|usual| {
            let (each, count) = needed(usual, missing, policy)?;
            let word = if count == 1 { usual.one } else { usual.many };
            Some(Example { what: format!("{count} {word}"), each, count })
        })
        .collect()
}

fn needed(usual: &Usual, missing: Credits, policy: &Policy) -> Option<(Credits, i64)> {
    let quantity = Quantity::new(usual.amount, usual.category.unit()).ok()?;
    let each = policy.rate(usual.category).credits(quantity);
    if each.is_zero() {
        return None;
    }
    Some((each, things(missing, each).max(1)))
}

/// What would do it, in one short sentence: "One conference day would do it." Empty when nothing is missing.
#[must_use]
pub fn in_a_sentence(missing: Credits, policy: &Policy) -> String {
    enough(missing, policy).map(|enough| format!("{enough} would do it.")).unwrap_or_default()
}

/// What earns an amount, as the beginning of a sentence: "Four conference days". None when nothing is missing.
fn enough(missing: Credits, policy: &Policy) -> Option<String> {
    let [conference, webinar, ..] = &USUAL;
    let count = |usual| needed(usual, missing, policy).map_or(0, |(_, count)| count);
    match (missing.is_zero(), count(webinar), count(conference)) {
        (true, ..) | (_, _, 0) => None,
        (_, 1, _) => Some("One webinar of an hour and a half".to_owned()),
        (_, _, 1) => Some("One conference day".to_owned()),
        (_, _, days) => Some(format!("{} conference days", in_words(days))),
    }
}

/// What one holder still needs for several certificates at once: a report counts for each of them whose deadline has not passed (G10), so by
/// each deadline the largest need up to it is the whole need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CombinedNeed {
    /// The years that it covers.
    pub years: Vec<YearId>,
    /// What is missing in each of them, and until when it can be earned.
    pub needs: Vec<(NaiveDate, Credits)>,
    /// Whether a year that is over misses credits as well, which nothing that is done now can earn.
    pub others_are_over: bool,
}

/// Steps that one sentence names; what more there would be is asked for a little earlier than it has to be.
const MOST_STEPS: usize = 3;

/// How many things that earn `each` are needed by which day, so that all needs are covered with the fewest of them, each as late as it can be.
/// The days in their order; beyond three of them the later ones are joined to an earlier one.
#[must_use]
pub fn steps(needs: &[(NaiveDate, Credits)], each: Credits) -> Vec<(NaiveDate, i64)> {
    let mut needs = needs.to_vec();
    needs.sort();
    let mut steps: Vec<(NaiveDate, i64)> = Vec::new();
    let mut planned: i64 = 0;
    for (by, missing) in needs {
        let more = things(missing, each).saturating_sub(planned);
        if more <= 0 {
            continue;
        }
        planned = planned.saturating_add(more);
        let full = steps.len() >= MOST_STEPS;
        match steps.last_mut() {
            Some((_, count)) if full => *count = count.saturating_add(more),
            Some((day, count)) if *day == by => *count = count.saturating_add(more),
            _ => steps.push((by, more)),
        }
    }
    steps
}

/// How many things that earn `each` earn an amount.
fn things(amount: Credits, each: Credits) -> i64 {
    let each = each.parts().max(1);
    amount.parts().saturating_add(each - 1) / each
}

impl CombinedNeed {
    /// What is missing in the years in progress of two or more certificates in force; none when fewer miss something.
    #[must_use]
    pub fn of(ledger: &HolderLedger<'_>) -> Option<CombinedNeed> {
        let today = ledger.today();
        let in_force = || ledger.record().certificates.iter().filter(|held| held.certificate.stands());
        let open = |found: &LedgerYear<'_>| {
            found.year.settlement.is_none() && !found.sums.missing().is_zero() && found.year.deadline >= today
        };
        let years: Vec<LedgerYear<'_>> =
            in_force().filter_map(|held| ledger.year_for(held, today)).filter(open).collect();
        let over = |found: LedgerYear<'_>| found.year.deadline < today && !found.sums.covered();
        (years.len() > 1).then(|| CombinedNeed {
            others_are_over: in_force().flat_map(|held| ledger.years_that_matter(held)).any(over),
            years: years.iter().map(LedgerYear::id).collect(),
            needs: years.iter().map(|found| (found.year.deadline, found.sums.missing())).collect(),
        })
    }

    /// "Four conference days by 19 February 2027 would cover all your certificates." Where a later deadline needs more, both are named:
    /// "Three conference days by 2 January 2027 and three more by 20 August 2027 would cover all your certificates."
    #[must_use]
    pub fn in_a_sentence(&self, policy: &Policy) -> String {
        let all = match self.others_are_over {
            true => "every year that is still running",
            false => "all your certificates",
        };
        let [conference, ..] = &USUAL;
        let largest = self.needs.iter().map(|(_, missing)| *missing).max().unwrap_or_default();
        let Some((each, _)) = needed(conference, largest, policy) else { return String::new() };
        match steps(&self.needs, each).as_slice() {
            [] => String::new(),
            [(by, _)] => enough(largest, policy)
                .map(|enough| format!("{enough} by {} would cover {all}.", long_date(*by)))
                .unwrap_or_default(),
            [(by, first), later @ ..] => {
                let days = if *first == 1 { "conference day" } else { "conference days" };
                let mut words = format!("{} {days} by {}", in_words(*first), long_date(*by));
                for (place, (by, more)) in later.iter().enumerate() {
                    let joined = if place + 1 == later.len() { " and" } else { "," };
                    let more = in_words(*more).to_lowercase();
                    words.push_str(&format!("{joined} {more} more by {}", long_date(*by)));
                }
                format!("{words} would cover {all}.")
            }
        }
    }
}

/// Where a year stands on a day if its credits came evenly; none for a day outside of it.
#[must_use]
pub fn even_pace(year: &CertificationYear, required: Credits, today: NaiveDate) -> Option<Credits> {
    if !(year.starts_on..=year.deadline).contains(&today) {
        return None;
    }
    // the first day and the last one belong to it
    let gone = days_between(year.starts_on, today).saturating_add(1);
    let all = days_between(year.starts_on, year.deadline).saturating_add(1).max(1);
    let parts = i128::from(required.parts()) * i128::from(gone) / i128::from(all);
    Some(Credits::from_parts(i64::try_from(parts).unwrap_or(required.parts())))
}

/// Small numbers at the beginning of a sentence, in words.
fn in_words(number: i64) -> String {
    let words = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];
    let word = usize::try_from(number).ok().and_then(|number| words.get(number));
    word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// How many days reviews usually take: the middle one of recent ones, each from the day of its report to the day of its verdict. What still
/// waits, and has waited longer than that, counts too: where much lies about undecided, the few that were quick are not what is usual.
/// `None` when there are too few to speak of what is usual.
#[must_use]
pub fn usual_days(recent: &[(NaiveDate, Option<NaiveDate>)], today: NaiveDate) -> Option<i64> {
    let waited =
        |(from, to): &(NaiveDate, Option<NaiveDate>)| days_between(*from, to.unwrap_or(today)).max(0);
    let (decided, waiting): (Vec<_>, Vec<_>) = recent.iter().partition(|(_, to)| to.is_some());
    let mut days: Vec<i64> = decided.into_iter().map(waited).collect();
    let of_decided = if days.len() < 3 { None } else { middle(&mut days) }?;
    days.extend(waiting.into_iter().map(waited).filter(|days| *days > of_decided));
    middle(&mut days)
}

fn middle(days: &mut [i64]) -> Option<i64> {
    days.sort_unstable();
    days.get(days.len() / 2).copied()
}

/// "Reviews usually take 3 days.", for a report that has waited some days; when that is longer, it says so. Empty when nothing is known.
#[must_use]
pub fn usual_in_words(days: Option<i64>, waited: i64) -> String {
    match days {
        None => String::new(),
        Some(days) if waited > days.max(1) => {
            let usual = match days {
                ..=0 => "are usually done on the same day".to_owned(),
                1 => "usually take a day".to_owned(),
                days => format!("usually take {days} days"),
            };
            format!("Reviews {usual}. This time it has been {waited} days already: we are late, not you.")
        }
        Some(..=0) => "Reviews are usually done on the same day.".to_owned(),
        Some(1) => "Reviews usually take a day.".to_owned(),
        Some(days) => format!("Reviews usually take {days} days."),
    }
}
