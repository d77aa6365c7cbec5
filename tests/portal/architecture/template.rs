//! What a template, a style sheet and a script of the portal may hold.

use std::collections::BTreeMap;

use super::{LINKS_OUTSIDE, MAY_BE_UNESCAPED, ending_in, files_below, none};

/// Stands where the template engine will put something.
const FILLED_IN: char = '\u{1}';
const LOADS_OR_LEADS: [&str; 10] = [
    "src",
    "href",
    "srcset",
    "action",
    "formaction",
    "poster",
    "data",
    "xlink:href",
    "background",
    "manifest",
];

struct Tag {
    name: String,
    /// Name in lower case, value, whether the value stands in quotes.
    attributes: Vec<(String, String, bool)>,
    line: usize,
    /// What follows the tag up to the next one.
    after: String,
}

/// What was typed before a session ended can only come back into forms and fields that ask the page for it.
fn form_violations(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if path.ends_with("/components.html") || !path.ends_with(".html") {
        return found;
    }
    let mut asked_for = false;
    for (number, line) in text.lines().enumerate() {
        let mut say = |what: &str| found.push(format!("{path}:{}: {what}", number + 1));
        if line.contains("<form") {
            // a search says all in its address
            asked_for = line.contains("method=\"get\"");
        }
        let own = line.contains("method=\"post\"") && !text.contains("c::opened(");
        if own {
            say("a form of its own; begin it with c::form");
        }
        let field = ["<input", "<select", "<textarea"].iter().any(|tag| line.contains(tag));
        // boxes of a list that belong to a form above it are ticked anew
        let free = line.contains("type=\"file\"") || line.contains(" form=\"");
        let named = field && line.contains(" name=\"") && !free;
        if named && !asked_for && !line.contains("page.typed(") && !line.contains("page.ticked(") {
            say("a field that does not ask the page what was typed");
        }
        if line.contains("</form>") {
            asked_for = false;
        }
    }
    found
}

/// Everything wrong with a template. Mails have no style sheet and so may style in place; nothing else differs.
pub fn violations(path: &str, text: &str) -> Vec<String> {
    let mut found = form_violations(path, text);
    let mail = path.starts_with("templates/mail/");
    let mut say = |line: usize, what: &str| found.push(format!("{path}:{line}: {what}"));
    for (number, line) in text.lines().enumerate() {
        let dense: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        let unescaped =
            dense.contains("|safe") || dense.contains("escape(\"none\")") || dense.contains("{%autoescape");
        if unescaped && !MAY_BE_UNESCAPED.contains(&path) {
            say(number + 1, "goes out unescaped");
        }
    }
    if !path.ends_with(".html") && !path.ends_with(".svg") {
        return found;
    }
    for tag in tags(&blanked(text)) {
        let has = |name: &str| tag.attributes.iter().any(|(attribute, _, _)| attribute == name);
        if tag.name == "script" && (!has("src") || !tag.after.trim().is_empty()) {
            say(tag.line, "script in the page; put it into static/");
        }
        if tag.name == "style" && !mail {
            say(tag.line, "style in the page; put it into static/");
        }
        // the one frame: evidence, by an address whose answer locks itself into a sandbox
        let viewer = path.ends_with("staff/activities/case.html") && tag.name == "iframe";
        if matches!(tag.name.as_str(), "iframe" | "object" | "embed" | "base") && !viewer {
            say(tag.line, "frames, objects and a base address have no place on our pages");
        }
        for (name, value, quoted) in &tag.attributes {
            if name == "style" && !mail {
                say(tag.line, "style= in the page; use a class");
            }
            if name.starts_with("on") && name.len() > 2 {
                say(tag.line, "on…= in the page; listen in static/");
            }
            if !quoted && value.contains(FILLED_IN) {
                say(tag.line, "a value without quotes is not escaped enough");
            }
            if LOADS_OR_LEADS.contains(&name.as_str()) && leads_outside(&tag.name, value) {
                say(tag.line, "an address outside that is not in the list of links");
            }
        }
    }
    found
}

/// Everything that a style sheet, script or drawing of ours would load from elsewhere. The names of XML vocabularies
/// look like addresses and are none.
pub fn asset_violations(path: &str, text: &str) -> Vec<String> {
    let foreign = |line: &str| {
        let line = line.to_lowercase().replace("http://www.w3.org/", "");
        let address = line.contains("http://") || line.contains("https://") || line.contains("url(//");
        address || line.contains("@import") || line.contains("eval(")
    };
    let lines = text.lines().enumerate().filter(|(_, line)| foreign(line));
    lines.map(|(number, _)| format!("{path}:{}: loads from elsewhere or runs text", number + 1)).collect()
}

fn leads_outside(tag: &str, value: &str) -> bool {
    let value = value.trim().to_lowercase();
    let outside =
        ["http:", "https:", "//", "javascript:", "data:text"].iter().any(|start| value.starts_with(start));
    outside && !(tag == "a" && LINKS_OUTSIDE.contains(&value.as_str()))
}

