//! Who calls whom in `store` and `actions`, as far as it needs to be known to say which functions write.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, ExprPath, File, ImplItem, Item, Signature, UseTree, Visibility};

/// The module and the name: `actions::reviews` and `approve_all`.
pub type Name = (String, String);

/// One function.
pub struct Function {
    pub path: String,
    pub name: Name,
    pub signature: Signature,
    /// Whether code outside its module's parent can call it.
    pub public: bool,
    /// Functions that it calls by a path.
    calls: BTreeSet<Name>,
    /// Methods that it calls, and whether it hands a connection over.
    methods: BTreeSet<(String, bool)>,
    /// Whether it opens a write or changes rows itself.
    writes: bool,
    /// For a method of `actions`: whether it takes a connection.
    method: Option<bool>,
}

/// The module that a file is: `src/actions/deadlines/mod.rs` → `actions::deadlines`.
pub fn module_of(path: &str) -> String {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inside.replace('/', "::")
}

/// What names of other modules mean in a file: `reviews` → `store::reviews`.
type Imports = BTreeMap<String, String>;

fn imports(tree: &UseTree, before: &[String], module: &str, found: &mut Imports) {
    let with = |name: &str| {
        let mut all = before.to_vec();
        match name {
            "crate" => all.clear(),
            "super" if all.is_empty() => all = parent(module),
            "super" => {
                all.pop();
            }
            "self" if all.is_empty() => all = module.split("::").map(str::to_owned).collect(),
            "self" => {}
            name => all.push(name.to_owned()),
        }
        all
    };
    match tree {
        UseTree::Path(path) => imports(&path.tree, &with(&path.ident.to_string()), module, found),
        UseTree::Name(name) => {
            let full = with(&name.ident.to_string());
            if let Some(last) = full.last() {
                found.insert(last.clone(), full.join("::"));
            }
        }
        UseTree::Rename(rename) => {
            found.insert(rename.rename.to_string(), with(&rename.ident.to_string()).join("::"));
        }
        UseTree::Group(group) => group.items.iter().for_each(|one| imports(one, before, module, found)),
        UseTree::Glob(_) => {}
    }
}

fn parent(module: &str) -> Vec<String> {
    let mut parts: Vec<String> = module.split("::").map(str::to_owned).collect();
    parts.pop();
    parts
}

