//! Days on which chance decides what people do, through the actions of the portal, on a clock that goes on.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use cpe_portal::actions::ActionError;
use cpe_portal::actions::activities::correction::{self, CorrectionAnswer};
use cpe_portal::actions::activities::evidence::Proofs;
use cpe_portal::actions::activities::form::{Typed, parse};
use cpe_portal::actions::activities::submission::{Form, NewReport, ReportOrigin, edit, enter, report};
use cpe_portal::actions::activities::withdraw;
use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::actions::certification::decisions::correction::{GivenCorrection, correct};
use cpe_portal::actions::certification::decisions::decide;
use cpe_portal::actions::certification::policies::{GivenPolicy, add};
use cpe_portal::actions::deadlines::{RunOptions, run, to_the_end};
use cpe_portal::actions::mail::going_live;
use cpe_portal::actions::reviews::reversal::{take_question_back, take_verdict_back};
use cpe_portal::actions::reviews::{GivenVerdict, review};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::activities::correction::CorrectionDecision;
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::activities::review::{ReasonCode, ReviewDecision};
use cpe_portal::domain::activities::submission::Intent;
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::dates::Lean;
use cpe_portal::domain::ids::{ActivityId, CertificateId};
use cpe_portal::domain::roles::{Administrator, Reviewer, Role};
use cpe_portal::store::accounts::Account;
use cpe_portal::store::activities::corrections;
use cpe_portal::store::certification::{catalogue, certificates, policies};

use super::Snapshots;
use crate::a_year_of_a_body::world::Dice;
use crate::proofs::trials;
use crate::support::{Rights, TestPortal, day, go_live};

struct Town {
    portal: TestPortal,
    dice: Dice,
    holders: Vec<Account>,
    certificates: Vec<CertificateId>,
    reviewer: Reviewer,
    administrator: Administrator,
    /// What was done how often.
    done: BTreeMap<&'static str, usize>,
}

impl Town {
    fn new(seed: u64) -> Town {
        let portal = TestPortal::new();
        portal.clock.set_local(day("2026-01-05"), 9);
        let holders: Vec<Account> =
            (0..5).map(|at| portal.holder(&format!("h{at}@people.test"), &format!("Holder {at}"))).collect();
        let reviewer = portal.account("rita@body.test", "Rita Review", Role::Reviewer).as_reviewer();
        let administrator =
            portal.account("ada@body.test", "Ada Admin", Role::Administrator).as_administrator();
        let (dice, done, certificates) = (Dice::new(seed), BTreeMap::new(), Vec::new());
        Town { portal, dice, holders, certificates, reviewer, administrator, done }
    }

    /// Counts what was done; what the rules refuse is no fault.
    fn note<T>(&mut self, what: &'static str, outcome: Result<T, ActionError>) {
        if outcome.is_ok() {
            *self.done.entry(what).or_default() += 1;
        }
    }

    fn today(&self) -> NaiveDate {
        self.portal.clock.today()
    }

    fn days_ago(&mut self, most: i64) -> NaiveDate {
        let ago = u64::try_from(self.dice.between(0, most)).unwrap();
        self.today().checked_sub_days(Days::new(ago)).unwrap()
    }

    fn somebody(&mut self) -> Account {
        let at = self.dice.throw(i64::try_from(self.holders.len()).unwrap());
        self.holders[usize::try_from(at).unwrap()].clone()
    }

    fn some_certificate(&mut self) -> Option<CertificateId> {
        let many = i64::try_from(self.certificates.len()).unwrap();
        if many == 0 {
            return None;
        }
        let at = usize::try_from(self.dice.throw(many)).unwrap();
        self.certificates.get(at).copied()
    }

    fn grant(&mut self) {
        let holder = self.somebody();
        let code = self.dice.weighed(&[(6, "ISP"), (2, "ISME"), (1, "ISF"), (2, "EHP")]);
        let granted = self.days_ago(900);
        let number = format!("{code}-{}", self.certificates.len());
        let id = self.portal.certificate(&holder, code, &number, &granted.to_string());
        self.certificates.push(id);
        self.note("granted", Ok(()));
    }

