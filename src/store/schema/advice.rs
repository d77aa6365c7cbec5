//! The tables of advice: conversations and what belongs to them.

use super::accounts;

diesel::table! {
    conversations (id) {
        id -> BigInt,
        holder_id -> BigInt,
        kind -> Text,
        subject -> Text,
        activity_id -> Nullable<BigInt>,
        certificate_id -> Nullable<BigInt>,
        year -> Nullable<BigInt>,
        decision_id -> Nullable<BigInt>,
        owner_id -> Nullable<BigInt>,
        turn -> Text,
        turn_since -> Timestamp,
        begun_at -> Timestamp,
        begun_by -> BigInt,
        closed_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        conversation_id -> BigInt,
        author_id -> BigInt,
        from_body -> Bool,
        words -> Text,
        written_at -> Timestamp,
    }
}

diesel::table! {
    appeal_outcomes (conversation_id) {
        conversation_id -> BigInt,
        outcome -> Text,
        reason -> Text,
        decided_by -> BigInt,
        decided_on -> Date,
        decided_at -> Timestamp,
    }
}

diesel::table! {
    canned_answers (id) {
        id -> BigInt,
        title -> Text,
        words -> Text,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(conversations, accounts);
diesel::allow_tables_to_appear_in_same_query!(messages, accounts);
diesel::allow_tables_to_appear_in_same_query!(appeal_outcomes, accounts);
