//! What the test knows: plain facts, written down as it acts. Nothing here is shared with the portal.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::Ratio;

use super::calendar::{Day, anniversary};

pub type Amount = Ratio<i64>;

/// Attending, reading, writing, teaching, course material, unregistered.
pub const KINDS: [&str; 6] =
    ["attending", "reading", "writing", "teaching", "course_material", "unregistered"];
pub const WRITING: usize = 2;

/// The figures in force from a day on.
pub struct Rules {
    pub from: Day,
    pub practitioner: i64,
    pub above: i64,
    /// Units for a credit, by kind.
    pub units: [i64; 6],
    pub cap: i64,
    pub stages: Vec<i64>,
    pub notice: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    SentBack,
    Approved,
    Gone,
}

#[derive(Clone, Debug)]
pub struct Told {
    pub person: usize,
    pub kind: usize,
    pub done: Day,
    pub reported: (Day, u32),
    pub amount: i64,
    pub awarded: Option<i64>,
    /// The title in small letters with single spaces.
    pub publication: Option<String>,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    pub how: &'static str,
    pub on: Day,
    pub approved: Amount,
    pub required: Amount,
}

#[derive(Clone, Debug, Default)]
pub struct YearFacts {
    pub moved_to: Option<Day>,
    pub flagged: Option<Day>,
    pub settled: Option<Settled>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Foundation,
    Practitioner,
    Above,
}

#[derive(Clone, Debug)]
pub struct Badge {
    pub until: Option<Day>,
    pub revoked: Option<Day>,
}

#[derive(Clone, Debug)]
pub struct Cert {
    pub number: String,
    pub person: usize,
    pub level: Level,
    pub granted: Day,
    /// Decertified and reinstated.
    pub gaps: Vec<(Day, Option<Day>)>,
    pub years: BTreeMap<i64, YearFacts>,
    /// Years whose minimum was confirmed.
    pub confirmed: BTreeSet<i64>,
    pub badges: Vec<Badge>,
    starts: Vec<Day>,
}

impl Cert {
    pub fn new(number: String, person: usize, level: Level, granted: Day) -> Cert {
        let starts = (0..40).map(|years| anniversary(granted, years)).collect();
        Cert {
            number,
            person,
            level,
            granted,
            gaps: Vec::new(),
            years: BTreeMap::new(),
            confirmed: BTreeSet::new(),
            badges: Vec::new(),
            starts,
        }
    }

    pub fn start(&self, year: i64) -> Day {
        self.starts[usize::try_from(year - 1).unwrap()]
    }

    pub fn end(&self, year: i64) -> Day {
        self.start(year + 1) - 1
    }

    pub fn deadline(&self, year: i64) -> Day {
        self.years.get(&year).and_then(|facts| facts.moved_to).unwrap_or_else(|| self.end(year))
    }

    pub fn settled(&self, year: i64) -> Option<&Settled> {
        self.years.get(&year).and_then(|facts| facts.settled.as_ref())
    }

    pub fn flagged(&self, year: i64) -> Option<Day> {
        self.years.get(&year).and_then(|facts| facts.flagged)
    }

    pub fn year_of(&self, day: Day) -> i64 {
        let started = self.starts.iter().filter(|start| **start <= day).count();
        i64::try_from(started).unwrap()
    }

    pub fn stands(&self) -> bool {
        self.gaps.iter().all(|gap| gap.1.is_some())
    }

    pub fn active(&self, day: Day) -> bool {
        self.granted <= day
            && self.gaps.iter().all(|(from, to)| day < *from || to.is_some_and(|to| day >= to))
    }

    /// The year for which something done on `day` counts: the earliest whose deadline had not passed.
    pub fn home(&self, day: Day) -> Option<i64> {
        if self.level == Level::Foundation || !self.active(day) {
            return None;
        }
        (1..=self.year_of(day)).find(|year| day <= self.deadline(*year))
    }
}

/// A reminder stage as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub why: &'static str,
    pub on: Day,
    pub sums: [Amount; 3],
}

/// Certificate, year, deadline.
pub type Flag = (usize, i64, Day);

#[derive(Default)]
pub struct Body {
    pub rules: Vec<Rules>,
    pub people: usize,
    pub certs: Vec<Cert>,
    pub certs_of: Vec<Vec<usize>>,
    pub reports: BTreeMap<i64, Told>,
    pub reports_of: Vec<Vec<i64>>,
    /// What settled years counted: certificate, year, report.
    pub counted: BTreeMap<(usize, i64, i64), Amount>,
    /// Certificate, year, deadline, stage.
    pub rows: BTreeMap<(usize, i64, Day, i64), Row>,
    /// Held flags: since when, and whether they are confirmed.
    pub held: BTreeMap<Flag, (Day, bool)>,
}

