//! Rust source as tokens, without comments and literals: as much of the language as finding paths needs.

/// A word, `::`, or any other single character of the code.
#[derive(Debug)]
pub struct Token {
    pub text: String,
    /// Counted from 1.
    pub line: usize,
}

/// The code's tokens. Comments, text, characters and lifetimes are left out.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let end = match skipped(&chars, at) {
            Some(end) => end,
            None => {
                let end = token_end(&chars, at);
                let text: String = chars[at..end].iter().collect();
                found.push(Token { text: text.strip_prefix("r#").unwrap_or(&text).to_owned(), line });
                end
            }
        };
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn starts(chars: &[char], at: usize, text: &str) -> bool {
    text.chars().enumerate().all(|(offset, c)| chars.get(at + offset) == Some(&c))
}

fn token_end(chars: &[char], at: usize) -> usize {
    if is_word(chars[at]) {
        let begin = if starts(chars, at, "r#") { at + 2 } else { at };
        return begin + chars[begin..].iter().take_while(|c| is_word(**c)).count();
    }
    if starts(chars, at, "::") { at + 2 } else { at + 1 }
}

/// The end of what is no token here: blanks, comments and literals; `None` where a token begins.
fn skipped(chars: &[char], at: usize) -> Option<usize> {
    let rest = &chars[at..];
    if rest[0].is_whitespace() {
        return Some(at + 1);
    }
    if starts(chars, at, "//") {
        return Some(at + rest.iter().take_while(|c| **c != '\n').count());
    }
    if starts(chars, at, "/*") {
        return Some(comment_end(chars, at));
    }
    if rest[0] == '\'' {
        return Some(quote_end(chars, at));
    }
    // Prefixes of text: b, c, r, br, cr, with hashes for the raw ones. A word that only ends so is no prefix.
    let after_word = at > 0 && is_word(chars[at - 1]);
    let prefix = rest.iter().take_while(|c| matches!(c, 'b' | 'c' | 'r')).count().min(2);
    let prefix = if after_word { 0 } else { prefix };
    let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
    let raw = prefix > 0 && rest[prefix - 1] == 'r';
    if rest.get(prefix + hashes) == Some(&'"') && (hashes == 0 || raw) {
        return Some(text_end(chars, at + prefix + hashes + 1, raw.then_some(hashes)));
    }
    if prefix == 1 && rest[0] == 'b' && rest.get(1) == Some(&'\'') {
        return Some(quote_end(chars, at + 1));
    }
    None
}

fn comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut at) = (0, at);
    while at < chars.len() {
        if starts(chars, at, "/*") {
            depth += 1;
            at += 2;
        } else if starts(chars, at, "*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at.min(chars.len())
}

/// The end of a character literal or of a lifetime.
fn quote_end(chars: &[char], at: usize) -> usize {
    if chars.get(at + 1) == Some(&'\\') {
        let close = chars[at + 3..].iter().position(|c| *c == '\'').unwrap_or(0);
        return at + 3 + close + 1;
    }
    if chars.get(at + 2) == Some(&'\'') {
        return at + 3;
    }
    at + 1 + chars[at + 1..].iter().take_while(|c| is_word(**c)).count()
}

/// The end of text that began before `at`; `raw` is the number of hashes that close it.
fn text_end(chars: &[char], mut at: usize, raw: Option<usize>) -> usize {
    while at < chars.len() {
        match (chars[at], raw) {
            ('\\', None) => at += 2,
            ('"', None) => return at + 1,
            ('"', Some(hashes)) if starts(chars, at + 1, &"#".repeat(hashes)) => return at + 1 + hashes,
            _ => at += 1,
        }
    }
    chars.len()
}
