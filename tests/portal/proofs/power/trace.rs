//! What a process asked of the operating system, as strace wrote it down.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is written down: everything that touches files, and what is sent to people.
const CALLS: &str = "openat,open,creat,close,dup,dup2,dup3,fcntl,read,readv,write,writev,pwrite64,pwritev,pwritev2,lseek,ftruncate,\
    truncate,fallocate,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,\
    copy_file_range,sendfile,sendto,sendmsg";

/// One thing that was asked and done.
#[derive(Debug)]
pub enum Call {
    Open {
        path: PathBuf,
        create: bool,
        truncate: bool,
        append: bool,
        fd: i64,
    },
    Close {
        fd: i64,
    },
    Dup {
        fd: i64,
        new: i64,
    },
    Read {
        fd: i64,
        bytes: usize,
    },
    Seek {
        fd: i64,
        position: usize,
    },
    /// At the position of the file, or sent to somebody.
    Write {
        fd: i64,
        bytes: Vec<u8>,
    },
    WriteAt {
        fd: i64,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        fd: i64,
        length: usize,
    },
    Sync {
        fd: i64,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    MakeFolder {
        path: PathBuf,
    },
}

/// A call, and its places in the order of events.
#[derive(Debug)]
pub struct Event {
    pub begun: usize,
    pub done: usize,
    pub call: Call,
}

/// The command under strace, which writes to `file`.
pub fn traced(command: &Command, file: &Path) -> Command {
    let found = Command::new("strace").arg("--version").stdout(Stdio::null()).status();
    assert!(
        found.is_ok_and(|status| status.success()),
        "this proof needs strace (on Debian: apt-get install strace; bash tests/run does it)"
    );
    let mut traced = Command::new("strace");
    traced.args(["--follow-forks", "--strings-in-hex=all", "--string-limit=100000000", "--signal=none"]);
    traced.arg(format!("--trace={CALLS}")).arg("-o").arg(file);
    traced.arg(command.get_program()).args(command.get_args()).env_clear();
    traced.env("PATH", std::env::var("PATH").unwrap());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            traced.env(name, value);
        }
    }
    traced.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    traced
}

/// Reads what was written down. What failed changed nothing and is left out.
pub fn read(file: &Path) -> Vec<Event> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut unfinished: HashMap<&str, (usize, String)> = HashMap::new();
    let mut events = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let (process, rest) = line.split_once(' ').unwrap();
        let rest = rest.trim_start();
        if let Some(begin) = rest.strip_suffix(" <unfinished ...>") {
            // another thread may be given the number again before this one hears that it is free
            if let Some(fd) = begin.strip_prefix("close(").and_then(|fd| fd.parse().ok()) {
                events.push(Event { begun: at, done: at, call: Call::Close { fd } });
                continue;
            }
            unfinished.insert(process, (at, begin.to_owned()));
            continue;
        }
        let (begun, whole) = match rest.strip_prefix("<... ") {
            None => (at, rest.to_owned()),
            Some(resumed) => {
                let Some((begun, begin)) = unfinished.remove(process) else { continue };
                (begun, begin + resumed.split_once(" resumed>").unwrap().1)
            }
        };
        if let Some(call) = call(&whole) {
            events.push(Event { begun, done: at, call });
        }
    }
    events
}

