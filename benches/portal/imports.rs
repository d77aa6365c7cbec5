//! A migration: a large file of holders into an empty portal, a badge signed for each certificate.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::figures::Table;
use crate::server::{binary, run};

const HOLDERS: usize = 100_000;

/// The time of `import holders`, beside the time that sqlite3 takes to put the same rows into one bare table.
pub fn imports(table: &mut Table) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
    let file = folder.path().join("holders.csv");
    std::fs::write(&file, holders()).expect("the target folder is writable");
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let done = run(Command::new(binary())
        .args(["--data", &data, "--log", "warn", "import", "holders"])
        .arg(&file)
        .env("CPE_PORTAL_URL", "http://bench.test"));
    let told = format!("{HOLDERS} added, 0 changed, 0 unchanged, 0 refused");
    assert_eq!(done.out.trim(), told, "{}", done.err);
    let bare = bare(folder.path(), &file);
    let seconds = done.took.as_secs_f64();
    table.row(
        "import of 100 000 holders, each with a signed badge",
        format!("{seconds:.1} s, peak {} MB", done.peak / 1024),
        format!("{bare:.2} s, sqlite3 .import of the same file into one table"),
        "(≤ 40 s on two cores, ≤ 100 MB)".to_owned(),
    );
}

fn bare(folder: &Path, file: &Path) -> f64 {
    let started = Instant::now();
    let done = Command::new("sqlite3")
        .arg(folder.join("bare.sqlite"))
        .args(["-cmd", "PRAGMA journal_mode=WAL"])
        .arg(format!(".import --csv {} holders", file.display()))
        .stdout(std::process::Stdio::null())
        .status()
        .expect("sqlite3 is there");
    assert!(done.success());
    started.elapsed().as_secs_f64()
}

/// Certificates of one to six years, all current.
fn holders() -> String {
    let codes = ["ISP", "ISME", "CISO", "ITSP", "DPP", "BCP", "CMP", "EHP", "SPP", "ISF"];
    let mut text = String::from("email,name,certification,certificate_number,granted_on\n");
    for n in 0..HOLDERS {
        let (code, year, month, day) = (codes[n % codes.len()], 2020 + n % 6, 1 + n % 12, 1 + n / 12 % 28);
        let _ = writeln!(
            text,
            "holder.{n:06}@example.org,Holder Number {n},{code},{code}-{n:06},{year}-{month:02}-{day:02}"
        );
    }
    text
}
