//! Planted violations: each check of the architecture must find them, and must let sound code pass.

use super::{
    dependencies, length_violation, name_violation, none, owner_violations, purity_violations,
    rank_violations, sql_time_violations, template_rank_violations,
};

#[test]
fn planted_imports_against_the_ranks_are_found() {
    let planted = [
        ("src/domain/activities/activity.rs", "use crate::store::Store;"),
        ("src/store/engine/database.rs", "fn f() { crate::actions::report() }"),
        ("src/store/engine/database.rs", "use crate::mail::Mailer;"),
        ("src/clock.rs", "use crate::config::Config;"),
        ("src/actions/review.rs", "type A = Vec<crate::web::Page>;"),
        ("src/web/mod.rs", "use crate::scheduler::start;"),
        ("src/web/mod.rs", "use crate::{actions, store};"),
        ("src/web/mod.rs", "use crate::*;"),
        ("src/web/mod.rs", "use crate as everything;"),
        ("src/web/mod.rs", "use crate::nowhere::x;"),
        ("src/mail/outbox.rs", "use super::super::store::Conn;"),
        ("src/files/mod.rs", "use super::secrets::Token;"),
        ("src/mail/mod.rs", "use super::store::Conn;"),
        ("src/jobs/mod.rs", "macro_rules! m { () => { $crate::web::x() } }"),
        ("src/main.rs", "fn main() { cpe_portal::unknown::x() }"),
        ("src/store/engine/database.rs", "/* a comment /* inside */ */ use crate :: web :: Page;"),
        ("src/store/engine/database.rs", "const A: char = '\"'; use crate::web::Page; const B: char = '\"';"),
    ];
    for (path, source) in planted {
        assert_eq!(rank_violations(path, source).len(), 1, "{path}: {source}");
    }
}

#[test]
fn imports_that_keep_the_ranks_pass() {
    let sound = [
        (
            "src/web/holder/activities/mod.rs",
            "use crate::actions::x; use crate::web::page; use super::super::form;",
        ),
        (
            "src/store/engine/database.rs",
            "pub(crate) fn f() {} // use crate::web::x;\n/// See [`crate::web`].\nfn g() {}",
        ),
        (
            "src/store/engine/database.rs",
            "const TEXT: &str = \"use crate::web::x;\"; const RAW: &str = r#\"crate::web::\"x\"#;",
        ),
        (
            "src/domain/mod.rs",
            "use crate::domain::credits::Credits; use self::credits::X; mod tests { use super::*; }",
        ),
        ("src/files/media_type.rs", "use super::Refusal; fn f<'a>(x: &'a str) -> &'a str { x }"),
        ("src/main.rs", "fn main() { cpe_portal::cli::main() }"),
    ];
    for (path, source) in sound {
        none(rank_violations(path, source));
    }
}

#[test]
fn planted_foreign_crates_and_clocks_are_found() {
    let planted = [
        ("src/actions/a.rs", "use diesel::prelude::*;"),
        ("src/actions/a.rs", "#[diesel(table_name = x)] struct A;"),
        ("src/cli/mod.rs", "diesel_migrations::embed_migrations!();"),
        ("src/actions/a.rs", "fn f() -> actix_web::HttpResponse {}"),
        ("src/scheduler.rs", "use actix::prelude::*;"),
        ("src/transfer/a.rs", "#[derive(askama::Template)] struct A;"),
        ("src/web/a.rs", "use lettre::Message;"),
        ("src/jobs/a.rs", "use tokio_cron_scheduler::Job;"),
        ("src/upkeep/a.rs", "ureq::get(address);"),
        ("src/store/a.rs", "async fn f() {}"),
        ("src/actions/a.rs", "let now = Utc::now();"),
        ("src/web/a.rs", "let now = chrono::Local::now();"),
        ("src/store/a.rs", "std::time::SystemTime::now()"),
        ("src/domain/a.rs", "let begun = Instant::now();"),
    ];
    for (path, source) in planted {
        assert_eq!(owner_violations(path, source).len(), 1, "{path}: {source}");
    }
    none(owner_violations("src/clock.rs", "Utc::now()"));
    none(owner_violations("src/web/a.rs", "async fn f() { actix_web::x().await; Instant::now(); }"));
    none(owner_violations("src/actions/a.rs", "// diesel::x\nlet a = \"Utc::now\";"));
}

#[test]
fn planted_impurities_of_the_rules_are_found() {
    let dependencies = dependencies();
    for source in [
        "use serde::Serialize;",
        "#[derive(serde::Deserialize)] struct A;",
        "fn f() { tracing::info!(\"x\") }",
        "use uuid;",
        "use std::fs::File;",
        "use std::{fmt, io};",
        "let x = std::env::var(\"A\");",
    ] {
        assert_eq!(purity_violations("src/domain/a.rs", source, &dependencies).len(), 1, "{source}");
    }
    let sound = "use std::{fmt, collections::BTreeMap}; use chrono::NaiveDate; let url = 1; let x = a.csv; use Level::*;";
    none(purity_violations("src/domain/a.rs", sound, &dependencies));
}

#[test]
fn planted_long_files_empty_names_and_sql_clocks_are_found() {
    assert!(length_violation("src/a.rs", &"\n".repeat(501)).is_some());
    assert!(length_violation("src/a.rs", &"\n".repeat(500)).is_none());
    for path in
        ["src/utils.rs", "src/web/helpers/mod.rs", "tests/portal/common.rs", "templates/models/a.html"]
    {
        assert!(name_violation(path).is_some(), "{path}");
    }
    assert!(name_violation("src/web/holder/activities/mod.rs").is_none());
    assert_eq!(sql_time_violations("m.sql", "a\nDEFAULT current_timestamp\nx date('now')").len(), 2);
    none(sql_time_violations("m.sql", "recorded_at TIMESTAMP NOT NULL -- now is a parameter"));
    assert_eq!(template_rank_violations("templates/mail/a.txt", "{{ crate::web::x() }}").len(), 1);
    assert_eq!(template_rank_violations("templates/a.html", "{{ crate::cli::x() }}").len(), 1);
    none(template_rank_violations("templates/a.html", "{{ crate::domain::x() }} {{ crate::web::y() }}"));
}
