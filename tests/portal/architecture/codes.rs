//! States are types: the word of a state stands in the file that declares it (`codes! { … }`) and nowhere else in the sources.
//! Read by a parser, because only that can tell a word that is compared or written from one in a sentence, a comment or another's name.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, ExprBinary, ExprCall, ExprLit, ExprMethodCall, FieldValue, File, Lit, Macro, Pat, Token};

use super::{ending_in, files_below, none};

/// Words that are a code and in these files mean something else, each with its reason.
const OTHER_MEANINGS: [(&str, &str, &str); 17] = [
    ("src/actions/accounts/account_closing.rs", "certificates", "a field of the form, and the plural"),
    ("src/actions/deadlines/outcome.rs", "flag lifted", "the summary counts them"),
    ("src/actions/deadlines/outcome.rs", "year flagged", "the summary counts them"),
    ("src/actions/deadlines/outcome.rs", "year recertified", "the summary counts them"),
    ("src/jobs/badges.rs", "badges", "the plural"),
    ("src/mail/delivery_reports.rs", "failed", "a word of RFC 3464"),
    ("src/transfer/export.rs", "yes", "a cell that says whether"),
    ("src/transfer/export.rs", "no", "a cell that says whether"),
    ("src/transfer/sheet.rs", "holder", "a column"),
    ("src/web/holder/activities/form.rs", "draft", "what the button says"),
    ("src/web/holder/activities/form.rs", "question", "a parameter of the address"),
    ("src/web/holder/activities/form.rs", "yes", "a ticked box"),
    ("src/web/staff/conversations/inbox.rs", "holder", "a view of the inbox"),
    ("src/web/staff/overview/charts.rs", "deadlines", "the plural"),
    ("src/web/staff/mail/mod.rs", "returned", "a view of the list"),
    ("src/web/staff/review/queue.rs", "returned", "a view of the queue"),
    ("src/web/staff/review/verdict.rs", "question", "a word in a sentence"),
];

/// Codes with the files that declare them.
type Codes = BTreeMap<String, BTreeSet<String>>;

fn parsed(path: &str, source: &str) -> File {
    syn::parse_file(source).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every code that is declared.
fn declared(files: &[(String, File)]) -> Codes {
    let mut codes = Codes::new();
    for (path, file) in files {
        let mut found = Declared(Vec::new());
        found.visit_file(file);
        for code in found.0 {
            codes.entry(code).or_default().insert(path.clone());
        }
    }
    codes
}

struct Declared(Vec<String>);

impl<'a> Visit<'a> for Declared {
    fn visit_macro(&mut self, found: &'a Macro) {
        if found.path.is_ident("codes") {
            literals(found.tokens.clone(), &mut self.0);
        }
    }
}

/// The texts of a macro's body; comments of documentation are none.
fn literals(tokens: TokenStream, found: &mut Vec<String>) {
    let mut of_attribute = false;
    for token in tokens {
        match token {
            TokenTree::Punct(sign) => of_attribute = sign.as_char() == '#',
            TokenTree::Group(group) => {
                if !std::mem::take(&mut of_attribute) {
                    literals(group.stream(), found);
                }
            }
            TokenTree::Literal(literal) => {
                if let Ok(Lit::Str(text)) = syn::parse_str::<Lit>(&literal.to_string()) {
                    found.push(text.value());
                }
            }
            TokenTree::Ident(_) => {}
        }
    }
}

/// Where a word stands as a state: compared, matched, given to the database, put into a field or handed over.
struct States<'a> {
    codes: &'a Codes,
    path: &'a str,
    found: Vec<String>,
}

/// `matches!(expression, pattern if condition)`.
struct Matched(Expr, Pat, Option<Expr>);

impl Parse for Matched {
    fn parse(input: ParseStream<'_>) -> syn::Result<Matched> {
        let expression = input.parse()?;
        input.parse::<Token![,]>()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = if input.parse::<Option<Token![if]>>()?.is_some() { Some(input.parse()?) } else { None };
        input.parse::<Option<Token![,]>>()?;
        Ok(Matched(expression, pattern, guard))
    }
}

/// Methods that compare or write: those of the database's columns, and those of lists of words.
const COMPARE: [&str; 8] = ["eq", "ne", "eq_any", "ne_all", "contains", "is", "set", "eq_ignore_ascii_case"];