fn call(line: &str) -> Option<Call> {
    let (name, rest) = line.split_once('(')?;
    let (arguments, answer) = rest.rsplit_once(')')?;
    let answer: i64 = answer.trim().strip_prefix("= ")?.split(' ').next()?.parse().ok()?;
    if answer < 0 {
        return None;
    }
    let arguments = split(arguments);
    let argument = |at: usize| arguments[at].trim();
    let number = |at: usize| argument(at).parse::<i64>().unwrap();
    let size = |at: usize| usize::try_from(number(at)).unwrap();
    let path = |at: usize| PathBuf::from(String::from_utf8(string(argument(at))).unwrap());
    let answered = usize::try_from(answer).unwrap();
    let whole = |mut bytes: Vec<u8>| {
        bytes.truncate(answered);
        bytes
    };
    Some(match name {
        "open" | "openat" | "creat" => {
            let first = usize::from(name == "openat");
            let flags = if name == "creat" { "O_CREAT|O_TRUNC" } else { argument(first + 1) };
            let has = |flag: &str| flags.split('|').any(|one| one == flag);
            Call::Open {
                path: path(first),
                create: has("O_CREAT"),
                truncate: has("O_TRUNC"),
                append: has("O_APPEND"),
                fd: answer,
            }
        }
        "close" => Call::Close { fd: number(0) },
        "dup" | "dup2" | "dup3" => Call::Dup { fd: number(0), new: answer },
        "fcntl" if argument(1).starts_with("F_DUPFD") => Call::Dup { fd: number(0), new: answer },
        "fcntl" => return None,
        "read" | "readv" => Call::Read { fd: number(0), bytes: answered },
        "lseek" => Call::Seek { fd: number(0), position: answered },
        "write" | "sendto" => Call::Write { fd: number(0), bytes: whole(string(argument(1))) },
        "writev" | "sendmsg" => Call::Write { fd: number(0), bytes: whole(gathered(argument(1))) },
        "pwrite64" => Call::WriteAt { fd: number(0), offset: size(3), bytes: whole(string(argument(1))) },
        "pwritev" | "pwritev2" => {
            Call::WriteAt { fd: number(0), offset: size(3), bytes: whole(gathered(argument(1))) }
        }
        "ftruncate" => Call::Truncate { fd: number(0), length: size(1) },
        "fsync" | "fdatasync" => Call::Sync { fd: number(0) },
        "rename" => Call::Rename { from: path(0), to: path(1) },
        "renameat" | "renameat2" => Call::Rename { from: path(1), to: path(3) },
        "link" => Call::Link { from: path(0), to: path(1) },
        "linkat" => Call::Link { from: path(1), to: path(3) },
        "unlink" | "rmdir" => Call::Remove { path: path(0) },
        "unlinkat" => Call::Remove { path: path(1) },
        "mkdir" => Call::MakeFolder { path: path(0) },
        "mkdirat" => Call::MakeFolder { path: path(1) },
        // what the model does not know must not pass unseen
        other => panic!("the portal uses {other}, which is not modelled"),
    })
}

#[test]
fn a_number_that_is_given_again_while_it_is_closed_belongs_to_the_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("trace");
    let lines = [
        "7 close(12 <unfinished ...>",
        "8 openat(AT_FDCWD, \"\\x61\", O_WRONLY|O_CREAT, 0600) = 12",
        "7 <... close resumed>) = 0",
        "8 write(12, \"\\x62\", 1) = 1",
    ];
    std::fs::write(&written, lines.join("\n")).unwrap();
    let calls: Vec<Call> = read(&written).into_iter().map(|event| event.call).collect();
    assert!(
        matches!(&calls[..], [Call::Close { fd: 12 }, Call::Open { fd: 12, .. }, Call::Write { fd: 12, .. }]),
        "{calls:?}"
    );
}

/// Arguments, cut at the commas that are in no string and in no bracket.
fn split(arguments: &str) -> Vec<&str> {
    let (mut parts, mut from, mut depth, mut quoted) = (Vec::new(), 0, 0, false);
    for (at, sign) in arguments.bytes().enumerate() {
        match sign {
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth -= 1,
            b',' if !quoted && depth == 0 => {
                parts.push(&arguments[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&arguments[from..]);
    parts
}

/// A string in hexadecimal: `"\x41\x42"`.
fn string(text: &str) -> Vec<u8> {
    let inside = text.split('"').nth(1).unwrap_or_default();
    inside.split("\\x").skip(1).map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// All strings of a list of pieces.
fn gathered(text: &str) -> Vec<u8> {
    text.split('"').skip(1).step_by(2).flat_map(|inside| string(&format!("\"{inside}\""))).collect()
}