/// The template without its expressions and comments, line for line.
fn blanked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = ["{{", "{%", "{#"].iter().filter_map(|open| rest.find(open)).min() {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let close = if from.starts_with("{{") {
            "}}"
        } else if from.starts_with("{%") {
            "%}"
        } else {
            "#}"
        };
        let end = from.find(close).map_or(from.len(), |end| end + 2);
        out.extend(from[..end].chars().map(|c| if c == '\n' { '\n' } else { FILLED_IN }));
        rest = &from[end..];
    }
    out + rest
}

fn tags(text: &str) -> Vec<Tag> {
    let mut found: Vec<Tag> = Vec::new();
    let mut rest = text;
    let mut line = 1;
    let mut after_tag = false;
    while let Some(open) = rest.find('<') {
        line += rest[..open].matches('\n').count();
        if let (true, Some(tag)) = (after_tag, found.last_mut()) {
            tag.after.push_str(rest[..open].trim_start_matches('>'));
        }
        let from = &rest[open + 1..];
        let end = if from.starts_with(|c: char| c.is_ascii_alphabetic()) { tag_end(from) } else { 0 };
        after_tag = end > 0;
        if after_tag {
            found.push(read_tag(&from[..end], line));
        }
        line += from[..end].matches('\n').count();
        rest = &from[end..];
    }
    found
}

/// The length of a tag's inside, up to its closing bracket outside quotes.
fn tag_end(from: &str) -> usize {
    let mut quote = None;
    for (at, c) in from.char_indices() {
        match (quote, c) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    from.len()
}

fn read_tag(inside: &str, line: usize) -> Tag {
    let blank = |c: char| c.is_whitespace() || c == FILLED_IN || c == '/';
    let name: String = inside.chars().take_while(|c| !blank(*c)).collect();
    let mut rest = inside[name.len()..].trim_start_matches(blank);
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let length = rest.find(|c: char| c == '=' || blank(c)).unwrap_or(rest.len());
        let attribute = rest[..length].to_lowercase();
        rest = rest[length..].trim_start_matches(|c: char| c.is_whitespace());
        let (mut value, mut quoted) = (String::new(), true);
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (text, length) = match quote {
                Some(quote) => {
                    let text = after[1..].split(quote).next().unwrap_or_default();
                    (text, (text.len() + 2).min(after.len()))
                }
                None => {
                    let text = after.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
                    (text, text.len().max(1).min(after.len()))
                }
            };
            (value, quoted) = (text.to_owned(), quote.is_some());
            rest = &after[length..];
        } else if length == 0 {
            // Neither a name nor a value: a stray character, left behind so that reading goes on.
            rest = rest.char_indices().nth(1).map_or("", |(at, _)| &rest[at..]);
        }
        attributes.push((attribute, value, quoted));
        rest = rest.trim_start_matches(blank);
    }
    Tag { name: name.to_lowercase(), attributes, line, after: String::new() }
}

#[test]
fn planted_faults_in_templates_are_found() {
    for text in [
        "<p>{{ name|safe }}</p>",
        "<p>{{ name | safe }}</p>",
        "{% autoescape false %}",
        "<script>alert(1)</script>",
        "<SCRIPT type=\"module\">{{ code }}</SCRIPT>",
        "<script src=\"/a.js\">more()</script>",
        "<p style=\"color: red\">x</p>",
        "<style>p { color: red }</style>",
        "<button\n  {% if x > 1 %}disabled{% endif %} onclick=\"go()\">x</button>",
        "<img src=\"a.png\" onerror='x()'>",
        "<a href={{ url }}>x</a>",
        "<img src=\"https://tracker.example/x.png\">",
        "<link rel=\"stylesheet\" href=\"//cdn.example/x.css\">",
        "<a href=\"https://elsewhere.example/\">x</a>",
        "<a href=\"javascript:go()\">x</a>",
        "<form action='http://elsewhere.example/'>",
        "<iframe src=\"/x\"></iframe>",
        "<form method=\"post\" action=\"/x\">",
        "{% call c::form(x) %}<input id=\"a\" name=\"a\" value=\"{{ a }}\">{% endcall %}",
        "<textarea name=\"a\">{{ a }}</textarea>",
    ] {
        assert_eq!(violations("templates/a.html", text).len(), 1, "{text}");
    }
    assert_eq!(violations("templates/mail/a.txt", "{{ name|safe }}").len(), 1);
    assert_eq!(
        violations("templates/a.html", "\n\n<p\n style=\"x\">"),
        ["templates/a.html:3: style= in the page; use a class"]
    );
}

