//! Signing every badge anew after a key was compromised, and serving one.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::client::{Client, get};
use crate::figures::{Table, median, pages_load};
use crate::server::{Server, binary};
use crate::visitors;

const ROUNDS: usize = 3;

/// Badges signed a second on all processors, and a stored badge against a static file of about its size.
pub fn badges(table: &mut Table, data: &Path) {
    let live: f64 =
        visitors::sqlite(data, "SELECT COUNT(*) FROM signed_badges;").trim().parse().expect("a number");
    let begun = Instant::now();
    let done = Command::new(binary())
        .args(["--data", &data.to_string_lossy(), "--log", "warn", "badges", "compromised"])
        .arg(key(data))
        .status()
        .expect("the command starts");
    assert!(done.success());
    let seconds = begun.elapsed().as_secs_f64();
    table.row(
        "badges signed anew after a compromise",
        format!("{:.0}/s ({live:.0} in {seconds:.0} s)", live / seconds),
        "–".to_owned(),
        "(≥ 2 000/s)".to_owned(),
    );
    let badge = visitors::sqlite(data, "SELECT badge_id FROM signed_badges LIMIT 1;").trim().to_owned();
    let visitor = visitors::sign_in(data, "SELECT holder_id FROM certificates LIMIT 1;");
    let server = Server::start(data);
    let page = format!("/badges/{badge}");
    let icons = icons(&server, &visitor[0].cookie);
    let (mut stored, mut fixed) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        stored.push(pages_load(&server, |_, _| get(&page, "")).per_second);
        fixed.push(pages_load(&server, |_, _| get(&icons, "")).per_second);
    }
    let (stored, fixed) = (median(stored), median(fixed));
    table.row(
        "a stored badge served",
        format!("{stored:.0}/s"),
        format!("{fixed:.0}/s, a static file of 3 kB"),
        format!("{:.2} × its cost (≤ 1.5)", fixed / stored),
    );
}

fn key(data: &Path) -> String {
    let with = visitors::sqlite(data, "SELECT signed_with FROM signed_badges LIMIT 1;");
    with.trim().rsplit('#').next().expect("a key has a name").to_owned()
}

/// The address of the icons, as a page names it.
fn icons(server: &Server, cookie: &str) -> String {
    let mut client = Client::connect(server.addr).expect("the server accepts connections");
    let text = client.send(&get("/dashboard", cookie)).expect("the page answers").text();
    let begin = text.find("/static/icons-").expect("the page has icons");
    text[begin..].split(['#', '"']).next().expect("an address").to_owned()
}
