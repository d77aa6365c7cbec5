//! The tree of the sources: folders that one can survey, names out of the glossary, no public type name twice, and no circle between
//! files. Read by a parser, because only that can tell an import from a word in a comment, and follow a name to the file that declares it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{File, ItemUse, Macro, Path, UseTree, VisRestricted, Visibility};

use super::{ending_in, files_below, none};

/// A module or an item, by its names from the crate's root.
type Place = Vec<String>;

/// One file of the sources.
struct Source {
    module: Place,
    path: String,
    file: File,
}

/// The module that a file is: `src/web/holder/mod.rs` → `web::holder`.
fn module(path: &str) -> Place {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').map(str::to_owned).collect()
}

fn parsed(files: &[(String, String)]) -> Vec<Source> {
    let parse = |(path, text): &(String, String)| Source {
        module: module(path),
        path: path.clone(),
        file: syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}")),
    };
    files.iter().map(parse).collect()
}

/// The modules of the library. Its root and the programs over it only list what there is.
fn sources() -> Vec<(String, String)> {
    let listed = ["src/lib.rs", "src/main.rs", "src/program.rs"];
    ending_in(&[".rs"], files_below("src"))
        .into_iter()
        .filter(|(path, _)| !listed.contains(&path.as_str()))
        .collect()
}

/// What one file names: by imports, in its code, and what it gives on under a name of its own.
struct Names<'a> {
    module: &'a Place,
    modules: &'a BTreeSet<Place>,
    bound: BTreeMap<String, Place>,
    given_on: BTreeMap<Place, Place>,
    named: Vec<Place>,
    /// Imports come first: they say what the first word of a path means.
    imports: bool,
}

impl Names<'_> {
    /// Where a path leads, as it is written in this file; `None` for what is no place of ours.
    fn place(&self, words: &[String]) -> Option<Place> {
        let (first, rest) = words.split_first()?;
        let from_here = |ups: usize| {
            let base = self.module.len().checked_sub(ups)?;
            Some([&self.module[..base], &words[ups.max(1)..]].concat())
        };
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" if rest.first().is_none_or(|word| word != "super") => from_here(0),
            "self" => self.place(rest),
            "super" => from_here(words.iter().take_while(|word| *word == "super").count()),
            _ => {
                if let Some(meant) = self.bound.get(first) {
                    return Some([meant.as_slice(), rest].concat());
                }
                let child = [self.module.as_slice(), std::slice::from_ref(first)].concat();
                self.modules.contains(&child).then(|| [self.module.as_slice(), words].concat())
            }
        }
    }

    fn leaves(&mut self, tree: &UseTree, before: &mut Vec<String>, public: bool) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.leaves(&path.tree, before, public);
                before.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.leaves(tree, before, public)),
            UseTree::Name(name) => self.leaf(before, &name.ident.to_string(), None, public),
            UseTree::Rename(name) => {
                self.leaf(before, &name.ident.to_string(), Some(name.rename.to_string()), public);
            }
            UseTree::Glob(_) => {
                self.named.extend(self.place(before).map(|place| [place, vec!["*".to_owned()]].concat()))
            }
        }
    }

    fn leaf(&mut self, before: &[String], name: &str, other: Option<String>, public: bool) {
        let own = name == "self";
        let words = if own { before.to_vec() } else { [before, &[name.to_owned()]].concat() };
        let Some(place) = self.place(&words) else { return };
        let name = other.or_else(|| words.last().cloned()).unwrap_or_default();
        if public {
            self.given_on
                .insert([self.module.as_slice(), std::slice::from_ref(&name)].concat(), place.clone());
        } else {
            self.named.push(place.clone());
        }
        self.bound.insert(name, place);
    }

    fn path(&mut self, words: &[String]) {
        if words.len() > 1 {
            self.named.extend(self.place(words));
        }
    }

    /// Paths in a macro's tokens, which no parser but the macro's own knows.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut words: Vec<String> = Vec::new();
        let mut joined = 0;
        for token in tokens {
            match &token {
                TokenTree::Ident(word) if words.is_empty() || joined == 2 => words.push(word.to_string()),
                TokenTree::Punct(sign) if sign.as_char() == ':' && !words.is_empty() && joined < 2 => {
                    joined += 1;
                    continue;
                }
                _ => {
                    self.path(&std::mem::take(&mut words));
                    match token {
                        TokenTree::Ident(word) => words.push(word.to_string()),
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                    }
                }
            }
            joined = 0;
        }
        self.path(&words);
    }
}

