//! What staff keep among themselves: notes, whom they know, and who has which report.

diesel::table! {
    staff_notes (id) {
        id -> BigInt,
        holder_id -> BigInt,
        activity_id -> Nullable<BigInt>,
        conversation_id -> Nullable<BigInt>,
        author_id -> BigInt,
        words -> Text,
        written_at -> Timestamp,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    acquaintances (id) {
        id -> BigInt,
        reviewer_id -> BigInt,
        holder_id -> BigInt,
        reason -> Text,
        declared_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    assignments (activity_id) {
        activity_id -> BigInt,
        assignee_id -> BigInt,
        assigned_by -> BigInt,
        note_id -> Nullable<BigInt>,
        assigned_at -> Timestamp,
    }
}