impl Body {
    pub fn rules_on(&self, day: Day) -> &Rules {
        self.rules.iter().rfind(|rules| rules.from <= day).unwrap_or(&self.rules[0])
    }

    pub fn add_person(&mut self) -> usize {
        self.people += 1;
        self.certs_of.push(Vec::new());
        self.reports_of.push(Vec::new());
        self.people - 1
    }

    /// A certificate taken over on `today` in good standing.
    pub fn add_cert(&mut self, mut cert: Cert, today: Day) -> usize {
        let index = self.certs.len();
        if cert.level != Level::Foundation {
            for year in 1..cert.year_of(today) {
                let settled = Settled {
                    how: "before_takeover",
                    on: today,
                    approved: Ratio::from_integer(0),
                    required: self.required(&cert, year),
                };
                cert.years.insert(year, YearFacts { settled: Some(settled), ..YearFacts::default() });
            }
        }
        let until = self.badge_until(&cert, today);
        cert.badges.push(Badge { until, revoked: None });
        self.certs_of[cert.person].push(index);
        self.certs.push(cert);
        index
    }

    pub fn required(&self, cert: &Cert, year: i64) -> Amount {
        let rules = self.rules_on(cert.start(year));
        Ratio::from_integer(match cert.level {
            Level::Foundation => 0,
            Level::Practitioner => rules.practitioner,
            Level::Above => rules.above,
        })
    }

    /// 90 days after the latest deadline among the year in progress and the open ones before it.
    pub fn badge_until(&self, cert: &Cert, today: Day) -> Option<Day> {
        if cert.level == Level::Foundation {
            return None;
        }
        let current = cert.year_of(today);
        (1..=current)
            .filter(|year| *year == current || cert.settled(*year).is_none())
            .map(|year| cert.deadline(year) + 90)
            .max()
    }

    pub fn usable(&self, person: usize, done: Day, today: Day) -> bool {
        done <= today
            && self.certs_of[person].iter().any(|cert| {
                let cert = &self.certs[*cert];
                cert.home(done).is_some_and(|year| cert.settled(year).is_none())
            })
    }

    /// What every report of a person that was not rejected or taken back earns.
    pub fn earned(&self, person: usize) -> BTreeMap<i64, Amount> {
        let mut earned = BTreeMap::new();
        let mut pots: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for id in &self.reports_of[person] {
            let told = &self.reports[id];
            if told.state == State::Gone {
                continue;
            }
            earned.insert(*id, self.raw(told));
            if let Some(title) = &told.publication {
                pots.entry(title).or_default().push(*id);
            }
        }
        for mut ids in pots.into_values() {
            ids.sort_by_key(|id| {
                let told = &self.reports[id];
                (told.state != State::Approved, told.done, told.reported, *id)
            });
            let before: BTreeMap<i64, Amount> =
                ids.iter().map(|id| (*id, self.counted_most(person, *id))).collect();
            let mut given: Amount = before.values().sum();
            for id in ids {
                let told = &self.reports[&id];
                let left = Ratio::from_integer(self.rules_on(told.done).cap) - given;
                let wants = self.raw(told) - before[&id];
                let more = wants.min(left).max(Ratio::from_integer(0));
                given += more;
                earned.insert(id, before[&id] + more);
            }
        }
        earned
    }

    fn raw(&self, told: &Told) -> Amount {
        Ratio::new(told.awarded.unwrap_or(told.amount), self.rules_on(told.done).units[told.kind])
    }

    fn counted_most(&self, person: usize, report: i64) -> Amount {
        let mut most = Ratio::from_integer(0);
        for cert in &self.certs_of[person] {
            let years = self.counted.range((*cert, 0, 0)..(*cert + 1, 0, 0));
            for (_, amount) in years.filter(|((_, _, id), _)| *id == report) {
                most = most.max(*amount);
            }
        }
        most
    }

    /// Approved, undecided and required credits of an open year.
    pub fn sums(&self, cert: usize, year: i64, earned: &BTreeMap<i64, Amount>) -> [Amount; 3] {
        let cert = &self.certs[cert];
        let mut sums = [Ratio::from_integer(0), Ratio::from_integer(0), self.required(cert, year)];
        for (id, amount) in earned {
            let told = &self.reports[id];
            if cert.home(told.done) == Some(year) {
                sums[usize::from(told.state != State::Approved)] += amount;
            }
        }
        sums
    }
}
