use cpe_portal::web::forms::errors::{Choice, FieldErrors};

#[test]
fn errors_keep_their_order_and_a_field_shows_all_of_its_own() {
    let mut errors = FieldErrors::new();
    assert!(errors.is_empty());
    errors.push("title", "Enter a title");
    errors.push("hours", "Enter the hours");
    errors.push("title", "Too long");
    assert_eq!(errors.get("title"), Some("Enter a title"));
    assert_eq!(errors.all("title").collect::<Vec<_>>(), ["Enter a title", "Too long"]);
    assert_eq!(errors.get("pages"), None);
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_ref()).collect();
    assert_eq!(fields, ["title", "hours", "title"]);
    assert_eq!(errors.len(), 3);
}

#[test]
fn a_choice_knows_the_answer_that_was_given() {
    let choice = Choice::new("reading", "Reading");
    assert!(choice.is("reading") && choice.is(String::from("reading")) && !choice.is("Reading"));
    assert!(choice.among(&["writing", "reading"]) && !choice.among::<String>(&[]));
}
