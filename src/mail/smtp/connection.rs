//! The line to a mail server: bytes and replies under one wall-clock limit. Mail leaves over one, and what came back is fetched over one.
//!
//! lettre's own connection is not used for this. Its time-out holds for each read alone, so that a server which sends one byte now and
//! then keeps it for hours; it hides the socket, so that neither a limit nor TCP_NODELAY can be set (44 ms a mail); it keeps what
//! was received in clear before STARTTLS; and an EHLO line of spaces panics in it.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::mail::message::one_line;

/// Longest reply that is read, in bytes.
const LONGEST_REPLY: usize = 64 * 1024;

/// A socket on which nothing waits beyond a moment, however little the other side sends at a time.
struct Limited {
    tcp: TcpStream,
    until: Instant,
}

impl Limited {
    fn left(&self) -> io::Result<Duration> {
        left(self.until)
    }
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(self.left()?))?;
        self.tcp.read(buffer).map_err(timed_out)
    }
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(self.left()?))?;
        self.tcp.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// What is left until a moment; an error when it has come.
pub(in crate::mail) fn left(until: Instant) -> io::Result<Duration> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(no_time_left()),
        left => Ok(left),
    }
}

fn no_time_left() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, "the mail server took too long")
}

/// A socket's time-out appears as "would block" on some systems.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => no_time_left(),
        _ => error,
    }
}

enum Stream {
    Plain(Limited),
    Tls(Box<StreamOwned<ClientConnection, Limited>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.read(buffer),
            Stream::Tls(stream) => stream.read(buffer),
        }
    }
}

/// What a client believes of a server's certificate: the public authorities, and these.
pub(in crate::mail) fn client_tls(
    private_roots: &[CertificateDer<'static>],
) -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for authority in private_roots {
        roots.add(authority.clone())?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// An open line.
pub(in crate::mail) struct Wire {
    stream: Stream,
    unread: Vec<u8>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.is_encrypted() { "Wire(encrypted)" } else { "Wire(plain)" })
    }
}

impl Wire {
    /// Connects to the first address that answers.
    pub fn connect(host: &str, port: u16, until: Instant) -> io::Result<Wire> {
        let addresses = resolve(host, port, until)?;
        let mut trouble = io::Error::new(ErrorKind::NotFound, "the mail server's name has no address");
        for (tried, address) in addresses.iter().enumerate() {
            // one address that does not answer must not eat the time of the others
            let share = u32::try_from(addresses.len().saturating_sub(tried)).unwrap_or(1).max(1);
            match TcpStream::connect_timeout(address, left(until)? / share) {
                Ok(tcp) => {
                    // without it, each mail waits for the other side's delayed acknowledgement
                    tcp.set_nodelay(true)?;
                    return Ok(Wire { stream: Stream::Plain(Limited { tcp, until }), unread: Vec::new() });
                }
                Err(error) => trouble = timed_out(error),
            }
        }
        Err(trouble)
    }

    /// Encrypts the line from here on.
    pub fn encrypt(self, host: &str, config: &Arc<ClientConfig>) -> io::Result<Wire> {
        // what came in clear would be taken for the server's encrypted word
        if !self.unread.is_empty() {
            return Err(io::Error::new(ErrorKind::InvalidData, "the mail server spoke before TLS began"));
        }
        let Stream::Plain(socket) = self.stream else { return Ok(self) };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            io::Error::new(ErrorKind::InvalidInput, "the mail server's name is not a host name")
        })?;
        let connection = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Wire { stream: Stream::Tls(Box::new(stream)), unread: Vec::new() })
    }

    /// Whether the other side has said nothing that was not read yet. What is encrypted and still under way cannot be told.
    pub fn is_quiet(&self) -> bool {
        if !self.unread.is_empty() {
            return false;
        }
        let Stream::Plain(socket) = &self.stream else { return true };
        if socket.tcp.set_nonblocking(true).is_err() {
            return false;
        }
        let waits = socket.tcp.peek(&mut [0]);
        // a line that was closed says so to the next command
        let quiet = !matches!(waits, Ok(1..));
        socket.tcp.set_nonblocking(false).is_ok() && quiet
    }

    pub fn is_encrypted(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// Sets the moment after which nothing waits any more.
    pub fn limit(&mut self, until: Instant) {
        match &mut self.stream {
            Stream::Plain(socket) => socket.until = until,
            Stream::Tls(stream) => stream.sock.until = until,
        }
    }

    /// Sends a command (with its line end) and reads the reply.
    pub fn command(&mut self, command: &str) -> io::Result<Reply> {
        self.send(command.as_bytes())?;
        self.reply()
    }

    /// Sends bytes as they are, in one piece.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(socket) => socket.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// Reads one reply of one or more lines.
    pub fn reply(&mut self) -> io::Result<Reply> {
        let stream = &mut self.stream;
        read_reply(&mut self.unread, &mut |chunk| stream.read(chunk))
    }

    /// Reads one line without its line feed, of at most so many bytes.
    pub fn line(&mut self, longest: usize) -> io::Result<Vec<u8>> {
        let stream = &mut self.stream;
        read_line(&mut self.unread, &mut |chunk| stream.read(chunk), longest)
    }

    /// Reads so many bytes.
    pub fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let stream = &mut self.stream;
        read_bytes(&mut self.unread, &mut |chunk| stream.read(chunk), count)
    }
}