    fn typed(&mut self) -> Typed {
        let hours = self.dice.between(1, 12);
        let writing = self.dice.in_a_thousand(250);
        Typed {
            category: if writing { "writing" } else { "attending" }.to_owned(),
            title: format!("Something of {}", self.today()),
            organiser: "A conference".to_owned(),
            field: "information_security".to_owned(),
            completed_on: self.days_ago(200).to_string(),
            hours: if writing { String::new() } else { hours.to_string() },
            pages: if writing { hours.to_string() } else { String::new() },
            publication: if writing { "On Risk".to_owned() } else { String::new() },
            relevance: "It is close to what I am certified for.".to_owned(),
            not_regular_job: true,
            ..Typed::default()
        }
    }

    fn report(&mut self) {
        let (holder, typed) = (self.somebody().as_holder(), self.typed());
        let intent = if self.dice.in_a_thousand(200) { Intent::Draft } else { Intent::Submit };
        let form = Form { typed: &typed, proofs: &Proofs::default(), intent };
        let outcome = report(&self.portal, holder, &form);
        self.note("reported", outcome);
    }

    /// One of the reports with such a status: whose, which, its version.
    fn some_report(&mut self, status: ActivityStatus) -> Option<(Account, ActivityId, i64)> {
        let sql = format!(
            "SELECT holder_id || ' ' || id || ' ' || version AS text FROM activities WHERE status = '{}' ORDER BY id",
            status.code()
        );
        let found = self.portal.texts(&sql);
        if found.is_empty() {
            return None;
        }
        let at = self.dice.throw(i64::try_from(found.len()).unwrap());
        let words: Vec<i64> =
            found[usize::try_from(at).unwrap()].split(' ').map(|word| word.parse().unwrap()).collect();
        let holder = self.holders.iter().find(|holder| holder.id.0 == words[0]).unwrap().clone();
        Some((holder, ActivityId(words[1]), words[2]))
    }

    fn change(&mut self, status: ActivityStatus, what: &'static str) {
        let Some((holder, id, version)) = self.some_report(status) else { return };
        let outcome = if self.dice.in_a_thousand(250) {
            withdraw(&self.portal, holder.as_holder(), id, version).map(|_| ())
        } else {
            let typed = self.typed();
            let form = Form { typed: &typed, proofs: &Proofs::default(), intent: Intent::Submit };
            edit(&self.portal, holder.as_holder(), id, version, &form)
        };
        self.note(what, outcome);
    }

    fn review(&mut self) {
        let Some((_, id, version)) = self.some_report(ActivityStatus::Submitted) else { return };
        let (what, decision, quantity) = self.dice.weighed(&[
            (60, ("approved", ReviewDecision::Approve, "")),
            (15, ("awarded less", ReviewDecision::Approve, "1")),
            (15, ("returned", ReviewDecision::Return, "")),
            (10, ("rejected", ReviewDecision::Reject, "")),
        ]);
        let reason_code = (decision != ReviewDecision::Approve).then_some(ReasonCode::NoEvidence);
        let reason = "This is why.";
        let decision = Some(decision);
        let given = GivenVerdict { decision, quantity, reason_code, reason, more: true, take_over: None };
        let outcome = review(&self.portal, self.reviewer, id, Some(version), &given);
        self.note(what, outcome);
    }

    fn take_back(&mut self) {
        if let Some((_, id, version)) = self.some_report(ActivityStatus::Returned) {
            let outcome = take_question_back(&self.portal, self.reviewer, id, Some(version));
            self.note("question taken back", outcome);
        }
        let status = self.dice.weighed(&[(1, ActivityStatus::Approved), (1, ActivityStatus::Rejected)]);
        if let Some((_, id, version)) = self.some_report(status) {
            let outcome = take_verdict_back(&self.portal, self.reviewer, id, Some(version), "A slip.");
            self.note("verdict taken back", outcome);
        }
    }

    fn ask_for_a_correction(&mut self) {
        let Some((holder, id, version)) = self.some_report(ActivityStatus::Approved) else { return };
        let typed = self.typed();
        let outcome =
            correction::ask(&self.portal, holder.as_holder(), id, version, &typed, "A slip of mine.");
        self.note("correction asked", outcome);
    }

