use std::path::{Path, PathBuf};

fn templates() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // Mails have inline styles, because mail programs know no others.
                if !path.ends_with("templates/mail") {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|extension| extension == "html") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut found);
    assert!(found.len() >= 3);
    found
}

/// The text without `{# … #}`.
fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("{#") {
        kept.push_str(before);
        rest = after.split_once("#}").unwrap().1;
    }
    kept + rest
}

#[test]
fn no_page_has_an_inline_script_style_or_handler_or_skips_escaping() {
    for (path, text) in templates() {
        let text = without_comments(&text).to_lowercase();
        for banned in
            ["<style", " style=", "javascript:", "|safe", "| safe", " onclick=", " onchange=", " onsubmit="]
        {
            assert!(!text.contains(banned), "{} contains {banned}", path.display());
        }
        for tag in text.split("<script").skip(1) {
            assert!(tag.trim_start().starts_with("src="), "{} has an inline script", path.display());
        }
    }
}

#[test]
fn no_page_asks_another_origin_for_anything() {
    for (path, text) in templates() {
        for attribute in
            ["src=\"http", "src=\"//", "<link rel=\"stylesheet\" href=\"http", "@import", "url(http"]
        {
            assert!(!text.contains(attribute), "{} contains {attribute}", path.display());
        }
    }
}

#[test]
fn every_icon_named_in_a_template_is_in_the_sprite() {
    let sprite = std::fs::read_to_string(format!("{}/static/icons.svg", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut named = 0;
    for (path, text) in templates() {
        let text = without_comments(&text);
        for macro_name in ["icon(\"", "tag(\"", "notice(\"", "badge(\""] {
            for call in text.split(macro_name).skip(1) {
                let name = call.split('"').next().unwrap();
                assert!(
                    sprite.contains(&format!("<symbol id=\"{name}\"")),
                    "{}: no icon {name}",
                    path.display()
                );
                named += 1;
            }
        }
    }
    assert!(named > 0);
}
