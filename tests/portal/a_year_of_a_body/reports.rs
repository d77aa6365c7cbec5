//! People report, answer, take back; reviewers approve, award less, return and reject.

use std::collections::BTreeMap;

use cpe_portal::actions::ActionError;
use cpe_portal::actions::activities::evidence::Proofs;
use cpe_portal::actions::activities::form::{Setting, Typed, parse};
use cpe_portal::actions::activities::submission::{Form, NewReport, ReportOrigin, edit, enter};
use cpe_portal::actions::activities::withdraw;
use cpe_portal::actions::reviews::queue;
use cpe_portal::actions::reviews::{Ticked, approve_within, review_within};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::activities::review::{ReasonCode, Verdict};
use cpe_portal::domain::activities::submission::Intent;
use cpe_portal::domain::dates::Lean;
use cpe_portal::domain::ids::ActivityId;

use super::calendar::{Day, iso};
use super::facts::{Amount, KINDS, State, Told, WRITING};
use super::world::{Plan, World};
use crate::support::holder_of;

/// What somebody wants to report.
pub struct Wish {
    pub told: Told,
    pub typed: Typed,
}

enum Decided {
    Approve,
    Award(i64),
    Return,
    Reject,
}

impl World {
    /// Somebody's report of something done on `done`.
    pub fn wish(&mut self, person: usize, done: Day, today: Day, hour: u32) -> Wish {
        let kind = self.dice.weighed(&[(42, 0), (14, 1), (16, WRITING), (12, 3), (5, 4), (11, 5)]);
        let amount = match kind {
            1 => self.dice.between(20, 1800),
            WRITING => self.dice.between(1, 7),
            // a day has no more
            5 => self.dice.between(30, 1440),
            _ => self.dice.between(15, 900),
        };
        let publication = (kind == WRITING).then(|| {
            let nth = self.dice.throw(4);
            let titles = [
                "Trust  by Design",
                "trust by design",
                " TRUST BY DESIGN ",
                "Risk\tand Reason",
                "risk and REASON",
            ];
            format!("{} {}", titles[usize::try_from(self.dice.throw(5)).unwrap()], nth / 2)
        });
        let told = Told {
            person,
            kind,
            done,
            reported: (today, hour),
            amount,
            awarded: None,
            publication: publication
                .as_ref()
                .map(|title| title.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")),
            state: State::Waiting,
        };
        let typed = self.typed(&told, publication.unwrap_or_default());
        Wish { told, typed }
    }

    fn typed(&mut self, told: &Told, publication: String) -> Typed {
        let mut typed = Typed {
            category: KINDS[told.kind].to_owned(),
            title: format!("Something of {}", iso(told.done)),
            field: "it_security".to_owned(),
            completed_on: iso(told.done),
            publication,
            relevance: "It is close to what I am certified for.".to_owned(),
            not_regular_job: true,
            ..Typed::default()
        };
        let (hours, minutes) = (told.amount / 60, told.amount % 60);
        match told.kind {
            1 | WRITING => typed.pages = told.amount.to_string(),
            _ => match (self.dice.throw(3), minutes) {
                (0, 30) => typed.hours = format!("{hours},5"),
                (0, 15) => typed.hours = format!("{hours}.25"),
                (1, _) => typed.hours = format!("{hours}:{minutes:02}"),
                _ => (typed.hours, typed.minutes) = (hours.to_string(), minutes.to_string()),
            },
        }
        typed
    }

    /// Reports everything that is wished for, in one write; what no open year can use must be refused.
    pub fn report(&mut self, wishes: Vec<Wish>, today: Day) {
        let usable: Vec<bool> =
            wishes.iter().map(|wish| self.body.usable(wish.told.person, wish.told.done, today)).collect();
        let (now, on) = (self.portal.clock.now(), self.portal.clock.today());
        let accounts = &self.accounts;
        let ids: Vec<Option<i64>> = self
            .portal
            .store
            .write(|conn| {
                let mut ids = Vec::new();
                for (wish, usable) in wishes.iter().zip(&usable) {
                    let setting = Setting::load(conn, accounts[wish.told.person], on)?;
                    let parsed = parse(&wish.typed, &setting.fields, on, Lean::Back);
                    let problems = parsed.report_problems(&setting);
                    let fields: Vec<&str> = problems.iter().map(|(field, _)| *field).collect();
                    let expected: &[&str] = if *usable { &[] } else { &["completed_on"] };
                    assert_eq!(fields, expected, "{:?} on {}", wish.told, iso(today));
                    let id = if *usable {
                        let (holder, status) = (setting.file.holder, ActivityStatus::Submitted);
                        let facts = &parsed.facts;
                        let id = enter(
                            conn,
                            &NewReport { holder, facts, status, origin: ReportOrigin::Form },
                            now,
                        )?;
                        let file = setting.file.with(facts.report(id, status, now).unwrap());
                        queue::refresh(conn, &file, &setting.policies, setting.today)?;
                        Some(id.0)
                    } else {
                        None
                    };
                    ids.push(id);
                }
                Ok::<_, ActionError>(ids)
            })
            .unwrap();
        for (wish, id) in wishes.into_iter().zip(ids) {
            let Some(id) = id else {
                self.count("reports refused");
                continue;
            };
            self.count("reports");
            self.body.reports_of[wish.told.person].push(id);
            self.body.reports.insert(id, wish.told);
            let wait = self.dice.weighed(&[(65, 4), (20, 25), (12, 70), (3, 200)]);
            let wait = self.dice.between(0, wait);
            self.plan(today + wait, Plan::Review { report: id });
            if self.dice.in_a_thousand(25) {
                let wait = self.dice.between(0, 20);
                self.plan(today + wait, Plan::Withdraw { report: id });
            }
        }
    }

    /// A reviewer's day: decides about some reports in one write.
    pub fn review(&mut self, reports: Vec<i64>, today: Day) {
        let waiting: Vec<i64> =
            reports.into_iter().filter(|id| self.body.reports[id].state == State::Waiting).collect();
        let mut decided = Vec::new();
        for id in waiting {
            let told = &self.body.reports[&id];
            let less = 1 + told.amount / 3;
            let decision = match self.dice.throw(100) {
                0..84 => Decided::Approve,
                84..88 if less < told.amount => Decided::Award(less),
                84..94 => Decided::Return,
                _ => Decided::Reject,
            };
            decided.push((id, decision));
        }
        let bulk: Vec<i64> =
            decided.iter().filter(|(_, what)| matches!(what, Decided::Approve)).map(|(id, _)| *id).collect();
        self.approve(&bulk, today);
        for (id, decision) in decided {
            self.decide_one(id, decision, today);
        }
    }

    fn approve(&mut self, bulk: &[i64], today: Day) {
        if bulk.is_empty() {
            return;
        }
        let ticked: Vec<Ticked> =
            bulk.iter().map(|id| Ticked { activity: ActivityId(*id), version: self.version(*id) }).collect();
        let (now, on, portal, reviewer) =
            (self.portal.clock.now(), self.portal.clock.today(), &self.portal.portal, self.reviewer);
        let result =
            portal.store.write(|conn| approve_within(conn, portal, reviewer, &ticked, on, now)).unwrap();
        assert!(result.skipped.is_empty(), "{:?}", result.skipped);
        let mut by_person: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
        for id in bulk {
            by_person.entry(self.body.reports[id].person).or_default().push(*id);
        }
        for (person, ids) in by_person {
            let before = self.open_sums(person, today);
            for id in ids {
                self.body.reports.get_mut(&id).unwrap().state = State::Approved;
                self.count("approved");
            }
            self.expect_mail(person, "approved");
            self.confirm_minimums(person, before, today);
        }
    }

    fn decide_one(&mut self, id: i64, decision: Decided, today: Day) {
        let told = &self.body.reports[&id];
        let person = told.person;
        let category = Category::from_code(KINDS[told.kind]).unwrap();
        let reason = "It does not fit what you sent.".to_owned();
        let (verdict, kind, state) = match decision {
            Decided::Approve => return,
            Decided::Award(amount) => {
                let awarded = Some(Quantity::new(amount, category.unit()).unwrap());
                (Verdict::Approve { awarded, reason }, "approved", State::Approved)
            }
            Decided::Return => {
                (Verdict::Return { code: ReasonCode::NoEvidence, reason }, "returned", State::SentBack)
            }
            Decided::Reject => {
                (Verdict::Reject { code: ReasonCode::RegularJob, reason }, "rejected", State::Gone)
            }
        };
        let version = self.version(id);
        let (now, on, portal, reviewer) =
            (self.portal.clock.now(), self.portal.clock.today(), &self.portal.portal, self.reviewer);
        portal
            .store
            .write(|conn| review_within(conn, portal, reviewer, ActivityId(id), version, verdict, on, now))
            .unwrap();
        let before = self.open_sums(person, today);
        let told = self.body.reports.get_mut(&id).unwrap();
        told.state = state;
        if let Decided::Award(amount) = decision {
            told.awarded = Some(amount);
        }
        self.expect_mail(person, kind);
        self.confirm_minimums(person, before, today);
        self.count(kind);
        if state == State::SentBack {
            let wait = self.dice.between(1, 40);
            if self.dice.in_a_thousand(700) {
                self.plan(today + wait, Plan::Answer { report: id });
            }
        }
    }

    /// Certificate, year, approved and required credits of every open year.
    fn open_sums(&self, person: usize, today: Day) -> Vec<(usize, i64, Amount, Amount)> {
        let earned = self.body.earned(person);
        let mut open = Vec::new();
        for index in &self.body.certs_of[person] {
            let cert = &self.body.certs[*index];
            if cert.level == super::facts::Level::Foundation {
                continue;
            }
            for year in (1..=cert.year_of(today)).filter(|year| cert.settled(*year).is_none()) {
                let [approved, _, required] = self.body.sums(*index, year, &earned);
                open.push((*index, year, approved, required));
            }
        }
        open
    }

    /// Reaching the minimum of a year by an approval is confirmed once, in one mail for all years that reached theirs.
    fn confirm_minimums(&mut self, person: usize, before: Vec<(usize, i64, Amount, Amount)>, today: Day) {
        let after = self.open_sums(person, today);
        let mut reached = false;
        for ((cert, year, had, required), (_, _, has, _)) in before.into_iter().zip(after) {
            if had < required && has >= required && self.body.certs[cert].confirmed.insert(year) {
                reached = true;
                self.count("minimums reached");
            }
        }
        if reached {
            self.expect_mail(person, "minimum-reached");
        }
    }

    /// The holder answers a returned report with another quantity.
    pub fn answer(&mut self, id: i64, today: Day) {
        let told = self.body.reports[&id].clone();
        if told.state != State::SentBack {
            return;
        }
        let answered = Told { amount: told.amount + 5, state: State::Waiting, ..told.clone() };
        let typed = self.typed(&answered, told.publication.clone().unwrap_or_default());
        let form = Form { typed: &typed, proofs: &Proofs::default(), intent: Intent::Submit };
        let version = self.version(id);
        let done = edit(&self.portal, holder_of(self.accounts[told.person]), ActivityId(id), version, &form);
        if self.body.usable(told.person, told.done, today) {
            done.unwrap();
            self.body.reports.insert(id, answered);
            self.count("answered");
            let wait = self.dice.between(0, 30);
            self.plan(today + wait, Plan::Review { report: id });
        } else {
            // whoever could report nothing, whatever the day, is told that; others what is wrong with this day
            let could = (today - 4_000..=today).any(|day| self.body.usable(told.person, day, today));
            let refused = match &done {
                Err(ActionError::NothingToReport(_)) => !could,
                Err(ActionError::Invalid(_)) => could,
                _ => false,
            };
            assert!(refused, "{done:?}, and could report: {could}");
            self.count("answers refused");
        }
    }

    pub fn withdraw(&mut self, id: i64) {
        let told = &self.body.reports[&id];
        if !matches!(told.state, State::Waiting | State::SentBack) {
            return;
        }
        let (holder, version) = (holder_of(self.accounts[told.person]), self.version(id));
        withdraw(&self.portal, holder, ActivityId(id), version).unwrap();
        self.body.reports.get_mut(&id).unwrap().state = State::Gone;
        self.count("withdrawn");
    }
}
