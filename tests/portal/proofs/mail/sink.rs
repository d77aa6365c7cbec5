//! A mail server out of the worst year of somebody's life: it refuses, babbles, stalls, hangs up at any step, and sometimes kills the
//! portal in the middle of a sentence. It counts what it took for good.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How it feels today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Takes everything.
    Calm,
    /// Takes everything, after a while at each step.
    Slow,
    /// Nobody listens at its port.
    Down,
    /// Anything can happen.
    Chaos,
}

/// Where the portal can be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    Connected,
    Sender,
    Recipient,
    /// The go-ahead has been sent.
    GoAhead,
    /// A part of the message has arrived.
    InTheMessage,
    /// The whole message has arrived, and was not answered yet.
    BeforeTheAnswer,
    /// The message was accepted, and the answer is on its way.
    AfterTheAnswer,
}

impl Point {
    pub const ALL: [Point; 7] = [
        Point::Connected,
        Point::Sender,
        Point::Recipient,
        Point::GoAhead,
        Point::InTheMessage,
        Point::BeforeTheAnswer,
        Point::AfterTheAnswer,
    ];
}

/// A process that dies when a conversation comes to a point for the `after`th time.
pub struct Victim {
    pub child: Child,
    pub point: Point,
    pub after: usize,
}

/// What it took and did.
#[derive(Default)]
pub struct Seen {
    /// Messages taken for good, by Message-ID, and how often.
    pub accepted: BTreeMap<String, usize>,
    /// Their texts, with the address each was for.
    pub texts: Vec<(String, String)>,
    /// How often a mail was refused for good.
    pub refused: usize,
    /// How often the sender cannot know how a message ended, through our fault.
    pub doubts: usize,
    /// Messages begun.
    pub begun: usize,
    /// What happened how often.
    pub troubles: BTreeMap<&'static str, usize>,
}

struct State {
    mood: Mutex<Mood>,
    seen: Mutex<Seen>,
    dice: Mutex<u64>,
    victim: Mutex<Option<Victim>>,
    closing: AtomicBool,
}

pub struct Sink {
    pub port: u16,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

impl Sink {
    pub fn start(mood: Mood, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            mood: Mutex::new(mood),
            seen: Mutex::default(),
            dice: Mutex::new(seed.max(1)),
            victim: Mutex::new(None),
            closing: AtomicBool::new(false),
        });
        let there = Arc::clone(&state);
        let thread = thread::spawn(move || listen(&there, listener, port));
        Self { port, state, thread: Some(thread) }
    }

    pub fn set(&self, mood: Mood) {
        *self.state.mood.lock().unwrap() = mood;
        if mood == Mood::Down {
            crate::support::faked::wait_until("nobody listens", || {
                TcpStream::connect(("127.0.0.1", self.port)).is_err()
            });
        }
    }

    /// Looks at what happened so far.
    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.state.seen.lock().unwrap())
    }

    /// From now on `victim` is in danger.
    pub fn aim(&self, victim: Victim) {
        *self.state.victim.lock().unwrap() = Some(victim);
    }

    /// Whether the victim is dead.
    pub fn struck(&self) -> bool {
        self.state.victim.lock().unwrap().is_none()
    }

    /// Gives the victim up, alive.
    pub fn spare(&self) -> Option<Child> {
        self.state.victim.lock().unwrap().take().map(|victim| victim.child)
    }

    /// Throws the dice: a number below `sides`.
    pub fn dice(&self, sides: u64) -> u64 {
        self.state.dice(sides)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.state.closing.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl State {
    fn dice(&self, sides: u64) -> u64 {
        let mut state = self.dice.lock().unwrap();
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state % sides
    }

    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    fn note(&self, trouble: &'static str) {
        *self.seen.lock().unwrap().troubles.entry(trouble).or_default() += 1;
    }

    /// The conversation has come to a point: it may be the victim's last.
    fn pass(&self, point: Point) {
        let mut victim = self.victim.lock().unwrap();
        let Some(aimed) = victim.as_mut().filter(|aimed| aimed.point == point) else { return };
        aimed.after = aimed.after.saturating_sub(1);
        if aimed.after == 0 {
            aimed.child.kill().unwrap();
            aimed.child.wait().unwrap();
            *victim = None;
        }
    }
}

fn listen(state: &Arc<State>, listener: TcpListener, port: u16) {
    let mut open = Some(listener);
    while !state.closing.load(Ordering::SeqCst) {
        if state.mood() == Mood::Down {
            open = None;
            thread::sleep(Duration::from_millis(5));
            continue;
        }
        let listener = match open.take() {
            Some(listener) => listener,
            None => match TcpListener::bind(("127.0.0.1", port)) {
                Ok(listener) => listener,
                Err(_) => continue,
            },
        };
        listener.set_nonblocking(true).unwrap();
        if let Ok((line, _)) = listener.accept() {
            line.set_nonblocking(false).unwrap();
            line.set_nodelay(true).unwrap();
            let state = Arc::clone(state);
            // a client that goes away ends the conversation, which is no failure here
            thread::spawn(move || Conversation::new(&state, line).and_then(|mut talk| talk.go_on()));
        } else {
            thread::sleep(Duration::from_millis(1));
        }
        open = Some(listener);
    }
}

/// What happens to one message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Taken,
    /// This code at this step: 0 sender, 1 recipient, 2 DATA, 3 the message.
    Code(u16, u64),
    /// The line is cut at this step.
    Cut(u64),
    Babble(u64),
    Stall(u64),
    Late(u64),
    CutInTheMessage,
    /// Taken for good, and the line is cut before the answer.
    TakenAndCut,
    /// Not taken, and the line is cut before the answer.
    LostAndCut,
}

