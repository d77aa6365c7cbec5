//! Administrators answer flags, extend, reinstate, and confirm held flags; a second version of the rules comes into force.

use cpe_portal::actions::ActionError;
use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::actions::certification::decisions::decide;
use cpe_portal::actions::deadlines::confirm_held;
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::certification::decision::DecisionRefusal;
use cpe_portal::domain::certification::policy::{Minimums, Policy, Rate, Rates};
use cpe_portal::domain::ids::PolicyId;
use cpe_portal::store::certification::policies;

use super::calendar::{Day, iso};
use super::facts::Rules;
use super::world::{Plan, World};
use crate::support::day;

impl World {
    /// Answers a flag in one of the three ways, or tries to and is refused.
    pub fn answer_flag(&mut self, cert: usize, year: i64, today: Day) {
        let Some(flagged) = self.body.certs[cert].flagged(year) else { return };
        let furthest = self.body.certs[cert].end(year) + 365;
        let until = today + self.dice.between(5, 90);
        match self.dice.throw(100) {
            0..15 => {
                self.decide(cert, Deciding::Waive { year }).unwrap();
                self.body.waive(cert, year, today);
                self.expect_mail(self.body.certs[cert].person, "waived");
                self.count("waived");
            }
            15..35 if until <= furthest => {
                self.decide(cert, Deciding::Extend { year, until: day(&iso(until)) }).unwrap();
                self.body.extend(cert, year, until, today);
                self.expect_mail(self.body.certs[cert].person, "extended");
                self.count("flags extended");
            }
            _ => self.confirm_flag(cert, year, flagged, today),
        }
    }

    fn confirm_flag(&mut self, cert: usize, year: i64, flagged: Day, today: Day) {
        let allowed = self.body.may_decertify(cert, year, today);
        let decided = self.decide(cert, Deciding::Decertify { year, acknowledged: true });
        if allowed {
            decided.unwrap();
            self.body.decertify(cert, year, today);
            self.expect_mail(self.body.certs[cert].person, "decertified");
            self.count("decertified");
            if self.dice.in_a_thousand(550) {
                let wait = self.dice.weighed(&[(60, 60), (40, 330)]);
                let wait = self.dice.between(1, wait);
                self.plan(today + wait, Plan::Reinstate { cert });
            }
        } else {
            let refused = decided.unwrap_err();
            let early = today <= flagged + self.body.rules_on(self.body.certs[cert].start(year)).notice;
            match refused {
                ActionError::Refused(DecisionRefusal::NoticeRunning(_)) => assert!(early, "{}", iso(today)),
                ActionError::Refused(DecisionRefusal::PendingCouldMeet | DecisionRefusal::MinimumMet) => {}
                other => panic!("{other:?}"),
            }
            self.count("decertifications refused");
            let wait = self.dice.between(1, 20);
            self.plan(today + wait, Plan::Decide { cert, year });
        }
    }

    /// Moves the deadline of the year in progress, as an administrator may for any open year.
    pub fn extend_somebody(&mut self, today: Day) {
        let cert = usize::try_from(self.dice.throw(i64::try_from(self.body.certs.len()).unwrap())).unwrap();
        let known = &self.body.certs[cert];
        let year = known.year_of(today);
        let until = known.end(year) + self.dice.weighed(&[(50, 30), (35, 120), (15, 365)]);
        let open = known.level != super::facts::Level::Foundation && known.stands();
        if !open || known.settled(year).is_some() || until <= known.deadline(year) {
            return;
        }
        // close to the end of the year, or far ahead of it
        if known.end(year) - today > 60 && !self.dice.in_a_thousand(200) {
            return;
        }
        self.decide(cert, Deciding::Extend { year, until: day(&iso(until)) }).unwrap();
        self.body.extend(cert, year, until, today);
        self.expect_mail(self.body.certs[cert].person, "extended");
        self.count("open years extended");
    }

    pub fn reinstate(&mut self, cert: usize, today: Day) {
        self.decide(cert, Deciding::Reinstate).unwrap();
        self.body.reinstate(cert, today);
        self.expect_mail(self.body.certs[cert].person, "reinstated");
        self.count("reinstated");
    }

    fn decide(&self, cert: usize, deciding: Deciding) -> Result<(), ActionError> {
        decide(
            &self.portal,
            self.administrator,
            self.ids[cert],
            SeenVersion::default(),
            deciding,
            "Decided with care.",
        )
    }

    pub fn confirm_held_flags(&mut self) {
        let waiting = self.body.held.values().filter(|(_, confirmed)| !confirmed).count();
        assert_eq!(confirm_held(&self.portal, self.administrator).unwrap(), waiting);
        for (_, confirmed) in self.body.held.values_mut() {
            *confirmed = true;
        }
        self.count("confirmations of held flags");
    }

    /// Enters a second version of the rules, in force from a day on.
    pub fn enter_version_2(&mut self, from: Day) {
        let rules = Rules {
            from,
            practitioner: 24,
            above: 36,
            units: [60, 120, 1, 50, 60, 120],
            cap: 6,
            stages: vec![120, 60, 21, 7, 1],
            notice: 21,
        };
        let rate = |category, kind: usize| Rate::new(category, rules.units[kind]).unwrap();
        let policy = Policy {
            id: PolicyId(0),
            version: 2,
            first_day: day(&iso(from)),
            minimums: Minimums {
                practitioner: Credits::whole(rules.practitioner),
                expert: Credits::whole(rules.above),
                certified_officer: Credits::whole(rules.above),
            },
            rates: Rates {
                attending: rate(Category::Attending, 0),
                reading: rate(Category::Reading, 1),
                writing: rate(Category::Writing, 2),
                teaching: rate(Category::Teaching, 3),
                course_material: rate(Category::CourseMaterial, 4),
                unregistered: rate(Category::Unregistered, 5),
            },
            publication_cap: Credits::whole(rules.cap),
            stages: rules.stages.clone(),
            notice_days: rules.notice,
            carry_over: Credits::ZERO,
        };
        let now = self.portal.clock.now();
        let by = self.administrator.id;
        self.portal.store.write(|conn| policies::add(conn, &policy, by, now)).unwrap();
        self.body.rules.push(rules);
    }
}