impl<'a> Visit<'a> for Names<'_> {
    fn visit_item_use(&mut self, found: &'a ItemUse) {
        if self.imports {
            let public = !matches!(found.vis, Visibility::Inherited);
            self.leaves(&found.tree, &mut Vec::new(), public);
        }
    }

    // who may see a thing is no use of it
    fn visit_vis_restricted(&mut self, _: &'a VisRestricted) {}

    fn visit_path(&mut self, found: &'a Path) {
        if !self.imports {
            let words: Vec<String> = found.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.path(&words);
        }
        visit::visit_path(self, found);
    }

    fn visit_macro(&mut self, found: &'a Macro) {
        if !self.imports {
            self.tokens(found.tokens.clone());
        }
        visit::visit_macro(self, found);
    }
}

/// Which file names things of which other, and what it names there.
fn uses(sources: &[Source]) -> BTreeMap<Place, BTreeMap<Place, BTreeSet<String>>> {
    let modules: BTreeSet<Place> = sources.iter().map(|source| source.module.clone()).collect();
    let mut given_on = BTreeMap::new();
    let mut named = Vec::new();
    for source in sources {
        let mut names = Names {
            module: &source.module,
            modules: &modules,
            bound: BTreeMap::new(),
            given_on: BTreeMap::new(),
            named: Vec::new(),
            imports: true,
        };
        names.visit_file(&source.file);
        names.imports = false;
        names.visit_file(&source.file);
        given_on.extend(names.given_on);
        named.push((&source.module, names.named));
    }
    let mut uses: BTreeMap<Place, BTreeMap<Place, BTreeSet<String>>> = BTreeMap::new();
    for (module, places) in named {
        for place in places {
            if let Some((there, item)) = declared(place, &modules, &given_on)
                && there != *module
            {
                uses.entry(module.clone()).or_default().entry(there).or_default().insert(item);
            }
        }
    }
    uses
}

/// The file that declares a thing, and the thing. A module that is only named is nothing that it declares.
fn declared(
    mut place: Place,
    modules: &BTreeSet<Place>,
    given_on: &BTreeMap<Place, Place>,
) -> Option<(Place, String)> {
    // no name is given on more often than there are ranks
    for _ in 0..8 {
        let depth = (1..=place.len()).rev().find(|depth| modules.contains(&place[..*depth]))?;
        let item = place.get(depth)?;
        match given_on.get(&place[..=depth]) {
            Some(elsewhere) => place = [elsewhere.as_slice(), &place[depth + 1..]].concat(),
            None => return Some((place[..depth].to_vec(), item.clone())),
        }
    }
    None
}

/// Every circle of files, each as one line with what they name of each other.
fn circles(files: &[(String, String)]) -> Vec<String> {
    let sources = parsed(files);
    let uses = uses(&sources);
    let reached: BTreeMap<&Place, BTreeSet<&Place>> =
        uses.keys().map(|module| (module, reached_from(module, &uses))).collect();
    let mut told: BTreeSet<&Place> = BTreeSet::new();
    let mut circles = Vec::new();
    for (module, there) in &reached {
        let circle: BTreeSet<&Place> = there
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(module)))
            .copied()
            .collect();
        if !circle.contains(module) || !told.insert(module) {
            continue;
        }
        told.extend(&circle);
        let mut lines = Vec::new();
        for one in &circle {
            for (other, items) in uses[*one].iter().filter(|(other, _)| circle.contains(other)) {
                lines.push(format!("{} → {} ({:?})", one.join("::"), other.join("::"), items));
            }
        }
        circles.push(lines.join("\n    "));
    }
    circles
}

fn reached_from<'a>(
    module: &Place,
    uses: &'a BTreeMap<Place, BTreeMap<Place, BTreeSet<String>>>,
) -> BTreeSet<&'a Place> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Place> = uses.get(module).into_iter().flat_map(BTreeMap::keys).collect();
    while let Some(one) = next.pop() {
        if reached.insert(one) {
            next.extend(uses.get(one).into_iter().flat_map(BTreeMap::keys));
        }
    }
    reached
}

/// Public types of a file, also those that `codes! { … }` declares.
struct Types(Vec<String>);

impl<'a> Visit<'a> for Types {
    fn visit_item(&mut self, item: &'a syn::Item) {
        let (vis, name) = match item {
            syn::Item::Struct(found) => (&found.vis, &found.ident),
            syn::Item::Enum(found) => (&found.vis, &found.ident),
            syn::Item::Trait(found) => (&found.vis, &found.ident),
            syn::Item::Type(found) => (&found.vis, &found.ident),
            _ => return visit::visit_item(self, item),
        };
        if matches!(vis, Visibility::Public(_)) {
            self.0.push(name.to_string());
        }
    }

