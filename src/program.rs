//! The whole portal as one program, built only to find what nobody uses (`tests/run`). In a library every public item may be somebody's,
//! so the compiler keeps silent; in a program it says which ones nothing reaches. What only tests call counts as unused too.
#![deny(dead_code, unfulfilled_lint_expectations)]
// the library itself is where everything else is looked at
#![allow(missing_docs, unused_imports, clippy::all, clippy::restriction)]

mod actions;
mod badges;
mod cli;
mod clock;
mod config;
mod demo;
mod domain;
mod files;
mod jobs;
mod mail;
mod portal;
mod scheduler;
mod secrets;
mod store;
mod transfer;
mod upkeep;
mod web;

/// Planted: when the compiler no longer says that this is unused, the expectation fails.
mod planted {
    #[expect(dead_code)]
    pub fn nobody_calls_this() {}
}

/// What only tests and the fuzzer go through, each with what it is there for. Everything else that the portal does not use is unused.
fn doors_for_tests() {
    // a portal and a database with the patience of a page
    let _ = portal::Portal::open;
    let _ = store::Store::open;
    // passwords that cost little, mails that are kept in memory, a disk that is said to be full, a mail server of the test's own
    let _ = config::PasswordCost::Cheap;
    let _ = mail::Memory::delivered;
    let _ = files::EvidenceFiles::leaving_free;
    let _ = (mail::Smtp::with_limit, mail::Smtp::trusting);
    let _ = (mail::Mailbox::with_limit, mail::Mailbox::trusting);
    // evidence put there and counted without a form, and what a holder told, version by version
    let _ = (files::EvidenceFiles::store, files::EvidenceFiles::list);
    let _ = store::activities::activity_versions::of_activity;
    // what a connection was promised, which only the database can tell
    let _ = (store::engine::sqlite::settings::settings, store::engine::sqlite::settings::log_pages);
    // whether somebody waited for the write lock
    let _ = store::Store::lock_requests;
    // readers of a stranger's bytes, one step at a time
    let _ = (mail::replies, mail::mailbox_responses, upkeep::restore::examine);
    // a macro makes it for every enum of codes; this one nobody reads back yet
    let _ = domain::history_event::HistoryEvent::from_code;
    // tests speak of whole credits and of a notice by its kind
    let _ = (domain::activities::credits::Credits::whole, mail::Notice::kind);
}

fn main() -> std::process::ExitCode {
    let _ = doors_for_tests;
    cli::main()
}
