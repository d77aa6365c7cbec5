//! Badges and their status lists.

diesel::table! {
    badges (id) {
        id -> Text,
        certificate_id -> BigInt,
        issued_on -> Date,
        valid_until -> Nullable<Date>,
        renewed_on -> Date,
        revoked_on -> Nullable<Date>,
    }
}

diesel::table! {
    signed_badges (badge_id) {
        badge_id -> Text,
        list_number -> BigInt,
        list_position -> BigInt,
        document -> Text,
        signed_with -> Text,
        signed_at -> Timestamp,
        outdated -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    status_lists (number) {
        number -> BigInt,
        document -> Text,
        signed_with -> Text,
        signed_at -> Timestamp,
    }
}

diesel::table! {
    badge_sharing (certificate_id) {
        certificate_id -> BigInt,
        salt -> Text,
        asked_at -> Timestamp,
    }
}
