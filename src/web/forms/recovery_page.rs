//! Puts what somebody typed back into the form of a page, whichever page it is: text into its fields, ticks into their boxes.
//! Works on the pages as our own templates write them.

use std::collections::{BTreeMap, VecDeque};

use askama::Template;

use crate::store::accounts::saved_forms::ParkedForm;

/// The name under which a form that is kept names a file that could not be kept.
pub const FILE_LOST: &str = "a file to choose again";

/// What stands above a form that came back.
#[derive(Template)]
#[template(path = "parked.html")]
struct Notice<'a> {
    /// Whether the form stands on this page.
    found: bool,
    lost_files: Vec<&'a str>,
    /// What was typed, for a page on which the form no longer stands.
    typed: Vec<(String, &'a str)>,
}

/// The page with the form filled in, and a notice that says what happened. Where the form no longer stands on the page, the
/// notice shows what was typed.
#[must_use]
pub fn refill(html: &str, form: &ParkedForm, id: i64) -> String {
    let mut filler = Filler::new(form, id);
    filler.page(html);
    let Filler { mut out, found, main_at, .. } = filler;
    let typed = form.fields.iter().filter(|(name, value)| {
        !found
            && !value.trim().is_empty()
            && !matches!(
                name.as_str(),
                "version" | "activity" | "form_key" | "intent" | "kept_evidence" | FILE_LOST
            )
    });
    let notice = Notice {
        found,
        lost_files: form
            .fields
            .iter()
            .filter(|(name, _)| name == FILE_LOST)
            .map(|(_, file)| file.as_str())
            .collect(),
        typed: typed.map(|(name, value)| (in_words(name), value.as_str())).collect(),
    };
    match (notice.render(), main_at) {
        (Ok(notice), Some(at)) if out.is_char_boundary(at) => out.insert_str(at, &notice),
        (Ok(notice), _) => out.push_str(&notice),
        (Err(error), _) => tracing::error!(%error, "a notice could not be rendered"),
    }
    out
}

/// "completed_on" as "Completed on".
fn in_words(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

struct Filler<'a> {
    path: &'a str,
    /// What is still to be put into fields of a name.
    values: BTreeMap<&'a str, VecDeque<&'a str>>,
    /// All that was sent for a name, for boxes and lists.
    all: BTreeMap<&'a str, Vec<&'a str>>,
    id: i64,
    out: String,
    inside: bool,
    found: bool,
    /// The list that is open.
    list: Option<String>,
    main_at: Option<usize>,
}

impl<'a> Filler<'a> {
    fn new(form: &'a ParkedForm, id: i64) -> Self {
        let mut values: BTreeMap<&str, VecDeque<&str>> = BTreeMap::new();
        let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in &form.fields {
            values.entry(name).or_default().push_back(value);
            all.entry(name).or_default().push(value);
        }
        let path = form.path.as_str();
        Filler {
            path,
            values,
            all,
            id,
            out: String::new(),
            inside: false,
            found: false,
            list: None,
            main_at: None,
        }
    }

    fn page(&mut self, html: &str) {
        let mut rest = html;
        while let Some((before, from)) = rest.split_once('<') {
            self.out.push_str(before);
            let Some((tag, after)) = split_tag(from) else {
                self.out.push('<');
                rest = from;
                continue;
            };
            rest = self.tag(tag, after);
        }
        self.out.push_str(rest);
    }