    fn answer_corrections(&mut self) {
        let waiting = self.portal.store.read(|conn| corrections::waiting(conn, 50)).unwrap();
        for one in waiting {
            let decision =
                self.dice.weighed(&[(2, CorrectionDecision::Accept), (1, CorrectionDecision::Decline)]);
            let answer = CorrectionAnswer { decision: Some(decision), words: "So be it." };
            let outcome = correction::answer(&self.portal, self.reviewer, one.id, &answer);
            self.note("correction answered", outcome);
        }
    }

    /// A report from elsewhere, approved there, sometimes with less than was reported.
    fn import(&mut self) {
        let (holder, typed) = (self.somebody(), self.typed());
        let (today, now) = self.portal.clock.today_and_now();
        let less = self.dice.in_a_thousand(500);
        let key = format!("key {}", self.dice.throw(i64::MAX));
        let administrator = self.administrator;
        let outcome = self.portal.store.write(|conn| {
            let fields = catalogue::fields(conn)?;
            let facts = parse(&typed, &fields, today, Lean::Back).facts;
            let unit = facts.category.map(|category| category.unit());
            let awarded = unit.filter(|_| less).map(|unit| Quantity::new(1, unit).unwrap());
            let origin = ReportOrigin::Import { by: Some(administrator), key: &key, awarded };
            let status = ActivityStatus::Approved;
            enter(conn, &NewReport { holder: holder.id, facts: &facts, status, origin }, now)
        });
        self.note("imported", outcome);
    }

    fn decide(&mut self) {
        let Some(id) = self.some_certificate() else { return };
        let flagged = format!(
            "SELECT number || '' AS text FROM certification_years WHERE certificate_id = {id} AND flagged_on IS NOT NULL"
        );
        let flagged: Option<i64> = self.portal.texts(&flagged).first().map(|year| year.parse().unwrap());
        let open = format!(
            "SELECT MIN(number) || '' AS text FROM certification_years WHERE certificate_id = {id} AND outcome IS NULL \
             HAVING MIN(number) IS NOT NULL"
        );
        let open: Option<i64> = self.portal.texts(&open).first().map(|year| year.parse().unwrap());
        let ahead = u64::try_from(self.dice.between(10, 200)).unwrap();
        let until = self.today().checked_add_days(Days::new(ahead)).unwrap();
        let choice = self.dice.throw(10);
        let (what, deciding) = match (flagged, open, choice) {
            (Some(year), _, 0..3) => ("waived", Deciding::Waive { year }),
            (Some(year), _, 3..6) => ("flag extended", Deciding::Extend { year, until }),
            (Some(year), _, _) => ("decertified", Deciding::Decertify { year, acknowledged: true }),
            (None, Some(year), 0..2) => ("extended", Deciding::Extend { year, until }),
            (None, _, 2) => ("ended", Deciding::End { kind: EndingKind::Wish, replaced_by: None }),
            _ => ("reinstated", Deciding::Reinstate),
        };
        let seen = SeenVersion::default();
        let outcome = decide(&self.portal, self.administrator, id, seen, deciding, "Decided with care.");
        self.note(what, outcome);
    }

    fn correct_certificate(&mut self) {
        let Some(id) = self.some_certificate() else { return };
        let (found, programmes) = self
            .portal
            .store
            .read(|conn| {
                Ok::<_, ActionError>((
                    certificates::find(conn, id)?.unwrap(),
                    catalogue::certifications(conn)?,
                ))
            })
            .unwrap();
        let (mut number, mut granted) = (found.number.clone(), found.granted_on);
        let mut certification = found.certification.id;
        match self.dice.throw(4) {
            0 => number.push('B'),
            1 => {
                let other = programmes.iter().filter(|one| one.field == found.certification.field);
                let other: Vec<_> = other.collect();
                let at = self.dice.throw(i64::try_from(other.len()).unwrap());
                certification = other[usize::try_from(at).unwrap()].id;
            }
            _ => {
                let by = u64::try_from(self.dice.between(1, 40)).unwrap();
                granted = granted.checked_sub_days(Days::new(by)).unwrap();
            }
        }
        let given = GivenCorrection {
            number: &number,
            certification: &certification.to_string(),
            granted_on: &granted.to_string(),
            twin: true,
            reason: "A slip.",
        };
        let outcome = correct(&self.portal, self.administrator, id, SeenVersion::default(), &given);
        self.note("certificate corrected", outcome);
    }

