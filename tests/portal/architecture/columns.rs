//! The columns that a row is written with are listed once: where two statements of the store write the same many, both take a struct
//! (`Insertable`, `AsChangeset`), so that a new column cannot be forgotten in one of them.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Expr, ExprTuple};

use super::{ending_in, files_below, none};

/// From so many columns on that two lists share, they are one list written twice.
const SAME_COLUMNS: usize = 6;

/// The columns of each outermost list, as `table::column`.
#[derive(Default)]
struct Lists(Vec<BTreeSet<String>>);

impl<'a> Visit<'a> for Lists {
    fn visit_expr_tuple(&mut self, tuple: &'a ExprTuple) {
        let mut columns = BTreeSet::new();
        written(tuple, &mut columns);
        if columns.is_empty() {
            visit::visit_expr_tuple(self, tuple);
        } else {
            self.0.push(columns);
        }
    }
}

/// Columns that a tuple gives a value, those of tuples inside it among them.
fn written(tuple: &ExprTuple, columns: &mut BTreeSet<String>) {
    for element in &tuple.elems {
        match element {
            Expr::Tuple(inner) => written(inner, columns),
            Expr::MethodCall(call) if call.method == "eq" => {
                if let Expr::Path(column) = &*call.receiver
                    && column.path.segments.len() >= 2
                {
                    let segments =
                        column.path.segments.iter().rev().take(2).map(|part| part.ident.to_string());
                    let mut names: Vec<String> = segments.collect();
                    names.reverse();
                    columns.insert(names.join("::"));
                }
            }
            _ => {}
        }
    }
}

fn listed_twice(files: &[(String, String)]) -> Vec<String> {
    let mut lists = Vec::new();
    for (path, source) in files {
        let file = syn::parse_file(source).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut found = Lists::default();
        found.visit_file(&file);
        lists.extend(found.0.into_iter().map(|columns| (path, columns)));
    }
    let mut twice = Vec::new();
    for (at, (path, columns)) in lists.iter().enumerate() {
        for (other_path, others) in lists.iter().skip(at + 1) {
            let same: Vec<&str> = columns.intersection(others).map(String::as_str).collect();
            if same.len() >= SAME_COLUMNS {
                twice.push(format!("{path} and {other_path} both list {}", same.join(", ")));
            }
        }
    }
    twice
}

#[test]
fn no_two_statements_list_the_same_many_columns() {
    none(listed_twice(&ending_in(&[".rs"], files_below("src/store"))));
}

#[test]
fn a_planted_list_of_the_same_columns_is_found() {
    let list = |columns: &[&str]| {
        let values: Vec<String> = columns.iter().map(|column| format!("t::{column}.eq(1)")).collect();
        format!("fn f() {{ insert().values(({})); }}", values.join(", "))
    };
    let files = |one: &str, other: &str| {
        [("src/store/a.rs".to_owned(), one.to_owned()), ("src/store/b.rs".to_owned(), other.to_owned())]
    };
    let seven = ["a", "b", "c", "d", "e", "f", "g"];
    let insert = list(&seven);
    let nested = "fn g() { update().set((s::t::a.eq(1), (t::b.eq(2), t::c.eq(3), t::d.eq(4)), t::e.eq(5), t::f.eq(6))); }";
    assert_eq!(listed_twice(&files(&insert, nested)).len(), 1);
    assert_eq!(listed_twice(&files(&format!("{insert}\n{nested}"), "")).len(), 1, "in one file, too");
    none(listed_twice(&files(&insert, &list(&seven[..5]))));
    none(listed_twice(&files(&insert, "fn g() { select((t::a, t::b, t::c, t::d, t::e, t::f, t::g)); }")));
}
