//! Starts: a socket that is handed over stays open while the portal is restarted, so nobody is refused; and a start takes no longer the more
//! evidence there is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use cpe_portal::files::EvidenceFiles;
use rustix::io::{FdFlags, fcntl_setfd};

use super::trials;
use crate::support::process::command;

/// What a service manager does: the sockets stand at 3 and on, and the process is told that they are for it.
fn handed(data: &Path, sockets: &[&TcpListener], more: &[(&str, &str)]) -> (Child, String) {
    let mut script = String::new();
    for (nth, socket) in sockets.iter().enumerate() {
        fcntl_setfd(socket, FdFlags::empty()).unwrap();
        script.push_str(&format!("exec {}<&{}; ", 3 + nth, socket.as_raw_fd()));
    }
    script.push_str("LISTEN_PID=$$ exec \"$0\" serve");
    let portal = command(data, &["serve"]);
    let mut shell = Command::new("/bin/bash");
    shell.arg("-c").arg(script).arg(portal.get_program()).env_clear();
    shell.envs(portal.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("LISTEN_FDS", sockets.len().to_string()).envs(more.iter().copied());
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = shell.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
    (child, said)
}

fn stop(child: &mut Child) {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}

/// One visitor with a connection of their own; what the answer begins with.
fn visit(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: portal.test\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[test]
fn a_restart_refuses_nobody_when_the_socket_is_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (pages, figures) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = pages.local_addr().unwrap();
    let metrics = [("CPE_PORTAL_METRICS", "127.0.0.1:9")];
    let (mut portal, said) = handed(&data, &[&pages, &figures], &metrics);
    assert!(said.contains(&format!("listening on {address}")), "{said}");
    assert!(
        visit(figures.local_addr().unwrap()).unwrap().contains("404"),
        "figures have a socket of their own"
    );
    let (over, visits) = (AtomicBool::new(false), AtomicUsize::new(0));
    let refused = thread::scope(|scope| {
        let visitors: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut refused = Vec::new();
                    while !over.load(Ordering::Relaxed) {
                        visits.fetch_add(1, Ordering::Relaxed);
                        match visit(address) {
                            Ok(answer) if answer == "HTTP/1.1 200 OK" => {}
                            other => refused.push(format!("{other:?}")),
                        }
                        thread::sleep(Duration::from_millis(2));
                    }
                    refused
                })
            })
            .collect();
        for _ in 0..trials(8, 60) {
            thread::sleep(Duration::from_millis(150));
            stop(&mut portal);
            (portal, _) = handed(&data, &[&pages, &figures], &metrics);
        }
        over.store(true, Ordering::Relaxed);
        visitors.into_iter().flat_map(|visitor| visitor.join().unwrap()).collect::<Vec<_>>()
    });
    stop(&mut portal);
    assert!(refused.is_empty(), "{} of {}: {:?}", refused.len(), visits.into_inner(), refused.first());
}

#[test]
fn a_socket_for_somebody_else_is_not_taken_and_a_wrong_one_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let pages = TcpListener::bind("127.0.0.1:0").unwrap();
    // told to another process: the portal listens where the setting says
    let mut other = command(&data, &["serve"]);
    other.env("LISTEN_PID", "1").env("LISTEN_FDS", "1");
    let (mut child, address) = crate::support::process::started(&mut other);
    assert_ne!(address, pages.local_addr().unwrap().to_string());
    stop(&mut child);
    // handed over, and no socket at all
    let script = "exec 3</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve";
    let portal = command(&data, &["serve"]);
    let mut shell = Command::new("/bin/bash");
    shell.arg("-c").arg(script).arg(portal.get_program()).env_clear();
    shell.envs(portal.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let said = shell.stdin(Stdio::null()).output().unwrap();
    assert!(!said.status.success());
    let words = String::from_utf8(said.stderr).unwrap();
    assert!(words.contains("The socket that was handed over for 127.0.0.1:0 cannot be used"), "{words}");
}

/// How often a start that serves asked the system for something in the folder of evidence.
fn looks_at_evidence(data: &Path, written: &Path) -> usize {
    let portal = command(data, &["serve"]);
    let mut strace = Command::new("strace");
    strace
        .args(["--follow-forks", "--trace=%file", "-o"])
        .arg(written)
        .arg(portal.get_program())
        .arg("serve");
    strace.env_clear().envs(portal.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.env("PATH", std::env::var_os("PATH").unwrap());
    let (mut child, _) = crate::support::process::started(
        strace.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()),
    );
    let text = std::fs::read_to_string(written).unwrap();
    let portal = text.split_whitespace().next().unwrap();
    assert!(Command::new("kill").arg(portal).status().unwrap().success());
    child.wait().unwrap();
    text.lines().filter(|line| line.contains("/evidence/")).count()
}

#[test]
fn a_start_looks_at_no_evidence_however_much_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let (data, written) = (folder.path().join("data"), folder.path().join("calls"));
    // the first start makes the folders
    looks_at_evidence(&data, &written);
    let none = looks_at_evidence(&data, &written);
    let files = EvidenceFiles::new(&data).unwrap();
    for number in 0..600 {
        files.store(format!("proof {number}").as_bytes()).unwrap();
    }
    assert_eq!(looks_at_evidence(&data, &written), none);
}
