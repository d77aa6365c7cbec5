//! A place in the queue as it stands in the address of a page: such addresses are kept and sent to colleagues, so they never change.

use cpe_portal::domain::activities::queue_place::{NoQueuePlace, QueuePlace};
use cpe_portal::domain::ids::ActivityId;

use super::sample::day;

#[test]
fn a_place_is_written_as_it_always_was_and_read_back() {
    let reported_at = day("2026-10-01").and_hms_opt(9, 5, 7).unwrap();
    let needed =
        QueuePlace { needed: true, deadline: Some(day("2027-02-28")), reported_at, report: ActivityId(42) };
    let helps_none = QueuePlace { needed: false, deadline: None, ..needed };
    for (place, text) in [
        (needed, "0|2027-02-28|20261001090507|000000000042"),
        (helps_none, "1|9999-12-31|20261001090507|000000000042"),
    ] {
        assert_eq!(place.to_string(), text);
        assert_eq!(text.parse(), Ok(place));
    }
}

#[test]
fn what_is_no_place_is_none() {
    for text in [
        "",
        "0",
        "0|2027-02-28",
        "0|2027-02-28|20261001090507",
        "2|2027-02-28|20261001090507|000000000042",
        "0|2027-02-30|20261001090507|000000000042",
        "0|2027-02-28|2026|000000000042",
        "0|2027-02-28|20261001090507|x",
        "new 0123456789abcdef",
    ] {
        assert_eq!(text.parse::<QueuePlace>(), Err(NoQueuePlace), "{text}");
    }
}