impl States<'_> {
    fn is_elsewhere(&self, word: &str) -> bool {
        let meant = OTHER_MEANINGS.iter().any(|(path, other, _)| (*path, *other) == (self.path, word));
        !meant && self.codes.get(word).is_some_and(|files| !files.contains(self.path))
    }

    fn text(&mut self, text: &str) {
        if self.is_elsewhere(text) {
            self.found.push(format!("{}: the code {text:?} stands here as a text", self.path));
        }
    }

    fn word(&mut self, expression: &Expr) {
        match expression {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => self.text(&text.value()),
            Expr::Reference(inner) => self.word(&inner.expr),
            Expr::Paren(inner) => self.word(&inner.expr),
            Expr::Array(list) => list.elems.iter().for_each(|one| self.word(one)),
            Expr::MethodCall(call) if call.args.is_empty() => self.word(&call.receiver),
            Expr::If(either) => {
                if let Some(Expr::Block(block)) = either.else_branch.as_ref().map(|(_, other)| &**other) {
                    self.last(&block.block);
                }
                self.last(&either.then_branch);
            }
            _ => {}
        }
    }

    fn last(&mut self, block: &syn::Block) {
        if let Some(syn::Stmt::Expr(value, None)) = block.stmts.last() {
            self.word(value);
        }
    }
}

impl<'a> Visit<'a> for States<'_> {
    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}

    fn visit_expr_lit(&mut self, literal: &'a ExprLit) {
        // a word that is no word of everyday English is a state wherever it stands
        if let Lit::Str(text) = &literal.lit
            && text.value().contains([' ', '_', '-'])
        {
            self.text(&text.value());
        }
    }

    fn visit_expr_binary(&mut self, compared: &'a ExprBinary) {
        if matches!(compared.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) {
            self.word(&compared.left);
            self.word(&compared.right);
        }
        visit::visit_expr_binary(self, compared);
    }

    fn visit_pat(&mut self, pattern: &'a Pat) {
        if let Pat::Lit(ExprLit { lit: Lit::Str(text), .. }) = pattern {
            self.text(&text.value());
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        if COMPARE.contains(&call.method.to_string().as_str()) {
            call.args.iter().for_each(|argument| self.word(argument));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        // that names a place in the database, for the log
        if matches!(&*call.func, Expr::Path(named) if named.path.segments.last().is_some_and(|last| last.ident == "Unreadable"))
        {
            return;
        }
        call.args.iter().for_each(|argument| self.word(argument));
        visit::visit_expr_call(self, call);
    }

    fn visit_field_value(&mut self, field: &'a FieldValue) {
        self.word(&field.expr);
        visit::visit_field_value(self, field);
    }

    fn visit_macro(&mut self, found: &'a Macro) {
        if found.path.is_ident("matches") {
            if let Ok(Matched(expression, pattern, guard)) = syn::parse2(found.tokens.clone()) {
                States::visit_owned(self, &expression, &pattern, guard.as_ref());
            }
        } else if let Ok(arguments) =
            Punctuated::<Expr, Token![,]>::parse_terminated.parse2(found.tokens.clone())
        {
            for argument in &arguments {
                let mut inner = States { codes: self.codes, path: self.path, found: Vec::new() };
                inner.visit_expr(argument);
                self.found.append(&mut inner.found);
            }
        }
    }
}

impl States<'_> {
    fn visit_owned(&mut self, expression: &Expr, pattern: &Pat, guard: Option<&Expr>) {
        let mut inner = States { codes: self.codes, path: self.path, found: Vec::new() };
        inner.visit_expr(expression);
        inner.visit_pat(pattern);
        if let Some(guard) = guard {
            inner.visit_expr(guard);
        }
        self.found.append(&mut inner.found);
    }
}

fn violations(codes: &Codes, path: &str, file: &File) -> Vec<String> {
    let mut states = States { codes, path, found: Vec::new() };
    states.visit_file(file);
    states.found.sort();
    states.found.dedup();
    states.found
}

