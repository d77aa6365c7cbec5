//! The canonical hash of documents of ours, quickly. Badges differ in a dozen texts and are alike in everything else, so what the
//! vocabularies make of a document is worked out once for its shape, and for each document only the texts are put in; naming the blank nodes
//! and hashing are done for each. A document that somebody brings never comes this way: it is read with its vocabularies.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use oxrdf::{Dataset, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use serde_json::Value;

use super::{BadgeError, canonical};

/// Shapes that are kept: badges with and without an end, status lists, proofs, and those of a vocabulary to come.
const KEPT: usize = 32;
/// Members whose values are words of a vocabulary: they belong to the shape.
const WORDS: [&str; 7] =
    ["@context", "type", "achievementType", "cryptosuite", "identityType", "proofPurpose", "statusPurpose"];

/// SHA-256 of the canonical form of a document of ours; the same as [`canonical::hash`] gives.
///
/// # Errors
/// As [`canonical::hash`].
pub(super) fn hash(document: &Value) -> Result<[u8; 32], BadgeError> {
    let mut texts = Vec::new();
    let pattern = taken_out(document, &mut texts);
    let Some(plan) = plan(&pattern, document, &texts)? else { return canonical::hash(document) };
    match plan.filled(&texts) {
        Some(dataset) => Ok(canonical::digest(&canonical::named(dataset)?)),
        None => canonical::hash(document),
    }
}

/// The document with a mark in place of each text, which are put into `texts` in their order.
fn taken_out(value: &Value, texts: &mut Vec<String>) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    let kept = WORDS.contains(&name.as_str());
                    (name.clone(), if kept { value.clone() } else { taken_out(value, texts) })
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(|item| taken_out(item, texts)).collect()),
        Value::String(text) => {
            texts.push(text.clone());
            Value::String(mark(texts.len() - 1))
        }
        other => other.clone(),
    }
}

/// Stands for a text: good both as a name and as words.
fn mark(place: usize) -> String {
    format!("https://mark.invalid/{place}")
}

fn place(text: &str) -> Option<usize> {
    text.strip_prefix("https://mark.invalid/")?.parse().ok()
}

/// What the vocabularies make of a shape.
struct Plan(Vec<(Node, NamedNode, Node)>);

/// A part of a statement: as it is, or a text to be put in.
enum Node {
    Fixed(Term),
    Name(usize),
    Words(usize, NamedNode),
}

type Plans = Mutex<BTreeMap<String, Option<Arc<Plan>>>>;

/// The plan of a shape; `None` when it has none and the long way has to be gone. A new plan is tried on the document that it was made for.
fn plan(pattern: &Value, document: &Value, texts: &[String]) -> Result<Option<Arc<Plan>>, BadgeError> {
    static PLANS: LazyLock<Plans> = LazyLock::new(Mutex::default);
    let shape = pattern.to_string();
    if let Some(known) = PLANS.lock().unwrap_or_else(PoisonError::into_inner).get(&shape) {
        return Ok(known.clone());
    }
    let made = Plan::of(pattern)?.filter(|plan| {
        let quick = plan.filled(texts).and_then(|dataset| canonical::named(dataset).ok());
        quick.is_some_and(|lines| Some(canonical::digest(&lines)) == canonical::hash(document).ok())
    });
    let made = made.map(Arc::new);
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    if plans.len() >= KEPT {
        plans.clear();
    }
    plans.insert(shape, made.clone());
    Ok(made)
}

impl Plan {
    fn of(pattern: &Value) -> Result<Option<Plan>, BadgeError> {
        let mut statements = Vec::new();
        for quad in &canonical::statements(pattern)? {
            if quad.graph_name != GraphName::DefaultGraph.as_ref() {
                // the vocabulary puts proofs into graphs of their own; none of ours has one while it is signed
                return Ok(None);
            }
            let subject = match quad.subject.into_owned() {
                NamedOrBlankNode::NamedNode(name) => node(Term::NamedNode(name)),
                NamedOrBlankNode::BlankNode(blank) => Node::Fixed(Term::BlankNode(blank)),
            };
            statements.push((subject, quad.predicate.into_owned(), node(quad.object.into_owned())));
        }
        Ok(Some(Plan(statements)))
    }

    /// The statements with the texts in their places; `None` when a text is no name where a name has to be, or two statements became one.
    fn filled(&self, texts: &[String]) -> Option<Dataset> {
        let mut dataset = Dataset::new();
        for (subject, predicate, object) in &self.0 {
            let subject: NamedOrBlankNode = match subject.filled(texts)? {
                Term::NamedNode(name) => name.into(),
                Term::BlankNode(blank) => blank.into(),
                Term::Literal(_) => return None,
            };
            let object = object.filled(texts)?;
            dataset.insert(&Quad::new(subject, predicate.clone(), object, GraphName::DefaultGraph));
        }
        (dataset.len() == self.0.len()).then_some(dataset)
    }
}

fn node(term: Term) -> Node {
    let found = match &term {
        Term::NamedNode(name) => place(name.as_str()).map(Node::Name),
        Term::Literal(words) => {
            place(words.value()).map(|place| Node::Words(place, words.datatype().into_owned()))
        }
        Term::BlankNode(_) => None,
    };
    found.unwrap_or(Node::Fixed(term))
}

impl Node {
    fn filled(&self, texts: &[String]) -> Option<Term> {
        Some(match self {
            Node::Fixed(term) => term.clone(),
            Node::Name(place) => {
                let text = texts.get(*place)?;
                // what a vocabulary could read in another way than to the letter goes the long way
                let plain = ["https://", "http://", "did:web:"].iter().any(|scheme| text.starts_with(scheme));
                NamedNode::new(text).ok().filter(|_| plain)?.into()
            }
            Node::Words(place, kind) => Literal::new_typed_literal(texts.get(*place)?, kind.clone()).into(),
        })
    }
}