struct Conversation<'a> {
    state: &'a State,
    lines: BufReader<TcpStream>,
    out: TcpStream,
}

type Ended = std::io::Result<()>;

fn over() -> Ended {
    Err(std::io::ErrorKind::ConnectionAborted.into())
}

impl<'a> Conversation<'a> {
    fn new(state: &'a State, line: TcpStream) -> std::io::Result<Self> {
        line.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self { state, out: line.try_clone()?, lines: BufReader::new(line) })
    }

    fn say(&mut self, text: &str) -> Ended {
        if self.state.mood() == Mood::Slow {
            thread::sleep(Duration::from_millis(5 + self.state.dice(25)));
        }
        self.out.write_all(format!("{text}\r\n").as_bytes())
    }

    fn stall(&mut self) -> Ended {
        let mut nothing = [0; 1024];
        while self.lines.read(&mut nothing)? > 0 {}
        over()
    }

    fn go_on(&mut self) -> Ended {
        self.state.pass(Point::Connected);
        let chaos = self.state.mood() == Mood::Chaos;
        match if chaos { self.state.dice(100) } else { 100 } {
            0..8 => {
                self.state.note("421 banner");
                self.say("421 too busy, go away")?;
                return over();
            }
            8..13 => {
                self.state.note("garbage banner");
                self.say("%PDF-1.4 \u{1} hello?")?;
                return over();
            }
            13..17 => {
                self.state.note("hung up at once");
                return over();
            }
            17..19 => {
                self.state.note("silent banner");
                return self.stall();
            }
            _ => self.say("220 sink.test")?,
        }
        let mut fate = Fate::Taken;
        let mut to = String::new();
        loop {
            let mut command = String::new();
            if self.lines.read_line(&mut command)? == 0 {
                return Ok(());
            }
            let word = command.split([' ', ':', '\r']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => self.say("250 sink.test")?,
                "MAIL" => {
                    fate = self.fate();
                    self.state.pass(Point::Sender);
                    self.step(fate, 0, "250 ok")?;
                }
                "RCPT" => {
                    to = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    self.state.pass(Point::Recipient);
                    self.step(fate, 1, "250 ok")?;
                }
                "DATA" => {
                    if self.step(fate, 2, "354 go on")? {
                        self.message(fate, &to)?;
                    }
                }
                "QUIT" => {
                    self.say("221 bye")?;
                    return Ok(());
                }
                _ => self.say("250 ok")?,
            }
        }
    }

    fn fate(&self) -> Fate {
        if self.state.mood() != Mood::Chaos {
            return Fate::Taken;
        }
        let step = self.state.dice(4);
        match self.state.dice(100) {
            0..12 => Fate::Code(451, step),
            12..17 => Fate::Code(554, step),
            17..23 => Fate::Cut(step % 3),
            23..26 => Fate::Babble(step),
            26..28 => Fate::Stall(step),
            28..38 => Fate::Late(step),
            38..41 => Fate::CutInTheMessage,
            41..44 => Fate::TakenAndCut,
            44..46 => Fate::LostAndCut,
            _ => Fate::Taken,
        }
    }

    /// Answers a step. Whether it went as the sender hoped.
    fn step(&mut self, fate: Fate, step: u64, yes: &str) -> std::io::Result<bool> {
        match fate {
            Fate::Code(code, at) if at == step => {
                self.state.note(if code < 500 { "4xx" } else { "5xx" });
                self.state.seen.lock().unwrap().refused += usize::from(code >= 500);
                self.say(&format!("{code} not this one"))?;
                return Ok(false);
            }
            Fate::Cut(at) if at == step => {
                self.state.note("cut at a step");
                over()?;
            }
            Fate::Babble(at) if at == step => {
                self.state.note("babble");
                self.doubt(step);
                self.say("what? \u{7f}\u{1}")?;
                over()?;
            }
            Fate::Stall(at) if at == step => {
                self.state.note("tarpit");
                self.doubt(step);
                self.stall()?;
            }
            Fate::Late(at) if at == step => {
                self.state.note("slow reply");
                thread::sleep(Duration::from_millis(20 + self.state.dice(150)));
            }
            _ => {}
        }
        self.say(yes)?;
        Ok(true)
    }

    /// After the message nobody but us knows how it ended.
    fn doubt(&self, step: u64) {
        if step == 3 {
            self.state.seen.lock().unwrap().doubts += 1;
        }
    }

    fn message(&mut self, fate: Fate, to: &str) -> Ended {
        self.state.seen.lock().unwrap().begun += 1;
        self.state.pass(Point::GoAhead);
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line)? == 0 {
                return over();
            }
            if text.is_empty() {
                self.state.pass(Point::InTheMessage);
                if fate == Fate::CutInTheMessage {
                    self.state.note("cut in the message");
                    self.doubt(3);
                    return over();
                }
            }
            if line == ".\r\n" {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        self.state.pass(Point::BeforeTheAnswer);
        if matches!(fate, Fate::Code(_, 3) | Fate::Babble(3) | Fate::Stall(3)) {
            self.step(fate, 3, "")?;
            return Ok(());
        }
        if fate == Fate::LostAndCut {
            self.state.note("lost, and cut after the dot");
            self.doubt(3);
            return over();
        }
        self.take(to, text);
        if fate == Fate::TakenAndCut {
            self.state.note("taken, and cut after the dot");
            self.doubt(3);
            return over();
        }
        self.step(fate, 3, "250 taken")?;
        self.state.pass(Point::AfterTheAnswer);
        Ok(())
    }

    fn take(&self, to: &str, text: String) {
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap_or("none").to_owned();
        let mut seen = self.state.seen.lock().unwrap();
        *seen.accepted.entry(id).or_default() += 1;
        seen.texts.push((to.to_owned(), text));
    }
}
