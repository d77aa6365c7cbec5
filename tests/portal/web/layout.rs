use cpe_portal::web::view::layout::{Flash, FlashKind, Layout, NavItem};

fn current(paths: &[&str], path: &str) -> Vec<String> {
    let mut layout =
        Layout { nav: paths.iter().map(|href| NavItem::new(*href, *href)).collect(), ..Layout::default() };
    layout.mark_current(path);
    layout.nav.into_iter().filter(|item| item.current).map(|item| item.href).collect()
}

#[test]
fn the_place_with_the_longest_path_is_the_current_one() {
    let places = ["/staff", "/staff/review", "/staff/holders"];
    assert_eq!(current(&places, "/staff"), ["/staff"]);
    assert_eq!(current(&places, "/staff/review"), ["/staff/review"]);
    assert_eq!(current(&places, "/staff/holders/12"), ["/staff/holders"]);
    assert_eq!(current(&places, "/staff/activities/3"), ["/staff"]);
    assert!(current(&places, "/staffing").is_empty());
}

#[test]
fn every_kind_of_flash_survives_its_word() {
    for kind in [FlashKind::Success, FlashKind::Info, FlashKind::Warning] {
        assert_eq!(FlashKind::from_word(kind.word()), Some(kind));
        assert_eq!(Flash { kind, text: String::new(), links: Vec::new(), undo: None }.kind, kind);
    }
    assert_eq!(FlashKind::from_word("<script>"), None);
}
