//! What a run of the deadlines must do, worked out from the facts alone.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::{Day, iso};
use super::facts::{Amount, Body, Flag, Level, Row, Settled, State};

/// What a run says, a line for each thing, and the mails it writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub reminders: Vec<String>,
    pub recertified: Vec<String>,
    pub flagged: Vec<String>,
    pub lifted: Vec<String>,
    pub held: Vec<String>,
    pub awaiting: Vec<String>,
    /// Person and kind.
    pub mails: BTreeMap<(usize, &'static str), usize>,
}

impl Said {
    pub fn lists(&self) -> [(&'static str, &Vec<String>); 6] {
        [
            ("reminders", &self.reminders),
            ("recertified", &self.recertified),
            ("flagged", &self.flagged),
            ("lifted", &self.lifted),
            ("held", &self.held),
            ("awaiting", &self.awaiting),
        ]
    }
}

/// Two decimals, rounded down.
pub fn shown(amount: &Amount) -> String {
    let hundredths = (amount * 100).floor().to_integer();
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// What happens to one year.
struct Judged {
    cert: usize,
    year: i64,
    sums: [Amount; 3],
    counts: Vec<(i64, Amount)>,
}

struct Stage {
    key: (usize, i64, Day, i64),
    row: Row,
}

impl Body {
    /// Runs the deadlines on `today`; `changes` false is a dry run.
    pub fn run(&mut self, today: Day, confirm_all: bool, changes: bool) -> Said {
        let (mut stages, mut met, mut lifted, mut short, mut awaiting) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for person in 0..self.people {
            let mut earned = None;
            for index in &self.certs_of[person] {
                let cert = &self.certs[*index];
                if cert.level == Level::Foundation || !cert.stands() {
                    continue;
                }
                for year in (1..=cert.year_of(today)).filter(|year| cert.settled(*year).is_none()) {
                    let over = today > cert.deadline(year);
                    let due = if over { Vec::new() } else { self.fresh_stages(*index, year, today) };
                    if !over && due.is_empty() {
                        continue;
                    }
                    let earned = earned.get_or_insert_with(|| self.earned(person));
                    let sums = self.sums(*index, year, earned);
                    let [approved, pending, required] = sums;
                    if !over {
                        let nearest = self.nearest_due(*index, year, today);
                        for stage in due {
                            let why = if stage != nearest {
                                "superseded"
                            } else if approved >= required {
                                "met"
                            } else if approved + pending >= required {
                                "covered"
                            } else {
                                "sent"
                            };
                            let key = (*index, year, cert.deadline(year), stage);
                            stages.push(Stage { key, row: Row { why, on: today, sums } });
                        }
                        continue;
                    }
                    let counts = earned
                        .iter()
                        .filter(|(id, _)| {
                            let told = &self.reports[*id];
                            told.state == State::Approved && cert.home(told.done) == Some(year)
                        })
                        .map(|(id, amount)| (*id, *amount))
                        .collect();
                    let judged = Judged { cert: *index, year, sums, counts };
                    match (approved >= required, cert.flagged(year).is_some()) {
                        (true, false) => met.push(judged),
                        (true, true) => lifted.push(judged),
                        (false, true) => {}
                        (false, false) if approved + pending >= required => awaiting.push(judged),
                        (false, false) => short.push(judged),
                    }
                }
            }
        }
        let judged = met.len() + short.len() + awaiting.len();
        let flag_of = |judged: &Judged| -> Flag {
            (judged.cert, judged.year, self.certs[judged.cert].deadline(judged.year))
        };
        let new: Vec<&Judged> =
            short.iter().filter(|year| !confirm_all && !self.confirmed(&flag_of(year))).collect();
        let new_certs: BTreeSet<usize> = new.iter().map(|year| year.cert).collect();
        // more than 10 certificates, and more than a fifth of the years judged
        let too_many = new_certs.len() > 10 && new.len() * 100 > judged * 20;
        let (mut flags, mut holds) = (Vec::new(), Vec::new());
        for year in &short {
            let flag = flag_of(year);
            let waits = self.held.contains_key(&flag);
            let passes = confirm_all || self.confirmed(&flag) || (!waits && !too_many);
            if passes { flags.push(year) } else { holds.push(year) }
        }
        let said = self.say(&stages, [&met, &lifted, &awaiting], &flags, &holds);
        if changes {
            let flags: Vec<Flag> = flags.into_iter().map(flag_of).collect();
            let holds: BTreeSet<Flag> = holds.into_iter().map(flag_of).collect();
            self.keep_held(&holds, today);
            for (cert, year, _) in flags {
                self.certs[cert].years.entry(year).or_default().flagged = Some(today);
            }
            for stage in stages {
                assert!(self.rows.insert(stage.key, stage.row).is_none(), "no stage twice");
            }
            for judged in met.into_iter().chain(lifted) {
                self.settle(judged, today);
            }
            self.sign_badges_again(today);
        }
        said
    }

    fn due_stages(&self, cert: usize, year: i64, today: Day) -> Vec<i64> {
        let cert = &self.certs[cert];
        let stages = &self.rules_on(cert.start(year)).stages;
        stages.iter().copied().filter(|stage| cert.deadline(year) - today <= *stage).collect()
    }

    fn nearest_due(&self, cert: usize, year: i64, today: Day) -> i64 {
        self.due_stages(cert, year, today).into_iter().min().unwrap()
    }

    fn fresh_stages(&self, cert: usize, year: i64, today: Day) -> Vec<i64> {
        let deadline = self.certs[cert].deadline(year);
        let mut due = self.due_stages(cert, year, today);
        due.retain(|stage| !self.rows.contains_key(&(cert, year, deadline, *stage)));
        due
    }

    fn line(&self, judged: &Judged) -> String {
        let cert = &self.certs[judged.cert];
        let [approved, pending, required] = judged.sums.map(|amount| shown(&amount));
        let (end, deadline) = (iso(cert.end(judged.year)), iso(cert.deadline(judged.year)));
        format!("{} {end} {deadline} {approved} {pending} {required}", cert.number)
    }

    fn say(&self, stages: &[Stage], lists: [&[Judged]; 3], flags: &[&Judged], holds: &[&Judged]) -> Said {
        let mut said = Said::default();
        for Stage { key: (index, year, deadline, stage), row } in stages {
            let cert = &self.certs[*index];
            let [approved, pending, required] = row.sums.map(|amount| shown(&amount));
            said.reminders.push(format!(
                "{} {stage} {} {} {approved} {pending} {required} {}",
                cert.number,
                iso(cert.end(*year)),
                iso(*deadline),
                row.why
            ));
            if row.why == "sent" {
                said.mails.insert((cert.person, "reminder"), 1);
            }
        }
        let [met, lifted, awaiting] = lists;
        said.recertified = met.iter().map(|judged| self.line(judged)).collect();
        said.lifted = lifted.iter().map(|judged| self.line(judged)).collect();
        said.awaiting = awaiting.iter().map(|judged| self.line(judged)).collect();
        said.flagged = flags.iter().map(|judged| self.line(judged)).collect();
        said.held = holds.iter().map(|judged| self.line(judged)).collect();
        let person = |judged: &Judged| self.certs[judged.cert].person;
        for judged in met {
            said.mails.insert((person(judged), "recertified"), 1);
        }
        for judged in lifted {
            said.mails.insert((person(judged), "flag-lifted"), 1);
        }
        for judged in flags {
            said.mails.insert((person(judged), "flagged"), 1);
        }
        for list in [
            &mut said.reminders,
            &mut said.recertified,
            &mut said.flagged,
            &mut said.lifted,
            &mut said.held,
            &mut said.awaiting,
        ] {
            list.sort();
        }
        said
    }

    fn keep_held(&mut self, holds: &BTreeSet<Flag>, today: Day) {
        self.held.retain(|flag, (since, _)| holds.contains(flag) || *since > today);
        for flag in holds {
            self.held.entry(*flag).or_insert((today, false));
        }
    }

    fn confirmed(&self, flag: &Flag) -> bool {
        self.held.get(flag).is_some_and(|(_, confirmed)| *confirmed)
    }

    fn settle(&mut self, judged: Judged, today: Day) {
        let Judged { cert, year, sums, counts } = judged;
        let facts = self.certs[cert].years.entry(year).or_default();
        facts.flagged = None;
        facts.settled = Some(Settled { how: "recertified", on: today, approved: sums[0], required: sums[2] });
        for (id, amount) in counts {
            self.counted.insert((cert, year, id), amount);
        }
        self.sign(cert, today);
    }

    /// Gives the live badge its new last day.
    pub fn sign(&mut self, cert: usize, today: Day) {
        let until = self.badge_until(&self.certs[cert], today);
        if let Some(badge) = self.certs[cert].badges.last_mut() {
            badge.until = until;
        }
    }

    fn sign_badges_again(&mut self, today: Day) {
        for index in 0..self.certs.len() {
            let ends = self.certs[index].badges.last().and_then(|badge| badge.until);
            if self.certs[index].stands() && ends.is_some_and(|until| until - today < 30) {
                self.sign(index, today);
            }
        }
    }
}
