//! What a store answers in XML: pages of keys, and whether a bucket keeps earlier versions. Read by a parser that follows nothing outside
//! the text, out of a text whose length is bounded.

use roxmltree::{Document, Node};

/// Something that lies in a bucket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredObject {
    /// Its key, without the prefix of the portal.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
}

/// One page of what lies in a bucket, in the order of keys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Listing {
    /// What is on it.
    pub(super) stored: Vec<StoredObject>,
    /// After which key the next page begins, whole; `None` on the last page.
    pub(super) goes_on_after: Option<String>,
}

/// Reads a page of ListObjectsV2 for keys that begin with `prefix` and then with `starts`, at most `most` of them.
///
/// # Errors
/// What is wrong with it. A store that lists what it was not asked for is believed in nothing else of the list either.
pub(super) fn listing(text: &str, prefix: &str, starts: &str, most: usize) -> Result<Listing, &'static str> {
    const UNREADABLE: &str = "its list of proofs cannot be read";
    let document = Document::parse(text).map_err(|_| UNREADABLE)?;
    let root = document.root_element();
    if root.tag_name().name() != "ListBucketResult" {
        return Err(UNREADABLE);
    }
    let mut listing = Listing::default();
    let mut last = None;
    for entry in root.children().filter(|child| child.has_tag_name_of("Contents")) {
        let key = entry.text_of("Key").ok_or(UNREADABLE)?;
        let size = entry.text_of("Size").and_then(|size| size.parse().ok()).ok_or(UNREADABLE)?;
        let own = key.strip_prefix(prefix).filter(|own| own.starts_with(starts));
        let own = own.ok_or("it lists what it was not asked for")?;
        if listing.stored.len() >= most {
            return Err("it lists more at once than it was asked for");
        }
        listing.stored.push(StoredObject { key: own.to_owned(), size });
        last = Some(key.to_owned());
    }
    if root.text_of("IsTruncated") == Some("true") {
        // a page without keys that goes on would go on for ever
        listing.goes_on_after = Some(last.ok_or(UNREADABLE)?);
    }
    Ok(listing)
}

/// Whether the bucket keeps earlier versions of what is changed and removed; `None` for what says nothing about that.
pub(super) fn keeps_versions(text: &str) -> Option<bool> {
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    // stores call the root by different names; one that refuses does not answer with 200
    (root.tag_name().name() != "Error").then(|| root.text_of("Status") == Some("Enabled"))
}

/// The code of a refusal, such as `AccessDenied`: plain letters only, for the log.
pub(super) fn refusal_code(text: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let code = document.root_element().text_of("Code")?;
    let plain = !code.is_empty() && code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| code.to_owned())
}

/// Looking for parts by name: stores differ in the namespace that they write.
trait Parts<'a> {
    fn has_tag_name_of(&self, name: &str) -> bool;
    fn text_of(&self, name: &str) -> Option<&'a str>;
}

impl<'a, 'input> Parts<'a> for Node<'a, 'input> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }

    fn text_of(&self, name: &str) -> Option<&'a str> {
        self.children().find(|child| child.has_tag_name_of(name))?.text()
    }
}
