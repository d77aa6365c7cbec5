//! What the hostile send: made from the forms that the portal knows, bent where readers of such bytes are known to break.

use std::fmt::Write;

/// A line of the table of routes.
pub struct Route {
    pub method: String,
    pub path: String,
}

/// One who sends: a cookie, and the token of a page that was shown to it.
pub struct Sender {
    pub cookie: String,
    pub token: String,
}

/// Numbers that look like chance and are the same each time (SplitMix64).
pub struct Seed(u64);

impl Seed {
    pub fn new(nth: usize) -> Self {
        Self(0x0014_CAFE ^ (u64::try_from(nth).unwrap() << 20))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most).unwrap()).unwrap()
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    fn noise(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// Numbers of things. The sixth account is that of the other visitor, whom nobody may touch.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "7",
    "8",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "1e9",
    "٣",
    "01",
    " 1",
    "0x1",
    "99999999999999999999999999",
];
const WORDS: &[&str] = &[
    "",
    "%",
    "%00",
    "%ff",
    "%c0%af",
    "..%2f..%2fetc%2fpasswd",
    "a%0d%0aX-Head: 1",
    "'\" OR 1=1--",
    "<script>",
    "\u{202e}abc",
    "{{7*7}}",
    "\u{feff}",
    "\u{fdfa}",
    "NaN",
    "-",
    "now",
    "1;2;3",
    "2026-02-30",
    "9999-12-31",
    "0000-00-00",
    "-262144-01-01",
    "99999-01-01",
    "31 February 2026",
    "٢٠٢٦-١١-٢٣",
    "1:99",
    "2,5,5",
    "1e308",
    "-0",
    "999999999999",
    "draft",
    "submit",
    "attending",
    "writing",
    "approve",
    "reject",
    "return",
    "holder",
    "administrator",
    "on",
    "null",
    "[]",
    "nobody@people.test",
    "\"a b\"@people.test",
    "a@b",
    "all",
    "csv",
    "h5@people.test",
];
const FIELDS: &[&str] = &[
    "email",
    "password",
    "category",
    "title",
    "organiser",
    "field",
    "started_on",
    "completed_on",
    "hours",
    "minutes",
    "pages",
    "publication",
    "relevance",
    "explanation",
    "not_regular_job",
    "intent",
    "version",
    "form_key",
    "parked",
    "kept_evidence",
    "remove_evidence",
    "hint_seen",
    "activity",
    "certificate",
    "year",
    "kind",
    "subject",
    "words",
    "reason",
    "reason_code",
    "decision",
    "quantity",
    "until",
    "report",
    "discard",
    "neighbours",
    "rehearse",
    "role",
    "name",
    "next",
    "q",
    "page",
    "show",
    "number",
    "from",
    "to",
    "day",
    "id",
    "code",
    "level",
    "minimum",
    "stages",
    "valid_from",
    "answer",
    "verdict",
    "until_on",
    "sort",
    "status",
    "confirm",
];
const FILES: &[(&str, &[u8])] = &[
    ("proof.pdf", b"%PDF-1.7\ntrailer<</Encrypt 1 0 R>>\nstartxref\n99999999999999999999\n%%EOF"),
    ("proof.pdf", b"\xef\xbb\xbf\n\n%PDF-1.4\nstartxref\n3\n%%EOF"),
    ("image.png", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffiTXtopenbadgecredential\0\x01\0\0\0x\x9c"),
    ("image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x06\0\0\0"),
    ("badge.svg", b"<svg xmlns:openbadges='x'><!DOCTYPE a [<!ENTITY b \"&b;&b;\">]>&b;</svg>"),
    ("badge.json", b"{\"@context\":[],\"proof\":{\"proofValue\":\"z\"},\"credentialSubject\":[[[[[[[[]]]]]]]]}"),
    ("work.docx", b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0"),
    ("photo.heic", b"\xff\xff\xff\xffftypmif1\0\0\0\0heicavif"),
    ("holders.csv", b"email,name,certification,certificate_number,granted_on\n\"a,b\n"),
    ("holders.csv", b"\xff\xfee\0m\0a\0i\0l\0\n\0"),
    ("activities.csv", b"email,category,title,organiser,field,started_on,completed_on,quantity\nx,attending,\0,,it_security,2026-11-25,3/4/2026,1e9\n"),
    ("mail.eml", b"From: a\r\nSubject: =?utf-8?q?=ff=fe?=\r\n\r\n"),
    ("..\\..\\x\"; name=\"csrf_token", b""),
];

fn address(seed: &mut Seed, route: &Route) -> String {
    let parts: Vec<String> = route
        .path
        .split('/')
        .map(|part| match part.split_once('{') {
            None => part.to_owned(),
            Some((before, _)) => {
                let after = part.split_once('}').map_or("", |(_, after)| after);
                let filled = if seed.one_in(4) { seed.of(WORDS) } else { seed.of(NUMBERS) };
                format!("{before}{}{after}", escaped(filled))
            }
        })
        .collect();
    let mut path = parts.join("/");
    if path.is_empty() {
        path.push('/');
    }
    if seed.one_in(2) {
        let pairs: Vec<String> = (0..seed.below(5)).map(|_| pair(seed)).collect();
        write!(path, "?{}", pairs.join("&")).unwrap();
    }
    path
}

/// Fit for the first line of a request: what is a sign of its own there is written by number.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'%' | b'!'..=b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn value(seed: &mut Seed) -> String {
    match seed.below(12) {
        0 => "x".repeat(seed.below(3_000)),
        1 => "🙂e\u{301}".repeat(seed.below(300)),
        2 => String::from_utf8_lossy(&seed.noise(200)).into_owned(),
        3..=6 => seed.of(NUMBERS).to_owned(),
        _ => seed.of(WORDS).to_owned(),
    }
}

fn pair(seed: &mut Seed) -> String {
    let name = seed.of(FIELDS);
    if seed.one_in(6) {
        return format!("{name}={}", escaped(seed.of(WORDS)));
    }
    let encoded: String = url::form_urlencoded::byte_serialize(value(seed).as_bytes()).collect();
    format!("{name}={encoded}")
}

fn token(seed: &mut Seed, sender: &Sender) -> String {
    match seed.below(8) {
        0 => "f".repeat(seed.below(300)),
        1 => format!("{}.%2f%2fx%ff?parked=1", sender.token.split('.').next().unwrap()),
        _ => sender.token.clone(),
    }
}

fn parts(seed: &mut Seed, sender: &Sender, boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let end = if seed.one_in(12) { "\n" } else { "\r\n" };
    if !seed.one_in(10) {
        let token = token(seed, sender);
        let first = format!(
            "--{boundary}{end}Content-Disposition: form-data; name=\"csrf_token\"{end}{end}{token}{end}"
        );
        body.extend_from_slice(first.as_bytes());
    }
    for _ in 0..seed.below(14) {
        let name = if seed.one_in(3) { seed.of(&["evidence", "file"]) } else { seed.of(FIELDS) };
        let (file, content) = FILES[seed.below(FILES.len())];
        let head = match seed.below(14) {
            0 => String::new(),
            1 => "Content-Disposition: attachment".to_owned(),
            2 => format!("Content-Disposition: form-data; name=\"{}\"", "n".repeat(seed.below(9_000))),
            3 => "Content-Disposition: form-data; name*=UTF-8''%ff; filename*=x''%".to_owned(),
            4 => format!(
                "Content-Disposition: form-data; name=\"{name}\"{end}Content-Type: multipart/mixed; boundary=y"
            ),
            5 => format!(
                "Content-Disposition: form-data; name=\"{name}\"{end}Content-Length: {}",
                seed.of(NUMBERS)
            ),
            6 => format!(
                "Content-Disposition: form-data; name=\"{name}\"{end}{}",
                format!("A: b{end}").repeat(40)
            ),
            7..=9 => format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{file}\""),
            _ => format!("Content-Disposition: form-data; name=\"{name}\""),
        };
        body.extend_from_slice(format!("--{boundary}{end}{head}{end}{end}").as_bytes());
        match head.contains("filename") {
            true => {
                body.extend_from_slice(content);
                body.extend_from_slice(&seed.noise(2_000));
            }
            false => body.extend_from_slice(value(seed).as_bytes()),
        }
        body.extend_from_slice(end.as_bytes());
    }
    if !seed.one_in(6) {
        body.extend_from_slice(format!("--{boundary}--{end}").as_bytes());
    }
    body
}

