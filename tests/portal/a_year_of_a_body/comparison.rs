//! Compares what the portal says and keeps with what the facts say: line by line, 0 differences.

use std::collections::{BTreeMap, BTreeSet};

use cpe_portal::actions::deadlines::{RunLine, RunReport};
use cpe_portal::domain::certification::deadlines::StageOutcome;

use super::calendar::{Day, iso, of_iso};
use super::facts::Amount;
use super::timetable::Said;
use super::world::World;

fn year_line(line: &RunLine) -> String {
    format!(
        "{} {} {} {} {} {}",
        line.certificate, line.year_ends_on, line.deadline, line.approved, line.pending, line.required
    )
}

/// What a run of the portal said, as lines.
pub fn lines_of(report: &RunReport) -> Said {
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let years = |lines: &[RunLine]| sorted(lines.iter().map(year_line).collect());
    let reminders = report
        .reminders
        .iter()
        .map(|line| {
            let why = line.reason.map_or("sent", StageOutcome::code);
            assert_eq!(line.sent, line.reason.is_none());
            format!(
                "{} {} {} {} {} {} {} {why}",
                line.certificate,
                line.stage,
                line.year_ends_on,
                line.deadline,
                line.approved,
                line.pending,
                line.required
            )
        })
        .collect();
    Said {
        reminders: sorted(reminders),
        recertified: years(&report.recertified),
        flagged: years(&report.flagged),
        lifted: years(&report.lifted),
        held: years(&report.held),
        awaiting: years(&report.awaiting_review),
        mails: BTreeMap::new(),
    }
}

pub fn assert_said(expected: &Said, report: &RunReport, what: &str) {
    let found = lines_of(report);
    for ((name, expected), (_, found)) in expected.lists().into_iter().zip(found.lists()) {
        assert_lines(expected, found, &format!("{what}, {name}"));
    }
    assert_eq!(report.counts.failed, 0, "{what}");
    assert_eq!(report.counts.mails, expected.mails.len(), "{what}, mails");
}

pub fn assert_lines(expected: &[String], found: &[String], what: &str) {
    if expected == found {
        return;
    }
    let (one, other): (BTreeSet<&String>, BTreeSet<&String>) =
        (expected.iter().collect(), found.iter().collect());
    let missing: Vec<_> = one.difference(&other).take(12).collect();
    let unexpected: Vec<_> = other.difference(&one).take(12).collect();
    panic!(
        "{what}: expected {} lines, found {}; not found {missing:#?}, not expected {unexpected:#?}",
        expected.len(),
        found.len()
    );
}

/// Exact parts, as the database keeps them.
fn parts(amount: &Amount) -> i64 {
    let parts = amount * 36_000;
    assert!(parts.is_integer(), "{amount} is no whole number of parts");
    parts.to_integer()
}

fn day_or(day: Option<Day>) -> String {
    day.map_or_else(|| "-".to_owned(), iso)
}

