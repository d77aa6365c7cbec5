//! The life stories: one for every situation that a certification year can be in, the most interesting first, then ordinary lives.

use chrono::{Datelike, NaiveDate};

use super::agenda::{Agenda, Proof, Step};
use super::life::{APPROVED, Life, Year, needed};
use super::people::{HOLDERS, REVIEWER};
use super::random::Random;
use super::reports::{Deed, deed, writing};
use crate::actions::certification::decisions::command::Deciding;
use crate::actions::reviews::GivenVerdict;
use crate::domain::activities::category::Category;
use crate::domain::activities::review::{ReasonCode, ReviewDecision};
use crate::domain::activities::submission::Intent;
use crate::domain::dates::{plus_days, year_end, year_number_on, year_start};

/// Practitioner certifications, for ordinary lives.
const ORDINARY: [&str; 10] = ["ISP", "ITSP", "DPP", "BCP", "CMP", "EHP", "SPP", "ISME", "CDPO", "CITSO"];

/// Plans the lives of the first `holders` people, and the reviewer's own certificate.
pub(super) fn plan(agenda: &mut Agenda, holders: usize) {
    let mut random = Random::new(20_271_123);
    for (index, person) in HOLDERS.into_iter().enumerate().take(holders) {
        Life { agenda, person, random: &mut random, number: index + 1 }.story(index);
    }
    Life { agenda, person: REVIEWER, random: &mut random, number: 900 }.reviewer();
}

