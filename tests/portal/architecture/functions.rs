//! Functions are short, what they hand over has names, and pages never write: a handler reads its request, calls one function that loads
//! or one action, and answers.

use std::ops::RangeInclusive;

use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, ExprTuple, File, Macro, Member, PatTuple, TypeTuple};

use super::rust_source::{Token, tokens};
use super::{ending_in, files_below, none};

/// A function's most lines, from its `fn` to its closing brace.
const LONGEST_FUNCTION: usize = 70;
/// What answers a request is async, and all that is async below `src/web` answers requests.
const LONGEST_HANDLER: usize = 40;
/// A tuple of more values says nothing about what each of them is.
const LARGEST_TUPLE: usize = 4;
/// The functions by which the store is written.
const WRITES: [&str; 2] = ["write", "write_rows"];

struct Function {
    name: String,
    is_async: bool,
    lines: RangeInclusive<usize>,
}

impl Function {
    fn length(&self) -> usize {
        self.lines.end() - self.lines.start() + 1
    }
}

/// Every function with a body, also inside others, inside `impl` and inside macros.
fn functions(tokens: &[Token]) -> Vec<Function> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let named = |index: &usize| text(*index) == "fn" && !matches!(text(index + 1), "(" | "");
    let mut found = Vec::new();
    for index in (0..tokens.len()).filter(named) {
        let Some(end) = body_end(tokens, index) else { continue };
        let before = index.saturating_sub(3)..index;
        found.push(Function {
            name: text(index + 1).to_owned(),
            // `fn` may stand behind `async`, `async unsafe` and `async unsafe extern`
            is_async: before
                .rev()
                .take_while(|at| !matches!(text(*at), "}" | ";" | "{"))
                .any(|at| text(at) == "async"),
            lines: tokens[index].line..=tokens[end].line,
        });
    }
    found
}

/// The closing brace of the function whose `fn` stands at `start`; `None` when it has no body.
fn body_end(tokens: &[Token], start: usize) -> Option<usize> {
    let (mut round, mut curly) = (0_i32, 0_i32);
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "(" | "[" => round += 1,
            ")" | "]" => round -= 1,
            "{" => curly += 1,
            "}" => {
                curly -= 1;
                if curly == 0 && round == 0 {
                    return Some(index);
                }
            }
            ";" if curly == 0 && round == 0 => return None,
            _ => {}
        }
    }
    None
}

fn length_violations(path: &str, source: &str) -> Vec<String> {
    let limit = |function: &Function| {
        if function.is_async && path.starts_with("src/web/") { LONGEST_HANDLER } else { LONGEST_FUNCTION }
    };
    let too_long =
        functions(&tokens(source)).into_iter().filter(|function| function.length() > limit(function));
    too_long
        .map(|function| {
            let (line, length, limit) = (function.lines.start(), function.length(), limit(&function));
            format!("{path}:{line}: `{}` has {length} lines, {limit} are allowed", function.name)
        })
        .collect()
}

fn parsed(path: &str, source: &str) -> File {
    syn::parse_file(source).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Tuples of too many values: as the type of a field, a parameter, an answer or a variable, taken apart by a pattern, and
/// (outside `store`, where the database's columns are listed so) as a value.
struct Tuples {
    values: bool,
    found: Vec<usize>,
}

impl Tuples {
    fn note(&mut self, size: usize) {
        if size > LARGEST_TUPLE {
            self.found.push(size);
        }
    }
}

impl<'a> Visit<'a> for Tuples {
    fn visit_type_tuple(&mut self, tuple: &'a TypeTuple) {
        self.note(tuple.elems.len());
        visit::visit_type_tuple(self, tuple);
    }

    fn visit_pat_tuple(&mut self, tuple: &'a PatTuple) {
        self.note(tuple.elems.len());
        visit::visit_pat_tuple(self, tuple);
    }

    fn visit_expr_tuple(&mut self, tuple: &'a ExprTuple) {
        if self.values {
            self.note(tuple.elems.len());
        }
        visit::visit_expr_tuple(self, tuple);
    }
}

fn tuple_violations(path: &str, source: &str) -> Vec<String> {
    let mut tuples = Tuples { values: !path.starts_with("src/store/"), found: Vec::new() };
    tuples.visit_file(&parsed(path, source));
    tuples.found.into_iter().map(|size| format!("{path}: a tuple of {size} values wants a struct")).collect()
}

/// Calls of the store's writes.
struct Writes(usize);

fn is_store(receiver: &Expr) -> bool {
    match receiver {
        Expr::Field(field) => matches!(&field.member, Member::Named(name) if name == "store"),
        Expr::Path(path) => path.path.is_ident("store"),
        Expr::Reference(inner) => is_store(&inner.expr),
        Expr::Paren(inner) => is_store(&inner.expr),
        Expr::MethodCall(call) => call.method == "for_form" || is_store(&call.receiver),
        _ => false,
    }
}

impl<'a> Visit<'a> for Writes {
    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        // what a closure is handed to is the store, whatever it is called here
        let closure = call.args.iter().any(|argument| matches!(argument, Expr::Closure(_)));
        if WRITES.contains(&call.method.to_string().as_str()) && (closure || is_store(&call.receiver)) {
            self.0 += 1;
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &'a syn::ExprPath) {
        let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let [.., owner, name] = names.as_slice()
            && owner == "Store"
            && WRITES.contains(&name.as_str())
        {
            self.0 += 1;
        }
    }

    fn visit_macro(&mut self, found: &'a Macro) {
        if let Ok(arguments) =
            found.parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated)
        {
            let mut inner = Writes(0);
            arguments.iter().for_each(|argument| inner.visit_expr(argument));
            self.0 += inner.0;
        }
    }
}

