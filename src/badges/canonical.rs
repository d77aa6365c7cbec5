//! A document as the bytes that are signed: linked data, its blank nodes named by RDFC-1.0, one sorted line for each statement.

use std::collections::BTreeSet;

use oxjsonld::{JsonLdParser, JsonLdRemoteDocument};
use oxrdf::dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm};
use oxrdf::{Dataset, GraphNameRef, NamedOrBlankNodeRef, TermRef};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{BadgeError, contexts};

/// Most values of a document: a badge has three dozen.
const MOST_VALUES: usize = 200;
/// Most nodes without a name: a badge has three. RDFC-1.0 tries every order of those that look alike, and the time it takes grows faster
/// than any power of their number: nine take ten seconds, twelve all the memory there is.
const MOST_BLANK_NODES: usize = 4;

/// SHA-256 of the canonical form of a document.
///
/// # Errors
/// `BadgeError::Context`, `Syntax`, `TooMuch`, and `Unsigned` when a value of the document would not reach the signature: the parser drops
/// what its contexts do not define, without a word.
pub fn hash(document: &Value) -> Result<[u8; 32], BadgeError> {
    Ok(digest(&lines(document)?))
}

/// SHA-256 of canonical lines.
pub(super) fn digest(lines: &str) -> [u8; 32] {
    Sha256::digest(lines.as_bytes()).into()
}

/// The canonical lines of a document.
///
/// # Errors
/// As [`hash`].
pub fn lines(document: &Value) -> Result<String, BadgeError> {
    named(statements(document)?)
}

/// What a document states, as its vocabularies have it.
///
/// # Errors
/// As [`hash`].
pub(super) fn statements(document: &Value) -> Result<Dataset, BadgeError> {
    contexts::check(document)?;
    if count(document) > MOST_VALUES {
        return Err(BadgeError::TooMuch);
    }
    let mut dataset = Dataset::new();
    let text = document.to_string();
    let statements = JsonLdParser::new().for_slice(text.as_bytes()).with_load_document_callback(|url, _| {
        let found = contexts::text(url).ok_or_else(|| format!("{url} is not pinned"))?;
        Ok(JsonLdRemoteDocument { document: found.as_bytes().to_vec(), document_url: url.to_owned() })
    });
    for statement in statements {
        dataset.insert(&statement.map_err(|problem| BadgeError::Syntax(problem.to_string()))?);
    }
    let (values, quads) = (count(document), dataset.len());
    if values != quads {
        return Err(BadgeError::Unsigned { values, quads });
    }
    Ok(dataset)
}

/// Statements as lines: blank nodes named by RDFC-1.0, sorted.
///
/// # Errors
/// `BadgeError::TooMuch` when there are more blank nodes than any document of ours has: naming them has no bound.
pub(super) fn named(mut dataset: Dataset) -> Result<String, BadgeError> {
    if blank_nodes(&dataset) > MOST_BLANK_NODES {
        return Err(BadgeError::TooMuch);
    }
    dataset.canonicalize(CanonicalizationAlgorithm::Rdfc10 {
        hash_algorithm: CanonicalizationHashAlgorithm::Sha256,
    });
    let mut lines: Vec<String> = dataset.iter().map(|quad| format!("{quad} .\n")).collect();
    lines.sort_unstable();
    Ok(lines.concat())
}

fn blank_nodes(dataset: &Dataset) -> usize {
    let mut nodes = BTreeSet::new();
    for quad in dataset {
        if let NamedOrBlankNodeRef::BlankNode(node) = quad.subject {
            nodes.insert(node.as_str());
        }
        if let TermRef::BlankNode(node) = quad.object {
            nodes.insert(node.as_str());
        }
        if let GraphNameRef::BlankNode(node) = quad.graph_name {
            nodes.insert(node.as_str());
        }
    }
    nodes.len()
}

/// How many statements a document makes: one for each value of a property, types included, names of nodes not.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "@context" | "id"))
            .map(|(_, value)| match value {
                Value::Array(items) => items.iter().map(|item| 1 + count(item)).sum(),
                one => 1 + count(one),
            })
            .sum(),
        _ => 0,
    }
}