    /// Writes one tag, and gives what stands after it.
    fn tag<'h>(&mut self, tag: &str, after: &'h str) -> &'h str {
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        match name.as_str() {
            "form" => {
                let attributes = attributes(tag);
                let action = value_of(&attributes, "action").unwrap_or_default();
                self.inside = !self.found
                    && action.split('?').next() == Some(self.path)
                    && value_of(&attributes, "method")
                        .is_some_and(|method| method.eq_ignore_ascii_case("post"));
                self.found = self.found || self.inside;
                self.plain(tag);
                if self.inside {
                    let hidden = format!("<input type=\"hidden\" name=\"parked\" value=\"{}\">", self.id);
                    self.out.push_str(&hidden);
                }
            }
            "/form" => {
                self.inside = false;
                self.plain(tag);
            }
            "main" => {
                self.plain(tag);
                self.main_at = Some(self.out.len());
            }
            "input" if self.inside => self.input(tag),
            "select" if self.inside => {
                self.list = value_of(&attributes(tag), "name");
                self.plain(tag);
            }
            "/select" => {
                self.list = None;
                self.plain(tag);
            }
            "option" if self.list.is_some() => self.option(tag),
            "textarea" if self.inside => {
                self.plain(tag);
                let typed = value_of(&attributes(tag), "name").and_then(|name| self.next(&name));
                if let (Some(typed), Some((_, rest))) = (typed, after.split_once("</textarea")) {
                    self.out.push('\n');
                    self.out.push_str(&escaped(typed));
                    self.out.push_str("</textarea");
                    return rest;
                }
            }
            _ => self.plain(tag),
        }
        after
    }

    fn plain(&mut self, tag: &str) {
        self.out.push('<');
        self.out.push_str(tag);
        self.out.push('>');
    }

    fn next(&mut self, name: &str) -> Option<&'a str> {
        self.values.get_mut(name).and_then(VecDeque::pop_front)
    }

    fn sent(&self, name: &str, value: &str) -> bool {
        self.all.get(name).is_some_and(|sent| sent.contains(&value))
    }

    fn input(&mut self, tag: &str) {
        let mut attributes = attributes(tag);
        let name = value_of(&attributes, "name").unwrap_or_default();
        let kind = value_of(&attributes, "type").unwrap_or_else(|| "text".to_owned());
        match kind.as_str() {
            "checkbox" | "radio" => {
                let value = value_of(&attributes, "value").unwrap_or_else(|| "on".to_owned());
                attributes.retain(|(key, _)| key != "checked");
                if self.sent(&name, &value) {
                    attributes.push(("checked".to_owned(), None));
                }
            }
            "file" | "password" | "submit" | "button" => return self.plain(tag),
            _ if name == "csrf_token" => return self.plain(tag),
            _ => {
                let Some(typed) = self.next(&name) else { return self.plain(tag) };
                attributes.retain(|(key, _)| key != "value");
                attributes.push(("value".to_owned(), Some(typed.to_owned())));
            }
        }
        self.write("input", &attributes);
    }

    fn option(&mut self, tag: &str) {
        let mut attributes = attributes(tag);
        let name = self.list.clone().unwrap_or_default();
        if !self.all.contains_key(name.as_str()) {
            return self.plain(tag);
        }
        let value = value_of(&attributes, "value").unwrap_or_default();
        attributes.retain(|(key, _)| key != "selected");
        if self.sent(&name, &value) {
            attributes.push(("selected".to_owned(), None));
        }
        self.write("option", &attributes);
    }

    fn write(&mut self, name: &str, attributes: &[(String, Option<String>)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            if let Some(value) = value {
                self.out.push_str("=\"");
                self.out.push_str(&escaped(value));
                self.out.push('"');
            }
        }
        self.out.push('>');
    }
}

/// The inside of a tag, and what stands after it. `None` when it does not end.
fn split_tag(from: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, c) in from.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => {
                let (tag, rest) = from.split_at_checked(at)?;
                return Some((tag, rest.strip_prefix('>')?));
            }
            _ => {}
        }
    }
    None
}

/// The attributes of a tag, as they stand, with their entities read.
fn attributes(tag: &str) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    let mut rest = tag.trim_start_matches(|c: char| !c.is_whitespace()).trim_start();
    while !rest.is_empty() {
        let name: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '=').collect();
        let after = rest.strip_prefix(name.as_str()).unwrap_or_default();
        let Some(value) = after.strip_prefix('=') else {
            // a sign that stands alone must not stop the reading
            let after = if name.is_empty() { after.get(1..).unwrap_or_default() } else { after };
            found.push((name, None));
            rest = after.trim_start();
            continue;
        };
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        found.push((name, Some(unescaped(value))));
        rest = after.trim_start();
    }
    found.retain(|(name, _)| !name.is_empty());
    found
}

fn value_of(attributes: &[(String, Option<String>)], name: &str) -> Option<String> {
    attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&#38;"),
            '<' => out.push_str("&#60;"),
            '>' => out.push_str("&#62;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}
