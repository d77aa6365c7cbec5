//! A small mail server on loopback that does what a test tells it to, and writes down what it was told.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Where in the dialogue the server stands when it asks the script.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The first bytes of the message are there, its end is not looked for yet.
    BodyBegins,
    /// The message and its final dot are there.
    BodyEnds,
    Rset,
}

/// What the server does instead of saying yes.
#[derive(Clone, Debug)]
pub enum Act {
    /// Says this (several lines are split by `\n`) and goes on.
    Say(&'static str),
    /// Sends exactly this and goes on.
    Raw(&'static str),
    /// Says this and closes the connection.
    SayAndDrop(&'static str),
    /// Closes the connection.
    Drop,
    /// Says nothing for longer than any test waits.
    Hang,
    /// Sends a byte of a reply that never ends, every 20 ms.
    Drip,
    /// Sends a line that never ends, as fast as it can.
    Flood,
}

type Script = dyn Fn(Step, &str) -> Option<Act> + Send + Sync;

#[derive(Default)]
struct Seen {
    log: Vec<String>,
    mails: Vec<Vec<u8>>,
    connections: usize,
}

/// The server; it listens until the test process ends.
#[derive(Clone)]
pub struct SmtpServer {
    pub address: SocketAddr,
    /// The authority to trust, in DER, when it can encrypt.
    pub authority: Vec<u8>,
    seen: Arc<Mutex<Seen>>,
}

/// How the server encrypts, and what it tells about itself after EHLO.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manners {
    pub offers: &'static str,
    pub starttls: bool,
    pub tls_from_the_start: bool,
}

impl SmtpServer {
    /// A server that says yes unless `script` says otherwise; it gets the step and the line received.
    pub fn start(script: impl Fn(Step, &str) -> Option<Act> + Send + Sync + 'static) -> SmtpServer {
        SmtpServer::with(Manners::default(), script)
    }

    pub fn with(
        manners: Manners,
        script: impl Fn(Step, &str) -> Option<Act> + Send + Sync + 'static,
    ) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let server = SmtpServer {
            address: listener.local_addr().unwrap(),
            authority: made.cert.der().to_vec(),
            seen: Arc::default(),
        };
        let (seen, script, tls) = (Arc::clone(&server.seen), Arc::new(script), Arc::new(tls));
        thread::spawn(move || {
            for tcp in listener.incoming() {
                let (seen, script, tls) = (Arc::clone(&seen), Arc::clone(&script), Arc::clone(&tls));
                thread::spawn(move || {
                    seen.lock().unwrap().connections += 1;
                    let tcp = tcp.unwrap();
                    tcp.set_nodelay(true).unwrap();
                    let mut talk =
                        Talk { stream: Stream::Plain(tcp), unread: Vec::new(), seen, script, manners, tls };
                    talk.run();
                });
            }
        });
        server
    }

    /// Notes something into the log of the server, between what it sees itself.
    pub fn note(&self, what: &str) {
        self.seen.lock().unwrap().log.push(what.to_owned());
    }

    /// Everything in order: greetings, commands, answers, notes.
    pub fn log(&self) -> Vec<String> {
        self.seen.lock().unwrap().log.clone()
    }

    /// Commands received that begin with `word`.
    pub fn heard(&self, word: &str) -> Vec<String> {
        self.log().into_iter().filter(|line| line.starts_with(word)).collect()
    }

    /// Every message whose final dot was received, without doubled dots.
    pub fn mails(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().mails.clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
    Gone,
}

/// The connection is over.
struct Over;

struct Talk {
    stream: Stream,
    unread: Vec<u8>,
    seen: Arc<Mutex<Seen>>,
    script: Arc<Script>,
    manners: Manners,
    tls: Arc<ServerConfig>,
}

impl Talk {
    fn run(&mut self) {
        if self.manners.tls_from_the_start {
            self.encrypt();
        }
        let _ = self.converse();
    }

    fn converse(&mut self) -> Result<(), Over> {
        self.answer(Step::Greeting, "", "220 test.example ESMTP")?;
        loop {
            let line = self.line()?;
            self.log(&line);
            let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => {
                    let starttls = if self.manners.starttls && !self.encrypted() { "STARTTLS\n" } else { "" };
                    let offers = self.manners.offers;
                    self.answer(Step::Ehlo, &line, &format!("250 test.example\n{starttls}{offers}HELP"))?;
                }
                "STARTTLS" => {
                    self.answer(Step::StartTls, &line, "220 go ahead")?;
                    self.encrypt();
                }
                "AUTH" => _ = self.answer(Step::Auth, &line, "235 welcome")?,
                "MAIL" => _ = self.answer(Step::Mail, &line, "250 ok")?,
                "RCPT" => _ = self.answer(Step::Rcpt, &line, "250 ok")?,
                "RSET" => _ = self.answer(Step::Rset, &line, "250 ok")?,
                "DATA" => {
                    if self.answer(Step::Data, &line, "354 go ahead")? {
                        self.body()?;
                    }
                }
                "QUIT" => {
                    self.say("221 bye")?;
                    return Ok(());
                }
                // answers to AUTH LOGIN
                _ => _ = self.answer(Step::Auth, &line, "500 what?")?,
            }
        }
    }

    fn body(&mut self) -> Result<(), Over> {
        let mut mail = Vec::new();
        if self.unread.is_empty() {
            self.more()?;
        }
        self.log("(message)");
        self.act(Step::BodyBegins, "")?;
        loop {
            let line = self.raw_line()?;
            if line == b".\r\n" {
                break;
            }
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        self.seen.lock().unwrap().mails.push(mail);
        self.answer(Step::BodyEnds, "", "250 queued").map(|_| ())
    }

    /// Says yes, or what the script says; whether it was yes.
    fn answer(&mut self, step: Step, line: &str, yes: &str) -> Result<bool, Over> {
        if self.act(step, line)? {
            return Ok(false);
        }
        self.log(&format!("> {}", &yes[..3]));
        self.say(yes)?;
        Ok(true)
    }

    /// Whether the script had something to do here.
    fn act(&mut self, step: Step, line: &str) -> Result<bool, Over> {
        match (self.script)(step, line) {
            None => return Ok(false),
            Some(Act::Say(text)) => self.say(text)?,
            Some(Act::Raw(text)) => self.send(text.as_bytes())?,
            Some(Act::SayAndDrop(text)) => {
                self.say(text)?;
                return Err(Over);
            }
            Some(Act::Drop) => return Err(Over),
            Some(Act::Hang) => {
                thread::sleep(Duration::from_secs(20));
                return Err(Over);
            }
            Some(Act::Drip) => {
                // ten seconds are more than any test waits
                for byte in b"220-still thinking\r\n".iter().cycle().take(500) {
                    thread::sleep(Duration::from_millis(20));
                    self.send(&[*byte])?;
                }
                return Err(Over);
            }
            Some(Act::Flood) => loop {
                self.send(&[b'2'; 4096])?;
            },
        }
        Ok(true)
    }

    /// One reply; every line but the last gets a dash.
    fn say(&mut self, text: &str) -> Result<(), Over> {
        let (code, text) = text.split_at(4);
        let code = &code[..3];
        let lines: Vec<&str> = text.split('\n').collect();
        let mut reply = String::new();
        for (position, line) in lines.iter().enumerate() {
            let dash = if position + 1 < lines.len() { '-' } else { ' ' };
            reply.push_str(&format!("{code}{dash}{line}\r\n"));
        }
        self.send(reply.as_bytes())
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Over> {
        match &mut self.stream {
            Stream::Plain(tcp) => tcp.write_all(bytes),
            Stream::Tls(tls) => tls.write_all(bytes).and_then(|()| tls.flush()),
            Stream::Gone => Err(ErrorKind::BrokenPipe.into()),
        }
        .map_err(|_| Over)
    }

    fn more(&mut self) -> Result<(), Over> {
        let mut chunk = [0; 1024];
        let got = match &mut self.stream {
            Stream::Plain(tcp) => tcp.read(&mut chunk),
            Stream::Tls(tls) => tls.read(&mut chunk),
            Stream::Gone => Ok(0),
        };
        match got {
            Ok(got) if got > 0 => {
                self.unread.extend_from_slice(&chunk[..got]);
                Ok(())
            }
            _ => Err(Over),
        }
    }

    fn raw_line(&mut self) -> Result<Vec<u8>, Over> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|pair| pair == b"\r\n") {
                return Ok(self.unread.drain(..end + 2).collect());
            }
            self.more()?;
        }
    }

    fn line(&mut self) -> Result<String, Over> {
        Ok(String::from_utf8_lossy(&self.raw_line()?).trim_end().to_owned())
    }

    fn log(&self, line: &str) {
        self.seen.lock().unwrap().log.push(line.to_owned());
    }

    fn encrypted(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    fn encrypt(&mut self) {
        let Stream::Plain(tcp) = std::mem::replace(&mut self.stream, Stream::Gone) else { return };
        let connection = ServerConnection::new(Arc::clone(&self.tls)).unwrap();
        self.stream = Stream::Tls(Box::new(StreamOwned::new(connection, tcp)));
    }
}
