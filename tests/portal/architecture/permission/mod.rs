//! Permission below the web: an action takes whoever acts as a right (`Holder`, `Reviewer`, `Administrator`, or an `Actor` about their own
//! account), never as a bare id; and rights are made in few places.

mod calls;

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Field, File, FnArg, Item, Visibility};

use super::rust_source::tokens;
use super::{ending_in, files_below, none};
use calls::{Function, functions, module_of, writing};

/// What says who acts.
const RIGHTS: [&str; 4] = ["Actor", "Holder", "Reviewer", "Administrator"];

/// Where rights are made, and where an actor is.
const MAKERS: [&str; 3] = ["src/web/http/auth.rs", "src/cli/", "src/demo/"];
const ACTOR_MAKERS: [&str; 1] = ["src/store/accounts/mod.rs"];
const DECLARED_IN: &str = "src/domain/roles.rs";

/// Functions that write and name nobody who acts, each with its reason.
const NOBODY_ACTS: [(&str, &str, &str); 23] = [
    ("src/actions/accounts/mod.rs", "add_by_command", "a command typed on the machine"),
    ("src/actions/badges/signing.rs", "sign_due", "a job"),
    ("src/actions/badges/signing.rs", "sign_due_lists", "a job"),
    ("src/actions/deadlines/mod.rs", "run", "a job"),
    ("src/actions/activities/evidence.rs", "keep", "the token of an ended session says whose form it is"),
    ("src/actions/imports/activities.rs", "rows", "the import has begun with its terms, which say who acts"),
    ("src/actions/imports/holders.rs", "rows", "the import has begun with its terms, which say who acts"),
    ("src/actions/accounts/form_receipts.rs", "note_address", "the key of the form says whose it is"),
    ("src/actions/accounts/form_recovery.rs", "park", "the token of an ended session says whose form it is"),
    ("src/actions/accounts/passwords.rs", "request_reset", "nobody is signed in"),
    ("src/actions/accounts/passwords.rs", "set", "part of a write, for a command"),
    ("src/actions/accounts/passwords.rs", "set_by_link", "the token of the link says whose password it is"),
    (
        "src/actions/mail/bounce.rs",
        "note_report",
        "a command; the report says by its Message-ID which mail it is about",
    ),
    ("src/actions/mail/bounce.rs", "note_from_mailbox", "a job; the report says which mail it is about"),
    ("src/actions/reviews/queue.rs", "refresh", "part of a write"),
    ("src/actions/accounts/sessions.rs", "begin", "part of signing in"),
    ("src/actions/accounts/sessions.rs", "begin_kept", "part of signing in"),
    ("src/actions/accounts/sessions.rs", "current", "the token of the session says whose it is"),
    ("src/actions/accounts/sign_in.rs", "sign_in", "nobody is signed in yet"),
    ("src/actions/overview/board.rs", "count_for_board", "a job"),
    ("src/actions/overview/charts.rs", "count_anew", "a job"),
    ("src/actions/activities/submission.rs", "enter", "part of a write"),
    ("src/actions/activities/submission.rs", "enter_all", "part of a write"),
];

/// Names for whoever acts.
const ACTS: [&str; 9] =
    ["by", "actor", "reviewer", "administrator", "staff", "viewer", "me", "person", "decider"];

