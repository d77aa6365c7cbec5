//! A visitor on a plain line: HTTP/1.1 by hand, so that the end of a connection is seen exactly when it comes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const BOUNDARY: &str = "between-the-parts";

/// What came back, whole.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    /// The form token of a page.
    pub fn token(&self) -> String {
        let field = self.text.split("name=\"csrf_token\" value=\"").nth(1).expect(&self.text);
        field.split('"').next().unwrap().to_owned()
    }
}

/// Keeps cookies; opens a new connection for each request.
#[derive(Clone, Default)]
pub struct Visitor {
    cookies: Vec<(String, String)>,
}

impl Visitor {
    pub fn get(&mut self, address: &str, path: &str) -> Option<Answer> {
        self.exchange(address, &format!("GET {path} HTTP/1.1"), "", Vec::new())
    }

    pub fn post_plain(&mut self, address: &str, path: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.exchange(address, &format!("POST {path} HTTP/1.1"), kind, body.join("&").into_bytes())
    }

    pub fn post_parts(&mut self, address: &str, path: &str, mut body: Vec<u8>) -> Option<Answer> {
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        self.exchange(address, &format!("POST {path} HTTP/1.1"), &parts(), body)
    }

    /// The head of a form with files of this length, for whoever sends its body by hand. `more` are further lines.
    pub fn head_of_parts(&self, path: &str, more: &str, length: usize) -> String {
        self.head(&format!("POST {path} HTTP/1.1"), &format!("{}{more}", parts()), length)
    }

    fn head(&self, first_line: &str, more: &str, length: usize) -> String {
        format!(
            "{first_line}\r\nHost: portal.test\r\nConnection: close\r\nCookie: {}\r\n{more}Content-Length: {length}\r\n\r\n",
            self.cookie(),
        )
    }

    /// Its cookies, as it sends them.
    pub fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// `None` when the other side did not answer to the end.
    fn exchange(&mut self, address: &str, first_line: &str, kind: &str, body: Vec<u8>) -> Option<Answer> {
        let head = self.head(first_line, kind, body.len());
        let mut line = TcpStream::connect(address).ok()?;
        line.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        line.write_all(head.as_bytes()).and_then(|()| line.write_all(&body)).ok()?;
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).ok()?;
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, _) = text.split_once("\r\n\r\n")?;
        for cookie in head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = cookie.split(';').next()?.split_once('=')?;
            self.cookies.retain(|(kept, _)| kept != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, text })
    }
}

/// The line that says so.
fn parts() -> String {
    format!("Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n")
}

/// One part of a form with files.
pub fn part(disposition: &str, content: &[u8]) -> Vec<u8> {
    let mut part =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").into_bytes();
    part.extend_from_slice(content);
    part.extend_from_slice(b"\r\n");
    part
}