/// Asks for more bytes.
pub(in crate::mail) type More<'a> = dyn FnMut(&mut [u8]) -> io::Result<usize> + 'a;

/// Reads one reply of one or more lines; what comes after it stays in `unread`.
fn read_reply(unread: &mut Vec<u8>, more: &mut More<'_>) -> io::Result<Reply> {
    let mut reply: Option<Reply> = None;
    let mut read = 0;
    loop {
        let line = read_line(unread, more, LONGEST_REPLY - read)?;
        read += line.len() + 1;
        let (code, last, text) = parse_line(&line).ok_or_else(unreadable)?;
        let reply = reply.get_or_insert_with(|| Reply { code, lines: Vec::new() });
        if reply.code != code || read >= LONGEST_REPLY {
            return Err(unreadable());
        }
        reply.lines.push(text);
        if last {
            return Ok(std::mem::take(reply));
        }
    }
}

/// One line without its end.
pub(in crate::mail) fn read_line(
    unread: &mut Vec<u8>,
    more: &mut More<'_>,
    longest: usize,
) -> io::Result<Vec<u8>> {
    let mut searched = 0;
    loop {
        if let Some(end) = unread.iter().skip(searched).position(|b| *b == b'\n') {
            let rest = unread.split_off(searched + end + 1);
            let mut line = std::mem::replace(unread, rest);
            line.truncate(searched + end);
            return Ok(line);
        }
        searched = unread.len();
        if searched > longest {
            return Err(unreadable());
        }
        read_more(unread, more)?;
    }
}

/// So many bytes, whatever they are. Room is made for what has come, and not for what was promised.
pub(in crate::mail) fn read_bytes(
    unread: &mut Vec<u8>,
    more: &mut More<'_>,
    count: usize,
) -> io::Result<Vec<u8>> {
    while unread.len() < count {
        read_more(unread, more)?;
    }
    let rest = unread.split_off(count);
    Ok(std::mem::replace(unread, rest))
}

fn read_more(unread: &mut Vec<u8>, more: &mut More<'_>) -> io::Result<()> {
    let mut chunk = [0; 4096];
    match more(&mut chunk) {
        Ok(0) => Err(io::Error::new(ErrorKind::UnexpectedEof, "the mail server closed the connection")),
        Ok(got) => {
            unread.extend_from_slice(chunk.get(..got).unwrap_or_default());
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
        Err(error) => Err(error),
    }
}

/// Every reply in what a server said, as far as it can be read: its code, and what staff would read of it.
#[must_use]
pub fn replies(mut said: &[u8]) -> Vec<(u16, String)> {
    let (mut unread, mut replies) = (Vec::new(), Vec::new());
    while let Ok(reply) = read_reply(&mut unread, &mut |chunk| said.read(chunk)) {
        replies.push((reply.code, reply.said()));
    }
    replies
}

pub(in crate::mail) fn unreadable() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "the mail server's reply cannot be read")
}

/// Asking for addresses cannot be interrupted, so it is done beside; a straggler ends with the resolver's own time-out.
fn resolve(host: &str, port: u16, until: Instant) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (answer, answers) = mpsc::channel();
    let host = host.to_owned();
    thread::Builder::new().name("mail-resolver".to_owned()).spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
        // nobody listens any more when the time is up
        let _ = answer.send(found);
    })?;
    answers.recv_timeout(left(until)?).map_err(|_| no_time_left())?
}

/// What the server answered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::mail) struct Reply {
    /// Three digits.
    pub code: u16,
    /// The texts, one a line.
    pub lines: Vec<String>,
}

impl Reply {
    /// 2xx.
    pub fn is_yes(&self) -> bool {
        self.code / 100 == 2
    }

    /// As staff read it: "550 No such user here", one line, not too long.
    pub fn said(&self) -> String {
        let text = one_line(&self.lines.join(" "));
        format!("{} {}", self.code, text.chars().take(300).collect::<String>()).trim_end().to_owned()
    }
}

/// Code, whether it is the last line, text.
fn parse_line(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let code: u16 = std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()?;
    let last = match line.get(3) {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return None,
    };
    let text = String::from_utf8_lossy(line.get(4..).unwrap_or_default()).into_owned();
    if (200..600).contains(&code) { Some((code, last, text)) } else { None }
}
