//! Tables about the portal itself and what people made of it for themselves.

diesel::table! {
    calendar_feeds (account_id) {
        account_id -> BigInt,
        token_hash -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    setup (id) {
        id -> BigInt,
        dismissed_by -> BigInt,
        dismissed_at -> Timestamp,
    }
}

diesel::table! {
    import_problems (account_id) {
        account_id -> BigInt,
        file_name -> Text,
        made_at -> Timestamp,
        content -> Binary,
    }
}

diesel::table! {
    sent_forms (account_id, form_key) {
        account_id -> BigInt,
        form_key -> Text,
        leads_to -> Nullable<Text>,
        used_at -> Timestamp,
    }
}