    fn visit_macro(&mut self, found: &'a Macro) {
        let words: Vec<String> = found.tokens.clone().into_iter().map(|token| token.to_string()).collect();
        for three in words.windows(3) {
            if let [public, kind, name] = three
                && public == "pub"
                && matches!(kind.as_str(), "enum" | "struct")
                // a macro that writes types gives them their names elsewhere
                && name != "$"
            {
                self.0.push(name.clone());
            }
        }
    }
}

/// Public types by name, where more than one file declares it.
fn double_names(files: &[(String, String)]) -> Vec<String> {
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in parsed(files) {
        let mut types = Types(Vec::new());
        types.visit_file(&source.file);
        for name in types.0 {
            declared.entry(name).or_default().push(source.path.clone());
        }
    }
    declared
        .into_iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect()
}

/// More entries than this a reader does not survey. Papers do not count, and fonts are data.
const MOST_ENTRIES: usize = 20;

fn crowded(paths: &[String]) -> Vec<String> {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for path in paths.iter().filter(|path| !path.ends_with(".md") && !path.starts_with("src/badges/fonts/")) {
        let mut inside = path.as_str();
        while let Some((folder, entry)) = inside.rsplit_once('/') {
            folders.entry(folder).or_default().insert(entry);
            inside = folder;
        }
    }
    folders
        .into_iter()
        .filter(|(_, entries)| entries.len() > MOST_ENTRIES)
        .map(|(folder, entries)| format!("{folder} has {} entries", entries.len()))
        .collect()
}

/// The nouns that a file or a folder may be called by (the last word of its name): those of `templates/WORDS.md` and of the program.
/// A participle or an everyday verb (`told`, `kept`, `again`) stands for nothing.
const NOUNS: &str = "
    access account accounts achievements acquaintances actions activities activity address admin agenda answer answers appeal appeals archive assets assignments attempts auth backup
    badge badges bar batch board bounce bounces bounds bucket cache calendar capabilities card case catalogue category cell certificate certificates
    certification certifications chart charts check checkpoints choices claims cli client clock codes command config connection context
    contexts conversation conversations cookie copies copy correction corrections count counts credential credits crowd csrf dashboard
    database dates deadlines decision decisions delivery demo density derivation directory documents domain download eligibility ending endings
    engine envelope error errors event evidence export exports failures feeds fields figure figures file files filter flags flash form forms glyphs
    grant guard guide health history hold holder holders holds home housekeeping http icalendar ids impact impartiality import imports inbox index
    inquiries inquiry intake invariants invitation job jobs keys keyset kind layout lease leases ledger life line lines list listing lists log mail
    mailbox mails mark memory message messages metrics middleware multipart name names navigation notes notice notices observer opening operation
    operations order origin outbox outcome output overview owner page paging parts password passwords pauses pdf people period permissions picture pipeline
    place plan plausibility pool prelude plural policies policy portal precedent precedents preview problems progress proof public publication quantity queue
    quota receipt receipts record records recovery reference relevance reminder reminders replica reports reset responses restore result results
    retention reversal review reviews risk roles rotation round route routes row run runs runtime schedule scheduler schema search secrets server session
    sessions settings setup sheet signature sizes smtp snapshots staff startup statement status store stories submission suggestions survey table
    tags text texts time
    timeline times token tokens topic transcript transfer turns type upkeep upload uploads url variants verdict verification versions view visits web
    withdrawal witness words writer years
";

/// Names whose last word is none of those, each with its reason.
const OTHER_NAMES: [(&str, &str); 26] = [
    ("autosave", "the trade's noun for keeping by itself"),
    ("blocking", "the trade's word for work that keeps a thread"),
    ("canonical", "the canonical form of a document"),
    ("clearing", "the clearing of files, a noun"),
    ("account_closing", "the closing of an account, a noun"),
    ("close", "a conversation's close, beside `reversal` and `grant`"),
    ("embed", "the trade's word for a badge inside a picture"),
    ("flagged", "the list of flagged years, as its address says"),
    ("folding", "the folding of text, a noun"),
    ("going_live", "the step is called so on the page and in the command"),
    ("hashing", "the hashing of passwords, a noun"),
    ("live", "the command"),
    ("ob2", "Open Badges 2.0, as everybody shortens it"),
    ("plain", "a plain form, beside `multipart`"),
    ("postgres", "the engine of that name"),
    ("random", "numbers that look random"),
    ("rendering", "the rendering of a notice from its templates, a noun"),
    ("reach", "whom mail reaches, a noun"),
    ("returned", "the list of returned reports, as its address says"),
    ("serve", "the command"),
    ("badge_sharing", "the sharing of a badge, a noun"),
    ("signing", "the signing of badges, a noun"),
    ("sign_in", "the act of signing in"),
    ("sqlite", "the engine of that name"),
    ("standing", "where somebody stands, a noun"),
    ("verify", "the page of that address"),
];

