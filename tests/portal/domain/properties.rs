//! Properties that hold for all inputs.

use chrono::{Days, NaiveDate};
use cpe_portal::domain::activities::activity::{ActivityStatus, Report};
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::activities::eligibility::{may_report, usable_years};
use cpe_portal::domain::activities::publication::{PublicationClaim, allot, fold_title};
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::address;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::standing::judge;
use cpe_portal::domain::dates::{year_end, year_number_on, year_start};
use cpe_portal::domain::ledger::{CertificateFile, HolderFile, Sums};
use cpe_portal::domain::text::{composed, on_one_line, without_case};
use proptest::prelude::*;

use super::sample::{
    certificate, credits, day, ended, holder, ledger, practitioner, settle, version_1, with_years, written,
};

/// Any day from 1990 to 2089, leap days as likely as all the others together.
fn any_day() -> impl Strategy<Value = NaiveDate> {
    let plain = (0_u64..36_500).prop_map(|days| day("1990-01-01") + Days::new(days));
    let leap = (0_i32..25).prop_map(|n| NaiveDate::from_ymd_opt(1992 + 4 * n, 2, 29).unwrap());
    prop_oneof![plain, leap]
}

fn any_credits() -> impl Strategy<Value = Credits> {
    (0_i64..3_600_000_000).prop_map(Credits::from_parts)
}

