//! The body itself: a portal that acts, and beside it the plain facts of what was done.

use std::collections::BTreeMap;

use cpe_portal::actions::certification::grant::{Grant, grant};
use cpe_portal::domain::ids::{AccountId, ActivityId, CertificateId};
use cpe_portal::domain::roles::{Administrator, Reviewer, Role};
use cpe_portal::store::accounts;
use cpe_portal::store::certification::{catalogue, policies};

use super::calendar::{Day, iso, of_iso};
use super::facts::{Body, Cert, Level, Rules};
use crate::support::{Rights, TestPortal, day};

/// Numbers that look random and are the same on every machine (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `below` − 1.
    pub fn throw(&mut self, below: i64) -> i64 {
        i64::try_from(self.next() % u64::try_from(below).unwrap()).unwrap()
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.throw(to - from + 1)
    }

    pub fn in_a_thousand(&mut self, chance: i64) -> bool {
        self.throw(1000) < chance
    }

    /// One of some choices, each with its weight.
    pub fn weighed<T: Copy>(&mut self, choices: &[(i64, T)]) -> T {
        let mut left = self.throw(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        choices[0].1
    }
}

/// Something that somebody has in mind for a later day.
#[derive(Clone, Copy, Debug)]
pub enum Plan {
    Review { report: i64 },
    Answer { report: i64 },
    Withdraw { report: i64 },
    LateReport { cert: usize, year: i64 },
    Decide { cert: usize, year: i64 },
    Reinstate { cert: usize },
}

pub struct World {
    pub portal: TestPortal,
    pub body: Body,
    pub dice: Dice,
    pub accounts: Vec<AccountId>,
    pub ids: Vec<CertificateId>,
    /// Reports a year that each person makes.
    pub pace: Vec<i64>,
    pub plans: BTreeMap<Day, Vec<Plan>>,
    pub reviewer: Reviewer,
    pub administrator: Administrator,
    /// Mails that are expected of what people did since they were last compared.
    pub mails: BTreeMap<(usize, &'static str), usize>,
    pub tally: BTreeMap<&'static str, usize>,
}

impl World {
    pub fn new(today: Day, seed: u64) -> World {
        let portal = TestPortal::new();
        portal.clock.set_local(day(&iso(today)), 8);
        let reviewer = portal.account("rita@body.test", "Rita Review", Role::Reviewer).as_reviewer();
        let administrator =
            portal.account("ada@body.test", "Ada Admin", Role::Administrator).as_administrator();
        let version_1 = Rules {
            from: of_iso("1970-01-01"),
            practitioner: 20,
            above: 40,
            units: [60, 150, 1, 60, 60, 180],
            cap: 5,
            stages: vec![90, 60, 30, 14, 7, 1],
            notice: 14,
        };
        let body = Body { rules: vec![version_1], ..Body::default() };
        World {
            portal,
            body,
            dice: Dice::new(seed),
            accounts: Vec::new(),
            ids: Vec::new(),
            pace: Vec::new(),
            plans: BTreeMap::new(),
            reviewer,
            administrator,
            mails: BTreeMap::new(),
            tally: BTreeMap::new(),
        }
    }

    pub fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    pub fn plan(&mut self, on: Day, plan: Plan) {
        self.plans.entry(on).or_default().push(plan);
    }

    pub fn expect_mail(&mut self, person: usize, kind: &'static str) {
        *self.mails.entry((person, kind)).or_default() += 1;
    }

    pub fn add_person(&mut self, pace: i64) -> usize {
        let person = self.body.add_person();
        self.pace.push(pace);
        person
    }

    /// Makes the accounts of everybody who has none yet.
    pub fn open_accounts(&mut self) {
        let now = self.portal.clock.now();
        let new = self.accounts.len()..self.body.people;
        let opened: Vec<AccountId> = self
            .portal
            .store
            .write(|conn| {
                new.map(|person| {
                    let (email, name) = (format!("p{person}@people.test"), format!("Person {person}"));
                    accounts::add(conn, &email, &name, Role::Holder, now)
                })
                .collect::<Result<_, _>>()
            })
            .unwrap();
        self.accounts.extend(opened);
    }

    /// Grants certificates, all of them in one write.
    pub fn grant(&mut self, wanted: Vec<(usize, Level, Day)>, today: Day) {
        self.open_accounts();
        let mut certs = Vec::new();
        for (person, level, granted) in wanted {
            let number = format!("N-{:05}", self.ids.len() + certs.len());
            certs.push(Cert::new(number, person, level, granted));
        }
        let (now, on) = (self.portal.clock.now(), self.portal.clock.today());
        let (accounts, ids) = (&self.accounts, self.ids.len());
        let granted: Vec<CertificateId> = self
            .portal
            .store
            .write(|conn| {
                let policies = policies::all(conn)?;
                let programmes = catalogue::certifications(conn)?;
                let mut granted = Vec::new();
                for (nth, cert) in certs.iter().enumerate() {
                    // one of the seven fields; within a field the levels stand in order
                    let at = (ids + nth) % 7 * 4;
                    let programme = match cert.level {
                        Level::Foundation => &programmes[at],
                        Level::Practitioner => &programmes[at + 1],
                        Level::Above => &programmes[at + 2 + nth % 2],
                    };
                    let wanted = Grant {
                        holder: accounts[cert.person],
                        certification: programme,
                        number: &cert.number,
                        granted_on: day(&iso(cert.granted)),
                        by: None,
                        twin: true,
                        closed: true,
                    };
                    granted.push(grant(conn, &self.portal, &wanted, &policies, on, now)?);
                }
                Ok::<_, cpe_portal::actions::ActionError>(granted)
            })
            .unwrap();
        self.ids.extend(granted);
        for cert in certs {
            self.body.add_cert(cert, today);
        }
    }

    pub fn version(&self, report: i64) -> i64 {
        let found = self
            .portal
            .store
            .read(|conn| cpe_portal::store::activities::find(conn, ActivityId(report)))
            .unwrap();
        found.unwrap().version
    }

    /// Rows of a question as texts, read from the database itself.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        self.portal.texts(sql)
    }

    /// Every row of every table, but of mails only which there are and how far they got, and nothing of what jobs remember.
    pub fn everything(&self) -> Vec<String> {
        let mails = "SELECT id || ' ' || state || ' ' || updated_at AS text FROM mails ORDER BY id";
        let mut rows = self.texts(mails);
        let others = self
            .portal
            .dump()
            .into_iter()
            .filter(|(table, _)| !["mails", "job_runs", "database_marks"].contains(&table.as_str()));
        for (table, of_one) in others {
            rows.extend(of_one.into_iter().map(|row| format!("{table}: {row}")));
        }
        rows
    }

    pub fn last_mail(&self) -> i64 {
        let last = "SELECT CAST(coalesce(max(id), 0) AS TEXT) AS text FROM mails";
        self.texts(last)[0].parse().unwrap()
    }

    /// The mails written after one of them: person and kind.
    pub fn mails_after(&self, last: i64) -> BTreeMap<(usize, String), usize> {
        let mut found = BTreeMap::new();
        let sql = format!("SELECT account_id || ' ' || kind AS text FROM mails WHERE id > {last}");
        for line in self.texts(&sql) {
            let (account, kind) = line.split_once(' ').unwrap();
            let account = AccountId(account.parse().unwrap());
            let person = self.accounts.iter().position(|id| *id == account).unwrap();
            *found.entry((person, kind.to_owned())).or_default() += 1;
        }
        found
    }
}