fn strange_names(paths: &[String]) -> Vec<String> {
    let nouns: BTreeSet<&str> = NOUNS.split_whitespace().collect();
    let named = |name: &str| {
        let last = name.rsplit('_').next().unwrap_or(name);
        nouns.contains(last) || OTHER_NAMES.iter().any(|(other, _)| *other == name)
    };
    let mut strange = BTreeSet::new();
    for path in paths.iter().filter(|path| path.ends_with(".rs")) {
        for name in
            path.trim_start_matches("src/").trim_end_matches(".rs").split('/').filter(|name| *name != "mod")
        {
            if !named(name) {
                strange.insert(format!("{path}: {name:?} is no noun of the glossary"));
            }
        }
    }
    strange.into_iter().collect()
}

fn paths() -> Vec<String> {
    sources().into_iter().map(|(path, _)| path).collect()
}

#[test]
fn a_reader_surveys_every_folder() {
    none(crowded(&files_below("src").into_iter().map(|(path, _)| path).collect::<Vec<_>>()));
    let planted: Vec<String> = (0..=MOST_ENTRIES).map(|number| format!("src/web/file_{number}.rs")).collect();
    assert_eq!(crowded(&planted), ["src/web has 21 entries"]);
}

#[test]
fn files_are_called_by_nouns_of_the_glossary() {
    none(strange_names(&paths()));
    let planted = [
        "src/web/told.rs",
        "src/store/kept_figures.rs",
        "src/jobs/again/mod.rs",
        "src/store/sent_forms_seen.rs",
    ];
    let planted: Vec<String> = planted.map(str::to_owned).to_vec();
    assert_eq!(strange_names(&planted).len(), 3, "{:?}", strange_names(&planted));
}

#[test]
fn every_other_name_is_needed() {
    let all = paths().join("/");
    for (name, reason) in OTHER_NAMES {
        assert!(
            all.contains(&format!("{name}.rs")) || all.contains(&format!("{name}/")),
            "nothing is called {name:?} ({reason})"
        );
    }
}

fn planted(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn no_public_type_is_called_as_another() {
    none(double_names(&sources()));
    let twice = planted(&[
        ("src/web/a.rs", "pub struct Answer; struct Private; pub(crate) struct Known;"),
        ("src/store/b.rs", "pub enum Answer {} struct Private; pub(crate) struct Known;"),
    ]);
    assert_eq!(double_names(&twice), ["Answer: src/web/a.rs, src/store/b.rs"]);
    let a_state = planted(&[
        ("src/domain/a.rs", "codes! { pub enum Outcome { Good => \"good\" } }"),
        ("src/store/b.rs", "pub struct Outcome;"),
    ]);
    assert_eq!(double_names(&a_state).len(), 1);
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    none(circles(&sources()));
}

#[test]
fn a_circle_of_files_is_found_however_it_is_written() {
    let there_and_back = |back: &str| {
        circles(&planted(&[
            ("src/store/mod.rs", "pub mod a; pub mod b; pub use a::Given;"),
            ("src/store/a.rs", "use super::b::Other; pub struct Given; pub struct Here(Other);"),
            ("src/store/b.rs", back),
        ]))
        .len()
    };
    assert_eq!(there_and_back("pub struct Other;"), 0);
    assert_eq!(
        there_and_back("use crate::store::a; pub struct Other;"),
        0,
        "a name that is not used is no use"
    );
    for back in [
        "use crate::store::a::Here; pub struct Other;",
        "use super::a; pub struct Other; fn f(_: a::Here) {}",
        "use super::{a::{self, Here as There}}; pub struct Other;",
        "use super::a::*; pub struct Other;",
        "pub struct Other; fn f() -> Option<crate::store::a::Here> { None }",
        "pub struct Other; fn f() { let _ = vec![super::a::Here]; }",
        // given on under a name of the folder's
        "use crate::store::Given; pub struct Other;",
    ] {
        assert_eq!(there_and_back(back), 1, "{back}");
    }
    let three = circles(&planted(&[
        ("src/web/x.rs", "use crate::web::y::Y;"),
        ("src/web/y.rs", "use crate::web::z::Z; pub struct Y;"),
        ("src/web/z.rs", "pub struct Z; pub(in crate::web::x) fn f() { crate::web::x::g(); }"),
    ]));
    assert_eq!(three.len(), 1, "{three:?}");
}
