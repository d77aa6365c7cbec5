//! The commands themselves: what they print, where, and how they end (0 done, 1 some rows failed, 2 wrong usage).

use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs the binary in a folder; gives exit code, standard output and standard error.
fn run(folder: &Path, arguments: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cpe-portal"))
        .current_dir(folder)
        .env("CPE_PORTAL_LOG", "warn")
        .args(arguments.split(' '))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn import_export_check_backup_and_restore_end_as_scripts_expect() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(
        folder.join("holders.csv"),
        "email,name,certification,certificate_number,granted_on\n\
         anna@example.org,Anna,ISP,A,2024-03-01\n\
         nobody,Anna,ISP,B,2024-03-01\n",
    )
    .unwrap();
    fs::write(
        folder.join("activities.csv"),
        "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n\
         anna@example.org,attending,Talk,X,information_security,,2026-05-01,1,,approved\n",
    )
    .unwrap();
    fs::write(folder.join("other.csv"), "a;b\n").unwrap();

    let told =
        "line 3: “nobody” is not an email address. (Anna)\n1 added, 0 changed, 0 unchanged, 1 refused\n";
    let (code, out, err) = run(folder, "--data d import holders holders.csv --as-of 2026-11-23 --dry-run");
    assert_eq!((code, out.as_str()), (1, told));
    assert!(err.contains("nothing was changed"), "{err}");
    let (code, out, _) = run(folder, "--data d import holders holders.csv --as-of 2026-11-23");
    assert_eq!((code, out.as_str()), (1, told));
    let (code, out, _) = run(folder, "import activities activities.csv --as-of 2026-11-23 --data d");
    assert_eq!((code, out.as_str()), (0, "1 added, 0 changed, 0 unchanged, 0 refused\n"));

    for (wrong, said) in [
        ("--data d import holders other.csv", "Nothing was changed"),
        ("--data d import holders nowhere.csv", "cannot be opened"),
        ("--data nowhere check", "There is no portal"),
        ("--data nowhere export holders x.csv", "There is no portal"),
        ("--data d export everything x.csv", "everything"),
        ("--data d restore backup.zip", ""),
        ("--data d demo", "not empty"),
    ] {
        let (code, out, err) = run(folder, wrong);
        assert!(code != 0 && out.is_empty() && err.contains(said), "{wrong}: {code} {out} {err}");
        assert!(wrong.contains("restore") || code == 2, "{wrong}: {code}");
    }
    assert!(!folder.join("nowhere").exists());

    let (code, _, err) = run(folder, "--data d export activities out.csv");
    assert_eq!((code, err.trim()), (0, "1 row written to out.csv"));
    assert!(fs::read_to_string(folder.join("out.csv")).unwrap().contains("Talk"));
    assert_eq!(run(folder, "--data d export --format xlsx certificates out.xlsx").0, 0);
    assert!(fs::read(folder.join("out.xlsx")).unwrap().starts_with(b"PK"));

    let (code, out, _) = run(folder, "--data d check");
    assert_eq!(code, 0, "{out}");
    assert!(out.lines().filter(|line| line.starts_with("ok ")).count() > 20, "{out}");
    super::support::damage(&folder.join("d/portal.sqlite"), "UPDATE activities SET title = ''");
    let (code, out, _) = run(folder, "--data d check");
    assert!(
        code == 1 && out.contains("WRONG  Everything reported is whole") && out.contains("report 1"),
        "{out}"
    );

    assert_eq!(run(folder, "--data d backup b.zip").0, 0);
    assert_eq!(run(folder, "--data e restore b.zip").0, 0);
    assert!(folder.join("e/portal.sqlite").is_file());
    assert_eq!(run(folder, "--data e restore b.zip").0, 2, "the folder is not empty any more");
}