fn parsed(path: &str, source: &str) -> File {
    syn::parse_file(source).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names in a type.
#[derive(Default)]
struct Names(Vec<String>);

impl<'a> Visit<'a> for Names {
    fn visit_ident(&mut self, name: &'a proc_macro2::Ident) {
        self.0.push(name.to_string());
    }
}

fn names_in(kind: &syn::Type) -> Vec<String> {
    let mut names = Names::default();
    names.visit_type(kind);
    names.0
}

/// Rights and actors that are made where nobody is known to act.
fn made(path: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let within = |places: &[&str]| path == DECLARED_IN || places.iter().any(|place| path.starts_with(place));
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let name = token.text.as_str();
        if !RIGHTS.contains(&name) {
            continue;
        }
        let line = token.line;
        if text(index + 1) == "as" {
            found.push(format!("{path}:{line}: `{name}` under another name"));
        }
        // `Reviewer::of` and `<Reviewer>::of`
        let after = if text(index + 1) == ">" { index + 2 } else { index + 1 };
        if name != "Actor" && text(after) == "::" && text(after + 1) == "of" && !within(&MAKERS) {
            found.push(format!("{path}:{line}: a `{name}` is made here"));
        }
        let literal = text(index + 1) == "{"
            && !matches!(text(index.wrapping_sub(1)), ">" | "struct" | "enum" | "impl" | "for" | "&");
        if name == "Actor" && literal && !within(&ACTOR_MAKERS) {
            found.push(format!("{path}:{line}: an `Actor` is made here"));
        }
    }
    found
}

/// Parameters and fields that name whoever acts by a bare id.
struct BareIds<'a> {
    path: &'a str,
    found: Vec<String>,
}

impl BareIds<'_> {
    fn look(&mut self, name: &str, kind: &syn::Type) {
        let bare = names_in(kind).iter().any(|word| matches!(word.as_str(), "AccountId" | "HolderId"));
        if bare && ACTS.contains(&name) {
            self.found.push(format!("{}: `{name}` acts, and is a bare id", self.path));
        }
    }
}

impl<'a> Visit<'a> for BareIds<'_> {
    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        // a private function is part of one that has asked
        if matches!(function.vis, Visibility::Public(_)) {
            visit::visit_signature(self, &function.sig);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        if matches!(function.vis, Visibility::Public(_)) {
            visit::visit_signature(self, &function.sig);
        }
    }

    fn visit_fn_arg(&mut self, argument: &'a FnArg) {
        if let FnArg::Typed(typed) = argument
            && let syn::Pat::Ident(name) = &*typed.pat
        {
            self.look(&name.ident.to_string(), &typed.ty);
        }
    }

    fn visit_field(&mut self, field: &'a Field) {
        if let (Some(name), Visibility::Public(_)) = (&field.ident, &field.vis) {
            self.look(&name.to_string(), &field.ty);
        }
    }
}

fn bare_ids(path: &str, file: &File) -> Vec<String> {
    let mut ids = BareIds { path, found: Vec::new() };
    ids.visit_file(file);
    ids.found
}

/// Structs of `actions` with a public field that says who acts, such as the terms of an import.
fn carriers(files: &[(String, File)]) -> BTreeSet<String> {
    let structs = files.iter().filter(|(path, _)| path.starts_with("src/actions/")).flat_map(|(_, file)| {
        file.items.iter().filter_map(|item| if let Item::Struct(one) = item { Some(one) } else { None })
    });
    let says = |field: &Field| {
        matches!(field.vis, Visibility::Public(_)) && names_in(&field.ty).iter().any(|name| is_right(name))
    };
    structs.filter(|one| one.fields.iter().any(says)).map(|one| one.ident.to_string()).collect()
}

fn is_right(name: &str) -> bool {
    RIGHTS.contains(&name)
}

fn takes_a_right(function: &Function, carriers: &BTreeSet<String>) -> bool {
    function.signature.inputs.iter().any(|input| match input {
        FnArg::Typed(typed) => {
            names_in(&typed.ty).iter().any(|name| is_right(name) || carriers.contains(name))
        }
        FnArg::Receiver(_) => false,
    })
}

/// The modules that are declared with `pub`.
fn public_modules(files: &[(String, File)]) -> BTreeSet<String> {
    let declared = files.iter().flat_map(|(path, file)| {
        let inside = module_of(path);
        file.items.iter().filter_map(move |item| match item {
            Item::Mod(module) if matches!(module.vis, Visibility::Public(_)) => {
                Some(format!("{inside}::{}", module.ident))
            }
            _ => None,
        })
    });
    declared.chain(["actions".to_owned()]).collect()
}

