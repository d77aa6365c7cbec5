//! A module is imported under the name that it has: whoever reads `sessions::end_all` need not look up which `sessions` that is, and a
//! name that has to be changed at every use is the wrong one. Tables of the schema are no modules of ours: theirs are names in SQL.

use std::collections::BTreeSet;

use syn::UseTree;
use syn::visit::{self, Visit};

use super::{ending_in, files_below, none};

/// The modules of the crate, such as `store::accounts`.
fn modules(paths: &[String]) -> BTreeSet<String> {
    let module = |path: &String| {
        path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::")
    };
    paths.iter().map(module).collect()
}

struct Aliases<'a> {
    module: String,
    modules: &'a BTreeSet<String>,
    found: Vec<String>,
}

impl Aliases<'_> {
    /// Where a path leads from this file; a foreign one as it stands.
    fn place(&self, words: &[String]) -> String {
        let mut at: Vec<&str> = Vec::new();
        for (nth, word) in words.iter().enumerate() {
            match word.as_str() {
                "crate" => at.clear(),
                "self" if nth == 0 => at = self.module.split("::").collect(),
                "self" => {}
                "super" => {
                    if nth == 0 {
                        at = self.module.split("::").collect();
                    }
                    at.pop();
                }
                word => at.push(word),
            }
        }
        at.join("::")
    }

    fn tree(&mut self, tree: &UseTree, above: &[String]) {
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &[above, &[path.ident.to_string()]].concat()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, above)),
            UseTree::Rename(renamed) if renamed.rename != "_" => {
                let words = [above, &[renamed.ident.to_string()]].concat();
                let (place, alias) = (self.place(&words), renamed.rename.to_string());
                let ours = matches!(words[0].as_str(), "crate" | "self" | "super");
                let foreign = !ours && alias.chars().all(|letter| letter.is_lowercase() || letter == '_');
                if foreign || self.modules.contains(&place) {
                    self.found.push(format!("{} calls {place} {alias}", self.module));
                }
            }
            _ => {}
        }
    }
}

impl<'a> Visit<'a> for Aliases<'_> {
    fn visit_item_use(&mut self, found: &'a syn::ItemUse) {
        self.tree(&found.tree, &[]);
        visit::visit_item_use(self, found);
    }
}

fn aliases(files: &[(String, String)]) -> Vec<String> {
    let modules = modules(&files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>());
    let mut found = Vec::new();
    for (path, text) in files {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let module = self::modules(std::slice::from_ref(path)).pop_first().unwrap_or_default();
        let mut aliases = Aliases { module, modules: &modules, found: Vec::new() };
        aliases.visit_file(&file);
        found.extend(aliases.found);
    }
    found
}

#[test]
fn every_module_is_imported_under_its_own_name() {
    none(aliases(&ending_in(&[".rs"], files_below("src"))));
}

#[test]
fn planted_aliases_are_found_however_they_are_written() {
    let found = |import: &str| {
        let files = [
            ("src/web/staff/page.rs", import),
            ("src/web/staff/mod.rs", "fn run() {}"),
            ("src/store/accounts/mod.rs", "pub struct Account;"),
            ("src/store/accounts/sessions.rs", ""),
        ];
        aliases(&files.map(|(path, text)| (path.to_owned(), text.to_owned()))).len()
    };
    for alias in [
        "use crate::store::accounts::sessions as stored_sessions;",
        "use crate::store::{accounts as people};",
        "use crate::store::accounts::{self as people, Account};",
        "use super::super::staff as others;",
        "use actix_web::{App, web as actix};",
        "fn f() { use crate::store::accounts as people; }",
    ] {
        assert_eq!(found(alias), 1, "{alias}");
    }
    for sound in [
        "use crate::store::accounts::sessions;",
        "use crate::store::accounts::Account as Person;",
        "use crate::web::staff::run as run_all;",
        "use std::io::Write as _;",
        "use diesel::result::Error as DieselError;",
        "use crate::store::schema::certification_years as years;",
    ] {
        assert_eq!(found(sound), 0, "{sound}");
    }
}
