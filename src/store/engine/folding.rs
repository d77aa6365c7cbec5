//! Text folded for searching and sorting, and patterns that find it.

/// Letters that are no base letter with an accent, and what people without them on their keyboard type instead.
const PLAIN_LETTERS: [(char, &str); 11] = [
    ('ł', "l"),
    ('ø', "o"),
    ('đ', "d"),
    ('ð', "d"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ŧ', "t"),
    ('þ', "th"),
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
];

/// Folds text for searching and sorting: lower case, without accents.
pub fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;
    let bare: String = text.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let mut plain = String::with_capacity(bare.len());
    for c in bare.to_lowercase().chars() {
        match PLAIN_LETTERS.iter().find(|(letter, _)| *letter == c) {
            Some((_, typed)) => plain.push_str(typed),
            None => plain.push(c),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A LIKE pattern that finds `text` anywhere, folded; its own wildcards mean themselves (escape character `\`).
pub(in crate::store) fn containing(text: &str) -> String {
    containing_exactly(&fold(text))
}

/// The same for columns that are not folded.
pub(in crate::store) fn containing_exactly(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