/// Public functions of `actions` that write, as (path, name), and whether they take a right.
fn writers(files: &[(String, File)]) -> Vec<(String, String, bool)> {
    let public = public_modules(files);
    let all: Vec<Function> = files
        .iter()
        .flat_map(|(path, file)| functions(path, file, public.contains(&module_of(path))))
        .collect();
    let (writing, carriers) = (writing(&all), carriers(files));
    let ours = all
        .iter()
        .enumerate()
        .filter(|(index, one)| writing.contains(index) && one.public && one.path.starts_with("src/actions/"));
    ours.map(|(_, one)| (one.path.clone(), one.name.1.clone(), takes_a_right(one, &carriers))).collect()
}

fn sources(folders: &[&str]) -> Vec<(String, File)> {
    let files = folders.iter().flat_map(|folder| ending_in(&[".rs"], files_below(folder)));
    files.map(|(path, source)| (path.clone(), parsed(&path, &source))).collect()
}

#[test]
fn rights_are_made_where_somebody_is_known_to_act() {
    none(
        ending_in(&[".rs"], files_below("src"))
            .iter()
            .flat_map(|(path, source)| made(path, source))
            .collect(),
    );
}

#[test]
fn whoever_acts_is_no_bare_id() {
    none(sources(&["src/actions"]).iter().flat_map(|(path, file)| bare_ids(path, file)).collect());
}

/// Writers that name nobody and stand in no exception, and exceptions that nothing needs.
fn unnamed(writers: &[(String, String, bool)], exceptions: &[(&str, &str, &str)]) -> Vec<String> {
    let nobody: BTreeSet<(&str, &str)> = writers
        .iter()
        .filter(|(_, _, right)| !right)
        .map(|(path, name, _)| (path.as_str(), name.as_str()))
        .collect();
    let excepted: BTreeSet<(&str, &str)> = exceptions.iter().map(|(path, name, _)| (*path, *name)).collect();
    let wrong =
        nobody.difference(&excepted).map(|(path, name)| format!("{path}: `{name}` writes, and nobody acts"));
    let stale = excepted
        .difference(&nobody)
        .map(|(path, name)| format!("{path}: no exception is needed for `{name}`"));
    wrong.chain(stale).collect()
}

#[test]
fn every_action_that_writes_takes_a_right_or_says_why_nobody_acts() {
    let writers = writers(&sources(&["src/actions", "src/store"]));
    assert!(writers.len() > 80, "only {} actions write", writers.len());
    none(unnamed(&writers, &NOBODY_ACTS));
}

#[test]
fn planted_rights_from_nowhere_are_found() {
    for source in [
        "fn f(actor: Actor) { let by = Reviewer::of(actor); }",
        "fn f(actor: Actor) { let by = roles::Administrator::of(actor).ok_or(No)?; }",
        "fn f(actor: Actor) { Some(actor).and_then(Reviewer::of) }",
        "fn f(actor: Actor) { once!(<Reviewer>::of(actor)) }",
        "fn f(id: AccountId) { act(Holder::of(id.into(), true)) }",
        "fn f(id: AccountId) { act(Actor { id, role: Role::Administrator }) }",
        "use crate::domain::roles::Reviewer as R;",
    ] {
        assert_eq!(made("src/web/staff/page.rs", source).len(), 1, "{source}");
    }
    none(made("src/web/staff/page.rs", "fn f(by: Reviewer) -> Actor { *by } impl X for &Actor {}"));
    none(made("src/web/http/auth.rs", "fn f(actor: Actor) { Reviewer::of(actor) }"));
    none(made("src/cli/import.rs", "fn f(actor: Actor) { Administrator::of(actor) }"));
    assert_eq!(made("src/actions/x.rs", "fn f(actor: Actor) { Administrator::of(actor) }").len(), 1);
}