impl World {
    pub fn assert_mails(&self, last: i64, expected: &BTreeMap<(usize, &'static str), usize>, what: &str) {
        let lines = |person: &usize, kind: &str, count: &usize| format!("{person} {kind} × {count}");
        let expected: Vec<String> = expected.iter().map(|((p, kind), n)| lines(p, kind, n)).collect();
        let found: Vec<String> =
            self.mails_after(last).iter().map(|((p, kind), n)| lines(p, kind, n)).collect();
        assert_lines(&expected, &found, &format!("{what}, mails"));
    }

    /// Every table that a run or a decision writes, against the facts.
    pub fn assert_tables(&self, today: Day) {
        self.assert_years(today);
        self.assert_reminders(today);
        self.assert_counts(today);
        self.assert_badges(today);
    }

    fn assert_years(&self, today: Day) {
        let found = self.texts(
            "SELECT c.number || ' ' || y.number || ' ' || starts_on || ' ' || ends_on || ' ' || deadline || ' ' || \
             coalesce(CAST(flagged_on AS TEXT), '-') || ' ' || coalesce(outcome, '-') || ' ' || coalesce(CAST(settled_on AS TEXT), '-') || ' ' || \
             coalesce(CAST(approved AS TEXT), '-') || ' ' || coalesce(CAST(required AS TEXT), '-') AS text \
             FROM certification_years y JOIN certificates c ON c.id = y.certificate_id ORDER BY 1",
        );
        let by_number: BTreeMap<&str, usize> =
            self.body.certs.iter().enumerate().map(|(index, cert)| (cert.number.as_str(), index)).collect();
        let mut expected = Vec::new();
        let mut seen = BTreeSet::new();
        for line in &found {
            let mut words = line.split(' ');
            let index = by_number[words.next().unwrap()];
            let year: i64 = words.next().unwrap().parse().unwrap();
            seen.insert((index, year));
            expected.push(self.expected_year(index, year));
        }
        assert_lines(&expected, &found, &format!("{}, years", iso(today)));
        for (index, cert) in self.body.certs.iter().enumerate() {
            if cert.level == super::facts::Level::Foundation {
                assert!(!seen.contains(&(index, 1)), "{} is a Foundation certificate", cert.number);
                continue;
            }
            for (year, facts) in &cert.years {
                let told = facts.flagged.is_some() || facts.settled.is_some() || facts.moved_to.is_some();
                assert!(!told || seen.contains(&(index, *year)), "{} year {year} has no row", cert.number);
            }
            if cert.stands() {
                assert!(
                    seen.contains(&(index, cert.year_of(today))),
                    "{}: the year in progress",
                    cert.number
                );
            }
        }
    }

    fn expected_year(&self, index: usize, year: i64) -> String {
        let cert = &self.body.certs[index];
        let settled = cert.settled(year);
        let figure = |amount: Option<&Amount>| {
            amount.map_or_else(|| "-".to_owned(), |amount| parts(amount).to_string())
        };
        format!(
            "{} {year} {} {} {} {} {} {} {} {}",
            cert.number,
            iso(cert.start(year)),
            iso(cert.end(year)),
            iso(cert.deadline(year)),
            day_or(cert.flagged(year)),
            settled.map_or("-", |settled| settled.how),
            day_or(settled.map(|settled| settled.on)),
            figure(settled.map(|settled| &settled.approved)),
            figure(settled.map(|settled| &settled.required)),
        )
    }

    fn assert_reminders(&self, today: Day) {
        let found = self.texts(
            "SELECT c.number || ' ' || r.year || ' ' || r.deadline || ' ' || stage || ' ' || r.outcome || ' ' || \
             r.day || ' ' || r.approved || ' ' || r.pending || ' ' || r.required || ' ' || \
             coalesce(m.kind || CASE WHEN m.account_id = c.holder_id THEN '1' ELSE '0' END, '-') AS text FROM notices_about_years r \
             JOIN certificates c ON c.id = r.certificate_id LEFT JOIN mails m ON m.id = r.mail_id \
             WHERE r.stage IS NOT NULL ORDER BY 1",
        );
        let mut expected: Vec<String> = self
            .body
            .rows
            .iter()
            .map(|((cert, year, deadline, stage), row)| {
                let [approved, pending, required] = row.sums.each_ref().map(parts);
                let mail = if row.why == "sent" { "reminder1" } else { "-" };
                format!(
                    "{} {year} {} {stage} {} {} {approved} {pending} {required} {mail}",
                    self.body.certs[*cert].number,
                    iso(*deadline),
                    row.why,
                    iso(row.on)
                )
            })
            .collect();
        expected.sort();
        assert_lines(&expected, &found, &format!("{}, reminders", iso(today)));
    }

    fn assert_counts(&self, today: Day) {
        let found = self.texts(
            "SELECT c.number || ' ' || k.year || ' ' || k.activity_id || ' ' || k.credits AS text \
             FROM year_counts k JOIN certificates c ON c.id = k.certificate_id ORDER BY 1",
        );
        let mut expected: Vec<String> = self
            .body
            .counted
            .iter()
            .map(|((cert, year, report), amount)| {
                format!("{} {year} {report} {}", self.body.certs[*cert].number, parts(amount))
            })
            .collect();
        expected.sort();
        assert_lines(&expected, &found, &format!("{}, what settled years counted", iso(today)));
    }

    fn assert_badges(&self, today: Day) {
        let found = self.texts(
            "SELECT c.number || ' ' || coalesce(CAST(b.valid_until AS TEXT), '-') || ' ' || coalesce(CAST(b.revoked_on AS TEXT), '-') AS text \
             FROM badges b JOIN certificates c ON c.id = b.certificate_id ORDER BY 1",
        );
        let mut expected = Vec::new();
        for cert in &self.body.certs {
            for badge in &cert.badges {
                expected.push(format!("{} {} {}", cert.number, day_or(badge.until), day_or(badge.revoked)));
            }
            let live = cert.badges.iter().filter(|badge| badge.revoked.is_none()).count();
            assert_eq!(live, usize::from(cert.stands()), "{}", cert.number);
        }
        expected.sort();
        assert_lines(&expected, &found, &format!("{}, badges", iso(today)));
        for line in &found {
            // nobody's badge fails before somebody has decided
            let mut words = line.split(' ').skip(1);
            let (until, revoked) = (words.next().unwrap(), words.next().unwrap());
            assert!(revoked != "-" || until == "-" || of_iso(until) >= today, "{line}");
        }
    }
}
