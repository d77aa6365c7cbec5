//! What the tests of pages and actions stand on: a portal in a temporary folder (real SQLite file, mails in memory, a
//! clock set by hand to 23 November 2026, 10:00 in Amsterdam) and a browser that keeps cookies and form tokens.
#![allow(dead_code, unused_imports)]

mod browser;
pub mod faked;
pub mod nonsense;
pub mod object_store;
pub mod postgres;
pub mod process;

use std::collections::BTreeMap;
use std::ops::Deref;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{NaiveDate, NaiveDateTime};
use cpe_portal::actions::ActionError;
use cpe_portal::actions::accounts::{passwords, sessions};
use cpe_portal::actions::certification::grant::{Grant, grant};
use cpe_portal::actions::mail::going_live;
use cpe_portal::actions::reviews::queue;
use cpe_portal::clock::Clock;
use cpe_portal::config::{Config, PasswordCost, Settings};
use cpe_portal::domain::activities::activity::{ActivityStatus, Facts};
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::ids::{AccountId, ActivityId, CertificateId};
use cpe_portal::domain::roles::{Actor, Administrator, Holder, Reviewer, Role};
use cpe_portal::mail::{Envelope, Mailer};
use cpe_portal::portal::Portal;
use cpe_portal::store::accounts::{self, Account};
use cpe_portal::store::activities::activity_versions;
use cpe_portal::store::activities::activity_versions::NewVersion;
use cpe_portal::store::activities::{self, NewActivity};
use cpe_portal::store::certification::{catalogue, policies};
use cpe_portal::store::records::holder_records;
use cpe_portal::store::{Conn, Store, StoreError};
use diesel::{Connection, RunQueryDsl, SqliteConnection};

pub use browser::{Browser, Page};
use postgres::Database;

use crate::transfer::support::damage;

/// A day, short to write.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Lets mails to holders leave: a new portal holds them.
pub fn go_live(portal: &Portal) {
    let seen = going_live::holder_mails(portal).unwrap().seen;
    going_live::go_live(portal, None, &[], Some(seen)).unwrap();
}

/// What an account may do, when a test says that it acts.
pub trait Rights {
    fn as_holder(&self) -> Holder;
    fn as_reviewer(&self) -> Reviewer;
    fn as_administrator(&self) -> Administrator;
    /// Whatever the role is: where it does not matter who acts.
    fn as_if_administrator(&self) -> Administrator;
}

impl Rights for Account {
    fn as_holder(&self) -> Holder {
        Holder::of(self.actor(), true).unwrap()
    }

    fn as_reviewer(&self) -> Reviewer {
        Reviewer::of(self.actor()).unwrap()
    }

    fn as_administrator(&self) -> Administrator {
        Administrator::of(self.actor()).unwrap()
    }

    fn as_if_administrator(&self) -> Administrator {
        Administrator::of(Actor { role: Role::Administrator, ..self.actor() }).unwrap()
    }
}

/// The holder with this account.
pub fn holder_of(id: AccountId) -> Holder {
    Holder::of(Actor { id, role: Role::Holder }, true).unwrap()
}

/// A portal of its own for one test.
pub struct TestPortal {
    pub portal: Portal,
    pub folder: tempfile::TempDir,
    /// Its database, when that is on a server.
    pub database: Option<Database>,
}

impl Deref for TestPortal {
    type Target = Portal;
    fn deref(&self) -> &Portal {
        &self.portal
    }
}

/// Two holders who have nothing to do with each other, and staff. None of the staff holds a certificate.
pub struct People {
    pub owner: Account,
    pub owner_certificate: CertificateId,
    pub stranger: Account,
    pub stranger_certificate: CertificateId,
    pub reviewer: Account,
    pub administrator: Account,
}

