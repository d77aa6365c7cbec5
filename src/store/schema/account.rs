//! Accounts, sessions, and forms on their way.

diesel::table! {
    accounts (id) {
        id -> BigInt,
        email -> Text,
        email_norm -> Text,
        name -> Text,
        name_fold -> Text,
        role -> Text,
        password_hash -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        deactivated_at -> Nullable<Timestamp>,
        invited_at -> Nullable<Timestamp>,
        list_density -> Text,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        account_id -> BigInt,
        purpose -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        token_hash -> Text,
        account_id -> BigInt,
        csrf_token -> Text,
        browser -> Text,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        kept_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sign_in_failures (key) {
        key -> Text,
        failures -> BigInt,
        last_failed_at -> Timestamp,
    }
}

diesel::table! {
    past_sessions (csrf_token) {
        csrf_token -> Text,
        account_id -> BigInt,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    parked_forms (id) {
        id -> BigInt,
        account_id -> BigInt,
        page -> Text,
        path -> Text,
        fields -> Text,
        parked_at -> Timestamp,
        shown_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    calendar_feeds (account_id) {
        account_id -> BigInt,
        token_hash -> Text,
        made_at -> Timestamp,
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

diesel::table! {
    visits (holder_id) {
        holder_id -> BigInt,
        since -> Timestamp,
        seen_at -> Timestamp,
    }
}
