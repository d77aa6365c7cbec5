//! Planted faults, so that the check is known to be able to fail.

use super::super::none;
use super::violations;

#[test]
fn planted_faults_in_papers_are_found() {
    for (text, what) in [
        ("see `src/nowhere/at_all.rs`", "no file or folder src/nowhere/at_all.rs"),
        ("see `tests/portal/nothing/`", "no file or folder tests/portal/nothing/"),
        ("see `src/config/mod.rs/`", "no file or folder src/config/mod.rs/"),
        ("see `nobody_has_this.rs`", "no file is called nobody_has_this.rs"),
        ("see [the map](src/NOWHERE.md)", "the link to src/NOWHERE.md leads nowhere"),
        ("[picture]: tests/nowhere.webp", "the link to tests/nowhere.webp leads nowhere"),
        ("# A\n\nsee [b](#b)", "no heading for #b"),
        ("run `cpe-portal levitate`", "`` has no command levitate"),
        ("run `cpe-portal account remove`", "`account` has no command remove"),
        ("run `cpe-portal check twice`", "`check` has no command twice"),
        ("run `deadlines --twice`", "`deadlines` has no flag --twice"),
        ("with `--levitate`", "no command has the flag --levitate"),
        ("run `cpe-portal help import nothing`", "no command `import nothing`"),
        ("run `cargo test staff::nowhere`", "no test is called staff::nowhere"),
        ("run `cargo test --test other`", "Cargo.toml has no target other"),
        ("run `cargo levitate`", "cargo levitate is not among what the papers use"),
        ("run `cargo bench -- nothing`", "no part nothing of the bench"),
        ("run `cargo run --release -- levitate`", "`` has no command levitate"),
        ("run `bash tests/levitate`", "no script tests/levitate"),
        ("run `bash tests/prove staff::own`", "staff::own is not among the proofs"),
        ("run `bash tests/prove proofs::nothing`", "no test is called proofs::nothing"),
        (
            "run `node tests/browser/screenshots.mjs --upside-down`",
            "tests/browser/screenshots.mjs knows no --upside-down",
        ),
        ("run `cd tests/browser && node nothing.mjs`", "no script tests/browser/nothing.mjs"),
        ("```sh\nlevitate --now\n```", "levitate is not among the programs that the papers use"),
        ("```sh\ncargo test nowhere_at_all   # why\n```", "no test is called nowhere_at_all"),
        ("```ini\nCPE_PORTAL_LEVITATES=1\n```", "no setting CPE_PORTAL_LEVITATES"),
        ("it is at `/staff/nowhere`", "no route  /staff/nowhere"),
        ("send `POST /dashboard`", "no route POST /dashboard"),
        ("call `never_written_anywhere`", "nothing is called never_written_anywhere"),
        ("call `jobs::NEVER_WRITTEN`", "nothing is called NEVER_WRITTEN"),
        ("a `HolderWhoLevitates`", "nothing is called HolderWhoLevitates"),
        ("a `tick that never ends", "an odd number of backticks"),
        ("over the\nend: `cargo\nlevitate`", "cargo levitate is not among what the papers use"),
    ] {
        let found = violations("README.md", text);
        let said: Vec<&str> =
            found.iter().filter_map(|found| found.splitn(3, ':').nth(2)).map(str::trim_start).collect();
        assert_eq!(said, [what], "{text}");
    }
}

#[test]
fn sound_papers_pass() {
    for text in [
        "`src/domain/`, `src/config/mod.rs`, `tests/run`, `Cargo.toml`, `up.sql`, `DATA/mail/`, `.eml`",
        "`cpe-portal`, `cpe-portal account add --email E --name \"Two Words\" --role holder`, `backup FILE`, `live on --discard KIND`",
        "`--wait`, `cpe-portal --data /tmp/portal demo --holders 100`, `cpe-portal help import holders`",
        "`cargo test architecture::papers`, `cargo run --release -- demo`, `cargo bench -- reports`",
        "`bash tests/prove proofs::mail`, `cd tests/browser && npm ci && node --test review.test.mjs`",
        "`/`, `/staff/activities/{id}`, `/staff/review?show=returned`, `/ob2/…`, `/metrics`, `GET /dashboard`",
        "`store.write`, `StoreError`, `_within`, `smtp://user:pass@host:587?tls=required`, `text`",
        "# A place\n\n[here](#a-place), [there](src/config/mod.rs), <http://127.0.0.1:8080>",
        "```nginx\nlocation / { proxy_pass http://127.0.0.1:8080; }\n```",
    ] {
        none(violations("README.md", text));
    }
    none(
        violations("src/domain/RULES.md", "`ledger.rs`, `domain/ledger/mod.rs`, `src/domain/ledger/mod.rs`")
            .into_iter()
            .filter(|found| !found.contains("domain/ledger/mod.rs"))
            .collect(),
    );
}