impl TestPortal {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// With other settings than usual.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::made(change, Database::of_a_test())
    }

    /// Whose database is a file, also where those of other tests are on a server: what is tried is the file's business.
    pub fn of_a_file() -> Self {
        Self::made(|_| {}, None)
    }

    fn made(change: impl FnOnce(&mut Settings), database: Option<Database>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            data: Some(folder.path().join("data")),
            database: database.as_ref().map(|database| database.address().parse().unwrap()),
            url: Some("http://portal.test".into()),
            body: Some("Institute for Testing".into()),
            contact: Some("advice@portal.test".into()),
            time_zone: Some("Europe/Amsterdam".into()),
            undo_seconds: Some("0".into()),
            ..Settings::default()
        };
        change(&mut settings);
        let mut config = Config::check(&settings).unwrap();
        config.password_cost = PasswordCost::Cheap;
        let clock = Clock::manual(config.time_zone, NaiveDateTime::default());
        clock.set_local(day("2026-11-23"), 10);
        let mailer = Mailer::memory(config.mail_from.clone());
        let mut portal = Portal::open(config, clock).unwrap();
        portal.mailer = mailer;
        go_live(&portal);
        Self { portal, folder, database }
    }

    /// Somebody who was invited and has no password yet.
    pub fn account(&self, email: &str, name: &str, role: Role) -> Account {
        let now = self.clock.now();
        let add = |conn: &mut Conn<'_>| {
            let id = accounts::add(conn, email, name, role, now)?;
            // long enough ago to be invited again
            accounts::set_invited(conn, id, now - chrono::TimeDelta::days(30))?;
            Ok::<_, StoreError>(id)
        };
        let id = self.store.write(add).unwrap();
        self.find_account(id)
    }

    pub fn find_account(&self, id: AccountId) -> Account {
        self.store.read(|conn| accounts::find(conn, id)).unwrap().unwrap()
    }

    pub fn holder(&self, email: &str, name: &str) -> Account {
        self.account(email, name, Role::Holder)
    }

    /// Grants a certificate: `certificate(&holder, "ISP", "ISP-1", "2026-03-15")`.
    pub fn certificate(
        &self,
        holder: &Account,
        certification: &str,
        number: &str,
        granted_on: &str,
    ) -> CertificateId {
        let (today, now) = (self.clock.today(), self.clock.now());
        self.store
            .write(|conn| {
                let certification = catalogue::certification_by_code(conn, certification)?.unwrap();
                let policies = policies::all(conn)?;
                let wanted = Grant {
                    holder: holder.id,
                    certification: &certification,
                    number,
                    granted_on: day(granted_on),
                    by: None,
                    twin: true,
                    closed: true,
                };
                grant(conn, &self.portal, &wanted, &policies, today, now)
            })
            .unwrap()
    }

    /// A report of attendance in the holder's field that waits for review, written straight into the store.
    pub fn submitted(&self, holder: &Account, title: &str, completed_on: &str, hours: i64) -> ActivityId {
        self.activity(holder, ActivityStatus::Submitted, title, completed_on, hours)
    }

    /// A report in any status, written straight into the store.
    pub fn activity(
        &self,
        holder: &Account,
        status: ActivityStatus,
        title: &str,
        completed_on: &str,
        hours: i64,
    ) -> ActivityId {
        let (today, now) = (self.clock.today(), self.clock.now());
        let reported = status != ActivityStatus::Draft;
        let decided = matches!(status, ActivityStatus::Approved | ActivityStatus::Rejected);
        self.store
            .write(|conn| {
                let field = catalogue::fields(conn)?
                    .into_iter()
                    .find(|field| field.code == "information_security")
                    .unwrap();
                let facts = Facts {
                    category: Some(Category::Attending),
                    title: title.to_owned(),
                    organiser: "A conference".to_owned(),
                    field: Some(field.id),
                    started_on: Some(day(completed_on)),
                    completed_on: Some(day(completed_on)),
                    quantity: Some(Quantity::new(hours * 60, Category::Attending.unit()).unwrap()),
                    not_regular_job: true,
                    ..Facts::default()
                };
                let new = NewActivity {
                    holder: holder.id,
                    status,
                    facts: &facts,
                    awarded: None,
                    reported_at: reported.then_some(now),
                    decided_at: decided.then_some(now),
                    import_key: None,
                };
                let id = activities::add(conn, &new, now)?;
                let by = Some(holder.id);
                let version =
                    NewVersion { activity: id, number: 1, status, facts: &facts, awarded: None, by };
                activity_versions::add(conn, &version, now)?;
                let file = holder_records::of_holder(conn, holder.id, today)?;
                let policies = policies::all(conn)?;
                queue::refresh(conn, &file, &policies, today)?;
                Ok::<_, ActionError>(id)
            })
            .unwrap()
    }

    /// Owner (ISP), stranger (EHP), reviewer, administrator. Both certificates were granted on 15 March 2026.
    pub fn people(&self) -> People {
        let owner = self.holder("owner@people.test", "Olga Owner");
        let stranger = self.holder("stranger@people.test", "Stan Stranger");
        People {
            owner_certificate: self.certificate(&owner, "ISP", "ISP-1001", "2026-03-15"),
            stranger_certificate: self.certificate(&stranger, "EHP", "EHP-2002", "2026-03-15"),
            owner,
            stranger,
            reviewer: self.account("reviewer@people.test", "Rita Reviewer", Role::Reviewer),
            administrator: self.account(
                "administrator@people.test",
                "Ada Administrator",
                Role::Administrator,
            ),
        }
    }

    /// A browser in which nobody is signed in.
    pub async fn visitor(&self) -> Browser {
        Browser::new(&self.portal).await
    }

    /// A browser in which this person is signed in.
    pub async fn browser(&self, account: &Account) -> Browser {
        let browser = self.visitor().await;
        self.begin_session(&browser, account);
        browser
    }

    /// Signs this person in in a browser, without the page for it.
    pub fn begin_session(&self, browser: &Browser, account: &Account) {
        let now = self.clock.now();
        let token = self.store.write(|conn| sessions::begin(conn, account.id, "A test", now)).unwrap();
        browser.set_cookie("session", token.expose());
    }

    /// Gives a person this password.
    pub fn set_password(&self, account: &Account, password: &str) {
        let hash = self.passwords.hash(password).unwrap();
        let now = self.clock.now();
        self.store.write(|conn| passwords::set(conn, account.id, &hash, now)).unwrap();
    }

    /// The same database, opened as another process does.
    pub fn other_store(&self) -> Store {
        match &self.database {
            Some(database) => database.open().unwrap(),
            None => Store::open(self.store.file().unwrap()).unwrap(),
        }
    }

    /// Changes the data with everything off that would refuse it.
    pub fn damage(&self, sql: &str) {
        match &self.database {
            Some(database) => database.damage(sql),
            None => damage(self.store.file().unwrap(), sql),
        }
    }

    /// What a query finds: one column named `text`.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        if let Some(database) = &self.database {
            return database.lines(sql);
        }
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            text: String,
        }
        let mut conn = SqliteConnection::establish(&self.store.file().unwrap().to_string_lossy()).unwrap();
        let rows: Vec<Row> = diesel::sql_query(sql).load(&mut conn).unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }

    /// Everything in the database, row by row: for comparing before and after.
    pub fn dump(&self) -> BTreeMap<String, Vec<String>> {
        if let Some(database) = &self.database {
            return database.rows();
        }
        let tables = self
            .texts("SELECT name AS text FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
        let rows = |table: String| {
            let columns = self.texts(&format!("SELECT name AS text FROM pragma_table_info('{table}')"));
            let row: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            let rows = self.texts(&format!("SELECT {} AS text FROM \"{table}\"", row.join(" || ', ' || ")));
            (table, rows)
        };
        tables.into_iter().map(rows).collect()
    }

    /// The kind and the text of every mail to an address, in order, whether delivered or not.
    pub fn mails_to(&self, account: &Account) -> Vec<(String, String)> {
        let of = |column: &str| {
            self.texts(&format!(
                "SELECT {column} AS text FROM mails WHERE account_id = {} ORDER BY id",
                account.id
            ))
        };
        of("kind").into_iter().zip(of("body_text")).collect()
    }

    /// Mails that were delivered.
    pub fn delivered(&self) -> Vec<Envelope> {
        match &self.mailer {
            Mailer::Memory(memory) => memory.delivered(),
            _ => Vec::new(),
        }
    }
}