#[test]
fn sound_templates_pass() {
    for text in [
        "<script src=\"{{ script }}\" defer></script>",
        "<a class=\"next\" href=\"/activities?from={{ next }}\" {% if on == 1 %}aria-current=\"page\"{% endif %}>x</a>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{{ width }}\"><rect x=\"1\"/></svg>",
        "<p>on=1 and style=2 are words here, 3 < 4, and https://example.org is text</p>",
        "<form method=\"get\"><input name=\"one\" value='{{ one }}' required></form>",
        "<input name=\"one\" value=\"{{ page.typed(\"one\", one) }}\">",
        "<form method=\"post\">{% call c::opened(x) %}{% endcall %}",
        "{# <p style=\"x\"> #}<p title=\"a > b\">x</p>",
        "<a href=\"mailto:{{ contact }}\">x</a>",
    ] {
        none(violations("templates/a.html", text));
    }
    none(violations("templates/mail/a.html", "<p style=\"margin: 0\">x</p>"));
}

#[test]
fn planted_faults_in_assets_are_found() {
    for text in [
        "@import 'x.css';",
        "a { background: url(https://x.example/a.png) }",
        "fetch('http://x.example')",
        "eval(x)",
    ] {
        assert_eq!(asset_violations("static/a", text).len(), 1, "{text}");
    }
    none(asset_violations("static/a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"));
}

/// Fields of the structs that are pages, by what they are called.
fn page_fields(files: &[(String, String)]) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (path, text) in files {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        for item in file.items {
            let syn::Item::Struct(page) = item else { continue };
            if page.attrs.iter().any(|attribute| attribute.path().is_ident("template")) {
                let names = page.fields.iter().filter_map(|field| field.ident.as_ref());
                fields.extend(names.map(|name| (name.to_string(), page.ident.to_string())));
            }
        }
    }
    fields
}

/// Arguments of macros around other people's words that are called like a field of a page: between the two calls, they hide it.
fn hiding_arguments(path: &str, text: &str, fields: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for part in text.split("macro ").skip(1) {
        let Some(body) = part.split("endmacro").next().filter(|body| body.contains("caller()")) else {
            continue;
        };
        let Some((name, rest)) = body.split_once('(') else { continue };
        for argument in rest.split(')').next().unwrap_or_default().split(',') {
            let argument = argument.split('=').next().unwrap_or_default().trim();
            if let Some(page) = fields.get(argument) {
                found.push(format!(
                    "{path}: {argument:?} of {name} hides that of {page}; call it {name}_{argument}"
                ));
            }
        }
    }
    found
}

#[test]
fn no_argument_of_a_macro_hides_what_its_page_calls_the_same() {
    let fields = page_fields(&ending_in(&[".rs"], files_below("src/web")));
    assert!(fields.contains_key("title") && fields.contains_key("page"), "{fields:?}");
    let templates = files_below("templates");
    none(templates.iter().flat_map(|(path, text)| hiding_arguments(path, text, &fields)).collect());
    let planted = "{% macro note(title, note_kind = \"\") %}{{ caller() }}{% endmacro %}{% macro free(title) %}{{ title }}{% endmacro %}";
    assert_eq!(hiding_arguments("a.html", planted, &fields).len(), 1);
}

/// Thousands that are written by hand in another way than `domain::plural::grouped` writes them: with a comma, or with a space at which a
/// line may break.
fn thousands_by_hand(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let letters: Vec<char> = line.chars().collect();
        let digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
        for (at, letter) in letters.iter().enumerate().skip(1) {
            let between = matches!(letter, ',' | ' ' | '\'') && digit(at - 1);
            let three = (1..=3).all(|next| digit(at + next)) && !digit(at + 4);
            // "in 2026 100 reports" has a longer number before it, and "1 000 in SQL" none of ours
            let few = !(at >= 4 && (1..=4).all(|back| digit(at - back)));
            if between && three && few {
                found.push(format!("{path}:{}: thousands by hand: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

/// What people can read of a source: its texts.
fn texts_of(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .map(|line| line.split('"').skip(1).step_by(2).collect::<Vec<_>>().join("\u{1}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn thousands_are_never_grouped_by_hand() {
    let mut found = Vec::new();
    for (path, text) in files_below("templates").iter().filter(|(path, _)| !path.ends_with(".md")) {
        found.extend(thousands_by_hand(path, text));
    }
    // documents made by hand (PDF, pictures) have rows of numbers
    let drawn = ["src/badges/", "src/demo/evidence.rs"];
    for (path, text) in ending_in(&[".rs"], files_below("src")) {
        if !drawn.iter().any(|begin| path.starts_with(begin)) {
            found.extend(thousands_by_hand(&path, &texts_of(&text)));
        }
    }
    none(found);
    for planted in ["<p>At most 99 999 hours", "1,234 reports", "36 000 parts"] {
        assert!(!thousands_by_hand("a.html", planted).is_empty(), "{planted}");
    }
    none(thousands_by_hand("a.html", "36&nbsp;000 parts, 14 March 2026, 2026 100 reports, 12, 13"));
    assert_eq!(texts_of("let a = \"1 000\"; // 2 000\n/// 3 000"), "1 000");
}