    fn new_policy(&mut self) {
        let first_day = self.today().checked_add_days(Days::new(20)).unwrap().to_string();
        let newest = self.portal.store.read(policies::all).unwrap().newest().clone();
        let minimum = self.dice.weighed(&[(1, "8"), (1, "12"), (1, "20")]).to_owned();
        let given = GivenPolicy {
            first_day,
            minimum_practitioner: minimum,
            carry_over: "2".to_owned(),
            ..GivenPolicy::like(&newest)
        };
        let outcome = add(&self.portal, self.administrator, &given);
        self.note("policy added", outcome);
    }

    /// Mails are held for a while: flags of that time count from its end.
    fn hold_mails(&mut self, at: usize) {
        match at % 90 {
            40 => going_live::hold(&self.portal, Some(self.administrator)).unwrap(),
            80 => go_live(&self.portal),
            _ => {}
        }
    }

    fn live(&mut self) {
        match self.dice.throw(100) {
            0..30 => self.report(),
            30..55 => self.review(),
            55..62 => self.change(ActivityStatus::Submitted, "changed"),
            62..68 => self.change(ActivityStatus::Returned, "answered"),
            68..71 => self.change(ActivityStatus::Draft, "draft sent"),
            71..74 => self.take_back(),
            74..78 => self.ask_for_a_correction(),
            78..81 => self.answer_corrections(),
            81..84 => self.import(),
            84..94 => self.decide(),
            94..98 => self.correct_certificate(),
            _ => self.grant(),
        }
    }

    fn run(&mut self) {
        let options = RunOptions { confirm_mass_flag: true, ..RunOptions::today(&self.portal) };
        let outcome = run(&self.portal, options, &mut to_the_end).unwrap();
        for (what, list) in [
            ("flagged", &outcome.flagged),
            ("recertified", &outcome.recertified),
            ("lifted", &outcome.lifted),
        ] {
            *self.done.entry(what).or_default() += list.len();
        }
    }
}

#[test]
fn a_statement_is_right_whatever_people_did_on_whichever_day() {
    let mut done: BTreeMap<&'static str, usize> = BTreeMap::new();
    for seed in 0..u64::try_from(trials(2, 40)).unwrap() {
        let mut town = Town::new(0xD1CE + seed);
        let mut snapshots = Snapshots::default();
        for _ in 0..6 {
            town.grant();
        }
        let mut today = town.today();
        for at in 0..300 {
            town.portal.clock.set_local(today, 9);
            if at % 100 == 50 {
                town.new_policy();
            }
            town.hold_mails(at);
            for _ in 0..town.dice.between(0, 4) {
                town.live();
            }
            // sometimes the portal was down
            if !town.dice.in_a_thousand(100) {
                town.portal.clock.set_local(today, 22);
                town.run();
            }
            snapshots.take(&town.portal);
            let on = u64::try_from(town.dice.between(1, 4)).unwrap();
            today = today.checked_add_days(Days::new(on)).unwrap();
        }
        assert_eq!(snapshots.assert_told(&town.portal), 0);
        for (what, times) in town.done {
            *done.entry(what).or_default() += times;
        }
    }
    for what in [
        "granted",
        "reported",
        "approved",
        "awarded less",
        "returned",
        "rejected",
        "changed",
        "answered",
        "draft sent",
        "question taken back",
        "verdict taken back",
        "correction asked",
        "correction answered",
        "imported",
        "waived",
        "flag extended",
        "decertified",
        "extended",
        "ended",
        "reinstated",
        "certificate corrected",
        "policy added",
        "flagged",
        "recertified",
    ] {
        assert!(done.get(what).is_some_and(|times| *times > 0), "{what}: {done:#?}");
    }
}
