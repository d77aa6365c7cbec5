//! A real PostgreSQL: one server for the whole run, and databases in it that nobody else uses.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cpe_portal::config::{Config, DatabasePlace, Settings};
use cpe_portal::store::{Opening, Patience, Store, StoreError, StoreSize};

/// A server of our own.
pub struct Server {
    pub address: String,
    // it ends when this process, however it ends, closes its standard input
    _child: Option<Child>,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static TEMPLATE: OnceLock<String> = OnceLock::new();
static PORTAL_TEMPLATE: OnceLock<String> = OnceLock::new();
static DATABASES: AtomicUsize = AtomicUsize::new(0);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Server {
    /// Starts one; with a certificate and its key it speaks TLS.
    pub fn start(certificate_and_key: &[&Path]) -> Server {
        let mut child = Command::new("bash")
            .arg(root().join("tests/postgres"))
            .args(certificate_and_key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(
            address.starts_with("postgres://"),
            "these tests need PostgreSQL (on Debian: apt-get install postgresql; bash tests/run does it)"
        );
        Server { address: address.trim_end().to_owned(), _child: Some(child) }
    }

    /// Makes an empty database there. Gives its address.
    pub fn database(&self, name: &str) -> String {
        says(&self.address, &format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
        format!("{}/{name}", self.address.rsplit_once('/').unwrap().0)
    }
}

/// The server that `tests/run` has started, or one of our own.
fn server() -> &'static str {
    let start = || {
        if let Ok(address) = std::env::var("CPE_PORTAL_TEST_POSTGRES") {
            return Server { address, _child: None };
        }
        Server::start(&[])
    };
    &SERVER.get_or_init(start).address
}

/// The address of another database of the server.
fn address_of(name: &str) -> String {
    let (server, _) = server().rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// The program that asks: as new as the newest server that is installed.
fn psql() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let version = |path: &Path| {
        path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()).unwrap_or_default()
    };
    let newest = folders.map(|folder| folder.path()).max_by_key(|path| version(path));
    let program = newest.map(|folder| folder.join("bin/psql")).filter(|program| program.is_file());
    program.unwrap_or_else(|| PathBuf::from("psql"))
}

/// What a database says to some SQL, row by row, or why it refused. Everything is one transaction.
fn says(address: &str, sql: &str) -> Result<Vec<String>, String> {
    let mut child = Command::new(psql())
        .args(["-X", "-q", "-At", "-0", "-v", "ON_ERROR_STOP=1", "-d", address, "-f", "-"])
        .args(if sql.contains(" DATABASE ") { &[][..] } else { &["-1"][..] })
        .env("PGOPTIONS", "-c client_min_messages=warning")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("psql, which comes with PostgreSQL");
    // whoever stops reading at an error says so below
    let _ = child.stdin.take().unwrap().write_all(sql.as_bytes());
    let said = child.wait_with_output().unwrap();
    if said.status.success() {
        Ok(String::from_utf8(said.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect())
    } else {
        Err(String::from_utf8_lossy(&said.stderr).into_owned())
    }
}

/// The migrations for PostgreSQL, in their order.
fn migrations() -> String {
    let folders = std::fs::read_dir(root().join("migrations/postgres")).unwrap();
    let mut folders: Vec<PathBuf> = folders.map(|folder| folder.unwrap().path()).collect();
    folders.sort();
    folders.iter().map(|folder| std::fs::read_to_string(folder.join("up.sql")).unwrap()).collect()
}

/// A database on a server, as the portal opens it.
pub fn open_server(address: &str) -> Result<Store, StoreError> {
    let settings = Settings { database: Some(address.parse().unwrap()), ..Settings::default() };
    let DatabasePlace::Server(address) = Config::check(&settings).unwrap().database else {
        panic!("no server")
    };
    // many write at once on a busy machine
    let patience = Patience { longest: Duration::from_secs(60), tell: |_| {} };
    Store::open_on_server(&address, Opening::Making, patience, StoreSize::default())
}

/// A database, which goes when the test is over.
pub struct Database {
    name: String,
}

impl Database {
    /// A database with nothing in it, made with these words.
    pub fn made_as(words: &str) -> Database {
        Database::made(&format!("template0 {words}"))
    }

    fn made(from: &str) -> Database {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        says(server(), &format!("CREATE DATABASE {name} TEMPLATE {from}")).unwrap();
        Database { name }
    }

    /// A database with nothing in it.
    pub fn empty() -> Database {
        Database::made("template0")
    }

    /// A database with the schema, and what a new portal begins with.
    pub fn new() -> Database {
        let template = TEMPLATE.get_or_init(|| {
            let template = Database::empty();
            template.lines(&migrations());
            let name = template.name.clone();
            std::mem::forget(template);
            name
        });
        Database::made(template)
    }

    /// A database that a portal has opened before.
    pub fn of_a_portal() -> Database {
        let template = PORTAL_TEMPLATE.get_or_init(|| {
            let template = Database::empty();
            drop(template.open().unwrap());
            let name = template.name.clone();
            std::mem::forget(template);
            name
        });
        Database::made(template)
    }

    /// The database of a test portal, where `CPE_PORTAL_TEST_ENGINE=postgres` says that it is on a server; none where it is a file.
    pub fn of_a_test() -> Option<Database> {
        (std::env::var("CPE_PORTAL_TEST_ENGINE").as_deref() == Ok("postgres")).then(Database::of_a_portal)
    }

    /// As the portal opens it.
    pub fn open(&self) -> Result<Store, StoreError> {
        open_server(&self.address())
    }

    /// Where it is found.
    pub fn address(&self) -> String {
        address_of(&self.name)
    }

    /// What it says to some SQL, line by line, or why it refused.
    pub fn says(&self, sql: &str) -> Result<Vec<String>, String> {
        says(&self.address(), sql)
    }

    /// Changes it with its triggers off, which would refuse that.
    #[track_caller]
    pub fn damage(&self, sql: &str) {
        self.lines(&format!(
            "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' \
             LOOP EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', t); END LOOP; END $$; {sql}"
        ));
    }

    /// Every row of every table, as text, in an order that depends on nothing else.
    pub fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
        let rows = |table: String| {
            (table.clone(), self.lines(&format!("SELECT t::text FROM \"{table}\" AS t ORDER BY 1")))
        };
        self.lines(tables).into_iter().map(rows).collect()
    }

    /// What it says to some SQL that it does not refuse.
    #[track_caller]
    pub fn lines(&self, sql: &str) -> Vec<String> {
        self.says(sql).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // a server of our own goes with all that is in it
        let _ = says(server(), &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}
