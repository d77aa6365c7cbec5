//! Whoever reads in the log that the database failed reads there what was being done.

use std::io::Write;
use std::sync::{Arc, Mutex};

use cpe_portal::store::StoreError;

use crate::holder::{WHOLE, at_the_form, led_to};
use crate::support::TestPortal;
use crate::transfer::support::damage;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// What was written since it was asked last.
    fn lines(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

#[actix_web::test]
async fn the_line_in_the_log_names_the_function_whose_statement_failed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    damage(portal.store.file().unwrap(), "DROP TABLE activity_versions");
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _until_here = tracing::subscriber::set_default(lines);

    browser.get("/activities/new").await.expect(200);
    assert!(!log.lines().contains("error="));
    browser.post_files("/activities", &WHOLE, &[]).await.expect(500);
    let said = log.lines();
    let failed = "error=database: actions::activities::submission::write: no such table: activity_versions";
    assert!(said.contains(failed), "{said}");
    browser.get(&format!("/activities/{id}/versions")).await.expect(500);
    let said = log.lines();
    assert!(said.contains("error=database: web::view::versions::page: no such table"), "{said}");
}

fn failed() -> StoreError {
    StoreError::database("", "a cause")
}

fn inner(portal: &TestPortal) -> StoreError {
    portal.store.write(|_| Err::<(), _>(failed())).unwrap_err()
}

fn outer(portal: &TestPortal) -> (StoreError, StoreError) {
    let mut within = None;
    let around = portal.store.read(|_| {
        within = Some(inner(portal));
        Err::<(), _>(failed())
    });
    (around.unwrap_err(), within.unwrap())
}

#[test]
fn an_error_names_the_innermost_function_that_reads_or_writes_and_none_outside_of_both() {
    let portal = TestPortal::new();
    let (around, within) = outer(&portal);
    let named = |error: StoreError, what: &str| {
        assert!(matches!(&error, StoreError::Database { doing, .. } if *doing == what), "{error:?}");
    };
    named(around, "store::operation::outer");
    named(within, "store::operation::inner");
    named(failed(), "");
    let in_words = portal.store.ask(|_| Err::<(), _>(StoreError::database("in words", "a cause")));
    named(in_words.unwrap_err(), "in words");
}