fn write_violations(path: &str, source: &str) -> Vec<String> {
    let mut writes = Writes(0);
    writes.visit_file(&parsed(path, source));
    (0..writes.0).map(|_| format!("{path}: a page writes; what is written belongs to an action")).collect()
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let sources = ending_in(&[".rs"], files_below(folder));
    assert!(sources.len() > 100, "only {} sources were found below {folder}", sources.len());
    sources
}

#[test]
fn functions_have_at_most_70_lines_and_what_answers_a_request_40() {
    none(sources("src").iter().flat_map(|(path, source)| length_violations(path, source)).collect());
}

#[test]
fn no_tuple_has_more_than_four_values() {
    none(sources("src").iter().flat_map(|(path, source)| tuple_violations(path, source)).collect());
}

#[test]
fn pages_never_write() {
    none(sources("src/web").iter().flat_map(|(path, source)| write_violations(path, source)).collect());
}

/// A function of `length` lines.
fn long(head: &str, length: usize) -> String {
    format!("{head} {{\n{}}}\n", "    work();\n".repeat(length - 2))
}

#[test]
fn planted_long_functions_are_found() {
    for (path, head, longest) in [
        ("src/actions/a.rs", "pub fn f()", 70),
        ("src/web/a.rs", "fn f()", 70),
        ("src/web/staff/a.rs", "pub async fn f()", 40),
        ("src/web/staff/a.rs", "pub(in crate::web) async fn f<T>(a: T) -> [u8; 2]", 40),
        ("src/web/a.rs", "async unsafe fn f()", 40),
        ("src/scheduler.rs", "async fn f()", 70),
    ] {
        none(length_violations(path, &long(head, longest)));
        assert_eq!(length_violations(path, &long(head, longest + 1)).len(), 1, "{head}");
        let inside = format!("impl A {{\n{}}}\n", long(head, longest + 1));
        assert_eq!(length_violations(path, &inside).len(), 1, "{inside}");
        let beside = format!("async fn g() {{ x() }}\nmod m {{ {} }}", long("fn f()", 41));
        none(length_violations("src/web/a.rs", &beside));
    }
    // a parameter's lines count, those of comments before the function do not
    let head = "/// Words.\n/// More.\n#[must_use]\nfn f(\n    a: impl Fn(u8) -> u8,\n    b: [u8; 4],\n)";
    none(length_violations("src/a.rs", &long(head, 67)));
    assert_eq!(length_violations("src/a.rs", &long(head, 68)).len(), 1);
    let without_body = format!("trait A {{ fn f(a: fn(u8) -> u8); fn g(); }}{}", "\n".repeat(90));
    none(length_violations("src/a.rs", &without_body));
}

#[test]
fn planted_large_tuples_are_found() {
    for source in [
        "struct A { a: Vec<(u8, u8, u8, u8, u8)> }",
        "fn f(a: Option<(u8, u8, u8, u8, u8)>) {}",
        "fn f() -> Result<(u8, u8, u8, u8, u8), E> { g() }",
        "fn f() { let a: (u8, u8, u8, u8, u8) = g(); }",
        "fn f() { let a = g::<(u8, u8, u8, u8, u8)>(); }",
        "fn f() { g(|a: &(u8, u8, u8, u8, u8)| a.0); }",
        "type A = fn((u8, u8, u8, u8, u8)) -> u8;",
        "type A = ((u8, u8, u8, u8, u8), u8);",
        "fn f() { let (a, b, c, d, e) = g(); }",
        "fn f() { g(|(a, b, c, d, e)| a); }",
        "fn f() { g((1, 2, 3, 4, 5)); }",
    ] {
        assert_eq!(tuple_violations("src/a.rs", source).len(), 1, "{source}");
    }
    let sound =
        "struct A(u8, u8, u8, u8, u8); fn f(a: ((u8, u8), u8, u8, [u8; 9])) -> () { g(1, 2, 3, 4, 5) }";
    none(tuple_violations("src/a.rs", sound));
    none(tuple_violations("src/store/a.rs", "fn f() { mails::table.select((a, b, c, d, e)); }"));
    assert_eq!(tuple_violations("src/store/a.rs", "fn f() { let (a, b, c, d, e) = g(); }").len(), 1);
}

#[test]
fn planted_writes_of_a_page_are_found() {
    for body in [
        "portal.store.write(|conn| note(conn))",
        "portal.store.write(note)",
        "portal.store.write_rows(|conn| note(conn))",
        "{ let store = &portal.store; store.write(note) }",
        "{ let database = &portal.store; database.write(|conn| note(conn)) }",
        "(&portal.store).write(note)",
        "portal.store.clone().write(note)",
        "portal.store.for_form(form).write(note)",
        "Store::write(&portal.store, note)",
        "crate::store::Store::write(&portal.store, note)",
        "assert!(portal.store.write(note).is_ok())",
        "blocking(portal, move |portal| Ok(portal.store.write(|conn| note(conn))?))",
    ] {
        let source = format!("fn f(portal: &Portal) {{ {body}; }}");
        assert_eq!(write_violations("src/web/a.rs", &source).len(), 1, "{source}");
    }
    for body in
        ["portal.store.read(|conn| find(conn))", "line.write(&request, &answer)", "write!(words, \"a\")"]
    {
        none(write_violations("src/web/a.rs", &format!("fn f(portal: &Portal) {{ {body}; }}")));
    }
}