/// Does something while somebody else writes, who goes on for a moment.
pub fn while_somebody_writes(portal: &Portal, act: impl FnOnce()) {
    std::thread::scope(|scope| {
        let (held, is_held) = std::sync::mpsc::channel();
        scope.spawn(move || {
            let written = portal.store.write(|_| {
                held.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(200));
                Ok::<_, StoreError>(())
            });
            written.unwrap();
        });
        is_held.recv().unwrap();
        act();
    });
}

/// Another process that writes, and goes on until it is told to end.
pub struct Writing {
    ends: std::sync::mpsc::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Writing {
    pub fn begin(portal: &TestPortal) -> Writing {
        let other = portal.other_store();
        let (held, is_held) = std::sync::mpsc::channel();
        let (ends, has_ended) = std::sync::mpsc::channel();
        let write = move || {
            let write = |_: &mut Conn<'_>| {
                held.send(()).unwrap();
                has_ended.recv().unwrap();
                Ok::<_, StoreError>(())
            };
            other.write(write).unwrap();
        };
        let thread = std::thread::spawn(write);
        is_held.recv().unwrap();
        Writing { ends, thread }
    }

    pub fn end(self) {
        self.ends.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

/// Lays a certificate for `localhost` and its key into a folder, as `cert.pem` and `key.pem`.
pub fn tls_files(folder: &std::path::Path) -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let pem = |what: &str, der: &[u8]| {
        let encoded = BASE64_STANDARD.encode(der);
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", lines.join("\n"))
    };
    std::fs::write(folder.join("cert.pem"), pem("CERTIFICATE", made.cert.der())).unwrap();
    std::fs::write(folder.join("key.pem"), pem("PRIVATE KEY", &made.signing_key.serialize_der())).unwrap();
    made.cert.der().to_vec()
}
