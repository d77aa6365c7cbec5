//! What an administrator may decide, and what becomes of the facts then.

use num_rational::Ratio;

use super::calendar::Day;
use super::facts::{Badge, Body, Settled, State};

impl Body {
    /// Whether the flag of a year can be confirmed on `today`: notice over, and not while undecided reports could meet the minimum.
    pub fn may_decertify(&self, cert: usize, year: i64, today: Day) -> bool {
        let Some(flagged) = self.certs[cert].flagged(year) else { return false };
        let notice = self.rules_on(self.certs[cert].start(year)).notice;
        let [approved, pending, required] = self.sums(cert, year, &self.earned(self.certs[cert].person));
        self.certs[cert].stands()
            && self.certs[cert].settled(year).is_none()
            && today > flagged + notice
            && approved + pending < required
    }

    pub fn decertify(&mut self, cert: usize, year: i64, today: Day) {
        let earned = self.earned(self.certs[cert].person);
        let [approved, _, required] = self.sums(cert, year, &earned);
        for (id, amount) in earned {
            let told = &self.reports[&id];
            if told.state == State::Approved && self.certs[cert].home(told.done) == Some(year) {
                self.counted.insert((cert, year, id), amount);
            }
        }
        self.close(cert, year, Settled { how: "decertified", on: today, approved, required });
        // the year in progress and the next one have rows; their end is recorded too
        for other in 1..=self.certs[cert].year_of(today) + 1 {
            if self.certs[cert].settled(other).is_none() {
                let required = self.required(&self.certs[cert], other);
                let approved = Ratio::from_integer(0);
                self.close(cert, other, Settled { how: "void", on: today, approved, required });
            }
        }
        self.certs[cert].gaps.push((today, None));
        self.certs[cert].badges.last_mut().unwrap().revoked = Some(today);
    }

    pub fn waive(&mut self, cert: usize, year: i64, today: Day) {
        let required = self.required(&self.certs[cert], year);
        let approved = Ratio::from_integer(0);
        self.close(cert, year, Settled { how: "waived", on: today, approved, required });
        self.sign(cert, today);
    }

    pub fn extend(&mut self, cert: usize, year: i64, until: Day, today: Day) {
        self.held.retain(|flag, _| (flag.0, flag.1) != (cert, year));
        let facts = self.certs[cert].years.entry(year).or_default();
        facts.flagged = None;
        facts.moved_to = Some(until);
        self.sign(cert, today);
    }

    pub fn reinstate(&mut self, cert: usize, today: Day) {
        let current = self.certs[cert].year_of(today);
        for year in 1..=current + 1 {
            let ended = self.certs[cert].end(year) < today;
            let required = self.required(&self.certs[cert], year);
            let facts = self.certs[cert].years.entry(year).or_default();
            match &mut facts.settled {
                Some(settled) if settled.how == "decertified" || (settled.how == "void" && ended) => {
                    settled.how = "waived";
                }
                Some(settled) if settled.how == "void" => facts.settled = None,
                None if ended => {
                    let approved = Ratio::from_integer(0);
                    facts.settled = Some(Settled { how: "waived", on: today, approved, required });
                }
                _ => {}
            }
        }
        self.certs[cert].gaps.last_mut().unwrap().1 = Some(today);
        let until = self.badge_until(&self.certs[cert], today);
        self.certs[cert].badges.push(Badge { until, revoked: None });
    }

    fn close(&mut self, cert: usize, year: i64, settled: Settled) {
        self.held.retain(|flag, _| (flag.0, flag.1) != (cert, year));
        let facts = self.certs[cert].years.entry(year).or_default();
        facts.flagged = None;
        facts.settled = Some(settled);
    }
}
