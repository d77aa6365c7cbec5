//! Conversations, inquiries and appeals.

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
        needs_answer -> Bool,
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

diesel::table! {
    message_files (evidence_id) {
        evidence_id -> BigInt,
        message_id -> BigInt,
    }
}

diesel::table! {
    questions (conversation_id) {
        conversation_id -> BigInt,
        category -> Text,
        title -> Text,
        organiser -> Text,
        field_id -> BigInt,
        started_on -> Nullable<Date>,
        completed_on -> Nullable<Date>,
        quantity -> Nullable<BigInt>,
        relevance -> Text,
    }
}

diesel::table! {
    answers (id) {
        id -> BigInt,
        conversation_id -> BigInt,
        verdict -> Text,
        words -> Text,
        answered_by -> BigInt,
        answered_at -> Timestamp,
        public_title -> Nullable<Text>,
        public_words -> Nullable<Text>,
        fold -> Text,
        retired_at -> Nullable<Timestamp>,
    }
}
