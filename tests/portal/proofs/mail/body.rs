//! A body whose outbox is full, and the accounts that are made of it in the end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use mail_parser::MessageParser;

use super::sink::{Mood, Sink};
use crate::support::faked::FakedClock;
use crate::support::process::{command, go_live};

/// Ten o'clock UTC on the day everything begins.
fn beginning() -> NaiveDateTime {
    "2027-03-10T10:00:00".parse().unwrap()
}

pub struct Body {
    folder: tempfile::TempDir,
    data: PathBuf,
    pub clock: FakedClock,
    smtp: String,
}

/// The word that stands in the name, the address and the number of one holder and of nobody else.
fn mark(holder: usize) -> String {
    format!("zq{holder:05}x")
}

impl Body {
    /// With a reminder in the outbox for each of so many holders. Their deadline is 75 days away, so that no other one becomes due.
    pub fn of(holders: usize) -> Self {
        let body = Self::with(holders, |_| beginning().date() + Days::new(75), |_| 0);
        assert_eq!(body.number("SELECT COUNT(*) AS number FROM mails"), i64::try_from(holders).unwrap());
        body
    }

    /// A third of the holders is reminded, a third recertified, a third flagged.
    pub fn of_every_kind(holders: usize) -> Self {
        let today = beginning().date();
        let deadline = move |holder: usize| match holder % 3 {
            0 => today + Days::new(25),
            _ => today - Days::new(1),
        };
        Self::with(holders, deadline, |holder| if holder % 3 == 1 { 24 } else { 3 })
    }

    fn with(holders: usize, deadline: impl Fn(usize) -> NaiveDate, hours: impl Fn(usize) -> usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let clock = FakedClock::showing(folder.path(), beginning());
        let body = Self { data, clock, smtp: "smtp://127.0.0.1:9".to_owned(), folder };
        let mut people = "email,name,certification,certificate_number,granted_on\n".to_owned();
        let mut deeds =
            "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n"
                .to_owned();
        let taken_over = beginning().date() - Days::new(200);
        for holder in 0..holders {
            let mark = mark(holder);
            // the year ends the day before it began, two years on
            let granted_on = deadline(holder) + Days::new(1) - chrono::Months::new(24);
            people.push_str(&format!("{mark}@people.test,{mark} Person,ISP,ISP-{mark},{granted_on}\n"));
            if hours(holder) > 0 {
                let (day, hours) = (taken_over + Days::new(20), hours(holder));
                deeds.push_str(&format!(
                    "{mark}@people.test,attending,Seminar of {mark},,information_security,,{day},{hours},,approved\n"
                ));
            }
        }
        let as_of = taken_over.to_string();
        for (kind, rows) in [("holders", people), ("activities", deeds)] {
            let file = body.folder.path().join(format!("{kind}.csv"));
            std::fs::write(&file, rows).unwrap();
            let file = file.to_str().unwrap().to_owned();
            let arguments = match kind {
                "holders" => vec!["import", kind, &file, "--as-of", &as_of],
                _ => vec!["import", kind, &file],
            };
            body.run(&arguments);
        }
        go_live(&body.data);
        body.run(&["deadlines", "--confirm-mass-flag"]);
        body
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.clock.rule(command(&self.data, arguments));
        command.env("CPE_PORTAL_SMTP", &self.smtp);
        command
    }