#[test]
fn no_code_stands_as_a_text_outside_the_file_that_declares_it() {
    let sources = ending_in(&[".rs"], files_below("src"));
    let files: Vec<(String, File)> =
        sources.into_iter().map(|(path, source)| (path.clone(), parsed(&path, &source))).collect();
    let codes = declared(&files);
    assert!(codes.len() > 150, "only {} codes are declared", codes.len());
    none(files.iter().flat_map(|(path, file)| violations(&codes, path, file)).collect());
    let stale = OTHER_MEANINGS.iter().filter(|(path, word, _)| {
        let file = files.iter().find(|(found, _)| found == path);
        let mut there = Words { word, found: false };
        if let Some((_, file)) = file {
            there.visit_file(file);
        }
        !there.found || !codes.contains_key(*word)
    });
    none(stale.map(|(path, word, _)| format!("{path}: no exception is needed for {word:?}")).collect());
}

/// Whether a word stands anywhere in a file.
struct Words<'a> {
    word: &'a str,
    found: bool,
}

impl<'a> Visit<'a> for Words<'_> {
    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        self.found |= text.value() == self.word;
    }

    fn visit_macro(&mut self, found: &'a Macro) {
        let mut texts = Vec::new();
        literals(found.tokens.clone(), &mut texts);
        self.found |= texts.iter().any(|text| text == self.word);
    }
}

const DECLARATION: &str = r#"
    codes! {
        /// Where "a thing" stands.
        pub enum State {
            /// It has "yet" to leave.
            Pending = "pending",
            /// It left.
            Sent = "sent",
            /// It was "taken back".
            TakenBack = "taken back",
        }
    }
"#;

fn planted(source: &str) -> Vec<String> {
    let declares = ("src/domain/state.rs".to_owned(), parsed("the declaration", DECLARATION));
    let codes = declared(&[declares]);
    assert_eq!(
        codes.keys().collect::<Vec<_>>(),
        ["pending", "sent", "taken back"],
        "comments declare nothing"
    );
    violations(&codes, "src/web/view/page.rs", &parsed("planted", source))
}

#[test]
fn planted_texts_in_place_of_a_state_are_found() {
    for source in [
        r#"fn f(mail: &Mail) -> bool { mail.state == "sent" }"#,
        r#"fn f(mail: &Mail) -> bool { "sent" != mail.state.as_str() }"#,
        r#"fn f(mail: &Mail) -> u8 { match mail.state.as_str() { "other" | "sent" => 1, _ => 2 } }"#,
        r#"fn f(pair: (&str, u8)) -> u8 { match pair { ("sent", n) => n, _ => 2 } }"#,
        r#"fn f(mail: &Mail) -> bool { matches!(mail.state.as_str(), "late" | "sent" if mail.late) }"#,
        r#"fn f(mail: &Mail) -> bool { if let Some("sent") = mail.state { true } else { false } }"#,
        r#"fn f() { query(mails::state.eq("pending")) }"#,
        r#"fn f() { query(mails::state.eq_any(["pending", "claimed"])) }"#,
        r#"fn f() { query(mails::state.eq(if late { "failed" } else { "sent" })) }"#,
        r#"fn f() -> Mail { Mail { state: "sent", late: false } }"#,
        r#"fn f() -> Mail { Mail { state: "sent".to_owned() } }"#,
        r#"fn f() { record(conn, "sent") }"#,
        r#"fn f() -> Vec<Choice> { vec![Choice::new("sent", "Sent")] }"#,
        r#"const LATER: &str = "taken back";"#,
        r#"fn f() { assert!(mail.state == "sent"); }"#,
    ] {
        assert_eq!(planted(source).len(), 1, "{source}");
    }
}

#[test]
fn the_same_words_elsewhere_pass() {
    for source in [
        "/// Whether it was \"sent\", or \"taken back\".\nfn f() -> State { State::Sent }",
        r#"fn f() -> String { format!("{} sent, and it was taken back", 2) }"#,
        r#"#[serde(rename = "sent")] struct A { #[arg(long = "pending")] a: u8 }"#,
        r#"fn f(state: State) -> &'static str { match state { State::Sent => "sent", State::Pending => "waits" } }"#,
        r#"fn f() -> Result<(), E> { read(&row.state).ok_or(StoreError::Unreadable("sent")) }"#,
    ] {
        none(planted(source));
    }
    let codes = declared(&[("src/domain/state.rs".to_owned(), parsed("the declaration", DECLARATION))]);
    let own = parsed("the file itself", r#"fn f(state: &str) -> bool { state == "sent" }"#);
    none(violations(&codes, "src/domain/state.rs", &own));
}