fn json(seed: &mut Seed) -> Vec<u8> {
    match seed.below(4) {
        0 => "[".repeat(seed.below(20_000)).into_bytes(),
        1 => format!("{{\"a\":\"{}", "\\u0000".repeat(seed.below(2_000))).into_bytes(),
        2 => b"{\"csrf_token\":1e999999,\"a\":{}}".to_vec(),
        _ => seed.noise(4_000),
    }
}

fn plain(seed: &mut Seed, sender: &Sender) -> Vec<u8> {
    let mut pairs = Vec::new();
    if !seed.one_in(10) {
        pairs.push(format!("csrf_token={}", escaped(&token(seed, sender))));
    }
    let most = if seed.one_in(20) { 1_500 } else { 25 };
    pairs.extend((0..seed.below(most)).map(|_| pair(seed)));
    pairs.join("&").into_bytes()
}

/// A whole request.
pub fn request(seed: &mut Seed, route: &Route, sender: &Sender) -> Vec<u8> {
    let (kind, mut body) = match seed.below(10) {
        0 => ("application/json".to_owned(), json(seed)),
        1 => (seed.of(&["", "text/plain", "multipart/", ";", "a/b; boundary"]).to_owned(), seed.noise(3_000)),
        2..=5 => {
            let boundary = if seed.one_in(15) { "b".repeat(4_000) } else { "x".to_owned() };
            let said = if seed.one_in(15) { seed.of(&["", "\"", "y", "x\""]) } else { boundary.as_str() };
            let kind = seed.of(&["form-data", "form-data", "form-data", "mixed"]);
            (format!("multipart/{kind}; boundary={said}"), parts(seed, sender, &boundary))
        }
        _ => ("application/x-www-form-urlencoded".to_owned(), plain(seed, sender)),
    };
    // what ends the sender's own session is tried without its token only
    let ends = ["/sign-out", "/account/password", "/account/sessions/", "/admin/accounts"];
    if ends.iter().any(|path| route.path.starts_with(path)) {
        body = String::from_utf8_lossy(&body).replace(sender.token.as_str(), "0").into_bytes();
    }
    if seed.one_in(10) {
        body.truncate(seed.below(body.len().max(1)));
    }
    let mut head = Vec::new();
    let method = if seed.one_in(25) {
        seed.of(&["PUT", "DELETE", "HEAD", "OPTIONS", "X"])
    } else {
        route.method.as_str()
    };
    head.extend_from_slice(format!("{method} {} HTTP/1.1\r\n", address(seed, route)).as_bytes());
    head.extend_from_slice(
        format!("Host: portal.test\r\nConnection: close\r\nCookie: {}\r\n", sender.cookie).as_bytes(),
    );
    head.extend_from_slice(format!("Content-Type: {kind}\r\n").as_bytes());
    for _ in 0..seed.below(3) {
        let odd: &[u8] = seed.of::<[u8]>(&[
            b"Accept-Encoding: gzip;q=x, *;q=0\r\n",
            b"Accept: ;;;\r\n",
            b"Range: bytes=0-0,5-,-9999999999999999999999\r\n",
            b"If-None-Match: \"\xff\"\r\n",
            b"If-Modified-Since: 99 Foo 0000\r\n",
            b"Referer: http://portal.test/%ff?parked=%00\r\n",
            b"Referer: ::\r\n",
            b"Origin: null\r\n",
            b"Sec-Fetch-Site: cross-site\r\n",
            b"X-Forwarded-For: 1.2.3.4.5, ::::, \xff\r\n",
            b"X-Requested-With: fetch\r\n",
            b"Cookie: session=%00; flash=\xff; csrf=\r\n",
            b"Expect: 100-continue\r\n",
            b"Accept-Language: \xc3\x28\r\n",
        ]);
        head.extend_from_slice(odd);
    }
    if seed.one_in(60) {
        head.extend_from_slice("X-Flood: a\r\n".repeat(seed.below(200)).as_bytes());
    }
    match seed.below(20) {
        0 => {
            head.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
            head.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
            body.extend_from_slice(b"\r\n0\r\n\r\n");
        }
        1 => head.extend_from_slice(
            format!("Content-Length: {}\r\n\r\n", body.len() + seed.below(100)).as_bytes(),
        ),
        _ => head.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes()),
    }
    head.extend_from_slice(&body);
    head
}