/// Reads the functions of a file. `public` says whether its module is.
pub fn functions(path: &str, file: &File, public: bool) -> Vec<Function> {
    let module = module_of(path);
    let mut known = Imports::new();
    for item in &file.items {
        if let Item::Use(used) = item {
            imports(&used.tree, &[], &module, &mut known);
        }
    }
    let mut found = Vec::new();
    let mut add = |visibility: &Visibility, signature: &Signature, block: &syn::Block, method: bool| {
        let mut body = Body { module: &module, imports: &known, ..Body::new(path) };
        body.visit_signature(signature);
        body.visit_block(block);
        found.push(Function {
            path: path.to_owned(),
            name: (module.clone(), signature.ident.to_string()),
            signature: signature.clone(),
            public: public && matches!(visibility, Visibility::Public(_)),
            calls: body.calls,
            methods: body.methods,
            writes: body.writes,
            method: (method && path.starts_with("src/actions/")).then(|| takes_a_connection(signature)),
        });
    };
    for item in &file.items {
        match item {
            Item::Fn(function) => add(&function.vis, &function.sig, &function.block, false),
            Item::Impl(block) => {
                for one in &block.items {
                    if let ImplItem::Fn(function) = one {
                        add(&function.vis, &function.sig, &function.block, true);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn takes_a_connection(signature: &Signature) -> bool {
    signature.inputs.iter().any(|input| match input {
        syn::FnArg::Typed(typed) => super::names_in(&typed.ty).iter().any(|name| name == "Conn"),
        syn::FnArg::Receiver(_) => false,
    })
}

struct Body<'a> {
    store: bool,
    module: &'a str,
    imports: &'a Imports,
    locals: BTreeSet<String>,
    calls: BTreeSet<Name>,
    methods: BTreeSet<(String, bool)>,
    writes: bool,
}

/// What changes rows, in the words of the database's crate.
const CHANGES: [&str; 5] = ["insert_into", "insert_or_ignore_into", "replace_into", "update", "delete"];

static NO_IMPORTS: Imports = Imports::new();

impl Body<'_> {
    fn new(path: &str) -> Self {
        Body {
            store: path.starts_with("src/store"),
            module: "",
            imports: &NO_IMPORTS,
            locals: BTreeSet::new(),
            calls: BTreeSet::new(),
            methods: BTreeSet::new(),
            writes: false,
        }
    }

    /// Notes a call, by the module and the name that the path means here.
    fn call(&mut self, path: &syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let Some((last, before)) = parts.split_last() else { return };
        let split =
            |full: &String| full.rsplit_once("::").map(|(module, name)| (module.to_owned(), name.to_owned()));
        self.calls.extend(match before.split_first() {
            None => match self.imports.get(last) {
                Some(full) => split(full),
                None => Some((self.module.to_owned(), last.clone())),
            },
            Some((first, rest)) => {
                let first = match first.as_str() {
                    "Self" => self.module.to_owned(),
                    name => self.imports.get(name).cloned().unwrap_or_else(|| name.to_owned()),
                };
                let module = std::iter::once(first).filter(|first| first != "crate").chain(rest.to_vec());
                Some((module.collect::<Vec<_>>().join("::"), last.clone()))
            }
        });
    }
}

impl<'a> Visit<'a> for Body<'_> {
    fn visit_pat_ident(&mut self, bound: &'a syn::PatIdent) {
        self.locals.insert(bound.ident.to_string());
        visit::visit_pat_ident(self, bound);
    }

    fn visit_expr_path(&mut self, named: &'a ExprPath) {
        // a function that is handed over to be called; what a local name is was bound before
        if !named.path.get_ident().is_some_and(|name| self.locals.contains(&name.to_string())) {
            self.call(&named.path);
        }
        visit::visit_expr_path(self, named);
    }

    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        if let Expr::Path(named) = &*call.func {
            self.call(&named.path);
            let last = named.path.segments.last().map(|segment| segment.ident.to_string());
            self.writes |= self.store && last.is_some_and(|last| CHANGES.contains(&last.as_str()));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        let method = call.method.to_string();
        let of_store = is_store(&call.receiver);
        self.writes |= match method.as_str() {
            "write" => of_store,
            "execute" | "batch_execute" => self.store,
            _ => false,
        };
        if !of_store {
            let conn = |one: &Expr| matches!(one, Expr::Path(named) if named.path.is_ident("conn"));
            self.methods.insert((method, call.args.iter().any(conn)));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, found: &'a syn::Macro) {
        use syn::parse::Parser;
        let arguments = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = arguments.parse2(found.tokens.clone()) {
            for argument in &arguments {
                let mut inner = Body {
                    store: self.store,
                    module: self.module,
                    imports: self.imports,
                    locals: self.locals.clone(),
                    calls: BTreeSet::new(),
                    methods: BTreeSet::new(),
                    writes: false,
                };
                inner.visit_expr(argument);
                self.calls.append(&mut inner.calls);
                self.methods.append(&mut inner.methods);
                self.writes |= inner.writes;
            }
        }
    }
}

/// `store`, `portal.store`, `self.portal.store`.
fn is_store(receiver: &Expr) -> bool {
    match receiver {
        Expr::Path(named) => named.path.is_ident("store"),
        Expr::Field(field) => matches!(&field.member, syn::Member::Named(name) if name == "store"),
        _ => false,
    }
}

/// The functions that write, by themselves or through others.
pub fn writing(all: &[Function]) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> =
        all.iter().enumerate().filter(|(_, one)| one.writes).map(|(index, _)| index).collect();
    loop {
        let more: Vec<usize> = (0..all.len())
            .filter(|index| !found.contains(index))
            .filter(|index| calls_one_of(&all[*index], all, &found))
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn calls_one_of(one: &Function, all: &[Function], found: &BTreeSet<usize>) -> bool {
    found.iter().map(|index| &all[*index]).any(|other| match other.method {
        // a method is known by its name; without a connection only in its own file
        Some(conn) => {
            one.methods.contains(&(other.name.1.clone(), conn)) && (conn || one.name.0 == other.name.0)
                || one.calls.contains(&other.name)
        }
        None => one.calls.contains(&other.name),
    })
}
