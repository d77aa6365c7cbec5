//! The real binary as a process of its own, for what only a process can show: kills, clocks, faults.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chrono::NaiveDateTime;
use cpe_portal::domain::ids::AccountId;
use cpe_portal::store::records::holders;
use cpe_portal::store::records::holders::{HolderFilter, Invitable};
use cpe_portal::store::{Conn, Store, StoreError, accounts};

/// The binary with these arguments on this data folder, with a free port, no other environment and its log thrown away.
pub fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpe-portal"));
    command
        .args(arguments)
        .env_clear()
        .env("CPE_PORTAL_DATA", data)
        .env("CPE_PORTAL_LISTEN", "127.0.0.1:0")
        .env("CPE_PORTAL_URL", "http://portal.test")
        .env("CPE_PORTAL_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// A portal that serves, and its address.
pub fn serve(data: &Path) -> (Child, String) {
    started(&mut command(data, &["serve"]))
}

/// The portal that this command starts, and its address.
pub fn started(command: &mut Command) -> (Child, String) {
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
    let address = said.trim_end().rsplit(' ').next().unwrap().trim_end_matches(')').to_owned();
    assert!(address.starts_with("127.0.0.1:"), "{said:?}");
    (child, address)
}

/// Lets mails to the holders of a folder leave, and counts everybody as invited: what was imported has been written to nobody yet.
pub fn go_live(data: &Path) {
    assert!(command(data, &["live", "on"]).status().unwrap().success());
    let store = Store::open(&data.join("portal.sqlite")).unwrap();
    let everybody = Invitable { filter: &HolderFilter::default(), invited_before: None, ticked: None };
    let invite = |conn: &mut Conn<'_>| {
        for id in holders::invitable(conn, &everybody, AccountId(0), i64::MAX)? {
            accounts::set_invited(conn, id, NaiveDateTime::default())?;
        }
        Ok::<_, StoreError>(())
    };
    store.write(invite).unwrap();
}
