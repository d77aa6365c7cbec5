//! Servers of a mailbox that mean harm, which no real one can be asked to be.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// What the server does instead of answering.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mischief {
    /// A line that never ends, as its greeting.
    EndlessGreeting,
    /// A byte now and then.
    DrippingGreeting,
    /// Four gigabytes are announced where a message was asked for.
    HugeMessage,
    /// As many bytes as one likes, in small responses that nobody asked for.
    EndlessResponses,
    /// A list of messages without end.
    EndlessList,
    /// Brackets in brackets, and a date that is none.
    Brackets,
    /// It says that we are signed in already, so that nothing is encrypted.
    SignedInAlready,
    /// It offers no encryption.
    NoEncryption,
    /// It speaks on in clear after STARTTLS.
    Injection,
    /// It goes away.
    Goodbye,
}

impl Mischief {
    pub const ALL: [Mischief; 10] = [
        Mischief::EndlessGreeting,
        Mischief::DrippingGreeting,
        Mischief::HugeMessage,
        Mischief::EndlessResponses,
        Mischief::EndlessList,
        Mischief::Brackets,
        Mischief::SignedInAlready,
        Mischief::NoEncryption,
        Mischief::Injection,
        Mischief::Goodbye,
    ];

    /// What the URL has to say for it to matter.
    pub fn query(self) -> &'static str {
        match self {
            Mischief::SignedInAlready | Mischief::NoEncryption | Mischief::Injection => "/?tls=required",
            _ => "",
        }
    }
}

/// A server that does what servers do, and says this when it is asked for message 1.
pub fn imap_server_that_gives(fetched: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut said = "* OK welcome\r\n".to_owned();
            let mut lines = lines.map_while(Result::ok);
            while stream.write_all(said.as_bytes()).is_ok() {
                let Some(line) = lines.next() else { break };
                let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
                let words: Vec<&str> = command.split(' ').take(2).collect();
                said = match words.as_slice() {
                    ["CAPABILITY"] => "* CAPABILITY IMAP4rev1\r\n".to_owned(),
                    ["SELECT", _] => "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] numbers\r\n".to_owned(),
                    ["UID", "SEARCH"] => "* SEARCH 1\r\n".to_owned(),
                    ["UID", "FETCH"] => fetched.clone(),
                    _ => String::new(),
                };
                said.push_str(&format!("{tag} OK done\r\n"));
            }
        }
    });
    port
}

pub struct ImapServer {
    pub port: u16,
    sent: Arc<AtomicUsize>,
}

struct Talk {
    stream: TcpStream,
    sent: Arc<AtomicUsize>,
}

impl ImapServer {
    pub fn start(mischief: Mischief) -> ImapServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&sent);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut talk = Talk { stream, sent: Arc::clone(&counted) };
                thread::spawn(move || talk.run(mischief));
            }
        });
        ImapServer { port, sent }
    }

    /// Bytes that the client took.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

impl Talk {
    /// Gives whether the client listens still.
    fn say(&mut self, bytes: &[u8]) -> bool {
        let said = self.stream.write_all(bytes).is_ok();
        self.sent.fetch_add(if said { bytes.len() } else { 0 }, Ordering::SeqCst);
        said
    }

    fn without_end(&mut self, bytes: &[u8], pause: Duration) {
        while self.say(bytes) {
            thread::sleep(pause);
        }
    }

    fn run(&mut self, mischief: Mischief) {
        match mischief {
            Mischief::EndlessGreeting => return self.without_end(&[b'x'; 8192], Duration::ZERO),
            Mischief::DrippingGreeting => return self.without_end(b"*", Duration::from_millis(20)),
            Mischief::Goodbye => {
                self.say(b"* BYE not today\r\n");
                return;
            }
            Mischief::SignedInAlready => self.say(b"* PREAUTH welcome\r\n"),
            _ => self.say(b"* OK welcome\r\n"),
        };
        let lines = BufReader::new(self.stream.try_clone().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            if !self.answer(mischief, tag, command) {
                return;
            }
        }
    }

    fn answer(&mut self, mischief: Mischief, tag: &str, command: &str) -> bool {
        let done = format!("{tag} OK done\r\n");
        let words: Vec<&str> = command.split(' ').collect();
        match (mischief, words[0], words.get(1).copied().unwrap_or_default()) {
            (Mischief::EndlessResponses, "CAPABILITY", _) => {
                self.without_end(&b"* 1 EXISTS\r\n".repeat(700), Duration::ZERO);
                return false;
            }
            (Mischief::NoEncryption, "CAPABILITY", _) => self.say(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"),
            (Mischief::Injection, "STARTTLS", _) => {
                let injected = format!("{done}* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n");
                return self.say(injected.as_bytes());
            }
            (_, "CAPABILITY", _) => self.say(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n"),
            (_, "SELECT", _) => self.say(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] numbers\r\n"),
            (Mischief::EndlessList, "UID", "SEARCH") => {
                self.say(b"* SEARCH");
                self.without_end(&b" 123456".repeat(1000), Duration::ZERO);
                return false;
            }
            (_, "UID", "SEARCH") => self.say(b"* SEARCH 1\r\n"),
            (Mischief::HugeMessage, "UID", "FETCH") => {
                self.say(b"* 1 FETCH (UID 1 BODY[]<0> {4294967295}\r\n");
                self.without_end(&[b'x'; 8192], Duration::ZERO);
                return false;
            }
            (Mischief::Brackets, "UID", "FETCH") => {
                let deep =
                    format!("* 1 FETCH (UID 1 INTERNALDATE NIL BODYSTRUCTURE {})\r\n", "(".repeat(120_000));
                self.say(deep.as_bytes());
                return self.say(format!("{tag} NO more\r\n").as_bytes());
            }
            _ => true,
        };
        self.say(done.as_bytes())
    }
}
