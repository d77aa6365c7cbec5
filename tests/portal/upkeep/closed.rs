//! Nobody else on the machine reads what the portal keeps: everything in the data folder is made closed, and a start closes what is open.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use crate::proofs::faults::{Body, Served};
use crate::support::process::command;

/// A folder and everything in it.
fn everything(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(everything(&path)),
            false => found.push(path),
        }
    }
    found
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What is not exactly as closed as it should be, with its mode.
fn open_to_others(folder: &Path) -> Vec<String> {
    let wanted = |path: &Path| if path.is_dir() { 0o700 } else { 0o600 };
    let open = everything(folder).into_iter().filter(|path| mode(path) != wanted(path));
    open.map(|path| format!("{} {:o}", path.display(), mode(&path))).collect()
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut process = command(data, arguments);
    process.env("CPE_PORTAL_LOG", "warn").stderr(Stdio::piped()).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with something of everything: evidence, a mail, a nightly backup; and a portal that serves from it.
fn served(body: &Body) -> Served {
    let portal = Served::plain(body);
    let mut visitor = portal.visitor(0);
    let token = portal.token(&mut visitor);
    assert_eq!(portal.report(&mut visitor, &token, "With a proof", 0), 303);
    fs::create_dir_all(body.data.join("mail")).ok();
    portal
}

#[test]
fn everything_that_is_made_is_closed_to_others_also_by_a_restore() {
    let body = Body::new();
    let portal = served(&body);
    let found: Vec<String> = everything(&body.data)
        .iter()
        .map(|path| path.strip_prefix(&body.data).unwrap().display().to_string())
        .collect();
    for name in ["portal.sqlite", "portal.sqlite-wal", "portal.sqlite-shm", "portal.sqlite-mark", "evidence"]
    {
        assert!(found.iter().any(|found| found == name), "{name}: {found:?}");
    }
    assert!(found.iter().any(|found| found.len() > 60), "a proof: {found:?}");
    fs::set_permissions(body.data.join("mail"), Permissions::from_mode(0o700)).unwrap();
    assert_eq!(open_to_others(&body.data), Vec::<String>::new());
    let backup = body.folder.path().join("backup.zip");
    assert!(run(&body.data, &["backup", backup.to_str().unwrap()]).status.success());
    assert_eq!(mode(&backup), 0o600);
    portal.stop();
    assert_eq!(open_to_others(&body.data), Vec::<String>::new());

    let restored = body.folder.path().join("restored");
    assert!(run(&restored, &["restore", backup.to_str().unwrap()]).status.success());
    assert_eq!(open_to_others(&restored), Vec::<String>::new());
    assert!(run(&restored, &["mail"]).status.code().is_some());
    assert_eq!(open_to_others(&restored), Vec::<String>::new());
}

#[test]
fn a_start_closes_what_is_open_once_and_says_how_much() {
    let body = Body::new();
    served(&body).stop();
    let add = ["account", "add", "--email", "x@people.test", "--name", "X", "--role", "reviewer"];
    let keys = body.data.join("keys").join("badges.json");
    let all: Vec<PathBuf> = everything(&body.data).into_iter().filter(|path| *path != keys).collect();
    for path in &all {
        let open = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(path, Permissions::from_mode(open)).unwrap();
    }
    // what a link leads to is not the portal's
    let outside = body.folder.path().join("outside");
    File::create(&outside).unwrap();
    fs::set_permissions(&outside, Permissions::from_mode(0o644)).unwrap();
    std::os::unix::fs::symlink(&outside, body.data.join("link")).unwrap();
    let first = run(&body.data, &add);
    assert!(first.status.success(), "{}", said(&first));
    assert_eq!(said(&first).matches("closed to them now").count(), 1, "{}", said(&first));
    assert!(said(&first).contains(&format!("many={}", all.len())), "{} of {}", said(&first), all.len());
    assert_eq!(mode(&outside), 0o644);
    fs::remove_file(body.data.join("link")).unwrap();
    assert_eq!(open_to_others(&body.data), Vec::<String>::new());
    let again = run(&body.data, &["deadlines"]);
    assert!(again.status.success() && !said(&again).contains("closed to them"), "{}", said(&again));

    // keys that others could read are not hidden: somebody has to think about them
    fs::set_permissions(&keys, Permissions::from_mode(0o644)).unwrap();
    let refused = run(&body.data, &["deadlines"]);
    assert!(said(&refused).contains("consider the keys compromised"), "{}", said(&refused));
}

/// Every file of a folder with its content, without the database's own and what lies beside it.
fn contents(data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all: Vec<(PathBuf, Vec<u8>)> = everything(data)
        .into_iter()
        .filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with("portal.sqlite"))
        .map(|path| (path.clone(), fs::read(&path).unwrap_or_default()))
        .collect();
    all.sort();
    all
}

/// The commands that only look, with what they write outside of the data folder.
fn that_look(folder: &Path) -> Vec<Vec<String>> {
    let place = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let holders = place("rehearsed.csv");
    let rows =
        "email,name,certification,certificate_number,granted_on\nnew@people.test,New,ISP,NEW-1,2026-01-10\n";
    fs::write(&holders, rows).unwrap();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    vec![
        words("check"),
        words("routes"),
        words("deadlines --dry-run"),
        [words("import holders --dry-run"), vec![holders]].concat(),
        [words("export holders"), vec![place("holders-out.csv")]].concat(),
        [words("export history"), vec![place("history-out.csv")]].concat(),
        vec!["backup".to_owned(), place("looked.zip")],
    ]
}

#[test]
fn commands_that_only_look_make_nothing_in_a_folder_that_was_put_back() {
    let body = Body::new();
    served(&body).stop();
    let backup = body.folder.path().join("backup.zip");
    assert!(run(&body.data, &["backup", backup.to_str().unwrap()]).status.success());
    let restored = body.folder.path().join("restored");
    assert!(run(&restored, &["restore", backup.to_str().unwrap()]).status.success());
    let before = contents(&restored);
    assert!(!restored.join("keys").exists());
    for look in that_look(body.folder.path()) {
        let look: Vec<&str> = look.iter().map(String::as_str).collect();
        let ended = run(&restored, &look);
        assert!(ended.status.success(), "{look:?}: {}", said(&ended));
        assert!(contents(&restored) == before, "{look:?} changed something");
    }
    let keys = run(&restored, &["badges", "keys"]);
    assert_eq!(keys.status.code(), Some(1));
    assert!(said(&keys).contains("There are no badge keys"), "{}", said(&keys));
    assert!(contents(&restored) == before);
    // what was rehearsed is nowhere
    assert_eq!(
        crate::transfer::support::ask(
            &restored.join("portal.sqlite"),
            "SELECT number AS line FROM certificates WHERE number = 'NEW-1'"
        ),
        Vec::<String>::new()
    );
}

#[test]
fn commands_that_only_look_make_no_portal_where_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for look in that_look(folder.path()) {
        let look: Vec<&str> = look.iter().map(String::as_str).collect();
        let ended = run(&data, &look);
        let rehearsed = look.contains(&"--dry-run") || look.contains(&"routes");
        assert_eq!(ended.status.code(), Some(if rehearsed { 0 } else { 2 }), "{look:?}: {}", said(&ended));
        assert!(!data.exists(), "{look:?} made a folder");
    }
}