impl Life<'_> {
    fn reviewer(&mut self) {
        let year = self.hold("ISP", 140);
        self.wait_for_review(&year, 9);
    }

    fn story(&mut self, index: usize) {
        match index {
            0 => self.at_risk(),
            1 => self.flagged_lately(),
            2 => self.safe(),
            3 => self.returned(),
            4 => self.several_certificates(),
            5 => self.decertified(),
            6 => self.awaiting_review(),
            7 => self.extended(),
            8 => self.foundation_only(),
            9 => self.capped_publication(),
            10 => self.far_field(),
            11 => self.reinstated(),
            12 => self.waived(),
            13 => {
                self.over("ISP", -25, 12);
            }
            14 => {
                let year = self.over("EHP", -20, 20);
                let on = self.day(-10);
                self.late(&year, 24, on);
            }
            15 => {
                let year = self.over("SPP", -40, 30);
                let (on, approved) = (self.day(-36), self.day(-33));
                let key = self.late(&year, 12, on);
                self.review(key, approved, APPROVED);
            }
            16 => {
                self.over("CMP", -15, 48);
            }
            17 => self.only_a_draft(),
            18 => self.just_granted(),
            19 => self.leap_day(),
            20 => self.awarded_less(),
            21 => self.rejected(),
            22 => {
                let year = self.hold("BCP", 10);
                self.earn_lately(&year, 10);
                self.wait_for_review(&year, 32);
            }
            23 => self.withdrawn(),
            24 => self.answered(),
            25 => {
                let year = self.hold("CISO", 33);
                self.earn_lately(&year, 80);
            }
            _ => self.ordinary(),
        }
    }

    fn at_risk(&mut self) {
        self.sign_in("at risk: too few credits and the deadline is near");
        let year = self.hold("ISP", 20);
        self.earn_lately(&year, 16);
    }

    fn flagged_lately(&mut self) {
        self.sign_in("flagged: the notice period is running");
        self.over("ISP", -5, 25);
    }

    fn safe(&mut self) {
        self.sign_in("safe: more than enough, half a year early");
        let year = self.hold("CISO", 150);
        self.earn_lately(&year, 88);
    }

    fn returned(&mut self) {
        self.sign_in("a report came back with a question");
        let year = self.hold("ISP", 75);
        self.earn_lately(&year, 18);
        let (deed, _) = deed(year.field, 12, self.day(-20), self.day(-14), self.random);
        let key = self.report_with(deed, self.day(-12), Proof::Nothing, Intent::Submit);
        let verdict = GivenVerdict {
            decision: Some(ReviewDecision::Return),
            reason_code: Some(ReasonCode::NoEvidence),
            reason: "Could you add the certificate of attendance, or the confirmation you received by email?",
            ..GivenVerdict::default()
        };
        let on = self.day(-4);
        self.review(key, on, verdict);
    }

    fn several_certificates(&mut self) {
        self.sign_in("several certificates: one report counts for all of them");
        let first = self.hold("ISP", 45);
        let second = self.hold("CISO", 200);
        let granted_on = self.day(-2900);
        self.row("ISF", granted_on);
        let by = self.day(-2);
        self.earn(&Year { starts: second.starts, ..first.clone() }, 60, self.day(-6), Some(by));
        self.wait_for_review(&Year { starts: self.day(-40), ..second }, 8);
    }

    fn decertified(&mut self) {
        self.sign_in("decertified: the badge is withdrawn");
        let year = self.over("ISP", -60, 13);
        let on = self.day(-40);
        let deciding = Deciding::Decertify { year: year.number, acknowledged: true };
        self.decide(
            &year,
            on,
            deciding,
            "The year closed with 6.5 of 20 credits and we did not hear from you within the notice period.",
        );
    }

    fn awaiting_review(&mut self) {
        self.sign_in("awaiting review: reported in time, nothing is held against them");
        let year = self.over("ISP", -8, 20);
        let mut open = year.clone();
        open.starts = plus_days(year.ends, -25);
        let to = plus_days(year.ends, -1);
        self.earn(&open, 24, to, None);
    }

    fn extended(&mut self) {
        self.sign_in("extended: the deadline was moved");
        let year = self.over("ISME", -30, 56);
        let (on, until) = (self.day(-45), self.day(25));
        let deciding = Deciding::Extend { year: year.number, until };
        self.decide(&year, on, deciding, "You told us about your parental leave. Enjoy the time.");
    }

    fn foundation_only(&mut self) {
        self.sign_in("foundation only: nothing to do, never expires");
        let granted_on = self.day(-1500);
        self.row("DPF", granted_on);
    }

    fn capped_publication(&mut self) {
        self.sign_in("two reports about one publication, which earns at most 5 credits");
        let year = self.hold("CITSO", 110);
        self.earn_lately(&year, 40);
        for (title, ago, pages) in [("Chapters 1 to 3", 60, 4), ("Chapters 4 and 5", 25, 4)] {
            let deed = writing(year.field, title, "Hardening the small office", pages, self.day(-ago));
            let key = self.report(deed, self.day(2 - ago));
            let on = self.day(7 - ago);
            self.review(key, on, APPROVED);
        }
    }

    fn far_field(&mut self) {
        self.sign_in("reported something outside the own field, with an explanation");
        let year = self.hold("DPP", 60);
        self.earn_lately(&year, 24);
        let (deed, _) = deed("crisis_management", 8, self.day(-15), self.day(-8), self.random);
        let relevance =
            "Our breach team runs under the crisis plan, and I lead its privacy part. The exercise was \
                         about a leak of health data."
                .to_owned();
        let on = self.day(-5);
        self.report_with(Deed { relevance, ..deed }, on, Proof::Pdf, Intent::Submit);
    }

    fn reinstated(&mut self) {
        self.sign_in("decertified, and reinstated after an appeal");
        let year = self.over("ISP", -120, 8);
        let (ended, stands) = (self.day(-100), self.day(-80));
        let deciding = Deciding::Decertify { year: year.number, acknowledged: true };
        self.decide(
            &year,
            ended,
            deciding,
            "The year closed with 4 of 20 credits, and the notice period is over.",
        );
        self.decide(
            &year,
            stands,
            Deciding::Reinstate,
            "You showed us that our letters went to an address that had been closed. We are sorry.",
        );
        let next = Year { starts: self.day(-70), number: year.number + 1, ..year };
        self.earn_lately(&next, 14);
    }

    fn waived(&mut self) {
        let year = self.over("BCP", -90, 17);
        let (on, deciding) = (self.day(-70), Deciding::Waive { year: year.number });
        self.decide(&year, on, deciding, "A long illness. The doctor's letter is in the file.");
    }

    fn only_a_draft(&mut self) {
        let year = self.hold("ISP", 12);
        let (deed, _) = deed(year.field, 12, self.day(-9), self.day(-5), self.random);
        let on = self.day(-3);
        self.report_with(deed, on, Proof::Nothing, Intent::Draft);
    }

    fn just_granted(&mut self) {
        let granted_on = self.day(-10);
        let number = format!("DPP-{}{:03}N", granted_on.format("%y"), self.number);
        self.agenda.put(granted_on, Step::Grant { person: self.person, certification: "DPP", number });
    }

    fn leap_day(&mut self) {
        // the last 29 February before the body had the portal
        let leap = (0..=9).find_map(|years| {
            let year = self.agenda.first_day.year() - years;
            NaiveDate::from_ymd_opt(year, 2, 29).filter(|day| *day <= self.agenda.first_day)
        });
        let Some(granted_on) = leap else { return self.ordinary() };
        let number = year_number_on(granted_on, self.agenda.today).unwrap_or(1);
        let ends = year_end(granted_on, number).signed_duration_since(self.agenda.today).num_days();
        let mut year = self.hold_since("ISP", granted_on, ends.max(20));
        year.number = number;
        // years that end between the first day and today
        for number in 1..number {
            let over = year_end(granted_on, number);
            if over > self.agenda.first_day {
                let past =
                    Year { number, starts: year_start(granted_on, number), ends: over, ..year.clone() };
                self.earn(&past, 44, plus_days(over, -9), Some(plus_days(over, -1)));
            }
        }
        year.starts = year_start(granted_on, number);
        self.earn_lately(&year, 22);
    }

    fn awarded_less(&mut self) {
        let year = self.hold("ITSP", 130);
        self.earn_lately(&year, 20);
        let (deed, _) = deed(year.field, 16, self.day(-30), self.day(-20), self.random);
        let deed = Deed { category: Category::Attending, amount: 480, ..deed };
        let key = self.report_with(deed, self.day(-18), Proof::Pdf, Intent::Submit);
        let verdict = GivenVerdict {
            decision: Some(ReviewDecision::Approve),
            quantity: "5:30",
            reason: "The programme shows five and a half hours without the breaks.",
            ..GivenVerdict::default()
        };
        let on = self.day(-11);
        self.review(key, on, verdict);
    }

    fn rejected(&mut self) {
        let year = self.hold("ITSP", 95);
        self.earn_lately(&year, 26);
        let (deed, _) = deed(year.field, 10, self.day(-30), self.day(-20), self.random);
        let deed = Deed { title: "Monthly patch round at the office".to_owned(), ..deed };
        let key = self.report(deed, self.day(-18));
        let verdict = GivenVerdict {
            decision: Some(ReviewDecision::Reject),
            reason_code: Some(ReasonCode::RegularJob),
            reason: "Patching your own systems is part of your regular work, which earns no credits.",
            ..GivenVerdict::default()
        };
        let on = self.day(-11);
        self.review(key, on, verdict);
    }

    fn withdrawn(&mut self) {
        let year = self.hold("EHP", 170);
        self.earn_lately(&year, 15);
        let (deed, _) = deed(year.field, 10, self.day(-20), self.day(-15), self.random);
        let key = self.report(deed, self.day(-14));
        let person = self.person;
        self.agenda.put(plus_days(self.agenda.today, -13), Step::Withdraw { key, person });
    }

    fn answered(&mut self) {
        let year = self.hold("CDPO", 85);
        self.earn_lately(&year, 50);
        let (deed, _) = deed(year.field, 12, self.day(-30), self.day(-25), self.random);
        let key = self.report_with(deed.clone(), self.day(-22), Proof::Nothing, Intent::Submit);
        let verdict = GivenVerdict {
            decision: Some(ReviewDecision::Return),
            reason_code: Some(ReasonCode::WrongDate),
            reason: "The programme you sent names another day. Which one is right?",
            ..GivenVerdict::default()
        };
        let (asked, answered) = (self.day(-15), self.day(-7));
        self.review(key, asked, verdict);
        let right = plus_days(deed.completed_on, -1);
        let person = self.person;
        self.agenda.put(answered, Step::Answer { key, person, deed: deed.on(right), proof: Proof::Pdf });
    }

    fn ordinary(&mut self) {
        let certification = self.random.one_of(&ORDINARY).copied().unwrap_or("ISP");
        let ends_from_today = self.random.between(5, 300);
        let year = self.hold(certification, ends_from_today);
        let gone = 365 - ends_from_today;
        let share = self.random.between(40, 150);
        let halves = needed(certification) * gone * share / (365 * 100);
        let pending = if self.random.chance(40) { halves / 4 } else { 0 };
        self.earn_lately(&year, halves - pending);
        self.wait_for_review(&year, pending);
        if self.number.is_multiple_of(7) {
            self.same_conference(&year);
        }
    }

    /// A conference that several people went to and report in the same words.
    fn same_conference(&mut self, year: &Year) {
        let deed = Deed {
            category: Category::Attending,
            title: "Annual conference on resilience".to_owned(),
            organiser: "Noordzee Security Forum",
            field: year.field,
            started_on: self.day(-9),
            completed_on: self.day(-9),
            amount: 6 * 60,
            publication: String::new(),
            relevance: String::new(),
        };
        self.report_with(deed, self.day(-6), Proof::Pdf, Intent::Submit);
    }
}
