//! The history, and how far search has read.

diesel::table! {
    history (id) {
        id -> BigInt,
        at -> Timestamp,
        actor_id -> Nullable<BigInt>,
        event -> Text,
        holder_id -> Nullable<BigInt>,
        certificate_id -> Nullable<BigInt>,
        activity_id -> Nullable<BigInt>,
        detail -> Text,
        year -> Nullable<BigInt>,
    }
}

diesel::table! {
    report_search_reach (id) {
        id -> BigInt,
        last_activity -> BigInt,
    }
}