    fn run(&self, arguments: &[&str]) {
        let output = self.command(arguments).stderr(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    pub fn mails_go_to(&mut self, sink: &Sink) {
        self.smtp = format!("smtp://127.0.0.1:{}", sink.port);
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.data.join("portal.sqlite")
    }

    /// Another machine: a data folder with the keys, which are kept apart, and without anything else. What is done from now on is done there.
    pub fn move_to_another_machine(&mut self) {
        let keys = self.data.join("keys");
        self.data = self.folder.path().join("another");
        std::fs::create_dir(&self.data).unwrap();
        std::fs::rename(keys, self.data.join("keys")).unwrap();
    }

    pub fn mail_command(&self) -> Command {
        let mut command = self.command(&["mail"]);
        command.stdout(Stdio::null());
        command
    }

    /// The portal, serving, with its timetable.
    pub fn serve(&self) -> Child {
        let mut child = self.command(&["serve"]).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.contains("listening"), "{said:?}");
        child
    }

    fn conn(&self) -> SqliteConnection {
        let mut conn =
            SqliteConnection::establish(self.data.join("portal.sqlite").to_str().unwrap()).unwrap();
        diesel::sql_query("PRAGMA busy_timeout = 10000").execute(&mut conn).unwrap();
        conn
    }

    pub fn number(&self, question: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        diesel::sql_query(question).get_result::<Number>(&mut self.conn()).unwrap().number
    }

    fn mails(&self) -> Vec<Mail> {
        diesel::sql_query("SELECT state, message_id FROM mails ORDER BY id").load(&mut self.conn()).unwrap()
    }

    /// How many mails are in which state.
    pub fn states(&self) -> BTreeMap<String, usize> {
        let mut states = BTreeMap::new();
        for mail in self.mails() {
            *states.entry(mail.state).or_default() += 1;
        }
        states
    }

    /// Lets a calm server take what is left, with as many waits as it needs.
    pub fn deliver_the_rest(&mut self, sink: &Sink) {
        sink.set(Mood::Calm);
        for _ in 0..4 {
            self.clock.advance(TimeDelta::minutes(65));
            // exit code 1 says only that some mails failed, which is counted in the end
            self.mail_command().status().unwrap();
        }
    }

    pub fn assert_nothing_twice(&self, sink: &Sink) {
        let twice =
            sink.seen(|seen| seen.accepted.iter().find(|(_, times)| **times > 1).map(|(id, _)| id.clone()));
        assert_eq!(twice, None, "was delivered twice");
    }

    /// Every mail ended well or is known not to have, nothing was taken twice, and only as much is uncertain as nobody could know.
    pub fn assert_account(&self, sink: &Sink, in_flight_at_kills: usize) {
        self.assert_nothing_twice(sink);
        let mails = self.mails();
        sink.seen(|seen| {
            let mut uncertain = 0;
            let mut failed = 0;
            let mut known = 0;
            for mail in &mails {
                let taken = seen.accepted.get(&mail.message_id).copied().unwrap_or_default();
                known += taken;
                match mail.state.as_str() {
                    "sent" => assert_eq!(taken, 1, "{mail:?} counts as sent"),
                    "uncertain" => uncertain += 1,
                    "failed" => {
                        failed += 1;
                        assert_eq!(taken, 0, "{mail:?} counts as failed");
                    }
                    _ => panic!("{mail:?} was not brought to an end"),
                }
            }
            assert_eq!(known, seen.accepted.len(), "mails that nobody wrote");
            assert!(failed <= seen.refused, "{failed} failed, and only {} were refused", seen.refused);
            assert!(
                uncertain <= in_flight_at_kills + seen.doubts,
                "{uncertain} uncertain, {in_flight_at_kills} in flight at kills, {} doubts of the server",
                seen.doubts
            );
        });
    }
}

#[derive(Debug, QueryableByName)]
struct Mail {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    message_id: String,
}

/// Reads every mail as its recipient does: it names them, and nobody else. Gives how many there were of each kind.
pub fn assert_only_their_own(texts: &[(String, String)]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for (to, text) in texts {
        let own = to.split('@').next().unwrap();
        let mail = MessageParser::default().parse(text.as_bytes()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        for part in [mail.body_text(0).unwrap(), mail.body_html(0).unwrap(), head.into()] {
            let named: Vec<&str> = part.match_indices("zq").map(|(at, _)| &part[at..at + 8]).collect();
            assert!(!named.is_empty(), "{to} is not named in: {part}");
            assert!(named.iter().all(|mark| *mark == own), "a mail to {to} names {named:?}: {part}");
        }
        assert!(
            !mail.subject().unwrap().contains("zq"),
            "personal data in the subject: {:?}",
            mail.subject()
        );
        let kind = head.lines().find_map(|line| line.strip_prefix("X-CPE-Notice: ")).unwrap();
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    kinds
}
