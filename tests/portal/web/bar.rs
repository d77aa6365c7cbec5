use cpe_portal::web::view::bar::{Bar, Thousandths, stack};

#[test]
fn a_bar_is_measured_against_the_minimum_and_beyond_it_against_the_sum() {
    let below = Bar::new(1200, 300, 2000);
    assert_eq!(
        (below.approved.0, below.pending.0, below.pending_end.0, below.minimum),
        (600, 150, 750, None)
    );
    let exact = Bar::new(1700, 300, 2000);
    assert_eq!((exact.pending_end.0, exact.minimum), (1000, None));
    let above = Bar::new(5000, 0, 4000);
    assert_eq!((above.approved.0, above.minimum), (1000, Some(Thousandths(800))));
    assert_eq!(Bar::new(0, 0, 0), Bar::default(), "no minimum, nothing earned");
}

#[test]
fn a_bar_looks_full_only_when_the_minimum_is_reached_and_the_smallest_amount_is_visible() {
    assert_eq!(Bar::new(1_999_999, 0, 2_000_000).approved.0, 999);
    assert_eq!(Bar::new(1, 0, 2_000_000).approved.0, 8);
    let both = Bar::new(i64::MAX, 1, 5);
    assert_eq!((both.approved.0, both.pending.0, both.pending_end.0), (992, 8, 1000));
}

#[test]
fn a_place_on_a_bar_shows_as_a_percentage() {
    assert_eq!(Thousandths(453).to_string(), "45.3%");
    assert_eq!(Thousandths(1000).to_string(), "100.0%");
}

#[test]
fn stacked_parts_touch_and_never_overlap() {
    let parts = [("good", "safe", 1), ("wait", "waiting", 1), ("action", "at risk", 1)];
    let segments = stack(&parts, 2);
    let mut end = 0;
    for segment in &segments {
        assert_eq!(segment.start.0, end);
        end += segment.width.0;
    }
    assert_eq!(end, 1000, "a whole smaller than the sum is taken as the sum");
    assert_eq!(stack(&parts, 6).iter().map(|segment| segment.width.0).sum::<i64>(), 500);
    assert!(stack(&[("good", "safe", 0)], 0).iter().all(|segment| segment.width.0 == 0));
}
