//! A mail server that answers by a script, one step for each mail.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What becomes of one mail. Without a step it is taken.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Take,
    /// This code to `RCPT TO`.
    Recipient(u16),
    /// The connection closes after the message, without an answer.
    LoseAnswer,
}

pub struct Scripted {
    pub port: u16,
    seen: Arc<Seen>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    bodies: AtomicUsize,
    closing: AtomicBool,
}

impl Scripted {
    pub fn start(script: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let script = Arc::new(Mutex::new(VecDeque::from(script)));
        let seen_there = Arc::clone(&seen);
        let thread = std::thread::spawn(move || {
            for line in listener.incoming() {
                if seen_there.closing.load(Ordering::SeqCst) {
                    return;
                }
                seen_there.connections.fetch_add(1, Ordering::SeqCst);
                // a client that goes away ends the conversation, which is no failure here
                let _ = converse(line.unwrap(), &script, &seen_there);
            }
        });
        Self { port, seen, thread: Some(thread) }
    }

    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub fn bodies(&self) -> usize {
        self.seen.bodies.load(Ordering::SeqCst)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.seen.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn converse(line: TcpStream, script: &Mutex<VecDeque<Step>>, seen: &Seen) -> std::io::Result<()> {
    let mut out = line.try_clone()?;
    let mut lines = BufReader::new(line).lines();
    let mut step = Step::Take;
    out.write_all(b"220 mail.test\r\n")?;
    while let Some(command) = lines.next() {
        let command = command?.to_ascii_uppercase();
        let answer = if command.starts_with("RCPT") {
            match step {
                Step::Recipient(code) => format!("{code} not this one"),
                Step::Take | Step::LoseAnswer => "250 ok".to_owned(),
            }
        } else if command.starts_with("MAIL") {
            step = script.lock().unwrap().pop_front().unwrap_or(Step::Take);
            "250 ok".to_owned()
        } else if command == "DATA" {
            out.write_all(b"354 go on\r\n")?;
            for text in lines.by_ref() {
                if text? == "." {
                    break;
                }
            }
            seen.bodies.fetch_add(1, Ordering::SeqCst);
            if matches!(step, Step::LoseAnswer) {
                return Ok(());
            }
            "250 taken".to_owned()
        } else if command.starts_with("QUIT") {
            out.write_all(b"221 bye\r\n")?;
            return Ok(());
        } else {
            "250 ok".to_owned()
        };
        out.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}
