//! The commands of this house's door: routes, account add, serve, and what wrong usage gives. The real binary.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpe-portal"));
    command
        .args(arguments)
        .env_clear()
        .env("CPE_PORTAL_DATA", data)
        .env("CPE_PORTAL_LISTEN", "127.0.0.1:0")
        .env("CPE_PORTAL_URL", "https://cpe.example.org")
        .env("CPE_PORTAL_LOG", "info")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    command(data, arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn routes_prints_every_route_with_who_may_use_it_and_needs_no_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = run(&data, &["routes"]);
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<String> = out(&output).lines().map(str::to_owned).collect();
    let expected: Vec<String> = cpe_portal::web::routes()
        .iter()
        .map(|route| format!("{} {} {}", route.method, route.path, route.who_words()))
        .collect();
    assert_eq!(lines, expected);
    for line in ["GET / public", "GET /dashboard holder", "GET /staff/review reviewer,administrator"] {
        assert!(lines.iter().any(|one| one == line), "{line}");
    }
    assert!(!data.exists());
}

#[test]
fn account_add_prints_a_link_of_the_configured_address_or_sets_the_password_that_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let add = ["account", "add", "--email", "ada@people.test", "--name", "Ada", "--role", "administrator"];
    let output = run(&data, &add);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let link = out(&output);
    assert!(link.starts_with("https://cpe.example.org/invitation/") && link.lines().count() == 1, "{link}");

    for (password, code) in [("weak\n", 1), ("violet harbour tractor moon\n", 0)] {
        let mut child = command(&data, &[&add[..], &["--password-stdin"]].concat())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(out(&output).is_empty());
        assert!(!String::from_utf8_lossy(&output.stderr).contains("violet"));
    }
    let output = run(&data, &add);
    assert_eq!(output.status.code(), Some(1), "who has a password needs no link");
}

#[test]
fn wrong_usage_and_a_wrong_configuration_give_two_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for arguments in [
        &["unheard-of"][..],
        &["account", "add", "--email", "a@b.test"],
        &["account", "add", "--email", "a@b.test", "--name", "A", "--role", "queen"],
        &["--time-zone", "Atlantis/Centre", "serve"],
        &["--url", "https://user:secret@cpe.example.org", "serve"],
    ] {
        let output = run(&data, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {output:?}");
        assert!(out(&output).is_empty() && !output.stderr.is_empty());
    }
    assert!(!data.exists());
}

#[test]
fn serve_prints_where_it_is_answers_and_logs_neither_addresses_nor_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(&folder.path().join("data"), &[]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.next().unwrap().unwrap();
    assert!(said.starts_with("The portal is at https://cpe.example.org (listening on 127.0.0.1:"), "{said}");
    let address = said.rsplit(' ').next().unwrap().trim_end_matches(')').to_owned();
    let token = "f".repeat(64);
    for path in ["/healthz", &format!("/invitation/{token}"), "/sign-in?next=/secret-place"] {
        let mut stream = TcpStream::connect(&address).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: cpe.example.org\r\nCookie: __Host-session={token}\r\n\
             User-Agent: curious\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 410"), "{answer}");
        assert!(answer.contains("strict-transport-security"));
    }
    child.kill().unwrap();
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    child.wait().unwrap();
    assert!(log.contains("route=\"/invitation/{token}\" status=410"), "{log}");
    assert!(log.contains("route=\"/sign-in\" status=200"), "{log}");
    for secret in [token.as_str(), "secret-place", "curious"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn a_port_that_is_taken_or_a_setting_that_cannot_be_read_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let address = address.as_str();
    for (arguments, word) in [
        (vec!["--listen", address, "demo"], address),
        (vec!["--listen", address, "serve"], address),
        (vec!["--metrics", address, "demo"], address),
        (vec!["--metrics", address, "serve"], address),
        (vec!["--smtp", "smtp://user@:25", "demo"], "mail"),
        (vec!["--smtp", "smtp://mail.test:25/?tls=perhaps", "serve"], "mail"),
    ] {
        let output = run(&data, &arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(1 | 2)), "{arguments:?} {output:?}");
        assert!(told.contains(word), "{arguments:?}: {told}");
        assert!(out(&output).is_empty() && !data.exists(), "{arguments:?}: nothing is written");
    }
}

#[test]
fn a_data_folder_that_cannot_be_made_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    for arguments in [&["demo"][..], &["serve"]] {
        let output = run(&file.join("data"), arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains("cannot be used") && out(&output).is_empty(), "{told}");
    }
}
