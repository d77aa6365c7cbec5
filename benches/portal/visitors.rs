//! People who are signed in already: sessions written straight into the database before the server starts, so that a load needs no
//! thousand password hashings.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

/// Somebody signed in.
pub struct Visitor {
    pub cookie: String,
    /// As a form carries it.
    pub csrf: String,
}

/// Runs SQL with the sqlite3 command and gives what it prints.
pub fn sqlite(data: &Path, sql: &str) -> String {
    let mut child = Command::new("sqlite3")
        .arg("-batch")
        .arg(data.join("portal.sqlite"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the sqlite3 command is installed");
    child.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("sqlite3 reads");
    let out = child.wait_with_output().expect("sqlite3 ends");
    assert!(out.status.success(), "sqlite3 refused");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// Signs in `count` accounts that the query names (one id a line).
pub fn sign_in(data: &Path, accounts: &str) -> Vec<Visitor> {
    let ids: Vec<i64> = sqlite(data, accounts).lines().filter_map(|line| line.parse().ok()).collect();
    assert!(!ids.is_empty(), "nobody to sign in: {accounts}");
    let mut sql = String::from("BEGIN;\n");
    let visitors = ids
        .into_iter()
        .map(|account| {
            let (session, csrf) = (token(account, "session"), token(account, "csrf"));
            let hash = hex::encode(Sha256::digest(session.as_bytes()));
            let _ = writeln!(
                sql,
                "INSERT INTO sessions (token_hash, account_id, csrf_token, browser, created_at, seen_at) VALUES \
                 ('{hash}', {account}, '{csrf}', 'bench', datetime('now'), datetime('now'));"
            );
            Visitor { cookie: format!("session={session}"), csrf: masked(&csrf) }
        })
        .collect();
    sql.push_str("COMMIT;\n");
    sqlite(data, &sql);
    visitors
}

/// A token of the portal's form; different for every account.
fn token(account: i64, what: &str) -> String {
    hex::encode(Sha256::digest(format!("{what} {account}").as_bytes()))
}

/// A form's token as pages carry it: a pad (of zeros, here), and the token crossed with it.
fn masked(token: &str) -> String {
    "00".repeat(token.len()) + &hex::encode(token.as_bytes())
}