proptest! {
    #[test]
    fn a_holder_may_report_exactly_when_some_day_up_to_today_can_be_used(
        granted in 0_u64..1_200,
        settled in prop::collection::vec(any::<bool>(), 6),
        extended in prop::option::of((0_usize..4, 1_u64..366)),
        ended_after in prop::option::of((0_u64..1_200, prop::option::of(1_u64..200))),
    ) {
        let (first, today) = (day("2023-06-01"), day("2026-11-23"));
        let granted_on = (first + Days::new(granted)).to_string();
        let mut held = certificate(1, Level::Practitioner, &granted_on);
        if let Some((after, back)) = ended_after {
            let on = held.granted_on + Days::new(after);
            let back = back.map(|days| (on + Days::new(days)).to_string());
            held = ended(held, &on.to_string(), back.as_deref());
        }
        let mut own = with_years(held, "2026-11-23");
        if let Some((index, days)) = extended
            && let Some(year) = own.years.get_mut(index)
        {
            year.deadline = year.deadline + Days::new(days);
        }
        for (number, settled) in (1_i64..).zip(&settled) {
            if *settled && own.years.iter().any(|year| year.number == number) {
                settle(&mut own, number, YearOutcome::Void, "2026-11-20", "0");
            }
        }
        let file = holder(vec![own], vec![]);
        let days = first.iter_days().take_while(|day| *day <= today);
        let usable = days.filter(|day| usable_years(&file, *day, today).is_ok()).count();
        prop_assert_eq!(may_report(&file, today).is_ok(), usable > 0, "{} days", usable);
    }

    #[test]
    fn what_is_kept_of_a_text_is_kept_as_it_is_whatever_turns_or_joins_in_it(
        signs in prop::collection::vec(prop::sample::select(
            // letters, marks that go with them, what turns the direction, what nobody sees, spaces
            "aeνΙιΐΪ가ㅏ\u{301}\u{308}\u{327}\u{325}\u{202d}\u{2066}\u{202c}\u{200d}\u{ad} \u{2003}\u{345}".chars().collect::<Vec<_>>(),
        ), 0..12),
    ) {
        let typed: String = signs.into_iter().collect();
        for keeps in [|text: &str| composed(text).into_owned(), on_one_line, without_case, fold_title, address::kept, address::compared] {
            let kept = keeps(&typed);
            prop_assert_eq!(keeps(&kept), kept, "{:?}", typed);
        }
    }

    #[test]
    fn the_order_of_adding_credits_never_matters(
        (before, after) in prop::collection::vec(any_credits(), 0..40)
            .prop_flat_map(|amounts| (Just(amounts.clone()), Just(amounts).prop_shuffle()))
    ) {
        let sum = |amounts: &[Credits]| amounts.iter().copied().sum::<Credits>();
        prop_assert_eq!(sum(&before), sum(&after));
        let halves = before.split_at(before.len() / 2);
        prop_assert_eq!(sum(halves.0) + sum(halves.1), sum(&after));
    }

    #[test]
    fn what_is_shown_of_credits_and_parsed_again_agrees(amount in any_credits()) {
        let shown = Credits::parse(&amount.to_string()).unwrap();
        prop_assert!(shown <= amount);
        prop_assert!(amount.parts() - shown.parts() < 360, "less than a hundredth is not shown");
        prop_assert_eq!(shown.to_string(), amount.to_string());
        let up = Credits::parse(&amount.rounded_up()).unwrap();
        prop_assert!(up >= amount && up.parts() - amount.parts() < 360);
    }

    #[test]
    fn credits_with_two_decimals_survive_both_ways(hundredths in 0_i64..10_000_000) {
        let typed = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let amount = Credits::parse(&typed).unwrap();
        prop_assert_eq!(amount.to_string(), typed.clone());
        prop_assert_eq!(amount.rounded_up(), typed.clone());
        prop_assert_eq!(Credits::parse(&typed.replace('.', ",")).unwrap(), amount);
    }

    #[test]
    fn a_quantity_typed_out_parses_to_itself(amount in 1_i64..5_999_940, which in 0_usize..6) {
        let category = Category::ALL[which];
        let quantity = Quantity::new(amount, category.unit()).unwrap();
        prop_assert_eq!(Quantity::parse(category, &quantity.typed()), Ok(quantity));
        let padded = format!(" {} ", quantity.typed());
        prop_assert_eq!(Quantity::parse(category, &padded), Ok(quantity));
    }

    #[test]
    fn any_text_at_all_is_read_or_refused_without_a_panic(text in "\\PC*", which in 0_usize..6) {
        let _ = Quantity::parse(Category::ALL[which], &text);
        let _ = Quantity::from_hours_and_minutes(&text, &text);
        let _ = Credits::parse(&text);
        let _ = cpe_portal::domain::dates::parse_day(&text);
    }

    #[test]
    fn every_day_from_the_grant_on_lies_in_exactly_one_year(granted in any_day(), later in 0_u64..20_000) {
        let on = granted + Days::new(later);
        let number = year_number_on(granted, on).unwrap();
        let lies_in = |n: i64| n >= 1 && year_start(granted, n) <= on && on <= year_end(granted, n);
        let around: Vec<i64> = (number - 2..=number + 2).filter(|n| lies_in(*n)).collect();
        prop_assert_eq!(around, vec![number]);
        prop_assert_eq!(year_end(granted, number).succ_opt().unwrap(), year_start(granted, number + 1));
        let length = (year_end(granted, number) - year_start(granted, number)).num_days() + 1;
        prop_assert!(length == 365 || length == 366, "{} days", length);
        prop_assert_eq!(year_number_on(granted, granted.pred_opt().unwrap()), None);
    }

    #[test]
    fn no_day_counts_twice_for_one_certificate_whatever_was_extended(
        granted in any_day(),
        moves in prop::collection::vec(prop_oneof![Just(0_u64), Just(365), 0_u64..=365], 6),
        later in 0_u64..1_900,
    ) {
        let today = granted + Days::new(5 * 366);
        let mut file: CertificateFile = with_years(certificate(1, Level::Expert, &granted.to_string()), &today.to_string());
        for (year, move_by) in file.years.iter_mut().zip(moves) {
            year.deadline = year.ends_on + Days::new(move_by);
        }
        let on = granted + Days::new(later);
        let windows: Vec<usize> = (0..file.years.len())
            .filter(|&index| file.window(index).is_some_and(|(from, to)| from <= on && on <= to))
            .collect();
        // exactly one: no day is lost to an extension either
        let last = file.years.last().unwrap().deadline;
        if on <= last {
            prop_assert_eq!(windows.len(), 1, "{:?}", windows);
            prop_assert_eq!(file.year_for(on), Some(windows[0]));
            let found = &file.years[windows[0]];
            prop_assert!(found.starts_on <= on && on <= found.deadline);
        }
    }

    #[test]
    fn a_publication_never_earns_more_than_its_cap(
        claims in prop::collection::vec((0_i64..12, any::<bool>()), 1..12),
        settled_first in 0_i64..=5,
    ) {
        let claims: Vec<PublicationClaim> = claims
            .into_iter()
            .enumerate()
            .map(|(position, (pages, approved))| PublicationClaim {
                raw: Credits::whole(pages.max(if position == 0 { settled_first } else { 0 })),
                settled: Credits::whole(if position == 0 { settled_first } else { 0 }),
                cap: Credits::whole(5),
                approved: approved || (position == 0 && settled_first > 0),
            })
            .collect();
        let allotted = allot(&claims);
        let total: Credits = allotted.iter().map(|a| a.share).sum();
        prop_assert!(total <= Credits::whole(5), "{}", total);
        let wanted: Credits = claims.iter().map(|c| c.raw).sum();
        prop_assert_eq!(total, wanted.min(Credits::whole(5)), "and nothing of it is wasted");
        for (claim, allotment) in claims.iter().zip(&allotted) {
            prop_assert!(allotment.share <= claim.raw && allotment.share >= claim.settled);
            prop_assert!(allotment.share + allotment.taken_before <= Credits::whole(5));
        }
        // nobody undecided takes anything from anybody approved
        let alone: Vec<PublicationClaim> = claims.iter().copied().filter(|c| c.approved).collect();
        let approved_shares: Vec<Credits> =
            claims.iter().zip(&allotted).filter(|(c, _)| c.approved).map(|(_, a)| a.share).collect();
        prop_assert_eq!(allot(&alone).iter().map(|a| a.share).collect::<Vec<_>>(), approved_shares);
    }

    #[test]
    fn the_order_in_which_reports_are_decided_never_matters_for_the_end(
        pages in prop::collection::vec(1_i64..7, 2..8),
        verdicts in prop::collection::vec(any::<bool>(), 8),
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let policies = version_1();
        let mut file: HolderFile = holder(
            vec![practitioner("2026-01-01", "2026-11-23")],
            pages.iter().zip(1..).map(|(n, id)| written(id, &format!("2026-0{id}-01"), &n.to_string(), "a")).collect(),
        );
        // decided one by one, in a random order, with the total checked after each
        for position in order.into_iter().filter(|position| *position < pages.len()) {
            let id = i64::try_from(position).unwrap() + 1;
            if verdicts[position] {
                file.reports.iter_mut().find(|r| r.id.0 == id).unwrap().status = ActivityStatus::Approved;
            } else {
                file.reports.retain(|r| r.id.0 != id);
            }
            let total: Credits = ledger(&file, &policies).lines().map(|line| line.share.credits).sum();
            prop_assert!(total <= credits("5"));
        }
        // in the end: the approved ones in the order of their days, as if nothing else had ever been there
        let mut left = 5;
        let expected: Vec<Credits> = pages
            .iter()
            .zip(&verdicts)
            .filter(|(_, approved)| **approved)
            .map(|(n, _)| { let share = (*n).min(left); left -= share; Credits::whole(share) })
            .collect();
        let found: Vec<Credits> = ledger(&file, &policies).lines().map(|line| line.share.credits).collect();
        prop_assert_eq!(found, expected);
        prop_assert!(file.reports.iter().all(|r: &Report| r.status == ActivityStatus::Approved));
    }

    #[test]
    fn more_approved_credits_never_make_an_outcome_worse(
        approved in any_credits(), pending in any_credits(), more in any_credits(), required in any_credits(),
    ) {
        let sums = Sums { approved, pending, required, carried: Credits::ZERO };
        let better = Sums { approved: approved + more, ..sums };
        prop_assert!(judge(&better) >= judge(&sums));
        prop_assert!(better.missing() <= sums.missing());
        // approving what is pending does not make it worse either, and neither does reporting more
        let decided = Sums { approved: approved + pending, pending: Credits::ZERO, ..sums };
        prop_assert!(judge(&decided) >= judge(&sums));
        let reported = Sums { pending: pending + more, ..sums };
        prop_assert!(judge(&reported) >= judge(&sums));
    }
}
