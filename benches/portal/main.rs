//! Every figure of the table in `benches/README.md`, with its baseline beside it in the same run. `cargo bench` runs all and prints the table
//! (`cargo bench -- reports` only that part: badges, deadlines, imports, mail, nights, pages, reports); the two demonstration bodies it measures on are made once and kept under `target`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::panic
)]

mod badges;
mod client;
mod figures;
mod imports;
mod load;
mod nights;
mod post;
mod server;
mod visitors;

use std::path::{Path, PathBuf};

const LARGE: u32 = 100_000;
const SMALL: u32 = 1_000;

fn main() {
    // `cargo bench` passes --bench; `cargo test --benches` would not, and must not start this
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    let mut table = figures::Table::default();
    if wanted("mail") {
        post::mail(&mut table);
        post::far_mail(&mut table);
    }
    if wanted("imports") {
        imports::imports(&mut table);
    }
    if !["badges", "deadlines", "nights", "pages", "reports"].into_iter().any(wanted) {
        return table.print();
    }
    let (large, small) = (server::filled(LARGE), server::filled(SMALL));
    if wanted("deadlines") {
        figures::deadlines(&mut table, &copy_of(&large, "deadlines"));
    }
    if wanted("pages") {
        figures::pages(&mut table, &copy_of(&large, "pages"), &copy_of(&small, "pages-small"));
    }
    if wanted("badges") {
        badges::badges(&mut table, &copy_of(&large, "badges"));
    }
    if wanted("nights") {
        nights::nights(&mut table, &copy_of(&large, "nights"));
    }
    if wanted("reports") {
        figures::reports(&mut table, &copy_of(&large, "reports"));
    }
    table.print();
}

/// A copy to work on, so that the next run starts from the same data.
fn copy_of(folder: &Path, name: &str) -> PathBuf {
    let target = folder.with_file_name(format!("bench-work-{name}"));
    let _ = std::fs::remove_dir_all(&target);
    std::fs::create_dir_all(&target).expect("the target folder is writable");
    // the keys go with what they signed
    if folder.join("keys").exists() {
        std::fs::create_dir_all(target.join("keys")).expect("the target folder is writable");
        std::fs::copy(folder.join("keys/badges.json"), target.join("keys/badges.json"))
            .expect("keys can be copied");
    }
    // evidence is never changed, so the same files will do
    let linked = std::process::Command::new("cp")
        .arg("--recursive")
        .arg("--link")
        .args([&folder.join("evidence"), &target])
        .status();
    assert!(linked.expect("cp is there").success(), "evidence can be linked");
    for file in ["portal.sqlite", "portal.sqlite-wal"] {
        if folder.join(file).exists() {
            std::fs::copy(folder.join(file), target.join(file)).expect("the database can be copied");
            // what the copy left to be written would be in the way of what is measured
            let copied = std::fs::File::open(target.join(file)).expect("the copy is there");
            copied.sync_all().expect("the copy can be written");
        }
    }
    target
}