#[test]
fn planted_bare_ids_that_act_are_found() {
    for source in [
        "pub fn f(portal: &Portal, by: AccountId) {}",
        "pub fn f(portal: &Portal, reviewer: Option<ids::AccountId>) {}",
        "pub struct Terms { pub by: Option<AccountId> }",
        "impl A { pub fn f(&self, actor: HolderId) {} }",
    ] {
        assert_eq!(bare_ids("src/actions/x.rs", &parsed("planted", source)).len(), 1, "{source}");
    }
    let fine = "pub fn f(by: Reviewer, holder: HolderId) {} fn g(by: AccountId) {}";
    none(bare_ids("src/actions/x.rs", &parsed("fine", fine)));
}

/// What is said of a planted action beside a store with one function that reads and one that writes.
fn planted(action: &str) -> Vec<String> {
    let store = "pub fn find(conn: &mut Conn) { things::table.first(conn) }
        pub fn add(conn: &mut Conn) { note(conn) }
        fn note(conn: &mut Conn) { diesel::insert_into(things::table).values(1).execute(conn) }";
    let files = [
        ("src/actions/mod.rs", "pub mod planted; mod part;"),
        (
            "src/actions/part.rs",
            "use crate::store::things; pub fn write_within(conn: &mut Conn) { things::add(conn) }",
        ),
        ("src/actions/planted.rs", action),
        ("src/store/things.rs", store),
    ];
    let files: Vec<(String, File)> =
        files.iter().map(|(path, source)| ((*path).to_owned(), parsed(path, source))).collect();
    unnamed(&writers(&files), &[])
}

#[test]
fn planted_actions_that_write_for_nobody_are_found() {
    for source in [
        // opens a write
        "pub fn f(portal: &Portal, id: AccountId) { portal.store.write(|conn| Ok(())) }",
        "impl A { pub fn f(&self, id: AccountId) { self.portal.store.write(|conn| Ok(())) } }",
        // is part of one, through other functions, however they are named
        "use crate::store::things; pub fn f(conn: &mut Conn) { things::add(conn) }",
        "use crate::store::things::add; pub fn f(conn: &mut Conn) { add(conn) }",
        "use crate::store::things::add as put; pub fn f(conn: &mut Conn) { put(conn) }",
        "use crate::store::{self, things}; pub fn f(conn: &mut Conn) { each(conn, things::add) }",
        "pub fn f(conn: &mut Conn) { crate::store::things::add(conn) }",
        "use super::part::write_within; pub fn f(conn: &mut Conn) { write_within(conn) }",
        "use super::part; pub fn f(conn: &mut Conn) { g(conn) } fn g(conn: &mut Conn) { part::write_within(conn) }",
        "use crate::store::things; pub fn f(conn: &mut Conn) { assert!(things::add(conn)) }",
        "use crate::store::things; pub fn f(c: Case, conn: &mut Conn) { c.put(conn) }
            impl Case { fn put(&self, conn: &mut Conn) { things::add(conn) } }",
    ] {
        assert_eq!(planted(source).len(), 1, "{source}");
    }
    for source in [
        "pub fn f(portal: &Portal, by: Reviewer) { portal.store.write(|conn| Ok(())) }",
        "pub fn f(portal: &Portal, by: Option<Administrator>) { portal.store.write(|conn| Ok(())) }",
        "pub struct Terms { pub by: Administrator } pub fn f(portal: &Portal, terms: &Terms) { portal.store.write(g) }",
        "use crate::store::things; pub fn f(conn: &mut Conn) { things::find(conn) }",
        "use crate::store::things; pub(super) fn f(conn: &mut Conn) { things::add(conn) }",
    ] {
        none(planted(source));
    }
    let gone = unnamed(&[], &[("src/actions/x.rs", "f", "it was there once")]);
    assert_eq!(gone, ["src/actions/x.rs: no exception is needed for `f`"]);
}
